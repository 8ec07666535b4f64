"""Diagnose a function that does not parse: the edit after which it parses, and whether it is right then."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence

from grader import judging
from grader.assignments import oracle
from grader.diagnosis import repair
from grader.diagnosis.repair import syntax
from grader.diagnosis.repair.syntax import TextEdit
from grader.grading.function import GradingContext
from grader.messages import gettext, join_sentences
from grader.messages.sanitize import one_line
from grader.model import Cell, Function, Notebook, Observation
from grader.model.diagnoses import REPAIR, diagnosis, in_line
from grader.model.result import CheckStatus, Diagnosis
from grader.notebook.slicing import Slice

_CERTAIN = 0.9
"""Edits that cost less are shown without a proof if no others are as likely."""
_MOST_PROOFS = 6
_LONGEST = 60


@dataclasses.dataclass(frozen=True, slots=True)
class _Version:
    """The edits of a function that now parses, its slice, and its observation."""

    edits: tuple[TextEdit, ...]
    slice_: Slice
    observation: Observation


def diagnose_fault(
    function: Function,
    slice_: Slice,
    notebook: Notebook,
    context: GradingContext,
    before: Diagnosis,
) -> tuple[Diagnosis, ...]:
    """Return the diagnoses of a function that does not parse; `before` is that of the error itself.

    Raises BoxError.
    """
    if not slice_.fault or slice_.unwritten:
        return (before,)
    cell = next(cell for cell in notebook.cells if cell.number == slice_.fault.cell)
    place = syntax.function_text(cell.source, function.name)
    if place is None:
        return (before,)
    first, text = place
    series = syntax.repairs(text)
    versions = list(_versions(function, cell, first, series, notebook, context))
    for version in versions:
        if _is_right(function, version.observation, context):
            return _worded(version.edits, first, cell.number, before, is_right=True)
    if not series or not _is_certain(series):
        return (before,)
    found = _worded(series[0], first, cell.number, before, is_right=False)
    return (*found, *_further(function, versions, context))[:2]


def _is_certain(series: Sequence[tuple[TextEdit, ...]]) -> bool:
    """Return True if all likely edits are of one kind and in one line."""
    likely = {(edits[-1].kind, edits[-1].line) for edits in series if edits[-1].cost < _CERTAIN}
    return len(likely) == 1


def _versions(
    function: Function,
    cell: Cell,
    first: int,
    series: Sequence[tuple[TextEdit, ...]],
    notebook: Notebook,
    context: GradingContext,
) -> Iterator[_Version]:
    """Yield the versions that parse, run in one sandbox each."""
    for edits in series[:_MOST_PROOFS]:
        above = cell.source.split("\n")[:first]
        old = syntax.function_text(cell.source, function.name)
        below = cell.source.split("\n")[first + len(old[1].split("\n")) :] if old else []
        source = "\n".join([*above, edits[-1].text, *below])
        cells = tuple(Cell(c.number, source) if c is cell else c for c in notebook.cells)
        slices = oracle.slices_of(context.assignment, Notebook(cells))
        own = next(s for s in slices if s.function == function.name)
        if own.is_defined:
            yield _Version(edits, own, context.observe([own])[function.name])


def _is_right(function: Function, observation: Observation, context: GradingContext) -> bool:
    expectations = context.expectations
    cases, expected = expectations.cases[function.name], expectations.reference[function.name]
    checks, _ = judging.judge(function, cases, expected, observation)
    return all(check.status is CheckStatus.PASSED for check in checks)


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
    found = repair.find_repair(problem)
    return repair.diagnoses_of(found, problem, None) if found else ()


def _worded(
    edits: Sequence[TextEdit], first: int, cell: int, before: Diagnosis, *, is_right: bool
) -> tuple[Diagnosis, ...]:
    found = []
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
        if number == 0:
            words = dataclasses.replace(words, what=join_sentences(before.what, words.what))
        if is_right and number == len(edits) - 1:
            words = dataclasses.replace(words, why=join_sentences(words.why, proof))
        found.append(words)
    return tuple(found)
