"""Mutants of a reference run in the box: which survive, and how each is reported."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from grader.assignments import oracle
from grader.errors import AssignmentError
from grader.judging.compare import scalar
from grader.model import Assignment, AssignmentFiles, Check, Function, Limits, TestCase, Tier
from grader.model.proofs import Claim
from grader.verify import examine, mutants
from grader.verify.claims import Evidence, Subject, mutants_are_caught
from tests.submissions.corpus import Cell, notebook

SQUARE = "def graded(x):\n    return x * x\n"


SURVIVOR = "graded: `x * x` becomes `x + x`"


HALVED = """
def graded(n):
    while n > 9:
        n = n // 2
    return n
"""


CLAIM = "mutants of the reference are caught"


MakeAssignment = Callable[..., Assignment]


@pytest.fixture
def make_assignment(tmp_path: Path) -> Iterator[MakeAssignment]:
    """Return a function that makes an assignment with one graded function and one case an argument.

    `listed` are its equivalent mutants; seeds other than its own have one case, `later`.
    """

    def make(source: str, *arguments: float, listed: Any = None, later: float = 2) -> Assignment:
        reference, template = tmp_path / "toy.py", tmp_path / "toy.ipynb"
        reference.write_text(source, "utf-8")
        template.write_bytes(notebook([Cell("def graded(x):\n    pass")]))
        path = tmp_path / "toy_mutants.json"
        path.write_text(json.dumps({"graded": listed or {}}), "utf-8")
        return Assignment(
            name="toy",
            title="Toy",
            functions=(Function("graded", ("x",), scalar("y"), _checks()),),
            cases=lambda seed, _: _cases(*(arguments if seed == 3 else (later,))),
            helpers=(),
            packages=("numpy",),
            seed=3,
            limits=Limits(function_seconds=1.0),
            files=AssignmentFiles(reference, reference, template, (), mutants=path),
        )

    oracle._consult.cache_clear()
    yield make
    oracle._consult.cache_clear()


def _checks() -> tuple[Check, ...]:
    return (Check("all", 100, "random", ("y",)),)


def _cases(*arguments: float) -> Sequence[TestCase]:
    return [TestCase(f"x = {x}", "graded", (x,), f"x = {x}") for x in arguments]


MakeEvidence = Callable[..., Evidence]


@pytest.fixture
def evidence(make_assignment: MakeAssignment, any_tier: Tier) -> MakeEvidence:
    """Return a function that makes an assignment and examines its mutants."""
    return lambda *arguments, **options: mutants_are_caught(
        Subject(make_assignment(*arguments, **options), any_tier)
    )


def test_a_survivor_is_reported_by_name(evidence: MakeEvidence) -> None:
    assert evidence(SQUARE, 2) == (False, f"toy.py, line 1: no case of graded catches {SURVIVOR}")


def test_a_case_that_catches_the_survivor(evidence: MakeEvidence) -> None:
    assert evidence(SQUARE, 2, 3) == (True, "5 mutants, 5 caught, 0 equivalent")


def test_a_survivor_that_is_listed_with_a_reason(evidence: MakeEvidence) -> None:
    listed = {"Twice two is two and two.": [SURVIVOR]}

    assert evidence(SQUARE, 2, listed=listed) == (True, "5 mutants, 4 caught, 1 equivalent")


def test_an_equivalent_mutant_needs_a_reason(evidence: MakeEvidence) -> None:
    expected = f"toy.py, line 1: no case of graded catches {SURVIVOR}"

    assert evidence(SQUARE, 2, listed={" ": [SURVIVOR]}) == (False, expected)


def test_cases_of_further_seeds_refute_equivalence(evidence: MakeEvidence) -> None:
    listed = {"It is believed.": [SURVIVOR]}

    assert evidence(SQUARE, 2, listed=listed, later=2 + 1e-10) == (
        False,
        f"toy_mutants.json, line 1: listed as equivalent in graded, but gives other values: {SURVIVOR}",
    )


def test_entries_that_are_out_of_date(evidence: MakeEvidence) -> None:
    missing, caught = "graded: `y` becomes `x`", "graded: `x * x` becomes `x - x`"
    outdated = "toy_mutants.json, line 1: listed as equivalent in graded, but is caught or does not exist: "

    assert evidence(SQUARE, 2, 3, listed={"It is believed.": [missing, caught]}) == (
        False,
        f"{outdated}{missing} (and 1 more)",
    )


def test_entries_for_a_function_that_is_not_graded(
    make_assignment: MakeAssignment, any_tier: Tier
) -> None:
    sound = make_assignment(SQUARE, 2, 3)
    assert sound.files.mutants is not None
    sound.files.mutants.write_text(json.dumps({"other": {"It is.": [SURVIVOR]}}), "utf-8")

    assert mutants_are_caught(Subject(sound, any_tier)) == (
        False,
        (
            "toy_mutants.json, line 1: listed as equivalent in other, but is caught or does not exist: "
            f"{SURVIVOR}"
        ),
    )


def _survivors(assignment: Assignment, tier: Tier) -> mutants.Survivors:
    (function,) = assignment.functions
    values = mutants.observe(assignment, function, tier=tier)
    return mutants.find_survivors(assignment, function, values, tier=tier)


def test_a_mutant_that_hangs_is_caught(
    make_assignment: MakeAssignment, any_tier: Tier, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The mutants of the same program are run alone."""
    monkeypatch.setattr(mutants, "_SECONDS_ALONE", 0.6)
    assignment = make_assignment(HALVED, 20)

    survivors = _survivors(assignment, any_tier)

    assert survivors.names == ("graded: `n > 9` becomes `n >= 9`",)
    assert survivors.mutants > 12


def test_a_mutant_that_exits_is_caught(make_assignment: MakeAssignment, any_tier: Tier) -> None:
    """The mutants of the same program are run alone."""
    source = "def graded(x):\n    if x < 0:\n        raise SystemExit\n    return x * x\n"
    assignment = make_assignment(source, 2)

    survivors = _survivors(assignment, any_tier)

    assert SURVIVOR in survivors.names
    assert "graded: `x < 0` becomes `x > 0`" not in survivors.names


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (
            "def graded(x):\n    return x if '_mutant' not in globals() else -x\n",
            "The unchanged reference of graded gives other values when it runs among its mutants.",
        ),
        (
            "graded = abs\n",
            "The reference does not define graded at the top level of the file.",
        ),
    ],
)
def test_an_unsound_reference_fails_the_claim(
    make_assignment: MakeAssignment, any_tier: Tier, source: str, message: str
) -> None:
    subject = Subject(make_assignment(source, 2), any_tier)

    with pytest.raises(AssignmentError) as error:
        mutants_are_caught(subject)

    assert str(error.value) == message
    assert examine(CLAIM, subject) == Claim(CLAIM, False, message)
