#!/usr/bin/env python3
"""Measure how long a student waits for `check` in the notebook, beside the plain public tests.

The folder for students is written as `grader release` does; each repeat is a fresh process with nothing
else of ours in reach. The peer are the tests of the assignment's own `public_tests.py`, in the same run.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parent.parent
# Our own folder must not be searched for modules: its profile.py would hide Python's.
sys.path[0] = str(ROOT)

from benchmarks import options, workload
from grader import assignments
from grader.handout.release import release

FUNCTION = "compute_cost_with_regularization"
STEPS = ("import grader", "first check", "another check", "import public_tests", "a public test")
_TOLD = (
    "From nothing to the first answer {first:.0f} ms; the public test, which names no mistake, takes "
    "{peer:.1f} ms ({ratio:.0f} times less)."
)
PROGRAM = """
import json, sys, time
sys.path.insert(0, {folder!r})
import numpy as np
def {function}(A3, Y, parameters, lambd):
    m = Y.shape[1]
    entropy = -np.sum(np.log(A3) * Y + np.log(1 - A3) * (1 - Y)) / m
    return entropy + lambd / (2 * m) * sum(np.sum(parameters[f"W{{i}}"] ** 2) for i in (1, 2, 3))
def timed(call):
    before = time.perf_counter()
    call()
    return 1000 * (time.perf_counter() - before)
def importing():
    global grader
    import grader
def importing_tests():
    global public_tests
    import public_tests
sys.stdout.write(json.dumps([
    timed(importing),
    timed(lambda: repr(grader.check({function}))),
    timed(lambda: repr(grader.check({function}))),
    timed(importing_tests),
    timed(lambda: public_tests.{function}_test({function})),
]) + "\\n")
"""


def main() -> int:
    """Measure, print a table, and keep it."""
    asked = options.parser(__file__, __doc__, repeats=9, of="processes").parse_args()
    with tempfile.TemporaryDirectory(prefix="grader-handout-") as name:
        folder = Path(name) / "handout"
        release(assignments.load(workload.EXERCISE), folder)
        runs = [_run(folder) for _ in range(asked.repeats)]
    text = _table(runs)
    asked.results.mkdir(parents=True, exist_ok=True)
    (asked.results / "handout.md").write_text(text, "utf-8")
    sys.stdout.write(text)
    return 0


def _run(folder: Path) -> list[float]:
    """Return the milliseconds of each step in a process of its own, NumPy being there already."""
    program = PROGRAM.format(folder=str(folder), function=FUNCTION)
    command = [sys.executable, "-I", "-c", program]
    done = subprocess.run(command, capture_output=True, check=True, text=True)
    told: list[float] = json.loads(done.stdout.splitlines()[-1])
    return told


def _table(runs: list[list[float]]) -> str:
    lines = ["| step | median, ms | largest, ms |", "| --- | ---: | ---: |"]
    for name, times in zip(STEPS, zip(*runs, strict=True), strict=True):
        lines.append(f"| {name} | {median(times):.1f} | {max(times):.1f} |")
    first = median(run[0] + run[1] for run in runs)
    peer = median(run[3] + run[4] for run in runs)
    lines += [
        "",
        f"From nothing to the first answer {first:.0f} ms, {first / peer:.1f} times the test's.",
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
