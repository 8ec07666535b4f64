"""The first tier starts no program, and so no sandbox. Forks of worker pools are allowed."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest

STARTS = {"os.exec", "os.posix_spawn", "os.system", "subprocess.Popen"}
_watched: list[str] = []
_events: list[str] = []


def _record(event: str, _: tuple[object, ...]) -> None:
    if _watched and event in STARTS:
        _events.append(event)


sys.addaudithook(_record)


@pytest.fixture(autouse=True)
def no_program(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail a test that starts a program."""
    _events.clear()
    _watched.append(request.node.nodeid)
    yield
    _watched.clear()
    assert _events == [], "a test of tests/unit must not start a program: move it to another tier"
