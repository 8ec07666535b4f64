"""Results as text for a terminal, 80 columns wide or more.

Colour is an addition, never the only sign, and NO_COLOR is honoured. Words out of a submission go
through `screen.on_screen`, which leaves rich nothing to interpret and the terminal nothing to obey.
"""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import mean, median

import click
from rich.console import Console
from rich.padding import Padding
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.table import Table
from rich.text import Text

from grader.messages import UNTRANSLATED, Translator, gettext
from grader.model.progress import OnResult, Origin
from grader.model.result import (
    CheckResult,
    CheckStatus,
    FunctionResult,
    FunctionStatus,
    Result,
    Status,
    before_steps,
    in_words,
)
from grader.views.terminal.notebook_run import show_rundown
from grader.views.terminal.proofs import show_proofs
from grader.views.terminal.screen import on_screen, screen

__all__ = [
    "points",
    "progress",
    "show_class",
    "show_proofs",
    "show_result",
    "working",
]

_WORDS = {
    FunctionStatus.PASSED: (gettext("right"), "right", "green"),
    FunctionStatus.PARTIAL: (gettext("partly right"), "partly", "yellow"),
    FunctionStatus.FAILED: (gettext("not right yet"), "wrong", "red"),
    FunctionStatus.ERROR: (gettext("stops with an error"), "error", "red"),
    FunctionStatus.TIMEOUT: (gettext("took too long"), "slow", "red"),
    FunctionStatus.MISSING: (gettext("not found"), "missing", "red"),
    FunctionStatus.NOT_ATTEMPTED: (gettext("not written yet"), "empty", "cyan"),
}
"""For each status: the words for a student, the one word for a narrow column, the colour."""

_MOST_ROWS = 40
_MOST_REASONS = 10
_MOST_NUMBERS = 3
_PLAIN_STEP = 10
_INDENT = 2


def points(value: float | None) -> str:
    """Return a score without trailing zeros, or a dash where there is none."""
    return "-" if value is None else f"{value:g}"


# ------------------------------------------------------------------ one result


def show_result(result: Result, say: Translator = UNTRANSLATED, *, to_stderr: bool = False) -> None:
    """Print one result: the functions at a glance, then what to do about each that is not right."""
    console = screen(to_stderr=to_stderr)
    console.print(_glance(result, say))
    if result.message:
        console.print(on_screen(say(result.message)))
    for function in result.functions:
        if function.status is not FunctionStatus.PASSED and result.status is Status.GRADED:
            _show_function(console, function, say)
    if result.run:
        show_rundown(console, result.run, say)
    for note in result.notes:
        console.print(on_screen(say(gettext("Note: {note}", note=note))))


def _glance(result: Result, say: Translator) -> Table:
    title = gettext(
        "{submission}: {score} of {max_score} points",
        submission=result.submission,
        score=points(result.score),
        max_score=points(result.max_score),
    )
    table = Table(title=on_screen(say(title)), title_justify="left", title_style="bold")
    table.add_column(say(gettext("function")), overflow="fold")
    table.add_column("")
    table.add_column(say(gettext("points")), justify="right")
    for function in result.functions:
        words, _, colour = _WORDS[function.status]
        if result.status is not Status.GRADED:
            words, colour = gettext("not graded"), "yellow"
        score = f"{points(function.score)} / {points(function.max_score)}"
        table.add_row(on_screen(function.name), Text(say(words), style=colour), score)
    return table


def _show_function(console: Console, function: FunctionResult, say: Translator) -> None:
    console.print()
    console.print(on_screen(say(_named(function)), "bold"))
    failed = _smallest_first(function.checks)
    numbers = [f for check in failed[:1] for f in check.findings if f.got][:_MOST_NUMBERS]
    lines = [say(diagnosis.message) for diagnosis in function.diagnoses]
    lines += [say(in_words(finding)) for finding in numbers]
    for check in [check for check in failed if check.steps][:1]:
        lines += [say(before_steps(check)), *(f"    {say(step)}" for step in check.steps)]
    lines += map(say, _told_once(function, failed[1:] if numbers else failed))
    for line in lines:
        words = line.lstrip(" ")
        left = _INDENT + len(line) - len(words)
        if left > _INDENT:  # a line to paste: the terminal may break it, we must not
            console.print(Text(" " * left) + on_screen(words), soft_wrap=True)
        else:
            console.print(Padding(on_screen(words), (0, 0, 0, left), expand=False))


def _named(function: FunctionResult) -> str:
    if not function.cell:
        return function.name
    place = {"cell": function.cell, "line": function.line}
    return gettext("{name} (code cell {cell}, line {line})", name=function.name, **place)


def _smallest_first(checks: Sequence[CheckResult]) -> list[CheckResult]:
    """Return the checks that are not right: public ones first, then those with the fewest numbers."""
    failed = (c for c in checks if c.status not in (CheckStatus.PASSED, CheckStatus.SKIPPED))
    return sorted(failed, key=_size)


