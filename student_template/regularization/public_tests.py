"""Tests for the notebook. Each test runs one function on its example in `testCases`.

A passed test means that the function is right on this one example. Grading also uses other networks.
"""

import copy

import numpy as np
import testCases

_GRADIENTS = "dZ3", "dW3", "db3", "dA2", "dZ2", "dW2", "db2", "dA1", "dZ1", "dW1", "db1"
_CACHE = "Z1", "D1", "A1", "W1", "b1", "Z2", "D2", "A2", "W2", "b2", "Z3", "A3", "W3", "b3"
_NUMBERS = np.ndarray, np.generic, int, float
_FIRST = "A3, the first returned value,"
_PASSED = "All tests passed."


def compute_cost_with_regularization_test(target):
    """Check the cost on the example with lambd = 0.1."""
    name = "compute_cost_with_regularization"
    A3, Y, parameters = testCases.compute_cost_with_regularization_test_case()
    cost = _call(name, target, A3, Y, parameters, 0.1)
    _compare(name, {"cost": cost}, {"cost": _COST})
    print(_PASSED)


def backward_propagation_with_regularization_test(target):
    """Check the eleven gradients on the example with lambd = 0.7."""
    name = "backward_propagation_with_regularization"
    X, Y, cache = testCases.backward_propagation_with_regularization_test_case()
    gradients = _gradients(name, _call(name, target, X, Y, cache, 0.7))
    _compare(name, gradients, _L2_GRADIENTS)
    print(_PASSED)


def forward_propagation_with_dropout_test(target):
    """Check A3 and the cache on the example with keep_prob = 0.7."""
    name = "forward_propagation_with_dropout"
    X, parameters = testCases.forward_propagation_with_dropout_test_case()
    A3, cache = _output_and_cache(name, _call(name, target, X, parameters, 0.7))
    expected = {**_DROPOUT_PASS, **parameters}
    _compare(name, cache, {quantity: expected[quantity] for quantity in _CACHE})
    _compare(name, {_FIRST: A3}, {_FIRST: expected["A3"]})
    print(_PASSED)


def backward_propagation_with_dropout_test(target):
    """Check the eleven gradients on the example with keep_prob = 0.8."""
    name = "backward_propagation_with_dropout"
    X, Y, cache = testCases.backward_propagation_with_dropout_test_case()
    gradients = _gradients(name, _call(name, target, X, Y, cache, 0.8))
    W2, W3 = cache[8], cache[12]
    without_D2 = np.dot(W3.T, _DROPOUT_GRADIENTS["dZ3"])
    without_D1 = np.dot(W2.T, _DROPOUT_GRADIENTS["dZ2"])
    if not _difference(gradients["dA2"], without_D2):
        raise AssertionError(f"{name} is not written yet: {_UNMASKED.format('dA2', 'D2')}")
    if not _difference(gradients["dA1"], without_D1):
        raise AssertionError(f"{name} is not finished yet: {_UNMASKED.format('dA1', 'D1')}")
    _compare(name, gradients, _DROPOUT_GRADIENTS)
    print(_PASSED)


# ------------------------------------------------------------------ call and compare


def _call(name, target, *arguments):
    """Call `target` on copies of the arguments; explain an exception in one sentence."""
    try:
        result = target(*copy.deepcopy(arguments))
    except Exception as error:
        raise AssertionError(_explain(name, error)) from None
    if result is None:
        raise AssertionError(f"{name} returns None. End the function with a return line.")
    return result


def _explain(name, error):
    """Explain an exception. If it is about None or an unknown name, code is probably missing."""
    reason = f"{type(error).__name__}: {error}"
    if "NoneType" in str(error):
        return f"{name} is not written yet. Replace each None with your code ({reason})."
    if isinstance(error, NameError):
        return f"{name} is not written yet, or it contains a misspelled name ({reason})."
    return f"{name} stopped with an error ({reason})."


def _gradients(name, result):
    """Return the gradients, or report the keys that are missing."""
    if not isinstance(result, dict):
        raise AssertionError(
            f"{name} should return a dictionary, but returns a value of type {_kind(result)}."
        )
    missing = [key for key in _GRADIENTS if key not in result]
    if missing:
        keys = ", ".join(map(str, result)) or "(none)"
        raise AssertionError(
            f"{name} returns a dictionary without {', '.join(missing)}. Its keys are: "
            f"{keys}. Capital letters matter."
        )
    return result


def _output_and_cache(name, result):
    """Return A3 and the cache as a dictionary, or report a wrong structure."""
    if not isinstance(result, tuple) or len(result) != 2:
        raise AssertionError(f"{name} should return two values: A3 and cache.")
    A3, cache = result
    if not isinstance(cache, (tuple, list)) or len(cache) != len(_CACHE):
        count = (
            f"{len(cache)} values"
            if isinstance(cache, (tuple, list))
            else f"of type {_kind(cache)}"
        )
        raise AssertionError(
            f"{name} should return a cache of {len(_CACHE)} values ({', '.join(_CACHE)}), "
            f"but your cache is {count}."
        )
    return A3, {quantity: cache[place] for place, quantity in enumerate(_CACHE)}


def _compare(name, got, expected):
    """Compare the values in the order in which they are computed; report the first wrong one."""
    right = []
    for quantity, value in expected.items():
        problem = _difference(got[quantity], np.array(value))
        if problem:
            before = f" Right so far: {', '.join(right)}." if right else ""
            raise AssertionError(f"{name}: {quantity}{problem}{before}")
        right.append(quantity)


