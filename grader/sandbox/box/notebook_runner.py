"""Runs a whole notebook inside the box: nbclient asks, cell by cell, a real kernel forked beside it.

Both are as untrusted as the notebook. What leaves the box are frames, capped here and checked again
outside. The kernel has the channel too: it sends what only it can see (`kernel`), while the cell runs
and the conductor is silent, and answers calls of functions when all cells have run.
    {"event": "cell", "number": ..., "status": ..., "outputs": [...], ...}    one a cell
    {"event": "ran", "alive": ..., "notes": ...}                             all that could run, has
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
from typing import Any

import kernel
import nbformat
import outputs
import wire
from jupyter_client.asynchronous.client import AsyncKernelClient
from nbclient import NotebookClient
from nbclient.exceptions import DeadKernelError

GRACE_SECONDS = 3.0
START_SECONDS = 30.0
MOST_MESSAGES = 5_000
MOST_OUTPUTS = 200


class Marks:
    """Four numbers that conductor and kernel share, and that outlive a kernel that dies.

    They are the cell at work, the line it has reached, and the cell and line in which it raised.
    """

    _NUMBERS = struct.Struct("<4q")

    def __init__(self) -> None:
        self._memory = mmap.mmap(-1, self._NUMBERS.size)

    def read(self) -> tuple[int, int, int, int]:
        """Return the cell, the line reached, and the place of an error, zeros where there is none."""
        cell, line, error_cell, error_line = self._NUMBERS.unpack(self._memory[:])
        return cell, line, error_cell, error_line

    def write(self, *numbers: int) -> None:
        """Set all four; those not given are 0."""
        self._memory[:] = self._NUMBERS.pack(*numbers, *[0] * (4 - len(numbers)))


def serve(channel: Any, parent: int, confine: Callable[[int], None]) -> None:
    """Receive a notebook, run it whole, and leave the channel to the kernel for the calls."""
    ask = wire.receive(channel)
    _move_in(os.path.join(_disk(), "notebook"))
    connection = _connection()
    marks = Marks()
    conductor = os.getpid()
    pid = os.fork()
    if pid == 0:
        confine(conductor)
        kernel.main(channel, connection, marks, ask)
    confine(parent)
    asyncio.run(_conduct(channel, ask, _Kernel(pid, connection, marks)))


def _disk() -> str:
    return os.environ.get("TMPDIR", "/tmp")


def _move_in(folder: str) -> None:
    """Work in a copy of the assignment's folder, into which a notebook may write."""
    shutil.copytree(".", folder, dirs_exist_ok=True, copy_function=shutil.copyfile)
    os.chdir(folder)


def _connection() -> Any:
    """Return where the kernel listens: sockets in a folder of their own, and no network."""
    folder = os.path.join(_disk(), ".kernel")
    os.makedirs(folder, mode=0o700, exist_ok=True)
    ports = {f"{name}_port": at for at, name in enumerate(kernel.CHANNELS, start=1)}
    return {
        **ports,
        "transport": "ipc",
        "ip": os.path.join(folder, "k"),
        "key": os.urandom(16).hex(),
        "signature_scheme": "hmac-sha256",
    }


class _Kernel:
    """The kernel's process, as its parent sees it."""

    def __init__(self, pid: int, connection: Any, marks: Marks) -> None:
        self.pid, self.connection, self.marks = pid, connection, marks
        self._alive = True

    def is_alive(self) -> bool:
        """Say whether the process is still there."""
        if self._alive:
            self._alive = os.waitpid(self.pid, os.WNOHANG)[0] == 0
        return self._alive

    def interrupt(self) -> None:
        """Raise KeyboardInterrupt in it, as Jupyter's stop button does."""
        if self.is_alive():
            os.kill(self.pid, signal.SIGINT)

    def kill(self) -> None:
        """End it, and wait until it has."""
        if self.is_alive():
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
            self._alive = False

    def listens(self) -> bool:
        """Say whether all its sockets are there."""
        place = self.connection["ip"]
        return all(os.path.exists(f"{place}-{at + 1}") for at in range(len(kernel.CHANNELS)))


# ------------------------------------------------------------------ the conversation


async def _conduct(channel: Any, ask: dict[str, Any], process: _Kernel) -> None:
    client = await _connected(process, float(ask["cell_seconds"]))
    wire.send(channel, {"event": "begun"})
    for number, source in zip(ask["numbers"].tolist(), ask["sources"], strict=True):
        process.marks.write(number)
        wire.send(channel, await _one_cell(client, process, number, source.tobytes().decode()))
    wire.send(channel, {"event": "ran", "alive": process.is_alive()})
    if process.is_alive():
        assert client.kc is not None
        client.kc.execute("__import__('kernel').answer()", silent=True, store_history=False)
        await asyncio.sleep(float(ask["answer_seconds"]))


class _Client(AsyncKernelClient):
    process: Any

    async def is_alive(self) -> bool:
        """Say whether the kernel's process is there, which is better than a heartbeat."""
        return bool(self.process.is_alive())


