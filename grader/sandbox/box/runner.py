"""Run one program inside a child of the worker: first its cells, then the calls.

It reports values and exceptions; the grader compares them outside. Student code shares this process
and may patch anything in it, but it can forge only its own return values.
"""

from __future__ import annotations
import __future__

import ast
import contextlib
import functools
import importlib
import operator
import socket
import sys
import types
from typing import Any, NamedTuple

import calling
import compat
import numpy as np
import wire

_REHEARSAL = """
import numpy as np
from math import log
def f(arrays, values, number):
    np.random.seed(3)
    x = arrays["x"]
    y = np.maximum(0, np.dot(x, values[0]) + np.sum(x, axis=1, keepdims=True))
    z = (np.random.rand(*y.shape) < number).astype(int)
    y = np.multiply(y, z) / number + np.random.randn(2, 2) * 0
    total = np.nansum(-np.log(1 / (1 + np.exp(-y)))) + np.sum(np.square(x)) * log(2)
    return {"x": y, "y": z, "z": np.int64(y > 0), "n": np.linalg.norm(y)}, float(total)
"""


class Location(NamedTuple):
    """A code cell and a line in it, both counted from 1; None where there is no such line."""

    cell: int | None
    line: int | None


def prepare(helpers: list[str], preloaded: list[str]) -> None:
    """Install the replacements for old notebooks, and import modules before any program needs them.

    A module in `preloaded` that is not installed is skipped.
    """
    compat.install(helpers)
    for module in preloaded:
        with contextlib.suppress(ImportError):
            importlib.import_module(module)
    # Run a small program of our own, so that no child has to load or compile on first use.
    ours, theirs = socket.socketpair()
    source = np.frombuffer(_REHEARSAL.encode(), np.uint8)
    args = ({"x": np.ones((2, 2))}, [np.ones((2, 2))], 0.5)
    calls = [[args, 1]] * 8
    request = {"function": "f", "cells": [[1, source]], "stand_ins": []}
    with ours, theirs:
        wire.send(ours, request)
        wire.send(ours, calls)
        serve(theirs)
        for _ in range(len(calls) + 2):
            wire.receive(ours)
    compat.notes.clear()


# ------------------------------------------------------------------ a program


def serve(channel: Any) -> None:
    """Receive one program, run it, and send an event for its cells, for each call and for the end."""
    request, calls = wire.receive(channel), wire.receive(channel)
    compat.allow_stand_ins(request["stand_ins"])
    main = types.ModuleType("__main__")
    sys.modules["__main__"] = main
    namespace = main.__dict__
    namespace["get_ipython"] = lambda: _shell(namespace)
    errors = _run_cells(request["cells"], namespace)
    _run_calls(channel, namespace, request["function"], calls, errors=errors)


def serve_namespace(channel: Any, namespace: dict[str, Any]) -> None:
    """Receive calls of one function after another, and run them on a finished notebook's names."""
    while True:
        request = wire.receive(channel)
        _run_calls(channel, namespace, request["function"], wire.receive(channel))


def _run_calls(
    channel: Any, namespace: dict[str, Any], function: str, calls: list[Any], *, errors: Any = ()
) -> None:
    wire.send(channel, {"event": "ready", "raised": list(errors)})
    for args, seed in calls:
        channel.sendall(_call(namespace, function, args, seed))
    wire.send(channel, {"event": "end", "notes": compat.notes})


def _call(namespace: dict[str, Any], function: str, args: list[Any], seed: int) -> bytes:
    """Return the frame of one call.

    As a function of its own it frees the value before the next call needs memory.
    """
    try:
        value, mutated = calling.call(namespace[function], args, seed)
        return wire.encode({"event": "returned", "value": value, "mutated": mutated})
    except BaseException as error:
        return wire.encode({"event": "raised", "error": _describe(error)})


def _shell(namespace: dict[str, Any]) -> Any:
    """Return an IPython shell over the program's names. It is slow to load, so only on first use."""
    from IPython.core.history import HistoryManager
    from IPython.core.interactiveshell import InteractiveShell
    from IPython.core.profiledir import ProfileDir

    HistoryManager.enabled = False  # type: ignore[assignment]
    # It would create folders in the home directory, which not every sandbox may write.
    InteractiveShell.init_ipython_dir = lambda *_: None  # type: ignore[method-assign]
    if not InteractiveShell.initialized():
        options = {"user_ns": namespace, "user_module": sys.modules["__main__"]}
        InteractiveShell.instance(profile_dir=ProfileDir(), **options)
    return InteractiveShell.instance()


def _run_cells(cells: list[Any], namespace: dict[str, Any]) -> list[Any]:
    """Execute statement by statement, and return the first 20 errors; the rest still runs."""
    errors = []
    flags = 0
    for number, source in cells:
        name = f"<cell {number}>"
        for statement in ast.parse(source.tobytes().decode(), name).body:
            if isinstance(statement, ast.ImportFrom) and statement.module == "__future__":
                # The flags apply to all later statements, as in one file.
                features = [getattr(__future__, alias.name, None) for alias in statement.names]
                flags |= functools.reduce(operator.or_, (f.compiler_flag for f in features if f), 0)
            for part in _single_imports(statement):
                try:
                    exec(compile(ast.Module([part], []), name, "exec", flags, True), namespace)
                except BaseException as error:
                    errors.append(_describe(error))
    return errors[:20]


def _single_imports(statement: ast.stmt) -> list[ast.stmt]:
    """Split an import of several names, so that a missing name does not prevent the other imports."""
    if isinstance(statement, ast.Import):
        return [ast.copy_location(ast.Import([a]), statement) for a in statement.names]
    if isinstance(statement, ast.ImportFrom):
        module, level = statement.module, statement.level
        parts = [ast.ImportFrom(module, [alias], level) for alias in statement.names]
        return [ast.copy_location(part, statement) for part in parts]
    return [statement]


def _describe(error: BaseException) -> dict[str, Any]:
    """Return the kind, message and location of an exception as plain data."""
    cell, line = locate(error)
    missing = getattr(error, "name", None) if isinstance(error, NameError) else None
    return {
        "kind": type(error).__name__,
        "message": calling.message_of(error),
        "cell": cell,
        "line": line,
        "missing_name": missing if isinstance(missing, str) else None,
    }


def locate(error: BaseException) -> Location:
    """Return the innermost line in a cell that an exception passed through."""
    location = Location(None, None)
    trace = error.__traceback__
    while trace is not None:
        name = trace.tb_frame.f_code.co_filename
        if name.startswith("<cell "):
            location = Location(int(name[6:-1]), trace.tb_lineno)
        trace = trace.tb_next
    return location
