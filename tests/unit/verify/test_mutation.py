"""Mutants of a reference: which there are, which survive, and what is said of those that do."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from grader import assignments
from grader.assignments import oracle
from grader.errors import AssignmentError
from grader.judging.compare import scalar
from grader.model import Assignment, AssignmentFiles, Check, Function, Limits, TestCase, Tier
from grader.verify import mutants as survivors
from grader.verify import mutation
from tests.submissions.corpus import Cell, notebook

# ------------------------------------------------------------------ which there are


def changes(body: str, parameters: str = "a") -> list[str]:
    """Return the changes of a function, but that a statement is dropped."""
    found = mutation.mutants(f"def f({parameters}):\n    {body}\n", "f")
    return [mutant.change for mutant in found if not mutant.change.endswith(" is dropped")]


def becoming(body: str, parameters: str = "a") -> list[str]:
    """Return what parts of a function become."""
    return [change.split("` becomes `")[1].rstrip("`") for change in changes(body, parameters)]


@pytest.mark.parametrize(
    ("body", "others"),
    [
        ("return a + q", ["a - q", "a * q", "a / q", "a", "q"]),
        ("return a / q", ["a + q", "a - q", "a * q", "a", "q"]),
        ("return a @ q", ["a * q", "a", "q"]),
        ("return -a", ["a"]),
        ("a += q", ["a -= q", "a *= q", "a /= q"]),
        ("return a and q", ["a or q", "a", "q"]),
        ("return a if q else r", ["a if not q else r"]),
        ("while a: continue", ["while not a:"]),
        ("return a < q", ["a <= q", "a > q", "a >= q"]),
        ("return a >= q", ["a < q", "a <= q", "a > q"]),
        ("return a == q", ["a != q"]),
        ("return a is not q", ["a is q"]),
        ("return a[3]", ["a[4]", "a[0]", "a[-3]"]),
        ("return a[0]", ["a[1]"]),
        ("return a[0.5]", ["a[1.5]", "a[0]", "a[-0.5]"]),
        ("return a[True]", ["a[False]"]),
        ("return a['W1']['W2']['b3']", ["a['W2']", "a['W1']['W1']"]),
        ("return f'W1' 'W2'", []),
        ("return np.dot(a, q)", ["np.multiply(a, q)", "np.dot(a)", "np.dot(q)", "np.dot(q, a)"]),
        ("return q(a)", ["a"]),
        ("return q(*a)", []),
        ("return q(axis=1)", ["q()", "axis=2", "axis=0", "axis=-1"]),
        ("return sum(a)", ["a", "max(a)"]),
        ("return a.T", ["a"]),
        ("return (a, q, r)", ["(q, a, r)", "(a, r, q)"]),
        ("return {'pp': a, 'qq': r}", ["{'pp': r, 'qq': a}"]),
    ],
)
def test_every_kind_of_change_is_made_once(body: str, others: list[str]) -> None:
    assert sorted(becoming(body)) == sorted(others)


@pytest.mark.parametrize(
    ("parameters", "body", "others"),
    [
        ("W1, W2, b2", "return np.tanh(W1)", ["W1", "np.tanh(W2)"]),
        ("X, Y, cost", "return np.tanh(X)", ["X", "np.tanh(Y)"]),
        ("A1, Z1, Z2", "return np.tanh(A1)", ["A1", "np.tanh(Z1)"]),
        ("dW1, dW12, d_1", "return np.tanh(dW1)", ["dW1"]),
    ],
)
def test_a_name_is_taken_for_one_that_differs_in_a_single_letter_or_digit(
    parameters: str, body: str, others: list[str]
) -> None:
    assert becoming(body, parameters) == others


def test_every_statement_is_dropped_but_for_the_docstring() -> None:
    source = '''
def f(x):
    """Return 1 + 1."""
    with x:
        y: "1 + 1" = x
    for y in x:
        continue
    return y
'''
    found = mutation.mutants(source, "f")

    assert [mutant.change for mutant in found if mutant.change.endswith("dropped")] == [
        "`with x:` is dropped",
        "`y: '1 + 1' = x` is dropped",
        "`for y in x:` is dropped",
        "`continue` is dropped",
        "`return y` is dropped",
    ]
    assert all('"""Return 1 + 1."""' in mutant.source for mutant in found)
    assert all("y: '1 + 1' = " in mutant.source for mutant in found if "becomes" in mutant.change)


def test_a_mutant_has_its_own_change_and_no_other() -> None:
    source = "def f(a: int=1) -> int:\n    return a * 2\n"

    assert [mutant.source.splitlines()[1].strip() for mutant in mutation.mutants(source, "f")] == [
        "pass",
        *("return a + 2", "return a - 2", "return a / 2", "return a", "return 2"),
        *("return a * 3", "return a * 0", "return a * -2"),
    ]
    assert {mutant.source.splitlines()[0] for mutant in mutation.mutants(source, "f")} == {
        "def f(a: int=1) -> int:"
    }


def test_equal_changes_at_two_places_have_two_names() -> None:
    assert [change for change in changes("return [a[0], a[0]]") if "[1]" in change] == [
        "`a[0]` becomes `a[1]`",
        "`a[0]` becomes `a[1]` (2)",
    ]


def test_functions_that_the_graded_one_leads_to_are_part_of_it_and_others_are_not() -> None:
    source = """
