"""A name that was copied and not changed, 1 for 2, is not taken for another mistake."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from grader.model import Raised
from tests.support.diagnosing import (
    BACKWARD,
    FORWARD,
    diagnosed,
    function_run,
    ids,
    loaded,
    reference,
)

MISFIT = Raised("ValueError", "operands could not be broadcast together with shapes (3,5) (2,5)")


@pytest.mark.parametrize(
    ("line", "named"),
    [
        ("A2 = A2 * D1", []),
        ("A1 = np.multiply(A1, D2)", []),
        ("Z2 *= D1", []),
        ("A2 = A2 * D2", ["mask-wrong-shape"]),
        ("act = act * D2", ["mask-wrong-shape"]),
    ],
)
def test_mask_of_the_other_layer_in_a_line(line: str, named: list[str]) -> None:
    computation = next(f.computation for f in loaded().functions if f.name == FORWARD)
    assert computation is not None and computation.stopped is not None

    assert [mistake.id for mistake in computation.stopped(MISFIT, line)] == named


def _mask_of_layer_1_handed_on_twice(X: Any, parameters: Any, keep_prob: float = 0.5) -> Any:
    A3, cache = reference().forward_propagation_with_dropout(X, parameters, keep_prob)
    return A3, (*cache[:6], cache[1], *cache[7:])


def test_mask_of_layer_1_in_the_place_of_layer_2() -> None:
    assert ids(FORWARD, _mask_of_layer_1_handed_on_twice) == ["wrong-shape"]


def _comparison_kept_as_D1(X: Any, parameters: Any, keep_prob: float = 0.5) -> Any:
    own = reference()
    A3, (Z1, D1, A1, W1, b1, *_) = own.forward_propagation_with_dropout(X, parameters, keep_prob)
    Z2 = parameters["W2"] @ A1 + parameters["b2"]
    random = np.random.RandomState(1)
    random.rand(*D1.shape)
    D2 = random.rand(*Z2.shape)
    A2 = own.relu(Z2) * D2 / keep_prob
    Z3 = parameters["W3"] @ A2 + parameters["b3"]
    A3 = own.sigmoid(Z3)
    last = parameters["W3"], parameters["b3"]
    kept = np.less(D2, keep_prob)
    cache = Z1, kept, A1, W1, b1, Z2, D2, A2, parameters["W2"], parameters["b2"]
    return A3, (*cache, Z3, A3, *last)


def test_prescribed_draws_after_a_D1_of_wrong_shape() -> None:
    assert "random-stream" not in ids(FORWARD, _comparison_kept_as_D1)


def _divided_by_the_mask(X: Any, Y: Any, cache: Any, keep_prob: float) -> Any:
    _, D1, A1, _, _, _, D2, A2, W2, _, _, A3, W3, _ = cache
    scales = 1 / (D1 * keep_prob) * D1, 1 / (D2 * keep_prob) * D2
    return reference()._backward(X, Y, (A1, A2, W2, A3, W3), scales)


def test_nan_in_dA_is_no_mistake_in_the_relu() -> None:
    assert "relu-derivative" not in ids(BACKWARD, _divided_by_the_mask)


TIMES_A2 = """def backward_propagation_with_dropout(X, Y, cache, keep_prob):
    dA2 = np.dot(W3.T, dZ3)
    dA2 = dA2 * A2
    dA2 = dA2 / keep_prob
    dZ2 = dA2 * (A2 > 0)
"""


def _times_A2(X: Any, Y: Any, cache: Any, keep_prob: float) -> Any:
    _, D1, A1, _, _, _, _, A2, W2, _, _, A3, W3, _ = cache
    return reference()._backward(X, Y, (A1, A2, W2, A3, W3), (D1 / keep_prob, A2 / keep_prob))


def test_line_with_another_array_for_the_mask() -> None:
    (diagnosis,) = diagnosed(function_run(BACKWARD, _times_A2, source=TIMES_A2))

    assert (diagnosis.id, diagnosis.line) == ("cache-order", 3)
