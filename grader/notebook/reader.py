"""Read notebooks in a process of its own, under a limit of time and memory.

Parsing hostile text can take Python's parser minutes, in C code that no signal handler interrupts.
So the reader, a process of its own, reads and slices notebooks, and runs nothing of them.
The kernel kills it when its processor time is up. A reader is replaced only when it was killed.

A message on the socket is eight bytes of length and the text. The answer is JSON, which is decoded
into the types of `NotebookReading`; nothing is unpickled.
"""

from __future__ import annotations

import atexit
import contextlib
import dataclasses
import functools
import gc
import json
import os
import resource
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import msgspec

from grader.errors import GraderError, SubmissionError
from grader.messages import Message, gettext
from grader.model import Cell, Notebook
from grader.model.allowance import Allowance
from grader.model.failure import failure_of
from grader.notebook import NotANotebook, cpu_timer, read, syntax_edits
from grader.notebook.slicing import Slice, slices
from grader.notebook.slicing.confined import HelperModule, is_confined
from grader.notebook.syntax_edits import SyntaxRepairs

SECONDS: Final = 2.0
"""Processor time for all notebooks of a submission; an honest one takes a few milliseconds."""

SECONDS_AGAIN: Final = 0.5
"""Processor time for each further request about its cells."""

MEMORY_BYTES: Final = 2 << 30
"""Memory that a reader may use beyond that of its start; the largest accepted file takes about half."""

_TOO_LONG = gettext("The notebook took too long to read.")
_PATIENCE = 30.0
"""Seconds on the wall clock, after which the machine is too busy, or a reader hangs."""

_LENGTH_BYTES = 8


class ReadingLimit(SubmissionError):
    """Reading a notebook took too long or too much memory; the message is for the student."""


class ReaderError(GraderError):
    """A reader failed through no fault of the submission."""


@dataclass(frozen=True, slots=True)
class ReadingRequest:
    """The slices to make: names and parameters of functions, and the options of `slicing.slices`.

    If there are `cells`, these are sliced, no bytes are read, and the answer does not repeat the cells.
    `faults` are functions that do not parse, with their cells: the answer then has their repairs.
    `helpers` are the helper modules of the assignment, by which confined functions are found.
    `seconds` is the limit of processor time.
    """

    functions: tuple[tuple[str, tuple[str, ...]], ...] = ()
    helper_names: frozenset[str] = frozenset()
    helpers: tuple[HelperModule, ...] = ()
    with_remainder: bool = False
    trainers: frozenset[str] = frozenset()
    cells: tuple[Cell, ...] = ()
    faults: tuple[tuple[str, int], ...] = ()
    seconds: float = SECONDS


@dataclass(frozen=True, slots=True)
class NotebookReading:
    """A notebook as it was read, its slices, and the repairs of functions that do not parse.

    `confined` are the written functions whose slices are: see `slicing.confined`.
    """

    notebook: Notebook
    slices: tuple[Slice, ...] = ()
    repairs: tuple[SyntaxRepairs, ...] = ()
    confined: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class _Answer:
    """A reading, or the reason why there is none: for the student, memory, or a failure of ours.

    `seconds` is the processor time that it took.
    """

    reading: NotebookReading | None = None
    refusal: str = ""
    lacks_memory: bool = False
    failure: str = ""
    seconds: float = 0.0


def read_with_limits(
    data: bytes, request: ReadingRequest, allowance: Allowance | None = None
) -> NotebookReading:
    """Return the notebook in some bytes, and its slices. The `allowance` is that of a submission.

    A request that takes too long uses up the allowance.

    Raises NotANotebook, ReadingLimit, and ReaderError if two readers in a row stop for another reason.
    """
    allowance = allowance or Allowance(SECONDS)
    seconds = min(SECONDS_AGAIN if request.cells else request.seconds, allowance.left)
    if not seconds:
        raise ReadingLimit(_TOO_LONG)
    request = dataclasses.replace(request, seconds=seconds)
    try:
        answer = _ask_twice(data, request)
    except ReadingLimit:
        allowance.spend(allowance.left)
        raise
    allowance.spend(answer.seconds)
    if answer.reading:
        return answer.reading
    if answer.refusal:
        raise NotANotebook(answer.refusal)
    if answer.lacks_memory:
        raise ReadingLimit(gettext("The notebook took too much memory to read."))
    raise ReaderError(answer.failure)


