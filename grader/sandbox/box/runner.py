"""Run one program inside a child of the worker: first its cells, then the calls.

It reports values and exceptions; the grader compares them outside. Student code shares this process
and may patch anything in it, but it can forge only what this process reports.
"""

from __future__ import annotations

import contextlib
import importlib
import random
import socket
import sys
import types
from typing import Any

import calling
import cells
import compat
import leftovers
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


def prepare(helpers: list[str], preloaded: list[str]) -> None:
    """Install the replacements for old notebooks, and import modules before any program needs them.

    A module in `preloaded` that is not installed is skipped.
    """
    compat.install(helpers)
    leftovers.ignore_breakpoints()
    sys.meta_path.append(leftovers.ProgressBarImporter())
    for module in preloaded:
        with contextlib.suppress(ImportError):
            importlib.import_module(module)
    # Run a small program of our own, so that no child has to load or compile on first use.
    ours, theirs = socket.socketpair()
    source = np.frombuffer(_REHEARSAL.encode(), np.uint8)
    args = ({"x": np.ones((2, 2))}, [np.ones((2, 2))], 0.5)
    calls = [[args, 1]] * 8
    request = {"function": "f", "cells": [[1, source]], "stand_ins": [], "modules": []}
    with ours, theirs:
        wire.send(ours, request)
        wire.send(ours, calls[:1])
        wire.send(ours, calls[1:])
        serve(theirs)
        for _ in range(len(calls) + 2):
            wire.receive(ours)
    compat.notes.clear()


# ------------------------------------------------------------------ a program


def serve(channel: Any) -> None:
    """Receive programs and run them one after another, each as if it were the first in this process.

    Each request has the number of programs that are `left`, or None if there is only one.
    """
    states = random.getstate(), np.random.get_state()
    while _serve_program(channel):
        random.setstate(states[0])
        np.random.set_state(states[1])
        compat.notes.clear()


def _serve_program(channel: Any) -> bool:
    """Receive one program, run it, and send an event for its cells, for each call and for the end.

    Return True if there are more programs.
    """
    request = wire.receive(channel)
    events = _Events(channel, together=request.get("left") is not None)
    compat.allow_stand_ins(request["stand_ins"])
    compat.supply_modules(request["modules"])
    main = types.ModuleType("__main__")
    sys.modules["__main__"] = main
    namespace = main.__dict__
    namespace["get_ipython"] = lambda: _shell(namespace)
    namespace["display"] = leftovers.display
    notebook = cells.Cells(namespace, request)
    notebook.run(request["cells"])
    _supply(namespace, request.get("supplied", ()))
    function = request["function"]
    ready = {"event": "ready", "raised": notebook.errors[:20], "notes": compat.notes[:100]}
    events.add(wire.encode(ready))
    _run_calls(events, namespace, function, notebook.not_defined.get(function))
    return bool(request.get("left"))


class _Events:
    """Sends the events of a program: each at once, or `together` when it waits and when it ends."""

    def __init__(self, channel: Any, *, together: bool) -> None:
        self.channel, self._together = channel, together
        self._waiting: list[bytes] = []

    def add(self, frame: bytes) -> None:
        if self._together:
            self._waiting.append(frame)
        else:
            self.channel.sendall(frame)

    def flush(self) -> None:
        if self._waiting:
            self.channel.sendall(b"".join(self._waiting))
            self._waiting.clear()


def _supply(namespace: dict[str, Any], functions: Any) -> None:
    """Replace functions of a program by others, each of which has a namespace of its own."""
    for name, source in functions:
        own: dict[str, Any] = {"__name__": name}
        exec(compile(source, "<supplied>", "exec", 0, True), own)
        namespace[name] = own[name]


def serve_namespace(channel: Any, namespace: dict[str, Any]) -> None:
    """Receive calls of one function after another, and run them on a finished notebook's names."""
    while True:
        request = wire.receive(channel)
        wire.send(channel, {"event": "ready", "raised": [], "notes": compat.notes[:100]})
        _run_calls(_Events(channel, together=False), namespace, request["function"])


def _run_calls(
    events: _Events, namespace: dict[str, Any], function: str, not_defined: Any = None
) -> None:
    """Receive the calls and send the event of each, then the end.

    The first call comes alone: before it is answered, nothing of the others is in this process.
    `not_defined` is the error of the definition, which then is the result of each call.
    """
    is_missing = function not in namespace and not_defined is not None
    for is_first in (True, False):
        for call in wire.receive(events.channel):
            if is_missing:
                events.add(wire.encode({"event": "raised", "error": not_defined}))
            else:
                events.add(_call(namespace, function, *call, is_first=is_first))
        if is_first:
            events.flush()
    events.add(wire.encode({"event": "end"}))
    events.flush()


def _call(
    namespace: dict[str, Any], function: str, args: list[Any], seed: int, *, is_first: bool
) -> bytes:
    """Return the frame of one call; the first one has the notes.

    As a function of its own it frees the value before the next call needs memory.
    """
    try:
        value, mutated = calling.call(_function(namespace, function), args, seed)
        event = {"event": "returned", "value": value, "mutated": mutated}
        return wire.encode(event | ({"notes": compat.notes[:100]} if is_first else {}))
    except BaseException as error:
        event = {"event": "raised", "error": cells.describe(error)}
        return wire.encode(event | ({"notes": compat.notes[:100]} if is_first else {}))


def _function(namespace: dict[str, Any], name: str) -> Any:
    """Return a function by its name. Raises NameError."""
    if name not in namespace:
        raise NameError(f"name '{name}' is not defined", name=name)
    return namespace[name]


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
        shell: Any = InteractiveShell.instance(profile_dir=ProfileDir(), **options)
        shell.system = shell.getoutput = leftovers.shell_line
    return InteractiveShell.instance()
