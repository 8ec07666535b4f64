"""A CSV file with the columns of nbgrader's own export.

They are those of `CsvExportPlugin` in jupyter/nbgrader, nbgrader/plugins/export.py, where `score` is
`raw_score` less `late_submission_penalty` and times are in UTC. Unlike that, a cell with a comma is in
quotes, and a submission that could not be graded has no score.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final

from grader.model.result import Result
from grader.views.export import cells
from grader.views.export.grades import grade, student_name
from grader.views.export.matching import without_grade
from grader.views.export.request import Export, ExportFile, Request

COLUMNS: Final = (
    *("assignment", "duedate", "timestamp", "student_id", "last_name", "first_name", "email"),
    *("raw_score", "late_submission_penalty", "score", "max_score"),
)


def nbgrader(request: Request) -> Export:
    """Return the CSV file."""
    notes = without_grade(request)
    text = cells.lines([COLUMNS, *_rows(request)])
    return Export([ExportFile("nbgrader.csv", text.encode())], notes)


def _rows(request: Request) -> Iterator[tuple[str, ...]]:
    for result in request.results:
        student = result.student
        identifier = (student.id if student else None) or result.submission
        last, first = _names(result)
        email = (student.email if student else None) or ""
        score = grade(result, zero_missing=request.zero_missing)
        penalty = result.late_penalty.points if result.late_penalty else 0.0
        scores = (score + penalty, penalty, score) if score is not None else (None, None, None)
        yield (
            *(result.assignment, _utc(result.due), _utc(result.submitted_at), identifier),
            *(last, first, email, *map(_number, scores), _number(result.max_score)),
        )


def _names(result: Result) -> tuple[str, str]:
    """Return the last and the first name; the last word is the last name if no comma parts them."""
    if not (result.student and result.student.name):
        return "", ""
    name = student_name(result)
    if "," in name:
        last, _, first = name.partition(",")
    else:
        first, _, last = name.rpartition(" ")
    return last.strip(), first.strip()


def _utc(time: str | None) -> str:
    """Return a time as nbgrader writes it, such as "2026-11-08 20:10:03", or nothing."""
    return str(datetime.fromisoformat(time).astimezone(UTC).replace(tzinfo=None)) if time else ""


def _number(score: float | None) -> str:
    return "" if score is None else str(round(float(score), 6))
