"""Take return values apart and compare them: structure before numbers.

The vocabulary is that of numpy.testing: kind, keys, shape, NaN, inf, then values; how many mismatch,
where the worst is, by how much. What leaves this module is text and numbers, no arrays.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from grader.messages import comma_list, gettext, with_article
from grader.messages.sanitize import printable
from grader.model import Opaque, Unpack, Value
from grader.model.result import Grid

_TINY = 1e-300
_NUMERIC = "biuf"
_SMALL, _MOST_CELLS = 12, 24


class UnexpectedStructure(Exception):
    """A return value that cannot be taken apart; `id` names the mistake."""

    def __init__(self, id: str, message: str) -> None:
        super().__init__(message)
        self.id, self.message = id, message


@dataclass(frozen=True, slots=True)
class Difference:
    """How a quantity differs from what is expected; `message` gives no expected value away."""

    message: str
    id: str = ""
    index: str = ""
    got: str = ""
    expected: str = ""
    mismatched: int = 0
    total: int = 0
    max_abs: float | None = None
    max_rel: float | None = None


# ------------------------------------------------------------------ taking return values apart


def scalar(name: str) -> Unpack:
    """Return an unpacker for one number: a float, an integer, a NumPy scalar or a 0-d array."""
    return functools.partial(_one_number, name)


def mapping(*keys: str) -> Unpack:
    """Return an unpacker for a dictionary that must hold `keys`; more keys do no harm."""
    return functools.partial(_by_key, keys)


def pair(first: str, *rest: str) -> Unpack:
    """Return an unpacker for `(first, (rest...))`, lists being as good as tuples."""
    return functools.partial(_in_two, first, rest)


def _one_number(name: str, value: Value) -> Mapping[str, Value]:
    _has_run(value, gettext("a number"))
    array = numbers(value)
    if array is None:
        message = gettext(
            (
                "Your function returns {what}, but should return a single "
                "number. Check the expression after `return`."
            ),
            what=_kind(value),
        )
        raise UnexpectedStructure("wrong-type", message)
    if array.shape != ():
        message = gettext(
            (
                "Your function returns an array of shape {shape}, but should return a "
                "single number. Which step should turn the array into one number?"
            ),
            shape=array.shape,
        )
        raise UnexpectedStructure("wrong-shape", message)
    return {name: value}


def _by_key(keys: Sequence[str], value: Value) -> Mapping[str, Value]:
    _has_run(value, gettext("a dictionary"))
    if not isinstance(value, dict):
        what = {"what": _kind(value), "keys": comma_list(keys)}
        message = gettext(
            (
                "Your function returns {what}, but should return a dictionary "
                "with the keys {keys}. Check the expression after `return`."
            ),
            **what,
        )
        raise UnexpectedStructure("wrong-type", message)
    return {key: value[key] for key in keys if key in value}


def _in_two(first: str, rest: Sequence[str], value: Value) -> Mapping[str, Value]:
    _has_run(value, gettext("two values, {first} and cache", first=first))
    if not isinstance(value, tuple | list) or len(value) != 2:
        what = {"what": _kind(value), "first": first}
        message = gettext(
            (
                "Your function returns {what}, but should return two values: "
                "{first} and cache. End the function with `return {first}, "
                "cache`."
            ),
            **what,
        )
        raise UnexpectedStructure("wrong-type", message)
    head, cache = value
    if not isinstance(cache, tuple | list) or len(cache) != len(rest):
        told: dict[str, Any] = {"what": _kind(cache), "count": len(rest), "names": comma_list(rest)}
        message = gettext(
            (
                "The returned cache is {what}, but should be a tuple of {count} values: "
                "{names}. Compare your cache with this list, one value at a time."
            ),
            **told,
        )
        raise UnexpectedStructure("cache-order", message)
    return {first: head, **dict(zip(rest, cache, strict=True))}


FORMS: Mapping[str, Callable[..., Unpack]] = {"scalar": scalar, "mapping": mapping, "pair": pair}
"""The forms of return values, by name: what is to be written down is the name and what is in it."""


def form_of(unpack: Unpack) -> tuple[str, ...] | None:
    """Return the name in `FORMS` and the names of quantities that make this unpacker, if any do."""
    made = unpack if isinstance(unpack, functools.partial) else None
    kinds = {_one_number: "scalar", _by_key: "mapping", _in_two: "pair"}
    if made is None or made.func not in kinds:
        return None
    names = (n for arg in made.args for n in ((arg,) if isinstance(arg, str) else arg))
    return (kinds[made.func], *names)


def _has_run(value: Value, expected: str) -> None:
    if value is None:
        message = gettext(
            (
                "Your function returns None, but should return {expected}. End the "
                "function with a `return` statement."
            ),
            expected=expected,
        )
        raise UnexpectedStructure("returns-nothing", message)
    if isinstance(value, Opaque) and value.type_name == "coroutine":
        message = gettext(
            "Your function is defined with `async def`, so a call does "
            "not run its code. Remove `async` before `def`."
        )
        raise UnexpectedStructure("wrong-type", message)


def _kind(value: Value) -> str:
    if isinstance(value, np.ndarray):
        return gettext("an array of shape {shape}", shape=value.shape)
    kind = type(value).__name__
    if isinstance(value, tuple | list):
        return gettext("{what} of length {count}", what=with_article(kind), count=len(value))
    if isinstance(value, Opaque):
        return gettext("an object of type {kind}", kind=printable(value.type_name, limit=60))
    return gettext("None") if value is None else with_article(kind)


# ------------------------------------------------------------------ comparing


def compare(expected: Value, actual: Value, *, rtol: float, atol: float) -> Difference | None:
    """Return how `actual` differs from `expected`, or None where it agrees.

    Two numbers agree when |actual - expected| <= atol * scale + rtol * |expected|, with scale the
    largest finite magnitude in `expected` (1 if that is smaller than 1e-300). Signed zeros, masks of
    bool or int, floats, NumPy scalars and 0-d arrays are equal by value.
    """
    want, got = numbers(expected), numbers(actual)
    if want is None:
        raise TypeError("the expected value is not numeric")
    if got is None:
        message = gettext("is {what}, but should contain only numbers", what=_kind(actual))
        return Difference(message, id="wrong-type")
    if got.shape != want.shape:
        return Difference(_shapes(got.shape, want.shape), id="wrong-shape", total=want.size)
    if want.tobytes() == got.tobytes():  # the common case by far, and ten times faster to see
        return None
    return _compare_numbers(want, got, rtol, atol)


def _shapes(got: tuple[int, ...], want: tuple[int, ...]) -> str:
    if got:
        return gettext("has shape {got}, but should have shape {want}", got=got, want=want)
    return gettext("is a single number, but should be an array of shape {want}", want=want)


def agree(want: NDArray[Any], got: NDArray[Any], *, rtol: float, atol: float) -> bool:
    """Say whether two arrays of floats agree, in the sense of `compare`."""
    if want.shape != got.shape:
        return False
    if want.tobytes() == got.tobytes():
        return True
    return not _told_apart(want, got, rtol, atol)[1].any()


def numbers(value: Value) -> NDArray[Any] | None:
    """Return plain data as an array of floats, rectangular lists included, or None for anything else."""
    if isinstance(value, bool | int | float | np.ndarray | np.generic) or _is_rectangular(value):
        array = np.asarray(value)
        if array.dtype.kind in _NUMERIC:
            return array.astype(np.float64, copy=False)
    return None


def _is_rectangular(value: Value) -> bool:
    """Say whether a value is a list of numbers, or of such lists that are all of one shape."""
    if not isinstance(value, list) or not value:
        return False
    if isinstance(value[0], list):
        return all(map(_is_rectangular, value)) and len({np.shape(row) for row in value}) == 1
    return all(
        isinstance(item, bool | int | float) or (isinstance(item, np.ndarray) and item.ndim == 0)
        for item in value
    )


def _compare_numbers(
    want: NDArray[Any], got: NDArray[Any], rtol: float, atol: float
) -> Difference | None:
    gap, wrong = _told_apart(want, got, rtol, atol)
    with np.errstate(all="ignore"):
        return _describe(want, got, gap, wrong) if wrong.any() else None


def _told_apart(
    want: NDArray[Any], got: NDArray[Any], rtol: float, atol: float
) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return how far apart two arrays are, and where that is more than agrees."""
    with np.errstate(all="ignore"):
        gap = np.abs(got - want)
        return gap, _wrong(want, got, gap, rtol * np.abs(want) + atol * _scale(want))


