"""The first tier starts no process: a test that does fails."""

import sys
from collections.abc import Generator
from typing import Any

import pytest

STARTS = {"subprocess.Popen", "os.exec", "os.fork", "os.forkpty", "os.posix_spawn", "os.system"}
"""Audit events of Python for a new process."""

started: list[str] = []


def _record(event: str, arguments: tuple[Any, ...]) -> None:
    if event in STARTS:
        started.append(f"{event}{arguments}")


sys.addaudithook(_record)


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