def _size(check: CheckResult) -> tuple[bool, int]:
    public = any(finding.public for finding in check.findings)
    return not public, min((finding.total for finding in check.findings), default=0)


def _told_once(function: FunctionResult, failed: Sequence[CheckResult]) -> Iterator[str]:
    """Yield what checks that failed say; what several say alike is said for all of them."""
    names: dict[str, list[str]] = {}
    for check in failed:
        names.setdefault(check.message, []).append(check.name)
    for message, alike in names.items():
        some = {"count": len(alike), "total": len(function.checks)}
        whose = alike[0] if len(alike) == 1 else gettext("{count} of {total} checks", **some)
        yield gettext("{whose}: {message}", whose=whose, message=message)


# ------------------------------------------------------------------ a class


@contextlib.contextmanager
def working(what: str) -> Iterator[None]:
    """Show that something is going on, on a terminal only."""
    console = screen(to_stderr=True)
    if not console.is_terminal:
        yield
        return
    with console.status(on_screen(what)):
        yield


class _RateColumn(ProgressColumn):
    """How many are graded in a second, or in a minute where they are slow."""

    def render(self, task: Task) -> Text:
        """Return the rate of late, nothing before there is one."""
        rate = task.finished_speed or task.speed or 0.0
        return Text(f"{rate:.1f}/s" if rate >= 1 else f"{60 * rate:.1f}/min" if rate else "")


@contextlib.contextmanager
def progress(total: int) -> Iterator[OnResult]:
    """Yield what to call for each result: a bar, rate and time left on a terminal, else plain lines."""
    console = screen(to_stderr=True)
    if not console.is_terminal:
        yield _plain_progress(total)
        return
    columns = (
        TextColumn("grading"),
        BarColumn(bar_width=None),
        MofNCompleteColumn(),
        _RateColumn(),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, expand=True) as bar:
        task = bar.add_task("grading", total=total)
        yield lambda result, how: bar.advance(task)


def _plain_progress(total: int) -> OnResult:
    counts: Counter[Origin] = Counter()

    def tell(_: Result, how: Origin) -> None:
        counts[how] += 1
        done = counts.total()
        if done % _PLAIN_STEP == 0 or done == total:
            known = (
                f", {counts['known']} of them unchanged since an earlier run"
                if counts["known"]
                else ""
            )
            click.echo(f"graded {done} of {total}{known}", err=True)

    return tell


def show_class(results: Sequence[Result], folder: Path) -> None:
    """Print a class: a row a submission, the spread of scores, where to look next."""
    console = screen()
    console.print(_class_table(results[:_MOST_ROWS]))
    if len(results) > _MOST_ROWS:
        console.print(f"and {len(results) - _MOST_ROWS} more")
    for number, function in enumerate(results[0].functions, 1):
        console.print(on_screen(f"{number} = {function.name}"))
    for reason in _reasons(results):
        console.print(on_screen(reason, limit=200))
    console.print(on_screen(_summary(results)))
    console.print(on_screen(f"Class page: {folder / 'index.html'}"), soft_wrap=True)
    console.print(on_screen(f"Scores: {folder / 'grades.csv'}"), soft_wrap=True)


def _class_table(results: Sequence[Result]) -> Table:
    title = results[0].title or results[0].assignment
    table = Table(title=on_screen(title), title_justify="left")
    table.add_column("submission", overflow="ellipsis", max_width=36)
    table.add_column("points", justify="right", no_wrap=True)
    for number in range(1, len(results[0].functions) + 1):
        table.add_column(str(number), no_wrap=True)
    for result in results:
        row = [_short(result, function) for function in result.functions]
        table.add_row(on_screen(result.submission), points(result.score), *row)
    return table


def _short(result: Result, function: FunctionResult) -> Text:
    if result.status is not Status.GRADED:
        return Text("-")
    _, word, colour = _WORDS[function.status]
    return Text(word, style=colour)


def _reasons(results: Sequence[Result]) -> Iterator[str]:
    """Yield why submissions were not graded, the grader's own failures first."""
    without = [result for result in results if result.status is not Status.GRADED]
    without.sort(key=lambda result: result.status is not Status.INTERNAL)
    for result in without[:_MOST_REASONS]:
        yield f"{result.submission} is {result.status}: {result.message}"
    if len(without) > _MOST_REASONS:
        yield f"and {len(without) - _MOST_REASONS} more were not graded"


def _summary(results: Sequence[Result]) -> str:
    scores = [result.score for result in results if result.score is not None]
    full = sum(result.score == result.max_score for result in results)
    text = f"{len(results)} submission{'s' * (len(results) != 1)}, {full} with full marks"
    if scores:
        text += f"; mean {mean(scores):.1f}, median {median(scores):g}"
    failed = len(results) - len(scores)
    return text + (f"; {failed} not graded because the grader failed" if failed else "") + "."
