"""What became of the whole notebooks of a class: how many ran on, and how each training came out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from grader.model.run_report import RunReport, TrainingReport
from grader.views.html.rows import SubmissionRow

STATUSES = ("right", "wrong", "missing")


@dataclass(frozen=True, slots=True)
class TrainingRow:
    """A training, and how many notebooks came to its figures, to others, or to none."""

    about: str
    counts: tuple[int, ...]
    right: int
    total: int


@dataclass(frozen=True, slots=True)
class Runs:
    """Whole notebooks: all, those in which every cell finished, and their trainings."""

    total: int
    finished: int
    trainings: tuple[TrainingRow, ...]


def runs(rows: Sequence[SubmissionRow]) -> Runs | None:
    """Return what became of the notebooks that were run whole, if any was."""
    told = [row.result.run for row in rows if row.result.run]
    if not told:
        return None
    finished = sum(not one.cells and one.ran == one.total for one in told)
    return Runs(len(told), finished, tuple(_trainings(told)))


def _trainings(told: Sequence[RunReport]) -> Iterator[TrainingRow]:
    reports: dict[str, list[TrainingReport]] = {}
    for report in (report for one in told for report in one.trainings):
        reports.setdefault(report.name, []).append(report)
    for alike in reports.values():
        tally = Counter(report.status for report in alike)
        counts = tuple(tally[status] for status in STATUSES)
        yield TrainingRow(alike[0].about, counts, tally["right"], len(alike))
