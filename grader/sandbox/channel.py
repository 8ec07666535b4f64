"""The exchange of messages with a program in a box, and the checks on everything it sends."""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import socket
import time
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from grader.messages import gettext
from grader.model import Call, Cell, Ending, Observation, Opaque, Raised, Returned
from grader.model.submission import Module, Program
from grader.sandbox.box import wire

_MAX_ARGUMENTS = 100
_OBJECT_BYTES = 32
_LONGEST_NAME, _MOST_DIGITS = 100, 6
_FIRST_CALL, _MORE_EVENTS = 2, 2
"""The number of the first call's event, and of all events that are not a call's: cells and end."""


class Conclusion(NamedTuple):
    """How a program ended, and the detail for people."""

    ending: Ending
    detail: str = ""


def converse(
    channel: socket.socket,
    program: Program,
    transcript: Transcript,
    deadline: float,
    *,
    programs_left: int | None = None,
) -> Conclusion:
    """Send a program to the child and record its events in the transcript, until it ends.

    With a number of `programs_left` the child sends the events of a turn together, and then waits for
    another program if there is one.

    The first call is answered before the child gets the others. So neither the values and errors of
    a public example nor the notes can show anything of hidden cases.
    `deadline` is in seconds of time.monotonic(). A time-out, a lost connection and an invalid message
    each end the conversation: `Ending.TIMEOUT`, `CRASHED` and `BROKEN_WIRE`.
    """
    try:
        channel.settimeout(max(deadline - time.monotonic(), 1e-6))
        events = wire.ReadAhead(channel)
        for frames, expected in _turns(program, programs_left):
            with contextlib.suppress(BrokenPipeError):  # it ended, after what it sent
                channel.sendall(frames)
            transcript.last = time.monotonic()
            while transcript.events < expected:
                transcript.add(wire.receive(events, deadline=deadline, opaque=opaque))
        return Conclusion(Ending.FINISHED)
    except TimeoutError:
        if not transcript.events:
            outside = gettext(
                "the code outside your function that it needs was still running at its time limit"
            )
            return Conclusion(Ending.TIMEOUT, outside)
        return Conclusion(Ending.TIMEOUT, gettext("it was still running at its time limit"))
    except wire.WireError as error:
        return Conclusion(Ending.BROKEN_WIRE, gettext("the sandbox sent {what}", what=str(error)))
    except (EOFError, OSError):
        return Conclusion(Ending.CRASHED)


def _turns(program: Program, left: int | None) -> Iterator[tuple[bytes, int]]:
    """Yield the bytes of each turn, and the number of events after which the next one begins."""
    request = wire.encode(_request(program) | {"left": left})
    first, rest = _calls_frame(program.calls[:1]), _calls_frame(program.calls[1:])
    events = len(program.calls) + _MORE_EVENTS
    if left is None:
        yield request, 1
        request = b""
    yield request + first, min(_FIRST_CALL, events - 1)
    yield rest, events


def _request(program: Program) -> dict[str, Any]:
    return {
        "function": program.function,
        "cells": [[cell.number, encode_source(cell)] for cell in program.cells],
        "stand_ins": list(program.stand_ins),
        "again": program.again,
        "old_numpy": program.old_numpy,
        "modules": encode_modules(program.modules),
        "supplied": [list(function) for function in program.supplied],
    }


@functools.lru_cache(maxsize=64)
def _calls_frame(calls: tuple[Call, ...]) -> bytes:
    """Return the frame with the calls; it is cached because a whole class gets the same calls."""
    return wire.encode([[list(call.args), call.seed] for call in calls])


def encode_source(cell: Cell) -> Any:
    """Return a cell's source as an array of bytes, because the wire cuts long strings."""
    return np.frombuffer(cell.source.encode("utf-8", "replace"), np.uint8)


def encode_modules(modules: Sequence[Module]) -> list[list[Any]]:
    """Return the name of each module, and its source as an array of bytes."""
    return [[module.name, np.frombuffer(module.source, np.uint8)] for module in modules]


