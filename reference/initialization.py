"""Right solutions of the assignment "Initialization", and the training that uses them.

`layers_dims` is the list (n_0, n_1, ..., n_L) of the numbers of units, beginning with the input. The
functions return a dictionary of W_l with shape (n_l, n_(l-1)) and b_l with shape (n_l, 1). The network
is LINEAR -> RELU -> LINEAR -> RELU -> LINEAR -> SIGMOID. The file imports nothing else of this project.

Sources: functions, names and seeds are those of the notebook "Initialization" of deeplearning.ai. The
scale sqrt(2 / n_(l-1)): He et al., ICCV 2015, equation 10. The data: two noisy circles as drawn by
`make_circles` of scikit-learn.
"""

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Parameters = dict[str, Array]
Dataset = tuple[Array, Array, Array, Array]

HIDDEN_UNITS = (10, 5)
LEARNING_RATE = 0.01
"""Those of the course's notebook: units of the two hidden layers, and the step of the descent."""


# ------------------------------------------------------------------ the graded functions


def initialize_parameters_zeros(layers_dims: Sequence[int]) -> Parameters:
    """Return weights and biases of zeros."""
    return _parameters(layers_dims, lambda units, fan_in: np.zeros((units, fan_in)))


def initialize_parameters_random(layers_dims: Sequence[int]) -> Parameters:
    """Return standard normal weights times 10, from the stream of seed 3 in the order of layers.

    The biases are zeros and take no numbers of the stream.
    """
    random = np.random.RandomState(3)
    return _parameters(layers_dims, lambda units, fan_in: random.randn(units, fan_in) * 10)


def initialize_parameters_he(layers_dims: Sequence[int]) -> Parameters:
    """Return standard normal weights times sqrt(2 / n_(l-1)), from the stream of seed 3; zero biases."""
    random = np.random.RandomState(3)
    return _parameters(
        layers_dims, lambda units, fan_in: random.randn(units, fan_in) * np.sqrt(2 / fan_in)
    )


def _parameters(layers_dims: Sequence[int], weights: Callable[[int, int], Array]) -> Parameters:
    parameters = {}
    for layer, (fan_in, units) in enumerate(pairwise(layers_dims), 1):
        parameters[f"W{layer}"] = weights(units, fan_in)
        parameters[f"b{layer}"] = np.zeros((units, 1))
    return parameters


# ------------------------------------------------------------------ the network and its training


def forward_propagation(X: Array, parameters: Parameters) -> tuple[Array, tuple[Array, ...]]:
    """Return A3 (1, m), and A1 and A2 for the backward pass. X is (2, m)."""
    with np.errstate(over="ignore"):
        A1 = np.maximum(0, parameters["W1"] @ X + parameters["b1"])
        A2 = np.maximum(0, parameters["W2"] @ A1 + parameters["b2"])
        A3 = 1 / (1 + np.exp(-(parameters["W3"] @ A2 + parameters["b3"])))
    return A3, (A1, A2)


def train(
    X: Array, Y: Array, initialization: str = "he", num_iterations: int = 15000
) -> tuple[Parameters, Array]:
    """Return the trained parameters and the cost before every step, (num_iterations,).

    X is (2, m), Y is (1, m). Full-batch gradient descent at `LEARNING_RATE`. Terms of the cost that
    are 0 * inf are left out, as in the course; log(0) makes it infinite.
    """
    initialize = globals()[f"initialize_parameters_{initialization}"]
    parameters = initialize((X.shape[0], *HIDDEN_UNITS, Y.shape[0]))
    costs = np.empty(num_iterations)
    for step in range(num_iterations):
        A3, (A1, A2) = forward_propagation(X, parameters)
        terms = -np.log(A3) * Y + -np.log(1 - A3) * (1 - Y)
        costs[step] = np.nansum(terms) / Y.shape[1]
        dZ3 = 1 / Y.shape[1] * (A3 - Y)
        dZ2 = parameters["W3"].T @ dZ3 * (A2 > 0)
        dZ1 = parameters["W2"].T @ dZ2 * (A1 > 0)
        for layer, dZ, before in ((3, dZ3, A2), (2, dZ2, A1), (1, dZ1, X)):
            parameters[f"W{layer}"] = parameters[f"W{layer}"] - LEARNING_RATE * (dZ @ before.T)
            db = np.sum(dZ, axis=1, keepdims=True)
            parameters[f"b{layer}"] = parameters[f"b{layer}"] - LEARNING_RATE * db
    return parameters, costs


def load_dataset() -> Dataset:
    """Return train X (2, 300), train Y (1, 300), test X (2, 100) and test Y (1, 100)."""
    return (*_circles(300, 1), *_circles(100, 2))


def _circles(m: int, seed: int) -> tuple[Array, Array]:
    """Return points on two noisy circles of radius 1 (class 0) and 0.8 (class 1), and their classes.

    They are those of `make_circles(m, noise=0.05)` after `np.random.seed(seed)`: a shuffle, then one
    normal draw for all coordinates.
    """
    random = np.random.RandomState(seed)
    angles = np.linspace(0, 2 * np.pi, m // 2, endpoint=False)
    circle = np.array([np.cos(angles), np.sin(angles)])
    order = np.arange(m)
    random.shuffle(order)
    points = np.hstack([circle, 0.8 * circle])[:, order]
    classes = np.repeat([0, 1], m // 2)[order]
    return points + random.normal(scale=0.05, size=(m, 2)).T, classes.reshape(1, m)
