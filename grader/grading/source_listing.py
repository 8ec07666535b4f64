"""The lines of a function as a student wrote them, cut to what fits on a page."""

from __future__ import annotations

from collections.abc import Sequence

from grader.messages.sanitize import printable_code
from grader.model import Cell
from grader.model.result import Source
from grader.notebook.slicing import Slice

_MOST_LINES = 120
_AROUND_A_FAULT = 6


def own_lines(piece: Slice, cells: Sequence[Cell], marked: Sequence[int | None]) -> Source | None:
    """Return the lines of a function, those around the first in `marked` if there are too many."""
    text = next((cell.source for cell in cells if cell.number == piece.cell), "")
    lines = text.split("\n")
    if piece.line is None or piece.line > len(lines):
        return None
    first, last = _bounds(piece, piece.line)
    faults = [number for number in marked if number]
    if last - first >= _MOST_LINES and faults:
        first = max(first, min(faults) - _MOST_LINES // 2)
    kept = lines[first - 1 : min(last, first + _MOST_LINES - 1)]
    return Source(first, tuple(map(printable_code, kept)), tuple(marked))


def _bounds(piece: Slice, line: int) -> tuple[int, int]:
    """Return the first line and the last; of a function that cannot be read, those around the fault."""
    if piece.fault:
        return max(1, line - _AROUND_A_FAULT), line + _AROUND_A_FAULT
    return line, piece.last_line or line
