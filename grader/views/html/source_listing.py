"""The student's lines of a function: Python with highlighted tokens and marks at the lines at fault."""

from __future__ import annotations

import keyword
import re
from dataclasses import dataclass
from typing import Final

from markupsafe import Markup, escape

from grader.messages.sanitize import code_line
from grader.model.result import FunctionResult

_CONTEXT_LINES: Final = 3
_TOKEN: Final = re.compile(
    r"""(?P<comment>\#.*)
    |(?P<string>(?:\b[bfru]{1,2})?(?:
        \"{3}(?s:.*?)(?:\"{3}|\Z) | '{3}(?s:.*?)(?:'{3}|\Z)
        | "(?:\\.|[^"\\\n])*"? | '(?:\\.|[^'\\\n])*'?))
    |(?P<literal>\b\d[\w.]*)
    |(?P<name>\w+)""",
    re.VERBOSE | re.IGNORECASE,
)
"""The tokens that are highlighted. Pygments takes five times as long: 2 ms for 20 lines."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line with its number, and the numbers of the hints that concern it."""

    number: int
    code: Markup
    hints: tuple[int, ...]

    @property
    def markup(self) -> Markup:
        """Return the element of a line without a hint."""
        return Markup(
            f'<span class="line"><span class="gutter">{self.number} </span>{self.code}</span>'
        )


@dataclass(frozen=True, slots=True)
class Listing:
    """The lines of a function; `near` are those around the lines with a hint."""

    lines: tuple[Line, ...]
    near: tuple[Line, ...]


def listing(function: FunctionResult) -> Listing | None:
    """Return the lines of a function with their marks, or None if its source is not known."""
    source = function.source
    if not source or not source.lines:
        return None
    hints: dict[int, tuple[int, ...]] = {}
    for hint, number in enumerate(source.marked, 1):
        if number:
            hints[number] = (*hints.get(number, ()), hint)
    codes = highlighted("\n".join(map(code_line, source.lines))).split("\n")
    lines = tuple(Line(at, code, hints.get(at, ())) for at, code in enumerate(codes, source.first))
    marked = [line.number for line in lines if line.hints]
    near = (line for line in lines if any(abs(line.number - at) <= _CONTEXT_LINES for at in marked))
    return Listing(lines, tuple(near))


def highlighted(code: str) -> Markup:
    """Return code with comments, strings, numbers and keywords in spans, each within one line.

    Code may be incomplete: an open string ends with its line, or with the code if it is triple-quoted.
    """
    parts, end = [], 0
    for token in _TOKEN.finditer(code):
        kind = token.lastgroup
        if kind == "name":
            kind = "keyword" if keyword.iskeyword(token.group()) else None
        if kind:
            lines = (
                f'<span class="{kind}">{escape(line)}</span>' if line else ""
                for line in token.group().split("\n")
            )
            parts += [escape(code[end : token.start()]), "\n".join(lines)]
            end = token.end()
    return Markup("".join([*parts, escape(code[end:])]))
