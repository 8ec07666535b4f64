"""Files that no text of cells can express, each made from the right notebook.

Their docstrings are their labels. What is promised about a file depends on its group:
`READABLE` must be graded as the right notebook it is; `NO_NOTEBOOK` is invalid and worth nothing;
of `DAMAGED` a reader may be graded in part or refused, with a note or a reason.
"""

import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from tests.submissions.corpus import PASSED, Labelled

Make = Callable[[bytes], bytes]


def made_from(right: bytes) -> tuple[Labelled, ...]:
    """Return all malformed files, made from the bytes of the right notebook."""
    graded, invalid = frozenset({"graded"}), frozenset({"invalid"})
    return (
        *(replace(_labelled(make, right), statuses=PASSED, score=100.0) for make in READABLE),
        *(replace(_labelled(make, right), status=graded | invalid) for make in DAMAGED),
        *(replace(_labelled(make, right), status=invalid, score=0.0) for make in NO_NOTEBOOK),
    )


def _labelled(make: Make, right: bytes) -> Labelled:
    """Return a malformed file of which nothing is promised yet."""
    label = (make.__doc__ or "").strip().rstrip(".")
    name = f"malformed-{make.__name__.replace('_', '-')}"
    return Labelled(name=name, label=label, data=make(right), statuses={})


# ------------------------------------------------------------------ readable: an author's slip


def trailing_comma(right: bytes) -> bytes:
    """A comma before the bracket that closes the list of cells."""
    return right.replace(b"\n ],\n", b",\n ],\n", 1)


def byte_order_mark(right: bytes) -> bytes:
    """A byte order mark first, as some editors for Windows write it."""
    return b"\xef\xbb\xbf" + right


def crlf_line_ends(right: bytes) -> bytes:
    """Lines that end as on Windows, in the file and inside the cells."""
    text = _changed(right, lambda cell: {**cell, "source": _crlf(cell["source"])})
    return text.replace(b"\n", b"\r\n")


def utf16(right: bytes) -> bytes:
    """UTF-16 with its mark, as a redirected output of PowerShell."""
    return right.decode().encode("utf-16")


def blank_lines_around(right: bytes) -> bytes:
    """Blank lines before the first brace and behind the last."""
    return b"\n \n" + right + b"\n\n\t\n"


def string_sources(right: bytes) -> bytes:
    """Sources as one string per cell, which the format allows."""
    return _changed(right, lambda cell: {**cell, "source": "".join(cell["source"])})


def without_outputs(right: bytes) -> bytes:
    """Code cells without outputs and execution counts, which the format demands."""
    return _changed(right, lambda cell: {k: cell[k] for k in ("cell_type", "metadata", "source")})


def without_metadata(right: bytes) -> bytes:
    """Neither the notebook nor its cells have metadata."""
    document = json.loads(_changed(right, lambda cell: {**cell, "metadata": {}}))
    del document["metadata"]
    for cell in document["cells"]:
        del cell["metadata"]
    return _written(document)


def newer_minor_version(right: bytes) -> bytes:
    """A later minor version of the format, with keys that are unknown today."""
    document = json.loads(_changed(right, lambda cell: {**cell, "mood": "good"}))
    return _written({**document, "nbformat_minor": 99, "future": []})


def equal_cell_ids(right: bytes) -> bytes:
    """Version 4.5, and all cells have the same id after copying."""
    document = json.loads(_changed(right, lambda cell: {**cell, "id": "copy"}))
    return _written({**document, "nbformat_minor": 5})


def nbformat_3(right: bytes) -> bytes:
    """The format of IPython 2, with worksheets and inputs."""
    cells = [_as_version_3(cell) for cell in json.loads(right)["cells"]]
    sheet = {"cells": cells, "metadata": {}}
    document = {"nbformat": 3, "nbformat_minor": 0, "metadata": {"name": ""}}
    return _written({**document, "worksheets": [sheet]})


def nan_in_metadata(right: bytes) -> bytes:
    """Metadata hold NaN and Infinity, which are no JSON."""
    return _written({**json.loads(right), "metadata": {"took": float("nan"), "best": float("inf")}})


def huge_outputs(right: bytes) -> bytes:
    """Four million characters of stored output, of a training that printed every cost."""
    text = "cost: 0.6557412523481002\n" * 160_000
    output = {"output_type": "stream", "name": "stdout", "text": text}
    return _changed(right, lambda cell: {**cell, "outputs": [output]}, only="learning_rate = 0.3)")


def lone_surrogate_in_output(right: bytes) -> bytes:
    """A stored output holds half a character, which no encoding can write."""
    output = {"output_type": "stream", "name": "stdout", "text": "half \ud83d"}
    return _changed(right, lambda cell: {**cell, "outputs": [output]})


def markup_in_output(right: bytes) -> bytes:
    """Stored outputs that would run in a browser and colour a terminal."""
    html = "<script>document.title = 'mine'</script>"
    data = {"text/html": html, "text/plain": "\x1b[31m\x1b]0;mine\x07"}
    output = {"output_type": "display_data", "data": data, "metadata": {}}
    return _changed(right, lambda cell: {**cell, "outputs": [output]})


