"""The guide for several machines, followed on one: Dask's workers have boxes like anybody else."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from grader import sandbox
from grader.errors import BoxError
from grader.model import Tier
from tests import ROOT
from tests.support.course import Class

GUIDE = ROOT / "docs" / "guides" / "grade-on-several-machines.md"
CLUSTER = """
import runpy, sys
from distributed import LocalCluster

if __name__ == "__main__":
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster:
        sys.argv[1:1] = [cluster.scheduler_address]
        runpy.run_path(sys.argv.pop(2), run_name="__main__")
"""


def test_the_guide_s_script_grades_like_a_batch_on_this_machine(
    course: Class, tmp_path: Path
) -> None:
    try:
        if sandbox.choose_tier().tier != Tier.FULL:
            pytest.skip("the guide asks for the full box")
    except BoxError as error:
        pytest.skip(str(error))
    (script,) = re.findall(r"```python\n(.*?)```", GUIDE.read_text("utf-8"), re.DOTALL)
    (tmp_path / "guide.py").write_text(script)
    (tmp_path / "cluster.py").write_text(CLUSTER)
    out = tmp_path / "out"
    done = subprocess.run(
        [sys.executable, "cluster.py", "guide.py", str(course.inbox), str(out)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout == f"{len(course.results)} graded, in {out}\n"
    assert course.unlike(out) == []
