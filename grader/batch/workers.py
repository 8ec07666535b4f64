"""Worker processes that grade submissions in parallel, each with an interpreter of its own.

They are forked before anything is graded, so they have their parent's assignment and the reference's
values. Each worker has its own core and its own fork server: threads of one student's code take no
time from another's. A worker dies with its parent.
"""

from __future__ import annotations

import contextlib
import functools
import gc
import multiprocessing
import os
import signal
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing.queues import SimpleQueue
from multiprocessing.util import Finalize

from grader.notebook.reader import close_readers, start_reader
from grader.sandbox import close_fork_servers, inherit_fork_servers
from grader.sandbox.box import namespaces

_RARELY = 20_000
"""New objects between two garbage collections; trees and arrays are many, and hardly any is garbage."""


@contextlib.contextmanager
def pool(number: int | None = None) -> Iterator[Executor]:
    """Yield an executor with `number` workers, by default one for each core; threads outside Linux."""
    if sys.platform != "linux":
        with ThreadPoolExecutor(number or os.cpu_count()) as threads:
            yield threads
        return
    context = multiprocessing.get_context("fork")
    cores = sorted(os.sched_getaffinity(0))
    number = number or len(cores)
    queue = context.SimpleQueue()
    for i in range(number):  # two batches on a machine begin with different cores
        queue.put(cores[(os.getpid() + i) % len(cores)])
    begin = functools.partial(_begin, os.getpid(), queue)
    with ProcessPoolExecutor(number, mp_context=context, initializer=begin) as processes:
        gc.collect()
        gc.freeze()  # loaded modules stay: no worker needs to collect them
        # The first task forks all workers: now, while no thread can hold a lock. Ctrl-C waits.
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            processes.submit(os.getpid).result()
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
        yield processes


@contextlib.contextmanager
def collecting_rarely() -> Iterator[None]:
    """Collect garbage rarely meanwhile: results are many objects, and hardly any is in a cycle."""
    thresholds = gc.get_threshold()
    gc.set_threshold(_RARELY)
    try:
        yield
    finally:
        gc.set_threshold(*thresholds)


def at_work(executor: Executor, unfinished: Sequence[str]) -> Sequence[str]:
    """Return those tasks, out of all unfinished ones in order, that workers may have been running.

    Workers take tasks in order, so they are the first ones, one for each worker.
    """
    return unfinished[: number(executor) or len(unfinished)]


def number(executor: Executor) -> int:
    """Return the number of workers of an executor, 0 if it is not known."""
    return int(getattr(executor, "_max_workers", 0))


def _begin(parent: int, cores: SimpleQueue[int]) -> None:
    """Start a worker: the parent handles Ctrl-C, and the worker ends with it and closes its sandboxes."""
    namespaces.die_with_parent(parent)
    with contextlib.suppress(OSError):  # a core of its own is optional
        os.sched_setaffinity(0, {cores.get()})
    gc.set_threshold(_RARELY)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    start_reader()  # a fork, so before this process has threads and other children
    inherit_fork_servers()
    Finalize(None, close_fork_servers, exitpriority=1)
    Finalize(None, close_readers, exitpriority=1)
