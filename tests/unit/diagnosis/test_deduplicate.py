"""An error of shapes and the wrong shape of the same line are one diagnosis."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest

from grader import judging
from grader.assignments import known_mistakes
from grader.diagnosis import diagnose, exceptions
from grader.diagnosis.locate import RETURNED, goes_into
from grader.model import Observation, Raised
from tests.support.diagnosing import COST, L2, Answer, function_run, loaded, reference

RIGHT = reference()
MISFIT = "operands could not be broadcast together with shapes (2,3) (3,2)"
COST_SOURCE = f"""
def {COST}(A3, Y, parameters, lambd):
    entropy = compute_cost(A3, Y)
    penalty = (
        lambd * (np.dot(W1, W1.T) + np.dot(W2, W2.T))
    )
    m = Y.shape[1]
    cost = entropy + penalty / m
    return cost
"""
L2_SOURCE = f"""
def {L2}(X, Y, cache, lambd):
    dW3 = np.dot(dZ3, A2.T) + lambd * W3.T
    dW1 = np.dot(dZ1, X.T) + lambd * W1
    return {{"dW3": dW3, "dW1": dW1}}
"""


FIT = "`+`, `-`, `*` and `/` need arrays whose shapes fit, element by element."
FIX = "Which one is not what you expect?"
PRINT = "Print the shape of each array in that line."


def diagnoses_of(name: str, answer: Answer, source: str, error: Raised) -> list[tuple[str, str]]:
    """Return the diagnoses of an answer that raises an error in its last case."""
    run = function_run(name, answer, source=source)
    outcomes = (*run.actual.outcomes[:-1], dataclasses.replace(error, cell=7))
    run = dataclasses.replace(run, actual=Observation(outcomes))
    _, diagnoses = judging.judge(run.function, run.cases, run.expected, run.actual)
    first = exceptions.from_errors(run.slice_, run.function, run.actual)
    known = known_mistakes.hints(loaded(), name)
    return [(item.id, item.message) for item in diagnose(run, (*first, *diagnoses), known, dict)]


def of_rows(A3: Any, Y: Any, parameters: Any, lambd: float) -> Any:
    """Return the cost with a row of numbers for the penalty."""
    cost = getattr(RIGHT, COST)(A3, Y, parameters, lambd)
    return cost + np.ones(3)


def of_a_square(X: Any, Y: Any, cache: Any, lambd: float) -> Any:
    """Return the gradients with a square of numbers for the last weights."""
    result = getattr(RIGHT, L2)(X, Y, cache, lambd)
    return {**result, "dW3": np.ones((9, 9))}


@pytest.mark.parametrize("line", [4, 5, 8])
def test_wrong_shape_joins_the_error_of_its_line(line: int) -> None:
    error = Raised("ValueError", MISFIT, line=line)

    assert diagnoses_of(COST, of_rows, COST_SOURCE, error) == [
        (
            "raises-error",
            (
                f"Your function stops in line {line} of code cell 7 with ValueError: {MISFIT}. {FIT} "
                "In some tests the shapes fit by chance, and then the result is wrong: Your function "
                f"returns an array of shape (3,), but should return a single number. {PRINT} {FIX}"
            ),
        )
    ]


def test_wrong_quantity_joins_the_error_of_its_line() -> None:
    (diagnosis,) = diagnoses_of(L2, of_a_square, L2_SOURCE, Raised("ValueError", MISFIT, line=3))

    assert diagnosis[0] == "raises-error"
    assert diagnosis[1].endswith(
        f"the result is wrong: dW3 has shape (9, 9), but should have shape (1, 3). {PRINT} {FIX}"
    )


def test_error_alone_where_all_shapes_are_right() -> None:
    (diagnosis,) = diagnoses_of(
        COST, getattr(RIGHT, COST), COST_SOURCE, Raised("ValueError", MISFIT, line=5)
    )

    assert diagnosis[1].endswith(FIX)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (4, MISFIT),
        (None, MISFIT),
        (3, "math domain error"),
    ],
)
def test_what_another_line_or_another_error_leaves_open_is_diagnoses_of(
    line: int | None, words: str
) -> None:
    error = Raised("ValueError", words, line=line)

    diagnoses = diagnoses_of(L2, of_a_square, L2_SOURCE, error)

    assert [id for id, _ in diagnoses] == ["raises-error", "wrong-shape"]
    assert diagnoses[0][1].endswith(FIX if words == MISFIT else "Fix that line first.")


def test_wrong_shape_without_an_error() -> None:
    run = function_run(COST, of_rows, source=COST_SOURCE)
    _, diagnoses = judging.judge(run.function, run.cases, run.expected, run.actual)

    assert [item.id for item in diagnose(run, diagnoses, {}, dict)] == ["wrong-shape"]


@pytest.mark.parametrize(
    ("line", "quantity", "goes"),
    [
        (3, "dW3", True),
        (4, "dW3", False),
        (3, "dW1", False),
        (5, "dW3", True),
        (3, RETURNED, True),
        (9, "dW3", False),
    ],
)
def test_goes_into(line: int, quantity: str, goes: Any) -> None:
    assert goes_into(L2_SOURCE, L2, line, quantity) == goes
    assert not goes_into("def f(:", "f", line, quantity)
