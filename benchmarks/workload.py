"""The class that is graded: right and wrong notebooks, without the cells that train.

They are labelled submissions of the tests without the cells that use the training data, which take ten
seconds each. The other cells run from top to bottom in any Jupyter kernel.
"""

from __future__ import annotations

import itertools
import json
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from tests.submissions.corpus import FUNCTIONS, read_all

NOTEBOOK = "Regularization.ipynb"
EXERCISE = "regularization"
ROOT = Path(__file__).resolve().parent.parent
TEMPLATE = ROOT / "student_template" / "regularization"

RIGHT = (
    "right",
    "right-at-operator",
    "right-einsum",
    "right-helper-functions",
    "right-masks-after-scaling",
    "right-scipy-expit",
)
WRONG = (
    "wrong-l2-not-halved",
    "wrong-backward-mask-missing",
    "wrong-rescale-missing",
    "wrong-grad-l2-term-missing",
)
NAMES = tuple(itertools.chain.from_iterable(itertools.zip_longest(RIGHT, WRONG)))
_TRAINING = "train_X"
_POINTS = 25

Document = dict[str, Any]


def documents(size: int) -> Iterator[tuple[str, Document]]:
    """Yield the name and the notebook of every submission of a class."""
    labelled = {submission.name: submission for submission in read_all()}
    names = itertools.cycle(name for name in NAMES if name)
    for number, name in zip(range(1, size + 1), names, strict=False):
        assert not labelled[name].hostile
        document = _without_trainings(json.loads(labelled[name].data))
        yield f"{number:03d}-{name}", _signed(document, number)


def named(*names: str) -> Iterator[tuple[str, Document]]:
    """Yield the name and the notebook of labelled submissions."""
    labelled = {submission.name: submission for submission in read_all()}
    for name in names:
        assert not labelled[name].hostile
        yield name, _without_trainings(json.loads(labelled[name].data))


def lay_out(folder: Path, size: int) -> None:
    """Write FOLDER/NAME/Regularization.ipynb for a class, each with the files of the assignment."""
    for name, document in documents(size):
        write(folder / name, document)


def write(folder: Path, document: Document) -> None:
    """Write a notebook and the files of the assignment next to it."""
    shutil.copytree(TEMPLATE, folder, ignore=shutil.ignore_patterns("*.ipynb", "__pycache__"))
    (folder / NOTEBOOK).write_text(json.dumps(document, indent=1), "utf-8")


def burning(seconds: float) -> Document:
    """Return a right notebook whose first function needs this much CPU time, once."""
    _, document = next(documents(1))
    cell = next(cell for cell in document["cells"] if _defined_in(cell) == FUNCTIONS[0])
    lines = [
        "import time",
        "def burn(seconds):",
        "    start = time.process_time()",
        "    while time.process_time() - start < seconds:",
        "        pass",
        f"BURNT = burn({seconds})",
    ]
    body = "".join(cell["source"]).replace("    m = Y", "    assert BURNT is None\n    m = Y")
    cell["source"] = "\n".join([*lines, body])
    return document


def _without_trainings(document: Document) -> Document:
    """Remove the cells that train, and those that plot the trained network."""
    cells = [cell for cell in document["cells"] if _TRAINING not in _code(cell)]
    return {**document, "cells": cells}


def _signed(document: Document, number: int) -> Document:
    """Make the graded cells of each submission unique, as in a real class."""
    for cell in document["cells"]:
        if _defined_in(cell):
            cell["source"] = f"{_code(cell)}\n# of submission {number}"
    return document


def _code(cell: Document) -> str:
    return "".join(cell["source"]) if cell["cell_type"] == "code" else ""


def _defined_in(cell: Document) -> str | None:
    """Return the graded function that a cell defines."""
    return next((name for name in FUNCTIONS if f"def {name}(" in _code(cell)), None)


# ------------------------------------------------------------------ for nbgrader


def lay_out_course(folder: Path, size: int) -> None:
    """Write an nbgrader course: the solved notebook in source/, a class in submitted/.

    Each function has a test cell with the values that the course publishes.
    """
    lay_out_course_of(folder, documents(size))


def lay_out_course_of(
    folder: Path, submitted: Iterable[tuple[str, Document]], *tests: Document
) -> None:
    """Write an nbgrader course with these submissions and further test cells."""
    _, solved = next(documents(1))
    write(folder / "source" / EXERCISE, _for_nbgrader(solved, *tests))
    for name, document in submitted:
        write(folder / "submitted" / name / EXERCISE, _for_nbgrader(document, *tests))


def _for_nbgrader(document: Document, *tests: Document) -> Document:
    cells = [_marked(cell) for cell in document["cells"]]
    return {**document, "cells": [*cells, *map(_public_test, FUNCTIONS), *tests]}


def _marked(cell: Document) -> Document:
    name = _defined_in(cell)
    return {**cell, "metadata": _metadata(name)} if name else cell


_TEST = """\
import numpy as np
from testCases import {function}_test_case

value = {function}(*{function}_test_case(), {strength})
if isinstance(value, tuple):
    value = {{"A3": value[0]}}
elif not isinstance(value, dict):
    value = {{"cost": value}}
for name, expected in {published}.items():
    if name in value:
        np.testing.assert_allclose(value[name], expected, rtol=1e-6)
"""


def _public_test(function: str) -> Document:
    """Return a test cell that compares a function with the values that the course publishes."""
    examples = ROOT / "testcases" / f"{EXERCISE}_published.json"
    example = json.loads(examples.read_text("utf-8"))[function]
    *_, strength = example["arguments"].values()
    published = example["published"]
    source = _TEST.format(function=function, strength=strength, published=published)
    return test_cell(function, source)


def test_cell(name: str, source: str) -> Document:
    """Return a test cell for nbgrader."""
    return {
        "cell_type": "code",
        "execution_count": None,
        "metadata": _metadata(f"test-{name}", points=_POINTS),
        "outputs": [],
        "source": source,
    }


def _metadata(grade_id: str, points: int | None = None) -> Document:
    """Return the metadata of a graded cell or, with points, of a test cell."""
    is_test = points is not None
    return {
        "nbgrader": {
            "grade": is_test,
            "grade_id": grade_id,
            "locked": is_test,
            "schema_version": 3,
            "solution": not is_test,
            "task": False,
            **({"points": points} if is_test else {}),
        }
    }
