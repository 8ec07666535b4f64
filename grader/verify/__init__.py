"""What every assignment must pass before a class is graded by it (`grader verify`)."""

from __future__ import annotations

import json
import platform
from collections.abc import Callable
from typing import TypeVar

import numpy as np

from grader import grading
from grader.assignments import oracle
from grader.errors import GraderError
from grader.grading import Settings
from grader.judging.compare import compare
from grader.model import Assignment, Returned, Submission, TestCase, Tier
from grader.model.proofs import Proof, Proven
from grader.model.result import VERSION, FunctionStatus, Result
from grader.sandbox.box import wire
from grader.verify import mistakes, mutants

_T = TypeVar("_T")

_FULL = 100.0
_FIGURES_RTOL = 1e-9


def verify(assignment: Assignment, *, tier: Tier = Tier.FULL) -> list[Proof]:
    """Return the proofs of an assignment, each made afresh."""
    proofs = (
        _points_add_up,
        _fixed_is_a_minority,
        _equal_seeds_equal_cases,
        _other_seeds_other_cases,
        _quantities_exist,
        _figures_hold,
        _reference_is_full,
        _template_is_zero,
        mistakes.right_answers_pass,
        mistakes.mistakes_are_caught,
        mistakes.mistakes_are_named,
        mistakes.pairs_are_named,
        mutants.mutants_are_caught,
    )
    return [_proved(proof, assignment, tier) for proof in proofs]


def examine(assignment: Assignment, *, tier: Tier = Tier.FULL) -> Proven:
    """Return the proofs of an assignment, and what its known mistakes did in them."""
    versions = ("grader", VERSION), ("Python", platform.python_version()), ("NumPy", np.__version__)
    return Proven(
        *(assignment.name, assignment.title, assignment.seed, tier, versions),
        proofs=tuple(verify(assignment, tier=tier)),
        kills=_seen(mistakes.kills, assignment, tier),
        pairs=_seen(mistakes.pairs, assignment, tier),
    )


def _seen(
    look: Callable[[Assignment, Tier], tuple[_T, ...]], assignment: Assignment, tier: Tier
) -> tuple[_T, ...]:
    """Return what a proof has seen, nothing where it could not be made: the proof says why."""
    try:
        return look(assignment, tier)
    except GraderError:
        return ()


def _proved(
    prove: Callable[[Assignment, Tier], Proof], assignment: Assignment, tier: Tier
) -> Proof:
    try:
        return prove(assignment, tier)
    except GraderError as error:
        return Proof((prove.__doc__ or "").strip().rstrip("."), False, str(error))


def _points_add_up(assignment: Assignment, tier: Tier) -> Proof:
    """The points add up to 100."""
    return Proof(
        "the points add up to 100", assignment.max_score == _FULL, f"{assignment.max_score:g}"
    )


def _fixed_is_a_minority(assignment: Assignment, tier: Tier) -> Proof:
    """Published examples earn less than half of the points."""
    shares = [
        sum(check.points for check in function.checks if check.group == "fixed")
        / (function.max_score or 1)
        for function in assignment.functions
    ]
    largest = max(shares)
    return Proof(
        "published examples earn less than half of the points",
        largest < 0.5,
        f"at most {largest:.0%}",
    )


def _equal_seeds_equal_cases(assignment: Assignment, tier: Tier) -> Proof:
    """Equal seeds give equal cases."""
    first, second = (_fingerprints(assignment, assignment.seed) for _ in range(2))
    return Proof("equal seeds give equal cases", first == second, f"{len(first)} cases")


def _other_seeds_other_cases(assignment: Assignment, tier: Tier) -> Proof:
    """Another seed gives other random cases."""
    one, other = (_fingerprints(assignment, assignment.seed + i) for i in range(2))
    same = sum(a == b for a, b in zip(one, other, strict=False))
    public = sum(case.public for case in _cases(assignment, assignment.seed))
    return Proof(
        "another seed gives other random cases",
        same == public,
        (f"{same} public cases stay the same"),
    )


def _fingerprints(assignment: Assignment, seed: int) -> list[bytes]:
    return [wire.encode((case.name, case.args)) for case in _cases(assignment, seed)]


def _cases(assignment: Assignment, seed: int) -> list[TestCase]:
    by_function = oracle.cases_by_function(assignment, seed)
    return [case for cases in by_function.values() for case in cases]


def _quantities_exist(assignment: Assignment, tier: Tier) -> Proof:
    """The reference returns every quantity that a check uses."""
    expectations = oracle.consult(assignment, assignment.seed, tier=tier)
    asked, unknown = 0, []
    for function in assignment.functions:
        outcome = expectations.reference[function.name].outcomes[0]
        assert isinstance(outcome, Returned)
        returned = function.unpack(outcome.value)
        for quantity in {q for check in function.checks for q in check.quantities}:
            asked += 1
            if quantity not in returned:
                unknown.append(f"{function.name} {quantity}")
    detail = f"{asked} quantities" if not unknown else "failed: " + ", ".join(sorted(unknown))
    return Proof("the reference returns every quantity that a check uses", not unknown, detail)


def _figures_hold(assignment: Assignment, tier: Tier) -> Proof:
    """The reference reproduces the published values."""
    expectations = oracle.consult(assignment, assignment.seed, tier=tier)
    compared, wrong = 0, []
    for function in assignment.functions:
        seen = expectations.reference[function.name]
        for case, outcome in zip(expectations.cases[function.name], seen.outcomes, strict=False):
            assert isinstance(outcome, Returned)
            got = function.unpack(outcome.value)
            for quantity, figure in (case.figures or {}).items():
                compared += 1
                if compare(figure, got[quantity], rtol=_FIGURES_RTOL, atol=1e-12):
                    wrong.append(f"{function.name} {quantity}")
    detail = f"{compared} published values" if not wrong else "failed: " + ", ".join(wrong)
    return Proof(
        "the reference reproduces the published values", compared > 0 and not wrong, detail
    )


def _reference_is_full(assignment: Assignment, tier: Tier) -> Proof:
    """The reference earns all points."""
    assert assignment.files is not None
    source = assignment.files.reference.read_text(encoding="utf-8")
    result = _graded(assignment, _as_notebook(source), tier)
    return Proof(
        "the reference earns all points", result.score == assignment.max_score, _told(result)
    )


def _template_is_zero(assignment: Assignment, tier: Tier) -> Proof:
    """The unchanged template earns 0 points."""
    assert assignment.files is not None
    result = _graded(assignment, assignment.files.template.read_bytes(), tier)
    untouched = all(f.status is FunctionStatus.NOT_ATTEMPTED for f in result.functions)
    name = "the unchanged template earns 0 points, and no function counts as attempted"
    return Proof(name, result.score == 0 and untouched, _told(result))


def _graded(assignment: Assignment, data: bytes, tier: Tier) -> Result:
    settings = Settings(seed=assignment.seed, tier=tier)
    return grading.grade(Submission("verify", data), assignment, settings)


def _told(result: Result) -> str:
    statuses = ", ".join(dict.fromkeys(str(f.status) for f in result.functions))
    score = "no score" if result.score is None else f"{result.score:g}"
    return f"{score} of {result.max_score:g}: {result.message or statuses}"


def _as_notebook(source: str) -> bytes:
    """Return Python source as a notebook of one cell."""
    cell: dict[str, object] = {
        "cell_type": "code",
        "execution_count": None,
        "id": "reference",
        "metadata": {},
        "outputs": [],
        "source": source,
    }
    return json.dumps(
        {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [cell]}
    ).encode()
