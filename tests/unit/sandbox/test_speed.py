"""The factor for time limits is the slowness of the machine, within its bounds."""

from __future__ import annotations

import pytest

from grader.sandbox import speed


@pytest.mark.parametrize(("times", "factor"), [(0.1, 1.0), (1.0, 1.0), (2.3, 2.3), (50.0, 4.0)])
def test_slowness_is_the_median_of_three_loops(
    monkeypatch: pytest.MonkeyPatch, times: float, factor: float
) -> None:
    measured = iter((0.0, times * speed.REFERENCE_SECONDS, 1e9))
    monkeypatch.setattr(speed, "_loop_seconds", lambda: next(measured))

    assert speed.slowness() == factor


def test_loop_takes_time() -> None:
    assert speed._loop_seconds() > 0
