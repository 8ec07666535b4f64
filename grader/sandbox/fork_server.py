"""Keep warm interpreters, and borrow them: a box forked from one is ready in milliseconds."""

from __future__ import annotations

import atexit
import contextlib
import errno
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
from grader.model import Limits, Tier
from grader.sandbox import cgroup, launch
from grader.sandbox.box_contents import BoxContents
from grader.sandbox.launch import Box, End

_MOST_BOXES = 1_000
_END_SECONDS = 2.0
_PASSING = (errno.EAGAIN, errno.ENOMEM, errno.EMFILE, errno.ENFILE)


class NestingRefused(BoxError):
    """The machine lets us build a box, but lets no box build another."""


class ForkServer:
    """A warm interpreter, started when first asked, replaced when it fails or ages."""

    def __init__(self, contents: BoxContents, tier: Tier) -> None:
        self._furniture = contents
        self._tier = tier
        self._running: tuple[socket.socket, End] | None = None
        self._started_for: Limits | None = None
        self._boxes = 0
        self.owner = os.getpid()

    def box(self, limits: Limits) -> Box:
        """Return a new box. Raises BoxError when a fresh interpreter cannot make one either."""
        if self._boxes >= _MOST_BOXES or not self._holds(limits):
            self.close()
        if self._running:
            try:
                return self._forked(limits)
            except NestingRefused:
                raise
            except (BoxError, OSError):
                self.close()
        self._running = launch.fork_server(self._furniture, limits, self._tier)
        self._started_for = limits
        self._boxes = 0
        return self._forked(limits)

    def _holds(self, limits: Limits) -> bool:
        """Say whether boxes of these limits fit into the interpreter's group, if it has one."""
        return cgroup.parent() is None or limits == self._started_for

    def _forked(self, limits: Limits) -> Box:
        self._boxes += 1
        settings = {
            "event": "box",
            "rlimits": launch.rlimits(limits, counted=self._tier == Tier.FULL),
            "disk_bytes": limits.disk_bytes,
        }
        return Box(*self._asked(settings))

    def _asked(self, message: dict[str, Any]) -> tuple[socket.socket, End]:
        """Have a fork made; return its control channel and how to end it. Raises BoxError, OSError."""
        assert self._running is not None
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs, contextlib.ExitStack() as undo:
            undo.callback(ours.close)
            socket.send_fds(self._running[0], [json.dumps(message).encode()], [theirs.fileno()])
            theirs.close()
            handle = _handle_when_ready(ours)
            undo.pop_all()
        return ours, functools.partial(_kill, handle)

    def sibling(self) -> ForkServer:
        """Return another one for this process: a fork of this one if that runs, else to be started."""
        twin = ForkServer(self._furniture, self._tier)
        if self._running and cgroup.parent() is None:  # a group has room for one box
            with contextlib.suppress(BoxError, OSError):
                cores = sorted(os.sched_getaffinity(0))
                twin._running = self._asked({"event": "sibling", "cores": cores})
        return twin

    def leave(self) -> None:
        """Let go of an interpreter that another process owns, which alone may wait for its end."""
        if self._running:
            self._running[0].close()
            _not_ours.append(self._running)
            self._running = None

    def close(self) -> None:
        """End the interpreter, and with it every box it made."""
        if self._running:
            control, end = self._running
            self._running = None
            control.close()
            end()


def _handle_when_ready(control: socket.socket) -> int:
    """Return the handle of a box's first process once its interpreter and its worker have both spoken."""
    deadline = time.monotonic() + launch.START_SECONDS
    seen: dict[str, dict[str, Any]] = {}
    handles: list[int] = []
    try:
        while not {"born", "ready"} <= seen.keys():
            message, descriptors = launch.receive(control, deadline)
            seen[message["event"]] = message
            handles += descriptors
            if message.get("number") in _PASSING:
                raise BoxError(f"The sandbox could not be created: {message['reason']}.")
            if message["event"] == "failed":
                raise NestingRefused(f"A sandbox may not create another one: {message['reason']}.")
    except (OSError, EOFError, ValueError, BoxError) as error:
        for handle in handles:
            _kill(handle)
        raise (
            error
            if isinstance(error, BoxError)
            else launch.BoxLost("A prepared sandbox stopped too early.")
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
_not_ours: list[object] = []
_idle: dict[tuple[BoxContents, Tier], list[ForkServer]] = {}


@contextlib.contextmanager
def borrowed(contents: BoxContents, tier: Tier) -> Iterator[ForkServer]:
    """Lend a fork_server that nobody else uses meanwhile; it stays warm for the next one."""
    with _lock:
        waiting = _idle.setdefault((contents, tier), [])
        # A forked process does not own what its parent has started.
        mine = [fork_server for fork_server in waiting if fork_server.owner == os.getpid()]
        chosen = mine[-1] if mine else ForkServer(contents, tier)
        waiting[:] = [fork_server for fork_server in mine if fork_server is not chosen]
    try:
        yield chosen
    finally:
        with _lock:
            _idle.setdefault((contents, tier), []).append(chosen)


def inherit() -> None:
    """In a forked process: take a sibling of each interpreter that is warm in the parent."""
    with _lock:
        for kind, waiting in _idle.items():
            _idle[kind] = [fork_server.sibling() for fork_server in waiting[-1:]]
            for fork_server in waiting:
                fork_server.leave()


@atexit.register
def close_all() -> None:
    """End every warm interpreter that is not lent out."""
    with _lock:
        fork_servers = [fork_server for waiting in _idle.values() for fork_server in waiting]
        _idle.clear()
    for fork_server in fork_servers:
        if fork_server.owner == os.getpid():
            fork_server.close()


@contextlib.contextmanager
def boxes(contents: BoxContents, limits: Limits, *, tier: Tier) -> Iterator[Callable[[], Box]]:
    """Yield what makes a box: forked from a warm interpreter where the machine allows, else anew."""
    if tier == Tier.NONE:
        yield lambda: launch.bare(contents, limits)
        return
    with borrowed(contents, tier) as fork_server:
        if tier == Tier.LIGHT:
            yield lambda: fork_server.box(limits)
        else:
            yield lambda: _walled(fork_server, contents, limits)


_nesting_refused = threading.Event()
"""Set where this machine lets us build a box but lets no box build another: each is then built anew."""


def _walled(fork_server: ForkServer, contents: BoxContents, limits: Limits) -> Box:
    if not _nesting_refused.is_set():
        try:
            return fork_server.box(limits)
        except NestingRefused:
            fork_server.close()
            _nesting_refused.set()
    return launch.cold(contents, limits)
