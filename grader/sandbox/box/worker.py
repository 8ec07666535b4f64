"""Runs inside the box: forks one child a program, and tells from outside how that child ended.

The worker itself never sees student code or data. The grader hands it one socket a program over the
control channel; a forked child serves that socket alone, so that whatever it writes, closes or forges
reaches no other program. Events a child sends, each one frame:
    {"event": "ready", "raised": [...]}                            its cells have run
    {"event": "returned", "value": ..., "mutated": [...]}          one a call, in order
    {"event": "raised", "error": {...}}                            likewise
    {"event": "end", "notes": [[kind, text], ...]}                 all calls are done
In a box for whole notebooks the child becomes two (`conductor`), which talk by sockets that are files.
Only the standard library, NumPy and the files beside this one are imported here.
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
from typing import Any

import landlock
import namespaces
import runner
import seccomp
import wire

_CHANNEL_FD = 3
_PAUSE = 0.002


def main(settings: dict[str, Any]) -> None:
    """Serve programs until the grader closes the control channel."""
    control = socket.socket(fileno=settings["control_fd"])
    become_nobody(settings["uid"])
    if os.getpid() == 1:  # else killed with the grader, it could not end its child
        namespaces.die_with_parent(0)
        namespaces.hide()
    limit(settings["rlimits"])
    runner.prepare(settings["helpers"], settings["loaded"])
    serve(control, tier=settings["tier"], whole=settings["whole"])


def become_nobody(uid: int) -> None:
    """Give up being root for a user ID that nobody has; 0 where a user namespace does that."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if os.geteuid() == 0 and uid:
        os.setgroups([])
        os.setresgid(uid, uid, uid)
        os.setresuid(uid, uid, uid)


def limit(rlimits: dict[str, int]) -> None:
    """Set the limits of this process and all that it starts, never above what they are."""
    for name, bound in rlimits.items():
        kind = getattr(resource, name)
        _, hard = resource.getrlimit(kind)
        low = bound if hard == resource.RLIM_INFINITY else min(bound, hard)
        resource.setrlimit(kind, (low, low))


def serve(control: socket.socket, *, tier: str, whole: bool) -> None:
    """Fork a child for every socket that comes, and tell how each ended."""
    disk = _disk(tier)
    hold, confine = _confinement(tier, whole)
    parent = os.getpid()  # a child that asks for it may have lost it already
    control.send(json.dumps({"event": "ready"}).encode())
    while (received := next_descriptor(control)) is not None:
        started = time.monotonic()
        try:
            pid = os.fork()
        except OSError as error:  # the machine's doing, and no program's
            os.close(received[1])
            control.send(json.dumps({"event": "failed", "reason": str(error)}).encode())
            continue
        if pid == 0:
            _child(received[1], parent, hold, confine, whole=whole)
        os.close(received[1])
        status, usage = _wait(pid, control)
        _sweep(pid)
        report = {
            "event": "ended",
            "code": os.waitstatus_to_exitcode(status),
            "cpu_s": usage.ru_utime + usage.ru_stime,
            "wall_s": time.monotonic() - started,
            "peak_kib": usage.ru_maxrss,
            "disk_was_used": _disk(tier) != disk,
        }
        control.send(json.dumps(report).encode())
    os._exit(0)


def _wait(pid: int, control: socket.socket) -> tuple[int, Any]:
    """Wait for the child; when the grader hangs up, end all there is.

    The death of bubblewrap is not enough: it may not signal a process of another user.
    """
    watched = [control, *_handle(pid)]
    while True:
        ready = select.select(watched, [], [], None if len(watched) > 1 else _PAUSE)[0]
        if control in ready:
            if os.getpid() != 1:
                _sweep(pid)
            os._exit(0)
        ended, status, usage = os.wait4(pid, os.WNOHANG)
        if ended:
            for handle in watched[1:]:
                handle.close()
            return status, usage


def _handle(pid: int) -> list[Any]:
    """Return something that is readable once a process has ended, where the system has such."""
    return [os.fdopen(os.pidfd_open(pid), "rb", 0)] if hasattr(os, "pidfd_open") else []


def next_descriptor(control: socket.socket) -> tuple[bytes, int] | None:
    """Return the next message with the descriptor that came along, or None at the end."""
    size = array.array("i").itemsize
    message, ancillary, _, _ = control.recvmsg(1 << 16, socket.CMSG_LEN(size))
    if not message:
        return None
    (_, _, data) = ancillary[0]
    return message, array.array("i", data[:size])[0]


def _sweep(pid: int) -> None:
    """Kill what the child left behind, so that the next one starts in an empty house."""
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


def _disk(tier: str) -> tuple[int, ...]:
    """Return what changes with any use of /tmp, where it is ours: no child can set its ctime back."""
    if tier != "full":
        return ()
    seen = os.stat("/tmp")
    return seen.st_ino, seen.st_mode, seen.st_atime_ns, seen.st_mtime_ns, seen.st_ctime_ns


def _child(
    channel_fd: int,
    parent: int,
    hold: Callable[[], None],
    confine: Callable[[int], None],
    *,
    whole: bool,
) -> None:
    code = 1
    try:
        os.setsid()
        signal.signal(signal.SIGINT, signal.default_int_handler)
        hold()
        channel = socket.socket(fileno=keep_only(channel_fd))
        if whole:
            _conduct(channel, parent, confine)
        else:
            confine(parent)
            runner.serve(channel)
        code = 0
    finally:
        os._exit(code)


def _conduct(channel: socket.socket, parent: int, confine: Callable[[int], None]) -> None:
    """Run a whole notebook; a reason why none can be run is told before any of it has."""
    try:
        import notebook_runner

        notebook_runner.serve(channel, parent, confine)
    except Exception as error:
        reason = f"{type(error).__name__}: {error}"
        channel.sendall(wire.encode({"event": "failed", "reason": reason}))


def _confinement(tier: str, whole: bool) -> tuple[Callable[[], None], Callable[[int], None]]:  # noqa: FBT001
    """Return what locks a child in for good, in ways that neither its code nor what it starts can undo.

    The first holds it to its files, and may come before it forks; the second, given who its parent is,
    filters its system calls, and denies forking.
    """
    held = tier == "full" and landlock.version() > 0
    rules = landlock.rules(["/"], ["/tmp", os.devnull]) if held else None

    def hold() -> None:
        if rules is not None:
            landlock.restrict(rules)

    def confine(parent: int) -> None:
        if tier != "none":
            namespaces.die_with_parent(parent)
            seccomp.install(alone=tier == "light", sockets=whole)

    return hold, confine


def keep_only(descriptor: int) -> int:
    """Close everything but one descriptor, which becomes number 3; stdio goes nowhere."""
    null = os.open(os.devnull, os.O_RDWR)
    for fd in (0, 1, 2):
        os.dup2(null, fd)
    os.dup2(descriptor, _CHANNEL_FD)
    os.closerange(_CHANNEL_FD + 1, 4096)
    return _CHANNEL_FD
