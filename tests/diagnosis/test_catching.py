"""Mistakes that are not caught or not named, and right answers that do not pass, are told."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from grader import assignment, catching, oracle, sandbox
from grader.errors import BoxError
from grader.model import Assignment
from tests.diagnosis.bench import COST

MISTAKES = """
import numpy as np

RIGHT = {right!r}

def answer(*mistakes):
    made = {{"by": 0.0}}
    for mistake in mistakes:
        mistake(made)
    return lambda A3, Y, parameters, lambd: _cost(A3, Y, parameters, lambd) + made["by"]

def _cost(A3, Y, parameters, lambd):
    entropy = -np.sum(Y * np.log(A3) + (1 - Y) * np.log(1 - A3)) / Y.shape[1]
    squares = sum(np.sum(parameters[name] ** 2) for name in ("W1", "W2", "W3"))
    return entropy + lambd / (2 * Y.shape[1]) * squares

def l2_odd(answer):
    "It is odd{{line}}."
    answer["by"] += {by}

VARIANTS = (lambda *arguments: _cost(*arguments) + {right},)
"""


@pytest.fixture(scope="module")
def wall() -> str:
    try:
        sandbox.prove()
    except BoxError:
        return "none"
    return "full"


@pytest.fixture
def with_mistake(tmp_path: Path) -> Iterator[Callable[[float, float], Assignment]]:
    """Return what makes an assignment with one known mistake, and one other right answer."""

    def make(by: float, right: float) -> Assignment:
        path = tmp_path / f"{COST}.py"
        path.write_text(MISTAKES.format(by=by, right=right), "utf-8")
        loaded = assignment.load("regularization")
        assert loaded.files is not None
        own = {COST: path}
        files = dataclasses.replace(loaded.files, misconceptions=own, equivalents=own)
        return dataclasses.replace(loaded, files=files)

    oracle._mistaken.cache_clear()
    yield make
    oracle._mistaken.cache_clear()


def test_a_mistake_that_is_hardly_off_is_told(
    with_mistake: Callable[[float, float], Assignment], wall: str
) -> None:
    proof = catching.mistakes_are_caught(with_mistake(1e-5, 0.0), wall)

    assert (proof.holds, proof.detail) == (False, f"not {COST} l2_odd")


def test_a_mistake_that_is_not_named_is_told(
    with_mistake: Callable[[float, float], Assignment], wall: str
) -> None:
    proof = catching.mistakes_are_named(with_mistake(1.0, 0.0), wall)

    assert (proof.holds, proof.detail) == (False, f"not {COST} l2_odd (unexplained)")


def test_a_right_answer_that_does_not_pass_is_told(
    with_mistake: Callable[[float, float], Assignment], wall: str
) -> None:
    proof = catching.right_answers_pass(with_mistake(1.0, 0.5), wall)

    assert (proof.holds, proof.detail) == (False, f"not {COST} 0")
    assert catching.right_answers_pass(with_mistake(1.0, 1e-15), wall).holds


def test_without_pairs_nothing_is_asked_of_them(
    with_mistake: Callable[[float, float], Assignment], wall: str
) -> None:
    assert catching.pairs_are_named(with_mistake(1.0, 0.0), wall).holds
