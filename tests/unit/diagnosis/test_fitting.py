"""A law is found whatever the constant, and never where there is none."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.diagnosis import fitting

NUMBERS = st.floats(0.01, 100)
LAW = np.array([0.5, 3.0, 0.0, 1.25, 7.0])


@given(constant=NUMBERS)
def test_fit_of_a_multiple(constant: float) -> None:
    result = fitting.fit(constant * LAW, LAW)

    assert result is not None and fitting.close(result, constant)


@given(constant=NUMBERS, row=st.sampled_from([0, 1, 3, 4]), off=st.floats(1e-4, 10))
def test_one_wrong_row_breaks_a_law(constant: float, row: int, off: float) -> None:
    measured = constant * LAW
    measured[row] *= 1 + off

    assert fitting.fit(measured, LAW) is None


def test_fit_needs_enough_measurements() -> None:
    nan = np.nan

    assert fitting.fit(np.array([1.0, 6.0, nan, nan, 14.0]), LAW) == 2
    assert fitting.fit(np.array([1.0, 6.0, nan, nan, nan]), LAW) is None
    assert fitting.fit(np.zeros(5), LAW) == 0


def test_infinite_law_fits_nothing() -> None:
    assert fitting.fit(np.ones(5), np.array([1.0, 1.0, 1.0, 1.0, np.inf])) is None


def test_first_fit() -> None:
    result = fitting.first_fit(3 * LAW, [("other", LAW + 1), ("this", LAW), ("that", 3 * LAW)])

    assert result == ("this", 3)


def test_fewest_factors_of_a_constant() -> None:
    halves = {1.0: (), 2.0: ("doubled",)}
    signs = {1.0: (), -1.0: ("negative",)}
    sizes = {1.0: (), 2.0: ("two", "more")}

    assert fitting.factors_of(-2.0, halves, signs, sizes) == ("doubled", "negative")
    assert fitting.factors_of(4.0, halves, signs, sizes) == ("doubled", "two", "more")
    assert fitting.factors_of(3.0, halves, signs, sizes) is None


@pytest.mark.parametrize(("number", "is_one"), [(5, True), (2.0, True), (1, False), (2.5, False)])
def test_is_count(number: float, *, is_one: bool) -> None:
    assert fitting.is_count(number) == is_one


ARRAYS = st.integers(0, 2**32 - 1).map(lambda seed: np.random.default_rng(seed).normal(size=(3, 4)))


@given(base=ARRAYS, other=ARRAYS, a=NUMBERS, b=st.one_of(st.just(0.0), NUMBERS))
def test_shares_of_a_sum(base: np.ndarray, other: np.ndarray, a: float, b: float) -> None:
    if np.allclose(base, other):
        return
    result = fitting.shares(a * base + b * other, base, other)

    assert result is not None
    assert result == pytest.approx((a, b), rel=1e-6, abs=1e-9)


def test_shares_of_no_sum() -> None:
    base, second = np.eye(2), np.ones((2, 2))

    assert fitting.shares(np.array([[1.0, 2.0], [3.0, 4.0]]), base, second) is None
    assert fitting.share(np.eye(2), np.ones((2, 2))) is None


def test_share_of_zero() -> None:
    nothing = np.zeros((2, 2))

    assert np.isnan(fitting.share(nothing, nothing) or np.nan)
    assert fitting.share(np.eye(2), nothing) is None


@pytest.mark.parametrize("number", [1, 3, -0.5, 2 / 3])
def test_is_simple(number: float) -> None:
    assert fitting.is_simple(number)


@pytest.mark.parametrize("number", [0.7, 0.1, 5, 0.0, float("nan")])
def test_other_numbers_are_not_simple(number: float) -> None:
    assert not fitting.is_simple(number)
