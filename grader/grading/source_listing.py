"""The lines of a function as a student wrote them, cut to what fits on a page."""

from __future__ import annotations

from collections.abc import Sequence

from grader.messages.sanitize import printable_code
from grader.model import Cell
from grader.model.result import Source
from grader.notebook.slicing import Slice

_MOST_LINES = 120
_AROUND_A_FAULT = 6


def source_listing(
    slice_: Slice, cells: Sequence[Cell], marked: Sequence[int | None]
) -> Source | None:
    """Return the lines of a function, those around the first in `marked` if there are too many."""
    text = next((cell.source for cell in cells if cell.number == slice_.cell), "")
    lines = text.split("\n")
    if slice_.line is None or slice_.line > len(lines):
        return None
    first, last = _bounds(slice_, slice_.line)
    faults = [number for number in marked if number]
    if last - first >= _MOST_LINES and faults:
        first = max(first, min(faults) - _MOST_LINES // 2)
    kept = lines[first - 1 : min(last, first + _MOST_LINES - 1)]
    return Source(first, tuple(map(printable_code, kept)), tuple(marked))


def _bounds(slice_: Slice, line: int) -> tuple[int, int]:
    """Return the first line and the last; of a function that cannot be read, those around the fault."""
    if slice_.fault:
        return max(1, line - _AROUND_A_FAULT), line + _AROUND_A_FAULT
    return line, slice_.last_line or line
