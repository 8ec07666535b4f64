"""Laws that explain values of any assignment."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from grader.diagnosis import general
from grader.diagnosis.general import Law
from grader.judging.compare import mapping
from grader.judging.intermediates import gather
from grader.model import Check, Function, Observation, Returned, TestCase

FUNCTION = Function(
    "f",
    parameters=("n", "strength"),
    unpack=mapping("W", "b"),
    checks=(Check("all", 1, "random", ("W", "b")),),
)
SHAPES = ((3, 2), (4, 5), (2, 6), (5, 3), (6, 4))
CASES = tuple(
    TestCase(f"case {i}", "f", (shape, 0.5 + i), f"shape {shape}") for i, shape in enumerate(SHAPES)
)
DRAWING = "def f(n):\n    return np.random.randn(n)"
Change = Callable[[Any, TestCase], Any]


def laws_of(change: Change, source: str = "") -> list[tuple[Law, list[str]]]:
    """Return the laws of a function whose W is the right one, changed."""
    random = np.random.default_rng(1)
    right = [random.standard_normal(shape) for shape in SHAPES]
    want = [Returned({"W": W, "b": np.ones((len(W), 1))}) for W in right]
    got = [
        Returned({"W": change(W, case), "b": np.ones((len(W), 1)), "more": W})
        for W, case in zip(right, CASES, strict=True)
    ]
    computation = general.computation_of(FUNCTION)
    intermediates = gather(
        FUNCTION, computation, CASES, Observation(tuple(want)), Observation(tuple(got))
    )
    return list(general.laws(intermediates, source))


@pytest.mark.parametrize(
    ("change", "law"),
    [
        (lambda W, _: 0.1 * W, Law("wrong-scale", factor="0.1")),
        (lambda W, _: -W, Law("wrong-scale", "sign", factor="-1")),
        (lambda W, _: 0 * W, Law("wrong-scale", "zero", factor="0")),
        (lambda W, case: W / case.args[1], Law("wrong-scale", "size", size="strength")),
        (
            lambda W, _: W * np.sqrt(W.shape[1]),
            Law("wrong-scale", "size", size="the number of columns of W"),
        ),
    ],
)
def test_a_factor_is_explained(change: Change, law: Law) -> None:
    assert laws_of(change) == [(law, ["W"])]


def test_other_random_numbers_of_the_same_size_are_explained() -> None:
    other = np.random.default_rng(7)
    expected = [(Law("other-random-numbers"), ["W"])]

    assert laws_of(lambda W, _: other.standard_normal(W.shape), DRAWING) == expected


@pytest.mark.parametrize(
    ("change", "source"),
    [
        (lambda W, _: W + 1, ""),
        (lambda W, _: W.T, DRAWING),
        (lambda W, _: np.abs(W), DRAWING),
        (lambda W, _: 3 * np.random.default_rng(7).standard_normal(W.shape), DRAWING),
        (lambda W, _: np.random.default_rng(7).standard_normal(W.shape), "def f(n): ..."),
    ],
)
def test_other_values_obey_no_law(change: Change, source: str) -> None:
    """Among them numbers of another size, and random ones from code that draws none."""
    assert laws_of(change, source) == []
