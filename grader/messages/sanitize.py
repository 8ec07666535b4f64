"""Make text that came out of a submission safe to show anywhere: page, terminal, CSV, log."""

import re
import unicodedata

_ELLIPSIS = " …"
_COMMAND = re.compile(
    r"(?P<colour>\x1b\[[0-9;:]*m)"
    r"|\x1b[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\)"  # a link, a title: up to its end
    r"|(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"  # a movement, an erasure
    r"|\x1b[ -/]*[0-~]"
    r"|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]"
)
"""What a terminal obeys and does not show, but for tabs and ends of lines; each takes linear time."""
_INVISIBLE = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def printable(text: str, *, limit: int = 300) -> str:
    """Return `text` on one line, without control, bidi or surrogate characters, at most `limit` long."""
    if len(text) <= limit and text.isprintable():  # the common case by far, and seen at once
        return " ".join(text.split())
    head = text[: 4 * limit]
    plain = "".join(" " if unicodedata.category(c) in _INVISIBLE else c for c in head)
    line = " ".join(plain.split())
    if len(line) <= limit and len(head) == len(text):
        return line
    return line[: limit - len(_ELLIPSIS)].rstrip() + _ELLIPSIS


def printable_code(line: str, *, limit: int = 200) -> str:
    """Return a line of code likewise, but with its indentation and spaces as they are."""
    if len(line) <= limit and line.isprintable():
        return line.rstrip()
    head = line[: 4 * limit].expandtabs(4)
    plain = "".join(" " if unicodedata.category(c) in _INVISIBLE else c for c in head)
    if len(plain.rstrip()) <= limit and len(line) <= 4 * limit:
        return plain.rstrip()
    return plain[: limit - len(_ELLIPSIS)] + _ELLIPSIS


def coloured(text: str) -> str:
    """Return `text` with its colours, tabs and lines, without anything else that a terminal obeys."""
    return _COMMAND.sub(lambda match: match["colour"] or "", text)


def colourless(text: str) -> str:
    """Return `text` likewise, without its colours too."""
    return _COMMAND.sub("", text)
