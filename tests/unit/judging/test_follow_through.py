"""A mistake costs the points of the quantity in which it is made; handed-out lines earn nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tests.support.diagnosing import BACKWARD, COST, FORWARD, L2, graded, points, reference, wrong

CORRECT = reference()
Change = Callable[[dict[str, Any], Any], None]


def test_following_gradients_lose_no_points() -> None:
    example, layer_3, layer_2, layer_1 = graded(L2, wrong(L2, "output_error"))

    assert [check.score for check in (example, layer_3, layer_2, layer_1)] == [0, 0, 7, 7]
    assert layer_1.message == (
        "This check passes: dA1, dZ1, dW1, db1 follow correctly from your own earlier values."
    )
    assert layer_1.findings == ()


def test_failed_check_names_following_quantities() -> None:
    *_, layer_1 = graded(L2, wrong(L2, "output_error", "grad_l2_layer_missing__w1"))

    assert layer_1.score == 0
    assert layer_1.message.endswith(
        "Of these, dA1, dZ1, db1 follow correctly from your own earlier values."
    )


def test_mistake_in_both_layers_costs_both() -> None:
    assert points(L2, wrong(L2, "relu_derivative")) == 6
    assert points(BACKWARD, wrong(BACKWARD, "backward_mask_missing")) == 0


def of_layer_2(*arguments: Any) -> Any:
    return _backward(*arguments, scales=(lambda D, keep: D / keep, lambda D, keep: 1.0))


def of_layer_1(*arguments: Any) -> Any:
    return _backward(*arguments, scales=(lambda D, keep: 1.0, lambda D, keep: D / keep))


def _backward(X: Any, Y: Any, cache: Any, keep_prob: float, *, scales: Any) -> Any:
    _, D1, A1, _, _, _, D2, A2, W2, _, _, A3, W3, _ = cache
    needed = (A1, A2, W2, A3, W3)
    factors = (scales[1](D1, keep_prob) * np.ones(D1.shape), scales[0](D2, keep_prob))
    return CORRECT._backward(X, Y, needed, (factors[0], factors[1] * np.ones(D2.shape)))


def test_half_an_answer_earns_its_half() -> None:
    assert points(BACKWARD, of_layer_2) == 10
    assert points(BACKWARD, of_layer_1) == 10


# ------------------------------------------------------------------ nothing for nothing


def zeros(answer: Callable[..., Any]) -> Callable[..., Any]:
    """Return an answer in which every array is zero."""
    return lambda *arguments: {k: np.zeros_like(v) for k, v in answer(*arguments).items()}


def template(X: Any, Y: Any, cache: Any, lambd: float) -> Any:
    return CORRECT.backward_propagation(X, Y, cache)


def spoilt_template(X: Any, Y: Any, cache: Any, lambd: float) -> Any:
    """Do all that was handed out right, from an error of the wrong sign, and add no L2 term."""
    *before, A3, W3, b3 = cache
    return CORRECT.backward_propagation(X, Y, (*before, 2 * Y - A3, W3, b3))


def enlarged_template(X: Any, Y: Any, cache: Any, lambd: float) -> Any:
    """Start from an error so large that the L2 term, which is left out, is below its rounding."""
    *before, A3, W3, b3 = cache
    return CORRECT.backward_propagation(X, Y, (*before, 1e12 * (A3 - Y) + Y, W3, b3))


def spoilt_dropout_template(X: Any, Y: Any, cache: Any, keep_prob: float) -> Any:
    *before, A3, W3, b3 = cache
    flipped = (*before, 2 * Y - A3, W3, b3)
    return _backward(X, Y, flipped, keep_prob, scales=(lambda D, k: 1.0, lambda D, k: 1.0))


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        (L2, zeros(CORRECT.backward_propagation_with_regularization)),
        (BACKWARD, zeros(CORRECT.backward_propagation_with_dropout)),
        (L2, template),
        (L2, spoilt_template),
        (L2, enlarged_template),
        (BACKWARD, spoilt_dropout_template),
    ],
)
def test_zeros_and_handed_out_lines_earn_nothing(name: str, answer: Callable[..., Any]) -> None:
    assert points(name, answer) == 0


def test_missing_case_prevents_follow_through() -> None:
    right = wrong(L2, "output_error")

    def gradients(X: Any, *rest: Any) -> Any:
        return None if X.shape[1] == 1 else right(X, *rest)

    assert points(L2, gradients) == 0


@pytest.mark.parametrize(
    ("name", "mistake", "expected"),
    [
        (COST, "l2_not_halved", 0),
        (COST, "l2_layer_missing", 0),
        (FORWARD, "rescale_missing__first_layer", 0),
        (FORWARD, "rescale_missing__second_layer", 7),
        (L2, "grad_l2_layer_missing", 14),
        (L2, "m_hard_coded", 5),
        (BACKWARD, "keep_prob_hard_coded", 5),
    ],
)
def test_other_checks_need_right_values(name: str, mistake: str, expected: float) -> None:
    assert points(name, wrong(name, mistake)) == expected
