"""Edits of one expression or statement: the code that they lead to, and its line numbers."""

from __future__ import annotations

import pytest

from grader.diagnosis.repair.candidates import edits_of, repeated_edits
from grader.diagnosis.repair.code import Code
from grader.diagnosis.repair.places import Suspicion


def code(body: str) -> Code:
    source = f"import numpy as np\n\ndef f(A1, D1, W1, W2, m, keep_prob):\n{body}\n"
    return Code(source, "f", ("keep_prob",), ("relu",), ("W1",), ("relu",))


def versions(body: str) -> dict[str, str]:
    """Return the body after each edit, with the kind of the edit."""
    subject = code(body)
    suspects = Suspicion(dict.fromkeys(range(1, 20), 0.0))
    kinds: dict[str, str] = {}
    for edit in edits_of(subject, suspects):
        kinds.setdefault(edit.render().split("keep_prob):\n")[1].strip("\n"), edit.kind)
    return kinds


@pytest.mark.parametrize(
    ("wrong", "right", "kind"),
    [
        ("    return np.dot(A1, D1)", "    return A1 * D1", "product-elements"),
        ("    return A1 * D1", "    return np.dot(A1, D1)", "product-matrix"),
        ("    return A1 / 2 * m", "    return A1 / (2 * m)", "brackets"),
        ("    return A1 / 2(m)", "    return A1 / 2 * m", "missing-star"),
        ("    return np.sum(A1 + D1)", "    return np.sum(A1) + np.sum(D1)", "split"),
        ("    return np.random.rand(A1.shape)", "    return np.random.rand(*A1.shape)", "unpacked"),
        ("    return A1[W1]", "    return A1['W1']", "quotes"),
        ("    return A1.shape(1)", "    return A1.shape[1]", "square-brackets"),
        ("    return A1 / (1 - keep_prob)", "    return A1 / keep_prob", "complement"),
        ("    return np.sum(A1)", "    return np.mean(A1)", "divisor"),
        ("    return np.dot(W1, (A1 - D1))", "    return np.dot(W1, (A1 - D1).T)", "transpose"),
        ("    return W2", "    return W1", "name"),
        ("    return A1.t", "    return A1.T", "attribute"),
        ("    z = []\n    return A1.t", "    z = []\n    return A1.T", "attribute"),
        ("    return sum(A1)", "    return np.sum(A1)", "builtin"),
        ("    return (A1,)", "    return A1", "comma"),
        ("    z == A1\n    return z", "    z = A1\n    return z", "assign"),
        ("    print(A1)", "    return A1", "print"),
        ("    z = A1", "    z = A1\n    return z", "no-return"),
        ("    return m, keep_prob", "    return m + keep_prob", "comma"),
        ("    return np.sum(np, square(A1))", "    return np.sum(np.square(A1))", "comma"),
        ("    return A1 * 2", "    return A1 ** 2", "operator"),
        ("    return np.exp(A1)", "    return np.exp(-A1)", "sign"),
        ("    return np.sum(A1) ** 2", "    return np.sum(A1 ** 2)", "nested"),
        ("    return np.dot(W1 * A1)", "    return np.dot(W1, A1)", "argument"),
        ("    return np.dot(W1, W1.T)", "    return np.square(W1)", "product-elements"),
        ("    return np.sum([W1, W2])", "    return np.sum(W1) + np.sum(W2)", "split"),
        ("    return np.sum(A1, axis=0)", "    return np.sum(A1, axis=1)", "axis"),
        ("    return A1[D1]", "    return A1 * D1", "selection"),
        ("    return list(range(m))", "    return list(range(1, m + 1))", "range"),
        ("    return {'A1': A1}", "    return {'A1': A1, 'W1': W1}", "entry"),
        ("    A1.shape[1] = m\n    return m", "    m = A1.shape[1]\n    return m", "sides"),
        ("    z = A1\n    + D1\n    return z", "    z = A1 + D1\n\n    return z", "line-break"),
        ("    Z1, D1, Z2, D2 = A1", "    Z1, Z2 = A1", "unpacking"),
        (
            "    return λ * A1 * D1 * W1 * W2 * m",
            "    return keep_prob * A1 * D1 * W1 * W2 * m",
            "name",
        ),
        ("    return true", "    return True", "name"),
        ("    return W1_T", "    return W1.T", "name"),
        ("    return A1.astype(integer)", "    return A1.astype(int)", "name"),
        ("    return np.sum.square(A1)", "    return np.sum(np.square(A1))", "dotted"),
        ("    return A1['W' + m]", "    return A1['W' + str(m)]", "to-text"),
        ("    return A1[W + str(m)]", "    return A1['W' + str(m)]", "quotes"),
        ("    return keep_prob[0]", "    return keep_prob", "whole"),
        ("    return A1[0]", "    return A1.shape[0]", "sizes"),
        ("    n, k = A1\n    return k", "    n, k = A1.shape\n    return k", "sizes"),
        ("    z = []\n    return z", "    z = {}\n    return z", "list"),
        ("    return 1 - A1 / keep_prob", "    return A1 / keep_prob", "extra"),
        ("    return A1 / m * (D1 + W1)", "    return A1 / m * D1 + W1", "brackets"),
        (
            "    for i in range(m):\n        z += i\n    return z",
            "    z = 0\n    for i in range(m):\n        z += i\n    return z",
            "start-value",
        ),
        ("    z = m\n    return", "    z = m\n    return A1 + z", "no-return"),
        ("    return W1 / W2", "    return W1 / keep_prob", "name"),
        ("    A1[0] + 1\n    return A1", "    A1[0] = A1[0] + 1\n    return A1", "unassigned"),
        ("    z = relu(A1)\n    return z", "    z, _ = relu(A1)\n    return z", "unpacking"),
        ("    return A1(m), A1(m - 1)", "    return (A1[m], A1[m - 1])", "square-brackets"),
        ("    z = ()\n    return z", "    z = {}\n    return z", "list"),
        ("    return A1 + 1 / m + W1", "    return A1 + 1 / m * W1", "operator"),
        ("    return A1 / m * D1 / m * W1", "    return A1 / m + D1 / m * W1", "operator"),
        ("    return A1.T[1]", "    return A1.shape[1]", "sizes"),
        ("    return 'W', D1[str(m)]", "    return ('W', D1['W' + str(m)])", "key-part"),
        ("    return m - 1", "    return len(m) - 1", "wrapped"),
        ("    return A1['W + str(m)']", "    return A1['W' + str(m)]", "half-quoted"),
        ("    return np.zeros(m)", "    return np.zeros((m, 1))", "tuple"),
        ("    return len(A1.shape)", "    return A1.shape[1]", "index"),
        (
            "    for i in range(m):\n        z = A1['W']\n    return z",
            "    for i in range(m):\n        z = A1['W' + str(i)]\n    return z",
            "key-part",
        ),
        ("    z = (m, 1)\n    return z", "    z = np.zeros((m, 1))\n    return z", "wrapped"),
        (
            "    for i in range(m):\n        z = A1[i]\n    return z",
            "    for i in range(m):\n        z = A1[i - 1]\n    return z",
            "counter",
        ),
        (
            "    for i in range(m):\n        z = A1[str(m)]\n    return z",
            "    for i in range(m):\n        z = A1[str(i)]\n    return z",
            "name",
        ),
        (
            "    A1plus = A1\n    D1plus = W1\n    D1minus = W2 * A1\n    A1minus = m",
            "    A1plus = A1\n    D1plus = W1\n    D1minus = W1\n    A1minus = m",
            "layer",
        ),
        ("    z = A1\n    return z", "    z = np.copy(A1)\n    return z", "shared"),
        (
            "    A1plus = np.copy(A1)\n    A1minus = A1plus",
            "    A1plus = np.copy(A1)\n    A1minus = np.copy(A1)",
            "layer",
        ),
        (
            "    J_plus = W2 * A1\n    J_minus = W2 * D1\n    return A1 - D1",
            "    J_plus = W2 * A1\n    J_minus = W2 * D1\n    return J_plus - J_minus",
            "name",
        ),
        (
            "    for i in range(m):\n        z = A1[0]\n    return z",
            "    for i in range(m):\n        z = A1[i - 1]\n    return z",
            "literal",
        ),
        (
            "    z = np.linalg.norm(W2)\n    return z + A1",
            "    z = np.linalg.norm(W2)\n    return z + np.linalg.norm(A1)",
            "wrapped",
        ),
        ("    return A1 / m", "    return A1 / (2 * m)", "divisor"),
        ("    z = None\n    return z * A1", "    z = relu(D1)\n    return z * A1", "empty"),
        ("    D1 = D1 - A1\n    return A1", "    D1 = D1 - A1\n    return D1", "name"),
    ],
)
def test_edit_undoes_a_slip(wrong: str, right: str, kind: str) -> None:
    assert versions(wrong)[right] == kind


