"""Programs to put into a box, and what can be seen of them from outside."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from grader.model import Call, Cell, Ending, Observation, Program, Raised, Returned
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
    """Return programs with an honest one after each."""
    return [p for one in programs for p in (one, HONEST)]


def value(seen: Observation) -> Any:
    """Return what the only call of a program gave back."""
    assert seen.ending is Ending.FINISHED, seen
    (outcome,) = seen.outcomes
    assert isinstance(outcome, Returned), outcome
    return outcome.value


def error(seen: Observation) -> Raised:
    """Return what the only call of a program ended with."""
    assert seen.ending is Ending.FINISHED, seen
    (outcome,) = seen.outcomes
    assert isinstance(outcome, Raised), outcome
    return outcome


def processes_with(word: str) -> list[int]:
    """Return this machine's processes that have a word in their command line."""
    found = []
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = file.read_bytes().decode(errors="replace")
        except OSError:  # it has ended meanwhile
            continue
        if word in line:
            found.append(int(file.parent.name))
    return found


def settled(word: str, number: int, *, within: float = 10.0) -> bool:
    """Say whether soon so many processes at the most have a word in their command line."""
    end = time.monotonic() + within
    while len(processes_with(word)) > number:
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


def all_gone(word: str, *, within: float = 10.0) -> bool:
    """Say whether no process with a word in its command line is left; the kernel takes its time.

    Interpreters that are kept warm are told to end first; nothing else ends their boxes here.
    """
    assert settled(word, 2, within=within), "more is left than a wall and the interpreter within"
    fork_server.close_all()
    return settled(word, 0, within=within)
