"""Progress of a batch: a bar, or plain lines where there is no terminal."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Iterator

import click
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
from rich.text import Text

from grader.model.progress import OnResult, Origin
from grader.model.result import Result
from grader.views.terminal.console import console_for

_PLAIN_STEP = 10


@contextlib.contextmanager
def show_progress(total: int) -> Iterator[OnResult]:
    """Yield the function to call for each result.

    It moves a bar with rate and remaining time on a terminal, and prints plain lines elsewhere.
    """
    console = console_for(to_stderr=True)
    if not console.is_terminal:
        yield _plain_progress(total)
        return
    columns = (
        TextColumn("grading"),
        BarColumn(bar_width=None),
        MofNCompleteColumn(),
        RateColumn(),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, expand=True) as bar:
        task = bar.add_task("grading", total=total)
        yield lambda result, origin: bar.advance(task)


class RateColumn(ProgressColumn):
    """Results per second, or per minute if they are slow."""

    def render(self, task: Task) -> Text:
        """Return the current rate, or nothing before there is one."""
        rate = task.finished_speed or task.speed or 0.0
        return Text(f"{rate:.1f}/s" if rate >= 1 else f"{60 * rate:.1f}/min" if rate else "")


def _plain_progress(total: int) -> OnResult:
    counts: Counter[Origin] = Counter()

    def show(_: Result, origin: Origin) -> None:
        counts[origin] += 1
        done, unchanged = counts.total(), counts["known"]
        if done % _PLAIN_STEP == 0 or done == total:
            text = f", {unchanged} of them unchanged since an earlier run" if unchanged else ""
            click.echo(f"graded {done} of {total}{text}", err=True)

    return show
