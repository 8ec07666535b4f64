"""A gradebook's changes: what people adjusted, and what differs between two moments."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from rich.text import Text

from grader.model.gradebook import FORGET, Change, Move, ScoreDifference
from grader.model.result import Adjustment, AdjustmentKind, Result
from grader.views.terminal.console import console_for, plain_text
from grader.views.terminal.result import format_points

_LONGEST_LINE = 400


def show_adjusted(result: Result) -> None:
    """Print the score of a submission after a change, and every change that holds."""
    text = f"{result.submission}: {format_points(result.score)} of {result.max_score:g} points"
    if result.raw_score != result.score:
        text += f" ({format_points(result.raw_score)} as graded)"
    _show([text, *(f"  {describe(change)}" for change in result.adjustments)])
    if result.late_penalty:
        _show([f"  late penalty: -{result.late_penalty.points:g} ({result.late_penalty.rule})"])


def show_changes(changes: Sequence[Change]) -> None:
    """Print a line for each change, with those that take back others."""
    undone = {change.undoes: change for change in changes if change.undoes}
    lines = [
        f"{change.number}. {change.submission}: {_of_row(change)}"
        + (f" (taken back by {undone[change.number].author})" if change.number in undone else "")
        for change in changes
    ]
    _show(lines or ["There are no changes."])


def _of_row(change: Change) -> str:
    if change.adjustment:
        return describe(change.adjustment)
    verb = "removed" if change.kind == FORGET else f"{change.undoes} taken back"
    return f"{verb}, by {change.author} at {change.at}"


def describe(change: Adjustment) -> str:
    """Return a line about a change: what, who, when, why."""
    match change.kind:
        case AdjustmentKind.POINTS:
            subject = f"{change.function}: {format_points(change.points)} points"
        case AdjustmentKind.DUE:
            subject = f"due {change.due}"
        case AdjustmentKind.COMMENT:
            subject = "comment"
    return f"{subject}, by {change.by} at {change.at}: {change.why}"


def show_differences(differences: Iterable[ScoreDifference]) -> int:
    """Print a paragraph for each submission whose points differ; return their number."""
    number = 0
    for number, difference in enumerate(differences, 1):  # noqa: B007  # the last one is returned
        _show(_lines(difference))
    return number


def _lines(difference: ScoreDifference) -> Iterator[str]:
    before, after = difference.before, difference.after
    moved = "" if before is None or after is None else f" ({after - before:+g})"
    reasons = "; ".join(difference.reasons)
    points = f"{format_points(before)} → {format_points(after)}{moved}"
    yield f"{difference.submission}: {points}: {reasons}"
    yield from (f"  {line}" for line in map(_move, difference.moves) if line)


def _move(move: Move) -> str:
    """Return a line about a check or function; empty for a submission that came or went."""
    subject = ", ".join(filter(None, (move.function, move.check)))
    if move.before is None and move.after is None:
        return subject
    before, after = move.before or 0.0, move.after or 0.0
    return f"{subject}: {before:g} → {after:g} ({after - before:+g})"


def _show(lines: Iterable[str]) -> None:
    console = console_for()
    for line in lines:
        indent = Text(" " * (len(line) - len(line.lstrip())))
        console.print(indent + plain_text(line, limit=_LONGEST_LINE), soft_wrap=True)
