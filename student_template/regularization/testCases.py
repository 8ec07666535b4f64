"""One example for each function that you write. The examples are the same for all students.

Each function here returns the arguments for one of your functions, except lambd and keep_prob.
Some of the numbers are rounded to eight decimals.
"""

import numpy as np

_Y = ((1, 1, 0, 1, 0),)


def compute_cost_with_regularization_test_case():
    """Return A3, Y and parameters. The test uses lambd = 0.1."""
    np.random.seed(1)
    A3 = np.array([[0.40682402, 0.01629284, 0.16722898, 0.10118111, 0.40682402]])
    return A3, np.array(_Y), _draw_parameters()


def backward_propagation_with_regularization_test_case():
    """Return X, Y and the cache of a forward pass without dropout. The test uses lambd = 0.7."""
    np.random.seed(1)
    X = np.random.randn(3, 5)
    Z1 = [
        [-1.52855314, 3.32524635, 2.13994541, 2.60700654, -0.75942115],
        [-1.98043538, 4.1600994, 0.79051021, 1.46493512, -0.45506242],
    ]
    A1 = [
        [0.0, 3.32524635, 2.13994541, 2.60700654, 0.0],
        [0.0, 4.1600994, 0.79051021, 1.46493512, 0.0],
    ]
    Z2 = [
        [0.53035547, 5.94892323, 2.31780174, 3.16005701, 0.53035547],
        [-0.69166075, -3.47645987, -2.25194702, -2.65416996, -0.69166075],
        [-0.39675353, -4.62285846, -2.61101729, -3.22874921, -0.39675353],
    ]
    A2 = [
        [0.53035547, 5.94892323, 2.31780174, 3.16005701, 0.53035547],
        [0.0, 0.0, 0.0, 0.0, 0.0],
        [0.0, 0.0, 0.0, 0.0, 0.0],
    ]
    Z3 = [[-0.3771104, -4.10060224, -1.60539468, -2.18416951, -0.3771104]]
    A3 = [[0.40682402, 0.01629284, 0.16722898, 0.10118111, 0.40682402]]
    W1, b1, W2, b2, W3, b3 = _rounded_parameters()
    cache = (Z1, A1, W1, b1, Z2, A2, W2, b2, Z3, A3, W3, b3)
    return X, np.array(_Y), tuple(np.array(item) for item in cache)


def forward_propagation_with_dropout_test_case():
    """Return X and parameters. The test uses keep_prob = 0.7."""
    np.random.seed(1)
    X = np.random.randn(3, 5)
    return X, _draw_parameters()


def backward_propagation_with_dropout_test_case():
    """Return X, Y and the cache of a forward pass with dropout. The test uses keep_prob = 0.8.

    The masks in the cache were created with another keep_prob. This is intended: the backward pass
    uses the masks as they are.
    """
    np.random.seed(1)
    X = np.random.randn(3, 5)
    Z1 = [
        [-1.52855314, 3.32524635, 2.13994541, 2.60700654, -0.75942115],
        [-1.98043538, 4.1600994, 0.79051021, 1.46493512, -0.45506242],
    ]
    D1 = [[True, False, True, True, True], [True, True, True, True, False]]
    A1 = [
        [0.0, 0.0, 4.27989081, 5.21401307, 0.0],
        [0.0, 8.32019881, 1.58102041, 2.92987024, 0.0],
    ]
    Z2 = [
        [0.53035547, 8.02565606, 4.10524802, 5.78975856, 0.53035547],
        [-0.69166075, -1.71413186, -3.81223329, -4.61667916, -0.69166075],
        [-0.39675353, -2.62563561, -4.82528105, -6.0607449, -0.39675353],
    ]
    D2 = [
        [True, False, True, False, True],
        [False, True, False, True, True],
        [False, False, True, False, False],
    ]
    A2 = [
        [1.06071093, 0.0, 8.21049603, 0.0, 1.06071093],
        [0.0, 0.0, 0.0, 0.0, 0.0],
        [0.0, 0.0, 0.0, 0.0, 0.0],
    ]
    Z3 = [[-0.7415562, -0.0126646, -5.65469333, -0.0126646, -0.7415562]]
    A3 = [[0.32266394, 0.49683389, 0.00348883, 0.49683389, 0.32266394]]
    W1, b1, W2, b2, W3, b3 = _rounded_parameters()
    cache = (Z1, D1, A1, W1, b1, Z2, D2, A2, W2, b2, Z3, A3, W3, b3)
    return X, np.array(_Y), tuple(np.array(item) for item in cache)


def _draw_parameters():
    """Return random parameters of a network with layers 3-2-3-1. The caller sets the seed."""
    parameters = {}
    for layer, (units, fan_in) in enumerate(((2, 3), (3, 2), (1, 3)), 1):
        parameters[f"W{layer}"] = np.random.randn(units, fan_in)
        parameters[f"b{layer}"] = np.random.randn(units, 1)
    return parameters


def _rounded_parameters():
    """Return W1, b1, W2, b2, W3, b3 of the caches above."""
    W1 = [[-1.09989127, -0.17242821, -0.87785842], [0.04221375, 0.58281521, -1.10061918]]
    b1 = [[1.14472371], [0.90159072]]
    W2 = [[0.50249434, 0.90085595], [-0.68372786, -0.12289023], [-0.93576943, -0.26788808]]
    b2 = [[0.53035547], [-0.69166075], [-0.39675353]]
    W3 = [[-0.6871727, -0.84520564, -0.67124613]]
    b3 = [[-0.0126646]]
    return W1, b1, W2, b2, W3, b3
