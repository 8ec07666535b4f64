"""Do the work of threads and pools one after another, in a second run, where none can be started.

The light tier allows no thread, and no tier allows the shared memory of `multiprocessing`.
"""

from __future__ import annotations

import collections
import importlib
import queue
import threading
import time
from collections.abc import Callable, Iterable
from concurrent import futures
from typing import Any

import compat


def install() -> None:
    """Replace processes and their pools, and where no thread can be started also threads and their pools."""
    executors: Any = futures
    _module("concurrent.futures.process").ProcessPoolExecutor = _Executor
    executors.ProcessPoolExecutor = _Executor
    pool = _module("multiprocessing.pool")
    pool.Pool = pool.ThreadPool = _Pool
    processes = _module("multiprocessing")
    processes.Pool = _module("multiprocessing.dummy").Pool = _Pool
    processes.Process = _Process
    processes.Queue = processes.SimpleQueue = processes.JoinableQueue = queue.Queue
    if not _can_start_threads():
        _module("concurrent.futures.thread").ThreadPoolExecutor = _Executor
        executors.ThreadPoolExecutor = _Executor
        turns.install()


def _module(name: str) -> Any:
    return importlib.import_module(name)


def _can_start_threads() -> bool:
    try:
        trial = threading.Thread(target=int)
        trial.start()
    except RuntimeError:
        return False
    trial.join()
    return True


def _note() -> None:
    note = [compat.DONE_IN_TURN, "threads"]
    if note not in compat.notes:
        compat.notes.append(note)


# ------------------------------------------------------------------ threads


class _Waits(BaseException):
    """Ends the work of a thread that waits for something that no other thread will do before it."""


class _Turns:
    """Threads that have started and have not had their turn yet.

    One has its turn where the code that started it waits: for a thread to end, for an item of a queue,
    for an event. A thread that waits in vain ends there. If it is a loop over a queue it begins again
    when there may be a further item.
    """

    def __init__(self) -> None:
        self.pending: list[threading.Thread] = []
        self.parked: list[threading.Thread] = []
        self.depth = 0
        self._sleep = time.sleep

    def install(self) -> None:
        """Replace the methods of threads that start and end them, and those by which code waits."""
        thread: Any = threading.Thread
        for name in ("start", "join", "is_alive"):
            setattr(thread, name, _as_method(getattr(self, name)))
        condition: Any = threading.Condition
        notify = condition.notify

        def notify_and_wake(waiting: Any, n: int = 1) -> None:
            self.pending += self.parked
            self.parked.clear()
            notify(waiting, n)

        condition.wait, condition.notify = _as_method(self.wait), notify_and_wake
        queues: Any = queue
        queues.SimpleQueue = queue.Queue
        queues.Queue._init = _without_limit  # noqa: SLF001
        _module("time").sleep = self.sleep
        low_level: Any = _module("_thread")
        low_level.start_new_thread = lambda function, args, kwargs=None: self.start(
            threading.Thread(target=function, args=args, kwargs=kwargs)
        )

    def start(self, thread: threading.Thread) -> None:
        """Let a thread have its turn later."""
        _note()
        self.pending.append(thread)

    def join(self, thread: threading.Thread, timeout: Any = None) -> None:
        """Give turns until a thread has had its own."""
        while thread in self.pending:
            self._give_turn()

    def is_alive(self, thread: threading.Thread) -> bool:
        """Return False after a thread has had its turn."""
        self.join(thread)
        return False

    def sleep(self, seconds: float) -> None:
        """Give turns, then sleep."""
        self.give_all()
        self._sleep(seconds)

    def give_all(self) -> None:
        """Give each thread that has started its turn."""
        for _ in range(len(self.pending)):
            if self.pending:
                self._give_turn()

    def wait(self, condition: Any, timeout: float | None = None) -> bool:
        """Give a turn to another thread, in place of `Condition.wait`.

        Raises RuntimeError, in a thread `_Waits`, if none is left that could change anything.
        """
        if not self.pending:
            if timeout is not None:
                return False
            raise _Waits if self.depth else RuntimeError("all threads wait for each other")
        state = condition._release_save()  # noqa: SLF001
        try:
            self._give_turn()
        finally:
            condition._acquire_restore(state)  # noqa: SLF001
        return True

    def _give_turn(self) -> None:
        """Run a thread's work here; an exception ends the thread only."""
        thread = self.pending.pop(0)
        self.depth += 1
        try:
            thread.run()
        except _Waits:
            self.parked.append(thread)
        except Exception:  # noqa: S110  as in a thread
            pass
        finally:
            self.depth -= 1


def _as_method(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function that gets the object of which it is a method."""

    def method(*args: Any, **options: Any) -> Any:
        return function(*args, **options)

    return method


def _without_limit(self: Any, _: int) -> None:
    self.maxsize, self.queue = 0, collections.deque()


turns = _Turns()


class _Process(threading.Thread):
    """A process of `multiprocessing` that is a thread."""

    exitcode = 0

    def terminate(self) -> None:
        """Do nothing: it ends by itself."""

    kill = close = terminate


# ------------------------------------------------------------------ pools


class _Executor(futures.Executor):
    """Calls each function when it is submitted."""

    def __init__(self, *_: Any, **options: Any) -> None:
        initializer = options.get("initializer")
        if initializer:
            initializer(*options.get("initargs", ()))

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Any:
        """Return a future that is done."""
        _note()
        future: futures.Future[Any] = futures.Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except BaseException as error:
            future.set_exception(error)
        return future


class _Pool:
    """A pool of `multiprocessing` that works in this thread."""

    def __init__(
        self, processes: Any = None, initializer: Any = None, initargs: Any = (), *_: Any, **__: Any
    ) -> None:
        _note()
        if initializer:
            initializer(*initargs)

    def __enter__(self) -> _Pool:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def apply(self, func: Callable[..., Any], args: Any = (), kwds: Any = None) -> Any:
        return func(*args, **(kwds or {}))

    def map(self, func: Callable[..., Any], iterable: Iterable[Any], *_: Any) -> list[Any]:
        return [func(item) for item in iterable]

    def starmap(self, func: Callable[..., Any], iterable: Iterable[Any], *_: Any) -> list[Any]:
        return [func(*item) for item in iterable]

    def imap(self, func: Callable[..., Any], iterable: Iterable[Any], *_: Any) -> Any:
        return map(func, iterable)

    imap_unordered = imap

    def apply_async(self, func: Any, args: Any = (), kwds: Any = None, *_: Any, **__: Any) -> Any:
        return _Result(lambda: self.apply(func, args, kwds))

    def map_async(self, func: Any, iterable: Any, *_: Any, **__: Any) -> Any:
        return _Result(lambda: self.map(func, iterable))

    def starmap_async(self, func: Any, iterable: Any, *_: Any, **__: Any) -> Any:
        return _Result(lambda: self.starmap(func, iterable))

    def close(self) -> None:
        """Do nothing, as the methods below: no process was started."""

    terminate = join = close


class _Result:
    def __init__(self, work: Callable[[], Any]) -> None:
        self._future = _Executor().submit(work)

    def get(self, timeout: Any = None) -> Any:
        """Return the value, or raise the exception of the work."""
        return self._future.result()

    def wait(self, timeout: Any = None) -> None:
        """Return at once: the work is done."""

    def ready(self) -> bool:
        return True

    def successful(self) -> bool:
        return self._future.exception() is None
