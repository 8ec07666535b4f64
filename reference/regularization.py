"""Right solutions of the assignment "Regularization", and the training that uses them.

A three-layer network, LINEAR -> RELU -> LINEAR -> RELU -> LINEAR -> SIGMOID, for two classes.
Examples are columns: X is (n_x, m), Y is (n_y, m) of zeros and ones. `parameters` is a dictionary of
W1, b1, W2, b2, W3, b3 with W_l of shape (n_l, n_(l-1)) and b_l of shape (n_l, 1). Z_l, A_l and the
mask D_l are (n_l, m). The file imports nothing else of this project.

Sources: functions, names and seeds are those of the notebook "Regularization" of deeplearning.ai. L2
penalty as weight decay: Krogh and Hertz, NIPS 1991. Dropout: Srivastava et al., JMLR 15 (2014), in
its "inverted" form (section 10), where the units that stay are scaled up while training.
"""

from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Parameters = dict[str, Array]
Gradients = dict[str, Array]
Cache = tuple[Array, ...]
Dataset = tuple[Array, Array, Array, Array]

HIDDEN_UNITS = (20, 3)
LEARNING_RATE = 0.3
"""Those of the course's notebook: units of the two hidden layers, and the step of the descent."""


# ------------------------------------------------------------------ the graded functions


def compute_cost_with_regularization(
    A3: Array, Y: Array, parameters: Parameters, lambd: float
) -> float:
    """Return the cross-entropy plus the L2 penalty, lambd / (2 m) * sum of all squared weights.

    A3 and Y are (n_y, m). Biases are not penalised. Raises KeyError if a weight matrix is missing.
    """
    squares = sum(float(np.sum(np.square(parameters[name]))) for name in ("W1", "W2", "W3"))
    penalty: float = lambd / (2 * Y.shape[1]) * squares
    return compute_cost(A3, Y) + penalty


def backward_propagation_with_regularization(
    X: Array, Y: Array, cache: Cache, lambd: float
) -> Gradients:
    """Return the gradients of the cost with L2 penalty: each dW_l gains lambd / m * W_l.

    `cache` is that of `forward_propagation`. Every gradient has the shape of its parameter or array.
    """
    _, _, W1, _, _, _, W2, _, _, _, W3, _ = cache
    gradients = backward_propagation(X, Y, cache)
    for name, weights in (("dW1", W1), ("dW2", W2), ("dW3", W3)):
        gradients[name] = gradients[name] + lambd / X.shape[1] * weights
    return gradients


def forward_propagation_with_dropout(
    X: Array, parameters: Parameters, keep_prob: float = 0.5
) -> tuple[Array, Cache]:
    """Return A3 (n_y, m) and the cache of a pass in which hidden units are dropped.

    D_l = rand(A_l.shape) < keep_prob and A_l becomes A_l * D_l / keep_prob, for layers 1 and 2; the
    division keeps the expected activation (inverted dropout, Srivastava et al. 2014). Prescribed is
    the stream of `np.random.seed(1)`, D1 before D2 (here without changing the global generator).
    """
    random = np.random.RandomState(1)
    W1, b1, W2, b2, W3, b3 = _unpack(parameters)
    Z1 = W1 @ X + b1
    D1 = random.rand(*Z1.shape) < keep_prob
    A1 = relu(Z1) * D1 / keep_prob
    Z2 = W2 @ A1 + b2
    D2 = random.rand(*Z2.shape) < keep_prob
    A2 = relu(Z2) * D2 / keep_prob
    Z3 = W3 @ A2 + b3
    A3 = sigmoid(Z3)
    return A3, (Z1, D1, A1, W1, b1, Z2, D2, A2, W2, b2, Z3, A3, W3, b3)


