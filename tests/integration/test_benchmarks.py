"""Benchmarks take too long for a test, but what they put clocks around has to be there."""

from __future__ import annotations

import importlib
import sys

import pytest


@pytest.mark.parametrize(("name", "stages"), [("profile", "STAGES"), ("diagnosis", "STAGE")])
def test_every_stage_is_a_function_of_the_grader(
    monkeypatch: pytest.MonkeyPatch, name: str, stages: str
) -> None:
    monkeypatch.setattr(sys, "path", list(sys.path))  # a benchmark makes it its own
    found = getattr(importlib.import_module(f"benchmarks.{name}"), stages)
    assert len(found) >= 3
    assert [name for *_, owner, name in found if not callable(getattr(owner, name, None))] == []
