"""Read submitted bytes as a notebook, or say in one sentence what they are instead.

Only the sources of the code cells go on. Outputs, counters, ids and metadata are dropped before
validation, so none of them can cost time, memory or a point.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, TypeVar

import nbformat

from grader.messages import said
from grader.model import Cell, Notebook
from grader.notebook.document import NotANotebook, load, with_newlines, wrong_kind

__all__ = ["NotANotebook", "places", "read"]

MAX_CODE = 300_000
MAX_LINES = 10_000
MAX_CELLS = 5_000

_T = TypeVar("_T")
_TEXT_CELLS = {"markdown", "raw", "heading", "html", "text"}
_MARKS_OF_CODE = {"outputs", "execution_count", "input"}
_MARKER = re.compile(r"^# ?(%%.*|In ?\[[ \d*]*\]:?[ \t]*)\n?", re.MULTILINE)
_TEXT_MARKER = re.compile(r"\[(?:markdown|md|raw)\]")
_SURROGATE = re.compile("[\ud800-\udfff]")


def read(data: bytes) -> Notebook:
    """Return the code cells of a notebook, repaired where the meaning is plain.

    Raises NotANotebook, whose message is one sentence for the student, and nothing else.
    """
    notes: list[str] = []
    found = load(data, notes)
    sources = _of_script(found, notes) if isinstance(found, str) else _of_tree(found, notes)
    if not sources:
        raise NotANotebook(
            said(
                "This notebook has no code cell, so there is nothing to grade:"
                " submit the notebook that holds your code, in cells of type Code."
            )
        )
    cells = tuple(Cell(number, source) for number, source in enumerate(sources, start=1))
    lines = sum(cell.source.count("\n") for cell in cells)
    if lines > MAX_LINES or sum(len(cell.source) for cell in cells) > MAX_CODE:
        raise NotANotebook(
            said(
                "This notebook holds more than {lines} lines or {characters} characters of code:"
                " submit one with the assignment's code only.",
                lines=f"{MAX_LINES:,}",
                characters=f"{MAX_CODE:,}",
            )
        )
    return Notebook(cells, tuple(dict.fromkeys(notes)))


def places(data: bytes) -> tuple[tuple[int | None, str], ...]:
    """Return the cells of a notebook in order: the number of a code cell, or None and its text.

    Of a script there are none. Raises NotANotebook.
    """
    found = load(data, [])
    if not isinstance(found, dict):
        return ()
    _, items = _version_and_cells(found, [])
    told: list[tuple[int | None, str]] = []
    number = 0
    for cell in _dicts(_bounded(items), []):
        code = _is_code(cell, [])
        number += code
        told.append((number, "") if code else (None, _source(cell, [])))
    return tuple(told)


def _bounded(cells: list[_T]) -> list[_T]:
    if len(cells) > MAX_CELLS:
        raise NotANotebook(
            said(
                "This notebook has more than {count} cells:"
                " submit one with the assignment's cells only.",
                count=MAX_CELLS,
            )
        )
    return cells


def _clean(source: str, notes: list[str]) -> str:
    """Return a source any Python parser takes: newlines plain, no NUL, no lone surrogate."""
    if "\0" in source:
        notes.append(said("NUL characters were removed from a cell."))
        source = source.replace("\0", "")
    if _SURROGATE.search(source):
        source = source.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return with_newlines(source)


# ------------------------------------------------------------------ a script


def _of_script(text: str, notes: list[str]) -> list[str]:
    """Split a Python script at its cell markers; without any it is one cell."""
    preamble, *rest = _MARKER.split(text, MAX_CELLS + 1)
    chunks = _bounded(list(zip(rest[::2], rest[1::2], strict=True)))
    sources = [_clean(body, notes) for mark, body in chunks if not _TEXT_MARKER.search(mark)]
    if not rest or _holds_code(preamble):
        sources.insert(0, _clean(preamble, notes))
    cells = said("1 cell") if len(sources) == 1 else said("{count} cells", count=len(sources))
    notes.append(
        said("The file was a Python script; it was read as a notebook with {cells}.", cells=cells)
    )
    return sources


def _holds_code(text: str) -> bool:
    return any(line.strip() and not line.startswith("#") for line in text.splitlines())


# ------------------------------------------------------------------ a tree of JSON


def _of_tree(tree: object, notes: list[str]) -> list[str]:
    version, items = _version_and_cells(tree if isinstance(tree, dict) else {}, notes)
    cells = _dicts(_bounded(items), notes)
    return _validated(version, [_source(cell, notes) for cell in cells if _is_code(cell, notes)])


def _version_and_cells(tree: dict[str, Any], notes: list[str]) -> tuple[int, list[object]]:
    """Tell the format by the layout, which is never wrong; the number beside it sometimes is."""
    cells, sheets, declared = tree.get("cells"), tree.get("worksheets"), tree.get("nbformat")
    version = 4
    if isinstance(sheets, list) and not cells:
        version = 2 if declared == 2 else 3
        cells = _cells_of_worksheets(sheets)
        notes.append(
            said("The notebook was of the old format {version}; it was upgraded.", version=version)
        )
    if not isinstance(cells, list):
        raise wrong_kind(said("JSON without a list of cells"))
    if declared != version:
        notes.append(
            said(
                "The format's number was missing or wrong; it was read as format {version}.",
                version=version,
            )
        )
    if not isinstance(tree.get("metadata"), dict):
        notes.append(said("The notebook's metadata was missing; it was read without."))
    return version, cells


def _cells_of_worksheets(sheets: list[object]) -> list[object]:
    inner = [sheet.get("cells") for sheet in sheets if isinstance(sheet, dict)]
    return [cell for cells in inner if isinstance(cells, list) for cell in cells]


def _dicts(items: list[object], notes: list[str]) -> Iterator[dict[str, Any]]:
    for item in items:
        if isinstance(item, dict):
            yield item
        else:
            notes.append(said("An entry that was no cell was left out."))


def _is_code(cell: dict[str, Any], notes: list[str]) -> bool:
    declared = cell.get("cell_type")
    kind = declared.strip().casefold() if isinstance(declared, str) else ""
    if kind == "code" or kind in _TEXT_CELLS:
        return kind == "code"
    code = not cell.keys().isdisjoint(_MARKS_OF_CODE)
    notes.append(
        said("A cell of unknown type was read as code.")
        if code
        else said("A cell of unknown type was left out.")
    )
    return code


def _source(cell: dict[str, Any], notes: list[str]) -> str:
    value = cell.get("source", cell.get("input"))
    if isinstance(value, list):
        value = _joined(value, notes)
    if isinstance(value, str):
        return _clean(value, notes)
    notes.append(said("A cell without source was read as empty."))
    return ""


def _joined(parts: list[object], notes: list[str]) -> str:
    lines = [part for part in parts if isinstance(part, str)]
    if len(lines) < len(parts):
        notes.append(said("Parts of a cell that were no text were left out."))
    whole = "".join(lines)
    if len(lines) > 1 and whole and "\n" not in whole and "\r" not in whole:
        notes.append(said("The lines of a cell had no line ends; each was put on its own line."))
        return "\n".join(lines)
    return whole


# ------------------------------------------------------------------ upgrade and validation


def _validated(version: int, sources: list[str]) -> list[str]:
    """Upgrade to the current format and validate strictly: what goes on is a notebook."""
    lean = _lean_v4(sources) if version == 4 else _lean_v3(version, sources)
    node = nbformat.convert(nbformat.from_dict(lean), 4)
    nbformat.validate(node)
    return [cell.source for cell in node.cells]


def _lean_v4(sources: list[str]) -> dict[str, Any]:
    """Build format 4.4, the last one without cell ids: nothing to invent, nothing to warn of."""
    cell: dict[str, Any] = {"cell_type": "code", "metadata": {}, "outputs": []}
    cells = [{**cell, "execution_count": None, "source": source} for source in sources]
    return {"nbformat": 4, "nbformat_minor": 4, "metadata": {}, "cells": cells}


def _lean_v3(version: int, sources: list[str]) -> dict[str, Any]:
    cell: dict[str, Any] = {"cell_type": "code", "metadata": {}, "outputs": []}
    cells = [{**cell, "language": "python", "input": source} for source in sources]
    sheets = [{"metadata": {}, "cells": cells}]
    top = {"nbformat": version, "nbformat_minor": 0, "metadata": {"name": ""}}
    return {**top, "worksheets": sheets}
