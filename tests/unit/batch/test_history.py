"""The conditions of a run that differ from those of the run before."""

from __future__ import annotations

from grader.batch.history import Run, changed_conditions


def test_a_setting_is_named_like_its_option() -> None:
    old = Run(1, "a", "1", '{"seed": 3, "run_all": false}')
    new = Run(2, "b", "1", '{"seed": 3, "run_all": true}')

    assert changed_conditions(old, new) == ["--run-all"]
