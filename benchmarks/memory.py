#!/usr/bin/env python3
"""Measure the memory of `grader batch` itself, without its workers, while a large class is graded.

The results are simulated: those of labelled submissions, each with a name and lines of its own. Everything
else is real: workers, gradebook, files, the table and the page of the class. Only the student's page is
short, because rendering it takes time and no memory of this process.
"""

from __future__ import annotations

import itertools
import os
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# Our own folder must not be searched for modules: its profile.py would hide Python's.
sys.path[0] = str(ROOT)

from benchmarks import options, workload
from benchmarks.report import of_student, students
from grader import assignments, batch, grading
from grader.assignments import oracle
from grader.batch import Batch
from grader.batch.folder import Views
from grader.batch.workers import pool
from grader.grading import Settings
from grader.intake import Candidate, Source
from grader.messages import Translator
from grader.model.result import Result
from grader.model.submission import Submission
from grader.views.tables import to_json

TARGET_EACH_KIB = 8
TARGET_MIB = 300
_WARM_UP = 0.1
_DIFFERENT = 200


def main() -> int:
    """Grade the simulated class, print and write the memory."""
    parser = options.parser(__file__, __doc__, repeats=1, of="runs")
    parser.add_argument("--submissions", type=int, default=20_000, metavar="N")
    arguments = parser.parse_args()
    prototypes = list(itertools.islice(students(_DIFFERENT), _DIFFERENT))
    memory = _grade(arguments.submissions, prototypes)
    text = _table(memory)
    arguments.results.mkdir(parents=True, exist_ok=True)
    (arguments.results / "memory.md").write_text(text, "utf-8")
    sys.stdout.write(text)
    return 0


def _grade(size: int, prototypes: list[Result]) -> dict[int, int]:
    """Grade a class; return the memory in KiB after each 1 % of it, and at the end."""
    memory: dict[int, int] = {}

    def simulated(submission: Submission, *_: object, **__: object) -> Result:
        number = int(submission.data)
        result = of_student(number, prototypes[number % len(prototypes)])
        return replace(result, submission=submission.id, sha256=submission.sha256)

    def views(result: Result, translator: Translator) -> Views:
        return Views("<!doctype html>", to_json(result, translator))

    def on_result(*_: object) -> None:
        number = next(numbers)
        if number % max(1, size // 100) == 0:
            memory[number] = _resident_kib()

    numbers = itertools.count(1)
    vars(grading)["grade"] = simulated
    vars(batch)["make_views"] = views
    assignment = assignments.load(workload.EXERCISE)
    settings = Settings(seed=assignment.seed)
    oracle.consult(assignment, settings.seed, tier=settings.tier)
    sources = [_source(number) for number in range(size)]
    with tempfile.TemporaryDirectory(prefix="grader-memory-") as name, pool() as executor:
        work = Batch(assignment, settings, Path(name) / "graded")
        batch.run(work, sources, executor=executor, on_result=on_result)
    memory[size + 1] = _resident_kib("VmHWM")
    return memory


def _source(number: int) -> Source:
    name = f"student-{number:05}"
    return Source(name, name, (Candidate(f"class.zip/{name}/work.ipynb", _Bytes(number)),))


class _Bytes:
    """The bytes of a submission: its number. Small, as the function that reads a file is."""

    def __init__(self, number: int) -> None:
        self.number = number

    def __call__(self) -> bytes:
        return str(self.number).encode()


def _resident_kib(field: str = "VmRSS") -> int:
    status = Path(f"/proc/{os.getpid()}/status").read_text("ascii")
    (line,) = (line for line in status.splitlines() if line.startswith(field))
    return int(line.split()[1])


def _table(memory: dict[int, int]) -> str:
    *during, (after_last, peak) = memory.items()
    size = after_last - 1
    numbers = dict(during)
    first = min(number for number in numbers if number >= _WARM_UP * size)
    last = max(numbers)
    each = (numbers[last] - numbers[first]) / max(1, last - first)
    lines = [
        "| submissions graded | memory of the main process, MiB |",
        "| ---: | ---: |",
        *(
            f"| {number} | {kib / 1024:.0f} |"
            for number, kib in during
            if number in (first, last) or number * 4 % size < size // 25
        ),
        f"| {size}, with the class page | {peak / 1024:.0f} |",
        "",
        f"- Growth: {each:.1f} KiB a submission; the target is less than {TARGET_EACH_KIB}.",
        f"- Peak: {peak / 1024:.0f} MiB; the target is less than {TARGET_MIB} at 20,000 submissions.",
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
