"""The assignment "Gradient Checking": functions, points and test cases.

The functions are those of the notebook "Gradient Checking" of deeplearning.ai. A difference that is
smaller than `SMALL` is only rounding noise, which differs between machines, so it counts as 0.
"""

from collections.abc import Iterator
from itertools import pairwise
from types import ModuleType
from typing import Any

import numpy as np

from grader.judging.compare import mapping, scalar
from grader.messages import comma_list, gettext
from grader.model import AssignmentSpec, Check, Function, TestCase, UngradedFunction

SMALL = 1e-6
DIFFERENCE = scalar("difference", small=SMALL)
FORWARD, BACKWARD, ONE, MANY = (
    *("forward_propagation", "backward_propagation"),
    *("gradient_check", "gradient_check_n"),
)
PLANTED = "backward_propagation_n"
COURSE = (4, 5, 3, 1)
"""Layer sizes (n_x, n_1, n_2, n_y) of the course's network."""
NETWORKS = (
    (COURSE, 3, 1e-7, "right"),
    (COURSE, 6, 1e-4, "planted bugs"),
    (COURSE, 4, 0.01, "dW1 doubled"),
    (COURSE, 5, 0.3, "planted bugs"),
    (COURSE, 3, 0.3, "db3 doubled"),
    ((3, 4, 2, 1), 7, 0.05, "dW3 doubled"),
    ((2, 6, 4, 2), 4, 1e-5, "right"),
    ((5, 2, 3, 1), 9, 0.2, "planted bugs"),
)
"""Layer sizes, examples m, epsilon, and what is wrong with the gradients that are checked."""
ORDINARY = (1e-7, 1e-5, 0.01, 0.3)
"""Epsilons where J(theta + epsilon) and J(theta - epsilon) differ as they should."""
TINY = (0.3, 0.45, 0.9, 1.3, 2.7)
"""Epsilons in units of the distance to the next float, where both points are rounded.

The centred difference is then far from the derivative, by an amount that IEEE 754 fixes. So wrong
formulas show, which give small values, too, where the difference is small.
"""


HANDED_OUT = (
    *("forward_propagation_n", "dictionary_to_vector", "vector_to_dictionary"),
    "gradients_to_vector",
)


def _function(
    name: str,
    parameters: tuple[str, ...],
    quantity: Any,
    *points: float,
    calls: tuple[str, ...] = (),
) -> Function:
    example, others = points
    return Function(
        name=name,
        parameters=parameters,
        unpack=quantity,
        calls=calls,
        checks=(
            Check(gettext("the published example"), example, "fixed", (quantity.name,)),
            Check(gettext("other numbers"), others, "random", (quantity.name,)),
        ),
    )


FUNCTIONS = (
    _function(FORWARD, ("x", "theta"), scalar("J"), 2, 8),
    _function(BACKWARD, ("x", "theta"), scalar("dtheta"), 2, 8),
    _function(ONE, ("x", "theta", "epsilon"), DIFFERENCE, 6, 24, calls=(FORWARD, BACKWARD)),
    _function(
        *(MANY, ("parameters", "gradients", "X", "Y", "epsilon"), DIFFERENCE, 10, 40),
        calls=HANDED_OUT,
    ),
)


def cases(seed: int, reference: ModuleType) -> list[TestCase]:
    """Return the course's example of each function, then other numbers and networks.

    The same `seed` gives the same cases.
    """
    random = np.random.default_rng(seed)
    return [
        *_course_cases(reference),
        *_lines(random),
        *(_network_case(i, random, reference) for i in range(len(NETWORKS))),
        _planted_case(reference),
    ]


def _course_cases(reference: ModuleType) -> Iterator[TestCase]:
    published: dict[str, tuple[tuple[Any, ...], float]] = {
        FORWARD: ((2, 4), 8.0),
        BACKWARD: ((2, 4), 2.0),
        ONE: ((2, 4, 1e-7), 0.0),
        MANY: (_course_network(reference), 0.2850931567761623),
    }
    for function in FUNCTIONS:
        args, value = published[function.name]
        yield TestCase(
            name=gettext("the published example"),
            function=function.name,
            args=args,
            about=_about(function.name, args),
            public=True,
            published={function.checks[0].quantities[0]: value},
            snippet=_snippet(function.name, args),
        )


def _snippet(function: str, args: tuple[Any, ...]) -> tuple[str, ...]:
    if function != MANY:
        return (f"print({function}({', '.join(map(str, args))}))",)
    return (
        "X, Y, parameters = gradient_check_n_test_case()",
        "cost, cache = forward_propagation_n(X, Y, parameters)",
        "gradients = backward_propagation_n(X, Y, cache)",
        f"print({function}(parameters, gradients, X, Y))",
    )


