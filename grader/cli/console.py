"""Exit statuses, and messages for a person on standard error."""

from __future__ import annotations

import os
import sys
from enum import IntEnum
from typing import TYPE_CHECKING, NoReturn

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
