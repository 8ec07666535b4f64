"""Run code beside the box's own files in a process that may lock itself in for good."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

from grader.sandbox import mounts

_BEFORE = "import json, sys; sys.path.insert(0, sys.argv[1]); given = json.loads(sys.argv[2])\n"


def in_a_child(source: str, *given: Any) -> Any:
    """Run Python and return the value it prints as JSON; what it is given is a list `given`."""
    done = subprocess.run(
        [
            sys.executable,
            "-I",
            "-B",
            "-c",
            _BEFORE + source,
            str(mounts.BOX_FILES),
            json.dumps(given),
        ],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
