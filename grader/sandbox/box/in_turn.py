"""Do the work of threads and pools one after another, in a second run, where none can be started.

The light tier allows no thread, and no tier allows the shared memory of `multiprocessing`.
"""

from __future__ import annotations

import contextlib
import importlib
import threading
from collections.abc import Callable, Iterable
from concurrent import futures
from typing import Any

import compat


def install() -> None:
    """Replace the pools of processes, and where no thread can be started also threads and their pools."""
    executors: Any = futures
    _module("concurrent.futures.process").ProcessPoolExecutor = _Executor
    executors.ProcessPoolExecutor = _Executor
    pool = _module("multiprocessing.pool")
    pool.Pool = pool.ThreadPool = _Pool
    _module("multiprocessing").Pool = _module("multiprocessing.dummy").Pool = _Pool
    if not _can_start_threads():
        _module("concurrent.futures.thread").ThreadPoolExecutor = _Executor
        executors.ThreadPoolExecutor = _Executor
        for name, method in {"start": _start, "join": _join, "is_alive": _is_alive}.items():
            setattr(threading.Thread, name, method)


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


def _start(self: threading.Thread) -> None:
    """Run a thread's work here; an exception ends the thread only."""
    _note()
    with contextlib.suppress(Exception):
        self.run()


def _join(*_: Any, **__: Any) -> None:
    """Return at once: the thread has ended."""


def _is_alive(_: threading.Thread) -> bool:
    return False


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
