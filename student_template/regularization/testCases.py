"""One example for each function that you write, and random cases to try.

The examples are the same for all students. Each function `..._test_case` returns the arguments for one
of your functions, except lambd and keep_prob. Some of the numbers are rounded to eight decimals.
"""

import sys

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


# ------------------------------------------------------------------ random cases

_LOOK_FOR = {
    "compute_cost_with_regularization": (
        "This is your penalty. Compute it by hand from W1, W2, W3, lambd and m. It is 0 if lambd is 0."
    ),
    "backward_propagation_with_regularization": (
        "dW1, dW2 and dW3 should show the derivative of the penalty (0 if lambd is 0). "
        "All others should be 0."
    ),
    "forward_propagation_with_dropout": (
        "For each layer: D, relu(Z), A. A should be 0 where D is 0, and elsewhere relu(Z) times one "
        "factor that depends on keep_prob."
    ),
    "backward_propagation_with_dropout": (
        "For each layer: D, dA without dropout, your dA. Your dA should be 0 where D is 0, and "
        "elsewhere the second array times one factor that depends on keep_prob."
    ),
}


def try_case(function, layers=(2, 4, 3, 1), m=6, lambd=0.7, keep_prob=0.7):
    """Run one of your functions on random numbers; print its result and what to look for.

    layers -- numbers of units: inputs, layer 1, layer 2, outputs
    m -- number of examples
    lambd, keep_prob -- the strength of the penalty or of dropout

    The numbers are new in each call, so there are no expected values.
    """
    name = getattr(function, "__name__", "")
    if name not in _LOOK_FOR:
        print(f"try_case takes one of your functions: {', '.join(_LOOK_FOR)}.")
        return
    X = np.random.randn(layers[0], m)
    Y = np.random.randint(0, 2, (layers[-1], m))
    parameters = {}
    for layer in (1, 2, 3):
        parameters[f"W{layer}"] = np.random.randn(layers[layer], layers[layer - 1]) / 2
        parameters[f"b{layer}"] = np.random.randn(layers[layer], 1) / 2
    strength = f"keep_prob = {keep_prob}" if "dropout" in name else f"lambd = {lambd}"
    print(f"{name} with layers {layers}, m = {m}, {strength}")
    if name == "compute_cost_with_regularization":
        _try_cost(function, X, Y, parameters, lambd)
    elif name == "backward_propagation_with_regularization":
        _try_gradients(function, X, Y, parameters, lambd)
    elif name == "forward_propagation_with_dropout":
        _show_layers(function(X, parameters, keep_prob)[1])
    else:
        forward = sys._getframe(1).f_globals["forward_propagation_with_dropout"]
        _try_masks(function, X, Y, forward(X, parameters, keep_prob)[1], keep_prob)
    print(_LOOK_FOR[name])


def _try_cost(function, X, Y, parameters, lambd):
    from reg_utils import compute_cost, forward_propagation

    A3, _ = forward_propagation(X, parameters)
    _show("cost - cross-entropy", function(A3, Y, parameters, lambd) - compute_cost(A3, Y))


def _try_gradients(function, X, Y, parameters, lambd):
    from reg_utils import backward_propagation, forward_propagation

    _, cache = forward_propagation(X, parameters)
    gradients = function(X, Y, cache, lambd)
    for name, plain in backward_propagation(X, Y, cache).items():
        _show(f"your {name} - {name} without penalty", gradients[name] - plain)


def _show_layers(cache):
    for layer, (Z, D, A) in ((1, cache[:3]), (2, cache[5:8])):
        _show(f"D{layer}", D)
        _show(f"relu(Z{layer})", np.maximum(0, Z))
        _show(f"A{layer}", A)


def _try_masks(function, X, Y, cache, keep_prob):
    gradients = function(X, Y, cache, keep_prob)
    for layer, D, W in ((2, cache[6], cache[12]), (1, cache[1], cache[8])):
        _show(f"D{layer}", D)
        _show(f"dA{layer} without dropout", np.dot(W.T, gradients[f"dZ{layer + 1}"]))
        _show(f"your dA{layer}", gradients[f"dA{layer}"])


def _show(name, value):
    """Print a value; of a large array the first four rows and six columns."""
    shape, array = np.shape(value), np.asarray(value)
    part = array[:4, :6] if array.ndim == 2 else array
    text = np.array2string(part, precision=4, suppress_small=True)
    print(f"{name}, shape {shape}:" if shape else f"{name}:", text, sep="\n" if shape else " ")
    if part.shape != shape:
        print(" ... (the first rows and columns)")
