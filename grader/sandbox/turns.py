"""Turns of programs in boxes: side by side, or alone after the kernel killed one for lack of memory.

All processes that were forked after the first turn share two locks. A program holds a shared lock on
`room` while it runs. To be alone it takes an exclusive lock, and `gate` meanwhile, which every other
program passes first; so it need not wait until none runs by chance.
"""

from __future__ import annotations

import contextlib
import fcntl
import functools
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

_PATIENCE = 60.0
"""Seconds after which a program runs although others do, for example a whole notebook."""
_POLL_SECONDS = 0.005


class _Locks(NamedTuple):
    gate: str
    room: str


@contextlib.contextmanager
def turn(*, alone: bool = False) -> Iterator[None]:
    """Wait for a turn, and keep it inside the context. Only Linux has the locks."""
    if sys.platform != "linux":
        yield
        return
    gate, room = _locks()
    kind = fcntl.LOCK_EX if alone else fcntl.LOCK_SH
    with contextlib.ExitStack() as passed, contextlib.ExitStack() as inside:
        _lock(passed, gate, kind)
        _lock(inside, room, kind)
        if not alone:
            passed.close()
        yield


def memory_kills() -> int:
    """Return how many processes the kernel has killed for lack of memory since the machine started."""
    with contextlib.suppress(OSError, ValueError):
        for line in Path("/proc/vmstat").read_text("ascii").splitlines():
            if line.startswith("oom_kill "):
                return int(line.split()[1])
    return 0


@functools.cache
def _locks() -> _Locks:
    """Create the files, which exist in memory only; forked processes inherit them."""
    files = (os.memfd_create(name) for name in _Locks._fields)
    return _Locks(*(f"/proc/self/fd/{file}" for file in files))


def _lock(stack: contextlib.ExitStack, path: str, kind: int) -> None:
    """Open a file once more, so that the lock is this thread's alone, and lock it if time allows."""
    file = os.open(path, os.O_RDONLY)
    stack.callback(os.close, file)
    end = time.monotonic() + _PATIENCE
    while time.monotonic() < end:
        with contextlib.suppress(BlockingIOError):
            fcntl.flock(file, kind | fcntl.LOCK_NB)
            return
        time.sleep(_POLL_SECONDS)
