"""The reference and the template are run like submissions, once, and must be sound."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from grader import sandbox
from grader.assignments import notebooks, oracle
from grader.errors import AssignmentError, BoxError
from grader.model import (
    Assignment,
    Cell,
    Ending,
    Limits,
    Notebook,
    Observation,
    Raised,
    Returned,
    TestCase,
    Tier,
)
from grader.model.submission import Program
from grader.notebook.slicing import Slice
from tests.submissions import FUNCTIONS

Cases = Mapping[str, tuple[TestCase, ...]]


SOUND: tuple[Any, ...] = (1.0, {}, (1.0, (1.0,) * 14), {})
"""A return value with the structure of each function's."""


def sound(cases: Cases) -> dict[str, Observation]:
    return {
        name: Observation((Returned(value),) * len(cases[name]))
        for name, value in zip(FUNCTIONS, SOUND, strict=True)
    }


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch, regularization: Assignment) -> Iterator[list[str]]:
    """Replace the box by right values, clear the cache, and count the notebooks run."""
    calls: list[str] = []

    def observe(
        _: Assignment, read: Notebook, cases: Cases, *, tier: Tier
    ) -> dict[str, Observation]:
        calls.append(tier)
        return sound(cases)

    monkeypatch.setattr(oracle, "observe", observe)
    oracle._consult.cache_clear()
    yield calls
    oracle._consult.cache_clear()


# ------------------------------------------------------------------ cases


def test_every_function_has_its_own_cases_fixed_ones_first(regularization: Assignment) -> None:
    by_function = oracle.cases_by_function(regularization, 1)

    assert tuple(by_function) == FUNCTIONS
    for name, cases in by_function.items():
        groups = [case.group for case in cases]
        assert {case.function for case in cases} == {name}
        assert groups == sorted(groups)
        assert set(groups) == {"fixed", "random"}


def test_cases_in_any_order_are_sorted_and_keep_the_order_of_their_group(
    regularization: Assignment,
) -> None:
    name = FUNCTIONS[0]
    made = [TestCase(f"{i}", name, (i,), "", public=i % 2 == 0) for i in range(5)]
    first = regularization.functions[:1]
    mixed = dataclasses.replace(regularization, functions=first, cases=lambda seed, reference: made)

    cases = oracle.cases_by_function(mixed, 1)

    assert {name: [case.name for case in of] for name, of in cases.items()} == {
        name: ["0", "2", "4", "1", "3"]
    }


# ------------------------------------------------------------------ consulting


def test_what_is_known_is_computed_once_for_a_seed_and_a_wall(
    regularization: Assignment, counted: list[str]
) -> None:
    first = oracle.consult(regularization, 1, tier=Tier.FULL)

    assert oracle.consult(regularization, 1, tier=Tier.FULL) is first
    assert counted == ["full", "full"]
    assert oracle.consult(regularization, 2, tier=Tier.FULL) is not first
    oracle.consult(regularization, 1, tier=Tier.NONE)
    assert counted == ["full"] * 4 + ["none"] * 2


def test_concurrent_consultations_share_one_run(
    regularization: Assignment, counted: list[str]
) -> None:
    with ThreadPoolExecutor(8) as executor:
        tasks = [
            executor.submit(oracle.consult, regularization, 1, tier=Tier.FULL) for _ in range(8)
        ]

    assert len({id(task.result()) for task in tasks}) == 1
    assert len(counted) == 2


