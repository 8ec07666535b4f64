"""Fork servers, kept and leased: a box forked from one is ready in milliseconds."""

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
from grader.sandbox.launch import Box, Process

_MAX_BOXES = 1_000
_END_SECONDS = 2.0
_TEMPORARY_ERRORS = (errno.EAGAIN, errno.ENOMEM, errno.EMFILE, errno.ENFILE)


class NestingRefused(BoxError):
    """The machine allows a box, but no box inside another box."""


class ForkServer:
    """An interpreter with its libraries loaded that forks boxes.

    It starts on first use, and is replaced after a failure or after many boxes.
    """

    def __init__(self, contents: BoxContents, tier: Tier) -> None:
        self._contents = contents
        self._tier = tier
        self._process: Process | None = None
        self._limits_at_start: Limits | None = None
        self._boxes = 0
        self.owner = os.getpid()

    def box(self, limits: Limits) -> Box:
        """Return a new box. Raises BoxError if a fresh interpreter cannot fork one either."""
        if self._boxes >= _MAX_BOXES or not self._fits(limits):
            self.close()
        if self._process:
            try:
                return self._fork_box(self._process, limits)
            except NestingRefused:
                raise
            except (BoxError, OSError):
                self.close()
        self._process = launch.start_fork_server(self._contents, limits, self._tier)
        self._limits_at_start = limits
        self._boxes = 0
        return self._fork_box(self._process, limits)

    def _fits(self, limits: Limits) -> bool:
        """Return True unless its cgroup, if it has one, was created for other limits."""
        return cgroup.parent_group() is None or limits == self._limits_at_start

    def _fork_box(self, process: Process, limits: Limits) -> Box:
        self._boxes += 1
        request = {
            "event": "box",
            "rlimits": launch.rlimits(limits, count_processes=self._tier is Tier.FULL),
            "disk_bytes": limits.disk_bytes,
        }
        return Box(*_fork(process, request))

    def sibling(self) -> ForkServer:
        """Return a fork server for this process: a fork of this one if it runs, otherwise a new one."""
        sibling = ForkServer(self._contents, self._tier)
        if self._process and cgroup.parent_group() is None:  # a cgroup has room for one box only
            with contextlib.suppress(BoxError, OSError):
                cores = sorted(os.sched_getaffinity(0))
                sibling._process = _fork(self._process, {"event": "sibling", "cores": cores})
        return sibling

    def release(self) -> None:
        """Close our copy of the channel of another process's interpreter; only its owner may end it."""
        if self._process:
            self._process.control.close()
            _foreign.append(self._process)
            self._process = None

    def close(self) -> None:
        """End the interpreter, and with it every box that it forked."""
        if self._process:
            control, end = self._process
            self._process = None
            control.close()
            end()


def _fork(process: Process, request: dict[str, Any]) -> Process:
    """Request a fork of an interpreter, and wait until it is ready. Raises BoxError, OSError."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with theirs, contextlib.ExitStack() as undo:
        undo.callback(ours.close)
        socket.send_fds(process.control, [json.dumps(request).encode()], [theirs.fileno()])
        theirs.close()
        handle = _handle_when_ready(ours)
        undo.pop_all()
    return Process(ours, functools.partial(_kill, handle))


def _handle_when_ready(control: socket.socket) -> int:
    """Return the handle (pidfd) of a box's first process, after two events.

    The fork server has sent the handle ("born"), and the worker in the box is "ready". Raises BoxError.
    """
    deadline = time.monotonic() + launch.START_SECONDS
    events: set[str] = set()
    handles: list[int] = []
    try:
        while not {"born", "ready"} <= events:
            message, descriptors = launch.receive_message(control, deadline)
            events.add(message["event"])
            handles += descriptors
            if message.get("number") in _TEMPORARY_ERRORS:
                raise BoxError(f"The sandbox could not be created: {message['reason']}.")
            if message["event"] == "failed":
                raise NestingRefused(f"A sandbox may not create another one: {message['reason']}.")
    except (OSError, EOFError, ValueError, BoxError) as error:
        for handle in handles:
            _kill(handle)
        if isinstance(error, BoxError):
            raise
        raise launch.BoxLost("A prepared sandbox stopped too early.") from error
    return handles[0]


def _kill(handle: int) -> None:
    """Kill a box by the handle of its first process, and wait until it has ended."""
    with contextlib.suppress(ProcessLookupError):
        signal.pidfd_send_signal(handle, signal.SIGKILL)
    select.select([handle], [], [], _END_SECONDS)
    os.close(handle)


# ------------------------------------------------------------------ leasing

_lock = threading.Lock()
_foreign: list[Process] = []
"""Interpreters of the parent process. Without these references, finalisers would remove their folders."""
_idle: dict[tuple[BoxContents, Tier], list[ForkServer]] = {}


@contextlib.contextmanager
def lease(contents: BoxContents, tier: Tier) -> Iterator[ForkServer]:
    """Yield a fork server for exclusive use; afterwards it stays ready for the next lease."""
    with _lock:
        idle = _idle.setdefault((contents, tier), [])
        # A forked process does not own the interpreters of its parent.
        ours = [server for server in idle if server.owner == os.getpid()]
        leased = ours[-1] if ours else ForkServer(contents, tier)
        idle[:] = [server for server in ours if server is not leased]
    try:
        yield leased
    finally:
        with _lock:
            _idle.setdefault((contents, tier), []).append(leased)


def inherit_fork_servers() -> None:
    """Replace, in a forked process, each idle fork server of the parent by a sibling of it."""
    with _lock:
        for key, idle in _idle.items():
            _idle[key] = [server.sibling() for server in idle[-1:]]
            for server in idle:
                server.release()


@atexit.register
def close_fork_servers() -> None:
    """End every fork server of this process that is not leased."""
    with _lock:
        servers = [server for idle in _idle.values() for server in idle]
        _idle.clear()
    for server in servers:
        if server.owner == os.getpid():
            server.close()


@contextlib.contextmanager
def box_factory(
    contents: BoxContents, limits: Limits, *, tier: Tier
) -> Iterator[Callable[[], Box]]:
    """Yield a function that makes a box: forked if the machine allows it, otherwise started.

    The function raises BoxError. Inside the context its fork server serves no other caller.
    """
    if tier is Tier.NONE:
        yield lambda: launch.start_unisolated_box(contents, limits)
        return
    with lease(contents, tier) as server:
        if tier is Tier.LIGHT:
            yield lambda: server.box(limits)
        else:
            yield lambda: _full_box(server, contents, limits)


_nesting_refused = threading.Event()
"""Set if this machine allows a box but no box inside it; each box is then started by itself."""


def _full_box(server: ForkServer, contents: BoxContents, limits: Limits) -> Box:
    if not _nesting_refused.is_set():
        try:
            return server.box(limits)
        except NestingRefused:
            server.close()
            _nesting_refused.set()
    return launch.start_full_box(contents, limits)
