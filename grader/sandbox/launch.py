"""Start boxes and end them; everything here happens, and is measured, outside of them."""

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
from typing import Any

from grader.errors import BoxError
from grader.messages.sanitize import printable
from grader.model import Limits, Tier
from grader.sandbox import bubblewrap, cgroup, mounts
from grader.sandbox.box import landlock, seccomp
from grader.sandbox.box_contents import BoxContents, laid_out

End = Callable[[], None]

START_SECONDS = 30.0
_HOME = "/box/home"
_END_SECONDS = 2.0
_BOOT = (
    "import sys, json; settings = json.loads(sys.argv[1]); sys.path[:0] = settings['path']; "
    "import {module}; {module}.main(settings)"
)
_NO_NAMESPACES = ("namespace", "uid map", "gid map", "Operation not permitted", "No space left")


class BoxLost(BoxError):
    """A box, or what was to become one, ended without a word, and no program was in it."""


@dataclass(frozen=True, slots=True)
class Box:
    """A running box: the control channel to the worker within, and how to end it from outside."""

    control: socket.socket
    end: End

    def hand_over(self, channel: socket.socket) -> None:
        """Give the worker one end of a channel; it forks a child to serve it."""
        try:
            socket.send_fds(self.control, [b"program"], [channel.fileno()])
        except OSError as error:
            raise BoxLost("The sandbox stopped between two programs.") from error

    def report(self, *, deadline: float) -> dict[str, Any]:
        """Return the worker's next report. Raises TimeoutError, EOFError when the box is gone."""
        return receive(self.control, deadline)[0]

    def close(self) -> None:
        """Hang up, at which the worker ends itself and every process in the box, or is killed."""
        self.control.close()
        self.end()


def receive(control: socket.socket, deadline: float) -> tuple[dict[str, Any], list[int]]:
    """Return the next message of a control channel and the descriptors that came along."""
    control.settimeout(max(deadline - time.monotonic(), 1e-6))
    text, descriptors, _, _ = socket.recv_fds(control, 4096, 1)
    if not text:
        raise EOFError("the sandbox has stopped")
    message: dict[str, Any] = json.loads(text)
    return message, descriptors


# ------------------------------------------------------------------ starting


def bare(contents: BoxContents, limits: Limits) -> Box:
    """Start a box without a wall: limits hold, but nothing is hidden. Raises BoxError."""
    rights = {"tier": Tier.NONE, "uid": 0, "rlimits": rlimits(limits, counted=False)}
    return Box(*_started_in_a_folder("worker", contents, rights, limits))


def cold(contents: BoxContents, limits: Limits) -> Box:
    """Start a box of its own with an interpreter of its own. Raises BoxError."""
    wall = bubblewrap.command(contents.placed(), limits.disk_bytes, nested=False)
    rights = {"tier": Tier.FULL, "uid": bubblewrap.next_uid()}
    settings = contents.settings() | rights | {"rlimits": rlimits(limits, counted=True)}
    return Box(*started(wall, "worker", settings, limits))


def fork_server(contents: BoxContents, limits: Limits, tier: Tier) -> tuple[socket.socket, End]:
    """Start a warm interpreter that makes boxes: inside its own, or without a wall. Raises BoxError."""
    if tier == Tier.LIGHT:
        return _light_fork_server(contents, limits)
    wall = bubblewrap.command(contents.placed(), 1 << 20, nested=True)
    settings = contents.settings() | {"tier": tier, "uid": bubblewrap.next_uid()}
    return started(wall, "fork_server", settings, limits)


def _light_fork_server(contents: BoxContents, limits: Limits) -> tuple[socket.socket, End]:
    """Start one that holds its children to what it may read itself; root leaves for another user.

    That user must be let in to all of it; else it stays root, without a single privilege.
    """
    if not landlock.version():
        raise BoxError("The Linux kernel has no Landlock, which the light sandbox needs.")
    if not seccomp.known():
        raise BoxError("The light sandbox has no system-call filter for this processor type.")
    entries, mixed = mounts.interpreter_entries()
    visible = [*entries, *mounts.site_entries(contents.packages)]
    open_to_all = all(map(mounts.is_open_to_all, [*visible, *mixed]))
    rights: dict[str, Any] = {
        "tier": Tier.LIGHT,
        "uid": bubblewrap.next_uid() if open_to_all else 0,
    }
    rights["readable"] = [*map(str, visible), "/dev/urandom"]
    rights["listable"] = [*map(str, mixed)]
    return _started_in_a_folder("fork_server", contents, rights, limits)


