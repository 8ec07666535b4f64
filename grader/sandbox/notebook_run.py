"""Run a whole notebook in a box, and ask the functions that it leaves; nothing in it is trusted."""

from __future__ import annotations

import dataclasses
import socket
import time
from collections.abc import Sequence
from typing import Any

import numpy as np

from grader.errors import BoxError
from grader.messages import gettext
from grader.messages.sanitize import printable
from grader.model import Cell, Ending, Limits, Observation, Opaque, Program, Tier
from grader.model.notebook_run import CellRun, CellStatus, NotebookRun, Output, RunRequest
from grader.sandbox import channel as channels
from grader.sandbox import fork_server, launch
from grader.sandbox.box import wire
from grader.sandbox.box_contents import BoxContents

_MOST_OUTPUTS = 200
_MOST_LINES = 50
_MOST_STAND_INS = 1_000
_ROOM = 48 << 20
_KINDS = ("stream", "display_data", "execute_result", "error")
_TYPES = ("text/plain", "text/html", "image/svg+xml", "image/png")
_ALL_TIME_USED = gettext("The notebook reached its time limit.")
_TOOK_IT_DOWN = gettext("The notebook stopped the program that runs it.")
_NO_SENSE = gettext("The kernel's messages were corrupted, so the run was stopped.")


def run(
    errand: RunRequest,
    programs: Sequence[Program],
    contents: BoxContents,
    limits: Limits,
    *,
    tier: Tier,
) -> NotebookRun:
    """Run all cells of a notebook, then ask each program's calls of what they have left.

    `limits` are those of the notebook: `function_seconds` for a cell, `submission_seconds` for all.
    Raises BoxError when a box cannot be had, which is our fault.
    """
    end = time.monotonic() + limits.submission_seconds
    # One kernel runs all cells, so that its processor time is that of all of them.
    held = dataclasses.replace(limits, function_seconds=limits.submission_seconds)
    with fork_server.boxes(contents, held, tier=tier) as new_box:
        box = new_box()
        try:
            return _in_box(box, errand, programs, limits, end=end)
        finally:
            box.close()


def _in_box(
    box: launch.Box, errand: RunRequest, programs: Sequence[Program], limits: Limits, *, end: float
) -> NotebookRun:
    ours, theirs = socket.socketpair()
    record = _Record(errand.cells)
    with ours:
        with theirs:
            box.hand_over(theirs)
        detail = _watch(ours, errand, record, limits, end=end)
        answers = (
            {}
            if detail or not record.alive
            else _answers(ours, programs, errand.answer_seconds, end=end)
        )
    return NotebookRun(record.cells(), answers, detail)


def _watch(
    channel: socket.socket, errand: RunRequest, record: _Record, limits: Limits, *, end: float
) -> str:
    """Take in what happens until all cells have run; return what broke that off, if anything."""
    try:
        channel.settimeout(max(end - time.monotonic(), 1e-6))
        wire.send(channel, _ask(errand, limits))
        while not record.complete:
            record.add(wire.receive(channel, deadline=end, opaque=Opaque))
        return ""
    except TimeoutError:
        record.break_off(CellStatus.LATE)
        return _ALL_TIME_USED
    except wire.WireError:
        record.break_off(CellStatus.DIED)
        return _NO_SENSE
    except (EOFError, OSError):
        record.break_off(CellStatus.DIED)
        return _TOOK_IT_DOWN


def _ask(errand: RunRequest, limits: Limits) -> dict[str, Any]:
    return {
        "numbers": np.array([cell.number for cell in errand.cells]),  # a frame holds few values
        "sources": [channels.source(cell) for cell in errand.cells],
        "watched": [list(item) for item in errand.watched.items()],
        "stand_ins": list(errand.stand_ins[:_MOST_STAND_INS]),
        "cell_seconds": limits.function_seconds,
        "answer_seconds": limits.submission_seconds,
    }


