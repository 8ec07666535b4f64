"""`check` of a student's notebook, in this process, on the cells of a labelled submission."""

from __future__ import annotations

import ast
import contextlib
import io
import linecache
import re
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from grader import assignments, notebook
from grader.assignments import notebooks
from grader.handout import cells
from grader.handout.layout import Feedback
from grader.handout.release import checker
from grader.model import Tier
from grader.model.diagnoses import is_concept, row_of
from grader.model.result import Diagnosis, FunctionResult
from grader.notebook.slicing import Slice
from tests import ROOT

TEMPLATE = ROOT / "student_template" / "regularization"
_PLACE = re.compile(r" (?:of its cell|(?:of|in) code cell \d+)")


def feedback_on(data: bytes, graded: set[str], tier: Tier) -> Iterator[tuple[str, Feedback]]:
    """Yield the feedback on those graded functions that a notebook defines. Its code runs here."""
    assignment = assignments.load("regularization")
    check = checker(assignment, tier=tier)
    for slice_ in notebooks.slices_of(assignment, notebook.read(data)):
        if not slice_.is_defined or slice_.function not in graded:
            continue
        with pytest.MonkeyPatch.context() as patch, _quietly():
            patch.syspath_prepend(str(TEMPLATE))
            patch.setattr(cells, "executed", lambda s=slice_: {c.number: c.source for c in s.cells})
            names = _run(slice_)
            if slice_.function in names:
                yield slice_.function, check.feedback(names[slice_.function], names)


@contextlib.contextmanager
def _quietly() -> Iterator[None]:
    state = np.random.get_state()
    with (
        contextlib.redirect_stdout(io.StringIO()),
        contextlib.redirect_stderr(io.StringIO()),
        np.errstate(all="ignore"),
    ):
        yield
    np.random.set_state(state)


def _run(slice_: Slice) -> dict[str, Any]:
    """Run the statements of a slice, as the sandbox does; return the names."""
    names: dict[str, Any] = {"__name__": "__main__"}
    for cell in slice_.cells:
        file = f"<cell {cell.number}>"
        linecache.cache[file] = 1, None, cell.source.splitlines(keepends=True), file
        for statement in ast.parse(cell.source, file).body:
            with contextlib.suppress(Exception):
                exec(compile(ast.Module([statement], []), file, "exec"), names)
    return names


def differences(feedback: Feedback, graded: FunctionResult) -> list[str]:
    """Return in which ways `check` says something else than the page on the published example.

    It may say less: a symptom where the page has found the change that makes the function right.
    """
    state, public = feedback.mark.name, graded.checks[0].status
    if (state == "UNWRITTEN") != (graded.status == "not_attempted"):
        return [f"{state} in the notebook, {graded.status} on the page"]
    if state in ("RIGHT", "WRONG") and (state == "RIGHT") != (public == "passed"):
        return [f"{state} in the notebook, {public} on the page: {feedback}"]
    page = {entry.id: entry for entry in graded.diagnoses}
    if any(entry.id in page for entry in feedback.diagnoses if "possible cause: " in entry.what):
        return []  # in the example both give the same values
    return [
        f"{entry} in the notebook, {page.get(entry.id, [*page])} on the page"
        for entry in feedback.diagnoses
        if not _agree(entry, page.get(entry.id))
    ]


def _agree(own: Diagnosis, page: Diagnosis | None) -> bool:
    """Return True for equal words and lines, for less, and for a variant of a mistake."""
    if page is None:
        return row_of(own.id).gives_way
    if _template(own) != _template(page):
        return row_of(own.id).gives_way or is_concept(own.id)
    return (_PLACE.sub("", own.what), own.line) == (_PLACE.sub("", page.what), page.line)


def _template(entry: Diagnosis) -> str:
    return getattr(entry.what, "id", "")