def backward_propagation_with_dropout(
    X: Array, Y: Array, cache: Cache, keep_prob: float
) -> Gradients:
    """Return the gradients of a pass with dropout: dA_l becomes dA_l * D_l / keep_prob.

    The masks are those of the forward pass, taken from its cache, and are applied before dZ_l.
    """
    _, D1, A1, _, _, _, D2, A2, W2, _, _, A3, W3, _ = cache
    return _backward(X, Y, (A1, A2, W2, A3, W3), (D1 / keep_prob, D2 / keep_prob))


# ------------------------------------------------------------------ the network


def sigmoid(x: Array) -> Array:
    """Return 1 / (1 + exp(-x)), elementwise; far below zero exp overflows and 0 is right."""
    with np.errstate(over="ignore"):
        result: Array = 1 / (1 + np.exp(-x))
    return result


def relu(x: Array) -> Array:
    """Return max(0, x), elementwise.

    >>> relu(np.array([-2.0, 3.0])).tolist()
    [0.0, 3.0]
    """
    result: Array = np.maximum(0, x)
    return result


def initialize_parameters(layer_dims: tuple[int, ...]) -> Parameters:
    """Return normal weights over sqrt(fan-in) and zero biases, from the stream of seed 3.

    `layer_dims` are (n_x, n_1, ..., n_y). The scale and the seed are those of the course.
    """
    random = np.random.RandomState(3)
    parameters = {}
    for layer, (fan_in, units) in enumerate(pairwise(layer_dims), 1):
        parameters[f"W{layer}"] = random.randn(units, fan_in) / np.sqrt(fan_in)
        parameters[f"b{layer}"] = np.zeros((units, 1))
    return parameters


def forward_propagation(X: Array, parameters: Parameters) -> tuple[Array, Cache]:
    """Return A3 (n_y, m) and the cache Z1, A1, W1, b1, Z2, A2, W2, b2, Z3, A3, W3, b3.

    Z_l = W_l A_(l-1) + b_l with A_0 = X; A_l is the ReLU of Z_l, A3 the sigmoid of Z3.
    """
    W1, b1, W2, b2, W3, b3 = _unpack(parameters)
    Z1 = W1 @ X + b1
    A1 = relu(Z1)
    Z2 = W2 @ A1 + b2
    A2 = relu(Z2)
    Z3 = W3 @ A2 + b3
    A3 = sigmoid(Z3)
    return A3, (Z1, A1, W1, b1, Z2, A2, W2, b2, Z3, A3, W3, b3)


def backward_propagation(X: Array, Y: Array, cache: Cache) -> Gradients:
    """Return the gradients of the cross-entropy, in the order in which they are computed.

    dZ3 = A3 - Y; dW_l = dZ_l A_(l-1)^T / m; db_l = sum of dZ_l over examples / m;
    dA_l = W_(l+1)^T dZ_(l+1); dZ_l = dA_l where A_l > 0, else 0.
    """
    _, A1, _, _, _, A2, W2, _, _, A3, W3, _ = cache
    return _backward(X, Y, (A1, A2, W2, A3, W3), (np.ones(()), np.ones(())))


