"""The listing of a function that is wrong: its own lines, at most as many as fit on a page."""

from __future__ import annotations

import pytest

from grader.grading.results import source_listing
from grader.model import Cell, Notebook
from grader.model.result import FunctionSource
from grader.notebook import slicing

FUNCTION = "def double(x):\n    y = 2 * x\n\treturn y"


def listed(*cells: str, marked: tuple[int | None, ...] = ()) -> FunctionSource | None:
    read = Notebook(tuple(Cell(number, text) for number, text in enumerate(cells, 1)))
    (slice_,) = slicing.slices(read, [("double", ("x",))])
    return source_listing(slice_, read.cells, marked)


def test_listing_shows_the_last_definition() -> None:
    last = "x = 1\n\ndef double(x):\n    # twice\n    return 2 * x\n\nprint(double(3))"
    lines = ("def double(x):", "    # twice", "    return 2 * x")
    assert listed("def double(x):\n    return x", last, marked=(5, None)) == FunctionSource(
        3, lines, (5, None)
    )


def test_function_without_def_has_a_listing() -> None:
    assert listed("double = (\n    lambda x: 2 * x\n)") == FunctionSource(
        1, ("double = (", "    lambda x: 2 * x", ")")
    )


def test_listing_shows_the_lines_around_a_fault() -> None:
    cell = "\n".join(["", "def double(x):", *["    x = 2"] * 10, "    return 2 * (x", "", "z = 1"])
    listing = listed(cell)
    assert listing is not None
    assert "    return 2 * (x" in listing.lines
    assert len(listing.lines) < 14


def test_missing_function_has_no_listing() -> None:
    assert listed("def triple(x):\n    return 3 * x") is None


@pytest.mark.parametrize(("marked", "first"), [((), 1), ((None,), 1), ((100,), 40), ((3, 400), 1)])
def test_long_listing_shows_the_lines_around_a_fault(
    marked: tuple[int | None, ...], first: int
) -> None:
    long = "\n".join(["def double(x):", *[f"    x = {i}" for i in range(500)], "    return x"])
    listing = listed(long, marked=marked)
    assert listing is not None
    assert (listing.first, len(listing.lines)) == (first, 120)
