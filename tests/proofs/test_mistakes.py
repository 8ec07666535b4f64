"""`verify` reports known mistakes that are not caught or not named."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from grader import assignments
from grader.assignments import oracle
from grader.model import Raised, Tier
from grader.verify import claims, mistakes
from grader.verify.claims import Evidence, Subject
from tests.support.diagnosing import COST


@pytest.fixture(autouse=True)
def clean_oracle() -> Iterator[None]:
    """Clear the observations of known mistakes: assignments that differ in them only are equal."""
    oracle._mistake_observations.cache_clear()
    yield
    oracle._mistake_observations.cache_clear()


MISTAKES = """
import numpy as np

RIGHT = {right!r}

def answer(*mistakes):
    change = {{"by": 0.0}}
    for mistake in mistakes:
        mistake(change)
    return lambda A3, Y, parameters, lambd: _cost(A3, Y, parameters, lambd) + change["by"]

def _cost(A3, Y, parameters, lambd):
    entropy = -np.sum(Y * np.log(A3) + (1 - Y) * np.log(1 - A3)) / Y.shape[1]
    squares = sum(np.sum(parameters[name] ** 2) for name in ("W1", "W2", "W3"))
    return entropy + lambd / (2 * Y.shape[1]) * squares

def l2_odd(answer):
    "It is odd{{line}}."
    answer["by"] += {by}

VARIANTS = (lambda *arguments: _cost(*arguments) + {right},)
"""


MakeSubject = Callable[[str], Subject]


WithMistake = Callable[[float, float], Subject]


@pytest.fixture
def subject_of(tmp_path: Path, any_tier: Tier) -> MakeSubject:
    """Return a function that makes a subject with this source of known mistakes."""

    def make(source: str) -> Subject:
        path = tmp_path / f"{COST}.py"
        path.write_text(source, "utf-8")
        loaded = assignments.load("regularization")
        by_function = {COST: path}
        files = dataclasses.replace(loaded.files, mistakes=by_function, equivalents=by_function)
        return Subject(dataclasses.replace(loaded, files=files), any_tier)

    return make


@pytest.fixture
def with_mistake(subject_of: MakeSubject) -> WithMistake:
    """Return a function that makes a subject with one known mistake and one right solution."""
    return lambda by, right: subject_of(MISTAKES.format(by=by, right=right))


def test_a_mistake_with_a_small_margin(with_mistake: WithMistake) -> None:
    evidence = claims.mistakes_are_caught(with_mistake(1e-5, 0.0))

    assert evidence[:2] == (
        False,
        (
            f"{COST}.py, line 17: no hidden case shows l2_odd clearly: its largest error is 9.35 times the "
            "tolerance, 1000 times are required"
        ),
    )


def test_a_mistake_that_is_not_recognised(with_mistake: WithMistake) -> None:
    evidence = claims.mistakes_are_recognised(with_mistake(1.0, 0.0))

    assert evidence[:2] == (False, f"{COST}.py, line 17: l2_odd is recognised as unexplained")


def test_a_right_solution_that_does_not_pass(with_mistake: WithMistake) -> None:
    evidence = claims.right_solutions_pass(with_mistake(1.0, 0.5))

    assert re.fullmatch(
        rf"{COST}\.py, VARIANTS\[0\]: cost is 2\.28648594\d+ instead of 1\.78648594\d+ in the test case "
        "'the published example': the relative tolerance is 1e-0\\d, the absolute one 1e-\\d+",
        evidence.detail,
    )
    assert not evidence.holds
    assert claims.right_solutions_pass(with_mistake(1.0, 1e-15)).holds


def test_the_claim_holds_without_pairs(with_mistake: WithMistake) -> None:
    assert claims.pairs_are_recognised(with_mistake(1.0, 0.0)).holds


PARTS = """
import numpy as np

def answer(*mistakes):
    factors = {"entropy": 1.0, "penalty": 1.0}
    for mistake in mistakes:
        mistake(factors)
    return lambda *arguments: _cost(*arguments, **factors)

def _cost(A3, Y, parameters, lambd, entropy, penalty):
    right = -np.sum(Y * np.log(A3) + (1 - Y) * np.log(1 - A3)) / Y.shape[1]
    squares = sum(np.sum(parameters[name] ** 2) for name in ("W1", "W2", "W3"))
    return entropy * right + penalty * lambd / (2 * Y.shape[1]) * squares

def _more(factors, entropy, penalty):
    factors["entropy"] += entropy
    factors["penalty"] += penalty
"""


MISTAKE = """
def {name}(answer):
    "It is odd{{line}}."
    _more(answer, {entropy}, {penalty})
