"""The worker processes of a batch."""

import os

import pytest

from grader.batch import workers


def test_own_core_is_optional(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "sched_setaffinity", refused)
    with workers.pool(2) as executor:
        assert executor.submit(abs, -3).result() == 3
