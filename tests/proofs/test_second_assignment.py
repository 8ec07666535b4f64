"""A second assignment is proven and graded without a change to the grader."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader import assignments, grading, verify
from grader.grading import Settings
from grader.model import Tier
from grader.model.result import Status
from grader.model.submission import Submission
from tests.support.toy_assignment import (
    handed_in,
)


def test_a_second_assignment_is_proven_without_a_change_to_the_grader(
    toy: Path, any_tier: Tier
) -> None:
    verification = verify.verify(assignments.load("toy"), tier=any_tier)

    assert [(claim.name, claim.detail) for claim in verification.claims if not claim.holds] == []


@pytest.mark.parametrize(
    ("answers", "earned", "ids"),
    [
        (("2 * x", "root(area / ratio)"), [("passed", 50), ("passed", 50)], []),
        (("6", "root(area / ratio)"), [("partial", 10), ("passed", 50)], ["hard-coded-answer"]),
        (
            ("x", "rot(area / ratio)"),
            [("failed", 0), ("error", 0)],
            ["repair-factor", "name-error"],
        ),
        (("None", "None"), [("not_attempted", 0)] * 2, ["not-attempted"] * 2),
        (("x +", "1.0"), [("error", 0), ("partial", 10)], ["syntax-error", "hard-coded-answer"]),
        (("while", "[1, 2]"), [("error", 0), ("failed", 0)], ["syntax-error", "wrong-shape"]),
    ],
)
def test_submissions_of_a_second_assignment_are_graded_without_a_change_to_the_grader(
    toy: Path,
    any_tier: Tier,
    answers: tuple[str, str],
    earned: list[tuple[str, float]],
    ids: list[str],
) -> None:
    settings = Settings(seed=3, tier=any_tier)
    submission = Submission("alice", handed_in(*answers))

    result = grading.grade(submission, assignments.load("toy"), settings)

    assert (result.assignment, result.title, result.status) == ("toy", "A toy", Status.GRADED)
    assert [(f.status, f.score) for f in result.functions] == earned
    assert (result.score, result.max_score) == (sum(points for _, points in earned), 100)
    assert [d.id for function in result.functions for d in function.diagnoses] == ids
