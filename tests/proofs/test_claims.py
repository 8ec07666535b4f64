"""`verify` fails for an assignment whose reference, template or published values are broken."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from grader.assignments import oracle
from grader.model import Assignment, TestCase, Tier
from grader.verify.claims import as_notebook
from tests.submissions import FUNCTIONS, load
from tests.support.broken_assignments import PUBLISHED, failure, with_cases, with_checks

OTHER_NOTEBOOK = (
    "This notebook defines none of the graded functions. Is it the notebook of Regularization? "
    "Submit the notebook of this assignment."
)


@pytest.fixture(autouse=True, scope="module")
def clean_oracle() -> Iterator[None]:
    """Remove the expectations of broken assignments from the cache."""
    yield
    oracle._consult.cache_clear()


REFERENCE = "the reference earns all points"


TEMPLATE = "the unchanged template earns 0 points, and no function counts as attempted"


def with_files(sound: Assignment, **files: Any) -> Assignment:
    return dataclasses.replace(sound, files=dataclasses.replace(sound.files, **files))


def test_the_reference_must_reproduce_published_values(
    regularization: Assignment, any_tier: Tier
) -> None:
    def change(case: TestCase) -> TestCase:
        wrong = {"cost": 1.0} if case.function == FUNCTIONS[0] and case.public else case.published
        return dataclasses.replace(case, published=wrong)

    broken = with_cases(regularization, change)

    assert failure(PUBLISHED, broken, any_tier) == f"failed: {FUNCTIONS[0]} cost"


def test_there_must_be_published_values(regularization: Assignment, any_tier: Tier) -> None:
    broken = with_cases(regularization, lambda case: dataclasses.replace(case, published=None))

    assert failure(PUBLISHED, broken, any_tier) == "0 published values"


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
    ("solved", "detail"),
    [(True, "100 of 100: passed"), (False, f"0 of 100: {OTHER_NOTEBOOK}")],
)
def test_the_template_must_be_unsolved_and_complete(
    regularization: Assignment, any_tier: Tier, tmp_path: Path, *, solved: bool, detail: str
) -> None:
    """A solved template earns points, and one without the functions has nothing to fill in."""
    template = tmp_path / "Regularization.ipynb"
    template.write_bytes(load()[0].data if solved else as_notebook("x = 1\n"))
    broken = with_files(regularization, template=template)

    assert failure(TEMPLATE, broken, any_tier) == detail
