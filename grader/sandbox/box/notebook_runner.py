"""Run a whole notebook inside the box: nbclient sends the cells to a real kernel forked beside it.

Both are as untrusted as the notebook. They send frames, capped here and checked again outside. The
kernel writes to the same channel (`kernel`) while its cell runs and the runner is silent, and answers
calls of functions after all cells.
    {"event": "cell", "number": ..., "status": ..., "outputs": [...], ...}    one per cell
    {"event": "ran", "alive": ...}                                           all cells are done
"""

from __future__ import annotations

import asyncio
import itertools
import mmap
import os
import shutil
import signal
import struct
import time
from collections.abc import Callable
from typing import Any, NamedTuple

import kernel
import nbformat
import outputs
import wire
from jupyter_client.asynchronous.client import AsyncKernelClient
from nbclient import NotebookClient
from nbclient.exceptions import DeadKernelError

GRACE_SECONDS = 3.0
"""Seconds from the interrupt of a cell that is too slow until its kernel is killed."""
START_SECONDS = 30.0
"""Seconds for the kernel to start; after that the run is a failure of the grader."""
MAX_MESSAGES = 5_000
"""Messages of one cell; at this number the cell is stopped."""
MAX_OUTPUTS = 200
"""Outputs of one cell that are kept."""


class CellPlace(NamedTuple):
    """The running cell, the line it has reached, and the cell and line of its error; 0 for none."""

    cell: int
    line: int
    error_cell: int
    error_line: int


class Progress:
    """A `CellPlace` in memory that the runner shares with the kernel, so that it survives the kernel."""

    _NUMBERS = struct.Struct("<4q")

    def __init__(self) -> None:
        self._memory = mmap.mmap(-1, self._NUMBERS.size)

    def read(self) -> CellPlace:
        """Return all four numbers."""
        return CellPlace(*self._NUMBERS.unpack(self._memory[:]))

    def write(self, *numbers: int) -> None:
        """Set all four numbers; missing ones become 0."""
        self._memory[:] = self._NUMBERS.pack(*numbers, *[0] * (4 - len(numbers)))


def serve(channel: Any, parent: int, filter_calls: Callable[[int], None]) -> None:
    """Receive a notebook and run all its cells, then leave the channel to the kernel for the calls."""
    request = wire.receive(channel)
    disk = os.environ.get("TMPDIR", "/tmp")
    # A copy of the assignment's folder, into which the notebook may write.
    folder = os.path.join(disk, "notebook")
    shutil.copytree(".", folder, dirs_exist_ok=True, copy_function=shutil.copyfile)
    os.chdir(folder)
    connection = _connection(os.path.join(disk, ".kernel"))
    progress = Progress()
    own_pid = os.getpid()
    pid = os.fork()
    if pid == 0:
        filter_calls(own_pid)
        kernel.main(channel, connection, progress, request)
    filter_calls(parent)
    asyncio.run(_run_cells(channel, request, _Kernel(pid, connection, progress)))


def _connection(folder: str) -> Any:
    """Return Jupyter's connection settings, with Unix sockets in a folder instead of a network."""
    os.makedirs(folder, mode=0o700, exist_ok=True)
    ports = {f"{name}_port": number for number, name in enumerate(kernel.CHANNELS, start=1)}
    return {
        **ports,
        "transport": "ipc",
        "ip": os.path.join(folder, "k"),
        "key": os.urandom(16).hex(),
        "signature_scheme": "hmac-sha256",
    }


class _Kernel:
    """The kernel's process, controlled by its parent."""

    def __init__(self, pid: int, connection: Any, progress: Progress) -> None:
        self.pid, self.connection, self.progress = pid, connection, progress
        self._alive = True

    def is_alive(self) -> bool:
        """Return True while the process exists."""
        if self._alive:
            self._alive = os.waitpid(self.pid, os.WNOHANG)[0] == 0
        return self._alive

    def interrupt(self) -> None:
        """Raise KeyboardInterrupt in it, as Jupyter's stop button does."""
        if self.is_alive():
            os.kill(self.pid, signal.SIGINT)

    def kill(self) -> None:
        """Kill it, and wait until it has ended."""
        if self.is_alive():
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
            self._alive = False

    def is_listening(self) -> bool:
        """Return True if all its sockets exist."""
        prefix = self.connection["ip"]
        return all(os.path.exists(f"{prefix}-{n + 1}") for n in range(len(kernel.CHANNELS)))


# ------------------------------------------------------------------ running the cells


async def _run_cells(channel: Any, request: dict[str, Any], process: _Kernel) -> None:
    client = await _connect(process, float(request["cell_seconds"]))
    wire.send(channel, {"event": "begun"})
    for number, source in zip(request["numbers"].tolist(), request["sources"], strict=True):
        process.progress.write(number)
        wire.send(channel, await _run_cell(client, number, source.tobytes().decode()))
    wire.send(channel, {"event": "ran", "alive": process.is_alive()})
    if process.is_alive():
        assert client.kc is not None
        answer = "__import__('kernel').answer_calls()"
        client.kc.execute(answer, silent=True, store_history=False)
        await asyncio.sleep(float(request["answer_seconds"]))


