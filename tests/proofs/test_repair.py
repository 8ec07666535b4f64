"""The slips of `slips.py` are named, in their line, without the repaired line itself."""

from __future__ import annotations

import pytest

from grader import grading
from grader.grading import Settings
from grader.model import Tier
from grader.model.diagnoses import RAISES_ERROR, SYNTAX_ERROR, UNEXPLAINED
from grader.model.findings import Diagnosis, FunctionStatus
from grader.model.submission import Submission
from tests.proofs.slips import ERRORS, SYNTAX, VALUES, Slip
from tests.support.diagnosing import loaded

EVERY = (*ERRORS, *VALUES, *SYNTAX)
UNNAMED = {RAISES_ERROR.id, UNEXPLAINED.id}
"""The ids of symptoms: no slip of the list may end with one of them."""


def diagnoses(slip: Slip, tier: Tier) -> tuple[Diagnosis, ...]:
    settings = Settings(seed=loaded().seed, tier=tier)
    result = grading.grade(Submission("slip", slip.notebook), loaded(), settings)
    (function,) = (f for f in result.functions if f.name == slip.function)
    others = [f.status for f in result.functions if f.name != slip.function]

    assert function.failure is None
    assert set(others) == {FunctionStatus.PASSED}
    assert function.status is not FunctionStatus.PASSED
    return function.diagnoses


@pytest.mark.parametrize("slip", EVERY, ids=lambda slip: slip.wrong[:40])
def test_slip_is_named_in_its_line(any_tier: Tier, slip: Slip) -> None:
    found = diagnoses(slip, any_tier)

    assert not {d.id for d in found} & UNNAMED
    assert slip.line in {d.line for d in found}
    assert "Fix that line first." not in {d.next for d in found}
    texts = [f"{d.what} {d.next}" for d in found]
    if len(slip.right) > 20 and slip.right not in slip.wrong:
        assert not any(slip.right in text for text in texts)


def test_hint_says_whether_the_function_would_be_right(any_tier: Tier) -> None:
    slip = next(slip for slip in SYNTAX if slip.wrong == "m = Y.shape[1")
    (found,) = diagnoses(slip, any_tier)

    assert found.id == SYNTAX_ERROR.id
    assert "is never closed" in found.what
    assert found.why.endswith("After this change, your function passes all tests.")


def test_slips_are_a_hundred() -> None:
    assert len(EVERY) >= 100
