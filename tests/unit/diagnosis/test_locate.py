"""The line is named in which a student makes a value, whatever the variable is called."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.diagnosis.locate import FRACTION, RETURNED, goes_into, handed_on, in_statements, line_of
from tests.support.diagnosing import COST, function

SOURCE = """
def f(X, cache, lambd):
    m = X.shape[1]
    dW3 = X / m
    dW3 = dW3 + lambd / m
    grad = dW3 * 2
    A1, D1 = cache
    A1 *= D1
    out = {}
    out["db1"] = grad
    out["db2"] = m + 1
    return {"dW3": dW3, "dW2": grad, "dZ3": X - 1}
"""


@pytest.mark.parametrize(
    ("quantity", "reads", "line"),
    [
        ("dW3", (), 5),
        ("dW3", ("X",), 4),
        ("dW2", (), 6),
        ("A1", (), 8),
        ("A1", ("cache",), 7),
        ("db1", (), 6),
        ("db2", (), 11),
        ("dZ3", (), 12),
        ("nothing", ("lambd",), 5),
        ("nothing", (), None),
    ],
)
def test_last_line_that_reads_a_name(
    quantity: str, reads: tuple[str, ...], line: int | None
) -> None:
    assert line_of(SOURCE, "f", quantity, reads) == line


def test_last_of_two_definitions() -> None:
    source = "def f():\n    a = 1\n\ndef f():\n    b = a = 2\n"

    assert line_of(source, "f", "a", ()) == 5


DRAWN = """
def f(A1, keep_prob):
    D1 = np.random.rand(*A1.shape)
    D1 = D1 < keep_prob
    kept = np.random.rand(*A1.shape) < keep_prob
    D2 = kept.astype(int)
    p = 0.5
    D3 = D2 * p + A1[0]
    D3 = D3 + 1
    some = D1, D2
    return D3, some
"""


@pytest.mark.parametrize(
    ("quantity", "reads", "line"),
    [
        ("D1", (".rand",), 3),
        ("D1", ("rand",), 4),
        ("D1", ("keep_prob",), 4),
        ("D2", (".rand",), 5),
        ("D2", ("keep_prob",), 5),
        ("D2", (".astype",), 6),
        ("D3", (FRACTION,), 7),
        ("D2", (RETURNED,), 10),
        ("D3", (RETURNED,), 11),
    ],
)
def test_attributes_fractions_and_return_values(
    quantity: str, reads: tuple[str, ...], line: int
) -> None:
    assert line_of(DRAWN, "f", quantity, reads) == line


MARKED = """
def f(X, W):
    # YOUR CODE STARTS HERE
    A = X * 2
    D = A > 1
    A = A * D
    # YOUR CODE ENDS HERE
    W = W + 1
    Z = np.dot(W,
               A)
    D = Z > 0
    return Z, D
"""


@pytest.mark.parametrize(
    ("line", "own"),
    [(8, None), (9, ("A", 6)), (10, ("A", 6)), (11, None), (12, None), (6, None), (99, None)],
)
def test_handed_on(line: int, own: tuple[str, int] | None) -> None:
    assert handed_on(MARKED, "f", line) == own
    assert handed_on(MARKED.replace("CODE", "TEXT"), "f", line) is None
    assert handed_on("def f(:", "f", line) is None


@given(source=st.text(max_size=200))
def test_any_text_has_a_line_or_none(source: str) -> None:
    assert line_of(source, "f", "a", ("b",)) in {None, *range(1, source.count("\n") + 2)}
    assert line_of("x" * 200_000, "f", "a", ()) is None


@pytest.mark.parametrize(
    ("line", "halved"),
    [
        ("L2 = lambd / (2 * m) * S", True),
        ("L2 = lambd / m / 2 * S", True),
        ("L2 = 0.5 * lambd / m * S", True),
        ("L2 = (1 / m) * (lambd / 2.0) * S", True),
        ("L2 = lambd / m * np.sum(W ** 2)", False),
        ("L2 = lambd / m * np.power(W, 2)", False),
        ("L2 = lambd / 2 ** m", False),
        ("n = 2 * m / 2", False),
        ("L2 = lambd / (2 +", False),
    ],
)
def test_variant_although_halved(line: str, halved: bool) -> None:  # noqa: FBT001
    computation = function(COST).computation
    assert computation
    halves = computation.variants["although_halved"]
    source = f"def f(lambd, W, S, m):\n    {line}\n"

    assert in_statements(source, "f", ("lambd",), halves) == halved


@pytest.mark.parametrize(
    "line",
    [
        f"({'a,' * 8000}) = [{'1,' * 8000}]",
        f"{'a = ' * 8000}[{'1,' * 8000}]",
        "a = X; " * 8000,
        "; ".join(["a0 = X", *(f"a{at + 1} = a{at}" for at in range(4000))]),
    ],
)
def test_thousands_of_names_in_linear_time(line: str) -> None:
    source = f"def f(X):\n    {line}\n    return X\n"
    begun = time.process_time()

    assert not goes_into(source, "f", 2, "dW1")
    assert time.process_time() - begun < 5


@pytest.mark.parametrize("line", ["A1 == A1 * D1", "A1 * D1"])
def test_a_line_without_effect_is_at_fault(line: str) -> None:
    source = f"def f(A1, D1):\n    A1 = A1 + 1\n    {line}\n    A1 = A1 / 2\n    return A1"

    assert line_of(source, "f", "A1", ("D1",)) == 3