def test_functions_and_lists_are_no_arrays() -> None:
    source = "def f(sizes, A1):\n    return relu(sizes[0]) * A1"
    subject = Code(source, "f", outside=("relu",), collections=("sizes",))
    edits = edits_of(subject, Suspicion({2: 0.0}))
    texts = [edit.render() for edit in edits if edit.kind in ("transpose", "divisor", "wrapped")]

    assert any("A1.T" in text for text in texts)
    assert not any("relu.T" in text or "sizes.T" in text for text in texts)


@pytest.mark.parametrize(
    ("body", "senseless"),
    [
        ("    return A1['W' + str(m)]", "    return A1['W' * str(m)]"),
        ("    return np.dot(W1, W2)", "    return (np.dot * D1)(W1, W2)"),
        ("    z = 1\n    return z", "    z = 1\n    return z\n    return A1"),
        ("    z = D1\n    y = z + W1\n    return y", "    y = z + W1\n    z = D1\n    return y"),
    ],
)
def test_edit_that_only_raises_is_not_made(body: str, senseless: str) -> None:
    assert senseless not in versions(body)


def test_another_operator_is_likelier_than_a_negative_number() -> None:
    """Both repair it, but the number is that of the formula."""
    found = [*versions("    return A1[m + 1]")]

    assert found.index("    return A1[m - 1]") < found.index("    return A1[m + (-1)]")


