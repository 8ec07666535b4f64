"""A class: a row for each submission, the scores, and where to look next."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import mean, median

from rich.table import Table
from rich.text import Text

from grader.model.findings import FunctionStatus
from grader.model.result import FunctionResult, Status
from grader.model.summary import FunctionSummary, Row
from grader.views.presentation import without_points
from grader.views.terminal.console import console_for, plain_text
from grader.views.terminal.result import COLOURS, format_points

_WORDS = {
    FunctionStatus.PASSED: "right",
    FunctionStatus.PARTIAL: "partly",
    FunctionStatus.FAILED: "wrong",
    FunctionStatus.ERROR: "error",
    FunctionStatus.TIMEOUT: "slow",
    FunctionStatus.MISSING: "missing",
    FunctionStatus.NOT_ATTEMPTED: "empty",
}
"""One word for each status, because the columns are narrow."""

_MOST_ROWS = 40
_MOST_REASONS = 10


def show_class(rows: Sequence[Row], folder: Path) -> None:
    """Print a class: a row for each submission, the spread of scores, where to look next.

    Submissions that need a look come first, those with full marks last.
    """
    console = console_for()
    console.print(_table(sorted(rows, key=_urgency)[:_MOST_ROWS]))
    if len(rows) > _MOST_ROWS:
        console.print(f"and {len(rows) - _MOST_ROWS} more")
    functions: Sequence[FunctionResult | FunctionSummary] = rows[0].functions
    for number, function in enumerate(functions, 1):
        dropped = "" if function.max_score else " (does not count)"
        console.print(plain_text(f"{number} = {function.name}{dropped}"))
    for sentence in without_points(row for row in rows if row.status is Status.GRADED):
        console.print(plain_text(sentence))
    for reason in _reasons(rows):
        console.print(plain_text(reason, limit=200))
    console.print(plain_text(_summary(rows)))
    console.print(plain_text(f"Class page: {folder / 'index.html'}"), soft_wrap=True)
    console.print(plain_text(f"Scores: {folder / 'grades.csv'}"), soft_wrap=True)


def _urgency(row: Row) -> tuple[int, float, str]:
    """Return a sort key: our failures, not graded, to look at, the lowest scores, nothing submitted."""
    orders = {Status.INTERNAL: 0, Status.GRADED: 3, Status.NOT_SUBMITTED: 5}
    order = orders.get(row.status, 1)
    if row.status is Status.GRADED:
        order = 2 if row.to_look_at else 4 if row.score == row.max_score else 3
    return order, row.score or 0.0, row.submission


def _reasons(rows: Sequence[Row]) -> Iterator[str]:
    """Yield why submissions were not graded, our failures first, and why others need a look."""
    silent = (Status.GRADED, Status.NOT_SUBMITTED)
    ungraded = [row for row in rows if row.status not in silent]
    ungraded.sort(key=lambda row: row.status is not Status.INTERNAL)
    for row in ungraded[:_MOST_REASONS]:
        yield f"{row.submission} was not graded. {row.message}"
    if len(ungraded) > _MOST_REASONS:
        yield f"and {len(ungraded) - _MOST_REASONS} more were not graded"
    doubtful = [row for row in rows if row.to_look_at and row.status is Status.GRADED]
    for row in doubtful[:_MOST_REASONS]:
        yield f"Look at {row.submission}: {row.to_look_at[0]}"
    if len(doubtful) > _MOST_REASONS:
        yield f"and {len(doubtful) - _MOST_REASONS} more to look at"


def _table(rows: Sequence[Row]) -> Table:
    table = Table(title=plain_text(rows[0].title or rows[0].assignment), title_justify="left")
    table.add_column("submission", overflow="ellipsis", max_width=36)
    table.add_column("points", justify="right", no_wrap=True)
    for number in range(1, len(rows[0].functions) + 1):
        table.add_column(str(number), no_wrap=True)
    for row in rows:
        words = [
            Text(_WORDS[function.status], style=COLOURS[function.status])
            if row.status is Status.GRADED
            else Text("-")
            for function in row.functions
        ]
        table.add_row(plain_text(row.submission), format_points(row.score), *words)
    return table


def _summary(rows: Sequence[Row]) -> str:
    """Return the size of a class and the mean of the graded rows, as the class page has it."""
    absent = sum(row.status is Status.NOT_SUBMITTED for row in rows)
    graded = [row for row in rows if row.status is Status.GRADED]
    scores = [row.score for row in graded if row.score is not None]
    full = sum(row.score == row.max_score for row in graded)
    text = f"{_submissions(len(rows) - absent)}, {full} with full marks"
    if scores:
        text += f"; mean {mean(scores):.1f}, median {median(scores):g} of the {len(scores)} graded"
    if absent:
        text += f"; {absent} on the roster submitted nothing"
    failed = sum(row.status is Status.INTERNAL for row in rows)
    return text + (f"; {failed} not graded because the grader failed" if failed else "") + "."


def _submissions(number: int) -> str:
    return "1 submission" if number == 1 else f"{number} submissions"
