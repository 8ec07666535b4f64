"""`--fail-under` turns the exit status into pass or fail."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Here
from tests.support.command_line import hand_in

HALVED = "wrong-l2-not-halved"


@pytest.mark.parametrize(("points", "status"), [("75", 0), ("75.5", 1), ("0", 0)])
def test_check_fails_below_the_points(here: Here, tmp_path: Path, points: str, status: int) -> None:
    """The notebook has 75 points."""
    (notebook,) = hand_in(tmp_path, HALVED).iterdir()

    assert here("check", notebook, "--fail-under", points).status == status


def test_batch_names_who_is_below_the_points(here: Here, tmp_path: Path) -> None:
    inbox, out = hand_in(tmp_path / "inbox", HALVED, "right", "malformed-pdf"), tmp_path / "out"

    below = here("batch", inbox, "--out", out, "--fail-under", 80)
    none = here("batch", inbox, "--out", out, "--fail-under", 0)

    only = here("batch", inbox, "--out", out, "--fail-under", 80, "--only", "right")

    assert (below.status, none.status, only.status) == (1, 0, 0)
    assert below.err.splitlines()[-1] == (f"grader: Below 80 points: malformed-pdf, {HALVED}.")


@pytest.mark.parametrize("points", ["nan", "inf", "1e309"])
def test_points_must_be_a_finite_number(here: Here, tmp_path: Path, points: str) -> None:
    (notebook,) = hand_in(tmp_path, "right").iterdir()

    outcome = here("check", notebook, "--fail-under", points)

    assert (outcome.status, outcome.out) == (2, "")
    assert outcome.err == "grader: --fail-under must be a finite number of points.\n"


def test_a_sandbox_is_either_required_or_not_used(here: Here, tmp_path: Path) -> None:
    (notebook,) = hand_in(tmp_path, "right").iterdir()

    outcome = here("check", notebook, "--no-sandbox", "--require-sandbox")

    assert (outcome.status, outcome.out) == (2, "")
    assert outcome.err == (
        "grader: --no-sandbox and --require-sandbox exclude each other. Choose one.\n"
    )
