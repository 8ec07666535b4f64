"""Start boxes and end them. Everything here happens, and is measured, outside the boxes."""

from __future__ import annotations

import contextlib
import json
import math
import os
import socket
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

from grader.errors import BoxError
from grader.messages.sanitize import one_line
from grader.model import Limits, Tier
from grader.sandbox import bubblewrap, cgroup, mounts
from grader.sandbox.box import landlock, seccomp
from grader.sandbox.box_contents import BoxContents, copy_to_folder

START_SECONDS = 120.0
"""Wall-clock seconds for the start of a box; after that it is a failure of the grader (BoxError)."""
_HOME = "/box/home"
_END_SECONDS = 2.0
_BOOT = (
    "import sys, json; settings = json.loads(sys.argv[1]); sys.path[:0] = settings['path']; "
    "import {module}; {module}.main(settings)"
)
_NO_NAMESPACES = ("namespace", "uid map", "gid map", "Operation not permitted", "No space left")


class BoxLost(BoxError):
    """A box stopped without a message, and not because of a program: none was running in it."""


class Process(NamedTuple):
    """A running interpreter of the sandbox: its control channel, and a function that ends it."""

    control: socket.socket
    end: Callable[[], None]


class ControlMessage(NamedTuple):
    """A message from a control channel, and the file descriptors that came with it."""

    content: dict[str, Any]
    descriptors: list[int]


@dataclass(frozen=True, slots=True)
class Box:
    """A running box: the control channel to its worker, and a function that ends it from outside."""

    control: socket.socket
    end: Callable[[], None]

    def hand_over(self, channel: socket.socket) -> None:
        """Pass the worker one end of a channel; it forks a child to serve it. Raises BoxLost."""
        try:
            socket.send_fds(self.control, [b"program"], [channel.fileno()])
        except OSError as error:
            raise BoxLost("The sandbox stopped between two programs.") from error

    def report(self, *, deadline: float) -> dict[str, Any]:
        """Return the worker's next report; `deadline` is in seconds of time.monotonic().

        Raises TimeoutError, and EOFError if the box has stopped.
        """
        return receive_message(self.control, deadline).content

    def close(self) -> None:
        """Close the channel, at which the worker ends the box, and kill whatever does not end."""
        self.control.close()
        self.end()


def receive_message(control: socket.socket, deadline: float) -> ControlMessage:
    """Return the next message of a control channel, of at most 4,096 bytes.

    `deadline` is in seconds of time.monotonic(). Raises TimeoutError, EOFError if the other side has
    stopped, ValueError if the message is not JSON.
    """
    control.settimeout(max(deadline - time.monotonic(), 1e-6))
    text, descriptors, _, _ = socket.recv_fds(control, 4096, 1)
    if not text:
        raise EOFError("the sandbox has stopped")
    return ControlMessage(json.loads(text), descriptors)


# ------------------------------------------------------------------ starting


def start_unisolated_box(contents: BoxContents, limits: Limits) -> Box:
    """Start a box of the tier `none`: limits apply, but nothing is hidden. Raises BoxError."""
    rights = {"tier": Tier.NONE, "uid": 0, "rlimits": rlimits(limits, count_processes=False)}
    return Box(*_start_in_folder("worker", contents, rights, limits))


def start_full_box(contents: BoxContents, limits: Limits) -> Box:
    """Start a box of the tier `full` with an interpreter of its own. Raises BoxError."""
    wrapper = bubblewrap.command(contents.placements(), limits.disk_bytes, nested=False)
    rights = {"tier": Tier.FULL, "uid": bubblewrap.next_uid()}
    settings = contents.settings() | rights | {"rlimits": rlimits(limits, count_processes=True)}
    return Box(*start_process(wrapper, "worker", settings, limits))


def start_fork_server(contents: BoxContents, limits: Limits, tier: Tier) -> Process:
    """Start an interpreter that forks boxes: inside bubblewrap, or without it for the light tier.

    Raises BoxError.
    """
    if tier is Tier.LIGHT:
        return _start_light_fork_server(contents, limits)
    wrapper = bubblewrap.command(contents.placements(), 1 << 20, nested=True)
    settings = contents.settings() | {"tier": tier, "uid": bubblewrap.next_uid()}
    return start_process(wrapper, "fork_server", settings, limits)


def _start_light_fork_server(contents: BoxContents, limits: Limits) -> Process:
    """Start a fork server that restricts its boxes with Landlock and a filter.

    A root process changes to an unused user ID, if every user may read the interpreter and the
    packages. Otherwise it stays root, but without any capability.
    """
    if not landlock.version():
        raise BoxError("The Linux kernel has no Landlock, which the light sandbox needs.")
    if not seccomp.is_supported():
        raise BoxError("The light sandbox has no system-call filter for this processor type.")
    entries, mixed = mounts.interpreter_entries()
    visible = [*entries, *mounts.site_entries(contents.packages)]
    open_to_all = all(map(mounts.is_readable_by_all, [*visible, *mixed]))
    rights: dict[str, Any] = {
        "tier": Tier.LIGHT,
        "uid": bubblewrap.next_uid() if open_to_all else 0,
        "readable": [*map(str, visible), "/dev/urandom"],
        "listable": [*map(str, mixed)],
    }
    return _start_in_folder("fork_server", contents, rights, limits)


