"""Mutants of a reference: the mutation operators, the survivors, and the list of equivalent mutants."""

from __future__ import annotations

import ast

import pytest

from grader import assignments
from grader.verify import mutation

# ------------------------------------------------------------------ mutation operators


def changes(body: str, parameters: str = "a") -> list[str]:
    """Return the changes of a function, without removed statements."""
    generated = mutation.mutants(f"def f({parameters}):\n    {body}\n", "f")
    return [mutant.change for mutant in generated if not mutant.change.endswith(" is removed")]


def replacements(body: str, parameters: str = "a") -> list[str]:
    """Return the new text of each change."""
    return [change.split(" becomes ")[1] for change in changes(body, parameters)]


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
        ("return q(axis=1)", ["q()", "axis=2", "axis=0"]),
        ("return q(axis=2)", ["q()", "axis=3", "axis=0", "axis=-2"]),
        ("return a[1]", ["a[2]", "a[0]"]),
        ("return a[-1]", ["-2", "-0"]),
        ("return np.maximum(a, q)", ["np.minimum(a, q)", "np.maximum(a)", "np.maximum(q)"]),
        ("return max(a, q)", ["max(a)", "max(q)", "min(a, q)"]),
        ("return np.errstate(over='ignore')", []),
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
        "with x: is removed",
        "y: '1 + 1' = x is removed",
        "for y in x: is removed",
        "continue is removed",
        "return y is removed",
    ]
    assert not any("Return 1 + 1." in mutant.source for mutant in generated)
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
        "a[0] becomes a[1]",
        "a[0] becomes a[1] (2)",
    ]


def test_a_mutant_has_the_line_of_its_change() -> None:
    source = "import math\n\ndef f(a):\n    b = (a +\n         1)\n    return -b\n"
    lines = {mutant.change: mutant.line for mutant in mutation.mutants(source, "f")}

    assert lines["b = a + 1 is removed"] == 4
    assert lines["a + 1 becomes a + 2"] == 5
    assert lines["-b becomes b"] == 6


@pytest.mark.parametrize(
    ("body", "size"),
    [
        ("return X.shape[1]", (("X", "Y"), 1)),
        ("return X.shape[-1]", (("X", "Y"), -1)),
        ("return X.shape", (("X", "Y"), None)),
        ("return X.size", None),
        ("return X[1]", None),
    ],
)
def test_a_size_that_is_read_from_another_variable(body: str, size: object) -> None:
    generated = mutation.mutants(f"def f(X, Y):\n    {body}\n", "f")
    (confused,) = (mutant for mutant in generated if " becomes Y" in mutant.change)

    assert confused.same_size == size


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
