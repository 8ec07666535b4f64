"""Find the law behind numbers: by which known factor they are off, in every case alike.

A law is a sequence of numbers, one a row (lambd / m, say). What was measured fits it when it is the
same constant times the law in every row that was measured; NaN stands for what could not be.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Name = TypeVar("Name")
Ids = tuple[str, ...]

TOLERANCE = 1e-6
FEWEST = 3
"""Measurements that differ from zero, below which nothing is called a law."""

_PARALLEL = 1e-7
_ABSENT = 1e-9


def fit(measured: Array, law: Array) -> float | None:
    """Return the constant by which a law explains what was measured, or None. All zeros is 0 times it."""
    known = np.isfinite(measured)
    values = measured[known]
    if known.sum() < FEWEST:
        return None
    if not values.any():
        return 0.0
    factors = law[known]
    telling = factors != 0
    if not np.isfinite(factors).all() or telling.sum() < FEWEST:
        return None
    ratios = values[telling] / factors[telling]
    constant = float(np.median(ratios))
    gap = np.abs(values - constant * factors)
    largest = np.max(np.abs(values))
    bound = TOLERANCE * np.maximum(np.abs(constant * factors), _ABSENT * largest)
    return constant if constant and bool((gap <= bound).all()) else None


def first_fit(measured: Array, laws: Iterable[tuple[Name, Array]]) -> tuple[Name, float] | None:
    """Return the name of the first law that fits, and its constant."""
    for name, law in laws:
        constant = fit(measured, law)
        if constant is not None:
            return name, constant
    return None


def factors_of(constant: float, *tables: Mapping[float, Ids]) -> Ids | None:
    """Return the ids whose factors, one of each table, multiply to a constant: the fewest that do."""
    found = []
    for choice in itertools.product(*(table.items() for table in tables)):
        product = float(np.prod([factor for factor, _ in choice]))
        if close(constant, product):
            found.append(tuple(id for _, ids in choice for id in ids))
    return min(found, key=len, default=None)


def close(one: float, other: float) -> bool:
    """Say whether two numbers are equal up to rounding."""
    return abs(one - other) <= TOLERANCE * max(abs(one), abs(other))


def is_count(number: float) -> bool:
    """Say whether a number is a whole one of at least two: a size that somebody wrote down."""
    return 1.5 < number < 1e7 and close(number, round(number))


def is_simple(number: float) -> bool:
    """Say whether a number is a fraction of whole ones up to four: more likely a factor than a strength."""
    return any(close(abs(number), a / b) for a, b in itertools.product(range(1, 5), repeat=2))


# ------------------------------------------------------------------ what numbers are made of


def share(of: Array, base: Array) -> float | None:
    """Return s where `of` is s * base, NaN where base is zero as `of` is, None where it is no multiple."""
    scale = float(np.vdot(base, base))
    if scale == 0:
        return None if of.any() else float("nan")
    s = float(np.vdot(of, base)) / scale
    largest = max(float(np.max(np.abs(of))), _ABSENT * float(np.max(np.abs(base))))
    gap = np.abs(of - s * base)
    return s if bool((gap <= TOLERANCE * largest + 1e-300).all()) else None


def shares(of: Array, base: Array, other: Array) -> tuple[float, float] | None:
    """Return a, b where `of` is a * base + b * other; NaN for what cannot be told, None for no sum."""
    if not base.any() or not other.any():
        a, b = share(of, base), share(of, other)
        if a is None and b is None:
            return None
        return (float("nan") if a is None else a, float("nan") if b is None else b)
    columns = np.stack([base.ravel(), other.ravel()], axis=1)
    norms = np.linalg.norm(columns, axis=0)
    unit = columns / norms
    cosine = float(unit[:, 0] @ unit[:, 1])
    if 1 - cosine**2 < _PARALLEL or of.size < 2:
        return float("nan"), float("nan")
    found = np.linalg.lstsq(unit, of.ravel(), rcond=None)[0]
    gap = np.abs(unit @ found - of.ravel())
    if (gap > TOLERANCE * (float(np.max(np.abs(of))) + 1e-300)).any():
        return None
    a, b = (float(x) for x in np.where(np.abs(found) < _ABSENT * np.max(np.abs(found)), 0, found))
    return a / float(norms[0]), b / float(norms[1])


def measured(rows: Sequence[Name], measure: Callable[[Name], float | None]) -> Array | None:
    """Return one measurement a row, or None as soon as one row has none."""
    values = []
    for row in rows:
        value = measure(row)
        if value is None:
            return None
        values.append(value)
    return np.array(values, dtype=np.float64)


def first(found: Iterable[Name | None]) -> Name | None:
    """Return the first that is not None, looking no further."""
    return next((one for one in found if one is not None), None)