def _scale(want: NDArray[Any]) -> float:
    largest = float(np.max(np.abs(want[np.isfinite(want)]), initial=0.0))
    return largest if largest >= _TINY else 1.0


def _wrong(
    want: NDArray[Any], got: NDArray[Any], gap: NDArray[Any], bound: NDArray[Any]
) -> NDArray[Any]:
    same = (want == got) | (np.isnan(want) & np.isnan(got))
    wrong: NDArray[Any] = ~(same | (np.isfinite(want) & (gap <= bound)))
    return wrong


def _describe(
    want: NDArray[Any], got: NDArray[Any], gap: NDArray[Any], wrong: NDArray[Any]
) -> Difference:
    worst = tuple(int(i) for i in np.unravel_index(_worst(gap, wrong), want.shape))
    max_abs = _finite(np.max(gap[wrong]))
    max_rel = _finite(np.max(gap[wrong] / np.maximum(np.abs(want[wrong]), _TINY)))
    index = str(list(worst)) if worst else ""
    return Difference(
        message=_message(got, wrong, index),
        index=index,
        got=f"{got[worst] + 0.0:.8g}",  # no zero has a sign
        expected=f"{want[worst] + 0.0:.8g}",
        mismatched=int(wrong.sum()),
        total=want.size,
        max_abs=max_abs,
        max_rel=max_rel,
    )


