"""Exceptions of hidden cases show no numbers of the inputs; those of public cases show everything."""

from __future__ import annotations

import pytest

from grader.grading.hidden_data import without_inputs
from grader.model import Observation, Raised, Returned, TestCase

PUBLIC = TestCase("example", "f", (1,), "x = 1", public=True)
HIDDEN = TestCase("network 1", "f", (2,), "x = 2")


def message(hidden: str, *, public: str | None = None) -> str:
    """Return the message of a hidden case, after one of a public case or a value of it."""
    first = Returned(1.0) if public is None else Raised("ValueError", public)
    observation = Observation((first, Raised("ValueError", hidden), Returned(1.0)))
    _, outcome, _ = without_inputs(observation, (PUBLIC, HIDDEN)).outcomes
    assert isinstance(outcome, Raised)
    return outcome.message


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("[[0.12 -3.5e-05]\n [1.0 2.]]", "[[... ...]\n [... ...]]"),
        ("0.8372164", "..."),
        ("keep_prob=.43", "keep_prob=..."),
        ("[1 0 1 1 0 0]", "[...]"),
        ("83721642137", "..."),
        ("1e-7", "..."),
        ("QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVo0NTY3ODk=", "..."),
    ],
)
def test_hidden_case_has_no_numbers_of_its_inputs(text: str, shown: str) -> None:
    assert message(text) == shown


@pytest.mark.parametrize(
    "text",
    [
        "shapes (3,5) and (2,5) not aligned: 5 (dim 1) != 2 (dim 0)",
        "operands could not be broadcast together with shapes (20,3) (3,20) ",
        "'numpy.float64' object is not callable",
        "name 'W4' is not defined",
        "not enough values to unpack (expected 14, got 12)",
    ],
)
def test_ordinary_errors_stay_as_they_are(text: str) -> None:
    assert message(text) == text


def test_same_message_as_in_a_public_case_stays() -> None:
    assert message("lambd should be 0.75", public="lambd should be 0.75") == "lambd should be 0.75"
    assert message("lambd is 0.75", public="lambd is 0.1") == "lambd is ..."
