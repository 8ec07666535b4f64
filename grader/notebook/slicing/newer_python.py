"""Syntax that is newer than the grader's Python: write it in the older form, or name its version.

The older form has the same meaning and the same lines. Where there is none that simple, the version
of Python that the code needs is reported.
"""

from __future__ import annotations

import re
from typing import NamedTuple

_STRING = re.compile(r"(?i)(?:\b(f|fr|rf|r|b|br|rb|u))?(\"\"\"|'''|\"|')")
_TYPE = re.compile(r"^([ \t]*)type[ \t]+(\w+)([ \t]*=)", re.MULTILINE)
_EXCEPT = re.compile(
    r"^([ \t]*except[ \t]+)([\w.]+(?:[ \t]*,[ \t]*[\w.]+)+)([ \t]*:)", re.MULTILINE
)
_PARAMETERS = re.compile(
    r"^[ \t]*(?:(?:async[ \t]+)?def|class|type)[ \t]+\w+[ \t]*\[", re.MULTILINE
)
_IN_BRACES = "f-string expression part cannot include"
_MOST_CHARACTERS = 20_000


class OlderForm(NamedTuple):
    """A source in an older form, and the version of Python that the original needs."""

    source: str
    version: str


def older_form(source: str) -> OlderForm | None:
    """Return a source without the newer syntax that has an older form, or None if it has none."""
    if len(source) > _MOST_CHARACTERS:
        return None
    text, excepts = _EXCEPT.subn(r"\1(\2)\3", source)
    try:
        text = _with_triple_quotes(_TYPE.sub(r"\1\2\3", text))
    except RecursionError:
        return None
    if text == source:
        return None
    return OlderForm(text, "3.14" if excepts else "3.12")


def version_needed(block: str, message: str) -> str:
    """Return the version of Python that a statement with a syntax error needs, or an empty string.

    `message` is that of the error.
    """
    if _PARAMETERS.search(block) or message.startswith(_IN_BRACES):
        return "3.12"
    return ""


def _with_triple_quotes(source: str) -> str:
    """Return a source whose f-strings with their own quotes inside braces have triple quotes.

    Python 3.12 allows the quotes of an f-string inside its braces.
    """
    parts, position = [], 0
    while position < len(source):
        begin = _next_string(source, position)
        if begin is None:
            break
        match = _STRING.match(source, begin)
        assert match is not None
        quote = match.group(2)
        is_f = "f" in (match.group(1) or "").lower()
        end = _end_of(source, match.end(), quote, is_f=is_f)
        if not source.endswith(quote, match.end(), end):
            break  # it is not closed
        body = source[match.end() : end - len(quote)]
        parts.append(source[position : match.start(2)])
        if is_f and len(quote) == 1 and quote in re.sub(r"\\.", "", body):
            quote = next((q for q in ('"""', "'''") if _fits(q, body)), quote)
        parts.append(f"{quote}{body}{quote}")
        position = end
    return "".join([*parts, source[position:]])


def _fits(quote: str, body: str) -> bool:
    return quote not in body and not body.endswith(quote[0])


def _next_string(source: str, position: int) -> int | None:
    """Return the position of the next string outside comments, or None."""
    while position < len(source):
        if source[position] == "#":
            newline = source.find("\n", position)
            position = len(source) if newline < 0 else newline
        elif _STRING.match(source, position):
            return position
        else:
            position += 1
    return None


def _end_of(source: str, position: int, quote: str, *, is_f: bool) -> int:
    """Return the position after a string's closing quote, or of the end of the source."""
    while position < len(source):
        if source.startswith(quote, position):
            return position + len(quote)
        if source[position] == "\\" or (is_f and source.startswith(("{{", "}}"), position)):
            position += 2
        elif is_f and source[position] == "{":
            position = _end_of_braces(source, position + 1)
        else:
            position += 1
    return len(source)


def _end_of_braces(source: str, position: int) -> int:
    """Return the position after the brace that closes an expression of an f-string."""
    depth = 1
    while position < len(source):
        match = _STRING.match(source, position)
        if match:
            is_f = "f" in (match.group(1) or "").lower()
            position = _end_of(source, match.end(), match.group(2), is_f=is_f)
            continue
        depth += {"{": 1, "}": -1}.get(source[position], 0)
        position += 1
        if not depth:
            return position
    return len(source)