def last(x): return x
def graded(x): return middle(x)
def middle(x): return last(x) if x else graded(x)
def other(x): return graded(x)
"""

    assert {mutant.function for mutant in mutation.mutants(source, "graded")} == {
        *("graded", "middle", "last")
    }
    assert mutation.mutants(source, "nothing") == ()


def test_every_mutant_of_ours_is_a_function_of_the_same_signature_with_a_name_of_its_own() -> None:
    loaded = assignments.load("regularization")
    assert loaded.files is not None
    source = loaded.files.reference.read_text("utf-8")
    right = {n.name: n for n in ast.parse(source).body if isinstance(n, ast.FunctionDef)}

    for function in loaded.functions:
        found = mutation.mutants(source, function.name)
        assert len(found) > 100
        assert len({str(mutant) for mutant in found}) == len(found)
        for mutant in found:
            (node,) = ast.parse(mutant.source).body
            assert isinstance(node, ast.FunctionDef)
            assert ast.dump(node.args) == ast.dump(right[mutant.function].args)


# ------------------------------------------------------------------ which survive

SQUARE = "def graded(x):\n    return x * x\n"
SURVIVOR = "graded: `x * x` becomes `x + x`"
HALVED = """
def graded(n):
    while n > 9:
        n = n // 2
    return n
