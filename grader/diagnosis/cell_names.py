"""Name a cell as a student finds it in the notebook: by its first line, and by its number after it.

Sentences are made with the numbers of cells. Here, where the notebook is known, they are written
again. The cell of the function itself is "the cell": a view names it once for each function.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping

from grader.messages import N_, Message, Text
from grader.messages.sanitize import first_line
from grader.model import Cell
from grader.model.findings import Diagnosis

_IN = " in line {line} of code cell {cell}"
_BRACKETS = " (line {line} of code cell {cell})"
_STOPS = "Your function stops in line {line} of code cell {cell} with {error}."

_OWN = {
    _IN: N_(" in line {line} of the cell"),
    _BRACKETS: N_(" (line {line} of the cell)"),
    _STOPS: N_("Your function stops in line {line} of the cell with {error}."),
}
"""The sentences about the cell of the function, by those with its number only."""

SUBMITTED: Mapping[str, str] = {
    " in code cell {cell}": N_(" in the cell that begins `{begins}` (code cell {cell})"),
    _IN: N_(" in line {line} of the cell that begins `{begins}` (code cell {cell})"),
    _BRACKETS: N_(" (line {line} of the cell that begins `{begins}`, code cell {cell})"),
    _STOPS: N_(
        "Your function stops in line {line} of the cell that begins `{begins}` (code cell {cell}) "
        "with {error}."
    ),
    "{error} (line {line} of code cell {cell})": N_(
        "{error} (line {line} of the cell that begins `{begins}`, code cell {cell})"
    ),
}
"""The sentences about another cell of a submitted notebook, or about a whole cell."""

EXECUTED: Mapping[str, str] = {
    _IN: N_(" in line {line} of the cell that begins `{begins}` (cell [{cell}])"),
    _BRACKETS: N_(" (line {line} of the cell that begins `{begins}`, cell [{cell}])"),
    _STOPS: N_(
        "Your function stops in line {line} of the cell that begins `{begins}` (cell [{cell}]) "
        "with {error}."
    ),
}
"""The same where a kernel has counted its runs."""

FirstLines = Mapping[int, str]
"""The first line of each code cell that has one, by the number of the cell."""


def first_lines(cells: Iterable[Cell]) -> FirstLines:
    """Return the first line of each code cell."""
    return {cell.number: line for cell in cells if (line := first_line(cell.source))}


def in_diagnosis(
    diagnosis: Diagnosis,
    own: int | None,
    begins: FirstLines,
    sentences: Mapping[str, str] = SUBMITTED,
) -> Diagnosis:
    """Return a diagnosis whose sentences name each cell; `own` is the function's own."""
    what, why, then = (
        in_text(text, own, begins, sentences)
        for text in (diagnosis.what, diagnosis.why, diagnosis.next)
    )
    return dataclasses.replace(diagnosis, what=what, why=why, next=then)


def in_text(
    text: Text, own: int | None, begins: FirstLines, sentences: Mapping[str, str] = SUBMITTED
) -> Text:
    """Return a sentence that names each cell; the number of the cell stays one of its values."""
    if not isinstance(text, Message):
        return text
    values = {
        name: in_text(value, own, begins, sentences) if isinstance(value, Message) else value
        for name, value in text.values.items()
    }
    cell, id = values.get("cell"), text.id
    if cell == own and id in _OWN:
        return Message(_OWN[id], values)
    if id in sentences and isinstance(cell, int) and (line := begins.get(cell)):
        return Message(sentences[id], values | {"begins": line})
    return Message(id, values, text.plural)
