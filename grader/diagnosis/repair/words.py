"""The words of a repair: the kind of the edit, the names and the line, never the repaired line itself."""

from __future__ import annotations

import ast
import dataclasses
from collections.abc import Iterator, Sequence

from grader.diagnosis.repair.candidates import Edit
from grader.diagnosis.repair.code import text_of
from grader.diagnosis.repair.search import Problem, Repair
from grader.messages import Message, gettext, join_sentences
from grader.messages.sanitize import one_line
from grader.model import Raised
from grader.model.diagnoses import NAME_ERROR, RAISES_ERROR, REPAIR, diagnosis, in_line, row_of
from grader.model.findings import Diagnosis

_LONGEST = 60
_GUESSES = (
    *("handed-out", "elementwise", "product", "whole-container", "returns-none"),
    *("divisor", "does-not-fit", "several-values"),
)
"""Variants of an error with a guess about its origin. A repair knows the origin."""


def diagnoses_of(
    repair: Repair, problem: Problem, before: Diagnosis | None
) -> tuple[Diagnosis, ...]:
    """Return a diagnosis for each edit of a repair.

    `before` is the diagnosis of the symptom, such as an exception. Its id stays where it is one that
    instructors count, and its sentence comes first where a call raises an exception.
    """
    return tuple(_diagnoses(repair, problem, before))


def _diagnoses(repair: Repair, problem: Problem, before: Diagnosis | None) -> Iterator[Diagnosis]:
    stops = any(isinstance(outcome, Raised) for outcome in problem.actual.outcomes)
    for number, edit in enumerate(_unlike(repair.edits)):
        keeps = before is not None and row_of(before.id).names_mistake and number == 0
        entry = _diagnosis(edit, problem, named=before.id if before and keeps else "")
        if before and stops and number == 0:
            what = join_sentences(_symptom(before), entry.what)
            what = before.what if _is_said_already(before, edit) else what
            entry = dataclasses.replace(entry, what=what)
        yield entry


def _unlike(edits: Sequence[Edit]) -> Iterator[Edit]:
    """Yield the edits but those of a name that an earlier one has written: the student has not."""
    for number, edit in enumerate(edits):
        written = {earlier.name for earlier in edits[:number] if earlier.line == edit.line}
        if not (isinstance(edit.old, ast.Attribute) and edit.old.attr in written):
            yield edit


def _symptom(before: Diagnosis) -> str:
    """Return the sentence about an exception, without a guess about its origin."""
    guesses = {RAISES_ERROR.variants[name].what for name in _GUESSES}
    if isinstance(before.what, Message) and before.what.id in guesses:
        return gettext(RAISES_ERROR.words.what, **before.what.values)
    return before.what


def _is_said_already(before: Diagnosis, edit: Edit) -> bool:
    """Return True if a name is not defined, and the edit concerns this name."""
    is_name = isinstance(edit.old, ast.Name) and edit.kind == "name"
    return before.id == NAME_ERROR.id and is_name and f"`{text_of(edit.old)}`" in before.what


def _diagnosis(edit: Edit, problem: Problem, *, named: str) -> Diagnosis:
    return diagnosis(
        REPAIR,
        edit.kind,
        named=named or f"{REPAIR.id}-{edit.kind}",
        at=edit.line,
        text=one_line(_quoted(edit.old, problem.source), limit=_LONGEST),
        name=one_line(edit.name, limit=_LONGEST),
        line=in_line(edit.line, problem.cell),
    )


def _quoted(node: ast.AST, source: str) -> str:
    """Return an expression or statement as the student wrote it, or in Python's own spelling.

    The latter if it takes several lines, or if another edit of the repair has changed it.
    """
    plain = text_of(node)
    try:
        text = ast.get_source_segment(source, node) or ""
        same = ast.dump(ast.parse(text)) == ast.dump(ast.parse(plain))
    except (SyntaxError, IndexError):
        return plain
    return text if same and "\n" not in text else plain
