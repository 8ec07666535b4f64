"""The page over several assignments of one class: a row for each student, a column for each assignment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from grader.messages import UNTRANSLATED, Translator
from grader.model.result import Status
from grader.model.summary import ResultSummary
from grader.views.html.render import render, report_link


@dataclass(frozen=True, slots=True)
class WeekClass:
    """The rows of one assignment, its title, and its folder beside the page."""

    folder: str
    title: str
    rows: Sequence[ResultSummary]

    @property
    def max_score(self) -> float:
        """The highest maximum of a row."""
        return max(row.max_score for row in self.rows)

    def link(self, submission: str) -> str:
        """Return the address of a student's page."""
        return f"{self.folder}/{report_link(submission)}"


@dataclass(frozen=True, slots=True)
class WeekRow:
    """A student: the row in each class, None where nothing was handed in, and the sum of the scores."""

    submission: str
    name: str
    cells: tuple[ResultSummary | None, ...]

    @property
    def total(self) -> float:
        """The sum of all scores."""
        return sum(cell.score or 0.0 for cell in self.cells if cell)


def week_page(classes: Sequence[WeekClass], translator: Translator = UNTRANSLATED) -> str:
    """Return the page of several classes; none of them is empty."""
    by_id = [{row.submission: row for row in each.rows} for each in classes]
    names = sorted({name for rows in by_id for name in rows})
    rows = [_row(name, [rows.get(name) for rows in by_id]) for name in names]
    return render(
        "week.html.j2",
        translator,
        classes=classes,
        rows=rows,
        names_students=any(row.name for row in rows),
        max_score=sum(each.max_score for each in classes),
    )


def _row(submission: str, rows: Sequence[ResultSummary | None]) -> WeekRow:
    cells = tuple(row if row and row.status is not Status.NOT_SUBMITTED else None for row in rows)
    students = (row.student for row in rows if row and row.student)
    return WeekRow(submission, next((s.name for s in students if s.name), ""), cells)
