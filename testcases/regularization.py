"""The assignment "Regularization": functions, points and test cases.

The functions are those of the notebook "Regularization" of deeplearning.ai. Every function earns 5
points on the course's own example, whose values are public, and 20 on networks drawn from the seed.
The examples are in `regularization_published.json`. `reference/regularization.py` has the formulas and
the shapes of all arrays.
"""

import dataclasses
import json
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from grader.judging.compare import mapping, pair, scalar
from grader.messages import comma_list, gettext
from grader.model import AssignmentSpec, Check, Function, TestCase

LAYER_1 = ("Z1", "D1", "A1", "W1", "b1")
LAYER_2 = ("Z2", "D2", "A2", "W2", "b2")
OUTPUT = ("Z3", "cache A3", "W3", "b3")
GRADIENTS_3 = ("dZ3", "dW3", "db3")
GRADIENTS_2 = ("dA2", "dZ2", "dW2", "db2")
GRADIENTS_1 = ("dA1", "dZ1", "dW1", "db1")
GRADIENTS = GRADIENTS_3 + GRADIENTS_2 + GRADIENTS_1

NETWORKS = (
    ((2, 20, 3, 1), 40),
    ((4, 6, 3, 2), 12),
    ((3, 4, 3, 1), 7),
    ((5, 4, 4, 1), 1),
    ((2, 5, 5, 1), 9),
    ((3, 8, 6, 3), 4),
    ((6, 4, 3, 1), 16),
    ((1, 7, 4, 1), 23),
)
"""Layer sizes (n_x, n_1, n_2, n_y) and number of examples m, never the 5 of the course's example."""

NO_PENALTY = NETWORKS[4]
"""The network with lambd = 0, where the cost and the gradients have no penalty."""
NO_DROPOUT = NETWORKS[6]
"""The network with keep_prob = 1, where all units stay."""


# ------------------------------------------------------------------ functions and points


def _course_example(*quantities: str) -> Check:
    return Check(gettext("the published example"), 5, "fixed", quantities)


def _other_networks(points: float, part: str, *quantities: str) -> Check:
    name = gettext("other networks, {part}: {names}", part=part, names=comma_list(quantities))
    return Check(name, points, "random", quantities)


def _gradients(points: float, part: str, *quantities: str) -> Check:
    """Return a check of gradients, each of which may follow from a mistake in an earlier one.

    Every part has a gradient that the template does not compute (dW with L2, dA with dropout).
    Therefore the template alone earns no points.
    """
    return dataclasses.replace(_other_networks(points, part, *quantities), follow_through=True)


FUNCTIONS = (
    Function(
        name="compute_cost_with_regularization",
        parameters=("A3", "Y", "parameters", "lambd"),
        unpack=scalar("cost"),
        checks=(
            _course_example("cost"),
            _other_networks(20, gettext("cross-entropy plus penalty"), "cost"),
        ),
    ),
    Function(
        name="backward_propagation_with_regularization",
        parameters=("X", "Y", "cache", "lambd"),
        unpack=mapping(*GRADIENTS, missing="gradient-keys"),
        checks=(
            _course_example(*GRADIENTS),
            _gradients(6, gettext("layer 3"), *GRADIENTS_3),
            _gradients(7, gettext("layer 2"), *GRADIENTS_2),
            _gradients(7, gettext("layer 1"), *GRADIENTS_1),
        ),
    ),
    Function(
        name="forward_propagation_with_dropout",
        parameters=("X", "parameters", "keep_prob"),
        unpack=pair(*("A3", *LAYER_1, *LAYER_2, *OUTPUT), rest="cache", misplaced="cache-order"),
        checks=(
            _course_example("A3", *LAYER_1, *LAYER_2, *OUTPUT),
            _other_networks(7, gettext("layer 1"), *LAYER_1),
            _other_networks(7, gettext("layer 2"), *LAYER_2),
            _other_networks(6, gettext("output"), "A3", *OUTPUT),
        ),
    ),
    Function(
        name="backward_propagation_with_dropout",
        parameters=("X", "Y", "cache", "keep_prob"),
        unpack=mapping(*GRADIENTS, missing="gradient-keys"),
        checks=(
            _course_example(*GRADIENTS),
            _gradients(10, gettext("layers 3 and 2"), *GRADIENTS_3, *GRADIENTS_2),
            _gradients(10, gettext("layer 1"), *GRADIENTS_1),
        ),
    ),
)


# ------------------------------------------------------------------ cases


def cases(seed: int, reference: ModuleType) -> list[TestCase]:
    """Return the course's four examples, then four cases on each of `NETWORKS`.

    The same `seed` gives the same cases. No call is seeded with 1, the seed that dropout prescribes. A
    missing seed line would pass otherwise.
    """
    random, apart = np.random.default_rng(seed), np.random.default_rng([seed, 1])
    test_cases = list(_course_cases())
    for number in range(1, len(NETWORKS) + 1):
        test_cases += _network_cases(number, random, apart, reference)
    return test_cases


def _course_cases() -> Iterator[TestCase]:
    path = Path(__file__).with_name("regularization_published.json")
    for function, example in json.loads(path.read_text(encoding="utf-8")).items():
        yield TestCase(
            name=gettext("the published example"),
            function=function,
            args=tuple(_value(name, item) for name, item in example["arguments"].items()),
            about=_about(*example["about"].split(", ")),
            public=True,
            seed=3,
            published={name: _value(name, item) for name, item in example["published"].items()},
            snippet=_snippet(function, example["arguments"]),
        )


def _about(*sizes: str) -> str:
    return gettext("layers {sizes}", sizes=comma_list(sizes))


