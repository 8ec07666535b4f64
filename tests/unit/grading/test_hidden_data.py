"""Exceptions of hidden cases show no numbers of the inputs; those of public cases show everything."""

from __future__ import annotations

import numpy as np
import pytest

from grader.grading.hidden_data import without_inputs
from grader.model import Cell, Observation, Opaque, Raised, Returned, TestCase
from grader.notebook.slicing import Slice

PUBLIC = TestCase("example", "f", (1,), "x = 1", public=True)
HIDDEN = TestCase("network 1", "f", (2,), "x = 2")


CODE = Slice("f", cells=(Cell(1, "def f(): W4 = keep_prob * lambd"),))


def message(hidden: str, *, public: str | None = None) -> str:
    """Return the message of a hidden case, after one of a public case or a value of it."""
    first = Returned(1.0) if public is None else Raised("ValueError", public)
    observation = Observation((first, Raised("ValueError", hidden), Returned(1.0)))
    _, outcome, _ = without_inputs(observation, (PUBLIC, HIDDEN), CODE).outcomes
    assert isinstance(outcome, Raised)
    return outcome.message


@pytest.mark.parametrize(
    "text",
    [
        "[[0.12 -3.5e-05]\n [1.0 2.]]",
        "0.8372164",
        "keep_prob=.43",
        "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVo0NTY3ODk=",
        "a bd c ae d b",
        "name 'abdcaedb' is not defined",
        "'a.b.d.c'",
        "lambd W4 W4 lambd",
    ],
)
def test_hidden_case_has_no_text_of_its_inputs(text: str) -> None:
    """Also not as letters, or as words of the code."""
    assert message(text) == "..."


@pytest.mark.parametrize(
    "text",
    [
        "shapes (3,5) and (2,5) not aligned: 5 (dim 1) != 2 (dim 0)",
        "operands could not be broadcast together with shapes (20,3) (3,20) ",
        "'numpy.float64' object is not callable",
        "name 'W4' is not defined",
        "not enough values to unpack (expected 14, got 12)",
        "unsupported operand type(s) for *: 'NoneType' and 'float'",
        "f() missing 2 required positional arguments: 'W4' and 'lambd'",
        "operands could not be broadcast together with shapes (2,) (3,2) ",
        "'W5'",
        "",
    ],
)
def test_ordinary_errors_stay_as_they_are(text: str) -> None:
    assert message(text) == text


def test_message_of_a_public_case_stays_without_other_numbers() -> None:
    assert message("lambd should be 0.75", public="lambd should be 0.75") == "lambd should be 0.75"
    assert message("lambd is 0.75", public="lambd is 0.1") == "lambd is ..."
    assert message("x1y22z3", public="x0y0z0") == "x...y...z..."


def test_names_of_types_are_known_ones() -> None:
    """A class that is made with `type(letters, (), {})` can have any name."""
    values = [Opaque("abdc"), {"a": (1.0, Opaque("abdc"))}, Opaque("keep_prob"), Opaque("set")]
    outcomes: tuple[Returned | Raised, ...] = (
        *map(Returned, values),
        Raised("abdc", ""),
        Raised("AxisError", ""),
    )

    shown = without_inputs(Observation(outcomes), [HIDDEN] * 6, CODE).outcomes

    assert shown == (
        Returned(Opaque("object")),
        Returned({"a": (1.0, Opaque("object"))}),
        *outcomes[2:4],
        Raised("Exception", ""),
        outcomes[5],
    )


def test_numbers_of_hidden_cases_are_sizes_and_lines() -> None:
    """A shape with a zero can have any other numbers, an array in it no values."""
    case = TestCase("network 1", "f", ({"W1": np.zeros((30, 50))},), "")
    values = [np.zeros((50, 1500)), np.zeros((0, 51)), np.zeros((1,) * 5), [1.0] * 21, (2.0,) * 30]
    message = "shapes (30,51) and (900,20) not aligned: 51 (dim 1) != 900 (dim 0)"
    errors = [
        Raised("KeyError", "", 1, 1),
        Raised("KeyError", "", 1, 7),
        Raised("KeyError", message),
    ]
    outcomes: tuple[Returned | Raised, ...] = (
        *map(Returned, values),
        Returned(Opaque("ndarray of object with shape (77,)")),
        *errors,
    )

    shown = without_inputs(Observation(outcomes), [case] * len(outcomes), CODE).outcomes

    assert shown == (
        outcomes[0],
        Returned(Opaque("ndarray")),
        Returned(Opaque("ndarray")),
        Returned(Opaque("list")),
        outcomes[4],
        Returned(Opaque("ndarray")),
        errors[0],
        Raised("KeyError", ""),
        Raised("KeyError", "shapes (30,...) and (900,20) not aligned: ... (dim 1) != 900 (dim 0)"),
    )
