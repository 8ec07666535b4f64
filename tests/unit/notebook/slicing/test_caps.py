"""Caps on cells that would take quadratic time; honest notebooks never reach them."""

from __future__ import annotations

import pytest

from grader.model import Cell, Notebook
from grader.notebook.slicing import Slice, slices
from grader.notebook.slicing.code_digest import NO_CODE

RIGHT = "def f(x):\n    return x\n"


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("a" + "\u0301" * 101 + " = 1", "a character has more than 100 accents"),
        ("f(1);" * 101, "a line has more than 100 statements"),
    ],
)
def test_a_cap_is_named_as_a_syntax_error(source: str, message: str) -> None:
    part = _slice(Cell(1, f"def f(x):\n    return 1\n{source}\ndef f(x) return 2"), Cell(2, ""))
    assert part.fault is None or part.fault.message == message
    lost = _slice(Cell(1, f"def f(x):\n  {source}\n"))
    assert lost.fault is not None
    assert lost.fault.message == message
    assert lost.fault.is_of_ours
    assert lost.fault.line == 2


def test_honest_accents_and_semicolons_stay() -> None:
    many = "e" + "\u0301" * 300
    source = f"caf\u0065\u0301 = 1; a = '{many}'\n# {many} " + "e\u0301" * 300 + "\n" + RIGHT

    assert _slice(Cell(1, source)).is_defined


def test_a_function_with_a_huge_integer_has_a_digest() -> None:
    part = _slice(Cell(1, "def f(x):\n    y = 0x" + "f" * 20_000 + "\n    return y\n"))

    assert part.code.function


def test_a_huge_function_has_no_digest() -> None:
    part = _slice(Cell(1, "def f(x):\n    return (" + "x, " * 20_000 + ")\n"))

    assert part.is_defined
    assert part.code == NO_CODE


def _slice(*cells: Cell) -> Slice:
    return slices(Notebook(cells), [("f", ("x",))])[0]
