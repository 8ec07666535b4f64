"""A failure of the grader is counted in one line on standard error; `--debug` prints it."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader import diagnosis, grading
from tests.cli.conftest import Here
from tests.support.command_line import hand_in
from tests.unit.grading.test_failures import SECRET, broken


def test_batch_counts_failures(here: Here, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder, out = hand_in(tmp_path / "inbox", ada="wrong-l2-not-halved"), tmp_path / "out"
    line = ("batch", folder, "--out", out, "--no-sandbox", "--workers", "1")
    with monkeypatch.context() as patch:
        patch.setattr(grading, "_stages", broken)
        outcome = here(*line)
    assert outcome.status == 3
    assert outcome.err.splitlines()[-1] == (
        "grader: Because of an error in the grader, 1 submission could not be graded. "
        f"Details are in {out / 'errors.log'}. Run the same command again to retry."
    )
    monkeypatch.setattr(diagnosis, "diagnose", broken)
    outcome = here(*line)
    assert outcome.status == 0
    assert outcome.err.splitlines()[-1] == (
        "grader: Because of an error in the grader, diagnoses are missing in 1 submission. "
        f"Details are in {out / 'errors.log'}. Run the same command again to retry."
    )


def test_check_prints_failures_with_debug(
    here: Here, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    notebook = hand_in(tmp_path, ada="wrong-l2-not-halved") / "ada.ipynb"
    monkeypatch.setattr(diagnosis, "diagnose", broken)

    plain = here("check", notebook, "--no-sandbox")
    debug = here("check", notebook, "--no-sandbox", "--debug")

    assert "Add --debug to see where." in plain.err and SECRET not in plain.err
    assert f"RuntimeError in diagnosis of compute_cost_with_regularization: {SECRET}" in debug.err
