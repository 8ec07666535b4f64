"""`check` of a student's notebook, in this process, on the cells of a labelled submission."""

from __future__ import annotations

import ast
import contextlib
import io
import linecache
import re
import sys
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pytest

from grader import assignments, notebook
from grader.assignments import notebooks
from grader.handout import cells, versions
from grader.handout.layout import Feedback
from grader.handout.release import checker
from grader.messages import JOINED, Message
from grader.model import Assignment, Tier
from grader.model.diagnoses import RAISES_ERROR, REPAIR, WRONG_SCALE, is_concept, row_of
from grader.model.findings import Diagnosis
from grader.model.result import FunctionResult

_OTHER_WORDS = (WRONG_SCALE.id, RAISES_ERROR.id)
_HELPERS = ("testCases", "public_tests")
_MAGIC = re.compile(r"^%.*$", re.MULTILINE)
_NUMBER = re.compile(
    r"( in the cell that begins `[^`]+` \()?\b(?:code )?cell (?:\[\d+\]|\d+)(?(1)\))"
)


def feedback_on(
    data: bytes, graded: set[str], tier: Tier, *, of: str = "regularization"
) -> Iterator[tuple[str, Feedback]]:
    """Yield the feedback on those graded functions that a notebook defines. Its code runs here.

    Of a cell with a syntax error, Python has an older version of the function. `of` is the name of
    the assignment.
    """
    assignment = assignments.load(of)
    document = notebook.read(data)
    for slice_ in notebooks.slices_of(assignment, document):
        name, executed = slice_.function, {c.number: c.source for c in slice_.cells}
        if name in graded and slice_.fault:
            imports = {c.number: c.source for c in document.cells if "import" in c.source}
            broken = {c.number: c.source for c in document.cells if c.number == slice_.fault.cell}
            old, running = {0: f"def {name}():\n    return 0"}, {10_000: f"check({name})"}
            executed = {**imports, **old, **broken, **running}
        if (
            name in graded
            and executed
            and (feedback := _feedback(assignment, name, executed, tier))
        ):
            yield name, feedback


def _feedback(
    assignment: Assignment, name: str, executed: dict[int, str], tier: Tier
) -> Feedback | None:
    """Return the feedback on a function after some cells were executed, None if they do not define it."""
    check, template = checker(assignment, tier=tier), assignment.files.template.parent
    with pytest.MonkeyPatch.context() as patch, _quietly():
        patch.syspath_prepend(str(template))
        for module in _HELPERS:  # each assignment has its own module of this name
            patch.delitem(sys.modules, module, raising=False)
        patch.setattr(cells, "executed", lambda: executed)
        # The words are compared here. How far a search gets in a second depends on the machine.
        patch.setattr(versions, "_SECONDS", 10.0)
        patch.setattr(versions, "_WALL_SECONDS", 60.0)
        patch.setattr(versions, "_SECONDS_OF_ONE", 1.0)
        names = _run(executed)
        return check.feedback(names[name], names) if name in names else None


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


def _run(executed: dict[int, str]) -> dict[str, Any]:
    """Run the statements of cells, as the sandbox does; return the names."""
    names: dict[str, Any] = {"__name__": "__main__"}
    for number, source in executed.items():
        file = f"<cell {number}>"
        linecache.cache[file] = 1, None, source.splitlines(keepends=True), file
        with contextlib.suppress(SyntaxError):
            for statement in ast.parse(_MAGIC.sub("", source), file).body:
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
        if not _agree(entry, page.get(entry.id)) and not _in_same_line(entry, graded.diagnoses)
    ]


def _in_same_line(own: Diagnosis, page: Sequence[Diagnosis]) -> bool:
    """Return True for a proven change in the line that the page names with other words.

    The page has them from more cases: a known mistake, a factor, or an error without a proof.
    """
    lines = [entry.line for entry in page if is_concept(entry.id) or entry.id in _OTHER_WORDS]
    return own.id.startswith(REPAIR.id) and own.line in lines


def _agree(own: Diagnosis, page: Diagnosis | None) -> bool:
    """Return True for equal words and lines, for less, and for a variant of a mistake."""
    if page is None:
        return row_of(own.id).gives_way
    if _template(own) != _template(page):
        return row_of(own.id).gives_way or is_concept(own.id)
    return (_last_sentence(own), own.line) == (_last_sentence(page), page.line)


def _last_sentence(entry: Diagnosis) -> str:
    """Return what is wrong, of several sentences the last: the others may be about hidden data."""
    what = entry.what
    last = what.values["next"] if isinstance(what, Message) and what.id == JOINED else what
    return _NUMBER.sub("", str(last))


def _template(entry: Diagnosis) -> str:
    return getattr(entry.what, "id", "")
