"""Right solutions of the assignment "Gradient Checking", and the network whose gradient is checked.

A gradient is compared with its centred difference, (J(theta + eps) - J(theta - eps)) / (2 eps), by the
relative difference ||grad - approx|| / (||grad|| + ||approx||). The network is LINEAR -> RELU ->
LINEAR -> RELU -> LINEAR -> SIGMOID, with X of shape (n_x, m) and Y of m zeros and ones. The file
imports nothing else of this project.

Source: functions and names are those of the notebook "Gradient Checking" of deeplearning.ai.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Parameters = dict[str, Array]
Gradients = dict[str, Array]

PARAMETERS = ("W1", "b1", "W2", "b2", "W3", "b3")
"""The order of the parameters in one vector."""


# ------------------------------------------------------------------ the graded functions


def forward_propagation(x: float, theta: float) -> float:
    """Return J = theta * x."""
    return theta * x


def backward_propagation(x: float, theta: float) -> float:
    """Return the derivative of J = theta * x with respect to theta, which is x."""
    return x


def gradient_check(x: float, theta: float, epsilon: float = 1e-7) -> float:
    """Return the relative difference between the derivative of J and its centred difference."""
    step = forward_propagation(x, theta + epsilon) - forward_propagation(x, theta - epsilon)
    return _difference(backward_propagation(x, theta), step / (2 * epsilon))


def gradient_check__by_distance(x: float, theta: float, epsilon: float = 1e-7) -> float:
    """Return the same, but divided by the rounded distance of the two points instead of 2 epsilon."""
    above, below = theta + epsilon, theta - epsilon
    step = forward_propagation(x, above) - forward_propagation(x, below)
    return _difference(backward_propagation(x, theta), step / (above - below))


def gradient_check_n(
    parameters: Parameters, gradients: Gradients, X: Array, Y: Array, epsilon: float = 1e-7
) -> float:
    """Return the relative difference between `gradients` and the centred differences of the cost.

    One parameter at a time is shifted. Gradients are named d and the parameter, with its shape.
    """
    approx = {name: np.empty(parameters[name].shape) for name in PARAMETERS}
    for name in PARAMETERS:
        for index in np.ndindex(approx[name].shape):
            costs = []
            for shift in (epsilon, -epsilon):
                shifted = {key: value.copy() for key, value in parameters.items()}
                shifted[name][index] += shift
                costs.append(forward_propagation_n(X, Y, shifted)[0])
            approx[name][index] = (costs[0] - costs[1]) / (2 * epsilon)
    flat = [np.concatenate([g[n].ravel() for n in PARAMETERS]) for g in (_undo(gradients), approx)]
    return _difference(*flat)


def _difference(grad: Any, approx: Any) -> float:
    return float(np.linalg.norm(grad - approx) / (np.linalg.norm(grad) + np.linalg.norm(approx)))


def _undo(gradients: Gradients) -> dict[str, Array]:
    return {name: gradients[f"d{name}"] for name in PARAMETERS}


# ------------------------------------------------------------------ the network


def forward_propagation_n(
    X: Array, Y: Array, parameters: Parameters
) -> tuple[float, tuple[Array, Array, Array]]:
    """Return the cross-entropy, and A1, A2 and A3 for the backward pass."""
    A1 = np.maximum(0, parameters["W1"] @ X + parameters["b1"])
    A2 = np.maximum(0, parameters["W2"] @ A1 + parameters["b2"])
    A3 = 1 / (1 + np.exp(-(parameters["W3"] @ A2 + parameters["b3"])))
    losses = -np.log(A3) * Y - np.log(1 - A3) * (1 - Y)
    return float(np.sum(losses)) / X.shape[1], (A1, A2, A3)


def cache_of(X: Array, Y: Array, parameters: Parameters) -> tuple[Array, ...]:
    """Return the cache (Z1, A1, W1, b1, ..., Z3, A3, W3, b3) of the notebook's forward pass."""
    A1, A2, A3 = forward_propagation_n(X, Y, parameters)[1]
    cache: list[Array] = []
    for layer, (before, A) in enumerate(((X, A1), (A1, A2), (A2, A3)), 1):
        W, b = parameters[f"W{layer}"], parameters[f"b{layer}"]
        cache += [W @ before + b, A, W, b]
    return tuple(cache)


def backward_propagation_n(X: Array, Y: Array, cache: tuple[Array, ...]) -> Gradients:
    """Return the gradients of the cross-entropy, without the two bugs of the notebook."""
    parameters = dict(
        zip(PARAMETERS, (a for i in (2, 6, 10) for a in cache[i : i + 2]), strict=True)
    )
    A1, A2, A3 = cache[1::4]
    dZ3 = (A3 - Y) / X.shape[1]
    dZ2 = parameters["W3"].T @ dZ3 * (A2 > 0)
    dZ1 = parameters["W2"].T @ dZ2 * (A1 > 0)
    gradients = {}
    for layer, dZ, before in ((3, dZ3, A2), (2, dZ2, A1), (1, dZ1, X)):
        gradients[f"dW{layer}"] = dZ @ before.T
        gradients[f"db{layer}"] = np.sum(dZ, axis=1, keepdims=True)
    return gradients


def backward_propagation_n__planted(X: Array, Y: Array, cache: tuple[Array, ...]) -> Gradients:
    """Return the gradients as the notebook computes them: dW2 doubled, db1 four times as large."""
    gradients = backward_propagation_n(X, Y, cache)
    return {**gradients, "dW2": 2 * gradients["dW2"], "db1": 4 * gradients["db1"]}


def backward_propagation_n__dW2(X: Array, Y: Array, cache: tuple[Array, ...]) -> Gradients:
    """Return the gradients with the bug of dW2 only."""
    gradients = backward_propagation_n(X, Y, cache)
    return {**gradients, "dW2": 2 * gradients["dW2"]}


def backward_propagation_n__db1(X: Array, Y: Array, cache: tuple[Array, ...]) -> Gradients:
    """Return the gradients with the bug of db1 only."""
    gradients = backward_propagation_n(X, Y, cache)
    return {**gradients, "db1": 4 * gradients["db1"]}