def _ask_twice(data: bytes, request: ReadingRequest) -> _Answer:
    """Return the answer of a reader, of a second one if the first failed."""
    try:
        return _ask(data, request)
    except ReaderError:
        return _ask(data, request)


def _ask(data: bytes, request: ReadingRequest) -> _Answer:
    """Return the answer of an idle reader, or of a new one. One that fails does not become idle."""
    with _lock:
        reader = _idle.pop() if _idle else None
    reader = reader or _start()
    try:
        reader.connection.settimeout(_PATIENCE)
        _send(reader.connection, msgspec.json.encode(request))
        _send(reader.connection, data)
        answer = _receive(reader.connection)
    except TimeoutError as error:
        reader.kill()
        raise ReaderError("Reading a notebook took too long; the machine is too busy.") from error
    except (OSError, EOFError) as error:
        if reader.kill() == -signal.SIGPROF:
            raise ReadingLimit(_TOO_LONG) from None
        raise ReaderError("The process that reads notebooks was stopped.") from error
    except BaseException:
        reader.kill()
        raise
    with _lock:
        _idle.append(reader)
    return _decoded(answer)


# ------------------------------------------------------------------ the processes


@dataclass(frozen=True, slots=True)
class _Reader:
    """A process that reads; `wait` returns its exit status, the negative number of a signal."""

    connection: socket.socket
    pid: int
    wait: Callable[[], int]

    def kill(self) -> int:
        """End it; return the exit status, that of an earlier end if it has ended."""
        self.connection.close()
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)
        return self.wait()


_lock = threading.Lock()
_idle: list[_Reader] = []


def start_reader() -> None:
    """Start a reader for this process, if it has none. A worker calls this before it starts threads."""
    if not _idle:
        _idle.append(_start())


@atexit.register
def close_readers() -> None:
    """End the idle readers of this process."""
    while _idle:
        _idle.pop().kill()


def _forget() -> None:
    """Leave the readers of the parent process, in a forked one, to the parent."""
    global _lock  # noqa: PLW0603  a thread of the parent may hold it
    _lock = threading.Lock()
    while _idle:
        _idle.pop().connection.close()


os.register_at_fork(after_in_child=_forget)