def test_a_failed_box_start_is_tried_again(
    monkeypatch: pytest.MonkeyPatch, regularization: Assignment, counted: list[str]
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(oracle, "observe", _fails)
        with pytest.raises(BoxError):
            oracle.consult(regularization, 1, tier=Tier.FULL)

    oracle.consult(regularization, 1, tier=Tier.FULL)

    assert len(counted) == 2


def _fails(*_: object, **__: object) -> None:
    raise BoxError("no box")


# ------------------------------------------------------------------ references that do not hold


@pytest.mark.parametrize(
    ("seen", "message"),
    [
        (None, f"reference/regularization.py does not define {FUNCTIONS[1]}."),
        (
            Observation((Returned({}), Raised("ValueError", "no\nway", 1, 7))),
            (
                f"reference/regularization.py, line 7: {FUNCTIONS[1]} raised ValueError (no way) in the test "
                "case 'network 1' (layers 2-20-3-1, m = 40, lambd = 0.23)."
            ),
        ),
        (
            Observation((Returned({}),) * 3, Ending.TIMEOUT, "late"),
            (
                f"reference/regularization.py: {FUNCTIONS[1]} returned a value for only 3 of 9 test cases "
                "(timeout: late)."
            ),
        ),
        (
            Observation((Returned({}),) * 9, Ending.CRASHED),
            (
                f"reference/regularization.py: {FUNCTIONS[1]} returned a value for only 9 of 9 test cases "
                "(crashed)."
            ),
        ),
    ],
)
def test_a_reference_that_does_not_answer_every_case_is_unsound(
    monkeypatch: pytest.MonkeyPatch,
    regularization: Assignment,
    counted: list[str],
    seen: Observation | None,
    message: str,
) -> None:
    def observe(_: Assignment, read: Notebook, cases: Cases, *, tier: Tier) -> dict[str, Any]:
        changed = {FUNCTIONS[1]: seen} if seen else {}
        found = sound(cases) | changed
        return {name: o for name, o in found.items() if seen or name != FUNCTIONS[1]}

    monkeypatch.setattr(oracle, "observe", observe)

    with pytest.raises(AssignmentError) as error:
        oracle.consult(regularization, 1, tier=Tier.FULL)

    assert str(error.value) == message


def test_a_template_may_do_what_it_likes(
    monkeypatch: pytest.MonkeyPatch, regularization: Assignment, counted: list[str]
) -> None:
    def observe(
        _: Assignment, read: Notebook, cases: Cases, *, tier: Tier
    ) -> dict[str, Observation]:
        if len(read.cells) > 1:
            return {}
        return sound(cases)

    monkeypatch.setattr(oracle, "observe", observe)

    assert oracle.consult(regularization, 1, tier=Tier.FULL).template == {}


# ------------------------------------------------------------------ asking the box


def test_slices_are_cut_with_the_helper_modules_of_the_assignment(
    regularization: Assignment,
) -> None:
    source = (
        f"from utils_v2 import relu\ndef {FUNCTIONS[2]}(X, parameters, keep_prob):\n    relu(X)\n"
    )

    slices = notebooks.slices_of(regularization, Notebook((Cell(1, source),)))

    assert [slice_.function for slice_ in slices] == list(FUNCTIONS)
    assert [slice_.is_defined for slice_ in slices] == [False, False, True, False]
    assert slices[2].stand_ins == ("utils_v2",)


def test_only_functions_that_were_found_are_run_with_their_cases_the_first_of_them_twice(
    monkeypatch: pytest.MonkeyPatch, regularization: Assignment
) -> None:
    ran: list[tuple[Any, ...]] = []

    def run(
        programs: list[Program], *rest: object, tier: Tier, together: object
    ) -> tuple[Observation, ...]:
        assert together is None
        ran.append((*programs, *rest, tier))
        return (Observation((Returned(1.0),)),)

    monkeypatch.setattr(sandbox, "run", run)
    found = Slice("f", (Cell(3, "def f(x): ..."),), is_defined=True, stand_ins=("utils",))
    cases = {"f": (TestCase("a", "f", (1, 2), "", seed=5),), "g": ()}
    limits = Limits(function_seconds=1.0)

    programs = oracle.programs([found, Slice("g")], cases)
    seen = oracle.observe_programs(regularization, programs, limits, tier=Tier.NONE)

    program, contents, given, tier = ran[0]
    assert (program.function, program.cells, program.stand_ins) == ("f", found.cells, ("utils",))
    assert [(call.args, call.seed) for call in program.calls] == [((1, 2), 5)] * 2
    assert (given, tier) == (limits, "none")
    assert contents.packages == regularization.packages
    assert seen == {"f": Observation((Returned(1.0),))}


def test_a_notebook_without_graded_functions_needs_no_box(
    monkeypatch: pytest.MonkeyPatch, regularization: Assignment
) -> None:
    monkeypatch.setattr(sandbox, "run", _fails)

    programs = oracle.programs([Slice("f")], {})

    assert oracle.observe_programs(regularization, programs, Limits(), tier=Tier.FULL) == {}


def test_neither_the_reference_nor_the_cases_are_given_to_the_box(
    regularization: Assignment,
) -> None:
    files = regularization.files

    given = {path for _, path in oracle.contents(regularization).helpers}

    assert files.reference not in given
    assert files.testcases not in given
    assert all(files.template.parent in path.parents for path in given)
    assert {Path(name).name for name, _ in files.helpers} == {path.name for path in given}
