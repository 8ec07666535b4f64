"""The console, and text that no terminal interprets."""

from __future__ import annotations

import sys

from rich.console import Console
from rich.text import Text

from grader.messages.sanitize import one_line

_LIMIT = 1000


def console_for(*, to_stderr: bool = False) -> Console:
    """Return a console for standard output or error, 100 columns wide if that is not a terminal."""
    stream = sys.stderr if to_stderr else sys.stdout
    width = None if stream.isatty() else 100
    return Console(file=stream, width=width, highlight=False, soft_wrap=False)


def plain_text(text: str, style: str = "", *, limit: int = _LIMIT) -> Text:
    """Return text on one line without control characters; markup of rich is shown as it is."""
    return Text(one_line(text, limit=limit), style=style)
