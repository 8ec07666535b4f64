"""One notebook has one verdict: without and with `--run-all`, and in a class.

VERDICT_STRIDE=1 tries every labelled submission, which takes about ten minutes on two cores.
"""

from __future__ import annotations

import dataclasses
import os

import pytest

from grader import grading
from grader.grading import Settings
from grader.model import Assignment, Tier
from grader.model.result import Result
from grader.model.submission import Submission
from tests.submissions import load
from tests.submissions.corpus import Cell, notebook, without_trainings
from tests.support.honest import NOTEBOOKS

STRIDE = int(os.environ.get("VERDICT_STRIDE", "60"))
_QUIET = [s for s in load() if not s.hostile and "timeout" not in str(s.statuses)]
WITH_TRAININGS = ("right", "malformed")
SAMPLE = {
    s.name: s.data if s.name.startswith(WITH_TRAININGS) else without_trainings(s.data)
    for s in _QUIET[::STRIDE]
}
"""A training changes no function, so it is enough that those of a right notebook run."""
UNUSUAL = {
    name: notebook([Cell(source) for source in NOTEBOOKS[name]]) for name in list(NOTEBOOKS)[::12]
}


def verdict(result: Result) -> list[tuple[str, str, float | None]]:
    """Return the name, the status and the points of every function."""
    return [(f.name, f.status, f.score) for f in result.functions]


@pytest.mark.parametrize("name", [*SAMPLE, *UNUSUAL])
def test_whole_run_gives_the_same_verdict(
    name: str, regularization: Assignment, any_tier: Tier
) -> None:
    submission = Submission(name, (SAMPLE | UNUSUAL)[name])
    settings = Settings(regularization.seed, any_tier)
    whole = dataclasses.replace(settings, run_all=True, iterations=10)

    plain = grading.grade(submission, regularization, settings)

    assert verdict(grading.grade(submission, regularization, whole)) == verdict(plain)
    assert verdict(grading.grade(submission, regularization, settings)) == verdict(plain)