def _answers(
    channel: socket.socket, programs: Sequence[Program], seconds: float, *, end: float
) -> dict[str, Observation]:
    """Return what functions answered, as long as they do; the rest is to be asked elsewhere."""
    found = {}
    for program in programs:
        deadline = min(end, time.monotonic() + seconds)
        transcript = channels.Transcript(len(program.calls))
        ending, detail = channels.listen(channel, program, transcript, deadline)
        if ending is not Ending.FINISHED:
            break
        found[program.function] = transcript.observation(ending, detail)
    return found


class _Record:
    """What a notebook's run has told so far, each event checked before it is believed to be one."""

    def __init__(self, cells: Sequence[Cell]) -> None:
        self.complete = self.alive = False
        self._cells = cells
        self._done: list[CellRun] = []
        self._lines: list[Any] = []
        self._left: Any = None
        self._begun = False
        self._room = _ROOM

    def cells(self) -> tuple[CellRun, ...]:
        """Return every cell, those that were not run too."""
        rest = (CellRun(cell) for cell in self._cells[len(self._done) :])
        return (*self._done, *rest)

    def break_off(self, status: CellStatus) -> None:
        """Note that the cell at work, if any, is where it ended."""
        if self._begun and len(self._done) < len(self._cells):
            self._done.append(CellRun(self._cells[len(self._done)], status))

    def add(self, event: Any) -> None:
        """Take in one event. Raises WireError when it is none, or not one that can come now."""
        kind = event.get("event") if isinstance(event, dict) else None
        self._room -= channels.weight(event) + 100
        if self._room < 0:
            raise wire.WireError("more output than a notebook may have")
        if kind == "begun" and not self._begun:
            self._begun = True
        elif kind == "failed" and not self._begun:
            raise BoxError(
                "The Jupyter kernel could not be started in the sandbox: "
                f"{printable(str(event.get('reason')))}."
            )
        elif kind == "line" and len(self._lines) < _MOST_LINES:
            self._lines.append(_vector(event.get("y")))
        elif kind == "value":
            self._left = event.get("value")
        elif kind == "cell" and len(self._done) < len(self._cells):
            self._done.append(self._cell(event))
            self._lines, self._left = [], None
        elif kind == "ran" and len(self._done) == len(self._cells):
            self.complete, self.alive = True, event.get("alive") is True
        elif kind != "line":
            raise wire.WireError("an event in the wrong order")

    def _cell(self, event: dict[str, Any]) -> CellRun:
        cell = self._cells[len(self._done)]
        seconds, line, error = event.get("seconds"), event.get("line"), event.get("error")
        try:
            status = CellStatus(str(event.get("status")))
        except ValueError:
            status = CellStatus.DIED
        raised = channels.raised(error) if status is CellStatus.RAISED else None
        return CellRun(
            cell,
            status,
            seconds=seconds if isinstance(seconds, float) and 0 <= seconds < 1e6 else 0.0,
            line=channels.number(line) or 0,
            raised=dataclasses.replace(raised, cell=raised.cell or cell.number) if raised else None,
            outputs=tuple(map(_output, channels.and_list(event.get("outputs", []), _MOST_OUTPUTS))),
            lines=tuple(self._lines),
            left=self._left,
        )


def _vector(value: Any) -> Any:
    if not isinstance(value, np.ndarray) or value.ndim != 1 or value.dtype.kind != "f":
        raise wire.WireError("an invalid line")
    return value


def _output(item: Any) -> Output:
    if not isinstance(item, dict) or not isinstance(data := item.get("data"), dict):
        raise wire.WireError("an invalid output")
    kind, name = str(item.get("kind")), str(item.get("name"))
    kept = {mime: _bytes(data[mime]) for mime in _TYPES if mime in data}
    return Output(kind if kind in _KINDS else "display_data", name, kept)


def _bytes(value: Any) -> bytes:
    if not isinstance(value, np.ndarray) or value.dtype != np.uint8:
        raise wire.WireError("an output that is not bytes")
    return value.tobytes()
