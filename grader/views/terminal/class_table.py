"""A class: a row for each submission, the scores, and where to look next."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from statistics import mean, median

from rich.table import Table
from rich.text import Text

from grader.model.result import FunctionStatus, Result, Status
from grader.views import presentation
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


def show_class(results: Sequence[Result], folder: Path) -> None:
    """Print a class: a row for each submission, the spread of scores, where to look next."""
    console = console_for()
    console.print(_table(results[:_MOST_ROWS]))
    if len(results) > _MOST_ROWS:
        console.print(f"and {len(results) - _MOST_ROWS} more")
    for number, function in enumerate(results[0].functions, 1):
        console.print(plain_text(f"{number} = {function.name}"))
    ungraded = [result for result in results if result.status is not Status.GRADED]
    ungraded.sort(key=lambda result: result.status is not Status.INTERNAL)  # our failures first
    for result in ungraded[:_MOST_REASONS]:
        reason = f"{result.submission} was not graded. {result.message}"
        console.print(plain_text(reason, limit=200))
    if len(ungraded) > _MOST_REASONS:
        console.print(plain_text(f"and {len(ungraded) - _MOST_REASONS} more were not graded"))
    console.print(plain_text(_summary(results)))
    console.print(plain_text(f"Class page: {folder / 'index.html'}"), soft_wrap=True)
    console.print(plain_text(f"Scores: {folder / 'grades.csv'}"), soft_wrap=True)


def _table(results: Sequence[Result]) -> Table:
    table = Table(title=plain_text(presentation.title(results[0])), title_justify="left")
    table.add_column("submission", overflow="ellipsis", max_width=36)
    table.add_column("points", justify="right", no_wrap=True)
    for number in range(1, len(results[0].functions) + 1):
        table.add_column(str(number), no_wrap=True)
    for result in results:
        words = [
            Text(_WORDS[function.status], style=COLOURS[function.status])
            if result.status is Status.GRADED
            else Text("-")
            for function in result.functions
        ]
        table.add_row(plain_text(result.submission), format_points(result.score), *words)
    return table


def _summary(results: Sequence[Result]) -> str:
    graded = [result for result in results if result.status is Status.GRADED]
    scores = [result.score for result in graded if result.score is not None]
    full = sum(result.score == result.max_score for result in results)
    text = f"{len(results)} submission{'s' * (len(results) != 1)}, {full} with full marks"
    if scores:
        text += f"; mean {mean(scores):.1f}, median {median(scores):g} of the {len(scores)} graded"
    failed = sum(result.status is Status.INTERNAL for result in results)
    return text + (f"; {failed} not graded because the grader failed" if failed else "") + "."