"""

Made = Callable[..., Assignment]


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Made]:
    """Return what makes an assignment of one function, and what is stated of its mutants."""

    def make(source: str, *asked: float, stated: Any = None, later: float = 2) -> Assignment:
        reference, template = tmp_path / "made.py", tmp_path / "made.ipynb"
        reference.write_text(source, "utf-8")
        template.write_bytes(notebook([Cell("def graded(x):\n    pass")]))
        path = tmp_path / "made_mutants.json"
        path.write_text(json.dumps({"graded": stated or {}}), "utf-8")
        return Assignment(
            name="made",
            title="Made",
            functions=(Function("graded", ("x",), scalar("y"), _checks()),),
            cases=lambda seed, _: _cases(*(asked if seed == 3 else (later,))),
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
    return (Check("all", 80, "random", ("y",)), Check("no case", 20, "fixed", ("y",)))


def _cases(*asked: float) -> Sequence[TestCase]:
    return [TestCase(f"x = {x}", "graded", (x,), f"x = {x}") for x in asked]


def test_a_mutant_that_no_case_catches_is_told_by_name(made: Made, any_tier: Tier) -> None:
    proof = survivors.mutants_are_caught(made(SQUARE, 2), any_tier)

    assert proof.name == "mutants of the reference are caught"
    assert (proof.holds, proof.detail) == (False, f"graded survived by {SURVIVOR}")


def test_with_a_case_that_catches_it_the_proof_holds(made: Made, any_tier: Tier) -> None:
    proof = survivors.mutants_are_caught(made(SQUARE, 2, 3), any_tier)

    assert (proof.holds, proof.detail) == (True, "5 mutants, 5 caught, 0 equivalent")


def test_a_survivor_that_is_stated_with_a_reason_is_equivalent(made: Made, any_tier: Tier) -> None:
    stated = {"Twice two is two and two.": [SURVIVOR]}

    proof = survivors.mutants_are_caught(made(SQUARE, 2, stated=stated), any_tier)

    assert (proof.holds, proof.detail) == (True, "5 mutants, 4 caught, 1 equivalent")


def test_a_statement_without_a_reason_states_nothing(made: Made, any_tier: Tier) -> None:
    proof = survivors.mutants_are_caught(made(SQUARE, 2, stated={" ": [SURVIVOR]}), any_tier)

    assert (proof.holds, proof.detail) == (False, f"graded survived by {SURVIVOR}")


def test_a_statement_that_cases_of_another_seed_refute_is_told(made: Made, any_tier: Tier) -> None:
    stated = {"It is believed.": [SURVIVOR]}

    proof = survivors.mutants_are_caught(made(SQUARE, 2, stated=stated, later=2 + 1e-10), any_tier)

    assert (proof.holds, proof.detail) == (False, f"graded not equivalent {SURVIVOR}")


def test_what_is_stated_of_a_mutant_that_is_caught_or_no_longer_there_is_told(
    made: Made, any_tier: Tier
) -> None:
    gone, caught = "graded: `y` becomes `x`", "graded: `x * x` becomes `x - x`"
    stated = {"It is believed.": [gone, caught]}

    proof = survivors.mutants_are_caught(made(SQUARE, 2, 3, stated=stated), any_tier)

    assert not proof.holds
    assert proof.detail == f"graded caught or gone {gone}; graded caught or gone {caught}"


def test_what_is_stated_for_a_function_that_is_not_graded_is_told(
    made: Made, any_tier: Tier
) -> None:
    sound = made(SQUARE, 2, 3)
    assert sound.files is not None and sound.files.mutants is not None
    sound.files.mutants.write_text(json.dumps({"other": {"It is.": [SURVIVOR]}}), "utf-8")

    proof = survivors.mutants_are_caught(sound, any_tier)

    assert (proof.holds, proof.detail) == (False, f"other caught or gone {SURVIVOR}")


def test_mutants_that_hang_are_caught_and_cost_the_others_nothing(
    made: Made, any_tier: Tier, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(survivors, "_SECONDS_ALONE", 0.6)
    hanging = made(HALVED, 20)

    found = survivors.survivors(hanging, hanging.functions[0], tier=any_tier)

    assert found.names == ("graded: `n > 9` becomes `n >= 9`",)
    assert found.mutants > 12


def test_a_mutant_that_ends_its_process_is_caught_and_costs_the_others_nothing(
    made: Made, any_tier: Tier
) -> None:
    source = "def graded(x):\n    if x < 0:\n        raise SystemExit\n    return x * x\n"

    found = made(source, 2)
    seen = survivors.survivors(found, found.functions[0], tier=any_tier)

    assert SURVIVOR in seen.names
    assert "graded: `x < 0` becomes `x > 0`" not in seen.names


def test_a_reference_that_is_not_right_among_its_mutants_proves_nothing(
    made: Made, any_tier: Tier
) -> None:
    unsound = made("def graded(x):\n    return x if '_mutant' not in globals() else -x\n", 2)

    with pytest.raises(AssignmentError) as error:
        survivors.mutants_are_caught(unsound, any_tier)

    assert str(error.value) == "The reference of graded is not right among its mutants."


def test_a_reference_that_defines_its_function_otherwise_is_told(
    made: Made, any_tier: Tier
) -> None:
    with pytest.raises(AssignmentError) as error:
        survivors.mutants_are_caught(made("graded = abs\n", 2), any_tier)

    assert str(error.value) == "The reference has no `def graded` at its top level."


# ------------------------------------------------------------------ ours


def test_every_survivor_of_ours_is_stated_to_be_equivalent_and_is(any_tier: Tier) -> None:
    loaded = assignments.load("regularization")

    proof = survivors.mutants_are_caught(loaded, any_tier)

    assert proof.holds, proof.detail
    counted = re.fullmatch(r"(\d+) mutants, (\d+) caught, (\d+) equivalent", proof.detail)
    assert counted
    mutants, caught, equivalent = map(int, counted.groups())
    assert mutants > 700
    assert mutants == caught + equivalent
    assert equivalent < mutants / 10
