"""Parts of a result that all views present in the same way: title, score, labels of statuses."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Final

from grader.messages import Message, gettext
from grader.model.findings import CheckStatus, FunctionStatus
from grader.model.result import (
    RIGHT,
    Adjustment,
    AdjustmentKind,
    FunctionResult,
    Result,
    Status,
    was_tested,
)
from grader.model.summary import Row

_ROUNDING: Final = 1e-9

STATUS_LABELS: Final[Mapping[Status, Message]] = {
    Status.GRADED: gettext("graded"),
    Status.INVALID: gettext("not a readable notebook"),
    Status.TIMEOUT: gettext("out of time"),
    Status.CRASHED: gettext("stopped Python"),
    Status.INTERNAL: gettext("the grader failed"),
    Status.NOT_SUBMITTED: gettext("not submitted"),
}
FUNCTION_LABELS: Final[Mapping[FunctionStatus, Message]] = {
    FunctionStatus.PASSED: gettext("right"),
    FunctionStatus.PARTIAL: gettext("partly right"),
    FunctionStatus.FAILED: gettext("not right yet"),
    FunctionStatus.ERROR: gettext("stopped with an error"),
    FunctionStatus.TIMEOUT: gettext("took too long"),
    FunctionStatus.MISSING: gettext("not found"),
    FunctionStatus.NOT_ATTEMPTED: gettext("not written yet"),
}
NOT_TESTED: Final = gettext("not graded")
"""The label of a function whose status is not known, see `was_tested`."""

CHECK_LABELS: Final[Mapping[CheckStatus, Message]] = {
    CheckStatus.PASSED: FUNCTION_LABELS[FunctionStatus.PASSED],
    CheckStatus.FAILED: FUNCTION_LABELS[FunctionStatus.FAILED],
    CheckStatus.ERROR: FUNCTION_LABELS[FunctionStatus.ERROR],
    CheckStatus.TIMEOUT: FUNCTION_LABELS[FunctionStatus.TIMEOUT],
    CheckStatus.SKIPPED: gettext("did not run"),
}
TRAINING_LABELS: Final[Mapping[str, Message]] = {
    "right": FUNCTION_LABELS[FunctionStatus.PASSED],
    "wrong": FUNCTION_LABELS[FunctionStatus.FAILED],
    "missing": gettext("not trained"),
}


def without_points(graded: Iterable[Row]) -> Iterator[Message]:
    """Yield a sentence for each function without points: in how many graded rows it is right."""
    rows = [{entry.name: entry.state for entry in row.ungraded} for row in graded]
    for name in dict.fromkeys(name for row in rows for name in row):
        states = [row.get(name) for row in rows]
        right, missing = states.count(RIGHT), states.count(None)
        yield gettext(
            "{name} (0 points): {right} right, {wrong} not right, {missing} not found.",
            name=name,
            right=right,
            wrong=len(rows) - right - missing,
            missing=missing,
        )


def title(result: Result) -> str:
    """Return the title of the assignment, or its name if it has no title."""
    return result.title or result.assignment


def displayed_score(result: Result) -> float | None:
    """Return the score, or None if the grader itself failed, which must not look like 0 points.

    A person may have given such a submission points.
    """
    if result.status is Status.INTERNAL and not result.adjustments:
        return None
    return result.score


def fraction(score: float, max_score: float) -> float:
    """Return `score` as a fraction of `max_score` from 0 to 1, exactly 1 for full marks."""
    if score >= max_score - _ROUNDING:
        return 1.0
    return max(score / max_score, 0.0)


def changes(result: Result) -> tuple[Message, ...]:
    """Return a sentence for everything that makes the score differ from grading, and all comments."""
    maximum = {function.name: function.max_score for function in result.functions}
    adjusted = (_change(c, maximum.get(c.function or "")) for c in result.adjustments)
    dropped = (
        gettext("`{function}` does not count.", function=function.name)
        for function in result.functions
        if not function.max_score
    )
    return (*adjusted, *dropped, *_penalty(result))


def _change(change: Adjustment, maximum: float | None) -> Message:
    """Return the sentence about a change; more points than the maximum do not count."""
    values = {"by": change.by, "why": change.why}
    match change.kind:
        case AdjustmentKind.COMMENT:
            return gettext("{by} wrote: {why}", **values)
        case AdjustmentKind.DUE:
            due = minute(change.due)
            return gettext("Your due time is {due}. Reason: {why} ({by})", due=due, **values)
        case AdjustmentKind.POINTS:
            counting = min(change.points or 0.0, maximum or math.inf)
            points, before = _points(counting), _points(change.raw_points)
            return gettext(
                "`{function}` has {points} points instead of {before}. Reason: {why} ({by})",
                function=change.function,
                points=points,
                before=before,
                **values,
            )


def _penalty(result: Result) -> Iterator[Message]:
    if penalty := result.late_penalty:
        yield gettext(
            "{points} points were taken off, because the due time was {due}. The rule is {rule}.",
            points=_points(penalty.points),
            due=minute(penalty.due),
            rule=penalty.rule,
        )


def _points(points: float | None) -> str:
    return f"{points or 0.0:g}"


def minute(time: str | None) -> str:
    """Return a time without seconds, with its zone, as in 2026-11-08 23:59 UTC+01:00."""
    return f"{datetime.fromisoformat(time):%Y-%m-%d %H:%M %Z}" if time else ""


def cell_name(cell: int, begins: str, line: int | None = None) -> Message:
    """Return the name of a cell, or of a line in it: by its first line if that is known."""
    values = {"cell": cell, "begins": begins, "line": line or 0}
    match bool(begins), bool(line):
        case True, True:
            return gettext(
                "line {line} of the cell that begins `{begins}` (code cell {cell})", **values
            )
        case True, False:
            return gettext("the cell that begins `{begins}` (code cell {cell})", **values)
        case False, True:
            return gettext("line {line} of code cell {cell}", **values)
    return gettext("code cell {cell}", **values)


def place(cell: int | None, begins: str) -> Message | None:
    """Return a sentence with the cell of a function or training, None if it is unknown."""
    if cell is None:
        return None
    return gettext("In your notebook: {place}.", place=cell_name(cell, begins))


def function_label(result: Result, function: FunctionResult) -> Message:
    """Return the label of a function's status, or `NOT_TESTED`."""
    return FUNCTION_LABELS[function.status] if was_tested(result, function) else NOT_TESTED
