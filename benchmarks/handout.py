#!/usr/bin/env python3
"""Measure the first `check` of a notebook, import included, for the folder of every assignment.

The folder for students is written by `grader release`. Each repeat is a new process that can import
only this folder, and that has loaded what the kernel and the notebook's cells above the first check
load: ipykernel, Matplotlib, NumPy's random generators, the assignment's helper modules. Times are of
the processor, so that other programs on the machine count little.

With `--otter`, an environment with otter-grader, the same is measured of `otter.Notebook().check` with
one assertion on the same example, in the same run.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parent.parent
# Our own folder must not be searched for modules: its profile.py would hide Python's.
sys.path[0] = str(ROOT)

from benchmarks import options
from grader import assignments
from grader.handout.release import release


@dataclass(frozen=True, slots=True)
class Task:
    """A function of an assignment: the line that decides, its versions, and an assertion on it."""

    function: str
    helpers: str
    source: str
    lines: dict[str, str]
    assertion: str


KINDS = ("right", "a known mistake", "an error")
TASKS = {
    "regularization": Task(
        "compute_cost_with_regularization",
        "from reg_utils import *; from testCases import *",
        """\
def compute_cost_with_regularization(A3, Y, parameters, lambd):
    m = Y.shape[1]
    entropy = -np.sum(np.log(A3) * Y + np.log(1 - A3) * (1 - Y)) / m
    squares = sum(np.sum(parameters[f"W{i}"] ** 2) for i in (1, 2, 3))
    return LINE
""",
        {
            "right": "entropy + lambd / (2 * m) * squares",
            "a known mistake": "entropy + lambd / m * squares",
            "an error": "entropy + lambd / (2 * n) * squares",
        },
        """\
            >>> A3, Y, parameters = compute_cost_with_regularization_test_case()
            >>> cost = compute_cost_with_regularization(A3, Y, parameters, lambd=0.1)
            >>> assert np.allclose(cost, 1.7864859451590758)
            """,
    ),
    "initialization": Task(
        "initialize_parameters_he",
        "from init_utils import *",
        """\
def initialize_parameters_he(layers_dims):
    np.random.seed(3)
    parameters = {}
    for l in range(1, len(layers_dims)):
        scale = LINE
        parameters[f"W{l}"] = np.random.randn(layers_dims[l], layers_dims[l - 1]) * scale
        parameters[f"b{l}"] = np.zeros((layers_dims[l], 1))
    return parameters
""",
        {
            "right": "np.sqrt(2 / layers_dims[l - 1])",
            "a known mistake": "np.sqrt(1 / layers_dims[l - 1])",
            "an error": "np.sqrt(2 / layers_dim[l - 1])",
        },
        """\
            >>> W1 = initialize_parameters_he([2, 4, 1])["W1"]
            >>> assert np.isclose(W1[0, 0], 1.7886284734303186)
            """,
    ),
    "gradient_checking": Task(
        "gradient_check_n",
        """\
from gc_utils import *; from testCases import *
cells = ("".join(cell["source"]) for cell in json.load(open("Gradient_Checking.ipynb"))["cells"])
exec(next(cell for cell in cells if "def forward_propagation_n(" in cell))
""",
        """\
def gradient_check_n(parameters, gradients, X, Y, epsilon=1e-7):
    values, _ = dictionary_to_vector(parameters)
    grad = gradients_to_vector(gradients)
    approx = np.zeros_like(grad)
    for i in range(len(values)):
        plus, minus = np.copy(values), np.copy(values)
        plus[i] += epsilon
        minus[i] -= epsilon
        above, _ = forward_propagation_n(X, Y, vector_to_dictionary(plus))
        below, _ = forward_propagation_n(X, Y, vector_to_dictionary(minus))
        approx[i] = LINE
    numerator = np.linalg.norm(grad - approx)
    return numerator / (np.linalg.norm(grad) + np.linalg.norm(approx))
""",
        {
            "right": "(above - below) / (2 * epsilon)",
            "a known mistake": "(above - below) / epsilon",
            "an error": "(above - bellow) / (2 * epsilon)",
        },
        """\
            >>> X, Y, parameters, gradients = gradient_check_n_test_case()
            >>> assert 0 < gradient_check_n(parameters, gradients, X, Y) < 1
            """,
    ),
}
PROGRAM = """
import contextlib, io, json, linecache, os, sys, time
sys.path.insert(0, {folder!r})
os.chdir({folder!r})
import ipykernel.kernelapp, matplotlib.pyplot, numpy as np
np.random.seed(3)
{helpers}
cell = {cell!r}
linecache.cache["cell"] = (1, None, cell.splitlines(True), "cell")
exec(compile(cell, "cell", "exec"))
def timed(call):
    before = time.process_time()
    with contextlib.redirect_stdout(io.StringIO()):
        call()
    return 1000 * (time.process_time() - before)
