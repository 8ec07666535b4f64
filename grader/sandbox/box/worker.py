"""Run inside the box: fork one child per program, and report how that child ended.

The worker itself never reads student code or data. The grader passes it one socket per program over
the control channel. A forked child serves that socket alone, so whatever it writes, closes or forges
affects no other program. A child sends these events, each as one frame:
    {"event": "ready", "raised": [...], "notes": [[kind, text]]}   its cells have run
    {"event": "returned", "value": ..., "mutated": [...]}          one per call, in order
    {"event": "raised", "error": {...}}                            likewise
    {"event": "end"}                                               all calls are done
The event of the first call has "notes" too, whichever it is.
In a box for notebook runs the child becomes two processes (`notebook_runner`), connected by Unix
sockets in a folder. Only the standard library, NumPy and the files in this folder are imported here.
"""

from __future__ import annotations

import array
import json
import os
import resource
import select
import signal
import socket
import time
from collections.abc import Callable
from typing import Any, NamedTuple

import landlock
import namespaces
import runner
import seccomp
import wire

_CHANNEL_FD = 3
_POLL_SECONDS = 0.002
_TICK_SECONDS, _MOST_IDLE_TICKS = 0.5, 11
"""A child that uses no processor time at all in so many ticks is idle: it sleeps, or waits for a lock.

They are more than 5 seconds. A machine that is paused meanwhile counts as one tick.
"""


class Handover(NamedTuple):
    """Bytes from the control channel, and the file descriptor that came with them."""

    text: bytes
    descriptor: int


class _Locks(NamedTuple):
    """Two steps that lock a child in. Neither its code nor the processes it starts can undo them.

    `restrict_files` may come before the child forks. `filter_calls` takes the process ID of the parent
    and denies forking.
    """

    restrict_files: Callable[[], None]
    filter_calls: Callable[[int], None]


def main(settings: dict[str, Any]) -> None:
    """Serve programs until the grader closes the control channel."""
    control = socket.socket(fileno=settings["control_fd"])
    drop_root(settings["uid"])
    # Any other process must outlive the grader long enough to end its child.
    if os.getpid() == 1:
        namespaces.die_with_parent(0)
        namespaces.forbid_tracing()
    set_limits(settings["rlimits"])
    runner.prepare(settings["helpers"], settings["preloaded"])
    serve(control, tier=settings["tier"], for_notebooks=settings["for_notebooks"])


