"""Read labelled submissions written as text, and make the notebooks that students would hand in.

A file of `notebooks/` is in the percent format: `# %%` begins a code cell, `# %% [markdown]` a text
cell. The comments above the first cell are the label, one `key: value` a line:

    # label: only W1 is penalised                       what it is, in a few words
    # replace: compute_cost_with_regularization         see below
    # compute_cost_with_regularization: failed          its status; a function not named is `passed`
    # diagnoses: l2-layer-missing                       ids that must appear
    # status: graded                                    of the whole; default `graded`
    # score: 75                                         where the points follow from the rubric
    # hostile: yes                                      never to be run outside a sandbox

`a | b` means either is right, a comma separates several diagnoses. With `replace`, the file is the
right notebook (`notebooks/_right.py`) with its own cells in the place of the cell that defines the
function named (of several: in the place of the first; the others go). `imports` names the first
code cell. Without `replace` the file is the whole notebook.

The reader is our own because a cell must hold exactly what is written, and here it is often no
Python: jupytext joins all cells below an unclosed triple quote to one and rewrites magics.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

FUNCTIONS = (
    "compute_cost_with_regularization",
    "backward_propagation_with_regularization",
    "forward_propagation_with_dropout",
    "backward_propagation_with_dropout",
)

_FOLDER = Path(__file__).parent / "notebooks"
_MARK = re.compile(r"^# %%(?: \[(markdown)\])?\n", re.MULTILINE)
_OF_TRAININGS = ("parameters = model(", "plt.title(")
_KEYS = frozenset({"label", "replace", "diagnoses", "status", "score", "hostile", *FUNCTIONS})

OneOf = frozenset[str]
"""Alternatives, of which any is right."""

PASSED: Mapping[str, OneOf] = {name: frozenset({"passed"}) for name in FUNCTIONS}


@dataclass(frozen=True, slots=True)
class Labelled:
    """The bytes of a submission and what grading them must say.

    A function missing in `statuses`, a `score` of None: nothing is promised about it.
    """

    name: str
    label: str
    data: bytes
    statuses: Mapping[str, OneOf]
    diagnoses: tuple[OneOf, ...] = ()
    status: OneOf = field(default=frozenset({"graded"}))
    score: float | None = None
    hostile: bool = False


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a notebook, its source exactly as written."""

    source: str
    is_code: bool = True


def read_all() -> tuple[Labelled, ...]:
    """Return the submissions of `notebooks/`: the right one first, then folder by folder."""
    right = _FOLDER / "_right.py"
    cells = parse(right.read_text("utf-8"))[1]
    return tuple(_read(path, cells) for path in (right, *sorted(_FOLDER.glob("*/*.py"))))


def parse(text: str) -> tuple[dict[str, str], tuple[Cell, ...]]:
    """Return the label's keys and the cells of a file in the percent format.

    Raises ValueError for a key that does not exist: a misspelt label would promise nothing.
    """
    head, *rest = _MARK.split(text)
    cells = (
        Cell(source.strip("\n"), is_code=kind != "markdown")
        for kind, source in zip(rest[::2], rest[1::2], strict=True)
    )
    label = dict(line.removeprefix("# ").split(": ", 1) for line in head.strip().splitlines())
    if unknown := label.keys() - _KEYS:
        raise ValueError(f"unknown in a label: {', '.join(sorted(unknown))}")
    return label, tuple(cell if cell.is_code else _prose(cell) for cell in cells)


def mixed(*names: str) -> bytes:
    """Return the right notebook with what several submissions of `notebooks/` have in place of its own."""
    cells = parse((_FOLDER / "_right.py").read_text("utf-8"))[1]
    for name in names:
        folder, _, stem = name.partition("-")
        label, own = parse((_FOLDER / folder / f"{stem}.py").read_text("utf-8"))
        cells = _replaced(cells, label["replace"].split(", "), own)
    return notebook(cells)


def notebook(cells: Sequence[Cell]) -> bytes:
    """Return the .ipynb file (nbformat 4.2, as Jupyter writes it) that holds `cells`."""
    document = {
        "cells": [_as_json(cell) for cell in cells],
        "metadata": {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python", "version": "3.11.7"},
        },
        "nbformat": 4,
        "nbformat_minor": 2,
    }
    # With an indent, `json.dumps` takes ten times as long.
    return msgspec.json.format(msgspec.json.encode(document), indent=1) + b"\n"


def without_trainings(data: bytes) -> bytes:
    """Return a notebook without the cells that train and plot: they take most of the time of a run."""
    document = json.loads(data)
    sources = ["".join(cell["source"]) for cell in document["cells"]]
    cells = zip(document["cells"], sources, strict=True)
    document["cells"] = [c for c, source in cells if not source.startswith(_OF_TRAININGS)]
    assert len(document["cells"]) < len(sources)
    return json.dumps(document).encode()


def _read(path: Path, right: Sequence[Cell]) -> Labelled:
    label, cells = parse(path.read_text("utf-8"))
    if "replace" in label:
        cells = _replaced(right, label["replace"].split(", "), cells)
    score = label.get("score")
    return Labelled(
        name="right" if path.parent == _FOLDER else f"{path.parent.name}-{path.stem}",
        label=label["label"],
        data=notebook(cells),
        statuses={name: _one_of(label.get(name, "passed")) for name in FUNCTIONS},
        diagnoses=tuple(map(_one_of, filter(None, label.get("diagnoses", "").split(", ")))),
        status=_one_of(label.get("status", "graded")),
        score=None if score is None else float(score),
        hostile=label.get("hostile") == "yes",
    )


def _replaced(
    right: Sequence[Cell], names: Sequence[str], cells: Sequence[Cell]
) -> tuple[Cell, ...]:
    """Return the cells of `right` without those that define `names`, `cells` in their place."""
    places = [_place(right, name) for name in names]
    kept = [cell for at, cell in enumerate(right) if at not in places]
    first = min(places)
    return (*kept[:first], *cells, *kept[first:])


def _place(cells: Sequence[Cell], name: str) -> int:
    """Return where the cell stands that defines `name`."""
    begin = "import " if name == "imports" else f"def {name}("
    return next(at for at, cell in enumerate(cells) if cell.is_code and begin in cell.source)


def _one_of(text: str) -> OneOf:
    return frozenset(text.split(" | "))


def _prose(cell: Cell) -> Cell:
    lines = (line.removeprefix("#").removeprefix(" ") for line in cell.source.splitlines())
    return Cell("\n".join(lines), is_code=False)


def _as_json(cell: Cell) -> dict[str, Any]:
    source = cell.source.splitlines(keepends=True)
    if not cell.is_code:
        return {"cell_type": "markdown", "metadata": {}, "source": source}
    return {
        "cell_type": "code",
        "execution_count": None,
        "metadata": {},
        "outputs": [],
        "source": source,
    }