def _snippet(function: str, arguments: dict[str, Any]) -> tuple[str, ...]:
    """Return the lines with which the example is run in the notebook.

    >>> for line in _snippet("f", {"A3": [[0.5]], "lambd": 0.1}):
    ...     print(line)
    A3 = f_test_case()
    result = f(A3, lambd=0.1)
    print(result)
    """
    *names, last = arguments
    return (
        f"{', '.join(names)} = {function}_test_case()",
        f"result = {function}({', '.join(names)}, {last}={arguments[last]})",
        "print(result)",
    )


def _value(name: str, item: Any) -> Any:
    """Return a list as an array, a cache as a tuple of arrays, parameters as a dictionary."""
    if isinstance(item, dict):
        arrays = {key: np.array(value) for key, value in item.items()}
        return tuple(arrays.values()) if name == "cache" else arrays
    return np.array(item) if isinstance(item, list) else item


def _network_cases(
    number: int, random: np.random.Generator, apart: np.random.Generator, reference: ModuleType
) -> Iterator[TestCase]:
    """Yield one case per function on the network of that number, with caches of a real pass.

    The cache of a dropout pass comes from weights drawn `apart`. It would otherwise hold the answers
    of `forward_propagation_with_dropout`.

    `lambd` and `keep_prob` grow with the number, so that every seed has small and large values.
    Above 0.5, for example, binomial draws give the same masks as `rand(...) < keep_prob`.
    """
    layers, m = network = NETWORKS[number - 1]
    rank = (number - random.uniform()) / len(NETWORKS)
    lambd = 0.0 if network == NO_PENALTY else round(0.05 + 3 * rank, 2)
    keep_prob = 1.0 if network == NO_DROPOUT else round(0.3 + 0.6 * rank, 2)
    X, parameters = _network_with_active_and_inactive_units(layers, m, random, reference)
    Y = random.integers(0, 2, (layers[-1], m))
    A3, cache = reference.forward_propagation(X, parameters)
    drawn = _network_with_active_and_inactive_units(layers, m, apart, reference)
    _, dropout_cache = reference.forward_propagation_with_dropout(*drawn, keep_prob)
    arguments = (
        (A3, Y, parameters, lambd),
        (X, Y, cache, lambd),
        (X, parameters, keep_prob),
        (drawn[0], Y, dropout_cache, keep_prob),
    )
    shape = ("-".join(map(str, layers)), f"m = {m}")
    for function, args in zip(FUNCTIONS, arguments, strict=True):
        yield TestCase(
            name=gettext("network {number}", number=number),
            function=function.name,
            args=args,
            about=_about(*shape, f"{function.parameters[-1]} = {args[-1]:g}"),
            seed=int(random.integers(2, 2**31)),
            snippet=_similar_snippet(function.name, network, f"{args[-1]:g}"),
        )


def _similar_snippet(
    function: str, network: tuple[tuple[int, ...], int], strength: str
) -> tuple[str, ...]:
    """Return lines that make a call of the same shapes in the notebook, and explain its output.

    `try_case` is in the template's `testCases.py`. All numbers are the student's own.
    """
    layers, m = network
    parameter = "keep_prob" if "dropout" in function else "lambd"
    return (
        "from testCases import try_case",
        f"try_case({function}, layers={layers}, m={m}, {parameter}={strength})",
        LOOK_FOR[function],
    )


LOOK_FOR = {
    "compute_cost_with_regularization": gettext(
        "# This is your penalty. Compute it by hand from W1, W2, W3, lambd and m. It "
        "is 0 if lambd is 0."
    ),
    "backward_propagation_with_regularization": gettext(
        "# dW1, dW2 and dW3 should show the derivative of the penalty (0 if lambd is "
        "0). All others should be 0."
    ),
    "forward_propagation_with_dropout": gettext(
        "# For each layer: D, relu(Z), A. A should be 0 where D is 0, and elsewhere "
        "relu(Z) times one factor that depends on keep_prob."
    ),
    "backward_propagation_with_dropout": gettext(
        "# For each layer: D, dA without dropout, your dA. Your dA should be 0 where "
        "D is 0, and elsewhere the second array times one factor that depends on "
        "keep_prob."
    ),
}
"""Properties of the printed values that hold for every right function and any numbers."""


def _network_with_active_and_inactive_units(
    layers: tuple[int, ...], m: int, random: np.random.Generator, reference: ModuleType
) -> tuple[Any, dict[str, Any]]:
    """Return X and parameters, drawn until units of both ReLU layers are on and others off."""
    while True:
        X = random.standard_normal((layers[0], m))
        parameters = _draw_parameters(layers, random)
        _, A1, _, _, _, A2, *_ = reference.forward_propagation(X, parameters)[1]
        if all(0 < np.count_nonzero(A) < A.size for A in (A1, A2)):
            return X, parameters


def _draw_parameters(layers: tuple[int, ...], random: np.random.Generator) -> dict[str, Any]:
    """Return weights of a size that keeps activations near 1, and small biases.

    The variance 2 / n_(l-1) is that of He et al., ICCV 2015.
    """
    parameters = {}
    for layer, (fan_in, units) in enumerate(pairwise(layers), 1):
        spread = np.sqrt(2 / fan_in)
        parameters[f"W{layer}"] = spread * random.standard_normal((units, fan_in))
        parameters[f"b{layer}"] = 0.3 * random.standard_normal((units, 1))
    return parameters


ASSIGNMENT = AssignmentSpec(
    name="regularization",
    title=gettext("Regularization"),
    functions=FUNCTIONS,
    cases=cases,
    helpers=("reg_utils.py", "testCases.py", "datasets/data.mat"),
    packages=("numpy", "scipy", "matplotlib", "scikit-learn", "ipython"),
    seed=20260901,
)