def drop_root(uid: int) -> None:
    """Change from root to an unused user ID; `uid` is 0 where a user namespace does that."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if os.geteuid() == 0 and uid:
        os.setgroups([])
        os.setresgid(uid, uid, uid)
        os.setresuid(uid, uid, uid)


def set_limits(rlimits: dict[str, int]) -> None:
    """Set the limits of this process and its descendants, never above the present hard limits.

    `rlimits` are those of `launch.rlimits`, by their names in `resource`. Raises OSError or ValueError.
    """
    for name, bound in rlimits.items():
        kind = getattr(resource, name)
        _, hard = resource.getrlimit(kind)
        # The hard limit too: the first process of a namespace ignores the soft limit's SIGXCPU.
        low = bound if hard == resource.RLIM_INFINITY else min(bound, hard)
        resource.setrlimit(kind, (low, low))


def serve(control: socket.socket, *, tier: str, for_notebooks: bool) -> None:
    """Fork a child for every socket that arrives, and report how each child ended."""
    disk = _disk_state(tier)
    locks = _locks(tier, for_notebooks=for_notebooks)
    # Read before the fork: a child that calls getppid() may already be orphaned.
    parent = os.getpid()
    control.send(json.dumps({"event": "ready"}).encode())
    while (message := receive_descriptor(control)) is not None:
        start = time.monotonic()
        try:
            pid = os.fork()
        except OSError as error:  # a fault of the machine, not of a program
            os.close(message.descriptor)
            control.send(json.dumps({"event": "failed", "reason": str(error)}).encode())
            continue
        if pid == 0:
            _be_child(message.descriptor, parent, locks, for_notebooks=for_notebooks)
        os.close(message.descriptor)
        idle = _IdleWatch(pid)
        status, usage = _wait(pid, control, None if for_notebooks else idle)
        _kill_descendants(pid)
        report = {
            "event": "ended",
            "code": os.waitstatus_to_exitcode(status),
            "cpu_s": usage.ru_utime + usage.ru_stime,
            "wall_s": time.monotonic() - start,
            "peak_kib": usage.ru_maxrss,
            "disk_was_used": _disk_state(tier) != disk,
            "was_idle": idle.is_over,
        }
        control.send(json.dumps(report).encode())
    os._exit(0)


class _IdleWatch:
    """Measures the processor time of a child, to end it when it only waits.

    It may wait for the grader, which then runs it again.
    """

    def __init__(self, pid: int) -> None:
        self._clock = (~pid << 3) | 2  # the clock of a process, as clock_getcpuclockid(3) makes it
        self._cpu_seconds, self._ticks, self._last = 0.0, 0, time.monotonic()
        self.is_over = False

    def tick(self) -> bool:
        """Return True if the child has been idle for too long. Call it often."""
        now = time.monotonic()
        if now - self._last < _TICK_SECONDS:
            return False
        self._last = now
        try:
            seconds = time.clock_gettime(self._clock)
        except OSError:  # it has ended, or the system has no such clocks
            return False
        is_idle = seconds == self._cpu_seconds
        self._cpu_seconds, self._ticks = seconds, self._ticks + 1 if is_idle else 0
        self.is_over = self._ticks >= _MOST_IDLE_TICKS
        return self.is_over


def _wait(pid: int, control: socket.socket, idle: _IdleWatch | None) -> tuple[int, Any]:
    """Wait for the child, and return its wait status and resource usage. Kill it if it is idle.

    If the grader closes the control channel, end the child and this process. The death of bubblewrap
    would not be enough: it may not signal a process of another user.
    """
    # A process descriptor becomes readable when the process ends. Old systems have none.
    handles = [os.fdopen(os.pidfd_open(pid), "rb", 0)] if hasattr(os, "pidfd_open") else []
    watched: list[Any] = [control, *handles]
    while True:
        ready = select.select(watched, [], [], _TICK_SECONDS if handles else _POLL_SECONDS)[0]
        if control in ready:
            if os.getpid() != 1:
                _kill_descendants(pid)
            os._exit(0)
        pid_of_ended, status, usage = os.wait4(pid, os.WNOHANG)
        if pid_of_ended:
            for handle in handles:
                handle.close()
            return status, usage
        if idle is not None and not idle.is_over and idle.tick():
            os.kill(pid, signal.SIGKILL)


def receive_descriptor(control: socket.socket) -> Handover | None:
    """Return the next message with its file descriptor, or None when the channel is closed."""
    size = array.array("i").itemsize
    text, ancillary, _, _ = control.recvmsg(1 << 16, socket.CMSG_LEN(size))
    if not text:
        return None
    (_, _, data) = ancillary[0]
    return Handover(text, array.array("i", data[:size])[0])


def _kill_descendants(pid: int) -> None:
    """Kill the processes that the child left behind, so that the next child starts alone."""
    try:
        if os.getpid() == 1:
            os.kill(-1, signal.SIGKILL)
        else:
            os.killpg(pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        pass
    try:
        while os.getpid() == 1:
            os.waitpid(-1, 0)
    except ChildProcessError:
        pass


def _disk_state(tier: str) -> tuple[int, ...]:
    """Return properties of a private /tmp that any use changes, or () if /tmp is shared.

    No child can reset the change time (ctime).
    """
    if tier != "full":
        return ()
    facts = os.stat("/tmp")
    return facts.st_ino, facts.st_mode, facts.st_atime_ns, facts.st_mtime_ns, facts.st_ctime_ns


def _be_child(channel_fd: int, parent: int, locks: _Locks, *, for_notebooks: bool) -> None:
    """Serve one program in this forked process, then exit."""
    code = 1
    try:
        os.setsid()
        signal.signal(signal.SIGINT, signal.default_int_handler)
        locks.restrict_files()
        channel = socket.socket(fileno=close_all_but(channel_fd))
        if for_notebooks:
            _run_notebook(channel, parent, locks.filter_calls)
        else:
            locks.filter_calls(parent)
            runner.serve(channel)
        code = 0
    finally:
        os._exit(code)


def _run_notebook(channel: socket.socket, parent: int, filter_calls: Callable[[int], None]) -> None:
    """Run a whole notebook. If it cannot start, report the reason before any of its code has run."""
    try:
        import notebook_runner

        notebook_runner.serve(channel, parent, filter_calls)
    except Exception as error:
        reason = f"{type(error).__name__}: {error}"
        channel.sendall(wire.encode({"event": "failed", "reason": reason}))


def _locks(tier: str, *, for_notebooks: bool) -> _Locks:
    landlocked = tier == "full" and landlock.version() > 0
    ruleset = landlock.create_ruleset(["/"], ["/tmp", os.devnull]) if landlocked else None

    def restrict_files() -> None:
        if ruleset is not None:
            landlock.restrict(ruleset)

    def filter_calls(parent: int) -> None:
        if tier != "none":
            namespaces.die_with_parent(parent)
            seccomp.install(strict=tier == "light", sockets=for_notebooks)

    return _Locks(restrict_files, filter_calls)


def close_all_but(descriptor: int) -> int:
    """Close all descriptors but one, which becomes number 3; stdin, stdout and stderr are /dev/null."""
    null = os.open(os.devnull, os.O_RDWR)
    for fd in (0, 1, 2):
        os.dup2(null, fd)
    os.dup2(descriptor, _CHANNEL_FD)
    os.closerange(_CHANNEL_FD + 1, 4096)
    return _CHANNEL_FD
