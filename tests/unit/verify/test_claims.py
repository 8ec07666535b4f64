"""What an assignment must prove holds for ours, and fails for one that is broken in that very way."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from grader import assignments, verify
from grader.assignments import oracle
from grader.errors import BoxError
from grader.model import Assignment, Check, Function, TestCase, Tier
from grader.model.proofs import Proof
from tests.submissions import FUNCTIONS, load

Change = Callable[[Function], Function]


@pytest.fixture(scope="module")
def regularization() -> Assignment:
    return assignments.load("regularization")


@pytest.fixture(autouse=True, scope="module")
def forgotten() -> Iterator[None]:
    """Forget what the oracle learnt from broken assignments."""
    yield
    oracle._consult.cache_clear()


def proved(claim: Any, broken: Assignment, tier: Tier = Tier.NONE) -> Proof:
    return verify._proved(claim, broken, tier)


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
    assert sound.files is not None
    return dataclasses.replace(sound, files=dataclasses.replace(sound.files, **files))


# ------------------------------------------------------------------ points


@pytest.mark.parametrize(("factor", "told"), [(2, "200"), (0.5, "50")])
def test_points_that_do_not_add_up_are_told(
    regularization: Assignment, factor: float, told: str
) -> None:
    broken = with_checks(
        regularization, lambda check: dataclasses.replace(check, points=factor * check.points)
    )

    assert proved(verify._points_add_up, broken) == Proof("the points add up to 100", False, told)


def test_published_figures_that_earn_half_are_told(regularization: Assignment) -> None:
    points = {"fixed": 12.5, "random": 12.5}
    first = regularization.functions[0]
    checks = tuple(dataclasses.replace(c, points=points[c.group]) for c in first.checks)
    half = dataclasses.replace(first, checks=checks)
    broken = dataclasses.replace(regularization, functions=(half, *regularization.functions[1:]))

    proof = proved(verify._fixed_is_a_minority, broken)

    assert (proof.holds, proof.detail) == (False, "at most 50%")


# ------------------------------------------------------------------ cases


def test_cases_that_do_not_follow_from_the_seed_are_told(regularization: Assignment) -> None:
    numbers = itertools.count()
    broken = with_cases(
        regularization, lambda case: dataclasses.replace(case, args=(next(numbers),))
    )

    proof = proved(verify._equal_seeds_equal_cases, broken)

    assert (proof.name, proof.holds) == ("equal seeds give equal cases", False)


def test_cases_that_are_the_same_for_every_seed_are_told(regularization: Assignment) -> None:
    broken = dataclasses.replace(
        regularization, cases=lambda seed, reference: regularization.cases(1, reference)
    )

    proof = proved(verify._other_seeds_other_cases, broken)

    assert (proof.holds, proof.detail) == (False, "36 public ones stay")
    assert proved(verify._equal_seeds_equal_cases, broken).holds


def test_public_cases_that_change_with_the_seed_are_told(regularization: Assignment) -> None:
    def cases(seed: int, reference: ModuleType) -> Sequence[TestCase]:
        made = regularization.cases(seed, reference)
        return [dataclasses.replace(case, args=(seed, *case.args)) for case in made]

    proof = proved(
        verify._other_seeds_other_cases, dataclasses.replace(regularization, cases=cases)
    )

    assert (proof.holds, proof.detail) == (False, "0 public ones stay")


def test_a_number_of_cases_that_changes_with_the_seed_is_no_mistake(
    regularization: Assignment,
) -> None:
    def cases(seed: int, reference: ModuleType) -> Sequence[TestCase]:
        made = regularization.cases(seed, reference)
        return made[:-1] if seed % 2 else made

    changing = dataclasses.replace(regularization, cases=cases)

    assert proved(verify._other_seeds_other_cases, changing).holds


# ------------------------------------------------------------------ figures


def test_a_published_figure_that_is_not_reached_is_told(
    regularization: Assignment, any_tier: Tier
) -> None:
    def change(case: TestCase) -> TestCase:
        wrong = {"cost": 1.0} if case.function == FUNCTIONS[0] and case.public else case.figures
        return dataclasses.replace(case, figures=wrong)

    proof = proved(verify._figures_hold, with_cases(regularization, change), any_tier)

    assert (proof.holds, proof.detail) == (False, f"not {FUNCTIONS[0]} cost")


def test_an_assignment_without_published_figures_proves_nothing(
    regularization: Assignment, any_tier: Tier
) -> None:
    broken = with_cases(regularization, lambda case: dataclasses.replace(case, figures=None))

    proof = proved(verify._figures_hold, broken, any_tier)

    assert (proof.holds, proof.detail) == (False, "0 figures")


# ------------------------------------------------------------------ reference and template


def spoilt(regularization: Assignment, folder: Path) -> Assignment:
    """Return the assignment with a reference of which the last function stops."""
    assert regularization.files is not None
    source = regularization.files.reference.read_text("utf-8")
    reference = folder / "regularization.py"
    reference.write_text(f"{source}\n\ndef {FUNCTIONS[3]}(*_):\n    raise ValueError\n", "utf-8")
    return with_files(regularization, reference=reference)


def test_a_reference_that_stops_is_told_by_every_proof_that_asks_it(
    regularization: Assignment, any_tier: Tier, tmp_path: Path
) -> None:
    broken = spoilt(regularization, tmp_path)
    message = f"The reference of {FUNCTIONS[3]} answered 0 of 9 cases (finished)."

    figures = proved(verify._figures_hold, broken, any_tier)
    full = proved(verify._reference_is_full, broken, any_tier)
    zero = proved(verify._template_is_zero, broken, any_tier)

    assert not figures.holds
    assert figures.name == "The reference reproduces the published figures"
    assert figures.detail == message
    assert (full.holds, full.detail) == (False, f"no score of 100: {message}")
    assert (zero.holds, zero.detail) == (False, f"no score of 100: {message}")


def test_a_check_that_no_case_belongs_to_is_told(
    regularization: Assignment, any_tier: Tier
) -> None:
    broken = with_checks(
        regularization,
        lambda check: dataclasses.replace(check, group="hidden") if check.points == 20 else check,
    )

    proof = proved(verify._reference_is_full, broken, any_tier)

    assert (proof.holds, proof.detail) == (False, "80 of 100: partial, passed")


def test_a_template_that_is_solved_is_told(
    regularization: Assignment, any_tier: Tier, tmp_path: Path
) -> None:
    template = tmp_path / "Regularization.ipynb"
    template.write_bytes(load()[0].data)

    proof = proved(
        verify._template_is_zero, with_files(regularization, template=template), any_tier
    )

    assert (proof.holds, proof.detail) == (False, "100 of 100: passed")


def test_a_template_without_the_functions_is_told(
    regularization: Assignment, any_tier: Tier, tmp_path: Path
) -> None:
    template = tmp_path / "Regularization.ipynb"
    template.write_bytes(verify._as_notebook("x = 1\n"))

    proof = proved(
        verify._template_is_zero, with_files(regularization, template=template), any_tier
    )

    assert (proof.holds, proof.detail) == (False, "0 of 100: missing")


def test_a_box_that_cannot_be_had_fails_the_proof_with_its_reason(
    monkeypatch: pytest.MonkeyPatch, regularization: Assignment
) -> None:
    def fails(*_: object, **__: object) -> None:
        raise BoxError("There is no box.")

    monkeypatch.setattr(oracle, "consult", fails)

    proof = proved(verify._figures_hold, regularization)

    assert proof == Proof(
        "The reference reproduces the published figures", False, "There is no box."
    )


def test_a_quantity_that_nobody_returns_is_told(regularization: Assignment) -> None:
    broken = with_checks(
        regularization, lambda check: dataclasses.replace(check, quantities=("csot",))
    )
    proof = proved(verify._quantities_exist, broken)

    assert not proof.holds
    assert proof.detail.startswith("not backward_propagation_with_dropout csot, ")
