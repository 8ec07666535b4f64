"""A known mistake and its repair must point to the same line: `grader verify` compares them."""

from __future__ import annotations

import ast
from collections.abc import Sequence

import pytest

from grader import assignments
from grader.diagnosis.repair.candidates import Edit
from grader.diagnosis.repair.search import Repair
from grader.model import Assignment, Tier
from grader.verify import mutants, mutation, repairs
from grader.verify.mutants import MutantValues

SUBTRACTED = "gradients[name] + lambd / X.shape[1] * weights becomes gradients[name] - lambd"


@pytest.fixture(scope="module")
def assignment() -> Assignment:
    return assignments.load("regularization")


@pytest.fixture
def values(assignment: Assignment, any_tier: Tier) -> Sequence[MutantValues]:
    """Return the unchanged functions, and a mutant of one that subtracts the term."""
    source = assignment.files.reference.read_text("utf-8")
    functions = []
    for function in assignment.functions:
        control = mutation.unchanged(source, function.name)
        own = [m for m in mutation.mutants(source, function.name) if SUBTRACTED in m.change]
        seed = assignment.seed
        functions.append(mutants._observe(assignment, function, [control, *own], seed, any_tier))
    return functions


def test_a_repair_in_the_line_of_the_mistake(
    assignment: Assignment,
    values: Sequence[MutantValues],
    any_tier: Tier,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(repairs, "_SECONDS", {1: 5.0, 2: 5.0})  # on a busy machine

    assert repairs.examine(assignment, values, any_tier)[:3] == (1, 0, 1)


def test_a_repair_in_another_line(
    assignment: Assignment,
    values: Sequence[MutantValues],
    any_tier: Tier,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    first = Edit("name", 1, 0.0, ast.Name("X"), "X", str)
    monkeypatch.setattr(repairs, "find", lambda problem: Repair((first,), problem.source))

    report = repairs.examine(assignment, values, any_tier)

    (failure,) = report.failures
    text = "gradients[name] + lambd / X.shape[1] * weights"
    lines = assignment.files.reference.read_text("utf-8").splitlines()
    (number,) = (number for number, line in enumerate(lines, 1) if text in line)
    line = f"reference/regularization.py, line {number}"
    assert failure.startswith(
        f"{line}: grad_l2_subtracted is repaired in `def backward_propagation_with_regularization("
    )
