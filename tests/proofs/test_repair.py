"""The slips of `slips.py` are named, in their line, without the repaired line itself."""

from __future__ import annotations

import pytest

from grader import grading
from grader.grading import Settings
from grader.model import Tier
from grader.model.diagnoses import RAISES_ERROR, SYNTAX_ERROR, UNEXPLAINED
from grader.model.findings import Diagnosis, FunctionStatus
from grader.model.submission import Submission
from tests.proofs.slips import ERRORS, RIGHT, SYNTAX, VALUES, Slip
from tests.submissions.corpus import Cell, notebook, parse
from tests.support.diagnosing import COST, FORWARD, L2, loaded

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


PAIRS = (
    (
        (COST, "compute_cost(A3, Y)", "compute_cost(Y, A3)"),
        (COST, 'W2 = parameters["W2"]', 'W2 = parameters["w2"]'),
    ),
    (
        (L2, "dW2 = np.dot(dZ2, A1.T)", "dW2 = np.dot(dZ2, A1)"),
        (L2, "dA1 = np.dot(W2.T, dZ2)", "dA1 = np.dot(W1.T, dZ2)"),
    ),
    (
        (FORWARD, "    Z2 = np.dot(W2, A1) + b2\n", ""),
        (FORWARD, "sigmoid(Z3)", "sigmoid(Z3.T)"),
    ),
)
"""Two slips in different lines, of which the first stops the function."""


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair[1][2][:40])
def test_two_slips_are_both_named(any_tier: Tier, pair: tuple[tuple[str, str, str], ...]) -> None:
    (name, right, wrong), second = pair
    both = Slip(*second).source.replace(right, wrong, 1)
    cells = [
        Cell(both if f"def {name}(" in cell.source else cell.source)
        for cell in parse(RIGHT.read_text("utf-8"))[1]
    ]
    settings = Settings(seed=loaded().seed, tier=any_tier)
    result = grading.grade(Submission("slips", notebook(cells)), loaded(), settings)
    (function,) = (f for f in result.functions if f.name == name)
    lines = both.split("\n")

    assert len(function.diagnoses) == 2
    assert any(second[2] in lines[(d.line or 1) - 1] for d in function.diagnoses)


def test_hint_says_whether_the_function_would_be_right(any_tier: Tier) -> None:
    slip = next(slip for slip in SYNTAX if slip.wrong == "m = Y.shape[1")
    (found,) = diagnoses(slip, any_tier)

    assert found.id == SYNTAX_ERROR.id
    assert "is never closed" in found.what
    assert found.why.endswith("After this change, your function passes all tests.")


def test_slips_are_a_hundred() -> None:
    assert len(EVERY) >= 100
