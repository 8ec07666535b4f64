"""Run a whole notebook in a box, and call the functions that it defines; none of it is trusted."""

from __future__ import annotations

import dataclasses
import socket
import time
from collections.abc import Sequence
from typing import Any

import numpy as np

from grader.errors import BoxError
from grader.messages import gettext
from grader.messages.sanitize import one_line
from grader.model import Cell, Ending, Limits, Observation, Tier
from grader.model.notebook_run import CellRun, CellStatus, NotebookRun, Output, RunRequest
from grader.model.submission import Program
from grader.sandbox import fork_server, launch, turns
from grader.sandbox.box import wire
from grader.sandbox.box_contents import BoxContents
from grader.sandbox.channel import (
    Transcript,
    checked_list,
    converse,
    encode_modules,
    encode_source,
    opaque,
    parse_number,
    parse_raised,
    size_of,
)

_MAX_OUTPUTS = 200
_MAX_LINES = 50
_MAX_STAND_INS = 1_000
_MAX_BYTES = 48 << 20
_KINDS = ("stream", "display_data", "execute_result", "error")
_TYPES = ("text/plain", "text/html", "image/svg+xml", "image/png")
_TIME_LIMIT = gettext("The notebook reached its time limit.")
_RUNNER_STOPPED = gettext("The notebook stopped the program that runs it.")
_CORRUPTED = gettext("The kernel's messages were corrupted, so the run was stopped.")


def run_notebook(
    request: RunRequest,
    programs: Sequence[Program],
    contents: BoxContents,
    limits: Limits,
    *,
    tier: Tier,
) -> NotebookRun:
    """Run all cells of a notebook, then each program's calls in the same kernel.

    `limits` are those of the notebook: `function_seconds` (wall-clock) for each cell, `submission_seconds`
    for all cells and calls. The notebook's own code raises nothing here: a limit that it reached is the
    `detail` of the run and the status of a cell. Raises BoxError if no box or no kernel can be started;
    that is the grader's fault.
    """
    end = time.monotonic() + limits.submission_seconds
    # One kernel runs all cells, so its limit of processor time is that of the whole notebook.
    kernel_limits = dataclasses.replace(limits, function_seconds=limits.submission_seconds)
    with fork_server.box_factory(contents, kernel_limits, tier=tier) as new_box, turns.turn():
        box = new_box()
        try:
            return _run_in(box, request, programs, limits, end=end)
        finally:
            box.close()


def _run_in(
    box: launch.Box, request: RunRequest, programs: Sequence[Program], limits: Limits, *, end: float
) -> NotebookRun:
    ours, theirs = socket.socketpair()
    record = _Record(request.cells)
    answers: dict[str, Observation] = {}
    with ours:
        with theirs:
            box.hand_over(theirs)
        detail = _run_cells(ours, request, record, limits, end=end)
        if not detail and record.kernel_is_alive:
            answers = _call_functions(ours, programs, request.answer_seconds, end=end)
    return NotebookRun(record.cells(), answers, detail)


def _run_cells(
    channel: socket.socket, request: RunRequest, record: _Record, limits: Limits, *, end: float
) -> str:
    """Record the events of all cells; return the reason if the run stopped early, otherwise ""."""
    try:
        channel.settimeout(max(end - time.monotonic(), 1e-6))
        wire.send(channel, _encode_request(request, limits))
        while not record.complete:
            record.add(wire.receive(channel, deadline=end, opaque=opaque))
        return ""
    except TimeoutError:
        record.stop(CellStatus.LATE)
        return _TIME_LIMIT
    except wire.WireError:
        record.stop(CellStatus.DIED)
        return _CORRUPTED
    except (EOFError, OSError):
        record.stop(CellStatus.DIED)
        return _RUNNER_STOPPED


def _encode_request(request: RunRequest, limits: Limits) -> dict[str, Any]:
    return {
        # An array, because a frame holds at most 10,000 single values.
        "numbers": np.array([cell.number for cell in request.cells]),
        "sources": [encode_source(cell) for cell in request.cells],
        "watched": [list(item) for item in request.watched.items()],
        "stand_ins": list(request.stand_ins[:_MAX_STAND_INS]),
        "modules": encode_modules(request.modules),
        "cell_seconds": limits.function_seconds,
        "answer_seconds": limits.submission_seconds,
    }


