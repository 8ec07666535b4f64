"""A class with hostile names and every kind of result, and the recorded texts of its exports."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from grader.model.findings import Diagnosis, FunctionStatus
from grader.model.result import Result, Status
from grader.model.submission import Student
from grader.views.export import FORMATS, Request
from tests.support import samples

GOLDEN = Path(__file__).parent / "golden"

HINT: Final = Diagnosis("l2-not-halved", "The penalty misses its `1/2`.", "", "Compare <b>it</b>.")

NAMES: Final = {
    1040: "Ada Lovelace",
    1041: 'O\'Neil, "Zoë"',
    1042: "=cmd|' /C calc'!A0",
    1043: "山田 太郎",
    1044: "\u202egnp.exe",
    1045: "../../etc/passwd\n-x",
    1046: "Müller, Jürgen",
}
"""The students by their number on the platform."""

SCORES: Final = {
    1040: 50.0,
    1041: 100 / 3,
    1042: 0.0,
    1043: 37.5,
    1044: None,
    1045: None,
    1046: None,
}
"""The grade that each has."""


def submission(number: int, **changes: Any) -> Result:
    """Return the result of a student of the class, of two functions with 25 points each."""
    student = Student(str(number), NAMES[number], f"s{number}@uni.example")
    first, second = PARTS.get(number, (FunctionStatus.MISSING, FunctionStatus.MISSING))
    hints = () if first is FunctionStatus.PASSED else (HINT,)
    cost = samples.function(first, "compute_cost", diagnoses=hints)
    plain = replace(
        samples.result(cost, samples.function(second, "forward")),
        submission=f"s{number}",
        student=student,
        source=f"class.zip/s{number}/work.ipynb",
    )
    return replace(plain, **changes)


PARTS: Final = {
    1040: (FunctionStatus.PASSED, FunctionStatus.PASSED),
    1041: (FunctionStatus.PARTIAL, FunctionStatus.PASSED),
    1042: (FunctionStatus.NOT_ATTEMPTED, FunctionStatus.NOT_ATTEMPTED),
    1043: (FunctionStatus.PARTIAL, FunctionStatus.PASSED),
}


def course() -> list[Result]:
    """Return the class: graded, adjusted, a PDF, a failure of the grader, an endless notebook."""
    return [
        *(submission(number, score=SCORES[number]) for number in PARTS),
        submission(
            1044, status=Status.INVALID, score=0.0, message="This is a PDF, =not a notebook."
        ),
        submission(1045, status=Status.INTERNAL, score=None, message="The grader failed."),
        submission(1046, status=Status.TIMEOUT, score=0.0, message="It did not finish."),
    ]


def export(name: str, results: list[Result] | None = None, **options: Any) -> Mapping[str, bytes]:
    """Return the files of an export."""
    return dict(FORMATS[name].write(Request(results or course(), **options)).files)


def notes(name: str, results: list[Result] | None = None, **options: Any) -> list[str]:
    """Return the sentences of an export for the instructor."""
    return [*FORMATS[name].write(Request(results or course(), **options)).notes]


def same_as_golden(name: str, data: bytes) -> bool:
    """Compare with a recorded file. Set UPDATE_GOLDEN=1 to record it again, then read the difference."""
    recorded = GOLDEN / name
    if os.environ.get("UPDATE_GOLDEN"):
        recorded.parent.mkdir(parents=True, exist_ok=True)
        recorded.write_bytes(data)
    assert data == recorded.read_bytes()
    return True
