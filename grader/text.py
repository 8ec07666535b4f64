"""Make text that came out of a submission safe to show anywhere: page, terminal, CSV, log."""

import unicodedata

_ELLIPSIS = " …"
_INVISIBLE = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def printable(text: str, *, limit: int = 300) -> str:
    """Return `text` on one line, without control, bidi or surrogate characters, at most `limit` long."""
    head = text[: 4 * limit]
    plain = "".join(" " if unicodedata.category(c) in _INVISIBLE else c for c in head)
    line = " ".join(plain.split())
    if len(line) <= limit and len(head) == len(text):
        return line
    return line[: limit - len(_ELLIPSIS)].rstrip() + _ELLIPSIS