def importing():
    global check
    {importing}
    check = {check}
times = [timed(importing), *(timed(lambda: check({function})) for _ in range(2))]
sys.stdout.write(json.dumps(times) + "\\n")
"""
OURS = ("from grader import check", "check")
NO_SEARCH = (
    f"{OURS[0]}; import grader.handout.kernel as k; k.is_symptom = lambda *_: False",
    "check",
)
OTTER = (
    "import otter; q = otter.Notebook(tests_dir='tests')",
    "lambda _: q.check('q1', globals())",
)
OTTER_TEST = """\
OK_FORMAT = True
test = {{
    "name": "q1",
    "points": 1,
    "suites": [{{"type": "doctest", "cases": [{{"code": r\"\"\"
{assertion}\"\"\"}}]}}],
}}
"""


@dataclass(frozen=True, slots=True)
class Bench:
    """A released folder with the function of one task, checked in new processes."""

    folder: Path
    task: Task
    repeats: int

    def median(self, kind: str, how: tuple[str, str], python: str | Path = sys.executable) -> Times:
        """Return the median milliseconds of: the import, the first check, another check, the first two."""
        self.run(kind, how, python)  # compiles the modules
        runs = [self.run(kind, how, python) for _ in range(self.repeats)]
        return (*map(median, zip(*runs, strict=True)), median(run[0] + run[1] for run in runs))

    def run(
        self, kind: str, how: tuple[str, str], python: str | Path, *options: str
    ) -> list[float]:
        """Return the milliseconds of each step in a new process."""
        importing, check = how
        program = PROGRAM.format(
            folder=str(self.folder),
            helpers=self.task.helpers,
            cell=self.task.source.replace("LINE", self.task.lines[kind]),
            importing=importing,
            check=check,
            function=self.task.function,
        )
        command = [str(python), "-I", *options, "-c", program]
        process = subprocess.run(command, capture_output=True, check=True, text=True)
        times: list[float] = json.loads(process.stdout.splitlines()[-1])
        return times

    def first_ever(self) -> Times:
        """Return the same of a right function where Python has to compile the modules first."""
        runs = [self.run("right", OURS, sys.executable, "-B") for _ in range(self.repeats)]
        return (*map(median, zip(*runs, strict=True)), median(run[0] + run[1] for run in runs))


Times = tuple[float, ...]


def main() -> int:
    """Measure, print and write a table."""
    options_ = options.parser(__file__, __doc__, repeats=9, of="processes")
    options_.add_argument("--otter", type=Path, metavar="VENV", help="with otter-grader")
    arguments = options_.parse_args()
    rows: list[tuple[str, str, Times]] = []
    with tempfile.TemporaryDirectory(prefix="grader-handout-") as name:
        for assignment, task in TASKS.items():
            folder = Path(name) / assignment
            release(assignments.load(assignment), folder)
            bench = Bench(folder, task, arguments.repeats)
            rows += [(assignment, *row) for row in _rows(bench, arguments.otter)]
    text = _table(rows)
    arguments.results.mkdir(parents=True, exist_ok=True)
    (arguments.results / "handout.md").write_text(text, "utf-8")
    sys.stdout.write(text)
    return 0


def _rows(bench: Bench, otter: Path | None) -> list[tuple[str, Times]]:
    """Return the rows of an assignment."""
    rows = [("right, modules not compiled yet", bench.first_ever())]
    rows += [(kind, bench.median(kind, OURS)) for kind in KINDS[:2]]
    rows.append(("an error, without the search for a repair", bench.median(KINDS[2], NO_SEARCH)))
    rows.append(("an error", bench.median(KINDS[2], OURS)))
    if otter:
        (bench.folder / "tests").mkdir()
        test = OTTER_TEST.format(assertion=bench.task.assertion)
        (bench.folder / "tests" / "q1.py").write_text(test, "utf-8")
        python = otter.absolute() / "bin" / "python"
        rows += [(f"otter: {kind}", bench.median(kind, OTTER, python)) for kind in KINDS[:2]]
    return rows


def _table(rows: list[tuple[str, str, Times]]) -> str:
    """Return the median milliseconds of each step, and of the first two together."""
    steps = ("import, ms", "first check, ms", "another check, ms", "import and first check, ms")
    lines = [f"| assignment | function | {' | '.join(steps)} |"]
    lines.append(f"| --- | --- |{' ---: |' * len(steps)}")
    for assignment, kind, times in rows:
        lines.append(f"| {assignment} | {kind} | {' | '.join(f'{t:.1f}' for t in times)} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
