"""Mark one function: from what it did in the box to all that a student is told of it."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from grader import diagnosis, following, hints, judge, misconceptions, oracle, rubric, steps
from grader.diagnosis import Asked
from grader.extract import Slice
from grader.extract.own_lines import own_lines
from grader.model import Assignment, Ending, Function, Notebook, Observation
from grader.oracle import Expectations
from grader.result import CheckResult, CheckStatus, Diagnosis, FunctionResult, FunctionStatus
from grader.words import said

_UNWRITTEN = {FunctionStatus.MISSING, FunctionStatus.NOT_ATTEMPTED}


@dataclasses.dataclass(frozen=True, slots=True)
class Course:
    """What the submissions of a class have in common."""

    assignment: Assignment
    seed: int
    wall: str
    expectations: Expectations

    def mistaken(self, function: Function) -> dict[str, Observation]:
        """Return what the known mistakes of a function do on its cases."""
        return dict(oracle.mistaken(self.assignment, self.seed, function.name, wall=self.wall))


def mark(
    function: Function, piece: Slice, course: Course, seen: Observation | None
) -> FunctionResult:
    """Return what is told of a function that did what was seen, or was not run at all."""
    if seen is None:
        return _not_run(function, piece)
    cases = course.expectations.cases[function.name]
    reference = course.expectations.reference[function.name]
    checks, named = judge.judge(function, cases, reference, seen)
    asked = Asked(function, piece, cases, reference, seen)
    checks = steps.with_steps_once(function, carried(asked, checks))
    checks = rubric.with_points(function, checks)
    status = rubric.status_of(checks)
    told = (*hints.from_errors(piece, function, seen), *named)
    if status is FunctionStatus.PASSED:
        return _function_result(function, piece, status, checks, told)
    if _is_untouched(function, piece, course.expectations, seen):
        return _not_run(function, piece)
    told = tuple(hints.from_outside(piece, told))
    known = misconceptions.hints(course.assignment, function.name)
    try:
        told = diagnosis.diagnose(asked, told, known, lambda: course.mistaken(function))
    except Exception:
        # A hint that we could not find costs nobody a mark, nor the result.
        told = told[: diagnosis.MOST]
    return _function_result(function, piece, status, checks, told)


def carried(asked: Asked, checks: Sequence[CheckResult]) -> Sequence[CheckResult]:
    """Return the checks after follow-through, where something is wrong and could be told apart."""
    failed = any(check.status is CheckStatus.FAILED for check in checks)
    evidence = asked.evidence if failed else None
    return following.carried(asked.function, asked.cases, checks, evidence) if evidence else checks


def _is_untouched(
    function: Function, piece: Slice, expectations: Expectations, seen: Observation
) -> bool:
    """Say whether a function that looks unwritten also behaves so: errors only, or like the template.

    One that reads a parameter which the template leaves alone (lambd, say) has been worked on.
    """
    if not piece.unwritten or piece.reads - expectations.template_reads[function.name]:
        return False
    if seen.ending is Ending.FINISHED and not judge.returns_anything(seen):
        return True
    template = expectations.template.get(function.name)
    return template is not None and judge.same_values(function, template, seen)


def _not_run(function: Function, piece: Slice) -> FunctionResult:
    """Return the result of a function that is missing, lost to a syntax error, or not written yet."""
    status, diagnosis = hints.why_not_run(piece, function.parameters)
    checks = tuple(
        CheckResult(check.name, CheckStatus.SKIPPED, said("Not asked."), 0.0, check.points)
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