def _start() -> _Reader:
    """Start a reader: a fork of this process where no thread can hold a lock, else a new interpreter."""
    ours, theirs = socket.socketpair()
    with theirs:
        if sys.platform == "linux" and threading.active_count() == 1:
            pid = os.fork()
            if pid == 0:
                _run_forked(theirs.fileno())
            return _Reader(ours, pid, lambda: os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
        number = theirs.fileno()
        code = f"from grader.notebook.reader import serve; serve({number})"
        process = subprocess.Popen(
            [sys.executable, "-c", code], pass_fds=[number], stdin=subprocess.DEVNULL
        )
    return _Reader(ours, process.pid, process.wait)


def _run_forked(descriptor: int) -> None:
    """Serve in a forked process, without the files of its parent, and end it."""
    try:
        gc.freeze()
        os.closerange(3, descriptor)
        os.closerange(descriptor + 1, os.sysconf("SC_OPEN_MAX"))
        serve(descriptor)
    finally:
        os._exit(0)


def serve(descriptor: int) -> None:
    """Answer requests until the other side ends. The kernel ends this process at a limit."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGPROF, signal.SIG_DFL)
    _limit_memory()
    with socket.socket(fileno=descriptor) as connection, contextlib.suppress(EOFError, OSError):
        while True:
            request = msgspec.json.decode(_receive(connection), type=ReadingRequest)
            data = _receive(connection)
            signal.setitimer(signal.ITIMER_PROF, request.seconds)
            answer = _encoded_answer(data, request)
            signal.setitimer(signal.ITIMER_PROF, 0)
            _send(connection, answer)


def _limit_memory() -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        limit = used + MEMORY_BYTES
        if hard == resource.RLIM_INFINITY or limit < hard:
            resource.setrlimit(resource.RLIMIT_AS, (limit, hard))


def _encoded_answer(data: bytes, request: ReadingRequest) -> bytes:
    try:
        answer = _answer(data, request)
        answer = dataclasses.replace(answer, seconds=cpu_timer.used(request.seconds))
        return msgspec.json.encode(answer, enc_hook=_plain)
    except MemoryError:
        return msgspec.json.encode(_Answer(lacks_memory=True, seconds=request.seconds))


def _answer(data: bytes, request: ReadingRequest) -> _Answer:
    try:
        notebook = Notebook(request.cells) if request.cells else read(data)
        if request.faults:
            return _Answer(NotebookReading(Notebook(()), repairs=_repairs(notebook, request)))
        parts: tuple[Slice, ...] = ()
        if request.functions:
            parts = slices(
                notebook,
                request.functions,
                helper_names=request.helper_names,
                with_remainder=request.with_remainder,
                trainers=request.trainers,
            )
        if request.cells:
            return _Answer(NotebookReading(Notebook(()), parts))
        return _Answer(NotebookReading(notebook, parts, confined=_confined(parts, request)))
    except NotANotebook as error:
        return _Answer(refusal=str(error))
    except MemoryError:
        raise
    except Exception as error:
        failure = failure_of(error)
        frame = failure.frames[-1] if failure.frames else "?"
        return _Answer(failure=f"Reading the notebook failed with {failure.kind} at {frame}.")


def _confined(parts: tuple[Slice, ...], request: ReadingRequest) -> frozenset[str]:
    return frozenset(
        slice_.function
        for slice_ in parts
        if slice_.is_defined
        and not (slice_.unwritten or slice_.version)
        and is_confined(slice_.cells, request.helpers)
    )


def _repairs(notebook: Notebook, request: ReadingRequest) -> tuple[SyntaxRepairs, ...]:
    parameters = dict(request.functions)

    def slice_of(function: str, document: Notebook) -> Slice:
        functions = [(function, parameters[function])]
        return slices(document, functions, helper_names=request.helper_names)[0]

    return tuple(
        syntax_edits.repairs_of(notebook, name, cell, functools.partial(slice_of, name))
        for name, cell in request.faults
    )


# ------------------------------------------------------------------ messages between them


def _send(connection: socket.socket, text: bytes) -> None:
    connection.sendall(len(text).to_bytes(_LENGTH_BYTES, "big"))
    connection.sendall(text)


def _receive(connection: socket.socket) -> bytes:
    """Return the next message. Raises EOFError if the other side has ended."""
    size = int.from_bytes(_receive_bytes(connection, _LENGTH_BYTES), "big")
    return bytes(_receive_bytes(connection, size))


def _receive_bytes(connection: socket.socket, size: int) -> bytearray:
    buffer = bytearray(size)
    view, received = memoryview(buffer), 0
    while received < size:
        count = connection.recv_into(view[received:])
        if not count:
            raise EOFError
        received += count
    return buffer


def _plain(value: object) -> object:
    """Return a message as an object of JSON: its template, its values, its plural."""
    if isinstance(value, Message):
        return {"id": value.id, "values": value.values, "plural": value.plural}
    raise NotImplementedError(type(value).__name__)


def _decoded(answer: bytes) -> _Answer:
    """Decode an answer; the direct way is for those without an object where the type is a string."""
    try:
        return msgspec.json.decode(answer, type=_Answer)
    except msgspec.ValidationError:
        return msgspec.convert(json.loads(answer, object_hook=_with_message), _Answer)


def _with_message(plain: dict[str, Any]) -> object:
    if plain.keys() == {"id", "values", "plural"}:
        return Message(plain["id"], plain["values"], plain["plural"])
    return plain