def _started_in_a_folder(
    module: str, contents: BoxContents, rights: dict[str, Any], limits: Limits
) -> tuple[socket.socket, End]:
    """Start a module of the box, without a wall, in a temporary folder that goes when it ends."""
    with contextlib.ExitStack() as undo:
        root = str(undo.enter_context(laid_out(contents)))
        if rights["uid"]:
            os.chown(f"{root}{_HOME}", rights["uid"], rights["uid"])
        settings = contents.settings(root) | rights
        if "readable" in rights:
            settings["readable"] = [root, *rights["readable"]]
        control, end = started([], module, settings, limits, root=root)
        kept = undo.pop_all()

    def end_and_clean() -> None:
        with kept:
            end()

    return control, end_and_clean


def started(
    wall: list[str], module: str, settings: dict[str, Any], limits: Limits, *, root: str = ""
) -> tuple[socket.socket, End]:
    """Start a module of the box behind a wall; return its control channel and how to end it.

    All its processes together are held to the limits where the kernel counts them together.
    """
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with theirs, contextlib.ExitStack() as undo:
        undo.callback(ours.close)
        told = json.dumps(settings | {"control_fd": theirs.fileno()})
        python = [str(mounts.interpreter()), "-I", "-S", "-B", "-c", _BOOT.format(module=module)]
        counted, ungroup = cgroup.command(limits)
        undo.callback(ungroup)
        process = _spawn([*counted, *wall, *python, told], root, theirs.fileno())
        theirs.close()  # or nobody would notice that the other side has ended
        _await_ready(process, ours)
        undo.pop_all()

    def end() -> None:
        _end(process)
        ungroup()

    return ours, end


def _spawn(command: list[str], root: str, control_fd: int) -> subprocess.Popen[bytes]:
    """Start a command that finds its furniture under a root, or is given it by a wall.

    Matplotlib does not load without a folder that looks as if it could be written.
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
        raise BoxError(f"The sandbox could not be started: {printable(str(error))}.") from error


def _await_ready(process: subprocess.Popen[bytes], control: socket.socket) -> None:
    try:
        receive(control, time.monotonic() + START_SECONDS)
    except (OSError, EOFError, ValueError) as error:
        control.close()
        process.kill()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(_END_SECONDS)
        said = _said(process)
        _end(process)
        kind = BoxLost if isinstance(error, EOFError) and not said else BoxError
        raise kind(_why_not(said)) from error


def _said(process: subprocess.Popen[bytes]) -> str:
    """Return what is there of a process's last words, without waiting for more; of a traceback the end."""
    assert process.stderr is not None
    os.set_blocking(process.stderr.fileno(), False)
    words = (process.stderr.read() or b"").decode(errors="replace").strip()
    return printable(words.splitlines()[-1] if "Traceback" in words else words)


def _end(process: subprocess.Popen[bytes]) -> None:
    """Wait for a process that was hung up on; kill it if it stays."""
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(_END_SECONDS)
    with contextlib.suppress(ProcessLookupError):
        process.kill()
    process.wait()
    if process.stderr:
        process.stderr.close()


def _why_not(said: str) -> str:
    """Turn bubblewrap's last words into one sentence that says what to do."""
    if any(sign in said for sign in _NO_NAMESPACES):
        return (
            "The full sandbox needs user namespaces, but this machine does not allow "
            f"them ({said}). As root, run 'sysctl -w user.max_user_namespaces=15000' "
            "and, where it exists, 'sysctl -w "
            "kernel.apparmor_restrict_unprivileged_userns=0'."
        )
    return f"The sandbox could not be started: {said or 'it gave no reason'}."


_LIBRARIES_BYTES = 512 << 20
"""Addresses for libraries that a program loads; they take part in RLIMIT_AS, and cost next to nothing."""


def cpu_seconds(limits: Limits) -> int:
    """Return how much processor time a function gets: a little more than its time by the clock."""
    return math.ceil(limits.function_seconds) + 2


def rlimits(limits: Limits, *, counted: bool) -> dict[str, int]:
    """Return the limits of every process in a box; processes are counted where that is per box."""
    bounds = {
        # What is private, then what is shared too; a warm interpreter adds what it holds itself.
        "RLIMIT_DATA": limits.memory_bytes,
        "RLIMIT_AS": limits.memory_bytes + _LIBRARIES_BYTES,
        "RLIMIT_CPU": cpu_seconds(limits),
        "RLIMIT_FSIZE": limits.disk_bytes,
        "RLIMIT_NOFILE": 256,
        "RLIMIT_CORE": 0,
    }
    return bounds | ({"RLIMIT_NPROC": limits.processes} if counted else {})
