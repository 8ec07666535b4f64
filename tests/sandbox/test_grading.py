"""One submission goes through all stages with a real box."""

from __future__ import annotations

import dataclasses
import json

from grader import grading
from grader.grading import Settings
from grader.grading.settings import Budget
from grader.model import Assignment, Tier
from grader.model.allowance import Allowance
from grader.model.findings import FunctionStatus
from grader.model.result import Status
from grader.model.submission import Submission
from grader.views.tables import from_json, to_json
from tests.submissions import FUNCTIONS, load
from tests.support.result_contract import (
    assert_as_promised,
)


def with_endless(*names: str) -> Submission:
    """Return the right notebook with an endless loop below for each of the functions."""
    document = json.loads(load()[0].data)
    for name in names:
        source = f"def {name}(*args):\n    while True:\n        pass\n"
        document["cells"].append(
            {
                "cell_type": "code",
                "execution_count": None,
                "metadata": {},
                "outputs": [],
                "source": source,
            }
        )
    return Submission("alice", json.dumps(document).encode())


def test_hanging_function_does_not_affect_others(
    regularization: Assignment, any_tier: Tier
) -> None:
    settings = Settings(seed=regularization.seed, tier=any_tier, timeout=8.0)

    result = grading.grade(with_endless(FUNCTIONS[0]), regularization, settings)

    assert [f.status for f in result.functions] == ["timeout", "passed", "passed", "passed"]
    assert (result.status, result.score) == (Status.GRADED, 75)
    assert result.functions[0].checks[0].message == (
        "The call took too long: it was still running at its time limit."
    )
    assert_as_promised(result)


def test_expired_submission_has_timed_out(regularization: Assignment, any_tier: Tier) -> None:
    settings = Settings(seed=regularization.seed, tier=any_tier)
    budget = dataclasses.replace(Budget.of(regularization, settings), functions=Allowance(1e-6))

    result = grading.grade(with_endless(), regularization, settings, budget=budget)

    assert (result.status, result.score) == (Status.TIMEOUT, 0)
    assert {f.status for f in result.functions} == {FunctionStatus.TIMEOUT}
    assert {check.message for f in result.functions for check in f.checks} == {
        "The call took too long: the submission reached its time limit.",
        "Not run: an earlier call did not return.",
    }


def test_grading_is_repeatable(regularization: Assignment, any_tier: Tier) -> None:
    submission = next(s for s in load() if s.name == "wrong-everything")
    settings = Settings(seed=regularization.seed, tier=any_tier)

    results = [
        grading.grade(Submission("alice", submission.data), regularization, settings)
        for _ in range(2)
    ]

    first, second = (
        dataclasses.replace(result, duration_s=0.0, graded_at=None) for result in results
    )
    assert first == second
    assert from_json(to_json(first)) == first
