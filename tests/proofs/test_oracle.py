"""The reference answers every case in the box."""

from __future__ import annotations

from grader.assignments import oracle
from grader.model import (
    Assignment,
    Ending,
    Returned,
    Tier,
)
from tests.submissions import FUNCTIONS


def test_the_reference_answers_every_case_and_the_template_is_run_on_the_same(
    regularization: Assignment, any_tier: Tier
) -> None:
    known = oracle.consult(regularization, regularization.seed, tier=any_tier)

    assert tuple(known.cases) == tuple(known.reference) == tuple(known.template) == FUNCTIONS
    for name in FUNCTIONS:
        answered, untouched = known.reference[name], known.template[name]
        assert answered.ending is untouched.ending is Ending.FINISHED
        assert len(answered.outcomes) == len(untouched.outcomes) == len(known.cases[name]) + 1
        assert all(isinstance(outcome, Returned) for outcome in answered.outcomes)
        assert all(
            outcome.mutated == () for outcome in answered.outcomes if isinstance(outcome, Returned)
        )
