"""Return values are unpacked and compared, structure before numbers, without expected values."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from grader.judging.compare import (
    UnexpectedStructure,
    compare,
    grid,
    mapping,
    pair,
    scalar,
)
from grader.model import Opaque, Unpack
from grader.model.findings import Finding, Grid

RTOL, ATOL = 1e-6, 1e-9

CACHE = pair("A3", "Z1", "D1", rest="cache", misplaced="cache-order")
NO_PAIR = (
    "Your function returns None, but should return two values, A3 and cache. End the "
    "function with a `return` statement."
)


def differ(expected: Any, actual: Any, *, rtol: float = RTOL, atol: float = ATOL) -> Finding:
    result = compare(expected, actual, rtol=rtol, atol=atol)
    assert result is not None
    return result


def agree(expected: Any, actual: Any, *, rtol: float = RTOL, atol: float = ATOL) -> bool:
    return compare(expected, actual, rtol=rtol, atol=atol) is None


# ------------------------------------------------------------------ taking return values apart


def complaint(unpack: Unpack, value: Any) -> tuple[str, str]:
    """Return the id and the message of the diagnosis of a value."""
    with pytest.raises(UnexpectedStructure) as problem:
        unpack(value)
    assert str(problem.value) == problem.value.diagnosis.message
    return problem.value.diagnosis.id, problem.value.diagnosis.message


@pytest.mark.parametrize(
    "number", [1.5, 2, True, np.float64(1.5), np.float32(2), np.int64(3), np.array(4.0)]
)
def test_scalar_of_any_single_number(number: Any) -> None:
    assert scalar("cost")(number) == {"cost": number}


@pytest.mark.parametrize(
    ("value", "id", "message"),
    [
        (
            None,
            "returns-nothing",
            (
                "Your function returns None, but should return a number. End the function with a "
                "`return` statement."
            ),
        ),
        (
            "1.5",
            "wrong-type",
            (
                "Your function returns a str, but should return a single number. Check the "
                "expression after `return`."
            ),
        ),
        (
            (1.5, 2.5),
            "wrong-type",
            (
                "Your function returns a tuple of length 2, but should return a single number. "
                "Check the expression after `return`."
            ),
        ),
        (
            [],
            "wrong-type",
            (
                "Your function returns a list of length 0, but should return a single number. "
                "Check the expression after `return`."
            ),
        ),
        (
            [1.5, "x"],
            "wrong-type",
            (
                "Your function returns a list of length 2, but should return a single number. "
                "Check the expression after `return`."
            ),
        ),
        (
            [1.5],
            "wrong-shape",
            (
                "Your function returns an array of shape (1,), but should return a single "
                "number. Which step should turn the array into one number?"
            ),
        ),
        (
            {"cost": 1.5},
            "wrong-type",
            (
                "Your function returns a dict, but should return a single number. Check the "
                "expression after `return`."
            ),
        ),
        (
            Opaque("Cost"),
            "wrong-type",
            (
                "Your function returns an object of type Cost, but should return a single "
                "number. Check the expression after `return`."
            ),
        ),
        (
            Opaque("coroutine"),
            "wrong-type",
            (
                "Your function is defined with `async def`, so a call does not run its code. "
                "Remove `async` before `def`."
            ),
        ),
        (
            np.zeros((1, 1)),
            "wrong-shape",
            (
                "Your function returns an array of shape (1, 1), but should return a single "
                "number. Which step should turn the array into one number?"
            ),
        ),
        (
            np.array([1j]),
            "wrong-type",
            (
                "Your function returns an array of shape (1,), but should return a single "
                "number. Check the expression after `return`."
            ),
        ),
    ],
)
def test_scalar_of_other_values(value: Any, id: str, message: str) -> None:
    assert complaint(scalar("cost"), value) == (id, message)


class OddPair(tuple[float, ...]):
    """A type of a student's own, whose name begins with a vowel."""


@pytest.mark.parametrize(
    ("value", "what"),
    [
        (3, "an int"),
        (3.5, "a float"),
        (True, "a bool"),
        (np.int64(3), "an int64"),
        (np.uint8(3), "a uint8"),
        ("x", "a str"),
        (object(), "an object"),
        ([1, 2], "a list of length 2"),
        (OddPair((1.0, 2.0)), "an OddPair of length 2"),
        (type("ndarray", (), {})(), "an ndarray"),
    ],
)
def test_article_of_a_type(value: Any, what: str) -> None:
    message = (
        f"Your function returns {what}, but should return a dictionary with the keys dW1. "
        "Check the expression after `return`."
    )
    assert complaint(mapping("dW1"), value) == ("wrong-type", message)


