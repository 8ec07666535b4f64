"""Mark one function: from what it did in the box to all that a student is told of it."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from grader import diagnosis, judging
from grader.assignments import misconceptions, oracle
from grader.assignments.oracle import Expectations
from grader.diagnosis import FunctionRun, exceptions
from grader.grading.source_listing import own_lines
from grader.judging import follow_through, reproduction, rubric
from grader.messages import gettext
from grader.model import Assignment, Ending, Function, Notebook, Observation, Tier
from grader.model.result import CheckResult, CheckStatus, Diagnosis, FunctionResult, FunctionStatus
from grader.notebook.slicing import Slice

_UNWRITTEN = {FunctionStatus.MISSING, FunctionStatus.NOT_ATTEMPTED}


@dataclasses.dataclass(frozen=True, slots=True)
class GradingContext:
    """What the submissions of a class have in common."""

    assignment: Assignment
    seed: int
    tier: Tier
    expectations: Expectations

    def mistaken(self, function: Function) -> dict[str, Observation]:
        """Return what the known mistakes of a function do on its cases."""
        return dict(oracle.mistaken(self.assignment, self.seed, function.name, tier=self.tier))


def mark(
    function: Function, piece: Slice, course: GradingContext, seen: Observation | None
) -> FunctionResult:
    """Return what is told of a function that did what was seen, or was not run at all."""
    if seen is None:
        return _not_run(function, piece)
    cases = course.expectations.cases[function.name]
    reference = course.expectations.reference[function.name]
    checks, named = judging.judge(function, cases, reference, seen)
    asked = FunctionRun(function, piece, cases, reference, seen)
    checks = reproduction.with_steps_once(function, carried(asked, checks))
    checks = rubric.with_points(function, checks)
    status = rubric.status_of(checks)
    told = (*exceptions.from_errors(piece, function, seen), *named)
    if status is FunctionStatus.PASSED:
        return _function_result(function, piece, status, checks, told)
    if _is_untouched(function, piece, course.expectations, seen):
        return _not_run(function, piece)
    told = tuple(exceptions.from_outside(piece, told))
    known = misconceptions.hints(course.assignment, function.name)
    try:
        told = diagnosis.diagnose(asked, told, known, lambda: course.mistaken(function))
    except Exception:
        # A hint that we could not find costs nobody a mark, nor the result.
        told = told[: diagnosis.MOST]
    return _function_result(function, piece, status, checks, told)


def carried(asked: FunctionRun, checks: Sequence[CheckResult]) -> Sequence[CheckResult]:
    """Return the checks after follow-through, where something is wrong and could be told apart."""
    failed = any(check.status is CheckStatus.FAILED for check in checks)
    evidence = asked.evidence if failed else None
    return (
        follow_through.carried(asked.function, asked.cases, checks, evidence)
        if evidence
        else checks
    )


def _is_untouched(
    function: Function, piece: Slice, expectations: Expectations, seen: Observation
) -> bool:
    """Say whether a function that looks unwritten also behaves so: errors only, or like the template.

    One that reads a parameter which the template leaves alone (lambd, say) has been worked on.
    """
    if not piece.unwritten or piece.reads - expectations.template_reads[function.name]:
        return False
    if seen.ending is Ending.FINISHED and not judging.returns_anything(seen):
        return True
    template = expectations.template.get(function.name)
    return template is not None and judging.same_values(function, template, seen)


def _not_run(function: Function, piece: Slice) -> FunctionResult:
    """Return the result of a function that is missing, lost to a syntax error, or not written yet."""
    status, diagnosis = exceptions.why_not_run(piece, function.parameters)
    checks = tuple(
        CheckResult(check.name, CheckStatus.SKIPPED, gettext("Not run."), 0.0, check.points)
        for check in function.checks
    )
    return _function_result(function, piece, status, checks, (diagnosis,))


def _function_result(
    function: Function,
    piece: Slice,
    status: FunctionStatus,
    checks: Sequence[CheckResult],
    diagnoses: Sequence[Diagnosis],
) -> FunctionResult:
    unique = {diagnosis.id: diagnosis for diagnosis in reversed(diagnoses)}
    return FunctionResult(
        name=function.name,
        status=status,
        score=sum(check.score for check in checks),
        max_score=function.max_score,
        checks=tuple(checks),
        diagnoses=tuple(reversed(unique.values())),
        cell=piece.cell,
        line=piece.line,
    )


def with_evidence(
    result: FunctionResult, function: Function, piece: Slice, read: Notebook
) -> FunctionResult:
    """Return a result with what helps to mend the function: its formula, and the student's own lines."""
    if result.status is FunctionStatus.PASSED:
        return result
    marked = [diagnosis.line for diagnosis in result.diagnoses]
    source = None if result.status in _UNWRITTEN else own_lines(piece, read.cells, marked)
    return dataclasses.replace(result, source=source, formula=function.formula)