"""


@pytest.fixture
def pairs(subject_of: MakeSubject) -> Callable[..., Evidence]:
    """Return a function that examines pairs: each mistake adds to the two factors of a cost."""

    def examine(**factors: tuple[float, float]) -> Evidence:
        functions = (MISTAKE.format(name=n, entropy=e, penalty=p) for n, (e, p) in factors.items())
        return claims.pairs_are_recognised(subject_of(PARTS + "".join(functions)))

    return examine


def test_a_pair_with_both_recognised(pairs: Callable[..., Evidence]) -> None:
    evidence = pairs(cross_entropy_doubled=(1.0, 0.0), l2_not_halved=(0.0, 1.0))

    assert evidence[:2] == (True, "1 pair: 1 both recognised")


def test_a_pair_recognised_as_a_different_mistake(pairs: Callable[..., Evidence]) -> None:
    known = {f"l2_odd_{i}": (0.3 * i, 0.4 * i) for i in range(1, 4)}
    evidence = pairs(l2_odd=(0.0, 0.3), l2_other=(0.0, 0.7), l2_not_halved=(0.0, 1.0), **known)

    assert not evidence.holds
    sentence = "l2_odd and l2_other together are recognised as l2-not-halved"
    assert f"; {COST}.py, line 19: {sentence}" in evidence.detail
    assert "1 recognised as a different mistake" in evidence.detail


def test_a_pair_that_is_not_recognised(pairs: Callable[..., Evidence]) -> None:
    plain = {f"cross_entropy_doubled_{i}": (0.1 * i, 0.0) for i in range(1, 3)}
    evidence = pairs(cross_entropy_doubled=(1.0, 0.0), **plain)

    assert not evidence.holds
    assert "not recognised" in evidence.detail
    first = "cross_entropy_doubled and cross_entropy_doubled_1"
    assert (
        f"; {COST}.py, line 19: {first} together are recognised as unexplained" in evidence.detail
    )


STOPPING = """
import numpy as np

def answer(*mistakes):
    return lambda A3, Y, parameters, lambd: [mistake([]) for mistake in mistakes][-1]

def l2_odd(answer):
    "It is odd."
    return 4711.0

def l2_broken(answer):
    "It is broken."
    D = np.ones((2, 3))
    return D @ D
"""


def test_errors_are_diagnosed_as_in_grading(subject_of: MakeSubject) -> None:
    subject = subject_of(STOPPING)
    graded = next(mistakes.examined_functions(subject.assignment, subject.tier))

    actual = graded.mistake_observations()["l2_broken"]

    assert actual.outcomes[0] == Raised("ValueError", str(raised(np.ones((2, 3)))), cell=1, line=14)
    assert graded.ids(actual) == ("raises-error",)


def raised(D: np.ndarray) -> ValueError:
    with pytest.raises(ValueError, match="core dimension") as error:
        D @ D
    return error.value


def test_a_pair_may_have_the_names_of_an_equal_pair(pairs: Callable[..., Evidence]) -> None:
    evidence = pairs(
        cross_entropy_doubled=(1.0, 0.0),
        l2_not_halved=(0.0, 1.0),
        l2_odd=(0.3, 0.4),
        l2_other=(0.7, 0.6),
    )

    assert "1 recognised as another pair that gives the same values" in evidence.detail
    assert "l2_odd and l2_other" not in evidence.detail


def test_a_row_of_the_kill_matrix(with_mistake: WithMistake) -> None:
    (matrix,) = with_mistake(1.0, 0.0).kill_matrices
    (mistake,) = matrix.mistakes

    assert (matrix.function, mistake.name, mistake.id) == (COST, "l2_odd", "l2-odd")
    assert [case.public for case in matrix.cases] == [True] + [False] * 8
    assert [detection.failed_checks for detection in mistake.detections] == [(0,)] + [(1,)] * 8
    assert (mistake.recognised_as, mistake.recognised) == (("unexplained",), False)
    assert sorted(mistake.failed_checks) == [0, 1]
    assert mistake.margin == max(detection.error for detection in mistake.detections[1:])
    assert mistake.smallest == min(mistake.detections, key=lambda detection: detection.error)


def test_an_error_within_the_tolerance_is_not_caught(with_mistake: WithMistake) -> None:
    (matrix,) = with_mistake(1e-13, 0.0).kill_matrices
    (mistake,) = matrix.mistakes

    assert (mistake.caught, mistake.smallest, len(mistake.failed_checks)) == (False, None, 0)
    assert all(detection.error < 1 for detection in mistake.detections)
