"""Keep warm interpreters, and borrow them: a box forked from one is ready in milliseconds."""

from __future__ import annotations

import atexit
import contextlib
import functools
import json
import os
import select
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

from grader.errors import BoxError
from grader.model import Limits
from grader.sandbox import launch
from grader.sandbox.launch import Box, Furniture

_MOST_BOXES = 1_000
_END_SECONDS = 2.0


class NestingRefused(BoxError):
    """The machine lets us build a box, but lets no box build another."""


class Nursery:
    """A warm interpreter in the outer box, started when first asked, replaced when it fails or ages."""

    def __init__(self, furniture: Furniture) -> None:
        self._furniture = furniture
        self._running: tuple[socket.socket, Callable[[], None]] | None = None
        self._boxes = 0
        self.owner = os.getpid()

    def box(self, limits: Limits) -> Box:
        """Return a new box. Raises BoxError when a fresh interpreter cannot make one either."""
        if self._boxes >= _MOST_BOXES:
            self.close()
        if self._running:
            try:
                return self._forked(limits)
            except NestingRefused:
                raise
            except (BoxError, OSError):
                self.close()
        self._running = launch.nursery(self._furniture)
        self._boxes = 0
        return self._forked(limits)

    def _forked(self, limits: Limits) -> Box:
        assert self._running is not None
        self._boxes += 1
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        settings = {
            "rlimits": launch.rlimits(limits, counted=True),
            "disk_bytes": limits.disk_bytes,
        }
        with theirs, contextlib.ExitStack() as undo:
            undo.callback(ours.close)
            socket.send_fds(self._running[0], [json.dumps(settings).encode()], [theirs.fileno()])
            theirs.close()
            handle = _handle_when_ready(ours)
            undo.pop_all()
        return Box(ours, functools.partial(_kill, handle))

    def close(self) -> None:
        """End the interpreter, and with it every box it made."""
        if self._running:
            control, end = self._running
            self._running = None
            control.close()
            end()


def _handle_when_ready(control: socket.socket) -> int:
    """Return the handle of a box's first process once its keeper and its worker have both spoken."""
    deadline = time.monotonic() + launch.START_SECONDS
    seen: dict[str, dict[str, Any]] = {}
    handles: list[int] = []
    try:
        while not {"born", "ready"} <= seen.keys():
            message, descriptors = launch.receive(control, deadline)
            seen[message["event"]] = message
            handles += descriptors
            if message["event"] == "failed":
                raise NestingRefused(f"A box may not make another: {message['reason']}.")
    except (OSError, EOFError, ValueError, BoxError) as error:
        for handle in handles:
            _kill(handle)
        raise (
            error if isinstance(error, BoxError) else BoxError("A warm box ended early.")
        ) from error
    return handles[0]


def _kill(handle: int) -> None:
    """Kill a box by the handle of its first process, and wait until it is gone."""
    with contextlib.suppress(ProcessLookupError):
        signal.pidfd_send_signal(handle, signal.SIGKILL)
    select.select([handle], [], [], _END_SECONDS)
    os.close(handle)


# ------------------------------------------------------------------ keeping them

_lock = threading.Lock()
_idle: dict[Furniture, list[Nursery]] = {}


@contextlib.contextmanager
def borrowed(furniture: Furniture) -> Iterator[Nursery]:
    """Lend a nursery that nobody else uses meanwhile; it stays warm for the next one."""
    with _lock:
        waiting = _idle.setdefault(furniture, [])
        # A forked process does not own what its parent has started.
        mine = [nursery for nursery in waiting if nursery.owner == os.getpid()]
        chosen = mine[-1] if mine else Nursery(furniture)
        waiting[:] = [nursery for nursery in mine if nursery is not chosen]
    try:
        yield chosen
    finally:
        with _lock:
            _idle.setdefault(furniture, []).append(chosen)


@atexit.register
def close_all() -> None:
    """End every warm interpreter that is not lent out."""
    with _lock:
        nurseries = [nursery for waiting in _idle.values() for nursery in waiting]
        _idle.clear()
    for nursery in nurseries:
        if nursery.owner == os.getpid():
            nursery.close()


@contextlib.contextmanager
def boxes(furniture: Furniture, limits: Limits, *, wall: str) -> Iterator[Callable[[], Box]]:
    """Yield what makes a box: forked from a warm interpreter where the machine allows, else anew."""
    if wall == "none":
        yield lambda: launch.bare(furniture, limits)
        return
    with borrowed(furniture) as nursery:
        yield lambda: _walled(nursery, furniture, limits)


_nesting_refused = threading.Event()
"""Set where this machine lets us build a box but lets no box build another: each is then built anew."""


def _walled(nursery: Nursery, furniture: Furniture, limits: Limits) -> Box:
    if not _nesting_refused.is_set():
        try:
            return nursery.box(limits)
        except NestingRefused:
            nursery.close()
            _nesting_refused.set()
    return launch.cold(furniture, limits)
