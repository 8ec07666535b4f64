"""The only way to execute a submission: `run(programs, ...)` asks a box and returns what happened.

Student code is untrusted, and so is every process it shares. It gets inputs and gives back plain
arrays over a socket of its own; whether they are right is decided elsewhere, outside.
"""

from __future__ import annotations

import dataclasses
import functools
import signal
import socket
import time
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from grader.model import Call, Cell, Ending, Limits, Observation, Opaque, Program, Raised, Returned
from grader.sandbox import launch, trial, warm
from grader.sandbox.box import wire
from grader.sandbox.furniture import Furniture
from grader.sandbox.trial import Outcome
from grader.sandbox.warm import close_all, inherit
from grader.words import said

__all__ = ["Furniture", "Outcome", "Wall", "attacked", "close_all", "inherit", "prove", "run"]

_PLAIN = Furniture((), ("numpy",))

_LAST_WORDS_SECONDS = 2.0
_TOOK_ITS_BOX_DOWN = said("it took its box down")
_MOST_ARGUMENTS = 100


def run(
    programs: Sequence[Program], furniture: Furniture, limits: Limits, *, wall: str = "full"
) -> tuple[Observation, ...]:
    """Run each program in a child of its own, in one box as long as that holds.

    A program that takes its box down, or leaves something in it, costs the others nothing: they get a
    new one. `wall` is `full` (namespaces), `light` (Landlock and a filter, where a container forbids
    namespaces) or `none`. Raises BoxError when a box cannot be had, which is our fault.
    """
    end = time.monotonic() + limits.submission_seconds
    furniture = furniture.for_programs(programs)
    with warm.boxes(furniture, limits, wall=wall) as new_box, _Boxes(new_box) as boxes:
        return tuple(_observe(boxes, program, limits, end=end) for program in programs)


class _Boxes:
    """The box in use, if any; a new one follows when it is lost."""

    def __init__(self, new: Callable[[], launch.Box]) -> None:
        self._new = new
        self._current: launch.Box | None = None
        self.waited = 0.0

    def __enter__(self) -> _Boxes:
        return self

    def __exit__(self, *_: object) -> None:
        self.drop()

    def current(self) -> launch.Box:
        if not self._current:
            asked = time.monotonic()
            self._current = self._new()
            self.waited += time.monotonic() - asked
        return self._current

    def drop(self) -> None:
        if self._current:
            self._current.close()
            self._current = None


def _observe(boxes: _Boxes, program: Program, limits: Limits, *, end: float) -> Observation:
    """Run one program; one whose box is gone gets another, since that may be no doing of its own."""
    for last in (False, True):
        try:
            box = boxes.current()
            now = time.monotonic()
            deadline = min(now + limits.function_seconds, max(end + boxes.waited, now))
            seen, usable = _ask(box, program, deadline, limits)
        except launch.BoxLost:
            boxes.drop()
            if last:
                raise
            continue
        if not usable:
            boxes.drop()
        if seen.detail != _TOOK_ITS_BOX_DOWN:
            break
    return seen


def _ask(
    box: launch.Box, program: Program, deadline: float, limits: Limits
) -> tuple[Observation, bool]:
    """Return what happened to a program, and whether the box can be used for another."""
    if time.monotonic() >= deadline:
        reason = said("the time for the whole submission was used up")
        return Observation((), Ending.TIMEOUT, reason, never_asked=True), True
    transcript = _Transcript(len(program.calls))
    ours, theirs = socket.socketpair()
    with ours:
        with theirs:
            box.hand_over(theirs)
        ending, detail = _listen(ours, program, transcript, deadline)
    if ending is Ending.TIMEOUT:
        return transcript.observation(ending, detail), False
    return _conclude(box, transcript, (ending, detail), deadline, limits)


def _listen(
    channel: socket.socket, program: Program, transcript: _Transcript, deadline: float
) -> tuple[Ending, str]:
    """Exchange frames with the child until it is done, silent, gone or no longer makes sense."""
    try:
        channel.settimeout(max(deadline - time.monotonic(), 1e-6))
        wire.send(channel, _ask_message(program))
        channel.sendall(_calls_frame(program.calls))
        while not transcript.complete:
            transcript.add(wire.receive(channel, deadline=deadline, opaque=Opaque))
        return Ending.FINISHED, ""
    except TimeoutError:
        return Ending.TIMEOUT, said("it was still running when its time was up")
    except wire.WireError as error:
        return Ending.BROKEN_WIRE, said("the box sent {what}", what=str(error))
    except (EOFError, OSError):
        return Ending.CRASHED, ""


def _ask_message(program: Program) -> dict[str, Any]:
    return {
        "function": program.function,
        "cells": [[cell.number, _source(cell)] for cell in program.cells],
        "stand_ins": list(program.stand_ins),
    }


@functools.lru_cache(maxsize=64)
def _calls_frame(calls: tuple[Call, ...]) -> bytes:
    """Return the frame that asks for calls; a whole class is asked the same."""
    return wire.encode([[list(call.args), call.seed] for call in calls])


def _source(cell: Cell) -> Any:
    return np.frombuffer(cell.source.encode("utf-8", "replace"), np.uint8)


