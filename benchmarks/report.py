#!/usr/bin/env python3
"""Measure `grader report` on one core: all pages and tables of a class again, without grading.

The class has the notebooks of the other benchmarks, repeated under new names. Its peer is grading: the
same notebooks are graded on the same core in the same run.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import cycle, islice
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parent.parent
# Our own folder must not be searched for modules: its profile.py would hide Python's.
sys.path[0] = str(ROOT)

from benchmarks import measure, options, workload
from benchmarks.profile import of_descendants
from grader import assignments, grading
from grader.batch import journal
from grader.batch.report import remake
from grader.grading import Settings
from grader.model import Submission
from grader.model.result import Result

CLASS = 2000
SAMPLE = len(workload.RIGHT) + len(workload.WRONG)
LANGUAGES = ("en", "zh-Hans")


def main() -> int:
    """Measure, print and write a table."""
    arguments = options.parser(__file__, __doc__, repeats=5, of="times").parse_args()
    measure.adopt_orphans()
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    submissions = [Submission(n, json.dumps(d).encode()) for n, d in workload.documents(SAMPLE)]
    results = _graded(submissions)  # warms up the sandbox
    times = {"graded": [_seconds(lambda: _graded(submissions)) for _ in range(arguments.repeats)]}
    with tempfile.TemporaryDirectory(prefix="grader-report-") as name:
        folder = Path(name)
        _record(folder, _class(results))
        for tag in LANGUAGES:
            remake(folder, tag)
            times[tag] = [_seconds(lambda: remake(folder)) for _ in range(arguments.repeats)]
    text = _table(times)
    arguments.results.mkdir(parents=True, exist_ok=True)
    (arguments.results / "report.md").write_text(text, "utf-8")
    sys.stdout.write(text)
    return 0


def _graded(submissions: Sequence[Submission]) -> list[Result]:
    assignment = assignments.load(workload.EXERCISE)
    settings = Settings(seed=assignment.seed)
    return [grading.grade(submission, assignment, settings) for submission in submissions]


def _class(results: Sequence[Result]) -> list[Result]:
    """Return the results of a class of 2,000, each under a name of its own."""
    repeated = islice(cycle(results), CLASS)
    return [replace(result, submission=f"{i:04}") for i, result in enumerate(repeated)]


def _record(folder: Path, results: Sequence[Result]) -> None:
    with journal.opened(folder, "report") as book:
        for result in results:
            book.record(result)


def _seconds(call: Callable[[], object]) -> float:
    """Return the CPU seconds of a call, those of the sandbox included."""
    before = time.process_time() + of_descendants()
    call()
    return time.process_time() + of_descendants() - before


def _table(times: dict[str, list[float]]) -> str:
    """Return the table; grading is scaled up to the size of the class."""
    grading_times = [seconds * CLASS / SAMPLE for seconds in times.pop("graded")]
    rows = [(f"{CLASS} pages and tables again, {tag}", times[tag]) for tag in LANGUAGES]
    rows.append((f"{CLASS} submissions graded, from {SAMPLE}", grading_times))
    lines = [
        "| on one core | median, CPU s | largest, CPU s | part of grading |",
        "| --- | --: | --: | --: |",
    ]
    lines += [
        f"| {name} | {median(t):.2f} | {max(t):.2f} | {median(t) / median(grading_times):.0%} |"
        for name, t in rows
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
