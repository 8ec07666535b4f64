"""Bounds for all processes of a box together, by cgroup v2 where we may make groups.

Each process of a box has limits of its own, on any machine; a group adds them up, with what the kernel
holds for them. One group goes with one interpreter, since moving a process costs milliseconds.
"""

from __future__ import annotations

import contextlib
import functools
import itertools
import os
import time
from collections.abc import Callable
from pathlib import Path

from grader.model import Limits

_NEEDED = {"memory", "pids"}
_INTERPRETER_BYTES = 512 << 20
_INTERPRETER_PROCESSES = 16
_END_SECONDS = 1.0
_JOIN = 'echo 0 > "$0"; exec "$@"'
_numbers = itertools.count(1)


@functools.cache
def parent() -> Path | None:
    """Return the group under which we may make others that count memory and processes, if any."""
    for group in _candidates(Path("/proc/self/cgroup"), Path("/proc/self/mounts")):
        try:
            handed_down = set((group / "cgroup.subtree_control").read_text().split())
        except OSError:
            continue
        if handed_down >= _NEEDED and os.access(group, os.W_OK) and _joinable(group):
            return group
    return None


def _joinable(group: Path) -> bool:
    return os.access(group / "cgroup.procs", os.W_OK)


def _candidates(membership: Path, mounts: Path) -> list[Path]:
    """Return our own group and those above it, nearest first."""
    try:
        lines = membership.read_text().splitlines()
        mounted = [line.split() for line in mounts.read_text().splitlines()]
    except OSError:
        return []
    roots = [Path(place) for _, place, kind, *_ in mounted if kind == "cgroup2"]
    own = [line.split("::", 1)[1].lstrip("/") for line in lines if line.startswith("0::")]
    if not roots or not own:
        return []
    group = roots[0] / own[0]
    return [group, *(above for above in group.parents if above.is_relative_to(roots[0]))]


def command(limits: Limits) -> tuple[list[str], Callable[[], None]]:
    """Return what to put before a command so that it runs in a group of its own, and how to end that.

    A machine that does not let us has the limits of each process alone: no error, nothing to put.
    """
    above = parent()
    if above is None:
        return [], lambda: None
    group = above / f"grader-{os.getpid()}-{next(_numbers)}"
    remove = functools.partial(_remove, group)
    try:
        _make(group, limits)
    except OSError:
        remove()
        return [], lambda: None
    return ["/bin/sh", "-c", _JOIN, str(group / "cgroup.procs")], remove


def _make(group: Path, limits: Limits) -> None:
    memory = limits.memory_bytes + limits.disk_bytes + _INTERPRETER_BYTES
    group.mkdir()
    (group / "memory.max").write_text(str(memory))
    (group / "pids.max").write_text(str(limits.processes + _INTERPRETER_PROCESSES))
    with contextlib.suppress(OSError):  # a kernel without swap accounting has no such file
        (group / "memory.swap.max").write_text("0")


def _remove(group: Path) -> None:
    """Kill what is left in a group and remove it; what will not go is left to the system."""
    with contextlib.suppress(OSError):
        (group / "cgroup.kill").write_text("1")
    end = time.monotonic() + _END_SECONDS
    while group.is_dir() and time.monotonic() < end:
        with contextlib.suppress(OSError):
            group.rmdir()
            return
        time.sleep(0.01)
