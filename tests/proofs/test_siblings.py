"""The labelled submissions of the other assignments: status, diagnosis, and the same in Chinese."""

from __future__ import annotations

import pytest

from grader import assignments, grading
from grader.grading import Settings
from grader.model import Tier
from grader.model.findings import FunctionStatus
from grader.model.submission import Submission
from tests.proofs.test_labelled_submissions import assert_translated
from tests.submissions import Labelled
from tests.submissions.siblings import load_siblings
from tests.support import notebook_check
from tests.support.languages import TAG


@pytest.mark.parametrize("submission", load_siblings(), ids=lambda submission: submission.name)
def test_labelled_submission_of_a_sibling(submission: Labelled, any_tier: Tier) -> None:
    assignment = assignments.load(submission.name.partition("-")[0])
    settings = Settings(seed=assignment.seed, tier=any_tier)

    result = grading.grade(Submission(submission.name, submission.data), assignment, settings)

    assert (result.status, result.failures) == ("graded", [])
    for function in result.functions:
        promised = submission.statuses.get(function.name, frozenset({FunctionStatus.PASSED}))
        assert function.status in promised, function
        expected = submission.diagnoses if function.name in submission.statuses else ()
        assert [{diagnosis.id} for diagnosis in function.diagnoses] == [*expected]
    assert_translated(result, assignments.translator(assignment, TAG))


@pytest.mark.parametrize("submission", load_siblings(), ids=lambda submission: submission.name)
def test_notebook_and_page_of_a_sibling_agree(submission: Labelled, any_tier: Tier) -> None:
    name = submission.name.partition("-")[0]
    assignment = assignments.load(name)
    settings = Settings(seed=assignment.seed, tier=any_tier)
    result = grading.grade(Submission(submission.name, submission.data), assignment, settings)
    graded = {function.name: function for function in result.functions}

    shown = dict(notebook_check.feedback_on(submission.data, set(graded), any_tier, of=name))

    assert set(shown) == set(graded)
    if result.notes:  # the sandbox has supplied what the student's own Python lacks
        return
    for function, feedback in shown.items():
        if feedback.diagnoses:
            assert notebook_check.differences(feedback, graded[function]) == []


@pytest.mark.parametrize(
    ("graded_as", "submitted", "title"),
    [
        ("gradient_checking", "initialization", "Gradient Checking"),
        ("initialization", "gradient_checking", "Initialization"),
        ("regularization", "initialization", "Regularization"),
    ],
)
def test_notebook_of_a_sibling_has_one_sentence(
    graded_as: str, submitted: str, title: str, any_tier: Tier
) -> None:
    """Functions that it imports from its own helpers are not defined in it."""
    assignment = assignments.load(graded_as)
    data = next(s.data for s in load_siblings() if s.name.startswith(submitted))
    settings = Settings(seed=assignment.seed, tier=any_tier)

    result = grading.grade(Submission("sibling", data), assignment, settings)

    assert result.message == (
        f"This notebook defines none of the graded functions. Is it the notebook of {title}? "
        "Submit the notebook of this assignment."
    )
    assert {(f.status, f.diagnoses, f.cell) for f in result.functions} == {
        (FunctionStatus.MISSING, (), None)
    }
