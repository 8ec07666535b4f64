"""The example for `gradient_check_n`. It is the same for all students."""

import numpy as np


def gradient_check_n_test_case():
    """Return X, Y and the parameters of a network with layers 4-5-3-1."""
    np.random.seed(1)
    X = np.random.randn(4, 3)
    Y = np.array([1, 1, 0])
    parameters = {}
    for layer, (units, fan_in) in enumerate(((5, 4), (3, 5), (1, 3)), 1):
        parameters[f"W{layer}"] = np.random.randn(units, fan_in)
        parameters[f"b{layer}"] = np.random.randn(units, 1)
    return X, Y, parameters
