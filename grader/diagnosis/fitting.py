"""Fit laws to measurements: by which factor values are off, the same in every case.

A law is an array of shape (rows,), one number per test case, such as 1 / m. A measurement of the
same shape fits the law if it is the same constant times the law in every row; NaN marks a row that
could not be measured.
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
"""Largest relative error of a fit: far above rounding, far below any factor that a mistake has."""
FEWEST_MEASURED = 3
"""Measurements other than zero that a law must have."""

_PARALLEL = 1e-7
_ABSENT = 1e-9


def fit(measured: Array, law: Array) -> float | None:
    """Return the constant c with measured = c * law, or None. Measurements of zeros have c = 0.

    Both have the shape (rows,). None also if fewer than `FEWEST_MEASURED` rows were measured.

    >>> fit(np.array([0.2, 0.4, 0.6]), np.array([0.1, 0.2, 0.3]))
    2.0
    >>> fit(np.array([0.2, 0.4, 0.7]), np.array([0.1, 0.2, 0.3])) is None
    True
    """
    present = np.isfinite(measured)
    values = measured[present]
    if present.sum() < FEWEST_MEASURED:
        return None
    if not values.any():
        return 0.0
    factors = law[present]
    nonzero = factors != 0
    if not np.isfinite(factors).all() or nonzero.sum() < FEWEST_MEASURED:
        return None
    constant = float(np.median(values[nonzero] / factors[nonzero]))
    gap = np.abs(values - constant * factors)
    largest = np.max(np.abs(values))
    bound = TOLERANCE * np.maximum(np.abs(constant * factors), _ABSENT * largest)
    return constant if constant and bool((gap <= bound).all()) else None


def first_fit(measured: Array, laws: Iterable[tuple[Name, Array]]) -> tuple[Name, float] | None:
    """Return the name of the first law that fits, and its constant, or None. Shapes as in `fit`."""
    for name, law in laws:
        constant = fit(measured, law)
        if constant is not None:
            return name, constant
    return None


def factors_of(constant: float, *tables: Mapping[float, Ids]) -> Ids | None:
    """Return the ids whose factors, one of each table, multiply to a constant: the fewest that do.

    None if no choice of factors gives the constant.

    >>> factors_of(-0.5, {1.0: (), 0.5: ("halved",)}, {1.0: (), -1.0: ("subtracted",)})
    ('halved', 'subtracted')
    """
    choices = []
    for choice in itertools.product(*(table.items() for table in tables)):
        product = float(np.prod([factor for factor, _ in choice]))
        if close(constant, product):
            choices.append(tuple(id for _, ids in choice for id in ids))
    return min(choices, key=len, default=None)


def close(a: float, b: float) -> bool:
    """Return True if two numbers differ by at most `TOLERANCE` times the larger one."""
    return abs(a - b) <= TOLERANCE * max(abs(a), abs(b))


def is_count(number: float) -> bool:
    """Return True for a whole number from 2 to 1e7, which is probably a hard-coded size."""
    return 1.5 < number < 1e7 and close(number, round(number))


def is_simple(number: float) -> bool:
    """Return True for a fraction of whole numbers up to four: a factor rather than a strength.

    >>> is_simple(-0.75), is_simple(0.7)
    (True, False)
    """
    return any(close(abs(number), a / b) for a, b in itertools.product(range(1, 5), repeat=2))


# ------------------------------------------------------------------ parts of arrays


def share(of: Array, base: Array) -> float | None:
    """Return s with `of` = s * `base` (same shape), or None if `of` is not a multiple of it.

    s is the least-squares solution, accepted if no entry is off by more than `TOLERANCE` times the
    largest. If both arrays are zero, s is NaN.

    >>> share(np.array([[2.0, 0.0], [4.0, 6.0]]), np.array([[1.0, 0.0], [2.0, 3.0]]))
    2.0
    """
    scale = float(np.vdot(base, base))
    if scale == 0:
        return None if of.any() else float("nan")
    s = float(np.vdot(of, base)) / scale
    largest = max(float(np.max(np.abs(of))), _ABSENT * float(np.max(np.abs(base))))
    gap = np.abs(of - s * base)
    return s if bool((gap <= TOLERANCE * largest + 1e-300).all()) else None


def shares(of: Array, base: Array, second: Array) -> tuple[float, float] | None:
    """Return a, b with `of` = a * `base` + b * `second` (same shapes), or None if it is not such a sum.

    A share that is not determined is NaN, as both are if `base` and `second` are nearly parallel.
    Solved by least squares on columns of unit length.

    >>> a, b = shares(np.array([3.0, 4.0]), np.array([1.0, 0.0]), np.array([0.0, 1.0]))
    >>> round(a, 9), round(b, 9)
    (3.0, 4.0)
    """
    if not base.any() or not second.any():
        a, b = share(of, base), share(of, second)
        if a is None and b is None:
            return None
        return (float("nan") if a is None else a, float("nan") if b is None else b)
    columns = np.stack([base.ravel(), second.ravel()], axis=1)
    norms = np.linalg.norm(columns, axis=0)
    unit = columns / norms
    if not (np.isfinite(unit).all() and np.isfinite(of).all()):  # squares of tiny numbers are 0
        return None
    cosine = float(unit[:, 0] @ unit[:, 1])
    if 1 - cosine**2 < _PARALLEL or of.size < 2:
        return float("nan"), float("nan")
    solution = np.linalg.lstsq(unit, of.ravel(), rcond=None)[0]
    gap = np.abs(unit @ solution - of.ravel())
    if (gap > TOLERANCE * (float(np.max(np.abs(of))) + 1e-300)).any():
        return None
    absent = np.abs(solution) < _ABSENT * np.max(np.abs(solution))
    a, b = (float(x) for x in np.where(absent, 0, solution))
    return a / float(norms[0]), b / float(norms[1])


def measured(rows: Sequence[Name], measure: Callable[[Name], float | None]) -> Array | None:
    """Return one measurement per row, an array of shape (rows,), or None as soon as a row has none."""
    values = []
    for row in rows:
        value = measure(row)
        if value is None:
            return None
        values.append(value)
    return np.array(values, dtype=np.float64)


def first(candidates: Iterable[Name | None]) -> Name | None:
    """Return the first candidate that is not None, and compute no further ones."""
    return next((candidate for candidate in candidates if candidate is not None), None)
