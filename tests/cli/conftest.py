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
def _heeding_ctrl_c() -> None:
    """Undo what a shell does to commands in the background: what they start ignores Ctrl-C as well."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def boxed(tier: Tier) -> None:
    """Skip where no box can be built: what is hostile runs in one or not at all."""


@pytest.fixture
def here(capsys: pytest.CaptureFixture[str], any_tier: Tier) -> Here:
    """Return a function that runs `grader` with arguments and returns how it ended.

    What machine this is has been found out before any test puts another in its place.
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