def test_letter_that_no_line_reads_is_not_missing() -> None:
    """`b1` and `b2` are unpacked, and never needed; `D2` is read, so `D1` may be missing."""
    body = "    Z1, D1, b1, D2, b2 = A1\n    return Z1 * D2 * W1 * W2 * m * keep_prob"

    assert code(body).unread == {"D1"}


def test_an_expression_in_an_operator_gets_brackets() -> None:
    assert "    return (1 - keep_prob) * A1" in versions("    return keep_prob * A1")


def test_lines_below_an_edit_keep_their_numbers() -> None:
    subject = code("    z = np.dot(A1,\n        D1)\n    return z")
    texts = [
        edit.render() for edit in edits_of(subject, Suspicion({4: 0.0})) if edit.kind == "exchanged"
    ]

    assert [text.split("\n")[5] for text in texts] == ["    return z"] * len(texts) != []


def test_line_of_another_layer_is_copied() -> None:
    wrong = "    Z1 = W1 * A1\n    Z2 = W1 * A1\n    return Z2"

    assert "    Z1 = W1 * A1\n    Z2 = W2 * A1\n    return Z2" in versions(wrong)


def test_same_slip_in_several_lines_is_undone_at_once() -> None:
    subject = code("    a = W1.shape(0)\n    b = W2.shape(0)\n    return a + b")
    texts = [edit.render() for edit in repeated_edits(subject, {4: 0.0, 5: 0.0})]

    assert any("W1.shape[0]" in text and "W2.shape[0]" in text for text in texts)


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        (
            "    a = relu(A1)[-1]\n    return relu(a - W1)[-1]",
            "    a = relu(A1)\n    return relu(a - W1)",
        ),
        (
            "    J_plus = np.dot(W2 + m, A_plus)\n    J_minus = np.dot(W2 + m, A_minus)",
            "    J_plus = np.dot(W2, A_plus)\n    J_minus = np.dot(W2, A_minus)",
        ),
        (
            "    J_plus = np.dot(W2, A_plus)\n    J_minus = np.dot(W2, A_minus)",
            "    J_plus = np.dot(W2, relu(A_plus))\n    J_minus = np.dot(W2, relu(A_minus))",
        ),
    ],
)
def test_same_slip_in_lines_that_differ_is_undone(wrong: str, right: str) -> None:
    """The lines differ in the value inside, or in a part of their names."""
    start = "    A_plus = A1\n    A_minus = A1\n"
    subject = code(f"{start}{wrong}")
    texts = [edit.render() for edit in repeated_edits(subject, {})]

    assert any(text.endswith(f"{start}{right}\n") for text in texts)


def test_undefined_name_in_the_head_is_no_place_for_a_line() -> None:
    subject = Code("def f(x: Array):\n    return y", "f")
    texts = [edit.render() for edit in edits_of(subject, Suspicion({2: 0.0}))]

    assert "def f(x: Array):\n    return x" in texts
