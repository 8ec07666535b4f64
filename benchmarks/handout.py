#!/usr/bin/env python3
"""Measure the time of `check` in a notebook, of a function that is right and of one that is wrong.

The folder for students is written by `grader release`. Each repeat is a new process that can import
only this folder, and that has loaded what the kernel and the notebook's cells above the first check
load: ipykernel, Matplotlib, NumPy's random generators. Times are of the processor, so that other
programs on the machine count little.
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
STEPS = ("import grader", "first check", "another check")
FUNCTIONS = {
    "right": "lambd / (2 * m)",
    "a known mistake": "lambd / m",
    "not recognised": "3 * lambd",
}
PROGRAM = """
import contextlib, io, json, linecache, sys, time
sys.path.insert(0, {folder!r})
import ipykernel.kernelapp, matplotlib.pyplot, numpy as np
np.random.seed(3)
cell = '''\
def {function}(A3, Y, parameters, lambd):
    m = Y.shape[1]
    entropy = -np.sum(np.log(A3) * Y + np.log(1 - A3) * (1 - Y)) / m
    return entropy + {factor} * sum(np.sum(parameters[f"W{{i}}"] ** 2) for i in (1, 2, 3))
'''
linecache.cache["cell"] = (1, None, cell.splitlines(True), "cell")
exec(compile(cell, "cell", "exec"))
def timed(call):
    before = time.process_time()
    with contextlib.redirect_stdout(io.StringIO()):
        call()
    return 1000 * (time.process_time() - before)
def importing():
    global grader
    import grader
times = [timed(importing), *(timed(lambda: grader.check({function})) for _ in range(2))]
sys.stdout.write(json.dumps(times) + "\\n")
"""


def main() -> int:
    """Measure, print and write a table."""
    arguments = options.parser(__file__, __doc__, repeats=9, of="processes").parse_args()
    with tempfile.TemporaryDirectory(prefix="grader-handout-") as name:
        folder = Path(name) / "handout"
        release(assignments.load(workload.EXERCISE), folder)
        runs = {
            name: [_run(folder, factor) for _ in range(arguments.repeats)]
            for name, factor in FUNCTIONS.items()
        }
    text = _table(runs)
    arguments.results.mkdir(parents=True, exist_ok=True)
    (arguments.results / "handout.md").write_text(text, "utf-8")
    sys.stdout.write(text)
    return 0


def _run(folder: Path, factor: str) -> list[float]:
    """Return the milliseconds of each step in a new process."""
    program = PROGRAM.format(folder=str(folder), function=FUNCTION, factor=factor)
    command = [sys.executable, "-I", "-c", program]
    process = subprocess.run(command, capture_output=True, check=True, text=True)
    times: list[float] = json.loads(process.stdout.splitlines()[-1])
    return times


def _table(runs: dict[str, list[list[float]]]) -> str:
    """Return the median milliseconds of each step, and of the first two together."""
    lines = [
        f"| function | {' | '.join(f'{step}, ms' for step in STEPS)} | import and first check, ms |"
    ]
    lines.append(f"| --- |{' ---: |' * (len(STEPS) + 1)}")
    for name, times in runs.items():
        steps = [median(column) for column in zip(*times, strict=True)]
        both = median(run[0] + run[1] for run in times)
        lines.append(f"| {name} | {' | '.join(f'{step:.1f}' for step in (*steps, both))} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
