"""The console, text that no terminal interprets, and a spinner."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator

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


@contextlib.contextmanager
def show_spinner(activity: str) -> Iterator[None]:
    """Show a spinner beside the name of an activity meanwhile, on a terminal only."""
    console = console_for(to_stderr=True)
    if not console.is_terminal:
        yield
        return
    with console.status(plain_text(activity)):
        yield