def test_mapping_takes_its_keys() -> None:
    unpack = mapping("dW1", "db1")
    assert unpack({"db1": 2, "dW1": 1, "more": 3}) == {"dW1": 1, "db1": 2}
    assert unpack({"dW1": None}) == {"dW1": None}
    assert unpack({}) == {}


@pytest.mark.parametrize(
    ("value", "id", "message"),
    [
        (
            None,
            "returns-nothing",
            (
                "Your function returns None, but should return a dictionary. End the function "
                "with a `return` statement."
            ),
        ),
        (
            (1, 2),
            "wrong-type",
            (
                "Your function returns a tuple of length 2, but should return a dictionary with "
                "the keys dW1, db1. Check the expression after `return`."
            ),
        ),
        (
            np.zeros(2),
            "wrong-type",
            (
                "Your function returns an array of shape (2,), but should return a dictionary "
                "with the keys dW1, db1. Check the expression after `return`."
            ),
        ),
    ],
)
def test_mapping_of_other_values(value: Any, id: str, message: str) -> None:
    assert complaint(mapping("dW1", "db1"), value) == (id, message)


def test_pair_names_every_part() -> None:
    unpack = pair("A3", "Z1", "D1")
    parts = {"A3": 1, "Z1": 2, "D1": 3}
    assert unpack((1, (2, 3))) == unpack([1, [2, 3]]) == parts


@pytest.mark.parametrize(
    ("value", "id", "message"),
    [
        (
            None,
            "returns-nothing",
            NO_PAIR,
        ),
        (
            np.zeros((1, 5)),
            "wrong-type",
            (
                "Your function returns an array of shape (1, 5), but should return two values: "
                "A3 and cache. End the function with `return A3, cache`."
            ),
        ),
        (
            (1, 2, 3),
            "wrong-type",
            (
                "Your function returns a tuple of length 3, but should return two values: A3 and "
                "cache. End the function with `return A3, cache`."
            ),
        ),
        (
            (1, (2,)),
            "cache-order",
            (
                "The returned cache is a tuple of length 1, but should be a tuple of 2 values: "
                "Z1, D1. Compare your cache with this list, one value at a time."
            ),
        ),
        (
            (1, None),
            "cache-order",
            (
                "The returned cache is None, but should be a tuple of 2 values: Z1, D1. Compare "
                "your cache with this list, one value at a time."
            ),
        ),
        (
            (1, {"Z1": 2, "D1": 3}),
            "cache-order",
            (
                "The returned cache is a dict, but should be a tuple of 2 values: Z1, D1. "
                "Compare your cache with this list, one value at a time."
            ),
        ),
    ],
)
def test_pair_of_other_values(value: Any, id: str, message: str) -> None:
    assert complaint(CACHE, value) == (id, message)


# ------------------------------------------------------------------ what is equal


@pytest.mark.parametrize(
    ("expected", "actual"),
    [
        (0.0, -0.0),
        (np.array([0.0, -0.0]), np.array([-0.0, 0.0])),
        (np.array([True, False]), np.array([1, 0])),
        (np.array([1.0, 0.0]), np.array([True, False])),
        (np.array([1, 0], np.uint8), np.array([1.0, 0.0], np.float32)),
        (1.5, np.float64(1.5)),
        (np.float32(1.5), 1.5),
        (1.5, np.array(1.5)),
        (2, 2.0),
        (True, 1),
        (math.nan, np.array(math.nan)),
        (np.array([math.nan, math.inf, -math.inf]), np.array([math.nan, math.inf, -math.inf])),
        (np.zeros((0, 3)), np.zeros((0, 3))),
        (np.array([[1.0, 0.0], [0.0, 1.0]]), [[1, 0], [False, True]]),
        (np.array([1.0, 2.0]), [np.array(1.0), 2]),
        (np.zeros((1, 2, 1)), [[[0.0], [0.0]]]),
        (np.arange(6.0).reshape(2, 3), np.asfortranarray(np.arange(6.0).reshape(2, 3))),
    ],
)
def test_equal_values_of_any_type_agree(expected: Any, actual: Any) -> None:
    assert agree(expected, actual)
    assert agree(actual, expected)
    assert agree(expected, actual, rtol=0.0, atol=0.0)


