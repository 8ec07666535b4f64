"""The first tier starts no process, so that it takes seconds on any machine."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest

STARTS = {"os.exec", "os.fork", "os.forkpty", "os.posix_spawn", "os.system", "subprocess.Popen"}
_watched: list[str] = []
_events: list[str] = []


def _record(event: str, _: tuple[object, ...]) -> None:
    if _watched and event in STARTS:
        _events.append(event)


sys.addaudithook(_record)


@pytest.fixture(autouse=True)
def no_process(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail a test that starts a process; it belongs to another tier."""
    _events.clear()
    _watched.append(request.node.nodeid)
    yield
    _watched.clear()
    assert _events == [], "a test of tests/unit starts no process: move it to another tier"
