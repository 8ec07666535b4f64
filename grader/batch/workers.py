"""Worker processes: submissions are graded side by side, and none waits for another's interpreter.

They are forked before anything is graded and know what their parent knows: the assignment, and what
its reference answers. Each has a core and a warm interpreter of its own, so that threads started by
one student's code take no time from another's, and dies with its parent.
"""

from __future__ import annotations

import contextlib
import functools
import gc
import multiprocessing
import os
import signal
import sys
from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing.queues import SimpleQueue
from multiprocessing.util import Finalize

from grader.sandbox import close_all, inherit
from grader.sandbox.box import namespaces

_RARELY = 20_000
"""New objects between two looks for garbage: trees and arrays make many, and next to no garbage."""


@contextlib.contextmanager
def pool(number: int | None = None) -> Iterator[Executor]:
    """Yield so many workers, by default one for each core that we may use; threads where not on Linux."""
    if sys.platform != "linux":
        with ThreadPoolExecutor(number or os.cpu_count()) as threads:
            yield threads
        return
    context = multiprocessing.get_context("fork")
    cores = sorted(os.sched_getaffinity(0))
    number = number or len(cores)
    own = context.SimpleQueue()
    for i in range(number):  # begin elsewhere than another batch on this machine
        own.put(cores[(os.getpid() + i) % len(cores)])
    begin = functools.partial(_begin, os.getpid(), own)
    with ProcessPoolExecutor(number, mp_context=context, initializer=begin) as processes:
        gc.collect()
        gc.freeze()  # what is loaded by now stays: no worker needs to look through it again
        # The first task forks them all: now, while no thread of ours could hold a lock. Ctrl-C waits.
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            processes.submit(os.getpid).result()
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
        yield processes


def _begin(parent: int, own: SimpleQueue[int]) -> None:
    """Be a worker: leave Ctrl-C to the parent, die when it does, end warm interpreters at the end."""
    namespaces.die_with_parent(parent)
    with contextlib.suppress(OSError):  # a core of its own is good to have
        os.sched_setaffinity(0, {own.get()})
    gc.set_threshold(_RARELY)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    inherit()
    Finalize(None, close_all, exitpriority=1)
