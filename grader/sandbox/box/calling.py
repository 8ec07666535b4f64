"""Call one function, for the sandbox and for `check` in a student's notebook.

Both run this file, so that a call in the notebook gives the same result as the same call in grading.
The hand-out ships it: it may import nothing but the standard library and NumPy.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np


class CallResult(NamedTuple):
    """The value that a call returned, and the positions of the arguments that it changed in place."""

    value: Any
    mutated: list[int]


def call(function: Callable[..., Any], args: Sequence[Any], seed: int) -> CallResult:
    """Call a function on copies of its arguments, just after seeding `random` and `numpy.random`.

    Raises what the function raises.
    """
    copies = [_copy(arg) for arg in args]
    random.seed(seed)
    np.random.seed(seed)
    value = function(*copies)
    pairs = enumerate(zip(args, copies, strict=True))
    return CallResult(value, [i for i, (before, after) in pairs if not _same(before, after)])


def message_of(error: BaseException) -> str:
    """Return the message of an exception, or "" where `__str__` (a student's code) raises."""
    try:
        return str(error)
    except BaseException:
        return ""


def _copy(value: Any) -> Any:
    """Copy plain data. Arrays that came over the wire are read-only; their copies are writable."""
    if isinstance(value, np.ndarray):
        return value.copy()
    if isinstance(value, dict):
        return {key: _copy(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return type(value)(_copy(item) for item in value)
    return value


def _same(before: Any, after: Any) -> bool:
    """Return True if an argument has the same types, the same order and the same bits as before.

    Arrays are compared by their bytes: `==` would report an untouched array with a NaN as changed.
    """
    if before is after:
        return True
    if type(before) is not type(after):
        return False
    if isinstance(before, np.ndarray):
        alike = before.dtype == after.dtype and before.shape == after.shape
        return alike and before.tobytes() == after.tobytes()
    if isinstance(before, dict):
        pairs = zip(before.values(), after.values(), strict=False)
        return list(before) == list(after) and all(_same(old, new) for old, new in pairs)
    if isinstance(before, tuple | list):
        return len(before) == len(after) and all(map(_same, before, after))
    return bool(before == after)