# ------------------------------------------------------------------ damaged: parts may be saved


def truncated(right: bytes) -> bytes:
    """The upload broke off after two thirds."""
    return right[: len(right) * 2 // 3]


def merge_markers(right: bytes) -> bytes:
    """A conflict of two versions is left between the cells."""
    at = right.index(b"  {\n", len(right) // 2)
    mine = b'  {\n   "cell_type": "markdown",\n   "metadata": {},\n   "source": ["mine"]\n  },\n'
    return b"".join(
        (right[:at], b"<<<<<<< HEAD\n", mine, b"=======\n", b">>>>>>> theirs\n", right[at:])
    )


def python_script(right: bytes) -> bytes:
    """The cells as a Python script, with the ending of a notebook."""
    cells = (cell for cell in json.loads(right)["cells"] if cell["cell_type"] == "code")
    return "\n\n".join("".join(cell["source"]) for cell in cells).encode()


def latin_1(right: bytes) -> bytes:
    """A word with an accent in Latin-1."""
    return right.replace(b"French", "Française".encode("latin-1"), 1)


def deeply_nested_metadata(right: bytes) -> bytes:
    """Metadata nested deeper than most JSON readers can follow."""
    depth = 100_000
    return right.replace(b'"metadata": {}', b'"metadata": ' + b"[" * depth + b"]" * depth, 1)


def null_bytes_behind(right: bytes) -> bytes:
    """A disk that filled up left null bytes behind the notebook."""
    return right + bytes(4096)


def source_is_null(right: bytes) -> bytes:
    """A cell whose source is null."""
    return _changed(right, lambda cell: {**cell, "source": None}, only="import ")


def cell_is_a_number(right: bytes) -> bytes:
    """The list of cells holds a number."""
    document = json.loads(right)
    return _written({**document, "cells": [7, *document["cells"]]})


# ------------------------------------------------------------------ no notebook


def empty(_right: bytes) -> bytes:
    """An empty file."""
    return b""


def blank(_right: bytes) -> bytes:
    """A file of blank lines."""
    return b"\n\n   \n"


def pdf(_right: bytes) -> bytes:
    """A PDF with the ending of a notebook."""
    return b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n1 0 obj\n<< /Type /Catalog >>\nendobj\n%%EOF\n"


def zip_archive(right: bytes) -> bytes:
    """A zip archive with the ending of a notebook."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(zipfile.ZipInfo("Regularization.ipynb"), right)
    return buffer.getvalue()


def login_page(_right: bytes) -> bytes:
    """The page of a password prompt, saved in place of the notebook."""
    return b"<!DOCTYPE html>\n<html><head><title>Sign in</title></head><body></body></html>\n"


def bare_list(right: bytes) -> bytes:
    """The list of cells without the notebook around it."""
    return _written(json.loads(right)["cells"])


def bare_string(_right: bytes) -> bytes:
    """JSON that holds one word."""
    return b'"Regularization"\n'


def other_json(_right: bytes) -> bytes:
    """JSON of something else."""
    return b'{"type": "FeatureCollection", "features": []}\n'


def random_bytes(_right: bytes) -> bytes:
    """Every byte there is, four times."""
    return bytes(range(256)) * 4


READABLE: tuple[Make, ...] = (
    trailing_comma,
    byte_order_mark,
    crlf_line_ends,
    utf16,
    blank_lines_around,
    string_sources,
    without_outputs,
    without_metadata,
    newer_minor_version,
    equal_cell_ids,
    nbformat_3,
    nan_in_metadata,
    huge_outputs,
    lone_surrogate_in_output,
    markup_in_output,
)
DAMAGED: tuple[Make, ...] = (
    truncated,
    merge_markers,
    python_script,
    latin_1,
    deeply_nested_metadata,
    null_bytes_behind,
    source_is_null,
    cell_is_a_number,
)
NO_NOTEBOOK: tuple[Make, ...] = (
    empty,
    blank,
    pdf,
    zip_archive,
    login_page,
    bare_list,
    bare_string,
    other_json,
    random_bytes,
)


# ------------------------------------------------------------------ how they are made

Change = Callable[[dict[str, Any]], dict[str, Any]]


def _changed(right: bytes, change: Change, *, only: str = "") -> bytes:
    """Return the notebook with every code cell changed whose source contains `only`."""
    document = json.loads(right)
    document["cells"] = [
        change(cell) if cell["cell_type"] == "code" and only in "".join(cell["source"]) else cell
        for cell in document["cells"]
    ]
    return _written(document)


def _crlf(lines: list[str]) -> list[str]:
    return [line.replace("\n", "\r\n") for line in lines]


def _as_version_3(cell: dict[str, Any]) -> dict[str, Any]:
    if cell["cell_type"] == "markdown":
        return cell
    code = {"cell_type": "code", "collapsed": False, "language": "python", "outputs": []}
    return {**code, "metadata": {}, "input": cell["source"]}


def _written(document: object) -> bytes:
    return json.dumps(document, indent=1).encode() + b"\n"
