"""Mistakes that are not caught or not named, and right answers that do not pass, are told."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from grader import assignments, sandbox
from grader.assignments import oracle
from grader.errors import BoxError
from grader.model import Assignment, Raised, Returned, TestCase, Tier
from grader.model.proofs import Proof
from grader.verify import mistakes as catching
from tests.support.diagnosing import COST

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
def any_tier() -> Tier:
    try:
        sandbox.prove()
    except BoxError:
        return Tier.NONE
    return Tier.FULL


@pytest.fixture
def with_mistake(tmp_path: Path) -> Iterator[Callable[[float, float], Assignment]]:
    """Return what makes an assignment with one known mistake, and one other right answer."""

    def make(by: float, right: float) -> Assignment:
        path = tmp_path / f"{COST}.py"
        path.write_text(MISTAKES.format(by=by, right=right), "utf-8")
        loaded = assignments.load("regularization")
        assert loaded.files is not None
        own = {COST: path}
        files = dataclasses.replace(loaded.files, misconceptions=own, equivalents=own)
        return dataclasses.replace(loaded, files=files)

    oracle._mistaken.cache_clear()
    yield make
    oracle._mistaken.cache_clear()


def test_a_mistake_that_is_hardly_off_is_told(
    with_mistake: Callable[[float, float], Assignment], any_tier: Tier
) -> None:
    proof = catching.mistakes_are_caught(with_mistake(1e-5, 0.0), any_tier)

    assert (proof.holds, proof.detail) == (False, f"not {COST} l2_odd")


def test_a_mistake_that_is_not_named_is_told(
    with_mistake: Callable[[float, float], Assignment], any_tier: Tier
) -> None:
    proof = catching.mistakes_are_named(with_mistake(1.0, 0.0), any_tier)

    assert (proof.holds, proof.detail) == (False, f"not {COST} l2_odd (unexplained)")


def test_a_right_answer_that_does_not_pass_is_told(
    with_mistake: Callable[[float, float], Assignment], any_tier: Tier
) -> None:
    proof = catching.right_answers_pass(with_mistake(1.0, 0.5), any_tier)

    assert (proof.holds, proof.detail) == (False, f"not {COST} 0")
    assert catching.right_answers_pass(with_mistake(1.0, 1e-15), any_tier).holds


def test_without_pairs_nothing_is_asked_of_them(
    with_mistake: Callable[[float, float], Assignment], any_tier: Tier
) -> None:
    assert catching.pairs_are_named(with_mistake(1.0, 0.0), any_tier).holds


# ------------------------------------------------------------------ pairs

PARTS = """
import numpy as np

def answer(*mistakes):
    made = {"entropy": 1.0, "penalty": 1.0}
    for mistake in mistakes:
        mistake(made)
    return lambda *arguments: _cost(*arguments, **made)

def _cost(A3, Y, parameters, lambd, entropy, penalty):
    right = -np.sum(Y * np.log(A3) + (1 - Y) * np.log(1 - A3)) / Y.shape[1]
    squares = sum(np.sum(parameters[name] ** 2) for name in ("W1", "W2", "W3"))
    return entropy * right + penalty * lambd / (2 * Y.shape[1]) * squares

def _more(made, entropy, penalty):
    made["entropy"] += entropy
    made["penalty"] += penalty
"""
MISTAKE = """
def {name}(answer):
    "It is odd{{line}}."
    _more(answer, {entropy}, {penalty})