def compute_cost(A3: Array, Y: Array) -> float:
    """Return the cross-entropy, -1 / m * sum of Y log A3 + (1 - Y) log(1 - A3), as a float.

    Where A3 has reached 0 or 1 exactly, 0 * inf is no number; `nansum` leaves those terms out.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        terms = -np.log(A3) * Y + -np.log(1 - A3) * (1 - Y)
    return float(1 / Y.shape[1] * np.nansum(terms))


def update_parameters(parameters: Parameters, grads: Gradients, learning_rate: float) -> Parameters:
    """Return new parameters after one step of gradient descent: W - learning_rate * dW."""
    return {name: value - learning_rate * grads[f"d{name}"] for name, value in parameters.items()}


def predict(X: Array, y: Array, parameters: Parameters) -> Array:
    """Return the predicted classes (n_y, m), 1 where A3 > 0.5, and print how many agree with y."""
    labels: Array = (forward_propagation(X, parameters)[0] > 0.5).astype(int)
    print(f"Accuracy: {accuracy(labels, y)}")
    return labels


def accuracy(labels: Array, y: Array) -> float:
    """Return the share of `labels` that equal `y`, from 0 to 1; both are (n_y, m).

    >>> accuracy(np.array([[1, 0, 1, 1]]), np.array([[1, 0, 0, 1]]))
    0.75
    """
    return float(np.mean(labels == y))


def _unpack(parameters: Parameters) -> tuple[Array, Array, Array, Array, Array, Array]:
    W1, b1, W2, b2, W3, b3 = (parameters[name] for name in ("W1", "b1", "W2", "b2", "W3", "b3"))
    return W1, b1, W2, b2, W3, b3


def _backward(X: Array, Y: Array, needed: Cache, scales: tuple[Array, Array]) -> Gradients:
    """Return the gradients from some arrays of a cache, with dA1 and dA2 multiplied by `scales`."""
    A1, A2, W2, A3, W3 = needed
    dZ3 = A3 - Y
    dA2 = W3.T @ dZ3 * scales[1]
    dZ2 = dA2 * (A2 > 0)
    dA1 = W2.T @ dZ2 * scales[0]
    dZ1 = dA1 * (A1 > 0)
    return {
        **_linear_gradients(3, dZ3, A2),
        "dA2": dA2,
        **_linear_gradients(2, dZ2, A1),
        "dA1": dA1,
        **_linear_gradients(1, dZ1, X),
    }


def _linear_gradients(layer: int, dZ: Array, A_previous: Array) -> Gradients:
    m = dZ.shape[1]
    return {
        f"dZ{layer}": dZ,
        f"dW{layer}": dZ @ A_previous.T / m,
        f"db{layer}": np.sum(dZ, axis=1, keepdims=True) / m,
    }


# ------------------------------------------------------------------ the whole training


def train(
    X: Array, Y: Array, lambd: float = 0, keep_prob: float = 1, num_iterations: int = 30000
) -> tuple[Parameters, Array]:
    """Return the trained parameters and the cost before every step, (num_iterations,).

    X is (n_x, m), Y is (n_y, m). Full-batch gradient descent at `LEARNING_RATE`. With dropout the cost
    is that of the thinned network, and as the masks start from the same seed at every step, it is the
    same network.
    """
    parameters = initialize_parameters((X.shape[0], *HIDDEN_UNITS, Y.shape[0]))
    costs = np.empty(num_iterations)
    for step in range(num_iterations):
        costs[step], grads = _cost_and_gradients(X, Y, parameters, lambd, keep_prob)
        parameters = update_parameters(parameters, grads, LEARNING_RATE)
    return parameters, costs


def _cost_and_gradients(
    X: Array, Y: Array, parameters: Parameters, lambd: float, keep_prob: float
) -> tuple[float, Gradients]:
    """Return cost and gradients with L2 if lambd is not 0, with dropout if keep_prob is below 1."""
    if keep_prob < 1:
        A3, cache = forward_propagation_with_dropout(X, parameters, keep_prob)
        return compute_cost(A3, Y), backward_propagation_with_dropout(X, Y, cache, keep_prob)
    A3, cache = forward_propagation(X, parameters)
    cost = compute_cost_with_regularization(A3, Y, parameters, lambd)
    return cost, backward_propagation_with_regularization(X, Y, cache, lambd)


def load_dataset(path: str | Path) -> Dataset:
    """Return train X (2, m), train Y (1, m), test X and test Y of a data.mat (X, y, Xval, yval).

    Needs SciPy. Labels keep the unsigned bytes of the file: A3 - Y is float all the same. Raises
    OSError if the file cannot be read, KeyError if an array is missing.
    """
    from scipy.io import loadmat

    data = loadmat(str(path))
    train_X, train_Y, test_X, test_Y = (data[name].T for name in ("X", "y", "Xval", "yval"))
    return train_X, train_Y, test_X, test_Y
