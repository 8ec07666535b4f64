"""A journal survives the death of the process that writes it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests import ROOT
from tests.support import samples
from tests.unit.batch.test_journal import kept


def test_what_was_recorded_survives_a_process_that_is_killed(tmp_path: Path) -> None:
    program = (
        "import os, pathlib, signal, sys\n"
        "from grader.batch import journal\n"
        "from tests.support import samples\n"
        "with journal.opened(pathlib.Path(sys.argv[1])) as book:\n"
        "    book.record(samples.stopped())\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    command = [sys.executable, "-c", program, str(tmp_path)]
    ended = subprocess.run(command, cwd=ROOT, check=False, timeout=120, capture_output=True)
    assert ended.returncode == -9, ended.stderr.decode()
    assert kept(tmp_path, fingerprint="") == {"alice": samples.stopped()}
