"""Make text from a submission safe for pages, terminals, CSV and logs."""

import re
import unicodedata

_ELLIPSIS = " …"
_COLOUR = r"\x1b\[[0-9;:]*m"
_COMMAND = (
    r"\x1b[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\)"  # a link, a title
    r"|(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"  # a movement, an erasure
    r"|\x1b[ -/]*[0-~]"
    r"|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]"
)
"""Control sequences of a terminal, except tabs and line breaks. Each branch takes linear time."""
_COMMANDS = f"(?:{_COMMAND})++"
_COMMANDS_BUT_COLOURS = f"(?:(?!{_COLOUR})(?:{_COMMAND}))++"
"""Series of commands: a call for each of them would take seconds for a hostile text."""
_INVISIBLE = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def one_line(text: str, *, limit: int = 300) -> str:
    r"""Return `text` on one line, without control, bidi or surrogate characters.

    The result has at most `limit` characters; a longer text ends with an ellipsis.

    >>> one_line("array([1,\n       2])")
    'array([1, 2])'
    >>> one_line("a very long message", limit=9)
    'a very …'
    """
    if len(text) <= limit and text.isprintable():  # the common case, tested without a copy
        return " ".join(text.split())
    head = text[: 4 * limit]
    plain = "".join(" " if unicodedata.category(c) in _INVISIBLE else c for c in head)
    line = " ".join(plain.split())
    if len(line) <= limit and len(head) == len(text):
        return line
    return line[: limit - len(_ELLIPSIS)].rstrip() + _ELLIPSIS


def first_line(text: str, *, limit: int = 64) -> str:
    r"""Return the first line of a cell that is not blank, as text between backticks.

    >>> first_line("\n# GRADED FUNCTION: `f`\ndef f(): ...")
    "# GRADED FUNCTION: 'f'"
    """
    line = next((line for line in text.splitlines() if line.strip()), "")
    return one_line(line, limit=limit).replace("`", "'")


def code_line(line: str, *, limit: int = 200) -> str:
    """Return a line of code likewise, with its indentation and spaces unchanged.

    >>> code_line("    A  =  1  ")
    '    A  =  1'
    """
    if len(line) <= limit and line.isprintable():
        return line.rstrip()
    head = line[: 4 * limit].expandtabs(4)
    plain = "".join(" " if unicodedata.category(c) in _INVISIBLE else c for c in head)
    if len(plain.rstrip()) <= limit and len(line) <= 4 * limit:
        return plain.rstrip()
    return plain[: limit - len(_ELLIPSIS)] + _ELLIPSIS


def keep_colours(text: str) -> str:
    """Return `text` without terminal control sequences, except colours, tabs and line breaks."""
    return re.sub(_COMMANDS_BUT_COLOURS, "", text)


def strip_controls(text: str) -> str:
    """Return `text` without terminal control sequences and colours, except tabs and line breaks."""
    return re.sub(_COMMANDS, "", text)
