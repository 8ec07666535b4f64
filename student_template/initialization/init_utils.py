"""Helper functions for the notebook: the network, one training step, the data and the plots.

Each example is a column: X has the shape (2, m) and Y has the shape (1, m). Matplotlib is imported only
in the functions that need it.
"""

import numpy as np


def sigmoid(x):
    """Return 1 / (1 + exp(-x)), elementwise, for a number or an array."""
    with np.errstate(over="ignore"):
        return 1 / (1 + np.exp(-x))


def relu(x):
    """Return x where x is positive, and 0 elsewhere."""
    return np.maximum(0, x)


def forward_propagation(X, parameters):
    """Return the output a3 of the network, and the cache for the backward pass.

    The cache is (z1, a1, W1, b1, z2, a2, W2, b2, z3, a3, W3, b3).
    """
    W1, b1 = parameters["W1"], parameters["b1"]
    W2, b2 = parameters["W2"], parameters["b2"]
    W3, b3 = parameters["W3"], parameters["b3"]

    z1 = np.dot(W1, X) + b1
    a1 = relu(z1)
    z2 = np.dot(W2, a1) + b2
    a2 = relu(z2)
    z3 = np.dot(W3, a2) + b3
    a3 = sigmoid(z3)

    return a3, (z1, a1, W1, b1, z2, a2, W2, b2, z3, a3, W3, b3)


def backward_propagation(X, Y, cache):
    """Return the gradients of the loss: dz3, dW3, db3, da2, dz2, … as a dictionary."""
    m = X.shape[1]
    _, a1, _, _, _, a2, W2, _, _, a3, W3, _ = cache

    dz3 = 1 / m * (a3 - Y)
    da2 = np.dot(W3.T, dz3)
    dz2 = da2 * (a2 > 0)
    da1 = np.dot(W2.T, dz2)
    dz1 = da1 * (a1 > 0)

    gradients = {"dz3": dz3, "da2": da2, "dz2": dz2, "da1": da1, "dz1": dz1}
    for layer, dz, before in ((3, dz3, a2), (2, dz2, a1), (1, dz1, X)):
        gradients[f"dW{layer}"] = np.dot(dz, before.T)
        gradients[f"db{layer}"] = np.sum(dz, axis=1, keepdims=True)
    return gradients


def update_parameters(parameters, grads, learning_rate):
    """Do one step of gradient descent. This changes `parameters` and returns it."""
    for name in parameters:
        parameters[name] = parameters[name] - learning_rate * grads["d" + name]
    return parameters


def compute_loss(a3, Y):
    """Return the cross-entropy of the predictions a3, averaged over the examples.

    If a3 is exactly 0 or 1, the loss can be infinite. A term that is 0 * infinity is ignored.
    """
    m = Y.shape[1]
    with np.errstate(divide="ignore", invalid="ignore"):
        terms = -np.log(a3) * Y - np.log(1 - a3) * (1 - Y)
    return np.nansum(terms) / m


def predict(X, y, parameters):
    """Return the predicted class (0 or 1) of each example, and print the accuracy."""
    predictions = predict_dec(parameters, X).astype(int)
    print(f"Accuracy: {np.mean(predictions == y):.4f}")
    return predictions


def predict_dec(parameters, X):
    """Return True for each example with predicted class 1."""
    a3, _ = forward_propagation(X, parameters)
    return a3 > 0.5


def load_dataset():
    """Return train_X, train_Y, test_X, test_Y and plot the training set: two noisy circles."""
    import matplotlib.pyplot as plt

    train_X, train_Y = _circles(300, 1)
    test_X, test_Y = _circles(100, 2)
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


def _circles(m, seed):
    """Return m points on two noisy circles, and their classes: 0 outside, 1 inside."""
    random = np.random.RandomState(seed)
    angles = np.linspace(0, 2 * np.pi, m // 2, endpoint=False)
    circle = np.array([np.cos(angles), np.sin(angles)])
    order = np.arange(m)
    random.shuffle(order)
    points = np.hstack([circle, 0.8 * circle])[:, order]
    classes = np.repeat([0, 1], m // 2)[order]
    return points + random.normal(scale=0.05, size=(m, 2)).T, classes.reshape(1, m)
