"""The conversation with a program in a box: what is sent, and what of the answers is believed."""

from __future__ import annotations

import dataclasses
import functools
import socket
import time
from typing import Any

import numpy as np

from grader.messages import gettext
from grader.model import Call, Cell, Ending, Observation, Opaque, Program, Raised, Returned
from grader.sandbox.box import wire

_MOST_ARGUMENTS = 100
_OBJECT_BYTES = 32


def listen(
    channel: socket.socket, program: Program, transcript: Transcript, deadline: float
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
        return Ending.TIMEOUT, gettext("it was still running at its time limit")
    except wire.WireError as error:
        return Ending.BROKEN_WIRE, gettext("the sandbox sent {what}", what=str(error))
    except (EOFError, OSError):
        return Ending.CRASHED, ""


def _ask_message(program: Program) -> dict[str, Any]:
    return {
        "function": program.function,
        "cells": [[cell.number, source(cell)] for cell in program.cells],
        "stand_ins": list(program.stand_ins),
    }


@functools.lru_cache(maxsize=64)
def _calls_frame(calls: tuple[Call, ...]) -> bytes:
    """Return the frame that asks for calls; a whole class is asked the same."""
    return wire.encode([[list(call.args), call.seed] for call in calls])


def source(cell: Cell) -> Any:
    """Return the text of a cell as it goes over the wire, where strings are short."""
    return np.frombuffer(cell.source.encode("utf-8", "replace"), np.uint8)


class Transcript:
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
            raise wire.WireError("a message that is not an event")
        expected = (
            "ready" if self.events == 1 else "end" if self.events == self.calls + 2 else "call"
        )
        if expected == "ready" and kind == "ready":
            errors = tuple(map(raised, and_list(event.get("raised"))))
            self.seen = dataclasses.replace(self.seen, raised_before=errors, started=True)
        elif expected == "call" and kind in ("returned", "raised"):
            outcome = _returned(event) if kind == "returned" else raised(event.get("error"))
            self.weigh(event)
            self.seen = dataclasses.replace(self.seen, outcomes=(*self.seen.outcomes, outcome))
        elif expected == "end" and kind == "end":
            self.complete = True
            notes = tuple(map(_note, and_list(event.get("notes"))))
            self.seen = dataclasses.replace(self.seen, notes=notes)
        else:
            raise wire.WireError("an event in the wrong order")

    def weigh(self, event: Any) -> None:
        """Hold all that a program returns to what one value may be; it is kept until it is judged."""
        self.weight += weight(event)
        if self.weight > wire.BLOB_CAP + wire.HEADER_CAP:
            raise wire.WireError("more data than all return values may contain")

    def observation(self, ending: Ending, detail: str) -> Observation:
        """Return all that was seen, with the way it ended."""
        return dataclasses.replace(self.seen, ending=ending, detail=detail)


def weight(value: Any) -> int:
    """Return about how many bytes a value takes."""
    if isinstance(value, np.ndarray):
        return value.nbytes + _OBJECT_BYTES
    if isinstance(value, dict):
        return _OBJECT_BYTES + sum(weight(key) + weight(item) for key, item in value.items())
    if isinstance(value, list | tuple):
        return _OBJECT_BYTES + sum(map(weight, value))
    return _OBJECT_BYTES + (len(value) if isinstance(value, str) else 0)


def and_list(value: Any, most: int = 100) -> list[Any]:
    """Return a list. Raises WireError where there is none, or one that is too long."""
    if not isinstance(value, list) or len(value) > most:
        raise wire.WireError("a list that is invalid or too long")
    return value


def _returned(event: dict[str, Any]) -> Returned:
    places = (i for i in and_list(event.get("mutated")) if type(i) is int)
    return Returned(event.get("value"), tuple(i for i in places if 0 <= i < _MOST_ARGUMENTS))


def raised(error: Any) -> Raised:
    """Return an exception that was told of. Raises WireError where it makes no sense."""
    if not isinstance(error, dict):
        raise wire.WireError("an invalid error")
    kind, message, name = (error.get(key) for key in ("kind", "message", "missing_name"))
    if not isinstance(kind, str) or not isinstance(message, str):
        raise wire.WireError("an error without a message")
    return Raised(
        kind=kind,
        message=message,
        cell=number(error.get("cell")),
        line=number(error.get("line")),
        missing_name=name if isinstance(name, str) else None,
    )


def number(value: Any) -> int | None:
    """Return a number of a cell or a line, or None where it is none."""
    return value if type(value) is int and 0 < value < 1_000_000 else None


def _note(item: Any) -> tuple[str, str]:
    if not isinstance(item, list) or len(item) != 2 or not all(isinstance(s, str) for s in item):
        raise wire.WireError("an invalid note")
    return item[0], item[1]
