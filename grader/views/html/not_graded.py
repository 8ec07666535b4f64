"""What is shown apart from right and wrong: not attempted, out of time, could not be graded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from grader.model.result import FunctionStatus, Status
from grader.views.html.rows import SubmissionRow


@dataclass(frozen=True, slots=True)
class PartRow:
    """Who has one status in one function; in all of them at once if `function` is empty."""

    function: str
    who: tuple[SubmissionRow, ...]


@dataclass(frozen=True, slots=True)
class Apart:
    """The three kinds; a submission that ran out of time as a whole is in `stopped`."""

    not_attempted: tuple[PartRow, ...]
    timeouts: tuple[PartRow, ...]
    stopped: tuple[SubmissionRow, ...]
    unreadable: tuple[SubmissionRow, ...]


def apart(rows: Sequence[SubmissionRow], names: Sequence[str]) -> Apart:
    """Sort out of all rows what is neither right nor wrong."""
    others = [row for row in rows if not row.graded]
    return Apart(
        not_attempted=_parts(rows, names, FunctionStatus.NOT_ATTEMPTED),
        timeouts=_parts(rows, names, FunctionStatus.TIMEOUT),
        stopped=tuple(row for row in others if row.result.status is Status.TIMEOUT),
        unreadable=tuple(row for row in others if row.result.status is not Status.TIMEOUT),
    )


def _parts(
    rows: Sequence[SubmissionRow], names: Sequence[str], status: FunctionStatus
) -> tuple[PartRow, ...]:
    graded = [row for row in rows if row.graded]
    whole = PartRow("", tuple(row for row in graded if {*row.statuses} - {None} == {status}))
    each = [
        PartRow(name, tuple(row for row in graded if row.statuses[i] is status))
        for i, name in enumerate(names)
    ]
    return tuple(part for part in (whole, *each) if part.who)
