"""Wrong answers as others would write them: not put together from the parts that the hints go with."""

from __future__ import annotations

from typing import Any

import numpy as np

from tests.support.diagnosing import BACKWARD, COST, FORWARD, L2, reference

CORRECT = reference()


def _entropy(A3: Any, Y: Any) -> float:
    return float(CORRECT.compute_cost(A3, Y))


def quarter(A3: Any, Y: Any, parameters: Any, lambd: float) -> Any:
    squares = sum(np.linalg.norm(parameters[w]) ** 2 for w in ("W1", "W2", "W3"))
    return _entropy(A3, Y) + 0.5 * 0.5 * lambd / Y.shape[1] * squares


def every_second_weight_matrix_as_array(A3: Any, Y: Any, parameters: Any, lambd: float) -> Any:
    total = 0
    for number in range(1, 3):
        total += np.einsum("ij,ij", *[parameters[f"W{number}"]] * 2)
    return np.array(_entropy(A3, Y) + lambd / 2 / Y.shape[1] * total)


def all_parameters_and_no_half(A3: Any, Y: Any, parameters: Any, lambd: float) -> Any:
    return _entropy(A3, Y) + lambd * sum((p**2).sum() for p in parameters.values()) / len(Y.T)


def absolute_and_negative(A3: Any, Y: Any, parameters: Any, lambd: float) -> Any:
    penalty = (
        sum(np.abs(parameters[w]).sum() for w in ("W1", "W2", "W3")) * lambd / (2 * Y.shape[1])
    )
    return _entropy(A3, Y) - penalty


def m_of_two_hundred(A3: Any, Y: Any, parameters: Any, lambd: float) -> Any:
    return _entropy(A3, Y) + lambd / 422 * sum(
        np.sum(parameters[w] ** 2) for w in ("W1", "W2", "W3")
    )


def strength_of_the_training(A3: Any, Y: Any, parameters: Any, lambd: float) -> Any:
    squares = sum(np.sum(parameters[w] ** 2) for w in ("W1", "W2", "W3"))
    return _entropy(A3, Y) + 0.7 / (2 * Y.shape[1]) * squares


def norm_of_all(A3: Any, Y: Any, parameters: Any, lambd: float) -> Any:
    flat = np.concatenate([parameters[w].ravel() for w in ("W1", "W2", "W3")])
    return _entropy(A3, Y) + lambd / (2 * Y.shape[1]) * np.linalg.norm(flat)


def entropy_by_the_wrong_m(A3: Any, Y: Any, parameters: Any, lambd: float) -> Any:
    m = parameters["W1"].shape[1]
    terms = np.sum(-Y * np.log(A3) - (1 - Y) * np.log(1 - A3))
    return (terms + lambd / 2 * sum(np.sum(parameters[w] ** 2) for w in ("W1", "W2", "W3"))) / m


def brackets(A3: Any, Y: Any, parameters: Any, lambd: float) -> Any:
    item, two, three = (np.sum(parameters[w] ** 2) for w in ("W1", "W2", "W3"))
    return _entropy(A3, Y) + lambd / (2 * Y.shape[1]) * (item + two) + three


def _with_l2(X: Any, Y: Any, cache: Any, terms: dict[str, Any]) -> Any:
    gradients = dict(CORRECT.backward_propagation(X, Y, cache))
    for name, term in terms.items():
        gradients[name] = gradients[name] + term
    return gradients


def only_the_first_two_layers_and_twice(X: Any, Y: Any, cache: Any, lambd: float) -> Any:
    return _with_l2(
        X,
        Y,
        cache,
        {"dW1": lambd * 2 / X.shape[1] * cache[2], "dW2": 2 * lambd * cache[6] / len(X.T)},
    )


def l2_of_a_fixed_class(X: Any, Y: Any, cache: Any, lambd: float) -> Any:
    terms = {f"dW{i}": lambd / 211 * cache[4 * i - 2] for i in (1, 2, 3)}
    return _with_l2(X, Y, cache, terms)


def cost_term_added(X: Any, Y: Any, cache: Any, lambd: float) -> Any:
    terms = {
        f"dW{i}": lambd / (2 * X.shape[1]) * np.sum(np.square(cache[4 * i - 2])) for i in (1, 2, 3)
    }
    return _with_l2(X, Y, cache, terms)


def leaky(X: Any, Y: Any, cache: Any, lambd: float) -> Any:
    _, A1, W1, _, _, A2, W2, _, _, A3, W3, _ = cache
    m, dZ3 = X.shape[1], A3 - Y
    dA2 = W3.T @ dZ3
    dZ2 = np.where(A2 > 0, dA2, 0)
    dA1 = W2.T @ dZ2
    dZ1 = np.where(dA1 > 0, dA1, 0)
    changed = {"dZ3": dZ3, "dA2": dA2, "dZ2": dZ2, "dA1": dA1, "dZ1": dZ1}
    for i, dZ, A, W in ((3, dZ3, A2, W3), (2, dZ2, A1, W2), (1, dZ1, X, W1)):
        changed |= {
            f"dW{i}": dZ @ A.T / m + lambd / m * W,
            f"db{i}": dZ.mean(axis=1, keepdims=True),
        }
    return changed


