"""Name a mistake by the small change of the student's code after which every test passes.

A function that does not parse is repaired in two steps: first the edit after which it parses, then it
runs. The edit is shown in any case if it is certain; a proof is that the function is right then.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import NamedTuple

from grader import judging
from grader.assignments import oracle
from grader.diagnosis import MOST, exceptions, repair, with_repair
from grader.diagnosis.repair import syntax
from grader.diagnosis.repair.syntax import TextEdit
from grader.grading.function import GradingContext
from grader.messages import gettext, join_sentences
from grader.messages.sanitize import one_line
from grader.model import Cell, Function, Notebook, Observation
from grader.model.diagnoses import REPAIR, diagnosis, in_line
from grader.model.result import Diagnosis, FunctionResult, FunctionStatus
from grader.notebook.slicing import Slice, SyntaxFault

_SETTLED = {FunctionStatus.PASSED, FunctionStatus.NOT_ATTEMPTED, FunctionStatus.MISSING}
_CERTAIN = 0.9
"""Edits that cost less are shown without a proof if no others are as likely."""
_MOST_PROOFS = 12
_MOST_LINES, _MOST_CHARACTERS, _MOST_BRACKETS = 100, 10_000, 500
"""Of the needed lines of a cell; the longest of the labelled submissions has 68 with 3,900."""
_LONGEST = 60


class GradedFunction(NamedTuple):
    """A function with its slice and its result; the observation is None if it did not run."""

    function: Function
    slice_: Slice
    observation: Observation | None
    result: FunctionResult


@dataclasses.dataclass(frozen=True, slots=True)
class _Version:
    """The edits of a function that now parses, its slice, and its observation."""

    edits: tuple[TextEdit, ...]
    slice_: Slice
    observation: Observation


def diagnose(
    graded: GradedFunction, notebook: Notebook, context: GradingContext
) -> tuple[Diagnosis, ...]:
    """Return the diagnoses of a function, with those of a repair in the place of symptoms.

    A known mistake that is named stays. Raises BoxError.
    """
    function, slice_, observation, result = graded
    reordered = any(True for _ in exceptions.from_parameters(slice_, function))
    if result.status in _SETTLED or reordered:
        return result.diagnoses
    if _is_long(slice_.source):
        return result.diagnoses
    if observation is not None:
        run = context.function_run(function, slice_, observation)
        return with_repair(run, result.diagnoses, context.execute)
    if slice_.fault and not (slice_.unwritten or slice_.fault.version or slice_.fault.is_of_ours):
        return _of_fault(function, slice_.fault, notebook, context, result.diagnoses[0])
    return result.diagnoses


def _is_long(text: str) -> bool:
    """Return True for a text in which a search would hold up a worker for many seconds."""
    lines = [line for line in text.split("\n") if line.strip()]
    brackets = sum(map(text.count, "([{"))
    return len(lines) > _MOST_LINES or len(text) > _MOST_CHARACTERS or brackets > _MOST_BRACKETS


def _of_fault(
    function: Function,
    fault: SyntaxFault,
    notebook: Notebook,
    context: GradingContext,
    before: Diagnosis,
) -> tuple[Diagnosis, ...]:
    """Return the diagnoses of a function that does not parse; `before` is that of the error itself."""
    cell = next(cell for cell in notebook.cells if cell.number == fault.cell)
    place = syntax.function_text(cell.source, function.name)
    if place is None:
        return (before,)
    first, text = place
    if _is_long(text):
        return (before,)
    series = syntax.repairs(text)
    versions = _versions(function, cell, series, notebook, context)
    for version in versions:
        if _is_right(function, version.observation, context):
            return _worded(version.edits, first, cell.number, before, is_right=True)
    likely = {(edits[-1].kind, edits[-1].line) for edits in series if edits[-1].cost < _CERTAIN}
    if len(likely) != 1:
        return (before,)
    words = _worded(series[0], first, cell.number, before, is_right=False)
    if series[0][-1].kind == "no-operand":  # the value in its place is our guess
        return words
    return (*words, *_further(function, versions, context))[:MOST]


def _versions(
    function: Function,
    cell: Cell,
    series: Sequence[tuple[TextEdit, ...]],
    notebook: Notebook,
    context: GradingContext,
) -> list[_Version]:
    """Return the versions of a function that parse, each with its observation."""
    slices = []
    for edits in series[:_MOST_PROOFS]:
        source = syntax.with_function(cell.source, function.name, edits[-1].text)
        cells = tuple(Cell(c.number, source) if c is cell else c for c in notebook.cells)
        of_all = oracle.slices_of(context.assignment, Notebook(cells))
        slices += [(edits, s) for s in of_all if s.function == function.name and s.is_defined]
    programs = oracle.programs([s for _, s in slices], context.expectations.cases)
    observations = context.execute(programs) if programs else ()
    return [_Version(*pair, o) for pair, o in zip(slices, observations, strict=True)]


def _is_right(function: Function, observation: Observation, context: GradingContext) -> bool:
    expectations = context.expectations
    cases, expected = expectations.cases[function.name], expectations.reference[function.name]
    return judging.is_right(function, cases, expected, observation)


def _further(
    function: Function, versions: Sequence[_Version], context: GradingContext
) -> tuple[Diagnosis, ...]:
    """Return the diagnosis of a second slip: the repair of the function after the first edit."""
    if not versions:
        return ()
    run = context.function_run(function, versions[0].slice_, versions[0].observation)
    problem = repair.Problem(
        function, run.slice_, run.cases, run.expected, run.actual, context.execute
    )
    proof = repair.find_repair(problem)
    return repair.diagnoses_of(proof, problem, None) if proof else ()


def _worded(
    edits: Sequence[TextEdit], first: int, cell: int, before: Diagnosis, *, is_right: bool
) -> tuple[Diagnosis, ...]:
    worded = []
    for number, edit in enumerate(edits):
        line = first + edit.line
        words = diagnosis(
            REPAIR,
            edit.kind,
            named=before.id,
            at=line,
            text=one_line(edit.odd, limit=_LONGEST),
            line=in_line(line, cell),
        )
        proof = gettext("After this change, your function passes all tests.")
        # Python's message about a character is in English, and says no more.
        if number == 0 and edit.kind not in syntax.CHARACTERS:
            words = dataclasses.replace(words, what=join_sentences(before.what, words.what))
        if is_right and number == len(edits) - 1:
            words = dataclasses.replace(words, why=join_sentences(words.why, proof))
        worded.append(words)
    return tuple(worded)
