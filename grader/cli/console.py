"""Exit statuses, and messages for a person on standard error."""

from __future__ import annotations

import io
import os
import re
import sys
from enum import IntEnum
from typing import TYPE_CHECKING, Any, NoReturn

import click

from grader.messages.sanitize import one_line

if TYPE_CHECKING:  # `grader --help` needs no model
    from grader.model.failure import Failure

_LONGEST_MESSAGE = 2000
NONE = "none"
"""The value of an option that removes what the gradebook keeps."""


class ExitStatus(IntEnum):
    """The exit statuses of every command."""

    OK = 0
    LESS = 1
    USAGE = 2
    INTERNAL = 3
    INTERRUPTED = 130


BRACKET_COMMAND = re.compile(r"##(?=\w*\[)")
"""How a command begins in the log of GitHub, Azure Pipelines and TeamCity: `##[`, `##vso[`."""


def is_ci() -> bool:
    """Return True on a machine that tests what others submit; nearly every such service sets CI."""
    return os.environ.get("CI", "").lower() not in ("", "0", "false")


def without_commands(text: str) -> str:
    """Return text that no CI service reads as commands in a log.

    GitHub reads `::name …::` at the start of a line and `##[name …]` anywhere (`ActionCommand.cs` in
    actions/runner); Azure Pipelines and TeamCity have a word in front of the bracket.

    >>> without_commands("  ::notice::a ##[warning]b")
    '  : :notice::a ## [warning]b'
    """
    text = re.sub(r"(^|[\r\n])([^\S\r\n]*)::", r"\1\2: :", text)
    return BRACKET_COMMAND.sub("## ", text)


class CommandFreeStream:
    """A text stream through which student texts pass into the log of a CI service.

    Bytes, which are our own, pass unchanged to its `buffer`.
    """

    def __init__(self, stream: io.TextIOWrapper) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """Write text without commands."""
        self._stream.write(without_commands(text))
        return len(text)

    def __getattr__(self, name: str) -> Any:
        """Return an attribute of the stream itself."""
        return getattr(self._stream, name)


def prepare_streams() -> None:
    """Make standard output and error accept every name, and in CI keep commands out of the log."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # an old locale cannot write every name
            if is_ci():
                setattr(sys, name, CommandFreeStream(stream))


def say(message: str) -> None:
    """Print one sentence on standard error, without control characters."""
    click.echo(f"grader: {one_line(message, limit=_LONGEST_MESSAGE)}", err=True)


def show_failure(failure: Failure) -> None:
    """Print an exception of the grader for a developer: its type, message, frames and causes."""
    click.echo("\n".join(failure.lines(debug=True)), err=True)


def fail(message: str, status: int) -> NoReturn:
    """Print a message and exit."""
    say(message)
    sys.exit(status)


def interrupt(message: str) -> NoReturn:
    """Print a message and exit at once. The sandboxes of running submissions end with this process."""
    say(message)
    os._exit(ExitStatus.INTERRUPTED)
