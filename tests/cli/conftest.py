"""A way to run the command line within the test's own process: quick, and open to monkeypatching."""

from __future__ import annotations

import functools
import signal
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from grader import grading, intake, sandbox
from grader.assignments import oracle
from grader.cli import batch, main
from grader.model import Tier
from grader.model.submission import Submission
from grader.sandbox import speed
from tests.support.command_line import Outcome
from tests.support.sandbox_tier import strongest, without_notice
from tests.unit.batch.test_batch import result_of

Here = Callable[..., Outcome]


@pytest.fixture(scope="session", autouse=True)
def _restore_ctrl_c() -> None:
    """Let child processes receive Ctrl-C: a shell turns it off for commands in the background."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def boxed(tier: Tier) -> None:
    """Skip if no sandbox is available: hostile notebooks never run without one."""


_choose_tier = functools.cache(sandbox.choose_tier)


@pytest.fixture
def here(
    capsys: pytest.CaptureFixture[str], any_tier: Tier, monkeypatch: pytest.MonkeyPatch
) -> Here:
    """Return a function that runs `grader` with arguments and returns status and output.

    `any_tier` examines this machine before a test replaces parts of it. The sandbox is attacked and
    the machine's speed is measured once, not at each call.
    """
    if strongest():
        monkeypatch.setattr(sandbox, "choose_tier", _choose_tier)
    monkeypatch.setattr(speed, "slowness", lambda: 1.0)

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


LATE = "2026-11-09T20:00:00+01:00"


@pytest.fixture
def quick_grading(monkeypatch: pytest.MonkeyPatch) -> None:
    """Grade by the number in a file, because grading has its own tests.

    `late` in a name gives a time of submission.
    """
    read = intake.Source.read

    def read_with_time(source: intake.Source, number: int = 0) -> Submission:
        submission = read(source, number)
        return replace(submission, submitted_at=LATE) if "late" in source.id else submission

    monkeypatch.setattr(grading, "grade", result_of)
    monkeypatch.setattr(intake.Source, "read", read_with_time)
    monkeypatch.setattr(sandbox, "choose_tier", lambda _: sandbox.ChosenTier(Tier.FULL))
    monkeypatch.setattr(oracle, "consult", lambda *_, **__: None)
    monkeypatch.setattr(batch, "pool", ThreadPoolExecutor)
