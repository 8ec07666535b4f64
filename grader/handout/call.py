"""Call a function of the student's own notebook as grading does, and find out which one it is."""

from __future__ import annotations

import copy
import random
import traceback
from collections.abc import Callable, Collection, Iterator
from types import CoroutineType, FunctionType
from typing import Any

import numpy as np

from grader.model import Opaque, Raised, Returned, TestCase, Value

_DECORATORS = 5
"""How many decorators one above the other are looked through."""

_DEEPEST = 32
_PLAIN = (type(None), bool, int, float, complex, str, np.ndarray, np.generic, list, tuple, dict)


def called(function: Callable[..., Any], case: TestCase) -> Returned | Raised:
    """Call a function as grading does: on copies, with seeded generators, which get their state back."""
    given = copy.deepcopy(case.args)
    state, drawn = random.getstate(), np.random.get_state()
    random.seed(case.seed)
    np.random.seed(case.seed)
    try:
        returned = function(*given)
        changed = [i for i, old in enumerate(case.args) if not _same(old, given[i])]
        return Returned(_kept(returned), tuple(changed))
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # noqa: BLE001 - whatever it is, the student is told
        return Raised(type(error).__name__, _words(error), line=_line(function, error))
    finally:
        random.setstate(state)
        np.random.set_state(drawn)


def _kept(returned: Any) -> Value:
    """Return a copy that nobody changes any more, or the name of the type of what has none."""
    try:
        if type(returned) is CoroutineType:
            returned.close()  # or Python warns, when it is forgotten, that nobody awaited it
        return _ended(copy.deepcopy(returned))
    except RecursionError:
        return Opaque(f"{type(returned).__name__} that has no end")
    except Exception:  # noqa: BLE001 - a generator, say, or an object that will not be copied
        return Opaque(type(returned).__name__)


def _ended(value: Any) -> Value:
    """Return plain data as it is, and the name of the type of what is none or has no end."""
    if type(value) is tuple:
        return tuple(map(_ended, value))
    if type(value) is dict:
        return {key: _ended(item) for key, item in value.items()}
    kind = type(value).__name__
    if not issubclass(type(value), _PLAIN):
        return Opaque(kind)
    return Opaque(f"{kind} that has no end") if _is_deep(value, _DEEPEST) else value


def _is_deep(value: Any, left: int) -> bool:
    """Say whether lists are nested deeper than any array; one that contains itself is."""
    if type(value) not in (list, tuple, dict):
        return False
    items = value.values() if type(value) is dict else value
    return not left or any(_is_deep(item, left - 1) for item in items)


def _words(error: BaseException) -> str:
    try:
        return str(error)
    except Exception:  # noqa: BLE001 - the message is code of the student's own
        return ""


def _line(function: Callable[..., Any], error: BaseException) -> int | None:
    """Return in which line of the function's cell an error came up."""
    code = getattr(function, "__code__", None)
    lines = [
        frame.lineno
        for frame in traceback.extract_tb(error.__traceback__)
        if code is not None and frame.filename == code.co_filename
    ]
    return lines[-1] if lines else None


def _same(old: Value, new: Value) -> bool:
    if isinstance(old, dict):
        return old.keys() == new.keys() and all(_same(old[key], new[key]) for key in old)
    if isinstance(old, tuple | list):
        return len(old) == len(new) and all(map(_same, old, new))
    return bool(np.array_equal(old, new))


# ------------------------------------------------------------------ which function it is


def name_of(function: object, known: Collection[str]) -> str | None:
    """Return the name of a function, or of the one graded function that a decorator has put into it."""
    name = _attribute(function, "__name__")
    if name in known:
        return str(name)
    inside = {found for found in _names_within(function, _DECORATORS) if found in known}
    return inside.pop() if len(inside) == 1 else name


def _attribute(thing: object, key: str) -> str | None:
    """Return an attribute that is text, None where it is none or cannot be asked for."""
    try:
        found = getattr(thing, key, None)
    except Exception:  # noqa: BLE001 - an object of the student's own may do anything
        return None
    return found if type(found) is str else None


def _names_within(function: object, depth: int) -> Iterator[str]:
    """Yield the names of functions that another keeps, as one does that a decorator has made."""
    if type(function) is not FunctionType or not depth:
        return
    for cell in function.__closure__ or ():
        try:
            kept = cell.cell_contents
        except ValueError:  # it is empty still
            continue
        if type(kept) is FunctionType:
            yield kept.__name__
            yield from _names_within(kept, depth - 1)
