"""Sentences name a cell by its first line; the cell of the function itself is "the cell"."""

from __future__ import annotations

import pytest

from grader.diagnosis.cell_names import EXECUTED, first_lines, in_diagnosis, in_text
from grader.messages import gettext
from grader.model import Cell
from grader.model.diagnoses import NAME_ERROR, diagnosis, in_brackets, in_line

CELLS = [Cell(3, "\nlambd = `0.7`\nother = 1"), Cell(5, "def f(x):"), Cell(6, " ")]
BEGINS = first_lines(CELLS)


@pytest.mark.parametrize(
    ("cell", "place"),
    [
        (5, " in line 2 of the cell"),
        (3, " in line 2 of the cell that begins `lambd = '0.7'` (code cell 3)"),
        (6, " in line 2 of code cell 6"),
    ],
)
def test_place_is_named(cell: int, place: str) -> None:
    """A cell that has no line keeps its number."""
    assert in_text(in_line(2, cell), 5, BEGINS) == place


def test_kernel_counts_runs() -> None:
    place = in_text(in_brackets(2, 3), 0, BEGINS, EXECUTED)
    assert place == " (line 2 of the cell that begins `lambd = '0.7'`, cell [3])"


def test_place_inside_of_a_diagnosis_is_named_and_stays_a_value() -> None:
    entry = diagnosis(NAME_ERROR, name="xx", line=in_line(2, 3))

    named = in_diagnosis(entry, 5, BEGINS)

    assert "`xx` in line 2 of the cell that begins `lambd = '0.7'` (code cell 3)," in named.what
    assert named.values == {"name": "xx", "line": 2, "cell": 3, "begins": "lambd = '0.7'"}
    assert in_text("plain text", 5, BEGINS) == "plain text"
    assert in_text(gettext("{cell} has no line.", cell=3), 5, BEGINS) == "3 has no line."
