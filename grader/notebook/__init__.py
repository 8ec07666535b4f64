"""Read submitted bytes as a notebook: the sources of its code cells.

Only sources and kinds of cells are read, so outputs and metadata cannot cost time or memory.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, TypeVar

from grader.messages import gettext
from grader.model import Cell, Notebook
from grader.model.submission import Module
from grader.notebook import text_formats
from grader.notebook.document import NotANotebook, load, with_newlines, wrong_kind

__all__ = ["NotANotebook", "all_cells", "read", "written_modules"]

MAX_CODE = 300_000
MAX_LINES = 10_000
MAX_CELLS = 5_000

_T = TypeVar("_T")
_TEXT_CELLS = {"markdown", "raw", "heading", "html", "text"}
_MARKS_OF_CODE = {"outputs", "execution_count", "input"}
_SURROGATE = re.compile("[\ud800-\udfff]")
_WRITTEN_MODULE = re.compile(
    r"\s*%%(?:writefile|file)[ \t]+(?P<append>-a[ \t]+|--append[ \t]+)?"
    r"['\"]?(?:\./)?(?P<name>\w+)\.py['\"]?[ \t]*\n"
)
_MOST_MODULES, _MODULE_BYTES = 10, 500_000


def read(data: bytes) -> Notebook:
    """Return the code cells of a notebook, repaired where that is unambiguous, with a note for each repair.

    Raises only NotANotebook, whose message is a sentence for the student.
    """
    notes: list[str] = []
    content = load(data, notes)
    if isinstance(content, str):
        cells_of_text, note = text_formats.split(content, MAX_CELLS)
        sources = [_clean(source, notes) for source in _bounded(cells_of_text)]
        notes.append(note)
    else:
        items = _cells(content if isinstance(content, dict) else {}, notes)
        cells_ = _dicts(_bounded(items), notes)
        sources = [_source(c, notes) for c in cells_ if _is_code(c, notes)]
    if not sources:
        raise NotANotebook(
            gettext(
                "This notebook has no code cells, so there is nothing to grade. "
                "Submit the notebook with your code in cells of type Code."
            )
        )
    cells = tuple(Cell(number, source) for number, source in enumerate(sources, start=1))
    lines = sum(cell.source.count("\n") for cell in cells)
    if lines > MAX_LINES or sum(len(cell.source) for cell in cells) > MAX_CODE:
        raise NotANotebook(
            gettext(
                "This notebook contains more than {lines} lines or {characters} "
                "characters of code. Submit a notebook with only the assignment's "
                "code.",
                lines=f"{MAX_LINES:,}",
                characters=f"{MAX_CODE:,}",
            )
        )
    return Notebook(cells, tuple(dict.fromkeys(notes)))


def all_cells(data: bytes) -> tuple[tuple[int | None, str], ...]:
    """Return all cells of a notebook in order: the number of a code cell, or None and the text.

    A script has no such cells. Raises NotANotebook.
    """
    content = load(data, [])
    if not isinstance(content, dict):
        return ()
    items = _cells(content, [])
    cells: list[tuple[int | None, str]] = []
    number = 0
    for cell in _dicts(_bounded(items), []):
        is_code = _is_code(cell, [])
        number += is_code
        cells.append((number, "") if is_code else (None, _source(cell, [])))
    return tuple(cells)


def written_modules(notebook: Notebook) -> tuple[Module, ...]:
    """Return the modules that cells write with `%%writefile NAME.py`, and that later cells may import.

    Each is as its last cell leaves it. Only the first few are returned.
    """
    texts: dict[str, str] = {}
    for cell in notebook.cells:
        if head := _WRITTEN_MODULE.match(cell.source):
            before = texts.get(head["name"], "") if head["append"] else ""
            texts[head["name"]] = before + cell.source[head.end() :].rstrip("\n") + "\n"
    modules = [Module(name, text.encode("utf-8", "replace")) for name, text in texts.items()]
    return tuple(m for m in modules[:_MOST_MODULES] if len(m.source) <= _MODULE_BYTES)


def _bounded(cells: list[_T]) -> list[_T]:
    if len(cells) > MAX_CELLS:
        raise NotANotebook(
            gettext(
                "This notebook has more than {count} cells. Submit a notebook with "
                "only the assignment's cells.",
                count=MAX_CELLS,
            )
        )
    return cells


def _clean(source: str, notes: list[str]) -> str:
    """Return a source with plain line ends, without a byte-order mark, NULs and lone surrogates."""
    source = source.removeprefix("\ufeff")
    if "\0" in source:
        notes.append(gettext("NUL characters were removed from a cell."))
        source = source.replace("\0", "")
    if _SURROGATE.search(source):
        source = source.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return with_newlines(source)


# ------------------------------------------------------------------ a tree of JSON


def _cells(tree: dict[str, Any], notes: list[str]) -> list[object]:
    """Return the cells. The layout decides the format version; the declared one may be wrong."""
    cells, sheets, declared = tree.get("cells"), tree.get("worksheets"), tree.get("nbformat")
    version = 4
    if isinstance(sheets, list) and not cells:
        version = 2 if declared == 2 else 3
        inner = [sheet.get("cells") for sheet in sheets if isinstance(sheet, dict)]
        cells = [cell for part in inner if isinstance(part, list) for cell in part]
        notes.append(
            gettext("The notebook had the old format {version} and was upgraded.", version=version)
        )
    if not isinstance(cells, list):
        raise wrong_kind(gettext("JSON without a list of cells"))
    if declared != version:
        notes.append(
            gettext(
                (
                    "The format version was missing or wrong. The notebook was read as "
                    "format {version}."
                ),
                version=version,
            )
        )
    if not isinstance(tree.get("metadata"), dict):
        notes.append(
            gettext("The notebook's metadata was missing. The notebook was read without metadata.")
        )
    return cells


def _dicts(items: list[object], notes: list[str]) -> Iterator[dict[str, Any]]:
    for item in items:
        if isinstance(item, dict):
            yield item
        else:
            notes.append(gettext("An entry that is not a cell was ignored."))


def _is_code(cell: dict[str, Any], notes: list[str]) -> bool:
    declared = cell.get("cell_type")
    kind = declared.strip().casefold() if isinstance(declared, str) else ""
    if kind == "code" or kind in _TEXT_CELLS:
        return kind == "code"
    code = not cell.keys().isdisjoint(_MARKS_OF_CODE)
    notes.append(
        gettext("A cell of unknown type was read as code.")
        if code
        else gettext("A cell of unknown type was ignored.")
    )
    return code


def _source(cell: dict[str, Any], notes: list[str]) -> str:
    value = cell.get("source", cell.get("input"))
    if isinstance(value, list):
        lines = [part for part in value if isinstance(part, str)]
        if len(lines) < len(value):
            notes.append(gettext("Parts of a cell that are not text were ignored."))
        value = "".join(lines)
        if len(lines) > 1 and value and "\n" not in value and "\r" not in value:
            notes.append(gettext("The lines of a cell had no line breaks. Line breaks were added."))
            value = "\n".join(lines)
    if isinstance(value, str):
        return _clean(value, notes)
    notes.append(gettext("A cell without content was read as an empty cell."))
    return ""
