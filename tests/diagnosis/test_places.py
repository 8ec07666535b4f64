"""The line is named in which a student makes a value, whatever the variable is called."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.extract.places import line_of

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
def test_the_last_line_counts_that_makes_a_value_from_what_is_asked_for(
    quantity: str, reads: tuple[str, ...], line: int | None
) -> None:
    assert line_of(SOURCE, "f", quantity, reads) == line


def test_of_two_definitions_the_last_one_is_looked_into() -> None:
    source = "def f():\n    a = 1\n\ndef f():\n    b = a = 2\n"

    assert line_of(source, "f", "a", ()) == 5


@given(source=st.text(max_size=200))
def test_any_text_has_a_line_or_none(source: str) -> None:
    assert line_of(source, "f", "a", ("b",)) in {None, *range(1, source.count("\n") + 2)}
    assert line_of("x" * 200_000, "f", "a", ()) is None
