"""Helper functions for the notebook: activations, and parameters as one long column.

The order in the column is W1, b1, W2, b2, W3, b3, each matrix row by row.
"""

import numpy as np

_NAMES = ("W1", "b1", "W2", "b2", "W3", "b3")
_shapes = {"W1": (5, 4), "b1": (5, 1), "W2": (3, 5), "b2": (3, 1), "W3": (1, 3), "b3": (1, 1)}
"""The shapes of the parameters that `dictionary_to_vector` saw last."""


def sigmoid(x):
    """Return 1 / (1 + exp(-x)), elementwise, for a number or an array."""
    return 1 / (1 + np.exp(-x))


def relu(x):
    """Return x where x is positive, and 0 elsewhere."""
    return np.maximum(0, x)


def dictionary_to_vector(parameters):
    """Return the parameters as a column, and a list with the name of each number's parameter."""
    for name in _NAMES:
        _shapes[name] = np.shape(parameters[name])
    column = np.concatenate([np.reshape(parameters[name], (-1, 1)) for name in _NAMES])
    return column, [name for name in _NAMES for _ in range(np.size(parameters[name]))]


def vector_to_dictionary(theta):
    """Return the parameters in a column as a dictionary. The opposite of `dictionary_to_vector`."""
    parameters, begin = {}, 0
    for name, shape in _shapes.items():
        end = begin + int(np.prod(shape))
        parameters[name] = np.reshape(theta[begin:end], shape)
        begin = end
    return parameters


def gradients_to_vector(gradients):
    """Return the gradients dW1, db1, dW2, db2, dW3, db3 as a column."""
    return np.concatenate([np.reshape(gradients["d" + name], (-1, 1)) for name in _NAMES])