async def _connected(process: _Kernel, cell_seconds: float) -> _Conductor:
    """Return a client of the kernel, once that has answered and nothing it publishes can be lost."""
    deadline = time.monotonic() + START_SECONDS
    while not process.listens():
        if not process.is_alive() or time.monotonic() > deadline:
            raise OSError("the kernel did not start")
        await asyncio.sleep(0.002)
    kc = _Client()
    kc.process = process
    kc.load_connection_info(process.connection)
    kc.start_channels(stdin=False, hb=False, control=False)
    kc.allow_stdin = False
    kc.kernel_info()
    await kc.get_shell_msg(timeout=START_SECONDS)
    await kc.get_iopub_msg(timeout=START_SECONDS)
    return _Conductor(process, kc, cell_seconds)


class _Conductor(NotebookClient):
    """Nbclient, taught to bound what one cell says and how long it takes."""

    def __init__(self, process: _Kernel, kc: Any, cell_seconds: float) -> None:
        super().__init__(
            nbformat.v4.new_notebook(),
            timeout=cell_seconds,
            allow_errors=True,
            record_timing=False,
            store_widget_state=False,
            iopub_timeout=10,
        )
        self.process, self.kc, self.log.disabled = process, kc, True
        self.messages, self.late = 0, False

    def begin(self, cell: Any) -> None:
        """Make ready for a cell."""
        self.nb.cells = [cell]
        self.messages, self.late = 0, False

    def process_message(self, msg: Any, cell: Any, cell_index: int) -> Any:
        """Take in a message of the kernel, unless there have been too many."""
        self.messages += 1
        if self.messages == MOST_MESSAGES:
            self.stop()
        if self.messages > MOST_MESSAGES and msg["msg_type"] != "status":
            return None
        return super().process_message(msg, cell, cell_index)

    def output(self, outs: Any, msg: Any, *rest: Any) -> Any:
        """Keep an output, unless there are too many; what is printed in a row is one."""
        if msg["msg_type"] == "stream" and outputs.prolonged(outs, msg["content"]):
            return None
        return None if len(outs) >= MOST_OUTPUTS else super().output(outs, msg, *rest)

    def handle_comm_msg(self, outs: Any, msg: Any, cell_index: int) -> None:
        """Widgets need a page to live in: what they say is not kept."""

    async def _async_handle_timeout(self, timeout: int, cell: Any = None) -> None:
        self.stop()

    def stop(self) -> None:
        """Interrupt the kernel, and kill it if that does not help."""
        if not self.late:
            self.late = True
            self.process.interrupt()
            task = self.task_poll_for_reply
            asyncio.get_running_loop().call_later(GRACE_SECONDS, self.insist, task)

    def insist(self, task: Any) -> None:
        """Kill the kernel and end the wait for its reply, if the cell is still at work."""
        if not task.done():
            self.process.kill()
            task.cancel()


async def _one_cell(
    client: _Conductor, process: _Kernel, number: int, source: str
) -> dict[str, Any]:
    """Run one cell and return the event that tells how it went."""
    if not process.is_alive():
        return {"event": "cell", "number": number, "status": "not run"}
    cell = nbformat.v4.new_code_cell(source)
    client.begin(cell)
    begun = time.monotonic()
    status = "finished"
    try:
        await client.async_execute_cell(cell, 0)
    except DeadKernelError:
        status = "died"
    except Exception:  # nbclient did not understand what the kernel said
        status = "not understood"
    return _told(number, _status(status, client), cell, process.marks, time.monotonic() - begun)


def _above(source: str) -> int:
    """Return how many lines of a cell stand above the body of its magics, such as %%time, if it has any."""
    body = source.lstrip()
    above = source[: len(source) - len(body)].count("\n") if body.startswith("%%") else 0
    magics = itertools.takewhile(lambda line: line.startswith("%%"), body.split("\n"))
    return above + sum(1 for _ in magics)


def _status(status: str, client: _Conductor) -> str:
    """Say how a cell ended: a kernel that we killed was late, one that left by itself died."""
    if client.late:
        return "flooded" if client.messages >= MOST_MESSAGES else "late"
    return status if client.process.is_alive() else "died"


def _told(number: int, status: str, cell: Any, marks: Marks, seconds: float) -> dict[str, Any]:
    _, line, error_cell, error_line = marks.read()
    if line and (above := _above(cell.source)):
        # Lines of a body are counted from its own first; an error passed the line of the magic.
        line += above
        error_line = line if error_cell == number else error_line
    errors = [o for o in cell.outputs if o.get("output_type") == "error"]
    if status == "finished" and errors:
        status = "raised"
    kind, message = (
        (str(errors[-1].get(key, "")) for key in ("ename", "evalue")) if errors else ("", "")
    )
    return {
        "event": "cell",
        "number": number,
        "status": status,
        "seconds": seconds,
        "line": line,
        "error": {"kind": kind, "message": message, "cell": error_cell, "line": error_line},
        "outputs": outputs.capped(cell.outputs),
    }
