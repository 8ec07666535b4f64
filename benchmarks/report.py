#!/usr/bin/env python3
"""Measure `grader report` on one core: all pages and tables of a class again, without grading.

Every second student is right. Few submissions are graded; each result is stored for many students, with
a name, a digest and a line of code of their own. The command runs from start to end, files included, and
changes the language each time, so that every page and JSON file is written.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from hashlib import sha256
from itertools import chain, cycle, islice
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parent.parent
# Our own folder must not be searched for modules: its profile.py would hide Python's.
sys.path[0] = str(ROOT)

from benchmarks import measure, options, workload
from benchmarks.measure import Cost
from grader import assignments, grading
from grader.batch import changes, journal
from grader.batch.changes import Described
from grader.batch.journal import Conditions
from grader.grading import Settings
from grader.model.result import FunctionResult, Result
from grader.model.submission import Submission
from grader.notebook.reader import close_readers
from grader.sandbox import close_fork_servers
from tests.submissions.corpus import Labelled, read_all

CLASS = 2000
OWN_CHECKS = 5
TARGET_S = 10.0
LANGUAGES = ("en", "zh-Hans")
WRONG = (
    *workload.WRONG,
    "error-curly-quotes",
    "error-fails-midway",
    "error-key-misspelt",
    "error-unsolved-2021",
    "wrong-backward-cache-order",
    "wrong-everything",
    "wrong-l2-layer-repeated",
    "wrong-m-wrong-axis",
    "wrong-sign-of-error",
    "wrong-two-mistakes",
)
COMMAND = (sys.executable, "-m", "grader", "report")


def main() -> int:
    """Measure, print and write a table."""
    arguments = options.parser(__file__, __doc__, repeats=3, of="times").parse_args()
    measure.adopt_orphans()
    with tempfile.TemporaryDirectory(prefix="grader-report-") as name:
        folder = Path(name)
        write_gradebook(folder / "graded")
        # The first measurement would wait for these processes.
        close_fork_servers()
        close_readers()
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
        costs = _measure(folder, arguments.repeats)
    text = _table(costs)
    arguments.results.mkdir(parents=True, exist_ok=True)
    (arguments.results / "report.md").write_text(text, "utf-8")
    sys.stdout.write(text)
    return 0


def write_gradebook(folder: Path, size: int = CLASS) -> None:
    """Write the gradebook of a class, as a batch leaves it, without pages."""
    folder.mkdir()
    with journal.opened(folder, Conditions("report")) as book:
        book.language = LANGUAGES[0]
        assignment = assignments.load(workload.EXERCISE)
        functions = {function.name: function.max_score for function in assignment.functions}
        described = Described(assignment.name, f"{assignment.title}", functions)
        changes.set_assignment(book.connection, described)
        for result in students(size):
            book.record(result)


def students(size: int) -> Iterator[Result]:
    """Yield the results of a class of this size, each with a name and lines of its own."""
    labelled = {submission.name: submission for submission in read_all()}
    right, wrong = (
        _graded([labelled[name] for name in names]) for names in (workload.RIGHT, WRONG)
    )
    pairs = zip(cycle(right), cycle(wrong), strict=False)
    for number, result in enumerate(islice(chain.from_iterable(pairs), size), 1):
        yield of_student(number, result)


def of_student(number: int, result: Result) -> Result:
    """Return a result as that of another student, who wrote a comment of their own.

    Every fifth student also has checks of their own, so that no part of another page can be used again.
    """
    functions = tuple(_signed(function, number) for function in result.functions)
    name = f"student-{number:04}"
    digest = sha256(name.encode()).hexdigest()
    return replace(result, submission=name, sha256=digest, functions=functions)


def _signed(function: FunctionResult, number: int) -> FunctionResult:
    if not function.source or not function.source.lines:
        return function
    first, *rest = function.source.lines
    lines = (f"{first}  # of student {number}", *rest)
    checks = function.checks
    if number % OWN_CHECKS == 0:
        checks = tuple(replace(check, message=f"{check.message} {number}") for check in checks)
    return replace(function, checks=checks, source=replace(function.source, lines=lines))


def _graded(submissions: Sequence[Labelled]) -> list[Result]:
    assignment = assignments.load(workload.EXERCISE)
    settings = Settings(seed=assignment.seed)
    return [
        grading.grade(Submission(submission.name, submission.data), assignment, settings)
        for submission in submissions
    ]


def _measure(folder: Path, repeats: int) -> dict[str, list[Cost]]:
    """Return the costs in each language, after a run that creates the files."""
    costs: dict[str, list[Cost]] = {tag: [] for tag in LANGUAGES}
    for tag in (LANGUAGES[-1], *LANGUAGES * repeats):
        cost = measure.run(
            [*COMMAND, "graded", "--lang", tag], cwd=folder, extra={"PYTHONPATH": str(ROOT)}
        )
        costs[tag].append(cost)
    costs[LANGUAGES[-1]].pop(0)
    return costs


def _table(costs: dict[str, list[Cost]]) -> str:
    lines = [
        "| on one core | median, CPU s | largest, CPU s | median, wall s | memory, MiB |",
        "| --- | ---: | ---: | ---: | ---: |",
    ]
    for tag, runs in costs.items():
        cpu = [cost.cpu_s for cost in runs]
        wall, peak = median(cost.wall_s for cost in runs), max(cost.peak_kib for cost in runs)
        cells = (f"{median(cpu):.2f}", f"{max(cpu):.2f}", f"{wall:.2f}", f"{peak / 1024:.0f}")
        lines.append(f"| {CLASS} pages and tables, {tag} | {' | '.join(cells)} |")
    slowest = max(median(cost.cpu_s for cost in runs) for runs in costs.values())
    noise = median(cost.others_cores for runs in costs.values() for cost in runs)
    lines += [
        "",
        f"- The target is {TARGET_S:g} s; the slower language uses {slowest / TARGET_S:.0%} of it.",
        f"- Noise: other processes kept {noise:.1f} cores busy.",
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