"""


@pytest.fixture
def pairs(tmp_path: Path, any_tier: Tier) -> Iterator[Callable[..., Proof]]:
    """Return what proves pairs of mistakes of a cost: by how much each adds to its two parts."""

    def prove(**mistakes: tuple[float, float]) -> Proof:
        path = tmp_path / f"{COST}.py"
        made = (MISTAKE.format(name=n, entropy=e, penalty=p) for n, (e, p) in mistakes.items())
        path.write_text(PARTS + "".join(made), "utf-8")
        loaded = assignments.load("regularization")
        assert loaded.files is not None
        files = dataclasses.replace(loaded.files, misconceptions={COST: path})
        return catching.pairs_are_named(dataclasses.replace(loaded, files=files), any_tier)

    oracle._mistaken.cache_clear()
    yield prove
    oracle._mistaken.cache_clear()


def test_two_mistakes_that_are_both_named_are_counted(pairs: Callable[..., Proof]) -> None:
    proof = pairs(cross_entropy_doubled=(1.0, 0.0), l2_not_halved=(0.0, 1.0))

    assert (proof.holds, proof.detail) == (True, "1 pairs: 1 both named")


def test_a_pair_with_a_wrong_name_is_told_and_nothing_holds(pairs: Callable[..., Proof]) -> None:
    known = {f"l2_odd_{i}": (0.3 * i, 0.4 * i) for i in range(1, 4)}
    proof = pairs(l2_odd=(0.0, 0.3), l2_other=(0.0, 0.7), l2_not_halved=(0.0, 1.0), **known)

    assert not proof.holds
    assert f"; not {COST} l2_odd + l2_other (l2-not-halved)" in proof.detail
    assert "1 named otherwise" in proof.detail


def test_a_pair_of_which_no_name_is_told_is_told_and_nothing_holds(
    pairs: Callable[..., Proof],
) -> None:
    plain = {f"cross_entropy_doubled_{i}": (0.1 * i, 0.0) for i in range(1, 3)}
    proof = pairs(cross_entropy_doubled=(1.0, 0.0), **plain)

    assert not proof.holds
    assert "not explained" in proof.detail
    first = "cross_entropy_doubled + cross_entropy_doubled_1"
    assert f"; not {COST} {first} (unexplained)" in proof.detail


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


@pytest.fixture
def forgetful() -> Iterator[None]:
    """Let known mistakes be asked anew, before and after."""
    oracle._mistaken.cache_clear()
    yield
    oracle._mistaken.cache_clear()


@pytest.mark.usefixtures("forgetful")
def test_what_an_error_says_of_a_pair_counts_as_in_grading(tmp_path: Path, any_tier: Tier) -> None:
    path = tmp_path / f"{COST}.py"
    path.write_text(STOPPING, "utf-8")
    loaded = assignments.load("regularization")
    assert loaded.files is not None
    files = dataclasses.replace(loaded.files, misconceptions={COST: path})
    bench = next(catching._benches(dataclasses.replace(loaded, files=files), any_tier))

    seen = bench.known()["l2_broken"]

    assert seen.outcomes[0] == Raised("ValueError", str(raised(np.ones((2, 3)))), cell=1, line=14)
    assert bench.ids(seen) == ["raises-error"]


def raised(D: np.ndarray) -> ValueError:
    with pytest.raises(ValueError, match="core dimension") as error:
        D @ D
    return error.value


def test_a_pair_that_gives_the_values_of_another_may_go_by_its_names(
    pairs: Callable[..., Proof],
) -> None:
    proof = pairs(
        cross_entropy_doubled=(1.0, 0.0),
        l2_not_halved=(0.0, 1.0),
        l2_odd=(0.3, 0.4),
        l2_other=(0.7, 0.6),
    )

    assert "1 named as two others that give the same values" in proof.detail
    assert "l2_odd + l2_other" not in proof.detail


@pytest.mark.parametrize(
    ("named", "how"),
    [
        ({"a", "b"}, "both named"),
        ({"a"}, "one named"),
        ({"a", "c"}, "one named beside another"),
        ({"a", "b", "c"}, "one named beside another"),
        ({"c"}, "named otherwise"),
        ({"unexplained"}, "not explained"),
        ({"raises-error"}, "not explained"),
        ({"a", "raises-error"}, "one named"),
        (set(), "not explained"),
    ],
)
def test_a_name_that_was_not_made_is_a_wrong_one(named: set[str], how: str) -> None:
    assert catching._how_named({"a", "b"}, named) == how


def test_what_a_mistake_does_is_told_case_by_case(
    with_mistake: Callable[[float, float], Assignment], any_tier: Tier
) -> None:
    (matrix,) = catching.kills(with_mistake(1.0, 0.0), any_tier)
    (mistake,) = matrix.mistakes

    assert (matrix.function, mistake.name, mistake.id) == (COST, "l2_odd", "l2-odd")
    assert [column.public for column in matrix.columns] == [True] + [False] * 8
    assert [kill.checks for kill in mistake.kills] == [(0,)] + [(1,)] * 8
    assert (mistake.named, mistake.right) == (("unexplained",), False)
    assert sorted(mistake.checks) == [0, 1]
    assert mistake.margin == max(kill.tolerances for kill in mistake.kills[1:])
    assert mistake.nearest == min(mistake.kills, key=lambda kill: kill.tolerances)


def test_what_is_within_the_tolerance_is_caught_nowhere(
    with_mistake: Callable[[float, float], Assignment], any_tier: Tier
) -> None:
    (matrix,) = catching.kills(with_mistake(1e-13, 0.0), any_tier)
    (mistake,) = matrix.mistakes

    assert (mistake.caught, mistake.nearest, len(mistake.checks)) == (False, None, 0)
    assert all(kill.tolerances < 1 for kill in mistake.kills)


@pytest.mark.parametrize(
    ("got", "word"),
    [
        (Returned(np.nan), "not finite"),
        (Returned(np.zeros(3)), "structure"),
        (Returned({}), "structure"),
        (Raised("ValueError", ""), "error"),
    ],
)
def test_what_is_off_by_no_number_is_told_by_a_word(got: Returned | Raised, word: str) -> None:
    function = next(f for f in assignments.load("regularization").functions if f.name == COST)
    case = TestCase("network 1", COST, (), "")

    kill = catching._kill(function, case, Returned(1.0), got)

    assert (kill.checks, kill.tolerances, kill.word) == ((1,), np.inf, word)
