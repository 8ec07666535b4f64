"""Start boxes and end them; everything here happens, and is measured, outside of them."""

from __future__ import annotations

import contextlib
import json
import math
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grader.errors import BoxError
from grader.model import Limits
from grader.sandbox import bubblewrap, view
from grader.text import printable

START_SECONDS = 30.0
_END_SECONDS = 2.0
_BOOT = (
    "import sys, json; settings = json.loads(sys.argv[1]); sys.path[:0] = settings['path']; "
    "import {module}; {module}.main(settings)"
)
_NO_NAMESPACES = ("namespace", "uid map", "gid map", "Operation not permitted", "No space left")


@dataclass(frozen=True, slots=True)
class Furniture:
    """What an assignment puts into a box: helper files by the name they go under, and packages."""

    helpers: tuple[tuple[str, Path], ...]
    packages: tuple[str, ...]

    @property
    def modules(self) -> list[str]:
        """Return the names under which helper files are imported."""
        return [Path(name).stem for name, _ in self.helpers if name.endswith(".py")]

    def placed(self) -> Iterator[tuple[str, Path]]:
        """Yield where each file and folder goes inside the box, and where it is outside."""
        for path in sorted(view.BOX_FILES.glob("[!_]*.py")):
            yield f"/box/lib/{path.name}", path
        for name, path in self.helpers:
            yield f"/box/assignment/{name}", path
        for path in view.site_entries(self.packages):
            yield f"/box/site/{path.name}", path


@dataclass(frozen=True, slots=True)
class Box:
    """A running box: the control channel to the worker within, and how to end it from outside."""

    control: socket.socket
    end: Callable[[], None]

    def hand_over(self, channel: socket.socket) -> None:
        """Give the worker one end of a channel; it forks a child to serve it."""
        try:
            socket.send_fds(self.control, [b"program"], [channel.fileno()])
        except OSError as error:
            raise BoxError("The box stopped between two programs.") from error

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
        raise EOFError("the box is gone")
    message: dict[str, Any] = json.loads(text)
    return message, descriptors


# ------------------------------------------------------------------ starting


def bare(furniture: Furniture, limits: Limits) -> Box:
    """Start a box without a wall: limits hold, but nothing is hidden. Raises BoxError."""
    folder = tempfile.TemporaryDirectory(prefix="grader-")
    with contextlib.ExitStack() as undo:
        undo.callback(folder.cleanup)
        _lay_out(furniture, Path(folder.name))
        settings = _settings(furniture, folder.name) | {
            "rlimits": rlimits(limits, counted=False),
            "uid": 0,
            "filtered": False,
        }
        control, end = started([], "worker", settings, cwd=f"{folder.name}/box/assignment")
        undo.pop_all()

    def end_and_clean() -> None:
        end()
        folder.cleanup()

    return Box(control, end_and_clean)


def cold(furniture: Furniture, limits: Limits) -> Box:
    """Start a box of its own with an interpreter of its own. Raises BoxError."""
    wall = bubblewrap.command(furniture.placed(), limits.disk_bytes, nested=False)
    settings = _settings(furniture) | {
        "rlimits": rlimits(limits, counted=True),
        "uid": bubblewrap.next_uid(),
        "filtered": True,
    }
    return Box(*started(wall, "worker", settings))


def nursery(furniture: Furniture) -> tuple[socket.socket, Callable[[], None]]:
    """Start a warm interpreter that makes boxes inside its own. Raises BoxError."""
    wall = bubblewrap.command(furniture.placed(), 1 << 20, nested=True)
    settings = _settings(furniture) | {"uid": bubblewrap.next_uid()}
    return started(wall, "nursery", settings)


def _settings(furniture: Furniture, root: str = "") -> dict[str, Any]:
    path = [f"{root}/box/lib", f"{root}/box/assignment", f"{root}/box/site"]
    return {"path": path, "helpers": furniture.modules}


def started(
    wall: list[str], module: str, settings: dict[str, Any], *, cwd: str = "/"
) -> tuple[socket.socket, Callable[[], None]]:
    """Start a module of the box behind a wall; return its control channel and how to end it."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with theirs, contextlib.ExitStack() as undo:
        undo.callback(ours.close)
        told = json.dumps(settings | {"control_fd": theirs.fileno()})
        python = [str(view.interpreter()), "-I", "-S", "-B", "-c", _BOOT.format(module=module)]
        process = _spawn([*wall, *python, told], cwd, theirs.fileno())
        undo.pop_all()
    _await_ready(process, ours)
    return ours, lambda: _end(process)


def _spawn(command: list[str], cwd: str, control_fd: int) -> subprocess.Popen[bytes]:
    try:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            pass_fds=(control_fd,),
            cwd=cwd,
            env={**bubblewrap.ENVIRONMENT, "HOME": cwd, "TMPDIR": cwd},
            start_new_session=True,
        )
    except OSError as error:
        raise BoxError(f"A box could not be started: {printable(str(error))}.") from error


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
        raise BoxError(_why_not(said)) from error


def _said(process: subprocess.Popen[bytes]) -> str:
    """Return what is there of a process's last words, without waiting for more."""
    assert process.stderr is not None
    os.set_blocking(process.stderr.fileno(), False)
    return printable((process.stderr.read() or b"").decode(errors="replace"))


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
            f"This machine does not let programs make user namespaces, which the box is built of ({said}): "
            "as root, run 'sysctl -w user.max_user_namespaces=15000' and, where it exists, "
            "'sysctl -w kernel.apparmor_restrict_unprivileged_userns=0'; or grade only your own "
            "notebook, with --no-sandbox."
        )
    return f"A box could not be started: {said or 'it gave no reason'}."


def rlimits(limits: Limits, *, counted: bool) -> dict[str, int]:
    """Return the limits of every process in a box; processes are counted where that is per box."""
    bounds = {
        "RLIMIT_DATA": limits.memory_bytes,
        "RLIMIT_AS": limits.memory_bytes + (2 << 30),
        "RLIMIT_CPU": math.ceil(limits.function_seconds) + 2,
        "RLIMIT_FSIZE": limits.disk_bytes,
        "RLIMIT_NOFILE": 256,
        "RLIMIT_CORE": 0,
    }
    return bounds | ({"RLIMIT_NPROC": limits.processes} if counted else {})


def _lay_out(furniture: Furniture, root: Path) -> None:
    """Without a wall: the same layout under a temporary folder, helpers copied, packages linked."""
    (root / "box/assignment").mkdir(parents=True)
    for inside, outside in furniture.placed():
        place = root / inside.lstrip("/")
        place.parent.mkdir(parents=True, exist_ok=True)
        if inside.startswith("/box/site/"):
            place.symlink_to(outside)
        else:
            shutil.copy(outside, place)