def _forward(X: Any, parameters: Any, layer: Any) -> Any:
    W1, b1, W2, b2, W3, b3 = (parameters[k] for k in ("W1", "b1", "W2", "b2", "W3", "b3"))
    Z1 = W1 @ X + b1
    D1, A1 = layer(np.maximum(Z1, 0))
    Z2 = W2 @ A1 + b2
    D2, A2 = layer(np.maximum(Z2, 0))
    Z3 = W3 @ A2 + b3
    A3 = 1 / (1 + np.exp(-Z3))
    return A3, (Z1, D1, A1, W1, b1, Z2, D2, A2, W2, b2, Z3, A3, W3, b3)


def binomial(X: Any, parameters: Any, keep_prob: float) -> Any:
    random = np.random.default_rng(9)

    def layer(A: Any) -> Any:
        D = random.binomial(1, keep_prob, A.shape)
        return D, A * D / keep_prob

    return _forward(X, parameters, layer)


def normal_of_another_generator(X: Any, parameters: Any, keep_prob: float) -> Any:
    random = np.random.default_rng(9)

    def layer(A: Any) -> Any:
        D = random.standard_normal(A.shape) < keep_prob
        return D, A * D / keep_prob

    return _forward(X, parameters, layer)


def drop_probability_mixed_up(X: Any, parameters: Any, keep_prob: float) -> Any:
    np.random.seed(1)

    def layer(A: Any) -> Any:
        D = keep_prob + np.random.rand(*A.shape) < 1
        return D, A * D / keep_prob

    return _forward(X, parameters, layer)


def dropped_before_the_mask_is_made(X: Any, parameters: Any, keep_prob: float) -> Any:
    np.random.seed(1)

    def layer(A: Any) -> Any:
        D = np.random.rand(*A.shape)
        A = A * (keep_prob > D) / keep_prob
        return D, A

    return _forward(X, parameters, layer)


def rows_drawn_once(X: Any, parameters: Any, keep_prob: float) -> Any:
    np.random.seed(1)

    def layer(A: Any) -> Any:
        D = np.tile(np.random.rand(A.shape[0], 1) < keep_prob, (1, A.shape[1]))
        return D, A * D / keep_prob

    return _forward(X, parameters, layer)


def _backward(X: Any, Y: Any, cache: Any, drop: Any) -> Any:
    _, D1, A1, _, _, _, D2, A2, W2, _, _, A3, W3, _ = cache
    m, dZ3 = X.shape[1], A3 - Y
    dA2 = drop(W3.T @ dZ3, D2, A2)
    dZ2 = dA2 * (A2 > 0)
    dA1 = drop(W2.T @ dZ2, D1, A1)
    dZ1 = dA1 * (A1 > 0)
    changed = {"dZ3": dZ3, "dA2": dA2, "dZ2": dZ2, "dA1": dA1, "dZ1": dZ1}
    for i, dZ, A in ((3, dZ3, A2), (2, dZ2, A1), (1, dZ1, X)):
        changed |= {f"dW{i}": dZ @ A.T / m, f"db{i}": dZ.sum(axis=1, keepdims=True) / m}
    return changed


def untouched_gradients(X: Any, Y: Any, cache: Any, keep_prob: float) -> Any:
    return _backward(X, Y, cache, lambda dA, D, A: dA)


def scaled_twice(X: Any, Y: Any, cache: Any, keep_prob: float) -> Any:
    return _backward(X, Y, cache, lambda dA, D, A: dA * D / keep_prob / keep_prob)


def shrunk_and_unmasked(X: Any, Y: Any, cache: Any, keep_prob: float) -> Any:
    return _backward(X, Y, cache, lambda dA, D, A: dA * keep_prob)


def masked_by_activations(X: Any, Y: Any, cache: Any, keep_prob: float) -> Any:
    return _backward(X, Y, cache, lambda dA, D, A: dA * A / keep_prob)


STYLES: tuple[tuple[str, str, Any], ...] = (
    (COST, "l2-wrong-factor", quarter),
    (COST, "l2-layer-missing", every_second_weight_matrix_as_array),
    (COST, "l2-not-halved l2-on-biases", all_parameters_and_no_half),
    (COST, "l2-subtracted l1-instead-of-l2", absolute_and_negative),
    (COST, "m-hard-coded", m_of_two_hundred),
    (COST, "lambda-hard-coded", strength_of_the_training),
    (COST, "l2-not-squared", norm_of_all),
    (COST, "m-wrong-axis", entropy_by_the_wrong_m),
    (COST, "l2-factor-misplaced", brackets),
    (L2, "grad-l2-layer-missing grad-l2-doubled", only_the_first_two_layers_and_twice),
    (L2, "m-hard-coded", l2_of_a_fixed_class),
    (L2, "grad-l2-not-derived", cost_term_added),
    (L2, "relu-derivative", leaky),
    (FORWARD, "random-stream", binomial),
    (FORWARD, "mask-normal random-stream", normal_of_another_generator),
    (FORWARD, "mask-inverted", drop_probability_mixed_up),
    (FORWARD, "mask-raw", dropped_before_the_mask_is_made),
    (FORWARD, "mask-shared-by-examples", rows_drawn_once),
    (BACKWARD, "backward-mask-missing backward-rescale-missing", untouched_gradients),
    (BACKWARD, "backward-rescale-wrong", scaled_twice),
    (BACKWARD, "backward-mask-missing backward-rescale-multiplied", shrunk_and_unmasked),
    (BACKWARD, "cache-order", masked_by_activations),
)
