"""Each claim of `grader verify` about an assignment: it fails for an assignment that breaks it."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Iterator, Sequence
from types import ModuleType

import pytest

from grader.assignments import load, oracle, place
from grader.errors import BoxError
from grader.model import Assignment, TestCase
from tests.submissions import FUNCTIONS
from tests.support.broken_assignments import PUBLISHED, claim, failure, with_cases, with_checks


@pytest.fixture(autouse=True, scope="module")
def clean_oracle() -> Iterator[None]:
    """Remove the expectations of broken assignments from the cache."""
    yield
    oracle._consult.cache_clear()


EQUAL_SEEDS = "equal seeds give equal cases"
OTHER_SEEDS = "another seed gives other random cases"
CASES = place(load("regularization").files.testcases, "def cases(")


# ------------------------------------------------------------------ points


@pytest.mark.parametrize(("factor", "total", "each"), [(2, "200", "50"), (0.5, "50", "12.5")])
def test_points_must_add_up(
    regularization: Assignment, factor: float, total: str, each: str
) -> None:
    broken = with_checks(
        regularization, lambda check: dataclasses.replace(check, points=factor * check.points)
    )

    points = ", ".join(f"{name} {each}" for name in FUNCTIONS)
    assert failure("the points add up to 100", broken) == (
        f"testcases/regularization.py: {total} points: {points}"
    )


def test_public_examples_must_earn_less_than_half(regularization: Assignment) -> None:
    points = {"fixed": 12.5, "random": 12.5}
    first = regularization.functions[0]
    checks = tuple(dataclasses.replace(c, points=points[c.group]) for c in first.checks)
    half = dataclasses.replace(first, checks=checks)
    broken = dataclasses.replace(regularization, functions=(half, *regularization.functions[1:]))

    name = "published examples earn less than half of the points"
    assert failure(name, broken) == (
        f"{place(regularization.files.testcases, FUNCTIONS[0])}: 50% of the points of {FUNCTIONS[0]}"
    )


# ------------------------------------------------------------------ cases


def test_cases_must_follow_from_the_seed(regularization: Assignment) -> None:
    numbers = itertools.count()
    broken = with_cases(
        regularization, lambda case: dataclasses.replace(case, args=(next(numbers),))
    )

    assert failure(EQUAL_SEEDS, broken) == (
        f"{CASES}: 'the published example' of {FUNCTIONS[0]} differs when seed "
        f"{regularization.seed} is used again (and 35 more)"
    )


def test_random_cases_must_depend_on_the_seed(regularization: Assignment) -> None:
    broken = dataclasses.replace(
        regularization, cases=lambda seed, reference: regularization.cases(1, reference)
    )

    assert failure(OTHER_SEEDS, broken) == (
        f"{CASES}: 32 of 32 hidden cases ignore the seed, such as 'network 1' of {FUNCTIONS[0]}"
    )
    assert claim(EQUAL_SEEDS, broken).holds


def test_public_cases_must_not_depend_on_the_seed(regularization: Assignment) -> None:
    def cases(seed: int, reference: ModuleType) -> Sequence[TestCase]:
        return [
            dataclasses.replace(case, args=(seed, *case.args))
            for case in regularization.cases(seed, reference)
        ]

    broken = dataclasses.replace(regularization, cases=cases)

    assert failure(OTHER_SEEDS, broken) == (
        f"{CASES}: 'the published example' of {FUNCTIONS[0]} is public, but differs with seed "
        f"{regularization.seed + 1} (and 3 more)"
    )


def test_the_number_of_cases_may_depend_on_the_seed(regularization: Assignment) -> None:
    def cases(seed: int, reference: ModuleType) -> Sequence[TestCase]:
        every_case = regularization.cases(seed, reference)
        return every_case[:-1] if seed % 2 else every_case

    assert claim(OTHER_SEEDS, dataclasses.replace(regularization, cases=cases)).holds


# ------------------------------------------------------------------ published values


# ------------------------------------------------------------------ reference and template


def test_without_a_sandbox_the_claim_has_the_reason(
    monkeypatch: pytest.MonkeyPatch, regularization: Assignment
) -> None:
    def consult(*_: object, **__: object) -> None:
        raise BoxError("There is no box.")

    monkeypatch.setattr(oracle, "consult", consult)

    assert failure(PUBLISHED, regularization) == "There is no box."
