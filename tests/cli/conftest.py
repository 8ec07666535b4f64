"""A way to run the command line within the test's own process: quick, and open to monkeypatching."""

from __future__ import annotations

import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from grader.cli import main
from grader.model import Tier
from tests.support.command_line import Outcome
from tests.support.sandbox_tier import without_notice

Here = Callable[..., Outcome]


@pytest.fixture(scope="session", autouse=True)
def _restore_ctrl_c() -> None:
    """Let child processes receive Ctrl-C: a shell turns it off for commands in the background."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def boxed(tier: Tier) -> None:
    """Skip if no sandbox is available: hostile notebooks never run without one."""


@pytest.fixture
def here(capsys: pytest.CaptureFixture[str], any_tier: Tier) -> Here:
    """Return a function that runs `grader` with arguments and returns status and output.

    `any_tier` examines this machine before a test replaces parts of it.
    """

    def call(*arguments: str | Path) -> Outcome:
        capsys.readouterr()
        status = 0
        try:
            main([str(argument) for argument in arguments], prog_name="grader")
        except SystemExit as leaving:
            status = leaving.code if isinstance(leaving.code, int) else 1
        out, err = capsys.readouterr()
        return Outcome(status, out, without_notice(err))

    return call
