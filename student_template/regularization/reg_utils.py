"""Helper functions for the notebook: the network, one training step, the data and the plots.

Each example is a column: X has the shape (n_x, m) and Y has the shape (n_y, m). Matplotlib and SciPy
are imported only in the functions that need them.
"""

from pathlib import Path

import numpy as np


def sigmoid(x):
    """Return 1 / (1 + exp(-x)), elementwise, for a number or an array."""
    return 1 / (1 + np.exp(-x))


def relu(x):
    """Return x where x is positive, and 0 elsewhere."""
    return np.maximum(0, x)


def initialize_parameters(layer_dims):
    """Return the initial weights and biases. They are the same in every run.

    `layer_dims` is the number of units of each layer, beginning with the input. W1 has the shape
    (layer_dims[1], layer_dims[0]), and so on. The weights are normally distributed random numbers,
    divided by the square root of the number of inputs. The biases are 0.
    """
    np.random.seed(3)
    parameters = {}
    for layer in range(1, len(layer_dims)):
        units, fan_in = layer_dims[layer], layer_dims[layer - 1]
        parameters[f"W{layer}"] = np.random.randn(units, fan_in) / np.sqrt(fan_in)
        parameters[f"b{layer}"] = np.zeros((units, 1))
    return parameters


def forward_propagation(X, parameters):
    """Return the output A3 of the network, and the cache for the backward pass.

    The cache is (Z1, A1, W1, b1, Z2, A2, W2, b2, Z3, A3, W3, b3).
    """
    W1, b1 = parameters["W1"], parameters["b1"]
    W2, b2 = parameters["W2"], parameters["b2"]
    W3, b3 = parameters["W3"], parameters["b3"]

    Z1 = np.dot(W1, X) + b1
    A1 = relu(Z1)
    Z2 = np.dot(W2, A1) + b2
    A2 = relu(Z2)
    Z3 = np.dot(W3, A2) + b3
    A3 = sigmoid(Z3)

    return A3, (Z1, A1, W1, b1, Z2, A2, W2, b2, Z3, A3, W3, b3)


def backward_propagation(X, Y, cache):
    """Return the gradients of the cross-entropy: dZ3, dW3, db3, dA2, dZ2, … as a dictionary."""
    m = X.shape[1]
    _, A1, _, _, _, A2, W2, _, _, A3, W3, _ = cache

    dZ3 = A3 - Y
    dA2 = np.dot(W3.T, dZ3)
    dZ2 = dA2 * (A2 > 0)
    dA1 = np.dot(W2.T, dZ2)
    dZ1 = dA1 * (A1 > 0)

    gradients = {"dZ3": dZ3, "dA2": dA2, "dZ2": dZ2, "dA1": dA1, "dZ1": dZ1}
    for layer, dZ, before in ((3, dZ3, A2), (2, dZ2, A1), (1, dZ1, X)):
        gradients[f"dW{layer}"] = np.dot(dZ, before.T) / m
        gradients[f"db{layer}"] = np.sum(dZ, axis=1, keepdims=True) / m
    return gradients


def update_parameters(parameters, grads, learning_rate):
    """Do one step of gradient descent. This changes `parameters` and returns it."""
    for name in parameters:
        parameters[name] = parameters[name] - learning_rate * grads["d" + name]
    return parameters


def compute_cost(A3, Y):
    """Return the cross-entropy of the predictions A3, averaged over the examples.

    If A3 is exactly 0 or 1, a term can be 0 * infinity. Such terms are ignored.
    """
    m = Y.shape[1]
    with np.errstate(divide="ignore", invalid="ignore"):
        terms = -np.log(A3) * Y - np.log(1 - A3) * (1 - Y)
    return np.nansum(terms) / m


def predict(X, y, parameters):
    """Return the predicted class (0 or 1) of each example, and print the accuracy."""
    predictions = predict_dec(parameters, X).astype(int)
    print(f"Accuracy: {np.mean(predictions == y):.4f}")
    return predictions


def predict_dec(parameters, X):
    """Return True for each example with predicted class 1."""
    A3, _ = forward_propagation(X, parameters)
    return A3 > 0.5


def load_2D_dataset():
    """Return train_X, train_Y, test_X, test_Y from datasets/data.mat and plot the training set."""
    import matplotlib.pyplot as plt
    from scipy.io import loadmat

    data = loadmat(str(_dataset_path()))
    train_X, train_Y, test_X, test_Y = (data[name].T for name in ("X", "y", "Xval", "yval"))
    plt.scatter(train_X[0], train_X[1], c=np.ravel(train_Y), s=40, cmap=plt.cm.Spectral)
    return train_X, train_Y, test_X, test_Y


def plot_decision_boundary(model, X, y):
    """Colour the plane by predicted class, and draw the examples.

    `model` is a function. Its argument has one point in each row, shape (number of points, 2), and it
    returns one class for each point.
    """
    import matplotlib.pyplot as plt

    low, high = X.min(axis=1) - 0.1, X.max(axis=1) + 0.1
    across, up = np.meshgrid(np.linspace(low[0], high[0], 300), np.linspace(low[1], high[1], 300))
    classes = np.reshape(model(np.c_[across.ravel(), up.ravel()]), across.shape)
    plt.contourf(across, up, classes.astype(float), cmap=plt.cm.Spectral, alpha=0.6)
    plt.scatter(X[0], X[1], c=np.ravel(y), s=40, cmap=plt.cm.Spectral, edgecolors="white")
    plt.xlabel("x1")
    plt.ylabel("x2")
    plt.show()


def _dataset_path():
    """Return the path of the data file: next to this module, else in the working directory."""
    path = Path(__file__).resolve().parent / "datasets" / "data.mat"
    return path if path.exists() else Path("datasets") / "data.mat"
