"""One result: the functions at a glance, then hints for each, and the values that are not right."""

from __future__ import annotations

import io
import itertools
from collections.abc import Iterator, Sequence

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from grader.messages import UNTRANSLATED, Translator, gettext
from grader.model.findings import (
    CheckResult,
    CheckStatus,
    FunctionStatus,
    finding_sentence,
    snippet_intro,
)
from grader.model.result import FunctionResult, FunctionSource, Result, Status
from grader.views import presentation
from grader.views.terminal.console import console_for, plain_text
from grader.views.terminal.notebook_run import show_notebook_run

COLOURS = {
    FunctionStatus.PASSED: "green",
    FunctionStatus.PARTIAL: "yellow",
    FunctionStatus.FAILED: "red",
    FunctionStatus.ERROR: "red",
    FunctionStatus.TIMEOUT: "red",
    FunctionStatus.MISSING: "red",
    FunctionStatus.NOT_ATTEMPTED: "cyan",
}
_MOST_VALUES = 3
_INDENT = 2
_CODE_INDENT = 6
_NAME_LINES = 2
"""A blank line and the name, above the feedback for a function."""
_NO_WRAPPING = 10_000


def format_points(value: float | None) -> str:
    """Return a score without trailing zeros, or a dash if there is none."""
    return "-" if value is None else f"{value:g}"


def show_result(
    result: Result, translator: Translator = UNTRANSLATED, *, to_stderr: bool = False
) -> None:
    """Print one result: the functions at a glance, then the hints for each, and its wrong values."""
    console = console_for(to_stderr=to_stderr)
    console.print(_overview(result, translator))
    if result.message:
        console.print(plain_text(translator(result.message)))
    for function in result.functions:
        has_more = function.status is not FunctionStatus.PASSED or function.diagnoses
        if has_more and result.status is Status.GRADED:
            _show_function(console, function, translator)
    if result.run:
        show_notebook_run(console, result.run, translator)
    for entry in result.ungraded:
        sentence = gettext("{name} (not graded): {message}", name=entry.name, message=entry.message)
        console.print(plain_text(translator(sentence)))
    for note in result.notes:
        console.print(plain_text(translator(gettext("Note: {note}", note=note))))


def feedback_text(function: FunctionResult, translator: Translator = UNTRANSLATED) -> str:
    """Return what `show_result` prints about a function that is not right, without its name."""
    printed = io.StringIO()
    _show_function(Console(file=printed, width=_NO_WRAPPING), function, translator)
    lines = printed.getvalue().splitlines()[_NAME_LINES:]
    return "\n".join(line.removeprefix(" " * _INDENT).rstrip() for line in lines)


def _overview(result: Result, translator: Translator) -> Table:
    title = gettext(
        "{submission}: {score} of {max_score} points",
        submission=result.submission,
        score=format_points(result.score),
        max_score=format_points(result.max_score),
    )
    table = Table(title=plain_text(translator(title)), title_justify="left", title_style="bold")
    table.add_column(translator(gettext("Function")), overflow="fold")
    table.add_column(translator(gettext("Status")))
    table.add_column(translator(gettext("Points")), justify="right")
    for function in result.functions:
        label = presentation.function_label(result, function)
        colour = COLOURS[function.status] if label is not presentation.NOT_TESTED else "yellow"
        score = f"{format_points(function.score)} / {format_points(function.max_score)}"
        table.add_row(plain_text(function.name), Text(translator(label), style=colour), score)
    return table


def _show_function(console: Console, function: FunctionResult, translator: Translator) -> None:
    def show(message: str, indent: int = _INDENT) -> None:
        text = plain_text(translator(message))
        console.print(Padding(text, (0, 0, 0, indent), expand=False))

    console.print()
    console.print(plain_text(function.name, "bold"))
    failed = _smallest_first(function.checks)
    wrong_values = [f for check in failed[:1] for f in check.findings if f.got][:_MOST_VALUES]
    for diagnosis, quote in zip(function.diagnoses, _quotes(function), strict=False):
        show(diagnosis.message)
        if quote and quote not in diagnosis.message:
            show(quote, _CODE_INDENT)
    if place := presentation.place(function.cell, function.begins):
        show(place)
    for finding in wrong_values:
        show(finding_sentence(finding))
    for check in [check for check in failed if check.steps][:1]:
        show(snippet_intro(check))
        for line in check.steps:
            # Only the terminal may break a line that is to be pasted.
            text = Text(" " * _CODE_INDENT) + plain_text(translator(line))
            console.print(text, soft_wrap=True)
    for message in _check_messages(function, failed[1:] if wrong_values else failed):
        show(message)


def _quotes(function: FunctionResult) -> Iterator[str]:
    """Yield the line of code that each diagnosis is about, empty if it is not known."""
    source = function.source or FunctionSource(1, ())
    lines = dict(enumerate(source.lines, source.first))
    for _, line in itertools.zip_longest(function.diagnoses, source.marked):
        yield lines.get(line or 0, "").strip()


def _smallest_first(checks: Sequence[CheckResult]) -> list[CheckResult]:
    """Return the failing checks: public ones first, then by the number of values."""

    def size(check: CheckResult) -> tuple[bool, int]:
        public = any(finding.public for finding in check.findings)
        return not public, min((finding.total for finding in check.findings), default=0)

    failed = (c for c in checks if c.status not in (CheckStatus.PASSED, CheckStatus.SKIPPED))
    return sorted(failed, key=size)


def _check_messages(function: FunctionResult, failed: Sequence[CheckResult]) -> Iterator[str]:
    """Yield the messages of failing checks; a message that several checks share appears once."""
    names: dict[str, list[str]] = {}
    for check in failed:
        names.setdefault(check.message, []).append(check.name)
    for message, sharing in names.items():
        counts = {"count": len(sharing), "total": len(function.checks)}
        subject = (
            sharing[0] if len(sharing) == 1 else gettext("{count} of {total} checks", **counts)
        )
        yield gettext("{subject}: {message}", subject=subject, message=message)