def test_tolerance_is_the_bound() -> None:
    assert agree(1000.0, 1000.0 + 0.999e-3, atol=0.0)
    assert differ(1000.0, 1000.0 + 1.001e-3, atol=0.0).mismatched == 1
    assert agree(-1000.0, -1000.0 - 0.999e-3, atol=0.0)


def test_absolute_tolerance_scales_with_the_tensor() -> None:
    expected = np.array([1e6, 0.0, -2e6])
    assert agree(expected, expected + np.array([0.0, 1.9e-3, 0.0]), rtol=0.0)
    assert differ(expected, expected + np.array([0.0, 2.1e-3, 0.0]), rtol=0.0).index == "[1]"


def test_infinity_does_not_scale_the_tolerance() -> None:
    expected = np.array([math.inf, math.nan, 1.0])
    assert differ(expected, np.array([math.inf, math.nan, 1.1])).index == "[2]"


def test_scale_of_a_zero_tensor_is_one() -> None:
    assert agree(np.zeros(3), np.full(3, 0.9e-9))
    assert differ(np.zeros(3), np.full(3, 1.1e-9)).mismatched == 3


@pytest.mark.parametrize("size", [1e-301, 5e-324])
def test_scale_of_the_smallest_numbers_is_their_own(size: float) -> None:
    assert agree(np.full(3, size), np.full(3, size))
    assert differ(np.full(3, size), np.zeros(3)).mismatched == 3
    assert differ(np.full(3, size), np.full(3, 2 * size)).mismatched == 3


# ------------------------------------------------------------------ what differs


@pytest.mark.parametrize(
    ("actual", "message"),
    [
        (None, "is None, but should contain only numbers"),
        ("text", "is a str, but should contain only numbers"),
        ([], "is a list of length 0, but should contain only numbers"),
        ([1.0, None], "is a list of length 2, but should contain only numbers"),
        ([1.0, [2.0]], "is a list of length 2, but should contain only numbers"),
        ([[1.0], [2.0, 3.0]], "is a list of length 2, but should contain only numbers"),
        ([[1.0], []], "is a list of length 2, but should contain only numbers"),
        (
            [[[1.0], [2.0]], [[1.0, 2.0], [3.0, 4.0]]],
            "is a list of length 2, but should contain only numbers",
        ),
        ([np.zeros(2), np.zeros(2)], "is a list of length 2, but should contain only numbers"),
        ([(1.0, 2.0)], "is a list of length 1, but should contain only numbers"),
        ((1.0,), "is a tuple of length 1, but should contain only numbers"),
        ({"a": 1.0}, "is a dict, but should contain only numbers"),
        (Opaque("Matrix"), "is an object of type Matrix, but should contain only numbers"),
        (
            Opaque("ndarray of object with shape (2,)"),
            (
                "is an object of type ndarray of object with shape (2,), but should contain only "
                "numbers"
            ),
        ),
        (np.array([1j, 2.0]), "is an array of shape (2,), but should contain only numbers"),
    ],
)
def test_values_of_a_wrong_type(actual: Any, message: str) -> None:
    finding = differ(np.zeros(2), actual)
    assert finding == Finding(message=message)
    assert finding.structure == "wrong-type"


def test_array_whose_shape_is_not_shown() -> None:
    """A hidden case shows only shapes that its arguments explain."""
    finding = differ(np.zeros(2), Opaque("ndarray"))
    assert finding == Finding(message="is an array of a wrong shape")
    assert finding.structure == "wrong-shape"


@pytest.mark.parametrize(
    ("expected", "actual", "message"),
    [
        (np.zeros((2, 3)), np.zeros((3, 2)), "has shape (3, 2), but should have shape (2, 3)"),
        (np.zeros((2, 3)), np.zeros(6), "has shape (6,), but should have shape (2, 3)"),
        (np.zeros((2, 1)), np.zeros(2), "has shape (2,), but should have shape (2, 1)"),
        (np.zeros((2, 1)), [0.0, 0.0], "has shape (2,), but should have shape (2, 1)"),
        (np.zeros((1, 1)), 0.0, "is a single number, but should be an array of shape (1, 1)"),
        (0.0, np.zeros((1, 1)), "has shape (1, 1), but should have shape ()"),
        (np.zeros(0), np.zeros((0, 1)), "has shape (0, 1), but should have shape (0,)"),
    ],
)
def test_shape_is_compared_before_numbers(expected: Any, actual: Any, message: str) -> None:
    result = differ(expected, actual)
    assert result == Finding(message=message, total=np.size(expected))
    assert result.structure == "wrong-shape"


