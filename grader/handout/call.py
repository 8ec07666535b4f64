"""Call a function of the student's own notebook as grading does, and find its graded name."""

from __future__ import annotations

import random
from collections.abc import Callable, Collection, Iterator
from types import CoroutineType, FunctionType
from typing import Any

import numpy as np

from grader.model import Opaque, Raised, Returned, TestCase, Value
from grader.sandbox.box import calling, wire

_MAX_DECORATORS = 5
"""The number of nested decorators in which a graded function is looked for."""


Place = tuple[int | None, int | None]
"""The number of a cell, and a line in it."""


def call_on_case(
    function: Callable[..., Any],
    case: TestCase,
    place_of: Callable[[BaseException], Place] = lambda _: (None, None),
) -> Returned | Raised:
    """Call a function on a test case, on copies of its arguments and with seeded random generators.

    `place_of` returns the innermost cell and line that an exception passed through. Afterwards the
    generators have their previous states. Raises KeyboardInterrupt, so that a student can stop the
    call.
    """
    python_state, numpy_state = random.getstate(), np.random.get_state()
    try:
        value, mutated = calling.call(function, case.args, case.seed)
        return Returned(_plain(value), tuple(mutated))
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # noqa: BLE001 - every exception is reported to the student
        kind, message = type(error).__name__, calling.message_of(error)
        name = getattr(error, "name", None) if isinstance(error, NameError) else None
        return Raised(kind, message, *place_of(error), name if type(name) is str else None)
    finally:
        random.setstate(python_state)
        np.random.set_state(numpy_state)


def _plain(value: Any) -> Value:
    """Return a value as grading receives it from the sandbox: plain data, or a placeholder."""
    try:
        if type(value) is CoroutineType:
            value.close()  # otherwise Python warns that it was never awaited
        return wire.round_trip(value, opaque=Opaque)
    except Exception:  # noqa: BLE001 - an object's own methods may raise anything
        return Opaque(type(value).__name__)


# ------------------------------------------------------------------ the graded name


def name_of(function: object, graded: Collection[str]) -> str | None:
    """Return a function's name, or the name of the only graded function that its decorators wrap."""
    try:
        name = getattr(function, "__name__", None)
    except Exception:  # noqa: BLE001 - an object's own methods may raise anything
        name = None
    name = name if type(name) is str else None
    if name in graded:
        return name
    names = {inner.__name__ for inner in wrapped(function) if inner.__name__ in graded}
    return names.pop() if len(names) == 1 else name


def wrapped(function: object, depth: int = _MAX_DECORATORS) -> Iterator[FunctionType]:
    """Yield the functions that a function refers to, as a decorated function does."""
    if type(function) is not FunctionType or not depth:
        return
    for cell in function.__closure__ or ():
        try:
            content = cell.cell_contents
        except ValueError:  # not assigned yet
            continue
        if type(content) is FunctionType:
            yield content
            yield from wrapped(content, depth - 1)