def _worst(gap: NDArray[Any], wrong: NDArray[Any]) -> int:
    return int(np.argmax(np.where(wrong, np.nan_to_num(gap, nan=np.inf), -1.0)))


def _finite(number: Any) -> float | None:
    return float(number) if np.isfinite(number) and abs(number) < 1e250 else None


def _message(got: NDArray[Any], wrong: NDArray[Any], index: str) -> str:
    """Say how much is wrong and where most; by how much would tell what is right."""
    for name, found in (("NaN", np.isnan(got[wrong])), ("inf", np.isinf(got[wrong]))):
        if found.any():
            much = {"count": int(found.sum()), "total": got.size}
            return gettext("is {name} in {count} of {total} values", name=name, **much)
    if got.size == 1:
        return gettext("has the wrong value")
    much = {"count": int(wrong.sum()), "total": got.size}
    return gettext("is wrong in {count} of {total} values, most at {index}", index=index, **much)


# ------------------------------------------------------------------ where


def grid(expected: Value, actual: Value, *, rtol: float, atol: float) -> Grid | None:
    """Return where two vectors or matrices of one shape differ, or None for anything else."""
    want, got = numbers(expected), numbers(actual)
    if want is None or got is None or want.shape != got.shape:
        return None
    if want.ndim not in {1, 2} or want.size <= 1:
        return None
    wrong = np.atleast_2d(_told_apart(want, got, rtol, atol)[1])
    shares = tuple("".join(map(str, row)) for row in _shares(wrong).tolist())
    if max(want.shape) > _SMALL:
        return Grid(want.shape, shares)
    return Grid(want.shape, shares, _in_rows(got), _in_rows(want))


def _shares(wrong: NDArray[Any]) -> NDArray[Any]:
    """Return what share of each cell is wrong in ninths, rounded up; no side has too many cells."""
    starts = [np.arange(cells) * n // cells for n in wrong.shape for cells in [min(n, _MOST_CELLS)]]
    down, across = (np.diff(s, append=n) for s, n in zip(starts, wrong.shape, strict=True))
    sums = np.add.reduceat(np.add.reduceat(wrong.astype(int), starts[0], 0), starts[1], 1)
    shares: NDArray[Any] = -(-9 * sums // np.outer(down, across))
    return shares


def _in_rows(array: NDArray[Any]) -> tuple[str, ...]:
    rows = np.atleast_2d(array) + 0.0  # no zero has a sign
    return tuple(" ".join(f"{value:.5g}" for value in row) for row in rows.tolist())
