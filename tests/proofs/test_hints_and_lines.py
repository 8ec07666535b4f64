"""What a whole submission's hint says, and the line it names, where a tutor would look at the code."""

from __future__ import annotations

import pytest

from grader import assignments, grading
from grader.grading import Settings
from grader.model import Tier
from grader.model.submission import Submission
from tests.submissions import load
from tests.submissions.siblings import load_siblings
from tests.support.diagnosing import loaded


@pytest.mark.parametrize(
    ("name", "words", "line"),
    [
        ("wrong-l2-added-twice", "although your code contains a 1/2", 16),
        ("wrong-l2-not-halved", "the 1/2 is missing", 12),
        ("wrong-mask-made-from-the-other", "the shape of the activations of its layer", 14),
    ],
)
def test_a_hint_names_the_line_at_fault_and_no_other(
    any_tier: Tier, name: str, words: str, line: int
) -> None:
    (one,) = (one for one in load() if one.name == name)
    settings = Settings(seed=loaded().seed, tier=any_tier)
    result = grading.grade(Submission(name, one.data), loaded(), settings)
    (diagnosis,) = (d for function in result.functions for d in function.diagnoses)
    assert words in diagnosis.message
    assert diagnosis.line == line


def test_a_named_mistake_is_at_the_line_of_its_repair(any_tier: Tier) -> None:
    """The slip is in the line of the scale, the wrong values are computed in the line below."""
    (one,) = (one for one in load_siblings() if one.name == "initialization-xavier")
    assignment = assignments.load("initialization")
    settings = Settings(seed=assignment.seed, tier=any_tier)
    result = grading.grade(Submission(one.name, one.data), assignment, settings)
    (diagnosis,) = (d for function in result.functions for d in function.diagnoses)

    assert (diagnosis.id, diagnosis.line) == ("scale-of-xavier", 16)
    assert "line 16 of" in diagnosis.what
