"""`verify` fails for an assignment whose reference, template or published values are broken."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from grader import verify
from grader.assignments import oracle
from grader.errors import AuthorError
from grader.model import Assignment, TestCase, Tier
from grader.verify.claims import as_notebook
from tests.submissions import FUNCTIONS, load
from tests.support.broken_assignments import PUBLISHED, claim, failure, with_cases

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


@pytest.mark.parametrize(
    ("figure", "sentence"),
    [
        (1.78648595, ""),
        (
            1.7864861,
            (
                "is 1.7864861, the reference gives 1.7864859451590758: the figure has 7 decimals and is "
                "compared to 7"
            ),
        ),
        (
            1.79,
            "is 1.79, the reference gives 1.7864859451590758: they may differ by 1e-09 of the value",
        ),
        (
            1.786485945159076 + 1e-8,
            (
                "is 1.786485955159076, the reference gives 1.7864859451590758: they may differ by 1e-09 of "
                "the value"
            ),
        ),
        ((1.0, 2.0), "is not numeric, the reference gives a number"),
    ],
)
def test_the_reference_must_reproduce_published_values(
    regularization: Assignment, any_tier: Tier, figure: Any, sentence: str
) -> None:
    """Rounded figures are compared to the decimals that they have."""

    def change(case: TestCase) -> TestCase:
        wrong = (
            {"cost": figure} if case.function == FUNCTIONS[0] and case.public else case.published
        )
        return dataclasses.replace(case, published=wrong)

    broken = with_cases(regularization, change)

    rest = sentence and f"testcases/regularization.py: cost of {FUNCTIONS[0]} {sentence}"
    assert claim(PUBLISHED, broken, any_tier).detail == rest or not sentence
    assert claim(PUBLISHED, broken, any_tier).holds == (not sentence)


def test_a_published_quantity_must_be_returned(regularization: Assignment, any_tier: Tier) -> None:
    def change(case: TestCase) -> TestCase:
        first = case.function == FUNCTIONS[0] and case.public
        return dataclasses.replace(case, published={"csot": 1.0} if first else case.published)

    broken = with_cases(regularization, change)

    assert failure(PUBLISHED, broken, any_tier) == (
        f"testcases/regularization.py: csot of {FUNCTIONS[0]} is published, but the reference does not "
        "return it"
    )


def test_there_must_be_published_values(regularization: Assignment, any_tier: Tier) -> None:
    broken = with_cases(regularization, lambda case: dataclasses.replace(case, published=None))

    assert failure(PUBLISHED, broken, any_tier) == (
        "testcases/regularization.py: no public test case has published values"
    )


def test_a_reference_that_raises_is_one_sentence(
    regularization: Assignment, any_tier: Tier, tmp_path: Path
) -> None:
    source = regularization.files.reference.read_text("utf-8")
    reference = tmp_path / "regularization.py"
    reference.write_text(f"{source}\n\ndef {FUNCTIONS[3]}(*_):\n    raise ValueError\n", "utf-8")
    broken = with_files(regularization, reference=reference)
    with pytest.raises(AuthorError) as error:
        verify.verify(broken, tier=any_tier)

    assert str(error.value) == (
        f"regularization.py, line {len(source.splitlines()) + 4}: {FUNCTIONS[3]} raised ValueError () in "
        "the test case 'the published example' (layers 3-2-3-1, m = 5, keep_prob = 0.8)."
    )


@pytest.mark.parametrize(
    ("solved", "detail"),
    [
        (
            True,
            f"Regularization.ipynb: {FUNCTIONS[0]} is passed with 25 points. 100 of 100: passed",
        ),
        (
            False,
            f"Regularization.ipynb: {FUNCTIONS[0]} is missing with 0 points. 0 of 100: {OTHER_NOTEBOOK}",
        ),
    ],
)
def test_the_template_must_be_unsolved_and_complete(
    regularization: Assignment, any_tier: Tier, tmp_path: Path, *, solved: bool, detail: str
) -> None:
    """A solved template earns points, and one without the functions has nothing to fill in."""
    template = tmp_path / "Regularization.ipynb"
    template.write_bytes(load()[0].data if solved else as_notebook("x = 1\n"))
    broken = with_files(regularization, template=template)

    assert failure(TEMPLATE, broken, any_tier) == detail
