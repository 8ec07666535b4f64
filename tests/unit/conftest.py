"""The first tier starts no process: a test that does fails."""

import sys
from collections.abc import Generator
from typing import Any

import msgspec
import pytest

from grader.notebook import reader

STARTS = {"subprocess.Popen", "os.exec", "os.fork", "os.forkpty", "os.posix_spawn", "os.system"}
"""Audit events of Python for a new process."""

started: list[str] = []


def _record(event: str, arguments: tuple[Any, ...]) -> None:
    if event in STARTS:
        started.append(f"{event}{arguments}")


sys.addaudithook(_record)


@pytest.fixture(autouse=True)
def reader_in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Read notebooks without the reader's process; what crosses its socket is the same."""

    def ask(data: bytes, request: reader.ReadingRequest) -> Any:
        sent = msgspec.json.decode(msgspec.json.encode(request), type=reader.ReadingRequest)
        return reader._decoded(reader._encoded_answer(data, sent))

    monkeypatch.setattr(reader, "_ask", ask)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup() -> None:
    started.clear()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown() -> Generator[None, None, None]:
    """Fail after the test, because the code under test could catch an exception during it."""
    try:
        yield
    finally:
        assert not started, f"a test of tests/unit starts a process: {started}"