def test_size_of_a_difference() -> None:
    assert differ(2.0, 2.5) == Finding(
        message="has the wrong value",
        got="2.5",
        expected="2",
        mismatched=1,
        total=1,
        max_abs=0.5,
        max_rel=0.25,
    )


def test_position_of_the_worst_number() -> None:
    expected = np.array([[1.0, 2.0], [4.0, 8.0]])
    assert differ(expected, expected + np.array([[0.0, 0.5], [-2.0, 0.0]])) == Finding(
        message="is wrong in 2 of 4 values; the largest error is at [1, 0]",
        index="[1, 0]",
        got="2",
        expected="4",
        mismatched=2,
        total=4,
        max_abs=2.0,
        max_rel=0.5,
    )


def test_single_number_within_axes() -> None:
    result = differ(np.array([[2.0]]), np.array([[3.0]]))
    assert (result.message, result.index) == ("has the wrong value", "[0, 0]")


def test_expected_zero_has_no_relative_size() -> None:
    assert differ(0.0, 0.5).message == "has the wrong value"
    assert differ(0.0, 0.5).max_rel is None


def test_inverted_mask_differs_everywhere() -> None:
    mask = np.array([True, False, True])
    message = "is wrong in 3 of 3 values; the largest error is at [0]"
    assert differ(mask, ~mask).message == message


@pytest.mark.parametrize(
    ("expected", "actual", "message"),
    [
        ([1.0, 2.0, 3.0], [1.0, math.nan, 3.0], "is NaN in 1 of 3 values"),
        ([1.0, 2.0, 3.0], [math.nan, math.inf, 3.0], "is NaN in 1 of 3 values"),
        ([1.0, 2.0, 3.0], [math.inf, 2.0, -math.inf], "is inf in 2 of 3 values"),
        ([math.nan, 2.0, 3.0], [math.nan, math.nan, 3.0], "is NaN in 1 of 3 values"),
        (
            [math.nan, 2.0, 3.0],
            [1.0, 2.0, 3.0],
            "is wrong in 1 of 3 values; the largest error is at [0]",
        ),
        (
            [math.inf, 2.0, 3.0],
            [1.0, 2.0, 3.0],
            "is wrong in 1 of 3 values; the largest error is at [0]",
        ),
        ([math.inf, 2.0, 3.0], [-math.inf, 2.0, 3.0], "is inf in 1 of 3 values"),
        ([math.inf, 2.0, 3.0], [math.nan, 2.0, 3.0], "is NaN in 1 of 3 values"),
    ],
)
def test_nan_and_inf_where_expected(
    expected: list[float], actual: list[float], message: str
) -> None:
    result = differ(np.array(expected), np.array(actual))
    assert (result.message, result.max_abs, result.max_rel) == (message, None, None)


@pytest.mark.parametrize(
    ("expected", "actual", "message"),
    [
        (math.inf, 1.0, "has the wrong value"),
        (math.nan, 1.0, "has the wrong value"),
        (1.0, math.nan, "is NaN"),
        (1.0, -math.inf, "is inf"),
        (1.7e308, -1.7e308, "has the wrong value"),
    ],
)
def test_difference_without_a_size(expected: float, actual: float, message: str) -> None:
    assert differ(expected, actual).message == message


def test_message_reveals_no_expected_value() -> None:
    expected = np.array([[123.456, 654.321]])
    for actual in (np.zeros((1, 2)), np.zeros(2), None, np.full((1, 2), math.nan)):
        message = differ(expected, actual).message
        assert "123.4" not in message
        assert "654.321" not in message


@pytest.mark.parametrize("expected", [None, "text", (1.0,), Opaque("x"), np.array(["a"])])
def test_expected_value_must_be_numeric(expected: Any) -> None:
    with pytest.raises(TypeError, match=r"\Athe expected value is not numeric\Z"):
        compare(expected, 1.0, rtol=RTOL, atol=ATOL)


# ------------------------------------------------------------------ whatever the numbers

shapes = hnp.array_shapes(min_dims=0, max_dims=3, min_side=1, max_side=4)
anything = hnp.arrays(
    st.sampled_from([np.float64, np.float32, np.int64, np.uint8, np.bool_]), shapes
)
ordinary = hnp.arrays(np.float64, shapes, elements=st.floats(-1e6, 1e6))


