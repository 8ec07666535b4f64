"""No function runs in a process that has received its answers."""

from __future__ import annotations

from typing import Any

import numpy as np

from grader.assignments.sharing import safe_order
from grader.model import Observation, Returned, TestCase

A, B = np.array([[0.25, 0.5]]), np.array([[0.75], [1.5]])


def order(**functions: tuple[Any, Any]) -> tuple[str, ...]:
    """Return the order of functions, each with the argument and the answer of its case."""
    cases = {n: [TestCase("c", n, (arg,), "")] for n, (arg, _) in functions.items()}
    reference = {n: Observation((Returned(a),)) for n, (_, a) in functions.items()}
    return safe_order(cases, reference)


def test_function_runs_before_its_answer_is_an_argument() -> None:
    assert order(backward=({"cache": (A,)}, B), forward=(0.5, [A.T])) == ("forward", "backward")


def test_sign_and_place_of_a_number_do_not_matter() -> None:
    assert order(second=([-0.5, "x"], B), first=(1.25, A)) == ("first", "second")


def test_functions_with_each_others_answers_are_left_out() -> None:
    assert order(f=(A, B), g=(B, A), h=(0.125, 0.375)) == ("h",)


def test_inputs_that_a_function_returns_are_no_answers() -> None:
    assert order(f=(A, (A, 2.5)), g=(A, B)) == ("f", "g")


def test_whole_numbers_and_nan_are_no_answers() -> None:
    mask = np.array([0.0, 1.0, np.nan])
    assert order(f=(mask, mask), g=(mask, mask)) == ("f", "g")
