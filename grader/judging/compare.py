"""Split return values into quantities and compare them: structure before numbers.

The order is that of numpy.testing: kind, keys, shape, NaN, inf, then values. The figures are the same
as there: the number of mismatched elements, the largest absolute and the largest relative difference.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from grader.errors import SubmissionError
from grader.messages import comma_list, gettext, with_article
from grader.messages.sanitize import one_line
from grader.model import Opaque, Unpack, Value
from grader.model.diagnoses import (
    MISSING_KEYS,
    RETURNS_NOTHING,
    WRONG_PARTS,
    WRONG_SHAPE,
    WRONG_TYPE,
    diagnosis,
)
from grader.model.findings import Diagnosis, Finding, Grid
from grader.model.record import record

_TINY = 1e-300
_NUMERIC = "biuf"
_SMALL, _MOST_CELLS = 12, 24


class UnexpectedStructure(SubmissionError):
    """A return value that cannot be taken apart, with the diagnosis of the reason."""

    def __init__(self, diagnosis: Diagnosis) -> None:
        super().__init__(diagnosis.message)
        self.diagnosis = diagnosis


# ------------------------------------------------------------------ taking return values apart


@record
class Scalar:
    """An unpacker for one number.

    A number from 0 to `small` (exclusive) is only rounding noise: it counts as 0.
    """

    name: str
    small: float = 0.0

    def __call__(self, value: Value) -> Mapping[str, Value]:
        """Return the number by its name. Raises UnexpectedStructure for any other value."""
        _require_value(value, gettext("a number"))
        array = numbers(value)
        if array is None:
            raise UnexpectedStructure(diagnosis(WRONG_TYPE, "number", what=_kind(value)))
        if array.shape != ():
            raise UnexpectedStructure(diagnosis(WRONG_SHAPE, "number", shape=array.shape))
        return {self.name: 0.0 if 0 <= array < self.small else value}


@record
class Keys:
    """An unpacker for a dictionary; `missing` is the id of the diagnosis of keys that it lacks."""

    keys: tuple[str, ...]
    missing: str = MISSING_KEYS.id

    def __call__(self, value: Value) -> Mapping[str, Value]:
        """Return the values of the expected keys that are present.

        Raises UnexpectedStructure if `value` is not a dictionary.
        """
        _require_value(value, gettext("a dictionary"))
        if not isinstance(value, dict):
            keys = comma_list(self.keys)
            raise UnexpectedStructure(
                diagnosis(WRONG_TYPE, "dictionary", what=_kind(value), keys=keys)
            )
        return {key: value[key] for key in self.keys if key in value}


@record
class Pair:
    """An unpacker for `(first, (parts...))`; `rest` is the name of the second value in sentences.

    `misplaced` is the id of the diagnosis of a second value that is not a tuple of that many parts.
    """

    first: str
    parts: tuple[str, ...]
    rest: str = "rest"
    misplaced: str = WRONG_PARTS.id

    def __call__(self, value: Value) -> Mapping[str, Value]:
        """Return the first value and the parts by name. Raises UnexpectedStructure otherwise."""
        _require_value(
            value, gettext("two values, {first} and {rest}", first=self.first, rest=self.rest)
        )
        if not isinstance(value, tuple | list) or len(value) != 2:
            raise UnexpectedStructure(
                diagnosis(WRONG_TYPE, "pair", what=_kind(value), first=self.first, rest=self.rest)
            )
        head, rest = value
        if not isinstance(rest, tuple | list) or len(rest) != len(self.parts):
            raise UnexpectedStructure(
                diagnosis(
                    WRONG_PARTS,
                    named=self.misplaced,
                    rest=self.rest,
                    what=_kind(rest),
                    count=len(self.parts),
                    names=comma_list(self.parts),
                )
            )
        return {self.first: head, **dict(zip(self.parts, rest, strict=True))}


@record
class Array:
    """An unpacker for an array of any shape, or a number."""

    name: str

    def __call__(self, value: Value) -> Mapping[str, Value]:
        """Return the array by its name. Raises UnexpectedStructure for None."""
        _require_value(value, gettext("an array"))
        return {self.name: value}


@record
class Several:
    """An unpacker for a tuple or a list of values, each with an unpacker of its own."""

    parts: tuple[Unpack, ...]

    def __call__(self, value: Value) -> Mapping[str, Value]:
        """Return the quantities of all values by name. Raises UnexpectedStructure otherwise."""
        count = len(self.parts)
        _require_value(value, gettext("{count} values", count=count))
        if not isinstance(value, tuple | list) or len(value) != count:
            raise UnexpectedStructure(
                diagnosis(WRONG_TYPE, "several", what=_kind(value), count=count)
            )
        quantities: dict[str, Value] = {}
        for unpack, part in zip(self.parts, value, strict=True):
            quantities |= unpack(part)
        return quantities


def scalar(name: str, *, small: float = 0.0) -> Scalar:
    """Return an unpacker for one number: a float, an integer, a NumPy scalar or a 0-d array.

    Numbers from 0 to `small` count as 0.

    >>> scalar("cost")(0.5)
    {'cost': 0.5}
    >>> scalar("difference", small=1e-6)(3e-10)
    {'difference': 0.0}
    """
    return Scalar(name, small)


def mapping(*keys: str, missing: str = MISSING_KEYS.id) -> Keys:
    """Return an unpacker for a dictionary that must have `keys`; more keys are ignored.

    >>> sorted(mapping("dW1", "db1")({"dW1": 1.0, "db1": 2.0, "more": 3.0}))
    ['dW1', 'db1']
    """
    return Keys(keys, missing)


def array(name: str) -> Array:
    """Return an unpacker for an array of any shape.

    >>> array("A")([[1.0, 2.0]])
    {'A': [[1.0, 2.0]]}
    """
    return Array(name)


def several(*parts: Unpack) -> Several:
    """Return an unpacker for several values, where a list counts as a tuple.

    >>> several(mapping("dw", "db"), scalar("cost"))(({"dw": 1.0, "db": 2.0}, 0.5))
    {'dw': 1.0, 'db': 2.0, 'cost': 0.5}
    """
    return Several(parts)


def pair(first: str, *parts: str, rest: str = "rest", misplaced: str = WRONG_PARTS.id) -> Pair:
    """Return an unpacker for `(first, (parts...))`, where a list counts as a tuple.

    >>> pair("A3", "Z1", "A1", rest="cache")((0.5, [1.0, 2.0]))
    {'A3': 0.5, 'Z1': 1.0, 'A1': 2.0}
    """
    return Pair(first, parts, rest, misplaced)


_FORMS: Mapping[str, Callable[..., Unpack]] = {
    "scalar": Scalar,
    "mapping": Keys,
    "pair": Pair,
    "array": Array,
}


def form_of(unpack: Unpack) -> Mapping[str, Any] | None:
    """Return an unpacker as JSON data, or None for an unpacker that the assignment defines itself.

    >>> form_of(scalar("cost"))
    {'kind': 'scalar', 'name': 'cost', 'small': 0.0}
    """
    if isinstance(unpack, Several):
        parts = [form_of(part) for part in unpack.parts]
        return {"kind": "several", "parts": parts} if all(parts) else None
    if not isinstance(unpack, Scalar | Keys | Pair | Array):
        return None
    kinds = {cls: kind for kind, cls in _FORMS.items()}
    return {"kind": kinds[type(unpack)], **dataclasses.asdict(unpack)}


def unpacker(form: Mapping[str, Any]) -> Unpack:
    """Return the unpacker that `form_of` wrote down, read from JSON.

    Raises KeyError for an unknown kind, TypeError for fields that do not fit it.

    >>> unpacker({"kind": "scalar", "name": "cost"})
    Scalar(name='cost', small=0.0)
    """
    if form["kind"] == "several":
        return several(*map(unpacker, form["parts"]))
    fields = {k: tuple(v) if isinstance(v, list) else v for k, v in form.items() if k != "kind"}
    return _FORMS[form["kind"]](**fields)


def _require_value(value: Value, expected: str) -> None:
    """Raise UnexpectedStructure for None and for a coroutine, which is a call that did not run."""
    if value is None:
        raise UnexpectedStructure(diagnosis(RETURNS_NOTHING, expected=expected))
    if isinstance(value, Opaque) and value.type_name == "coroutine":
        raise UnexpectedStructure(diagnosis(WRONG_TYPE, "coroutine"))


def _kind(value: Value) -> str:
    if isinstance(value, np.ndarray):
        return gettext("an array of shape {shape}", shape=value.shape)
    kind = type(value).__name__
    if isinstance(value, tuple | list):
        return gettext("{what} of length {count}", what=with_article(kind), count=len(value))
    if isinstance(value, Opaque):
        return gettext("an object of type {kind}", kind=one_line(value.type_name, limit=60))
    return gettext("None") if value is None else with_article(kind)


# ------------------------------------------------------------------ comparing


class Mismatches(NamedTuple):
    """Two arrays of one shape compared: absolute differences, and True where they are too large."""

    gap: NDArray[np.float64]
    wrong: NDArray[np.bool_]


def compare(expected: Value, actual: Value, *, rtol: float, atol: float) -> Finding | None:
    """Return how `actual` differs from `expected`, or None if they agree.

    Two numbers agree if |actual - expected| <= atol * scale + rtol * |expected|. This is the rule of
    `numpy.isclose`, with an absolute tolerance relative to the tensor: scale is the largest finite
    magnitude in `expected`, or 1 if that is 0. NaN agrees with NaN, and an infinity with
    itself, as in `numpy.testing.assert_allclose`. Unlike there, shapes are not broadcast. Signed
    zeros, arrays of bool or int, floats, NumPy scalars and 0-d arrays are compared by value.
    Raises TypeError if `expected` is not numeric.

    >>> compare([1.0, 2.0], [1.0, 2.5], rtol=1e-6, atol=0).message
    'is wrong in 1 of 2 values; the largest error is at [1]'
    >>> compare([100.0, 0.0], [100.0, 1e-8], rtol=0, atol=1e-9) is None  # 1e-8 <= 1e-9 * 100
    True
    >>> compare([1.0], 1.0, rtol=1e-6, atol=0).structure
    'wrong-shape'
    """
    want, got = numbers(expected), numbers(actual)
    if want is None:
        raise TypeError("the expected value is not numeric")
    if got is None:
        return _not_numbers(actual)
    if got.shape != want.shape:
        message = (
            gettext("has shape {got}, but should have shape {want}", got=got.shape, want=want.shape)
            if got.shape
            else gettext(
                "is a single number, but should be an array of shape {want}", want=want.shape
            )
        )
        return Finding(message=message, structure=WRONG_SHAPE.id, total=want.size)
    if want.tobytes() == got.tobytes():  # the most common case, and ten times faster
        return None
    mismatches = _mismatches(want, got, rtol, atol)
    return _described(want, got, mismatches) if mismatches.wrong.any() else None


def _not_numbers(actual: Value) -> Finding:
    if (
        isinstance(actual, Opaque) and actual.type_name == "ndarray"
    ):  # a hidden case hides its shape
        message = gettext("is an array of a wrong shape")
        return Finding(message=message, structure=WRONG_SHAPE.id)
    message = gettext("is {what}, but should contain only numbers", what=_kind(actual))
    return Finding(message=message, structure=WRONG_TYPE.id)


def agree(want: NDArray[Any], got: NDArray[Any], *, rtol: float, atol: float) -> bool:
    """Return True if two arrays of floats have one shape and agree by the rule of `compare`."""
    if want.shape != got.shape:
        return False
    if want.tobytes() == got.tobytes():
        return True
    return not _mismatches(want, got, rtol, atol).wrong.any()


def numbers(value: Value) -> NDArray[Any] | None:
    """Return plain data as an array of floats, rectangular lists included, or None for other data.

    Complex numbers, text, None, tuples, dictionaries and ragged lists are other data.

    >>> numbers([[1, 2], [3, 4]]).shape
    (2, 2)
    >>> numbers("1") is None
    True
    """
    if isinstance(value, bool | int | float | np.ndarray | np.generic) or _is_rectangular(value):
        array = np.asarray(value)
        if array.dtype.kind in _NUMERIC:
            return array.astype(np.float64, copy=False)
    return None


def _is_rectangular(value: Value) -> bool:
    """Return True for a list of numbers, or of such lists that all have one shape."""
    if not isinstance(value, list) or not value:
        return False
    if isinstance(value[0], list):
        return all(map(_is_rectangular, value)) and len({np.shape(row) for row in value}) == 1
    return all(
        isinstance(item, bool | int | float) or (isinstance(item, np.ndarray) and item.ndim == 0)
        for item in value
    )


def _mismatches(want: NDArray[Any], got: NDArray[Any], rtol: float, atol: float) -> Mismatches:
    size, finite = np.abs(want), np.isfinite(want)
    scale = float(size.max(initial=0.0, where=finite)) or 1.0
    with np.errstate(all="ignore"):
        gap = np.abs(got - want)
        close = finite & (gap <= rtol * size + atol * scale)
        if not finite.all():
            close |= (want == got) | (np.isnan(want) & np.isnan(got))
        return Mismatches(gap, ~close)


def _described(want: NDArray[Any], got: NDArray[Any], mismatches: Mismatches) -> Finding:
    gap, wrong = mismatches
    errors, values = gap[wrong], got[wrong]
    with np.errstate(all="ignore"):
        largest = np.flatnonzero(wrong)[errors.argmax()]  # the first NaN, if there is one
        worst = tuple(int(i) for i in np.unravel_index(largest, want.shape))
        max_abs = errors.max()
        max_rel = (errors / np.maximum(np.abs(want[wrong]), _TINY)).max()
    index = str(list(worst)) if worst else ""
    return Finding(
        message=_message(values, want.size, index),
        index=index,
        got=f"{got[worst] + 0.0:.8g}",  # + 0.0 removes the sign of a zero
        expected=f"{want[worst] + 0.0:.8g}",
        mismatched=values.size,
        total=want.size,
        max_abs=_finite(max_abs),
        max_rel=_finite(max_rel),
    )


def _finite(number: Any) -> float | None:
    return float(number) if np.isfinite(number) and abs(number) < 1e250 else None


def _message(values: NDArray[Any], total: int, index: str) -> str:
    """Return how many of so many values are wrong and where the error is largest.

    Its size would reveal the right value.
    """
    for name, matches in (("NaN", np.isnan(values)), ("inf", np.isinf(values))):
        if matches.any():
            count = int(matches.sum())
            if total == 1:
                return gettext("is {name}", name=name)
            return gettext(
                "is {name} in {count} of {total} values", name=name, count=count, total=total
            )
    if total == 1:
        return gettext("has the wrong value")
    return gettext(
        "is wrong in {count} of {total} values; the largest error is at {index}",
        index=index,
        count=values.size,
        total=total,
    )


# ------------------------------------------------------------------ where


def grid(expected: Value, actual: Value, *, rtol: float, atol: float) -> Grid | None:
    """Return where two vectors or matrices of one shape differ, or None for any other values.

    A vector is one row. A cell is one value; a side of more than 24 values is divided into 24 cells of
    several values. A digit is the share of wrong values in a cell, in ninths, rounded up. Arrays with
    sides of at most 12 values also come with their numbers, to five digits.

    >>> grid([[1.0, 2.0], [3.0, 4.0]], [[1.0, 2.0], [3.0, 5.0]], rtol=1e-6, atol=0).wrong
    ('00', '09')
    """
    want, got = numbers(expected), numbers(actual)
    if want is None or got is None or want.shape != got.shape:
        return None
    if want.ndim not in {1, 2} or want.size <= 1:
        return None
    wrong = np.atleast_2d(_mismatches(want, got, rtol, atol).wrong)
    # The share of wrong values in each cell, in ninths, rounded up.
    starts = [np.arange(cells) * n // cells for n in wrong.shape for cells in [min(n, _MOST_CELLS)]]
    down, across = (np.diff(s, append=n) for s, n in zip(starts, wrong.shape, strict=True))
    sums = np.add.reduceat(np.add.reduceat(wrong.astype(int), starts[0], 0), starts[1], 1)
    shares = -(-9 * sums // np.outer(down, across))
    ninths = tuple("".join(map(str, row)) for row in shares.tolist())
    if max(want.shape) > _SMALL:
        return Grid(want.shape, ninths)
    return Grid(want.shape, ninths, _in_rows(got), _in_rows(want))


def _in_rows(array: NDArray[Any]) -> tuple[str, ...]:
    rows = np.atleast_2d(array) + 0.0  # + 0.0 removes the sign of a zero
    return tuple(" ".join(f"{value:.5g}" for value in row) for row in rows.tolist())
