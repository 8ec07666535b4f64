"""Annotations and the job summary of GitHub Actions.

The form of a command is that of `packages/core/src/command.ts` in actions/toolkit. A step shows ten
annotations of a kind, and takes a summary of at most 1024 KiB.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from grader.messages import Translator, gettext, ngettext
from grader.messages.sanitize import one_line
from grader.model.result import Result, Status
from grader.views import presentation
from grader.views.export.grades import comment, feedback, grade, is_full, number, points
from grader.views.export.request import Export, ExportFile, Request

MOST_OF_A_KIND: Final = 10
SUMMARY_BYTES: Final = 1024 * 1024
_MESSAGE: Final = 500
_ROOM: Final = 200
_MARKDOWN: Final = re.compile(r"([\\`*_{}\[\]()#+!|~@$-]|:(?=//)|(?<=[Ww]{3})\.)")
"""Markup, formulas between `$`, and the parts by which GitHub recognises an address without markup."""


def github(request: Request) -> Export:
    """Return the annotations as text to print, and the summary as a file."""
    say = request.translator
    lines = [
        *_limited("error", _errors(request), say),
        *_limited("warning", _warnings(request), say),
        _command("notice", _total(request), title=say(request.titles[0])),
    ]
    summary = ExportFile("summary.md", _summary(request).encode())
    return Export([summary], printed="".join(f"{line}\n" for line in lines))


# ------------------------------------------------------------------ annotations


def _errors(request: Request) -> Iterator[str]:
    """Yield an annotation for each submission that could not be graded."""
    for result in request.results:
        score = grade(result, zero_missing=request.zero_missing)
        if score is None and result.status is not Status.NOT_SUBMITTED:
            message = " ".join(comment(result, request.translator))
            yield _command("error", message, title=result.submission, file=result.source)


def _warnings(request: Request) -> Iterator[str]:
    """Yield an annotation for each submission that is not full; of a single one for each function."""
    for result in request.results:
        score = grade(result, zero_missing=request.zero_missing)
        if score is None or presentation.fraction(score, result.max_score or 1.0) == 1.0:
            continue
        place = {"file": result.source}
        if len(request.results) == 1 and result.status is Status.GRADED:
            for function in result.functions:
                if function.max_score and not is_full(function):
                    hints = " ".join(feedback(function, request.translator))
                    message = f"{points(function, request.translator)}. {hints}"
                    yield _command("warning", message, title=function.name, **place)
        else:
            texts = (_points(score, result, request), *comment(result, request.translator))
            yield _command("warning", " ".join(texts), title=result.submission, **place)


def _limited(kind: str, commands: Iterator[str], translator: Translator) -> list[str]:
    """Return at most ten commands; the last one then counts those that are left out."""
    every = [*commands]
    if len(every) <= MOST_OF_A_KIND:
        return every
    rest = len(every) - MOST_OF_A_KIND + 1
    more = ngettext("{count} more is in the summary.", "{count} more are in the summary.", rest)
    return [*every[: MOST_OF_A_KIND - 1], _command(kind, translator(more))]


def _command(kind: str, message: str, **properties: str) -> str:
    """Return a workflow command with its text escaped."""
    plain = {name: one_line(text) for name, text in properties.items()}
    pairs = ",".join(f"{name}={_escaped(text)}" for name, text in plain.items() if text)
    text = _percent(one_line(message, limit=_MESSAGE))
    return f"::{kind} {pairs}::{text}" if pairs else f"::{kind}::{text}"


def _percent(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _escaped(text: str) -> str:
    return _percent(text).replace(":", "%3A").replace(",", "%2C")


# ------------------------------------------------------------------ the summary


def _total(request: Request) -> str:
    """Return the mean of the graded submissions, or the score of a single one."""
    say = request.translator
    graded = [r for r in request.results if r.status is Status.GRADED and r.score is not None]
    if len(request.results) == 1:
        [result] = request.results
        score = grade(result, zero_missing=request.zero_missing)
        return say(gettext("No grade.")) if score is None else _points(score, result, request)
    mean = gettext(
        "Mean {mean} of {max_score} points. Graded: {graded} of {count} submissions.",
        mean=number(sum(r.score or 0.0 for r in graded) / len(graded)) if graded else "-",
        max_score=number(request.max_score),
        graded=len(graded),
        count=len(request.results),
    )
    return say(mean)


def _points(score: float, result: Result, request: Request) -> str:
    values = {"score": number(score), "max_score": number(result.max_score)}
    return request.translator(gettext("{score} of {max_score} points.", **values))


def _summary(request: Request) -> str:
    """Return a table in Markdown, of as many submissions as GitHub takes."""
    title = request.translator(request.titles[0])
    head = f"## {_plain(title)}\n\n{_plain(_total(request))}\n\n"
    titles = (gettext("Submission"), gettext("Points"), gettext("Feedback"))
    head += f"| {' | '.join(map(request.translator, titles))} |\n|---|---:|---|\n"
    rows: list[str] = []
    size = len(head.encode())
    for result in request.results:
        score = grade(result, zero_missing=request.zero_missing)
        text = "<br>".join(map(_plain, comment(result, request.translator)))
        row = (
            f"| {_plain(result.submission)} | {'' if score is None else number(score)} | {text} |\n"
        )
        size += len(row.encode())
        if size > SUMMARY_BYTES - _ROOM:
            break
        rows.append(row)
    rest = len(request.results) - len(rows)
    more = ngettext(
        "{count} more submission is not shown.", "{count} more submissions are not shown.", rest
    )
    return head + "".join(rows) + (f"\n{request.translator(more)}\n" if rest else "")


def _plain(text: str) -> str:
    """Return text that Markdown shows as it is."""
    escaped = _MARKDOWN.sub(r"\\\1", one_line(text, limit=1000))
    return escaped.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
