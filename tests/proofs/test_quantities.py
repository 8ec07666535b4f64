"""A check must not use a quantity that the reference does not return."""

from __future__ import annotations

import dataclasses

from grader.model import Assignment
from tests.support.broken_assignments import failure, with_checks


def test_the_reference_must_return_every_quantity(regularization: Assignment) -> None:
    broken = with_checks(
        regularization, lambda check: dataclasses.replace(check, quantities=("csot",))
    )

    detail = failure("the reference returns every quantity that a check uses", broken)
    assert detail == (
        "testcases/regularization.py, line 53: the check 'the published example' of "
        "compute_cost_with_regularization needs csot, but the reference returns only cost (and 12 more)"
    )
