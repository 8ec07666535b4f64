"""Runs one program inside a child of the worker: the cells first, then the calls.

What it reports is what happened, never whether that was right. Student code shares this process and
may patch anything in it; all that such code can forge is its own return values.
"""

from __future__ import annotations
import __future__

import ast
import contextlib
import functools
import importlib.abc
import importlib.machinery
import importlib.util
import operator
import random
import socket
import sys
import types
from typing import Any

import compat
import numpy as np
import wire

_REHEARSAL = """
import numpy as np
from math import log
def f(parameters, cache, keep_prob):
    np.random.seed(3)
    W1 = parameters["W1"]
    A = np.maximum(0, np.dot(W1, cache[0]) + np.sum(W1, axis=1, keepdims=True))
    D = (np.random.rand(*A.shape) < keep_prob).astype(int)
    A = np.multiply(A, D) / keep_prob + np.random.randn(2, 2) * 0
    cost = np.nansum(-np.log(1 / (1 + np.exp(-A)))) + np.sum(np.square(W1)) * log(2)
    return {"A": A, "D": D, "Z": np.int64(A > 0), "n": np.linalg.norm(A)}, float(cost)
"""


def prepare(helpers: list[str], loaded: list[str]) -> None:
    """Make the box hospitable to old notebooks: removed NumPy names, renamed helper modules.

    Modules in `loaded` are loaded now, so that no program has to, unless they are not there.
    """
    compat.open_house(helpers)
    for module in loaded:
        with contextlib.suppress(ImportError):
            importlib.import_module(module)
    _rehearse()


def _rehearse() -> None:
    """Run a program of ours, so that all that is loaded or compiled on first use is so in each child."""
    ours, theirs = socket.socketpair()
    source = np.frombuffer(_REHEARSAL.encode(), np.uint8)
    args = ({"W1": np.ones((2, 2))}, [np.ones((2, 2))], 0.5)
    calls = [[args, 1]] * 8
    ask = {"function": "f", "cells": [[1, source]], "stand_ins": []}
    with ours, theirs:
        wire.send(ours, ask)
        wire.send(ours, calls)
        serve(theirs)
        for _ in range(len(calls) + 2):
            wire.receive(ours)
    compat.notes.clear()


# ------------------------------------------------------------------ a program


def serve(channel: Any) -> None:
    """Receive a program, run it, send an event for everything that happened."""
    ask, calls = wire.receive(channel), wire.receive(channel)
    compat.expect(ask["stand_ins"])
    namespace = _namespace()
    raised = _run_cells(ask["cells"], namespace)
    _answer(channel, namespace, ask["function"], calls, raised=raised)


def answer_all(channel: Any, namespace: dict[str, Any]) -> None:
    """Answer the calls of one function after another with what a namespace holds, until the end."""
    while True:
        ask = wire.receive(channel)
        _answer(channel, namespace, ask["function"], wire.receive(channel))


def _answer(
    channel: Any, namespace: dict[str, Any], function: str, calls: list[Any], *, raised: Any = ()
) -> None:
    wire.send(channel, {"event": "ready", "raised": list(raised)})
    for args, seed in calls:
        channel.sendall(_call(namespace, function, args, seed))
    wire.send(channel, {"event": "end", "notes": compat.notes})


def _namespace() -> dict[str, Any]:
    main = types.ModuleType("__main__")
    sys.modules["__main__"] = main
    namespace = main.__dict__
    namespace["get_ipython"] = lambda: _shell(namespace)
    return namespace


def _shell(namespace: dict[str, Any]) -> Any:
    """Return a real IPython shell over the program's names; it is slow to load, so only on demand."""
    from IPython.core.history import HistoryManager
    from IPython.core.interactiveshell import InteractiveShell
    from IPython.core.profiledir import ProfileDir

    HistoryManager.enabled = False  # type: ignore[assignment]
    # It would make folders at home, which nobody needs and not every box lets it write.
    InteractiveShell.init_ipython_dir = lambda *_: None  # type: ignore[method-assign]
    if not InteractiveShell.initialized():
        options = {"user_ns": namespace, "user_module": sys.modules["__main__"]}
        InteractiveShell.instance(profile_dir=ProfileDir(), **options)
    return InteractiveShell.instance()


def _run_cells(cells: list[Any], namespace: dict[str, Any]) -> list[Any]:
    """Execute statement by statement; an error ends its statement and nothing else."""
    raised = []
    flags = 0
    for number, source in cells:
        name = f"<cell {number}>"
        for statement in ast.parse(source.tobytes().decode(), name).body:
            flags |= _future(statement)
            for part in _parts(statement):
                try:
                    exec(compile(ast.Module([part], []), name, "exec", flags, True), namespace)
                except BaseException as error:
                    raised.append(_error(error))
    return raised[:20]


def _future(statement: ast.stmt) -> int:
    """Return the compiler's flags for a `from __future__` import; they hold for all that follows."""
    if not isinstance(statement, ast.ImportFrom) or statement.module != "__future__":
        return 0
    features = [getattr(__future__, alias.name, None) for alias in statement.names]
    return functools.reduce(operator.or_, (f.compiler_flag for f in features if f), 0)


def _parts(statement: ast.stmt) -> list[ast.stmt]:
    """Take an import of several names apart, so that one that is not there costs no other."""
    if isinstance(statement, ast.Import):
        return [ast.copy_location(ast.Import([a]), statement) for a in statement.names]
    if isinstance(statement, ast.ImportFrom):
        module, level = statement.module, statement.level
        parts = [ast.ImportFrom(module, [alias], level) for alias in statement.names]
        return [ast.copy_location(part, statement) for part in parts]
    return [statement]


def _call(namespace: dict[str, Any], name: str, args: list[Any], seed: int) -> bytes:
    """Return the frame that tells how a call went."""
    given = [_writable(arg) for arg in args]
    random.seed(seed)
    np.random.seed(seed)
    try:
        value = namespace[name](*given)
        mutated = [
            i for i, (old, new) in enumerate(zip(args, given, strict=True)) if not _same(old, new)
        ]
        return wire.encode({"event": "returned", "value": value, "mutated": mutated})
    except BaseException as error:
        return wire.encode({"event": "raised", "error": _error(error)})


def _writable(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return value.copy()
    if isinstance(value, dict):
        return {key: _writable(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return type(value)(_writable(item) for item in value)
    return value


def _same(before: Any, after: Any) -> bool:
    """Say whether an argument is what it was, to the bit, and of the same types and order."""
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


def _error(error: BaseException) -> dict[str, Any]:
    """Describe an exception: its kind, its words, the innermost line of a cell it passed through."""
    cell, line = place(error)
    missing = getattr(error, "name", None) if isinstance(error, NameError) else None
    try:
        message = str(error)
    except BaseException:
        message = ""
    return {
        "kind": type(error).__name__,
        "message": message,
        "cell": cell,
        "line": line,
        "missing_name": missing if isinstance(missing, str) else None,
    }


def place(error: BaseException) -> tuple[int | None, int | None]:
    """Return the cell and the line of the innermost place in a cell that an exception passed through."""
    found: tuple[int | None, int | None] = (None, None)
    trace = error.__traceback__
    while trace is not None:
        name = trace.tb_frame.f_code.co_filename
        if name.startswith("<cell "):
            found = (int(name[6:-1]), trace.tb_lineno)
        trace = trace.tb_next
    return found