def _call_functions(
    channel: socket.socket, programs: Sequence[Program], seconds: float, *, end: float
) -> dict[str, Observation]:
    """Return the observations of the functions, in order, up to the first one that does not finish.

    The rest must run in another box.
    """
    observations: dict[str, Observation] = {}
    for program in programs:
        deadline = min(end, time.monotonic() + seconds)
        transcript = Transcript(len(program.calls))
        conclusion = converse(channel, program, transcript, deadline)
        if conclusion.ending is not Ending.FINISHED:
            break
        observation = transcript.observation(conclusion)
        if observations:  # an earlier function of the kernel has had hidden cases
            observation = dataclasses.replace(observation, notes=())
        observations[program.function] = observation
    return observations


class _Record:
    """The events of a notebook's run so far. Each event is checked before it is recorded."""

    def __init__(self, cells: Sequence[Cell]) -> None:
        self.complete = self.kernel_is_alive = False
        self._cells = cells
        self._runs: list[CellRun] = []
        self._lines: list[Any] = []
        self._value: Any = None
        self._has_begun = False
        self._bytes_left = _MAX_BYTES

    def cells(self) -> tuple[CellRun, ...]:
        """Return a run for every cell; the status of cells that did not run is NOT_RUN."""
        rest = (CellRun(cell) for cell in self._cells[len(self._runs) :])
        return (*self._runs, *rest)

    def stop(self, status: CellStatus) -> None:
        """Record that the run stopped in the current cell, if there is one."""
        if self._has_begun and len(self._runs) < len(self._cells):
            self._runs.append(CellRun(self._cells[len(self._runs)], status))

    def add(self, event: Any) -> None:
        """Record one event. Raises WireError if it is invalid, or in the wrong order."""
        kind = event.get("event") if isinstance(event, dict) else None
        self._bytes_left -= size_of(event) + 100
        if self._bytes_left < 0:
            raise wire.WireError("more output than a notebook may have")
        if kind == "begun" and not self._has_begun:
            self._has_begun = True
        elif kind == "failed" and not self._has_begun:
            raise BoxError(
                "The Jupyter kernel could not be started in the sandbox: "
                f"{one_line(str(event.get('reason')))}."
            )
        elif kind == "line" and len(self._lines) < _MAX_LINES:
            y = event.get("y")
            if not isinstance(y, np.ndarray) or y.ndim != 1 or y.dtype.kind != "f":
                raise wire.WireError("an invalid line")
            self._lines.append(y)
        elif kind == "value":
            self._value = event.get("value")
        elif kind == "cell" and len(self._runs) < len(self._cells):
            self._runs.append(self._parse_cell(event))
            self._lines, self._value = [], None
        elif kind == "ran" and len(self._runs) == len(self._cells):
            self.complete, self.kernel_is_alive = True, event.get("alive") is True
        elif kind != "line":
            raise wire.WireError("an event in the wrong order")

    def _parse_cell(self, event: dict[str, Any]) -> CellRun:
        cell = self._cells[len(self._runs)]
        seconds, line, error = event.get("seconds"), event.get("line"), event.get("error")
        outputs = checked_list(event.get("outputs", []), _MAX_OUTPUTS)
        try:
            status = CellStatus(str(event.get("status")))
        except ValueError:
            status = CellStatus.DIED
        raised = parse_raised(error) if status is CellStatus.RAISED else None
        return CellRun(
            cell,
            status,
            seconds=seconds if isinstance(seconds, float) and 0 <= seconds < 1e6 else 0.0,
            line=parse_number(line) or 0,
            raised=dataclasses.replace(raised, cell=raised.cell or cell.number) if raised else None,
            outputs=tuple(map(_parse_output, outputs)),
            lines=tuple(self._lines),
            left=self._value,
        )


def _parse_output(item: Any) -> Output:
    if not isinstance(item, dict) or not isinstance(data := item.get("data"), dict):
        raise wire.WireError("an invalid output")
    kind, name = str(item.get("kind")), str(item.get("name"))
    arrays = {mime: data[mime] for mime in _TYPES if mime in data}
    if not all(isinstance(a, np.ndarray) and a.dtype == np.uint8 for a in arrays.values()):
        raise wire.WireError("an output that is not bytes")
    contents = {mime: array.tobytes() for mime, array in arrays.items()}
    return Output(kind if kind in _KINDS else "display_data", name, contents)
