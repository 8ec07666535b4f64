"""Mutants of a reference run in the box: which survive, and how each is reported."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from grader.assignments import oracle
from grader.errors import AssignmentError
from grader.judging.compare import scalar
from grader.model import (
    Assignment,
    AssignmentFiles,
    Check,
    Function,
    Limits,
    Returned,
    TestCase,
    Tier,
)
from grader.model.proofs import Claim
from grader.verify import examine, mutants
from grader.verify.claims import Evidence, Subject, mutants_are_caught
from tests.submissions.corpus import Cell, notebook

SQUARE = "def graded(x):\n    return x * x\n"


SURVIVOR = "graded: x * x becomes x + x"


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
    """The line is that of the change, and the name is a string for the list of equivalent mutants."""
    expected = f'toy.py, line 2: no case of graded catches "{SURVIVOR}"'

    assert evidence(SQUARE, 2) == (False, expected, (), True)


def test_every_survivor_is_listed(evidence: MakeEvidence) -> None:
    holds, detail, failures, _ = evidence(SQUARE, 0)

    assert (holds, len(failures)) == (False, 3)
    assert detail == f"{failures[0]} (and 2 more)"
    assert [line.split(" becomes ")[1] for line in failures] == ['x + x"', 'x - x"', 'x"']


def test_a_case_that_catches_the_survivor(evidence: MakeEvidence) -> None:
    assert evidence(SQUARE, 2, 3).detail == "5 mutants: 5 are caught, 0 are listed as equivalent"


@pytest.mark.parametrize("name", [SURVIVOR, "graded:  `x * x` becomes `x + x`"])
def test_a_survivor_that_is_listed_with_a_reason(evidence: MakeEvidence, name: str) -> None:
    """Backticks and further spaces make no difference."""
    listed = {"Twice two is two and two.": [name]}

    assert evidence(SQUARE, 2, listed=listed) == (
        True,
        "5 mutants: 4 are caught, 1 are listed as equivalent",
        (),
        True,
    )


def test_an_equivalent_mutant_needs_a_reason(evidence: MakeEvidence) -> None:
    expected = f'toy.py, line 2: no case of graded catches "{SURVIVOR}"'

    assert evidence(SQUARE, 2, listed={" ": [SURVIVOR]}).detail == expected


def test_cases_of_further_seeds_refute_equivalence(evidence: MakeEvidence) -> None:
    listed = {"It is believed.": [SURVIVOR]}

    assert evidence(SQUARE, 2, listed=listed, later=2 + 1e-10) == (
        False,
        (
            "toy_mutants.json, line 1: listed as equivalent in graded, but gives other values: "
            f'"{SURVIVOR}"'
        ),
        (),
        True,
    )


def test_entries_that_are_out_of_date(evidence: MakeEvidence) -> None:
    missing, typo, caught = "graded: 5", "graded: x*x becomes x", "graded: x * x becomes x - x"
    outdated = "toy_mutants.json, line 1: listed as equivalent in graded, but "

    assert evidence(SQUARE, 2, 3, listed={"It is believed.": [missing, typo, caught]}).failures == (
        f'{outdated}no mutant has this name: "{missing}"',
        (f'{outdated}no mutant has this name: "{typo}". Did you mean "graded: x * x becomes x"?'),
        f'{outdated}a case catches it: "{caught}"',
    )


@pytest.mark.parametrize(("columns", "holds"), [((2, 3), True), ((2, 2), False)])
def test_a_size_of_two_parameters_that_is_always_equal(
    make_assignment: MakeAssignment, any_tier: Tier, columns: Sequence[int], *, holds: bool
) -> None:
    """It is no mistake to read it from the other one, if the cases vary it."""
    source = "def graded(X, Y):\n    return (X[0] - Y[0]).sum() / X.shape[1]\n"
    arrays = [(np.full((2, n), [[5.0], [7.0]]), np.arange(3.0 * n).reshape(3, n)) for n in columns]
    assignment = dataclasses.replace(
        make_assignment(source),
        functions=(Function("graded", ("X", "Y"), scalar("y"), _checks()),),
        cases=lambda *_: [TestCase(f"{n}", "graded", args, "") for n, args in enumerate(arrays)],
    )
    confused = "graded: X.shape becomes Y.shape"

    evidence = mutants_are_caught(Subject(assignment, any_tier))

    missed = f'toy.py, line 2: no case of graded catches "{confused}"'
    assert (missed in (evidence.detail, *evidence.failures)) == (not holds)
    assert evidence.holds == holds
    assert evidence.detail.endswith(
        ", 1 only read a size from a parameter of equal size" if holds else " more)"
    ), evidence


def test_entries_for_a_function_that_is_not_graded(
    make_assignment: MakeAssignment, any_tier: Tier
) -> None:
    sound = make_assignment(SQUARE, 2, 3)
    assert sound.files.mutants is not None
    sound.files.mutants.write_text(json.dumps({"other": {"It is.": [SURVIVOR]}}), "utf-8")

    assert mutants_are_caught(Subject(sound, any_tier)) == (
        False,
        (
            "toy_mutants.json, line 1: listed as equivalent in other, but no mutant has this name: "
            f'"{SURVIVOR}"'
        ),
        (),
        True,
    )


def _survivors(assignment: Assignment, tier: Tier) -> mutants.Survivors:
    (function,) = assignment.functions
    values = mutants.observe(assignment, function, tier=tier)
    return mutants.find_survivors(assignment, function, values, tier=tier)


def test_a_mutant_that_hangs_is_caught(
    make_assignment: MakeAssignment, any_tier: Tier, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mutants, "_SECONDS_OF_A_CALL", 0.1)
    assignment = make_assignment(HALVED, 20)

    survivors = _survivors(assignment, any_tier)

    assert [*map(str, survivors.survivors)] == ["graded: n > 9 becomes n >= 9"]
    assert len(survivors.every) > 12


def test_a_mutant_does_not_read_values_of_another(
    make_assignment: MakeAssignment, any_tier: Tier
) -> None:
    source = "sizes = {}\n\n\ndef graded(x):\n    sizes['x'] = x\n    return sizes['x']\n"

    survivors = _survivors(make_assignment(source, 2, 3), any_tier)

    assert (survivors.survivors, len(survivors.every)) == ((), 2)


def test_mutants_that_one_case_catches_do_not_run_on_others(
    make_assignment: MakeAssignment, any_tier: Tier
) -> None:
    assignment = make_assignment(SQUARE, 2, 3, 4, 5)
    (function,) = assignment.functions
    values = mutants.observe(assignment, function, tier=any_tier)
    control, *others = (
        [o.value for o in actual.outcomes if isinstance(o, Returned)] for actual in values.values()
    )

    assert control == [4, 9, 16, 25]
    assert [number for number in others if (*number[:1], *number[2:]) != (4, 16, 25)] == []
    assert {number[1] for number in others} & {9} == set()


def test_a_mutant_that_exits_is_caught(make_assignment: MakeAssignment, any_tier: Tier) -> None:
    """The mutants of the same program are run alone."""
    source = "def graded(x):\n    if x < 0:\n        raise SystemExit\n    return x * x\n"
    assignment = make_assignment(source, 2)

    survivors = _survivors(assignment, any_tier)

    names = [*map(str, survivors.survivors)]
    assert SURVIVOR in names
    assert "graded: x < 0 becomes x > 0" not in names


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (
            "def graded(x):\n    return x if 'cell' in graded.__code__.co_filename else -x\n",
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