def _difference(got, expected):
    """Describe the difference from the expected array; return an empty string if there is none."""
    if got is None:
        return " is None: the line that computes it is not written yet."
    if not isinstance(got, _NUMBERS) or np.asarray(got).dtype.kind not in "biuf":
        return f" has type {_kind(got)}, but should be {_form(expected)}."
    if np.shape(got) != expected.shape:
        return f" has shape {np.shape(got)}, but should be {_form(expected)}."
    wrong = ~np.isclose(got, expected, rtol=1e-6, atol=1e-9)
    if not wrong.any():
        return ""
    first = tuple(int(i) for i in np.argwhere(wrong)[0])
    place = str(list(first)) if first else ""
    return (
        f"{place} is {np.asarray(got)[first]:.8g} instead of {expected[first]:.8g} "
        f"({np.count_nonzero(wrong)} of {expected.size} wrong)."
    )


def _form(expected):
    return f"an array of shape {expected.shape}" if expected.shape else "a single number"


def _kind(value):
    return type(value).__name__


# ------------------------------------------------------------------ expected values

_UNMASKED = (
    "{0} is the same as without dropout. Apply {1} in the backward pass, as in the forward pass."
)
_COST = 1.78648594516
_L2_GRADIENTS = {
    "dZ3": [[-0.59317598, -0.98370716, 0.16722898, -0.89881889, 0.40682402]],
    "dW3": [[-1.77691347, -0.11832879, -0.0939744582]],
    "db3": [[-0.380329806]],
    "dA2": [
        [0.40761434, 0.675976705, -0.11491519, 0.617643803, -0.27955836],
        [0.501355684, 0.83143484, -0.141342877, 0.759686795, -0.343849956],
        [0.398167081, 0.660309624, -0.112251806, 0.603328701, -0.273079049],
    ],
    "dZ2": [
        [0.40761434, 0.675976705, -0.11491519, 0.617643803, -0.27955836],
        [0.0, 0.0, 0.0, 0.0, 0.0],
        [0.0, 0.0, 0.0, 0.0, 0.0],
    ],
    "dW2": [
        [0.792764862, 0.851339184],
        [-0.0957219004, -0.0172046322],
        [-0.13100772, -0.0375043312],
    ],
    "db2": [[0.26135226], [0.0], [0.0]],
    "dA1": [
        [0.204823899, 0.339674468, -0.0577442324, 0.310362515, -0.140476494],
        [0.367201803, 0.608957637, -0.103522032, 0.556408095, -0.251841812],
    ],
    "dZ1": [
        [0.0, 0.339674468, -0.0577442324, 0.310362515, 0.0],
        [0.0, 0.608957637, -0.103522032, 0.556408095, 0.0],
    ],
    "dW1": [[-0.256046458, 0.122988269, -0.282971287], [-0.177063026, 0.345360943, -0.441057102]],
    "db1": [[0.11845855], [0.21236874]],
}
_DROPOUT_PASS = {
    "Z1": [
        [-1.52855314, 3.32524635, 2.13994541, 2.60700654, -0.759421146],
        [-1.98043538, 4.1600994, 0.790510207, 1.46493512, -0.45506242],
    ],
    "D1": [[1, 0, 1, 1, 1], [1, 1, 1, 1, 1]],
    "A1": [[0.0, 0.0, 3.05706487, 3.72429505, 0.0], [0.0, 5.94299915, 1.1293003, 2.09276446, 0.0]],
    "Z2": [
        [0.530355467, 5.88414161, 3.08385015, 4.28707196, 0.530355467],
        [-0.691660752, -1.42199726, -2.92064114, -3.49524533, -0.691660752],
        [-0.396753527, -1.98881216, -3.55998747, -4.44246165, -0.396753527],
    ],
    "D2": [[1, 1, 1, 0, 1], [1, 1, 1, 1, 1], [0, 0, 1, 1, 0]],
    "A2": [
        [0.757650667, 8.40591658, 4.40550021, 0.0, 0.757650667],
        [0.0, 0.0, 0.0, 0.0, 0.0],
        [0.0, 0.0, 0.0, 0.0, 0.0],
    ],
    "Z3": [[-0.533301453, -5.78898099, -3.04000407, -0.0126645989, -0.533301453]],
    "A3": [[0.369747206, 0.00305175813, 0.0456509934, 0.496833893, 0.369747206]],
}
_DROPOUT_GRADIENTS = {
    "dZ3": [[-0.67733606, -0.50316611, 0.00348883, -0.50316611, 0.32266394]],
    "dW3": [[-0.0695119139, 0.0, 0.0]],
    "db3": [[-0.271503102]],
    "dA2": [
        [0.581808561, 0.0, -0.00299678591, 0.0, -0.277157314],
        [0.0, 0.531598543, 0.0, 0.531598543, -0.340896727],
        [0.0, 0.0, -0.00292732954, 0.0, 0.0],
    ],
    "dZ2": [
        [0.581808561, 0.0, -0.00299678591, 0.0, -0.277157314],
        [0.0, 0.0, 0.0, 0.0, 0.0],
        [0.0, 0.0, 0.0, 0.0, 0.0],
    ],
    "dW2": [[-0.0025651833, -0.000947595939], [0.0, 0.0], [0.0, 0.0]],
    "db2": [[0.0603308924], [0.0], [0.0]],
    "dA1": [
        [0.365444386, 0.0, -0.00188233495, 0.0, -0.174087477],
        [0.65515713, 0.0, -0.00337459053, 0.0, 0.0],
    ],
    "dZ1": [[0.0, 0.0, -0.00188233495, 0.0, 0.0], [0.0, 0.0, -0.00337459053, 0.0, 0.0]],
    "dW1": [
        [0.00019883923, 0.000286569271, 0.000121379434],
        [0.000356472678, 0.000513752319, 0.000217605208],
    ],
    "db1": [[-0.00037646699], [-0.000674918105]],
}
