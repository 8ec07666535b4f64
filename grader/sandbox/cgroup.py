"""Limits for all processes of a box together, by cgroup v2 where this process may create groups.

On any machine each process of a box has its own limits. A group limits their sum, including the
kernel's memory for them. There is one group per fork server, not per box: moving a process into a
group takes 12 to 15 ms.
"""

from __future__ import annotations

import contextlib
import functools
import itertools
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from grader.model import Limits

_CONTROLLERS = {"memory", "pids"}
_INTERPRETER_BYTES = 512 << 20
_INTERPRETER_PROCESSES = 16
_END_SECONDS = 1.0
_JOIN = 'echo 0 > "$0"; exec "$@"'
_numbers = itertools.count(1)


class Group(NamedTuple):
    """A prefix that makes a command run in a group, and a function that kills and removes the group."""

    prefix: list[str]
    remove: Callable[[], None]


@functools.cache
def parent_group() -> Path | None:
    """Return the nearest group in which this process may create groups that limit memory and processes.

    None if there is none.
    """
    for group in _candidates(Path("/proc/self/cgroup"), Path("/proc/self/mounts")):
        try:
            controllers = set((group / "cgroup.subtree_control").read_text().split())
        except OSError:
            continue
        writable = (os.access(path, os.W_OK) for path in (group, group / "cgroup.procs"))
        if controllers >= _CONTROLLERS and all(writable):
            return group
    return None


def _candidates(membership: Path, mounts: Path) -> list[Path]:
    """Return the group of this process and its parents, nearest first."""
    try:
        lines = membership.read_text().splitlines()
        table = [line.split() for line in mounts.read_text().splitlines()]
    except OSError:
        return []
    roots = [Path(target) for _, target, kind, *_ in table if kind == "cgroup2"]
    own = [line.split("::", 1)[1].lstrip("/") for line in lines if line.startswith("0::")]
    if not roots or not own:
        return []
    group = roots[0] / own[0]
    return [group, *(above for above in group.parents if above.is_relative_to(roots[0]))]


def create(limits: Limits) -> Group:
    """Create a group for one box: limits for the memory in bytes and the number of processes.

    The memory is that of `limits`, plus its disk (/tmp is in memory) and 512 MiB for the interpreter;
    above it the kernel kills a process of the group. At the number of processes no further one starts.
    Where this process may not create groups, the prefix is empty: each process has its own limits.
    """
    parent = parent_group()
    if parent is None:
        return Group([], lambda: None)
    group = parent / f"grader-{os.getpid()}-{next(_numbers)}"
    remove = functools.partial(_remove, group)
    try:
        _make_folder(group, limits)
    except OSError:
        remove()
        return Group([], lambda: None)
    return Group(["/bin/sh", "-c", _JOIN, str(group / "cgroup.procs")], remove)


def _make_folder(group: Path, limits: Limits) -> None:
    memory = limits.memory_bytes + limits.disk_bytes + _INTERPRETER_BYTES
    group.mkdir()
    (group / "memory.max").write_text(str(memory))
    (group / "pids.max").write_text(str(limits.processes + _INTERPRETER_PROCESSES))
    with contextlib.suppress(OSError):  # a kernel without swap accounting has no such file
        (group / "memory.swap.max").write_text("0")


def _remove(group: Path) -> None:
    """Kill the processes in a group and remove it; after a second of failures it is left in place."""
    with contextlib.suppress(OSError):
        (group / "cgroup.kill").write_text("1")
    end = time.monotonic() + _END_SECONDS
    while group.is_dir() and time.monotonic() < end:
        with contextlib.suppress(OSError):
            group.rmdir()
            return
        time.sleep(0.01)
