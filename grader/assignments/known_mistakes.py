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
from grader.model import Assignment, Cell, Observation, Raised, Returned, TestCase, Value
from grader.model.diagnoses import Words
from grader.model.submission import Program
from grader.notebook.slicing import Slice

_CALL_EVERY_ANSWER = """
_answers = {answers}

def call_every_answer(*arguments):
    import copy
    import numpy as np

    state, outcomes = np.random.get_state(), []
    for answer in _answers:
        np.random.set_state(state)
        try:
            outcomes.append((True, answer(*copy.deepcopy(arguments))))
        except Exception as error:
            outcomes.append((False, _describe(error)))
    return outcomes

def _describe(error):
    import traceback

    frames = traceback.walk_tb(error.__traceback__)
    lines = [line for frame, line in frames if frame.f_code.co_filename == "<cell {cell}>"]
    return type(error).__name__, str(error), lines[-1] if lines else None
"""
"""Code for the box: call many answers with equal arguments and an equal state of the generator."""

_CELL = 1
"""The number of the code cell with the file of answers; errors refer to its lines."""

_BATCH_SIZE = 100
"""Answers in one program; the return values of more would exceed the wire's limit."""

_T = TypeVar("_T")


def batches(answers: Sequence[_T]) -> list[Sequence[_T]]:
    """Split answers into batches, one for each program."""
    return [answers[at : at + _BATCH_SIZE] for at in range(0, len(answers), _BATCH_SIZE)]


@functools.lru_cache(maxsize=64)
def _docstrings(path: Path) -> Mapping[str, str]:
    return {
        name: inspect.getdoc(item) or ""
        for name, item in vars(assignments.module(path)).items()
        if inspect.isfunction(item) and [*inspect.signature(item).parameters] == ["answer"]
    }


def names(assignment: Assignment, function: str) -> tuple[str, ...]:
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
    words = {}
    for name, docstring in _docstrings(path).items():
        what, *more = (" ".join(text.split()) for text in docstring.split("\n\n"))
        words[name] = Words(what, " ".join(more[:-1]), "".join(more[-1:]))
    return {name: w for name, w in words.items() if "__" not in name or w.next or "{" in w.what}


def as_slice(assignment: Assignment, function: str) -> Slice:
    """Return the file of known mistakes as the slice of a function, to look up lines of errors."""
    path = _file(assignment, function)
    cells = (Cell(_CELL, path.read_text(encoding="utf-8")),) if path else ()
    return Slice(function, cells)


def _file(assignment: Assignment, function: str) -> Path | None:
    return assignment.files.mistakes.get(function)


def mistakes_program(
    path: Path, combinations: Iterable[Sequence[str]], cases: Sequence[TestCase]
) -> Program:
    """Return the program that runs each combination of mistakes of a file on every case."""
    answers = [f"answer({', '.join(names)})" for names in combinations]
    return batch_program(path, f"[{', '.join(answers)}]", cases)


def right_solutions_program(path: Path, batch: slice, cases: Sequence[TestCase]) -> Program:
    """Return the program that runs some of the right solutions of a file on every case."""
    return batch_program(path, f"VARIANTS[{batch.start}:{batch.stop}]", cases)


def batch_program(
    path: Path, answers: str, cases: Sequence[TestCase], *, setup: str = ""
) -> Program:
    """Return the program that calls many answers on every case.

    `answers` is Python source of a list of callables. It is evaluated after the file and `setup`.
    """
    cells = (
        Cell(_CELL, path.read_text(encoding="utf-8")),
        Cell(_CELL + 1, setup + _CALL_EVERY_ANSWER.format(answers=answers, cell=_CELL)),
    )
    return Program("call_every_answer", cells, tuple(case.call for case in cases))


def split_by_answer(batch: Observation, answers: int) -> list[Observation]:
    """Split the observation of a batch program into one for each answer.

    Raises TypeError if a call of the program did not return an outcome for each answer.
    """
    by_case = []
    for outcome in batch.outcomes:
        if not isinstance(outcome, Returned) or len(outcome.value) != answers:
            raise TypeError(f"{outcome}")
        by_case.append([_outcome(*item) for item in outcome.value])
    return [
        Observation(tuple(outcomes), batch.ending, batch.detail, started=batch.started)
        for outcomes in zip(*by_case, strict=True)
    ]


def _outcome(returned: bool, value: Value) -> Returned | Raised:  # noqa: FBT001 - as on the wire
    if returned:
        return Returned(value)
    kind, message, line = value
    return Raised(kind, message, cell=_CELL if line else None, line=line)
