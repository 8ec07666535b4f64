"""A submission as a row of the class page."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from grader.model.result import FunctionStatus, Result, Status
from grader.views.html import formatting

_DIGITS = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class SubmissionRow:
    """A submission and the status of each function, None where it could not be asked."""

    anchor: str
    result: Result
    score: float | None
    statuses: tuple[FunctionStatus | None, ...]

    @property
    def graded(self) -> bool:
        """Whether it counts in the mean, the shares and the ranks."""
        return self.result.status is Status.GRADED and self.result.score is not None


def rows_of(results: Sequence[Result], names: Sequence[str]) -> tuple[SubmissionRow, ...]:
    """Return a row for each result, sorted by ID whatever the order of `results`."""
    ordered = sorted(results, key=lambda result: (_natural(result.submission), result.sha256))
    return tuple(_row(f"s{i}", result, names) for i, result in enumerate(ordered, 1))


def function_names(results: Sequence[Result]) -> tuple[str, ...]:
    """Return the graded functions in assignment order."""
    return tuple(dict.fromkeys(f.name for result in results for f in result.functions))


def _natural(submission: str) -> tuple[str, str]:
    """Return a sort key that puts s2 before s10."""
    return _DIGITS.sub(lambda run: run.group().zfill(12), submission.casefold()), submission


def _row(anchor: str, result: Result, names: Sequence[str]) -> SubmissionRow:
    status = {f.name: f.status for f in result.functions if formatting.asked(result, f)}
    shown = formatting.shown_score(result)
    return SubmissionRow(anchor, result, shown, tuple(status.get(name) for name in names))