class _KernelClient(AsyncKernelClient):
    process: Any

    async def is_alive(self) -> bool:
        """Return True while the kernel's process exists; no heartbeat is needed."""
        return bool(self.process.is_alive())


async def _connect(process: _Kernel, cell_seconds: float) -> _CellClient:
    """Return a client of the kernel, after the first reply, so that no published message is lost."""
    deadline = time.monotonic() + START_SECONDS
    while not process.is_listening():
        if not process.is_alive() or time.monotonic() > deadline:
            raise OSError("the kernel did not start")
        await asyncio.sleep(0.002)
    client = _KernelClient()
    client.process = process
    client.load_connection_info(process.connection)
    client.start_channels(stdin=False, hb=False, control=False)
    client.allow_stdin = False
    client.kernel_info()
    await client.get_shell_msg(timeout=START_SECONDS)
    await client.get_iopub_msg(timeout=START_SECONDS)
    return _CellClient(process, client, cell_seconds)


class _CellClient(NotebookClient):
    """Nbclient with limits on the messages and the seconds of each cell."""

    def __init__(self, process: _Kernel, client: Any, cell_seconds: float) -> None:
        super().__init__(
            nbformat.v4.new_notebook(),
            timeout=cell_seconds,
            allow_errors=True,
            record_timing=False,
            store_widget_state=False,
            iopub_timeout=10,
        )
        self.process, self.kc, self.log.disabled = process, client, True
        self.messages, self.stopped = 0, False

    def begin(self, cell: Any) -> None:
        """Reset the counts for another cell."""
        self.nb.cells = [cell]
        self.messages, self.stopped = 0, False

    def process_message(self, msg: Any, cell: Any, cell_index: int) -> Any:
        """Process a message of the kernel; stop the cell at the maximum number of messages."""
        self.messages += 1
        if self.messages == MAX_MESSAGES:
            self.stop()
        if self.messages > MAX_MESSAGES and msg["msg_type"] != "status":
            return None
        return super().process_message(msg, cell, cell_index)

    def output(self, outs: Any, msg: Any, *rest: Any) -> Any:
        """Append an output up to the maximum; consecutive prints count as one output."""
        if msg["msg_type"] == "stream" and outputs.merge_stream(outs, msg["content"]):
            return None
        return None if len(outs) >= MAX_OUTPUTS else super().output(outs, msg, *rest)

    def handle_comm_msg(self, outs: Any, msg: Any, cell_index: int) -> None:
        """Ignore the messages of widgets, which only a web page could display."""

    async def _async_handle_timeout(self, timeout: int, cell: Any = None) -> None:
        self.stop()

    def stop(self) -> None:
        """Interrupt the kernel, and kill it if it still runs the cell after GRACE_SECONDS."""
        if not self.stopped:
            self.stopped = True
            self.process.interrupt()
            task = self.task_poll_for_reply
            asyncio.get_running_loop().call_later(GRACE_SECONDS, self.kill_unless_done, task)

    def kill_unless_done(self, task: Any) -> None:
        """Kill the kernel and cancel the wait for its reply, if the cell has not ended."""
        if not task.done():
            self.process.kill()
            task.cancel()


async def _run_cell(client: _CellClient, number: int, source: str) -> dict[str, Any]:
    """Run one cell and return its event."""
    if not client.process.is_alive():
        return {"event": "cell", "number": number, "status": "not run"}
    cell = nbformat.v4.new_code_cell(source)
    client.begin(cell)
    start = time.monotonic()
    status = "finished"
    try:
        await client.async_execute_cell(cell, 0)
    except DeadKernelError:
        status = "died"
    except Exception:  # nbclient could not interpret the kernel's message
        status = "not understood"
    if client.stopped:
        status = "flooded" if client.messages >= MAX_MESSAGES else "late"
    elif not client.process.is_alive():
        status = "died"
    return _event(number, status, cell, client.process.progress, time.monotonic() - start)


def _lines_above_body(source: str) -> int:
    """Return the number of lines above the body of a cell magic such as %%time, 0 without a magic."""
    body = source.lstrip()
    above = source[: len(source) - len(body)].count("\n") if body.startswith("%%") else 0
    magics = itertools.takewhile(lambda line: line.startswith("%%"), body.split("\n"))
    return above + sum(1 for _ in magics)


def _event(
    number: int, status: str, cell: Any, progress: Progress, seconds: float
) -> dict[str, Any]:
    _, line, error_cell, error_line = progress.read()
    if line and (above := _lines_above_body(cell.source)):
        # Lines of a body count from its own first line, and an error passes the magic's line too.
        line += above
        error_line = line if error_cell == number else error_line
    errors = [o for o in cell.outputs if o.get("output_type") == "error"]
    if status == "finished" and errors:
        status = "raised"
    last = errors[-1] if errors else {}
    kind, message = str(last.get("ename", "")), str(last.get("evalue", ""))
    return {
        "event": "cell",
        "number": number,
        "status": status,
        "seconds": seconds,
        "line": line,
        "error": {"kind": kind, "message": message, "cell": error_cell, "line": error_line},
        "outputs": outputs.cap(cell.outputs),
    }
