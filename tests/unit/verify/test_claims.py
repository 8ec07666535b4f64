"""Each claim of `grader verify` about an assignment: it fails for an assignment that breaks it."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from grader import assignments
from grader.assignments import oracle
from grader.errors import BoxError
from grader.model import Assignment, Check, TestCase, Tier
from grader.model.proofs import Claim
from grader.verify import examine
from grader.verify.claims import Subject, as_notebook
from tests.submissions import FUNCTIONS, load


@pytest.fixture(scope="module")
def regularization() -> Assignment:
    return assignments.load("regularization")


@pytest.fixture(autouse=True, scope="module")
def clean_oracle() -> Iterator[None]:
    """Remove the expectations of broken assignments from the cache."""
    yield
    oracle._consult.cache_clear()


EQUAL_SEEDS = "equal seeds give equal cases"
OTHER_SEEDS = "another seed gives other random cases"
PUBLISHED = "the reference reproduces the published values"
REFERENCE = "the reference earns all points"
TEMPLATE = "the unchanged template earns 0 points, and no function counts as attempted"


def claim(name: str, assignment: Assignment, tier: Tier = Tier.NONE) -> Claim:
    return examine(name, Subject(assignment, tier))


def failure(name: str, assignment: Assignment, tier: Tier = Tier.NONE) -> str:
    """Return the detail of a claim that must not hold."""
    examined = claim(name, assignment, tier)
    assert examined.name == name and not examined.holds
    return examined.detail


def with_cases(sound: Assignment, change: Callable[[TestCase], TestCase]) -> Assignment:
    """Return the assignment with every case changed."""

    def cases(seed: int, reference: ModuleType) -> list[TestCase]:
        return [change(case) for case in sound.cases(seed, reference)]

    return dataclasses.replace(sound, cases=cases)


def with_checks(sound: Assignment, change: Callable[[Check], Check]) -> Assignment:
    """Return the assignment with every check changed."""
    functions = tuple(
        dataclasses.replace(function, checks=tuple(map(change, function.checks)))
        for function in sound.functions
    )
    return dataclasses.replace(sound, functions=functions)


def with_files(sound: Assignment, **files: Any) -> Assignment:
    return dataclasses.replace(sound, files=dataclasses.replace(sound.files, **files))


# ------------------------------------------------------------------ points


@pytest.mark.parametrize(("factor", "total"), [(2, "200"), (0.5, "50")])
def test_points_must_add_up(regularization: Assignment, factor: float, total: str) -> None:
    broken = with_checks(
        regularization, lambda check: dataclasses.replace(check, points=factor * check.points)
    )

    assert failure("the points add up to 100", broken) == total


def test_public_examples_must_earn_less_than_half(regularization: Assignment) -> None:
    points = {"fixed": 12.5, "random": 12.5}
    first = regularization.functions[0]
    checks = tuple(dataclasses.replace(c, points=points[c.group]) for c in first.checks)
    half = dataclasses.replace(first, checks=checks)
    broken = dataclasses.replace(regularization, functions=(half, *regularization.functions[1:]))

    name = "published examples earn less than half of the points"
    assert failure(name, broken) == "at most 50%"


# ------------------------------------------------------------------ cases


def test_cases_must_follow_from_the_seed(regularization: Assignment) -> None:
    numbers = itertools.count()
    broken = with_cases(
        regularization, lambda case: dataclasses.replace(case, args=(next(numbers),))
    )

    assert not claim(EQUAL_SEEDS, broken).holds


def test_random_cases_must_depend_on_the_seed(regularization: Assignment) -> None:
    broken = dataclasses.replace(
        regularization, cases=lambda seed, reference: regularization.cases(1, reference)
    )

    assert failure(OTHER_SEEDS, broken) == "36 public cases stay the same"
    assert claim(EQUAL_SEEDS, broken).holds


def test_public_cases_must_not_depend_on_the_seed(regularization: Assignment) -> None:
    def cases(seed: int, reference: ModuleType) -> Sequence[TestCase]:
        return [
            dataclasses.replace(case, args=(seed, *case.args))
            for case in regularization.cases(seed, reference)
        ]

    broken = dataclasses.replace(regularization, cases=cases)

    assert failure(OTHER_SEEDS, broken) == "0 public cases stay the same"


def test_the_number_of_cases_may_depend_on_the_seed(regularization: Assignment) -> None:
    def cases(seed: int, reference: ModuleType) -> Sequence[TestCase]:
        every_case = regularization.cases(seed, reference)
        return every_case[:-1] if seed % 2 else every_case

    assert claim(OTHER_SEEDS, dataclasses.replace(regularization, cases=cases)).holds


# ------------------------------------------------------------------ published values


def test_the_reference_must_reproduce_published_values(
    regularization: Assignment, any_tier: Tier
) -> None:
    def change(case: TestCase) -> TestCase:
        wrong = {"cost": 1.0} if case.function == FUNCTIONS[0] and case.public else case.figures
        return dataclasses.replace(case, figures=wrong)

    broken = with_cases(regularization, change)

    assert failure(PUBLISHED, broken, any_tier) == f"failed: {FUNCTIONS[0]} cost"


def test_there_must_be_published_values(regularization: Assignment, any_tier: Tier) -> None:
    broken = with_cases(regularization, lambda case: dataclasses.replace(case, figures=None))

    assert failure(PUBLISHED, broken, any_tier) == "0 published values"


def test_the_reference_must_return_every_quantity(regularization: Assignment) -> None:
    broken = with_checks(
        regularization, lambda check: dataclasses.replace(check, quantities=("csot",))
    )

    detail = failure("the reference returns every quantity that a check uses", broken)
    assert detail.startswith("failed: backward_propagation_with_dropout csot, ")


# ------------------------------------------------------------------ reference and template


def test_a_reference_that_raises_fails_three_claims(
    regularization: Assignment, any_tier: Tier, tmp_path: Path
) -> None:
    source = regularization.files.reference.read_text("utf-8")
    reference = tmp_path / "regularization.py"
    reference.write_text(f"{source}\n\ndef {FUNCTIONS[3]}(*_):\n    raise ValueError\n", "utf-8")
    broken = with_files(regularization, reference=reference)
    message = f"The reference of {FUNCTIONS[3]} returned a value for only 0 of 9 cases (finished)."

    assert failure(PUBLISHED, broken, any_tier) == message
    assert failure(REFERENCE, broken, any_tier) == f"no score of 100: {message}"
    assert failure(TEMPLATE, broken, any_tier) == f"no score of 100: {message}"


def test_a_check_without_a_case_is_never_passed(regularization: Assignment, any_tier: Tier) -> None:
    broken = with_checks(
        regularization,
        lambda check: dataclasses.replace(check, group="hidden") if check.points == 20 else check,
    )

    assert failure(REFERENCE, broken, any_tier) == "80 of 100: partial, passed"


@pytest.mark.parametrize(
    ("solved", "detail"), [(True, "100 of 100: passed"), (False, "0 of 100: missing")]
)
def test_the_template_must_be_unsolved_and_complete(
    regularization: Assignment, any_tier: Tier, tmp_path: Path, *, solved: bool, detail: str
) -> None:
    """A solved template earns points, and one without the functions has nothing to fill in."""
    template = tmp_path / "Regularization.ipynb"
    template.write_bytes(load()[0].data if solved else as_notebook("x = 1\n"))
    broken = with_files(regularization, template=template)

    assert failure(TEMPLATE, broken, any_tier) == detail


def test_without_a_sandbox_the_claim_has_the_reason(
    monkeypatch: pytest.MonkeyPatch, regularization: Assignment
) -> None:
    def consult(*_: object, **__: object) -> None:
        raise BoxError("There is no box.")

    monkeypatch.setattr(oracle, "consult", consult)

    assert failure(PUBLISHED, regularization) == "There is no box."
