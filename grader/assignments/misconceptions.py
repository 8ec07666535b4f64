"""Known mistakes of an assignment: their names, their hints, and programs that make them.

A file of known mistakes has one function for each. It takes the right answer and changes a part of
it; its docstring is the hint. `answer(*mistakes)` in that file returns an answer with mistakes.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TypeVar

from grader import assignments
from grader.model import Assignment, Cell, Observation, Program, Raised, Returned, TestCase, Value
from grader.model.diagnoses import Words
from grader.notebook.slicing import Slice

_PUT_TOGETHER = """
_made = {made}

def asked(*arguments):
    import copy
    import numpy as np

    state, outcomes = np.random.get_state(), []
    for made in _made:
        np.random.set_state(state)
        try:
            outcomes.append((True, made(*copy.deepcopy(arguments))))
        except Exception as error:
            outcomes.append((False, _raised(error)))
    return outcomes

def _raised(error):
    import traceback

    frames = traceback.walk_tb(error.__traceback__)
    lines = [line for frame, line in frames if frame.f_code.co_filename == "<cell {cell}>"]
    return type(error).__name__, str(error), lines[-1] if lines else None
"""
_CELL = 1
"""The code cell that a file of answers stands in; errors tell the line in it."""

_AT_ONCE = 100
"""Answers that one program gives; more would not fit through the wire."""

_T = TypeVar("_T")


def in_parts(answers: Sequence[_T]) -> list[Sequence[_T]]:
    """Return answers in parts, each for one program."""
    return [answers[at : at + _AT_ONCE] for at in range(0, len(answers), _AT_ONCE)]


@functools.lru_cache(maxsize=64)
def _docstrings(path: Path) -> Mapping[str, str]:
    return {
        name: inspect.getdoc(item) or ""
        for name, item in vars(assignments.module(path)).items()
        if inspect.isfunction(item) and [*inspect.signature(item).parameters] == ["answer"]
    }


def mistakes(assignment: Assignment, function: str) -> tuple[str, ...]:
    """Return the names of all known mistakes of a function, variants among them."""
    path = _file(assignment, function)
    return tuple(_docstrings(path)) if path else ()


def hints(assignment: Assignment, function: str) -> Mapping[str, Words]:
    """Return the words of each known mistake, with `{where}` and `{line}` to be filled in.

    The paragraphs of its docstring are *what*, *why* and *next*. A variant with a docstring of one
    paragraph without a value to fill in has the words of the mistake.
    """
    path = _file(assignment, function)
    return _hints(path) if path else {}


@functools.lru_cache(maxsize=64)
def _hints(path: Path) -> Mapping[str, Words]:
    words = {name: _in_paragraphs(text) for name, text in _docstrings(path).items()}
    return {name: w for name, w in words.items() if "__" not in name or w.next or "{" in w.what}


def _in_paragraphs(docstring: str) -> Words:
    """Return the paragraphs as words: the first is *what*, the last *next*, those between *why*."""
    what, *more = (" ".join(text.split()) for text in docstring.split("\n\n"))
    return Words(what, " ".join(more[:-1]), "".join(more[-1:]))


def as_slice(assignment: Assignment, function: str) -> Slice:
    """Return the file of known mistakes as what a notebook holds of a function, for errors in its lines."""
    path = _file(assignment, function)
    cells = (Cell(_CELL, path.read_text(encoding="utf-8")),) if path else ()
    return Slice(function, cells)


def _file(assignment: Assignment, function: str) -> Path | None:
    return assignment.files.misconceptions.get(function) if assignment.files else None


def program(
    assignment: Assignment,
    function: str,
    made: Iterable[Sequence[str]],
    cases: Sequence[TestCase],
) -> Program:
    """Return the program that makes each of several sets of mistakes, one call a case for all of them."""
    path = _file(assignment, function)
    assert path is not None
    answers = [f"answer({', '.join(names)})" for names in made]
    return program_of(path, f"[{', '.join(answers)}]", cases)


def right_answers(path: Path, part: slice, cases: Sequence[TestCase]) -> Program:
    """Return the program of some of the right answers in a file, one call a case for all of them."""
    return program_of(path, f"VARIANTS[{part.start}:{part.stop}]", cases)


def program_of(path: Path, made: str, cases: Sequence[TestCase], *, before: str = "") -> Program:
    """Return a program of one file whose function is called with each case."""
    cells = (
        Cell(_CELL, path.read_text(encoding="utf-8")),
        Cell(_CELL + 1, before + _PUT_TOGETHER.format(made=made, cell=_CELL)),
    )
    return Program("asked", cells, tuple(case.call for case in cases))


def taken_apart(seen: Observation, sets: int) -> list[Observation]:
    """Return what each set of mistakes did, case by case. Raises TypeError where that did not come back."""
    by_case = []
    for outcome in seen.outcomes:
        if not isinstance(outcome, Returned) or len(outcome.value) != sets:
            raise TypeError(f"{outcome}")
        by_case.append([_outcome(*one) for one in outcome.value])
    return [
        Observation(tuple(outcomes), seen.ending, seen.detail, started=seen.started)
        for outcomes in zip(*by_case, strict=True)
    ]


def _outcome(came_back: bool, value: Value) -> Returned | Raised:  # noqa: FBT001 - as it is on the wire
    if came_back:
        return Returned(value)
    kind, message, line = value
    return Raised(kind, message, cell=_CELL if line else None, line=line)
