"""The claims about right solutions, known mistakes and pairs, and the matrices behind them."""

from __future__ import annotations

import numpy as np
import pytest

from grader import assignments
from grader.model import Raised, Returned, TestCase
from grader.model.proofs import Detection, Recognition
from grader.verify import mistakes
from tests.support.diagnosing import COST


@pytest.mark.parametrize(
    ("diagnoses", "recognition"),
    [
        ({"a", "b"}, Recognition.BOTH),
        ({"a"}, Recognition.ONE),
        ({"a", "c"}, Recognition.ONE_AND_WRONG),
        ({"a", "b", "c"}, Recognition.ONE_AND_WRONG),
        ({"c"}, Recognition.WRONG),
        ({"unexplained"}, Recognition.NONE),
        ({"raises-error"}, Recognition.NONE),
        ({"a", "raises-error"}, Recognition.ONE),
        (set(), Recognition.NONE),
    ],
)
def test_recognition_of_a_pair(diagnoses: set[str], recognition: Recognition) -> None:
    assert mistakes.recognise({"a", "b"}, diagnoses) is recognition


@pytest.mark.parametrize(
    ("actual", "reason"),
    [
        (Returned(np.nan), "not finite"),
        (Returned(np.zeros(3)), "structure"),
        (Returned({}), "structure"),
        (Raised("ValueError", ""), "error"),
    ],
)
def test_an_infinite_error_has_a_reason(actual: Returned | Raised, reason: str) -> None:
    function = next(f for f in assignments.load("regularization").functions if f.name == COST)
    case = TestCase("network 1", COST, (), "")

    detection = mistakes.detect(function, case, Returned(1.0), actual)

    assert detection == Detection((1,), np.inf, reason)
