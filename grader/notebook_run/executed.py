"""Write the executed notebook: the student's cells and their outputs, safe to open.

Outputs are untrusted. Text keeps colours but no other control sequences, a picture must begin with
the signature of PNG, and markup passes an allow-list without scripts, styles and links to fetch.
"""

from __future__ import annotations

import base64
import contextlib
import dataclasses
from collections.abc import Sequence
from typing import Any

import nbformat
import nh3

from grader.messages.sanitize import keep_colours, strip_controls
from grader.model import Raised
from grader.model.notebook_run import CellRun, CellStatus, NotebookRun, Output
from grader.notebook import NotANotebook, all_cells

_PNG = b"\x89PNG\r\n\x1a\n"
_SHAPES = "svg g defs title desc path rect circle ellipse line polyline polygon text tspan"
_LOOKS = (
    "d x y cx cy r rx ry x1 y1 x2 y2 width height points viewBox xmlns transform fill fill-opacity"
    " stroke stroke-width stroke-linecap stroke-linejoin stroke-dasharray opacity font-size text-anchor"
)
_HTML = nh3.Cleaner(tags=nh3.ALLOWED_TAGS - {"img"}, url_schemes={"http", "https"})
_SVG = nh3.Cleaner(
    tags=set(_SHAPES.split()),
    attributes={"*": set(_LOOKS.split())},
    attribute_filter=lambda _element, _name, value: None if "url(" in value.lower() else value,
    url_schemes=set(),
)
_SAFE_MARKUP = {"text/html": _HTML, "image/svg+xml": _SVG}
_MOST_OF_A_NAME, _MOST_OF_A_MESSAGE = 100, 66_000
_MOST_MARKUP, _MOST_MARKUP_IN_OUTPUT = 1 << 20, 66_000
"""Cleaning hostile markup takes quadratic time."""


def executed_notebook(data: bytes, run: NotebookRun) -> str:
    """Return the JSON of the submitted notebook `data` with the outputs of its run.

    Of a script there are only the code cells that ran.
    """
    run = _with_less_markup(run)
    runs = {cell_run.cell.number: cell_run for cell_run in run.cells}
    numbers = [cell_run.cell.number for cell_run in run.cells]
    submitted: Sequence[tuple[int | None, str]] = ()
    with contextlib.suppress(NotANotebook):
        submitted = all_cells(data)
    if [number for number, _ in submitted if number is not None] != list(filter(None, numbers)):
        submitted = [(number, "") for number in numbers if number]
    cells: list[Any] = []
    for number, text in submitted:
        if number is None:
            cells.append(nbformat.v4.new_markdown_cell(text))
            continue
        cells.append(_code(runs[number], len(cells)))
        after = numbers.index(number) + 1
        if numbers[after : after + 1] == [0]:
            # The cell that the grader added, tagged like papermill's.
            cells.append(_code(run.cells[after], after))
            cells[-1].metadata = nbformat.NotebookNode(tags=["injected-parameters"])
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook = nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})
    for number, cell in enumerate(cells, start=1):
        cell["id"] = f"cell-{number}"
    return str(nbformat.writes(notebook))


def _with_less_markup(run: NotebookRun) -> NotebookRun:
    """Return a run without the markup beyond `_MOST_MARKUP` bytes; text stays."""
    room = _MOST_MARKUP
    cells = []
    for cell_run in run.cells:
        outputs = []
        for output in cell_run.outputs:
            size = sum(len(output.data.get(mime, b"")) for mime in _SAFE_MARKUP)
            fits = size <= min(room, _MOST_MARKUP_IN_OUTPUT)
            room -= size if fits else 0
            left_out = () if fits else tuple(_SAFE_MARKUP)
            rest = {mime: data for mime, data in output.data.items() if mime not in left_out}
            outputs.append(dataclasses.replace(output, data=rest))
        cells.append(dataclasses.replace(cell_run, outputs=tuple(outputs)))
    return dataclasses.replace(run, cells=tuple(cells))


def _code(run: CellRun, count: int) -> Any:
    cell = nbformat.v4.new_code_cell(run.cell.source)
    if run.status is not CellStatus.NOT_RUN:
        cell.execution_count = count + 1
        cell.outputs = [_output(output, run.raised, count + 1) for output in run.outputs]
        cell.metadata = nbformat.NotebookNode(grader={"status": run.status.value})
    return cell


def _output(output: Output, raised: Raised | None, count: int) -> Any:
    """Return an output with text without control sequences, cleaned markup and PNG pictures."""
    text = keep_colours(output.data.get("text/plain", b"").decode("utf-8", "replace"))
    if output.kind == "stream":
        name = "stderr" if output.name == "stderr" else "stdout"
        return nbformat.v4.new_output("stream", name=name, text=text)
    if output.kind == "error":
        return _error(output, text, raised)
    data = {"text/plain": text}
    for mime, cleaner in _SAFE_MARKUP.items():
        if mime in output.data:
            data[mime] = cleaner.clean(output.data[mime].decode("utf-8", "replace"))
    picture = output.data.get("image/png", b"")
    if picture.startswith(_PNG):
        data["image/png"] = base64.b64encode(picture).decode("ascii")
    more = {"execution_count": count} if output.kind == "execute_result" else {}
    return nbformat.v4.new_output(output.kind, data=data, **more)


def _error(output: Output, trace: str, raised: Raised | None) -> Any:
    """Return an error with the message of the cell's exception, else the end of its traceback."""
    lines = trace.split("\n") if trace else []
    name = strip_controls(output.name)
    if raised and raised.kind[:_MOST_OF_A_NAME] == output.name:
        message = raised.message
    else:
        last = next((line for line in reversed(lines) if line.strip()), "")
        message = strip_controls(last).removeprefix(name).removeprefix(":").strip()
    message = strip_controls(message[:_MOST_OF_A_MESSAGE])
    return nbformat.v4.new_output("error", ename=name, evalue=message, traceback=lines)
