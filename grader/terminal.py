"""Results as text for a terminal. Colour is an addition, never the only sign; NO_COLOR is honoured."""

from __future__ import annotations

import contextlib
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import mean, median

import click
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.table import Table
from rich.text import Text

from grader.batch import How, OnResult
from grader.model import (
    CheckStatus,
    FunctionResult,
    FunctionStatus,
    Proof,
    Result,
    Status,
)
from grader.text import printable

_WORDS = {
    FunctionStatus.PASSED: ("right", "green"),
    FunctionStatus.PARTIAL: ("partly right", "yellow"),
    FunctionStatus.FAILED: ("not right yet", "red"),
    FunctionStatus.ERROR: ("stops with an error", "red"),
    FunctionStatus.TIMEOUT: ("took too long", "red"),
    FunctionStatus.MISSING: ("not found", "red"),
    FunctionStatus.NOT_ATTEMPTED: ("not written yet", "cyan"),
}
_MOST_ROWS = 40
_PLAIN_STEP = 10


def _console(*, to_stderr: bool = False) -> Console:
    stream = sys.stderr if to_stderr else sys.stdout
    width = None if stream.isatty() else 100
    return Console(file=stream, width=width, highlight=False, soft_wrap=False)


def points(value: float | None) -> str:
    """Return a score without trailing zeros, or a dash where there is none."""
    return "-" if value is None else f"{value:g}"


# ------------------------------------------------------------------ one result


def show_result(result: Result, *, to_stderr: bool = False) -> None:
    """Print one result: the functions at a glance, then what to do about each that is not right."""
    console = _console(to_stderr=to_stderr)
    console.print(_glance(result))
    if result.message:
        console.print(Text(result.message))
    for function in result.functions:
        if function.status is not FunctionStatus.PASSED and result.status is Status.GRADED:
            _show_function(console, function)
    for note in result.notes:
        console.print(Text(f"Note: {note}"))


def _glance(result: Result) -> Table:
    title = f"{result.submission}: {points(result.score)} of {points(result.max_score)} points"
    table = Table(title=Text(title), title_justify="left", title_style="bold")
    table.add_column("function")
    table.add_column("")
    table.add_column("points", justify="right")
    for function in result.functions:
        word, colour = _WORDS[function.status]
        if result.status is not Status.GRADED:
            word, colour = "not graded", "yellow"
        score = f"{points(function.score)} / {points(function.max_score)}"
        table.add_row(Text(function.name), Text(word, style=colour), score)
    return table


def _show_function(console: Console, function: FunctionResult) -> None:
    place = f" (code cell {function.cell}, line {function.line})" if function.cell else ""
    console.print(Text(f"\n{function.name}{place}", style="bold"))
    for diagnosis in function.diagnoses:
        console.print(Text(f"  {diagnosis.message}"))
    for check in function.checks:
        if check.status not in (CheckStatus.PASSED, CheckStatus.SKIPPED):
            console.print(Text(f"  {check.name}: {check.message}"))


# ------------------------------------------------------------------ a class


@contextlib.contextmanager
def working(what: str) -> Iterator[None]:
    """Show that something is going on, on a terminal only."""
    console = _console(to_stderr=True)
    if not console.is_terminal:
        yield
        return
    with console.status(Text(what)):
        yield


@contextlib.contextmanager
def progress(total: int) -> Iterator[OnResult]:
    """Yield what to call for each result: a bar with time left on a terminal, plain lines elsewhere."""
    console = _console(to_stderr=True)
    if not console.is_terminal:
        yield _plain_progress(total)
        return
    columns = (
        TextColumn("grading"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console) as bar:
        task = bar.add_task("grading", total=total)
        yield lambda result, how: bar.advance(task)


def _plain_progress(total: int) -> OnResult:
    counts: Counter[How] = Counter()

    def tell(_: Result, how: How) -> None:
        counts[how] += 1
        done = counts.total()
        if done % _PLAIN_STEP == 0 or done == total:
            known = f", {counts['known']} known before" if counts["known"] else ""
            click.echo(f"graded {done} of {total}{known}", err=True)

    return tell


def show_class(results: Sequence[Result], folder: Path) -> None:
    """Print a class: a row a submission, the spread of scores, where to look next."""
    console = _console()
    table = Table(title=Text(results[0].title or results[0].assignment), title_justify="left")
    table.add_column("submission", overflow="ellipsis", no_wrap=True, max_width=36)
    table.add_column("points", justify="right")
    table.add_column("not right")
    for result in results[:_MOST_ROWS]:
        table.add_row(Text(result.submission), points(result.score), _not_right(result))
    console.print(table)
    if len(results) > _MOST_ROWS:
        console.print(f"and {len(results) - _MOST_ROWS} more")
    console.print(Text(_summary(results)))
    console.print(Text(f"Class page: {folder / 'index.html'}   Scores: {folder / 'grades.csv'}"))


def _not_right(result: Result) -> Text:
    if result.status is not Status.GRADED:
        return Text(f"{result.status}: {printable(result.message, limit=80)}", style="yellow")
    wrong = [f for f in result.functions if f.status is not FunctionStatus.PASSED]
    if not wrong:
        return Text("-")
    return Text(", ".join(f"{f.name}: {_WORDS[f.status][0]}" for f in wrong))


def _summary(results: Sequence[Result]) -> str:
    scores = [result.score for result in results if result.score is not None]
    full = sum(result.score == result.max_score for result in results)
    text = f"{len(results)} submissions, {full} with full marks"
    if scores:
        text += f"; mean {mean(scores):.1f}, median {median(scores):g}"
    failed = len(results) - len(scores)
    return text + (f"; {failed} not graded through the grader's fault" if failed else "") + "."


# ------------------------------------------------------------------ proofs


def show_proofs(title: str, proofs: Sequence[Proof]) -> None:
    """Print what holds and what does not, and what to do about it."""
    console = _console()
    table = Table(title=Text(title), title_justify="left")
    table.add_column("check")
    table.add_column("holds")
    table.add_column("seen")
    for proof in proofs:
        word = Text("yes", style="green") if proof.holds else Text("NO", style="bold red")
        table.add_row(Text(proof.name), word, Text(proof.detail))
    console.print(table)
    held = sum(proof.holds for proof in proofs)
    console.print(f"{held} of {len(proofs)} hold.")
