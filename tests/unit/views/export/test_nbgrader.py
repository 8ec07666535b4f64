"""The table with the columns of nbgrader's export (nbgrader/plugins/export.py in jupyter/nbgrader)."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest

from grader.model.result import LatePenalty
from grader.model.submission import Student
from tests.support import samples
from tests.unit.views.export.students import (
    NAMES,
    SCORES,
    course,
    export,
    notes,
    same_as_golden,
    submission,
)

COLUMNS = (
    "assignment duedate timestamp student_id last_name first_name email raw_score "
    "late_submission_penalty score max_score"
).split()


def read(**options: Any) -> list[dict[str, str]]:
    """Return the rows, as pandas or the csv module read them."""
    text = export("nbgrader", **options)["nbgrader.csv"].decode("utf-8-sig")
    return [*csv.DictReader(io.StringIO(text, newline=""))]


def test_every_student_has_a_row_with_the_columns_of_nbgrader() -> None:
    rows = read()

    assert [*rows[0]] == COLUMNS
    assert [row["student_id"] for row in rows] == [str(number) for number in NAMES]
    grades = [None if row["score"] == "" else float(row["score"]) for row in rows]
    assert grades == pytest.approx([*SCORES.values()])
    assert len(notes("nbgrader")) == 3
    assert same_as_golden("nbgrader.csv", export("nbgrader")["nbgrader.csv"])


def test_zero_for_missing() -> None:
    assert [row["score"] for row in read(zero_missing=True)][4:] == ["0.0", "", "0.0"]


def test_penalty_and_times_are_those_of_nbgrader() -> None:
    late = submission(
        1040,
        score=40.0,
        raw_score=30.0,
        due="2026-11-08T00:00:00+01:00",
        submitted_at="2026-11-08T21:10:03+01:00",
        late_penalty=LatePenalty(10.0, "20%/day", "2026-11-08T00:00:00+01:00"),
    )
    [row] = read(results=[late])

    assert (row["duedate"], row["timestamp"]) == ("2026-11-07 23:00:00", "2026-11-08 20:10:03")
    assert (row["raw_score"], row["late_submission_penalty"], row["score"]) == (
        *("50.0", "10.0"),
        "40.0",
    )


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("Lovelace, Ada King", ("Lovelace", "Ada King")),
        ("Ada King Lovelace", ("Lovelace", "Ada King")),
        ("Plato", ("Plato", "")),
        (None, ("", "")),
    ],
)
def test_names_are_divided(name: str | None, parts: tuple[str, str]) -> None:
    [row] = read(results=[samples.result(submission="x", student=Student(None, name))])

    assert (row["last_name"], row["first_name"]) == parts
    assert row["student_id"] == "x"


def test_a_formula_in_a_name_is_text() -> None:
    assert read()[2]["first_name"].startswith("'=cmd")
    assert read(results=course()[2:3])[0]["last_name"] == "calc'!A0"