def _about(function: str, args: tuple[Any, ...]) -> Any:
    if function == MANY:
        return gettext("two bugs, epsilon = {epsilon}", epsilon=f"{args[-1]:g}")
    names = ("x", "theta", "epsilon")
    return comma_list(f"{n} = {v:.4g}" for n, v in zip(names, args, strict=False))


def _course_network(reference: ModuleType) -> tuple[Any, ...]:
    random = np.random.RandomState(1)
    X, Y = random.randn(4, 3), np.array([1, 1, 0])
    parameters = _draw(COURSE, random.randn)
    cache = reference.cache_of(X, Y, parameters)
    return parameters, reference.backward_propagation_n__planted(X, Y, cache), X, Y, 1e-7


def _draw(layers: tuple[int, ...], randn: Any) -> dict[str, Any]:
    parameters = {}
    for layer, (fan_in, units) in enumerate(pairwise(layers), 1):
        parameters[f"W{layer}"] = randn(units, fan_in)
        parameters[f"b{layer}"] = randn(units, 1)
    return parameters


def _lines(random: np.random.Generator) -> Iterator[TestCase]:
    """Yield the cases of the three functions of J = theta x, with ordinary and with tiny epsilons."""
    epsilons = [(epsilon, 0.0) for epsilon in ORDINARY] + [(0.0, share) for share in TINY]
    for number, (epsilon, share) in enumerate(epsilons, 1):
        x, theta = random.uniform(0.5, 9, size=2) * random.choice([-1, 1], size=2)
        if share:  # no product is exact, and the neighbours of a power of two are known
            x, theta = 2 * random.integers(1, 9) + 1, 2.0 ** random.integers(-1, 4)
        args = (float(x), float(theta), epsilon or float(share * np.spacing(theta)))
        for name, used in ((FORWARD, args[:2]), (BACKWARD, args[:2]), (ONE, args)):
            yield TestCase(
                name=gettext("numbers {number}", number=number),
                function=name,
                args=used,
                about=_about(name, used),
                snippet=_snippet(name, (3, 5, 0.01)[: len(used)]),
            )


def _network_case(index: int, random: np.random.Generator, reference: ModuleType) -> TestCase:
    layers, m, epsilon, state = NETWORKS[index]
    X, Y = random.standard_normal((layers[0], m)), random.integers(0, 2, (layers[-1], m))
    parameters = _draw(layers, lambda *shape: random.standard_normal(shape))
    cache = reference.cache_of(X, Y, parameters)
    gradients = reference.backward_propagation_n(X, Y, cache)
    if state == "planted bugs":
        gradients = reference.backward_propagation_n__planted(X, Y, cache)
    elif state != "right":
        name = state.split()[0]
        gradients = {**gradients, name: 2 * gradients[name]}
    sizes = comma_list(map(str, layers))
    about = gettext(
        "layers {sizes}, m = {m}, epsilon = {epsilon}", sizes=sizes, m=m, epsilon=epsilon
    )
    return TestCase(
        name=gettext("network {number}", number=index + 1),
        function=MANY,
        args=(parameters, gradients, X, Y, epsilon),
        about=about,
        snippet=("difference = gradient_check_n(parameters, gradients, X, Y, epsilon=0.01)",),
    )


def _planted_case(reference: ModuleType) -> TestCase:
    """Return a case that shows which of the planted bugs are left."""
    parameters, _, X, Y, _ = _course_network(reference)
    args = X, Y, reference.cache_of(X, Y, parameters)
    return TestCase(gettext("the published example"), PLANTED, args, about="", public=True)


UNGRADED = UngradedFunction(
    Function(
        name=PLANTED,
        parameters=("X", "Y", "cache"),
        unpack=mapping("dW1", "db1", "dW2", "db2", "dW3", "db3"),
        checks=(),
    ),
    {
        "right": gettext("Both planted bugs are corrected."),
        "planted": gettext(
            "Both planted bugs are still there. The task asks you to correct them, for no points."
        ),
        "dW2": gettext(
            "One planted bug is corrected. The other, in dW2, is still there. The task asks you to "
            "correct both, for no points."
        ),
        "db1": gettext(
            "One planted bug is corrected. The other, in db1, is still there. The task asks you to "
            "correct both, for no points."
        ),
    },
    gettext(
        "Its gradients are neither those of the assignment nor right. The task asks you to correct "
        "two bugs in it, for no points."
    ),
)

ASSIGNMENT = AssignmentSpec(
    name="gradient_checking",
    title=gettext("Gradient Checking"),
    functions=FUNCTIONS,
    cases=cases,
    helpers=("gc_utils.py", "testCases.py"),
    packages=("numpy", "ipython"),
    seed=20260903,
    ungraded=(UNGRADED,),
)