@given(anything | st.floats() | st.integers(-(1 << 63), (1 << 63) - 1) | st.booleans())
def test_any_value_agrees_with_itself(value: Any) -> None:
    assert agree(value, value, rtol=0.0, atol=0.0)


@given(anything, anything)
@example(np.array([np.inf]), np.array([5.0]))
@example(np.array([np.inf]), np.array([-np.inf]))
def test_agreement_without_tolerance_is_equality(one: Any, other: Any) -> None:
    result = compare(one, other, rtol=0.0, atol=0.0)
    alike = one.shape == other.shape and np.array_equal(
        one.astype(float), other.astype(float), equal_nan=True
    )
    assert (result is None) == alike
    loose = compare(one, other, rtol=RTOL, atol=ATOL)
    assert result is not None or loose is None


@given(ordinary, st.data())
def test_wrong_number_is_located(array: Any, data: st.DataObject) -> None:
    place = tuple(data.draw(st.integers(0, side - 1)) for side in array.shape)
    scale = max(float(np.abs(array).max()), 1.0)
    step = data.draw(st.sampled_from([1.0, -1.0])) * data.draw(st.floats(1e-3, 10.0)) * scale
    wrong = array.copy()
    wrong[place] += step
    result = differ(array, wrong)
    assert result.index == (str(list(place)) if place else "")
    assert (result.mismatched, result.total) == (1, array.size)
    assert result.max_abs == pytest.approx(abs(step), rel=1e-6, abs=1e-9 * scale)
    assert (result.got, result.expected) == (
        f"{wrong[place] + 0.0:.8g}",
        f"{array[place] + 0.0:.8g}",
    )


@given(ordinary, st.floats(-0.5, 0.5))
def test_difference_below_the_tolerance_agrees(array: Any, part: float) -> None:
    assert agree(array, array * (1 + part * RTOL))


# ------------------------------------------------------------------ where


def where(expected: Any, actual: Any) -> Grid | None:
    return grid(expected, actual, rtol=RTOL, atol=ATOL)


def test_grid_of_a_small_matrix() -> None:
    expected = np.array([[1.0, -0.0, 2.0], [1e-7, 12345678.0, 3.0]])
    actual = [[1.0, 0.0, math.pi], [1e-7, 12345678.0, math.nan]]
    assert where(expected, actual) == Grid(
        *((2, 3), ("009", "009")),
        got=("1 0 3.1416", "1e-07 1.2346e+07 nan"),
        expected=("1 0 2", "1e-07 1.2346e+07 3"),
    )


def test_grid_of_a_vector_and_of_a_mask() -> None:
    assert where(np.array([True, False]), np.array([1, 1])) == Grid(
        (2,), ("09",), ("1 1",), ("1 0",)
    )


def test_grid_of_a_large_matrix() -> None:
    expected = np.zeros((48, 13))
    actual = expected.copy()
    actual[0, 0] = actual[2:4, 12] = 1
    result = where(expected, actual)
    assert result is not None
    assert (result.got, result.expected) == ((), ())
    assert result.wrong[:3] == ("5" + "0" * 12, "0" * 12 + "9", "0" * 13)
    assert len(result.wrong) == 24


@given(st.integers(1, 70), st.integers(1, 70))
def test_grid_shows_a_single_wrong_value(rows: int, columns: int) -> None:
    expected = np.ones((rows, columns + 1))
    actual = expected.copy()
    actual[rows // 2, columns] = 2
    result = where(expected, actual)
    assert result is not None
    shown = [digit for row in result.wrong for digit in row if digit != "0"]
    assert len(shown) == 1
    assert len(result.wrong) == min(rows, 24)
    assert {len(row) for row in result.wrong} == {min(columns + 1, 24)}


@pytest.mark.parametrize(
    ("expected", "actual"),
    [
        (2.0, 3.0),
        (np.array([2.0]), np.array([3.0])),
        (np.zeros((2, 3)), np.ones((3, 2))),
        (np.zeros((2, 2, 2)), np.ones((2, 2, 2))),
        (np.zeros((0, 3)), np.ones((0, 3))),
        (np.zeros(2), "text"),
        (np.zeros(2), None),
    ],
)
def test_grid_of_other_values_is_none(expected: Any, actual: Any) -> None:
    assert where(expected, actual) is None
