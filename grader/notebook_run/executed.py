"""Write the executed notebook: the student's cells and their outputs, safe to open.

Outputs are untrusted. Text keeps colours but no other control sequences, a picture must begin with
the signature of PNG, and markup passes an allow-list without scripts, styles and links to fetch.
"""

from __future__ import annotations

import base64
import contextlib
import dataclasses
import json
from collections.abc import Sequence
from typing import Any

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
_MOST_TEXT, _MOST_PICTURES = 8 << 20, 24 << 20
"""Bytes of all outputs that are kept. To clean text, and to write both, takes linear time."""
_MOST_MARKUP, _MOST_MARKUP_IN_OUTPUT = 20 * 10**9, 66_000
"""The squares of the sizes, because cleaning hostile markup takes quadratic time; bytes of one output."""
_TOO_LARGE = "[The grader did not keep all outputs of this cell: this notebook has too many.]\n"


def executed_notebook(data: bytes, run: NotebookRun) -> str:
    """Return the JSON of the submitted notebook `data` with the outputs of its run.

    Of a script there are only the code cells that ran.
    """
    run = _with_less(run)
    runs = {cell_run.cell.number: cell_run for cell_run in run.cells}
    numbers = [cell_run.cell.number for cell_run in run.cells]
    submitted: Sequence[tuple[int | None, str]] = ()
    with contextlib.suppress(NotANotebook):
        submitted = all_cells(data)
    if [number for number, _ in submitted if number is not None] != list(filter(None, numbers)):
        submitted = [(number, "") for number in numbers if number]
    cells: list[dict[str, Any]] = []
    for number, text in submitted:
        if number is None:
            cells.append({"cell_type": "markdown", "metadata": {}, "source": text})
            continue
        cells.append(_code(runs[number], len(cells)))
        after = numbers.index(number) + 1
        if numbers[after : after + 1] == [0]:
            # The cell that the grader added, tagged like papermill's.
            cells.append(_code(run.cells[after], after))
            cells[-1]["metadata"] = {"tags": ["injected-parameters"]}
    for position, cell in enumerate(cells, start=1):
        cell["id"] = f"cell-{position}"
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook = {"nbformat": 4, "nbformat_minor": 5, "metadata": {"kernelspec": kernel}}
    # nbformat would check each output against a schema, which takes longer than all else.
    return json.dumps({**notebook, "cells": cells}, ensure_ascii=False)


class _Room:
    """The room that is left for outputs, by type."""

    def __init__(self) -> None:
        self._left = {"text/plain": _MOST_TEXT, "image/png": _MOST_PICTURES}
        self._left |= dict.fromkeys(_SAFE_MARKUP, _MOST_MARKUP)

    def takes(self, mime: str, data: bytes) -> bool:
        """Return True if there is room for some data, and give it that room."""
        size = len(data)
        if mime in _SAFE_MARKUP:
            size = size**2 if size <= _MOST_MARKUP_IN_OUTPUT else _MOST_MARKUP + 1
        if size > self._left[mime]:
            return False
        self._left[mime] -= size
        return True


def _with_less(run: NotebookRun) -> NotebookRun:
    """Return a run without the outputs that there is no room for; a note is in their cells."""
    room = _Room()
    cells = []
    for cell_run in run.cells:
        outputs = []
        for output in cell_run.outputs:
            kept = {mime: data for mime, data in output.data.items() if room.takes(mime, data)}
            outputs.append(dataclasses.replace(output, data=kept))
        if any(
            a.data.keys() != b.data.keys() for a, b in zip(outputs, cell_run.outputs, strict=True)
        ):
            outputs = [output for output in outputs if output.data or output.kind == "error"]
            outputs.append(Output("stream", "stderr", {"text/plain": _TOO_LARGE.encode()}))
        cells.append(dataclasses.replace(cell_run, outputs=tuple(outputs)))
    return dataclasses.replace(run, cells=tuple(cells))


def _code(run: CellRun, count: int) -> dict[str, Any]:
    cell: dict[str, Any] = {"cell_type": "code", "source": run.cell.source, "metadata": {}}
    cell |= {"execution_count": None, "outputs": []}
    if run.status is not CellStatus.NOT_RUN:
        cell["execution_count"] = count + 1
        cell["outputs"] = [_output(output, run.raised, count + 1) for output in run.outputs]
        cell["metadata"] = {"grader": {"status": run.status.value}}
    return cell


def _output(output: Output, raised: Raised | None, count: int) -> dict[str, Any]:
    """Return an output with text without control sequences, cleaned markup and PNG pictures."""
    text = keep_colours(output.data.get("text/plain", b"").decode("utf-8", "replace"))
    if output.kind == "stream":
        name = "stderr" if output.name == "stderr" else "stdout"
        return {"output_type": "stream", "name": name, "text": text}
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
    return {"output_type": output.kind, "data": data, "metadata": {}, **more}


def _error(output: Output, trace: str, raised: Raised | None) -> dict[str, Any]:
    """Return an error with the message of the cell's exception, else the end of its traceback."""
    lines = trace.split("\n") if trace else []
    name = strip_controls(output.name[:_MOST_OF_A_NAME])
    if raised and raised.kind[:_MOST_OF_A_NAME] == output.name:
        message = raised.message
    else:
        last = next((line for line in reversed(lines) if line.strip()), "")
        message = strip_controls(last).removeprefix(name).removeprefix(":").strip()
    message = strip_controls(message[:_MOST_OF_A_MESSAGE])
    return {"output_type": "error", "ename": name, "evalue": message, "traceback": lines}
