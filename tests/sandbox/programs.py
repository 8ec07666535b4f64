"""Programs for a box, their outcomes, and their processes on this machine."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from grader.model import Call, Cell, Ending, Observation, Raised, Returned
from grader.model.submission import Program
from grader.sandbox import fork_server

Run = Callable[..., tuple[Observation, ...]]

ONCE = (Call((), 1),)


def program(
    *sources: str, calls: Sequence[Call] = ONCE, stand_ins: tuple[str, ...] = ()
) -> Program:
    """Return a program that calls `f`, which one of its cells defines."""
    cells = tuple(Cell(number, source) for number, source in enumerate(sources, 1))
    return Program("f", cells, tuple(calls), stand_ins)


HONEST = program("def f(x):\n    return x + 1\n", calls=[Call((41,), 1)])


def interleaved(*programs: Program) -> list[Program]:
    """Return programs with an honest one after each of them."""
    return [p for untrusted in programs for p in (untrusted, HONEST)]


def value(observation: Observation) -> Any:
    """Return the value of a program's only call."""
    assert observation.ending is Ending.FINISHED, observation
    (outcome,) = observation.outcomes
    assert isinstance(outcome, Returned), outcome
    return outcome.value


def error(observation: Observation) -> Raised:
    """Return the exception of a program's only call."""
    assert observation.ending is Ending.FINISHED, observation
    (outcome,) = observation.outcomes
    assert isinstance(outcome, Raised), outcome
    return outcome


def processes_with(word: str) -> list[int]:
    """Return the processes of this machine with a word in their command line."""
    pids = []
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = file.read_bytes().decode(errors="replace")
        except OSError:  # it has ended meanwhile
            continue
        if word in line:
            pids.append(int(file.parent.name))
    return pids


def settled(word: str, number: int, *, within: float = 10.0) -> bool:
    """Return True if soon at most `number` processes have a word in their command line."""
    end = time.monotonic() + within
    while len(processes_with(word)) > number:
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


def all_gone(word: str, *, within: float = 10.0) -> bool:
    """Return True if soon no process has a word in its command line.

    Fork servers are closed after at most two processes remain; nothing else ends their boxes here.
    """
    assert settled(word, 2, within=within), "more remains than bubblewrap and the fork server in it"
    fork_server.close_fork_servers()
    return settled(word, 0, within=within)
