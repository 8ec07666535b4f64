"""Verify the states of functions without points: their definitions, and a labelled submission for each."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from pathlib import Path

from grader.assignments import place
from grader.assignments.oracle import Expectations
from grader.grading.ungraded import definitions
from grader.judging import same_values
from grader.model import Assignment, UngradedFunction
from grader.model.result import OTHERWISE, RIGHT, Result


def faults(
    assignment: Assignment, expectations: Expectations, labelled: Mapping[Path, Result]
) -> Iterator[str]:
    """Yield a sentence for each fault, with the file and the line.

    `labelled` are the results of the labelled submissions. One whose name after the points is a state,
    such as 100-right.ipynb, must have this state; each state needs one.
    """
    for entry in assignment.ungraded:
        yield from _of_definitions(assignment, entry, expectations)
        yield from _of_labels(assignment, entry, labelled)


def _of_definitions(
    assignment: Assignment, entry: UngradedFunction, expectations: Expectations
) -> Iterator[str]:
    """Yield the states without a definition, definitions without a state, and states that are alike."""
    function, files = entry.function, assignment.files
    defined = definitions(function.name, expectations)
    for state in sorted(entry.states.keys() - defined.keys()):
        name = _definition(function.name, state)
        where = place(files.testcases, f'"{state}":')
        yield f"{where}: the reference does not define {name} for the state {state!r}"
    for state in sorted(defined.keys() - entry.states.keys()):
        name = _definition(function.name, state)
        yield f"{place(files.reference, f'def {name}(')}: {function.name} has no state {state!r}"
    for (first, a), (second, b) in itertools.combinations(defined.items(), 2):
        if same_values(function, a, b):
            where = place(files.reference, f"def {_definition(function.name, second)}(")
            yield f"{where}: the states {first!r} and {second!r} have equal values in every case"


def _definition(name: str, state: str) -> str:
    return name if state == RIGHT else f"{name}__{state}"


def _of_labels(
    assignment: Assignment, entry: UngradedFunction, labelled: Mapping[Path, Result]
) -> Iterator[str]:
    """Yield the labelled submissions with another state than their name, and states without one."""
    name, labels = entry.function.name, set()
    for path, result in labelled.items():
        label = path.stem.partition("-")[2]
        if label in (*entry.states, OTHERWISE):
            labels.add(label)
            actual = next((f"{e.state!r}" for e in result.ungraded if e.name == name), "missing")
            if actual != f"{label!r}":
                yield f"{place(path)}: {name} is {actual} instead of {label!r}"
    for state in sorted(entry.states.keys() - labels):
        where = place(assignment.files.testcases, f'"{state}":')
        example = f"testcases/{assignment.name}_submissions/{assignment.max_score:g}-{state}.ipynb"
        yield f"{where}: no labelled submission, such as {example}, shows the state {state!r}"
