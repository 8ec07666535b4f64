"""Where to print, and words that no terminal obeys."""

from __future__ import annotations

import sys

from rich.console import Console
from rich.text import Text

from grader.messages.sanitize import printable

_LONGEST = 1000


def screen(*, to_stderr: bool = False) -> Console:
    """Return where to print; 100 columns wide where that is no terminal."""
    stream = sys.stderr if to_stderr else sys.stdout
    width = None if stream.isatty() else 100
    return Console(file=stream, width=width, highlight=False, soft_wrap=False)


def on_screen(words: str, style: str = "", *, limit: int = _LONGEST) -> Text:
    """Return words on one line, without control characters; what looks like markup stays as it is."""
    return Text(printable(words, limit=limit), style=style)
