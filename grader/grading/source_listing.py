"""The lines of a function as a student wrote them, as many as fit on a page."""

from __future__ import annotations

from collections.abc import Sequence

from grader.messages.sanitize import code_line
from grader.model import Cell
from grader.model.result import FunctionSource
from grader.notebook.slicing import Slice

_MOST_LINES = 120
_AROUND_A_FAULT = 6


def source_listing(
    slice_: Slice, cells: Sequence[Cell], marked: Sequence[int | None]
) -> FunctionSource | None:
    """Return the lines of a function, printable; of a long one those around the first marked line.

    `marked` are line numbers of the cell, None for a diagnosis without a line.
    """
    text = next((cell.source for cell in cells if cell.number == slice_.cell), "")
    lines = text.split("\n")
    if slice_.line is None or slice_.line > len(lines):
        return None
    line = slice_.line
    first, last = line, slice_.last_line or line
    if slice_.fault:
        first, last = max(1, line - _AROUND_A_FAULT), line + _AROUND_A_FAULT
    faults = [number for number in marked if number]
    if last - first >= _MOST_LINES and faults:
        first = max(first, min(faults) - _MOST_LINES // 2)
    part = lines[first - 1 : min(last, first + _MOST_LINES - 1)]
    return FunctionSource(first, tuple(map(code_line, part)), tuple(marked))
