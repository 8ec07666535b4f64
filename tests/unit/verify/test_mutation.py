"""Mutants of a reference: the mutation operators, the survivors, and the list of equivalent mutants."""

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
from grader.model.proofs import Claim
from grader.verify import examine, mutants, mutation
from grader.verify.claims import Evidence, Subject, mutants_are_caught
from tests.submissions.corpus import Cell, notebook

# ------------------------------------------------------------------ mutation operators


def changes(body: str, parameters: str = "a") -> list[str]:
    """Return the changes of a function, without removed statements."""
    generated = mutation.mutants(f"def f({parameters}):\n    {body}\n", "f")
    return [mutant.change for mutant in generated if not mutant.change.endswith(" is removed")]


def replacements(body: str, parameters: str = "a") -> list[str]:
    """Return the new text of each change."""
    return [change.split("` becomes `")[1].rstrip("`") for change in changes(body, parameters)]


@pytest.mark.parametrize(
    ("body", "expected"),
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
def test_every_operator_is_applied_once(body: str, expected: list[str]) -> None:
    assert sorted(replacements(body)) == sorted(expected)


@pytest.mark.parametrize(
    ("parameters", "body", "expected"),
    [
        ("W1, W2, b2", "return np.tanh(W1)", ["W1", "np.tanh(W2)"]),
        ("X, Y, cost", "return np.tanh(X)", ["X", "np.tanh(Y)"]),
        ("A1, Z1, Z2", "return np.tanh(A1)", ["A1", "np.tanh(Z1)"]),
        ("dW1, dW12, d_1", "return np.tanh(dW1)", ["dW1"]),
    ],
)
def test_similar_names_are_confused(parameters: str, body: str, expected: list[str]) -> None:
    """A name is replaced by names that differ from it in a single letter or digit."""
    assert replacements(body, parameters) == expected


def test_every_statement_is_removed_except_the_docstring() -> None:
    source = '''
def f(x):
    """Return 1 + 1."""
    with x:
        y: "1 + 1" = x
    for y in x:
        continue
    return y
'''
    generated = mutation.mutants(source, "f")

    assert [mutant.change for mutant in generated if mutant.change.endswith("removed")] == [
        "`with x:` is removed",
        "`y: '1 + 1' = x` is removed",
        "`for y in x:` is removed",
        "`continue` is removed",
        "`return y` is removed",
    ]
    assert all('"""Return 1 + 1."""' in mutant.source for mutant in generated)
    assert all("y: '1 + 1' = " in m.source for m in generated if "becomes" in m.change)


def test_a_mutant_has_exactly_one_change() -> None:
    source = "def f(a: int=1) -> int:\n    return a * 2\n"

    assert [mutant.source.splitlines()[1].strip() for mutant in mutation.mutants(source, "f")] == [
        "pass",
        *("return a + 2", "return a - 2", "return a / 2", "return a", "return 2"),
        *("return a * 3", "return a * 0", "return a * -2"),
    ]
    assert {mutant.source.splitlines()[0] for mutant in mutation.mutants(source, "f")} == {
        "def f(a: int=1) -> int:"
    }


def test_equal_changes_are_numbered() -> None:
    assert [change for change in changes("return [a[0], a[0]]") if "[1]" in change] == [
        "`a[0]` becomes `a[1]`",
        "`a[0]` becomes `a[1]` (2)",
    ]


def test_functions_that_the_graded_one_calls_are_mutated() -> None:
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


def test_our_mutants_have_unique_names_and_equal_signatures() -> None:
    loaded = assignments.load("regularization")
    source = loaded.files.reference.read_text("utf-8")
    originals = {n.name: n for n in ast.parse(source).body if isinstance(n, ast.FunctionDef)}

    for function in loaded.functions:
        generated = mutation.mutants(source, function.name)
        assert len(generated) > 100
        assert len({str(mutant) for mutant in generated}) == len(generated)
        for mutant in generated:
            (node,) = ast.parse(mutant.source).body
            assert isinstance(node, ast.FunctionDef)
            assert ast.dump(node.args) == ast.dump(originals[mutant.function].args)


# ------------------------------------------------------------------ survivors

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
    return (Check("all", 80, "random", ("y",)), Check("no case", 20, "fixed", ("y",)))


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
    assert evidence(SQUARE, 2) == (False, f"graded: no case catches {SURVIVOR}")


def test_a_case_that_catches_the_survivor(evidence: MakeEvidence) -> None:
    assert evidence(SQUARE, 2, 3) == (True, "5 mutants, 5 caught, 0 equivalent")


def test_a_survivor_that_is_listed_with_a_reason(evidence: MakeEvidence) -> None:
    listed = {"Twice two is two and two.": [SURVIVOR]}

    assert evidence(SQUARE, 2, listed=listed) == (True, "5 mutants, 4 caught, 1 equivalent")


def test_an_equivalent_mutant_needs_a_reason(evidence: MakeEvidence) -> None:
    expected = f"graded: no case catches {SURVIVOR}"

    assert evidence(SQUARE, 2, listed={" ": [SURVIVOR]}) == (False, expected)


def test_cases_of_further_seeds_refute_equivalence(evidence: MakeEvidence) -> None:
    listed = {"It is believed.": [SURVIVOR]}

    assert evidence(SQUARE, 2, listed=listed, later=2 + 1e-10) == (
        False,
        f"graded: listed as equivalent, but gives other values: {SURVIVOR}",
    )


def test_entries_that_are_out_of_date(evidence: MakeEvidence) -> None:
    missing, caught = "graded: `y` becomes `x`", "graded: `x * x` becomes `x - x`"
    outdated = "graded: listed as equivalent, but is caught or does not exist: "

    assert evidence(SQUARE, 2, 3, listed={"It is believed.": [missing, caught]}) == (
        False,
        f"{outdated}{missing}; {outdated}{caught}",
    )


def test_entries_for_a_function_that_is_not_graded(
    make_assignment: MakeAssignment, any_tier: Tier
) -> None:
    sound = make_assignment(SQUARE, 2, 3)
    assert sound.files.mutants is not None
    sound.files.mutants.write_text(json.dumps({"other": {"It is.": [SURVIVOR]}}), "utf-8")

    assert mutants_are_caught(Subject(sound, any_tier)) == (
        False,
        f"other: listed as equivalent, but is caught or does not exist: {SURVIVOR}",
    )


def test_a_mutant_that_hangs_is_caught(
    make_assignment: MakeAssignment, any_tier: Tier, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The mutants of the same program are run alone."""
    monkeypatch.setattr(mutants, "_SECONDS_ALONE", 0.6)
    assignment = make_assignment(HALVED, 20)

    survivors = mutants.find_survivors(assignment, assignment.functions[0], tier=any_tier)

    assert survivors.names == ("graded: `n > 9` becomes `n >= 9`",)
    assert survivors.mutants > 12


def test_a_mutant_that_exits_is_caught(make_assignment: MakeAssignment, any_tier: Tier) -> None:
    """The mutants of the same program are run alone."""
    source = "def graded(x):\n    if x < 0:\n        raise SystemExit\n    return x * x\n"
    assignment = make_assignment(source, 2)

    survivors = mutants.find_survivors(assignment, assignment.functions[0], tier=any_tier)

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


# ------------------------------------------------------------------ ours


def test_our_survivors_are_listed_and_equivalent(any_tier: Tier) -> None:
    evidence = mutants_are_caught(Subject(assignments.load("regularization"), any_tier))

    assert evidence.holds, evidence.detail
    numbers = re.fullmatch(r"(\d+) mutants, (\d+) caught, (\d+) equivalent", evidence.detail)
    assert numbers
    total, caught, equivalent = map(int, numbers.groups())
    assert total > 700
    assert total == caught + equivalent
    assert equivalent < total / 10
