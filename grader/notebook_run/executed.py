"""Write a notebook as it was run: the student's cells, and what they showed, made safe to open.

Outputs come from a submission, so they are text with nothing that a terminal obeys but colours, pictures
in PNG whose bytes say so, and markup that has passed an allow-list: no script, no style, nothing that
is fetched.
"""

from __future__ import annotations

import base64
import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

import nbformat
import nh3

from grader.messages.sanitize import coloured, colourless
from grader.model import Raised
from grader.model.notebook_run import CellRun, CellStatus, NotebookRun, Output
from grader.notebook import NotANotebook, places

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
_MOST_MARKUP, _MOST_MARKUP_IN_ONE = 1 << 20, 66_000
"""To clean hostile markup takes time that grows with the square of its length."""


def executed(data: bytes, session: NotebookRun) -> str:
    """Return the JSON of the notebook that was submitted as `data`, with the outputs of a run."""
    session = _with_less_markup(session)
    runs = {run.cell.number: run for run in session.cells}
    cells: list[Any] = []
    for number, text in _in_order(data, session):
        if number is None:
            cells.append(nbformat.v4.new_markdown_cell(text))
            continue
        cells.append(_code(runs[number], len(cells)))
        cells += _injected(session, number)
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    notebook = nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})
    for at, cell in enumerate(cells):
        cell["id"] = f"cell-{at + 1}"
    return str(nbformat.writes(notebook))


def _with_less_markup(session: NotebookRun) -> NotebookRun:
    """Return a session without the markup that goes beyond what a notebook may show; texts stay."""
    room = _MOST_MARKUP
    runs = []
    for run in session.cells:
        outputs = []
        for output in run.outputs:
            size = sum(len(output.data.get(mime, b"")) for mime in _SAFE_MARKUP)
            fits = size <= min(room, _MOST_MARKUP_IN_ONE)
            room -= size if fits else 0
            outputs.append(output if fits else _without_markup(output))
        runs.append(dataclasses.replace(run, outputs=tuple(outputs)))
    return dataclasses.replace(session, cells=tuple(runs))


def _without_markup(output: Output) -> Output:
    rest = {mime: data for mime, data in output.data.items() if mime not in _SAFE_MARKUP}
    return dataclasses.replace(output, data=rest)


def _in_order(data: bytes, session: NotebookRun) -> Sequence[tuple[int | None, str]]:
    """Return texts, and the numbers of code cells, as they stood; of a script only what was run."""
    try:
        found = places(data)
    except NotANotebook:
        found = ()
    own = [run.cell.number for run in session.cells if run.cell.number]
    if [number for number, _ in found if number is not None] == own:
        return found
    return [(number, "") for number in own]


def _injected(session: NotebookRun, before: int) -> list[Any]:
    """Return the cell that the grader put in behind another, marked as papermill marks its own."""
    numbers = [run.cell.number for run in session.cells]
    at = numbers.index(before) + 1
    if numbers[at : at + 1] != [0]:
        return []
    cell = _code(session.cells[at], at)
    cell.metadata = nbformat.NotebookNode(tags=["injected-parameters"])
    return [cell]


def _code(run: CellRun, count: int) -> Any:
    cell = nbformat.v4.new_code_cell(run.cell.source)
    if run.status is not CellStatus.NOT_RUN:
        cell.execution_count = count + 1
        cell.outputs = [_output(output, run.raised, count + 1) for output in run.outputs]
        cell.metadata = nbformat.NotebookNode(grader={"status": run.status.value})
    return cell


def _output(output: Output, raised: Raised | None, count: int) -> Any:
    text = _plain(output.data)
    if output.kind == "stream":
        name = "stderr" if output.name == "stderr" else "stdout"
        return nbformat.v4.new_output("stream", name=name, text=text)
    if output.kind == "error":
        return _error(output, text, raised)
    more = {"execution_count": count} if output.kind == "execute_result" else {}
    return nbformat.v4.new_output(output.kind, data=_safe(output.data), **more)


def _error(output: Output, trace: str, raised: Raised | None) -> Any:
    """Return an error with its message: as it was told of the cell, else the end of its traceback."""
    lines = trace.split("\n") if trace else []
    name = colourless(output.name)
    if raised and raised.kind[:_MOST_OF_A_NAME] == output.name:
        message = raised.message
    else:
        last = next((line for line in reversed(lines) if line.strip()), "")
        message = colourless(last).removeprefix(name).removeprefix(":").strip()
    message = colourless(message[:_MOST_OF_A_MESSAGE])
    return nbformat.v4.new_output("error", ename=name, evalue=message, traceback=lines)


def _plain(data: Mapping[str, bytes]) -> str:
    return coloured(data.get("text/plain", b"").decode("utf-8", "replace"))


def _safe(data: Mapping[str, bytes]) -> dict[str, str]:
    """Return data by MIME type: text as it is, markup cleaned, a picture if it is one."""
    kept = {"text/plain": _plain(data)}
    for mime, cleaner in _SAFE_MARKUP.items():
        if mime in data:
            kept[mime] = cleaner.clean(data[mime].decode("utf-8", "replace"))
    picture = data.get("image/png", b"")
    if picture.startswith(_PNG):
        kept["image/png"] = base64.b64encode(picture).decode("ascii")
    return kept
