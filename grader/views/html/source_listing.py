"""Lines of Python as markup: a few kinds of tokens told apart, and the lines at fault marked."""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from markupsafe import Markup, escape

from grader.messages.sanitize import printable_code
from grader.model.result import FunctionResult, Source

_AROUND: Final = 3
_TOKEN: Final = re.compile(
    r"""(?P<comment>\#.*)
    |(?P<string>(?:\b[bfru]{1,2})?(?:
        \"{3}(?s:.*?)(?:\"{3}|\Z) | '{3}(?s:.*?)(?:'{3}|\Z)
        | "(?:\\.|[^"\\\n])*"? | '(?:\\.|[^'\\\n])*'?))
    |(?P<figure>\b\d[\w.]*)
    |(?P<name>\w+)""",
    re.VERBOSE | re.IGNORECASE,
)
_SPAN: Final = Markup('<span class="{}">{}</span>')


@dataclass(frozen=True, slots=True)
class Line:
    """A line with its number, and the numbers of the hints that it is at fault for."""

    number: int
    code: Markup
    hints: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Listing:
    """The lines of a function; `near` are those around the lines at fault."""

    lines: tuple[Line, ...]
    near: tuple[Line, ...]


def listing(function: FunctionResult) -> Listing | None:
    """Return the lines of a function as they are shown, or None where none are known."""
    if not function.source or not function.source.lines:
        return None
    hints: dict[int, tuple[int, ...]] = {}
    for position, number in enumerate(function.source.marked, 1):
        if number:
            hints[number] = (*hints.get(number, ()), position)
    lines = tuple(_lines(function.source, hints))
    marked = [line.number for line in lines if line.hints]
    near = (line for line in lines if any(abs(line.number - m) <= _AROUND for m in marked))
    return Listing(lines, tuple(near))


def _lines(source: Source, hints: Mapping[int, tuple[int, ...]]) -> Iterator[Line]:
    text = "\n".join(map(printable_code, source.lines))
    for number, code in enumerate(highlighted(text).split("\n"), source.first):
        yield Line(number, code, hints.get(number, ()))


def highlighted(text: str) -> Markup:
    """Return code with comments, strings, numbers and keywords in spans, none of which spans lines."""
    parts, end = [], 0
    for token in _TOKEN.finditer(text):
        kind = token.lastgroup
        if kind == "name":
            kind = "keyword" if keyword.iskeyword(token.group()) else None
        if kind:
            parts += [escape(text[end : token.start()]), _spans(kind, token.group())]
            end = token.end()
    return Markup("").join([*parts, escape(text[end:])])


def _spans(kind: str, text: str) -> Markup:
    return Markup("\n").join(_SPAN.format(kind, line) if line else "" for line in text.split("\n"))
