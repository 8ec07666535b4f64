"""Make text that came out of a submission safe to show anywhere: page, terminal, CSV, log."""

import unicodedata

_ELLIPSIS = " …"
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
