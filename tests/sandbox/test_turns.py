"""Programs run side by side, and alone after the kernel lacked memory."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator

import pytest

from grader.sandbox import turns


@pytest.fixture
def other_process() -> Iterator[int]:
    """Yield a forked process that has a turn until it is killed."""
    ready, signal_ready = os.pipe()
    with turns.turn():
        pass
    pid = os.fork()
    if pid == 0:
        with turns.turn():
            os.write(signal_ready, b"r")
            signal.pause()
        os._exit(0)
    os.read(ready, 1)
    os.close(ready)
    os.close(signal_ready)
    yield pid
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)


def test_turns_are_side_by_side(other_process: int) -> None:
    with turns.turn(), turns.turn():
        pass


def test_program_alone_waits_for_others_but_not_forever(
    other_process: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    waited: list[float] = []
    monkeypatch.setattr(time, "sleep", waited.append)
    monkeypatch.setattr(turns, "_PATIENCE", 0.05)

    with turns.turn(alone=True):
        pass

    assert len(waited) > 1


def test_others_wait_for_a_program_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float] = []
    monkeypatch.setattr(time, "sleep", waited.append)
    monkeypatch.setattr(turns, "_PATIENCE", 0.05)

    with turns.turn(alone=True), turns.turn():
        pass

    assert len(waited) > 1


def test_kills_are_counted_by_the_kernel() -> None:
    assert turns.memory_kills() >= 0