def _start_in_folder(
    module: str, contents: BoxContents, rights: dict[str, Any], limits: Limits
) -> Process:
    """Start a module of the box without bubblewrap, in a temporary folder that is removed at its end."""
    with contextlib.ExitStack() as undo:
        root = str(undo.enter_context(copy_to_folder(contents)))
        if rights["uid"]:
            os.chown(f"{root}{_HOME}", rights["uid"], rights["uid"])
        settings = contents.settings(root) | rights
        if "readable" in rights:
            settings["readable"] = [root, *rights["readable"]]
        process = start_process([], module, settings, limits, root=root)
        cleanup = undo.pop_all()

    def end() -> None:
        with cleanup:
            process.end()

    return Process(process.control, end)


def start_process(
    wrapper: list[str], module: str, settings: dict[str, Any], limits: Limits, *, root: str = ""
) -> Process:
    """Start a module of the box in an interpreter, behind a wrapper command such as bubblewrap.

    Where the kernel supports it, the limits apply to all its processes together. Raises BoxError.
    """
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with theirs, contextlib.ExitStack() as undo:
        undo.callback(ours.close)
        argument = json.dumps(settings | {"control_fd": theirs.fileno()})
        python = [str(mounts.interpreter()), "-I", "-S", "-B", "-c", _BOOT.format(module=module)]
        group = cgroup.create(limits)
        undo.callback(group.remove)
        popen = _popen([*group.prefix, *wrapper, *python, argument], root, theirs.fileno())
        theirs.close()  # otherwise this process would not notice that the other side has ended
        _await_ready(popen, ours)
        undo.pop_all()

    def end() -> None:
        _end(popen)
        group.remove()

    return Process(ours, end)


def _popen(command: list[str], root: str, control_fd: int) -> subprocess.Popen[bytes]:
    """Start a command whose box files lie under `root`, or are mounted by bubblewrap.

    Matplotlib does not load without a home folder that appears to be writable.
    """
    home = f"{root}{_HOME}"
    try:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            pass_fds=(control_fd,),
            cwd=f"{root}/box/assignment" if root else "/",
            env={**bubblewrap.ENVIRONMENT, "HOME": home, "TMPDIR": home, "MPLCONFIGDIR": home},
            start_new_session=True,
        )
    except OSError as error:
        raise BoxError(f"The sandbox could not be started: {one_line(str(error))}.") from error


def _await_ready(process: subprocess.Popen[bytes], control: socket.socket) -> None:
    try:
        receive_message(control, time.monotonic() + START_SECONDS)
    except (OSError, EOFError, ValueError) as error:
        control.close()
        process.kill()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(_END_SECONDS)
        assert process.stderr is not None
        os.set_blocking(process.stderr.fileno(), False)  # a descendant may keep it open
        text = (process.stderr.read() or b"").decode(errors="replace").strip()
        message = one_line(text.splitlines()[-1] if "Traceback" in text else text)
        _end(process)
        kind = BoxLost if isinstance(error, EOFError) and not message else BoxError
        reason = f"The sandbox could not be started: {message or 'it gave no reason'}."
        if any(sign in message for sign in _NO_NAMESPACES):
            reason = (
                "The full sandbox needs user namespaces, but this machine does not allow "
                f"them ({message}). As root, run 'sysctl -w user.max_user_namespaces=15000' "
                "and, where it exists, 'sysctl -w "
                "kernel.apparmor_restrict_unprivileged_userns=0'."
            )
        raise kind(reason) from error


def _end(process: subprocess.Popen[bytes]) -> None:
    """Wait for a process whose control channel is closed; kill it if it does not end."""
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(_END_SECONDS)
    with contextlib.suppress(ProcessLookupError):
        process.kill()
    process.wait()
    if process.stderr:
        process.stderr.close()


# ------------------------------------------------------------------ limits

_LIBRARIES_BYTES = 512 << 20
"""Address space for the libraries that a program loads: it counts in RLIMIT_AS, but uses little memory."""


def cpu_seconds(limits: Limits) -> int:
    """Return a function's processor time in seconds, two more than its wall-clock time rounded up.

    So the wall clock, watched from outside, normally ends a function first.

    >>> cpu_seconds(Limits(function_seconds=0.5))
    3
    """
    return math.ceil(limits.function_seconds) + 2


def rlimits(limits: Limits, *, count_processes: bool) -> dict[str, int]:
    """Return the resource limits of each process in a box, by name, in bytes, seconds or a count.

    The kernel enforces them (see setrlimit(2)). At RLIMIT_DATA and RLIMIT_AS Python raises
    MemoryError, at RLIMIT_FSIZE OSError. At RLIMIT_CPU the kernel kills the process.
    `count_processes` is for boxes with a user namespace, where RLIMIT_NPROC counts per box. Elsewhere
    it would count all processes of the user.
    """
    bounds = {
        # Private memory, then private and shared memory; a fork server adds its own address space.
        "RLIMIT_DATA": limits.memory_bytes,
        "RLIMIT_AS": limits.memory_bytes + _LIBRARIES_BYTES,
        "RLIMIT_CPU": cpu_seconds(limits),
        "RLIMIT_FSIZE": limits.disk_bytes,
        "RLIMIT_NOFILE": 256,
        "RLIMIT_CORE": 0,
    }
    return bounds | ({"RLIMIT_NPROC": limits.processes} if count_processes else {})