def _conclude(
    box: launch.Box,
    transcript: _Transcript,
    ended: tuple[Ending, str],
    deadline: float,
    limits: Limits,
) -> tuple[Observation, bool]:
    """Learn from the worker how the child ended; a child that will not end is a time-out."""
    ending, detail = ended
    patience = _LAST_WORDS_SECONDS if ending is Ending.FINISHED else 0.5
    try:
        report = box.report(deadline=max(deadline, time.monotonic() + patience))
    except TimeoutError:
        ending = Ending.TIMEOUT if ending is Ending.FINISHED else ending
        return transcript.observation(ending, detail or said("it did not end")), False
    except (EOFError, OSError, ValueError):
        return transcript.observation(Ending.CRASHED, _TOOK_ITS_BOX_DOWN), False
    if report.get("event") != "ended":
        raise launch.BoxLost(f"A box could start no process: {report.get('reason')}.")
    if ending is Ending.CRASHED:
        ending, detail = _last_words(report, limits)
    return transcript.observation(ending, detail), not report.get("disk_was_used")


def _last_words(report: dict[str, Any], limits: Limits) -> tuple[Ending, str]:
    """Say how a process ended, and which limit it had reached, as measured by its parent."""
    code = int(report.get("code", 0))
    if code >= 0:
        return Ending.CRASHED, said(
            "Python was left with exit status {code} before the function returned", code=code
        )
    allowed = launch.cpu_seconds(limits)
    if float(report.get("cpu_s", 0)) >= allowed - 0.5:
        return Ending.TIMEOUT, said("it used up its {n} seconds of processor time", n=allowed)
    if int(report.get("peak_kib", 0)) << 10 >= 0.9 * limits.memory_bytes:
        return Ending.CRASHED, said("it used up its {n} MiB of memory", n=limits.memory_bytes >> 20)
    known = {one.value: one.name for one in signal.Signals}
    name = known.get(-code, -code)
    return Ending.CRASHED, said("its process was ended by the signal {name}", name=name)


class _Transcript:
    """What a child has said so far, each event checked before it is believed to be one."""

    def __init__(self, calls: int) -> None:
        self.calls = calls
        self.events = 0
        self.weight = 0
        self.complete = False
        self.seen = Observation(())

    def add(self, event: Any) -> None:
        """Take in one event. Raises WireError when it is none, or not the next one."""
        self.events += 1
        kind = event.get("event") if isinstance(event, dict) else None
        if not isinstance(kind, str):
            raise wire.WireError("something that is no event")
        expected = (
            "ready" if self.events == 1 else "end" if self.events == self.calls + 2 else "call"
        )
        if expected == "ready" and kind == "ready":
            raised = tuple(map(_raised, _listed(event.get("raised"))))
            self.seen = dataclasses.replace(self.seen, raised_before=raised, started=True)
        elif expected == "call" and kind in ("returned", "raised"):
            outcome = _returned(event) if kind == "returned" else _raised(event.get("error"))
            self.weigh(event)
            self.seen = dataclasses.replace(self.seen, outcomes=(*self.seen.outcomes, outcome))
        elif expected == "end" and kind == "end":
            self.complete = True
            notes = tuple(map(_note, _listed(event.get("notes"))))
            self.seen = dataclasses.replace(self.seen, notes=notes)
        else:
            raise wire.WireError("an event out of its turn")

    def weigh(self, event: Any) -> None:
        """Hold all that a program returns to what one value may be; it is kept until it is judged."""
        self.weight += _weight(event)
        if self.weight > wire.BLOB_CAP:
            raise wire.WireError("more than all its answers may hold together")

    def observation(self, ending: Ending, detail: str) -> Observation:
        """Return all that was seen, with the way it ended."""
        return dataclasses.replace(self.seen, ending=ending, detail=detail)


def _weight(value: Any) -> int:
    """Return how many bytes the arrays in a value take."""
    if isinstance(value, np.ndarray):
        return value.nbytes
    items = value.values() if isinstance(value, dict) else value
    return sum(map(_weight, items)) if isinstance(value, dict | list | tuple) else 0


def _listed(value: Any) -> list[Any]:
    if not isinstance(value, list) or len(value) > 100:
        raise wire.WireError("a list that is none, or too long")
    return value


def _returned(event: dict[str, Any]) -> Returned:
    places = (i for i in _listed(event.get("mutated")) if type(i) is int)
    return Returned(event.get("value"), tuple(i for i in places if 0 <= i < _MOST_ARGUMENTS))


def _raised(error: Any) -> Raised:
    if not isinstance(error, dict):
        raise wire.WireError("an error that is none")
    kind, message, name = (error.get(key) for key in ("kind", "message", "missing_name"))
    if not isinstance(kind, str) or not isinstance(message, str):
        raise wire.WireError("an error without words")
    return Raised(
        kind=kind,
        message=message,
        cell=_number(error.get("cell")),
        line=_number(error.get("line")),
        missing_name=name if isinstance(name, str) else None,
    )


def _number(value: Any) -> int | None:
    return value if type(value) is int and 0 < value < 1_000_000 else None


def _note(item: Any) -> tuple[str, str]:
    if not isinstance(item, list) or len(item) != 2 or not all(isinstance(s, str) for s in item):
        raise wire.WireError("a note that is none")
    return item[0], item[1]


@dataclasses.dataclass(frozen=True, slots=True)
class Wall:
    """What stands around student code on this machine, and why it is not the strongest there is."""

    tier: str
    reason: str = ""


def prove(furniture: Furniture = _PLAIN) -> Wall:
    """Attack a box of each tier, strongest first, and return the first one that holds.

    Raises BoxError, with what to do, where this machine has none.
    """
    return Wall(*trial.chosen(run, furniture))


def attacked(tier: str, furniture: Furniture = _PLAIN) -> list[Outcome]:
    """Return what became of every attack on a box of one tier. Raises BoxError where there is none."""
    return trial.attacked(run, furniture, tier)
