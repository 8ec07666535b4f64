#!/usr/bin/env python3
"""Measure the time of `check` in a notebook, compared with the assignment's public tests.

The folder for students is written by `grader release`. Each repeat is a new process that can import
only this folder. The same process also runs the tests of `public_tests.py`.
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
    """Measure, print and write a table."""
    arguments = options.parser(__file__, __doc__, repeats=9, of="processes").parse_args()
    with tempfile.TemporaryDirectory(prefix="grader-handout-") as name:
        folder = Path(name) / "handout"
        release(assignments.load(workload.EXERCISE), folder)
        runs = [_run(folder) for _ in range(arguments.repeats)]
    text = _table(runs)
    arguments.results.mkdir(parents=True, exist_ok=True)
    (arguments.results / "handout.md").write_text(text, "utf-8")
    sys.stdout.write(text)
    return 0


def _run(folder: Path) -> list[float]:
    """Return the milliseconds of each step in a new process that has imported NumPy."""
    program = PROGRAM.format(folder=str(folder), function=FUNCTION)
    command = [sys.executable, "-I", "-c", program]
    process = subprocess.run(command, capture_output=True, check=True, text=True)
    times: list[float] = json.loads(process.stdout.splitlines()[-1])
    return times


def _table(runs: list[list[float]]) -> str:
    lines = ["| step | median, ms | largest, ms |", "| --- | ---: | ---: |"]
    for name, times in zip(STEPS, zip(*runs, strict=True), strict=True):
        lines.append(f"| {name} | {median(times):.1f} | {max(times):.1f} |")
    first = median(run[0] + run[1] for run in runs)
    peer = median(run[3] + run[4] for run in runs)
    lines += [
        "",
        f"Import and first check take {first:.0f} ms, {first / peer:.1f} times as long as the test.",
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
