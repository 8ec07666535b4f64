"""Values become Python expressions, and expressions that draw values of the same kinds."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from grader.assignments.new.arguments import (
    Literals,
    RandomExpressions,
    edges,
    is_finite,
    is_more_than_signs,
)
from grader.errors import UnknownKind
from grader.model import Opaque

VALUES: list[Any] = [
    *(None, True, 3, -2, 0.5, 2.5, -1.5, 1e-7, "relu", [3, 2, 1], (1.0, [2])),
    *(np.array(2.5), np.float64(0.25), np.array([True, False]), np.array([[1, 0, 1]])),
    *(np.arange(6.0).reshape(2, 3), np.array([0.2, 0.9]), np.zeros((0, 2)), np.arange(5)),
    {"W1": np.eye(2), "b1": np.zeros((2, 1))},
]


def same(a: Any, b: Any) -> bool:
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(same(a[key], b[key]) for key in a)
    if isinstance(a, list | tuple):
        return len(a) == len(b) and all(map(same, a, b))
    return bool(np.array_equal(a, b)) and np.shape(a) == np.shape(b)


@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_a_literal_is_the_value(value: Any) -> None:
    assert same(eval(Literals().write(value, "x"), {"np": np}), value)


def test_a_large_array_is_kept_apart() -> None:
    literals = Literals()

    assert literals.write({"X": np.ones(100)}, "f_1") == "{'X': ARRAYS[\"f_1_X\"]}"
    assert [*literals.arrays] == ["f_1_X"]


@pytest.mark.parametrize("value", VALUES, ids=repr)
@pytest.mark.parametrize("seed", range(3))
def test_a_random_value_is_of_the_same_kind(value: Any, seed: int) -> None:
    expressions = RandomExpressions.of([value])
    namespace = {"np": np, "random": np.random.default_rng(seed)}
    exec(expressions.drawing, namespace)

    drawn = eval(expressions.write(value), namespace)

    assert kind(drawn) == kind(value)


def kind(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: kind(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return type(value), [kind(part) for part in value]
    if isinstance(value, np.ndarray) and value.ndim:
        return value.ndim, [n == 1 for n in value.shape], value.dtype.kind
    return type(value.item() if hasattr(value, "item") else value)


def test_equal_axes_stay_equal() -> None:
    X, Y = np.full((4, 3), 0.5), np.full((1, 3), 0.5)
    expressions = RandomExpressions.of([X, Y, 3])

    assert expressions.write((X, Y, 3)) == (
        "(random.uniform(0.05, 0.95, (n_1, n_2)), random.uniform(0.05, 0.95, (1, n_2)), n_2)"
    )


def test_edges_are_zero_one_and_one_element() -> None:
    calls = edges((np.array([[0.5, 0.25]]), 0.7, 3), ("x", "rate", "n"))

    assert [(about, args[0].shape, *args[1:]) for about, args, _ in calls] == [
        ("rate = 0", (1, 2), 0.0, 3),
        ("rate = 1", (1, 2), 1.0, 3),
        ("arrays with one element", (1, 1), 0.7, 3),
    ]
    assert not any(edge.is_large for edge in calls)


def test_numbers_of_any_size_are_also_large() -> None:
    """Numbers from 0 to 1, whole numbers and text keep their size."""
    arguments: tuple[Any, ...] = ({"W1": np.array([[1.0, -4.0]]), "p": 0.5}, -1.5, [3], "x", 0.5)
    calls = edges(arguments, ("parameters", "b", "layers", "name", "rate"))

    large = [edge for edge in calls if edge.is_large]
    assert [edge.about for edge in large] == ["large numbers in parameters", "large numbers in b"]
    first, second = (edge.arguments for edge in large)
    assert same(first, ({"W1": np.array([[250.0, -1000.0]]), "p": 0.5}, *arguments[1:]))
    assert same(second, (arguments[0], -1000.0, *arguments[2:]))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        *((1.0, False), (np.array([0.0, -1.0]), False), ("x", False), ({"a": 0.5}, True)),
        *(((0, np.array([1.0, 2.0])), True), ([np.float64(1)], False)),
    ],
)
def test_signs_are_trivial_answers(value: Any, *, expected: bool) -> None:
    assert is_more_than_signs(value) == expected


@pytest.mark.parametrize("value", [Opaque("module"), {1, 2}, [Opaque("module")]])
def test_an_unknown_kind_is_named(value: Any) -> None:
    for write in (lambda v: Literals().write(v, "x"), RandomExpressions().write):
        with pytest.raises(UnknownKind, match=r"module|set"):
            write(value)


@pytest.mark.parametrize(
    ("value", "finite"),
    [
        *((1, True), (np.nan, False), ([1.0, np.inf], False), ({"a": np.ones(2)}, True)),
        *((None, False), ("x", False)),
    ],
)
def test_only_numbers_are_finite(value: Any, *, finite: bool) -> None:
    assert is_finite(value) == finite
