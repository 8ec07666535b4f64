"""Values become Python expressions, and expressions that draw values of the same kinds."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from grader.assignments.new.arguments import Literals, RandomExpressions, edges, is_finite
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
    calls = edges((np.array([[1.0, 2.0]]), 0.7, 3))

    assert [(call[0].shape, *call[1:]) for call in calls] == [
        ((1, 2), 0.0, 3),
        ((1, 2), 1.0, 3),
        ((1, 1), 0.7, 3),
    ]


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
