"""The listing of a function that is wrong: its own lines, at most as many as fit on a page."""

from __future__ import annotations

import pytest

from grader.grading.source_listing import source_listing
from grader.model import Cell, Notebook
from grader.model.result import Source
from grader.notebook import slicing

FUNCTION = "def double(x):\n    y = 2 * x\n\treturn y"


def kept(*cells: str, marked: tuple[int | None, ...] = ()) -> Source | None:
    read = Notebook(tuple(Cell(number, text) for number, text in enumerate(cells, 1)))
    (piece,) = slicing.slices(read, [("double", ("x",))])
    return source_listing(piece, read.cells, marked)


def test_the_lines_are_those_of_the_last_definition_in_its_cell() -> None:
    last = "x = 1\n\ndef double(x):\n    # twice\n    return 2 * x\n\nprint(double(3))"
    lines = ("def double(x):", "    # twice", "    return 2 * x")
    assert kept("def double(x):\n    return x", last, marked=(5, None)) == Source(
        3, lines, (5, None)
    )


def test_a_function_that_is_no_definition_has_lines_too() -> None:
    assert kept("double = (\n    lambda x: 2 * x\n)") == Source(
        1, ("double = (", "    lambda x: 2 * x", ")")
    )


def test_of_a_function_that_cannot_be_read_the_lines_around_the_fault_are_kept() -> None:
    cell = "\n".join(["", "def double(x):", *["    x = 2"] * 10, "    return 2 * (x", "", "z = 1"])
    found = kept(cell)
    assert found is not None
    assert "    return 2 * (x" in found.lines
    assert len(found.lines) < 14


def test_a_function_that_is_not_there_has_no_lines() -> None:
    assert kept("def triple(x):\n    return 3 * x") is None


@pytest.mark.parametrize(("marked", "first"), [((), 1), ((None,), 1), ((100,), 40), ((3, 400), 1)])
def test_of_very_many_lines_those_around_the_fault_are_kept(
    marked: tuple[int | None, ...], first: int
) -> None:
    long = "\n".join(["def double(x):", *[f"    x = {i}" for i in range(500)], "    return x"])
    found = kept(long, marked=marked)
    assert found is not None
    assert (found.first, len(found.lines)) == (first, 120)
