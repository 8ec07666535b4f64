"""A failure of the grader leaves its type and frames in `errors.log`, and no text of a student."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import ModuleType

import pytest

from grader import assignments, batch, diagnosis, grading, intake
from grader.batch import Batch
from grader.diagnosis import exceptions
from grader.grading import Settings
from grader.model import Tier
from tests.support.command_line import hand_in
from tests.unit.grading.test_failures import SECRET, broken

ENTRY = re.compile(r"[\d-]{10}T[\d:]{8}[+-][\d:]{5} (\S+) (.*)")


def written(log: Path) -> list[tuple[str, str]]:
    """Return submission and failure of each entry in a log."""
    entries = map(ENTRY.fullmatch, log.read_text("utf-8").splitlines())
    return [(entry[1], entry[2]) for entry in entries if entry]


def grade(folder: Path, *, debug: bool = False) -> Path:
    """Grade a class of one, `ada`, and return the log."""
    inbox = folder / "inbox"
    hand_in(inbox, ada="wrong-l2-not-halved")
    assignment = assignments.load("regularization")
    settings = Settings(assignment.seed, Tier.NONE)
    work = Batch(assignment, settings, folder / "out", debug=debug)
    with ThreadPoolExecutor(1) as executor:
        batch.run(
            work,
            intake.search([inbox / "ada.ipynb"]).sources,
            executor=executor,
            on_result=lambda *_: None,
        )
    return folder / "out" / batch.ERRORS_LOG


@pytest.mark.parametrize("debug", [False, True])
def test_internal_result_is_logged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, debug: bool
) -> None:
    monkeypatch.setattr(grading, "_stages", broken)

    log = grade(tmp_path, debug=debug)

    message = f": {SECRET}" if debug else ""
    assert written(log) == [("ada", f"RuntimeError{message}")]
    assert (SECRET in log.read_text("utf-8")) is debug
    assert len(written(grade(tmp_path, debug=debug))) == 2, "the next run tries again and appends"


@pytest.mark.parametrize(
    "crashes", [(diagnosis, "diagnose"), (exceptions, "from_outside")], ids=["values", "errors"]
)
def test_crash_of_diagnosis_is_logged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, crashes: tuple[ModuleType, str]
) -> None:
    """It costs no points: the submission has its score, and its entry is of the diagnosis."""
    monkeypatch.setattr(*crashes, broken)

    log = grade(tmp_path)

    (entry,) = written(log)
    assert entry == ("ada", "RuntimeError in diagnosis of compute_cost_with_regularization")
    assert SECRET not in log.read_text("utf-8")


def test_without_failure_there_is_no_log(tmp_path: Path) -> None:
    assert not grade(tmp_path).exists()