class Transcript:
    """The events of a child so far. Each event is checked before it is recorded.

    `last` is the time, by time.monotonic(), at which it last sent an event or was sent calls.
    """

    def __init__(self, calls: int) -> None:
        self.calls = calls
        self.last = time.monotonic()
        self.events = 0
        self.bytes = 0
        self.complete = False
        self._observation = Observation(())

    def add(self, event: Any) -> None:
        """Record one event. Raises WireError if it is invalid, or not the event that comes next."""
        self.events += 1
        self.last = time.monotonic()
        kind = event.get("event") if isinstance(event, dict) else None
        if not isinstance(kind, str):
            raise wire.WireError("a message that is not an event")
        expected = (
            "ready"
            if self.events == 1
            else "end"
            if self.events == self.calls + _MORE_EVENTS
            else "call"
        )
        if expected == "ready" and kind == "ready":
            errors = tuple(map(parse_raised, checked_list(event.get("raised"))))
            self._update(raised_before=errors, started=True, notes=_notes_of(event))
        elif expected == "call" and kind in ("returned", "raised"):
            is_value = kind == "returned"
            outcome = _parse_returned(event) if is_value else parse_raised(event.get("error"))
            # All return values stay in memory until they are judged: the cap is that of one frame.
            self.bytes += size_of(event)
            if self.bytes > wire.BLOB_CAP + wire.HEADER_CAP:
                raise wire.WireError("more data than all return values may contain")
            self._update(outcomes=(*self._observation.outcomes, outcome))
            if self.events == _FIRST_CALL:  # later notes could have the inputs of hidden cases
                self._update(notes=_notes_of(event))
        elif expected == "end" and kind == "end":
            self.complete = True
        else:
            raise wire.WireError("an event in the wrong order")

    def _update(self, **fields: Any) -> None:
        self._observation = dataclasses.replace(self._observation, **fields)

    def observation(self, conclusion: Conclusion) -> Observation:
        """Return everything recorded so far, with the way it ended."""
        ending, detail = conclusion
        return dataclasses.replace(self._observation, ending=ending, detail=detail)


def size_of(value: Any) -> int:
    """Return the approximate size of a value in memory, in bytes."""
    if isinstance(value, np.ndarray):
        return value.nbytes + _OBJECT_BYTES
    if isinstance(value, dict):
        return _OBJECT_BYTES + sum(size_of(key) + size_of(item) for key, item in value.items())
    if isinstance(value, list | tuple):
        return _OBJECT_BYTES + sum(map(size_of, value))
    return _OBJECT_BYTES + (len(value) if isinstance(value, str) else 0)


def checked_list(value: Any, maximum: int = 100) -> list[Any]:
    """Return a list of at most `maximum` items. Raises WireError for anything else."""
    if not isinstance(value, list) or len(value) > maximum:
        raise wire.WireError("a list that is invalid or too long")
    return value


def _parse_returned(event: dict[str, Any]) -> Returned:
    positions = (i for i in checked_list(event.get("mutated")) if type(i) is int)
    return Returned(event.get("value"), tuple(i for i in positions if 0 <= i < _MAX_ARGUMENTS))


def parse_raised(error: Any) -> Raised:
    """Return an exception from its description. Raises WireError if that is invalid."""
    if not isinstance(error, dict):
        raise wire.WireError("an invalid error")
    kind, message, name = (error.get(key) for key in ("kind", "message", "missing_name"))
    if not isinstance(kind, str) or not isinstance(message, str):
        raise wire.WireError("an error without a message")
    return Raised(
        kind=kind if is_name(kind) else "Exception",
        message=message,
        cell=parse_number(error.get("cell")),
        line=parse_number(error.get("line")),
        missing_name=name if isinstance(name, str) and is_name(name) else None,
    )


def opaque(type_name: str) -> Opaque:
    """Return a placeholder for a value of a type, whose name may be data in disguise."""
    is_array = type_name.startswith("ndarray of ")  # made by the wire, with its shape
    return Opaque(type_name if is_array or is_name(type_name) else "object")


def is_name(text: str) -> bool:
    """Return True for a name that a person would choose, False for one that could carry data."""
    return len(text) <= _LONGEST_NAME and text.isidentifier() and _few_digits(text)


def _few_digits(text: str) -> bool:
    return sum(character.isdigit() for character in text) <= _MOST_DIGITS


def parse_number(value: Any) -> int | None:
    """Return the number of a cell or a line, or None if it is not a plausible number."""
    return value if type(value) is int and 0 < value < 1_000_000 else None


def _notes_of(event: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    return tuple(map(_parse_note, checked_list(event.get("notes"))))


def _parse_note(item: Any) -> tuple[str, str]:
    if not isinstance(item, list) or len(item) != 2 or not all(isinstance(s, str) for s in item):
        raise wire.WireError("an invalid note")
    kind, text = item
    return kind, text if _few_digits(text) else "..."
