"""Grade one submission: the order of the stages, on one screen.

`grade` is a function of its arguments. A mistake of the student is an outcome in the result; a
failure of ours is a result of status `internal`, which costs nobody a point.
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Sequence

from grader import (
    diagnosis,
    following,
    hints,
    judge,
    languages,
    misconceptions,
    notebook,
    oracle,
    rubric,
)
from grader.diagnosis import Asked
from grader.errors import GraderError
from grader.extract import Slice
from grader.extract.own_lines import own_lines
from grader.model import Assignment, Ending, Function, Limits, Notebook, Observation, Submission
from grader.oracle import Expectations
from grader.result import (
    CheckResult,
    CheckStatus,
    Diagnosis,
    FunctionResult,
    FunctionStatus,
    Result,
    Status,
)
from grader.text import printable
from grader.words import said

_ENDED_EARLY = {
    Status.TIMEOUT: said(
        "No function could be asked: the code that they need did not come to an end in time."
    ),
    Status.CRASHED: said("No function could be asked: the code that they need ended the program."),
}
_UNWRITTEN = {FunctionStatus.MISSING, FunctionStatus.NOT_ATTEMPTED}


@dataclasses.dataclass(frozen=True, slots=True)
class Settings:
    """How to grade: the seed of the random cases, the wall around the box, the time for one submission.

    `language` is what students are told in, by the tag that `languages.named` gives.
    """

    seed: int
    wall: str = "full"
    timeout: float | None = None
    language: str = languages.ENGLISH

    def limits(self, assignment: Assignment) -> Limits:
        """Return the assignment's limits; a shorter time is shared out among the functions."""
        if self.timeout is None:
            return assignment.limits
        share = self.timeout / max(1, len(assignment.functions))
        return dataclasses.replace(
            assignment.limits,
            submission_seconds=self.timeout,
            function_seconds=min(assignment.limits.function_seconds, share),
        )


def grade(submission: Submission, assignment: Assignment, settings: Settings) -> Result:
    """Return the result of one submission, whatever it holds."""
    started = time.perf_counter()
    try:
        result = _grade(submission, assignment, settings)
    except GraderError as error:
        result = _internal(submission, assignment, str(error))
    except Exception as error:
        # Rule 2: whatever breaks on our side must end as our failure, not as theirs.
        result = _internal(submission, assignment, f"{type(error).__name__}: {error}")
    own = assignment.files.languages.get(settings.language) if assignment.files else None
    result = dataclasses.replace(result, title=assignment.title)
    result = languages.in_language(result, settings.language, own)
    return dataclasses.replace(
        result,
        message=_fit(result.message),
        seed=settings.seed,
        sandbox=settings.wall,
        duration_s=round(time.perf_counter() - started, 3),
    )


def _fit(message: str) -> str:
    """Return a message fit to be shown, as it is if it is that already."""
    fit = printable(message)
    return message if message == fit else fit


def _grade(submission: Submission, assignment: Assignment, settings: Settings) -> Result:
    if submission.problem_is_ours:
        return _internal(submission, assignment, submission.problem)
    if submission.problem:
        return _invalid(submission, assignment, submission.problem)
    try:
        read = notebook.read(submission.data)
    except notebook.NotANotebook as error:
        return _invalid(submission, assignment, str(error))
    expectations = oracle.consult(assignment, settings.seed, wall=settings.wall)
    slices = oracle.slices_of(assignment, read)
    limits = settings.limits(assignment)
    seen = oracle.observe_slices(assignment, slices, expectations.cases, limits, wall=settings.wall)
    course = _Course(assignment, settings, expectations)
    graded = []
    for function, piece in zip(assignment.functions, slices, strict=True):
        told = _grade_function(function, piece, course, seen.get(function.name))
        graded.append(_with_evidence(told, function, piece, read))
    result = _result(submission, assignment, _status_of(seen), graded)
    message = _ENDED_EARLY.get(result.status, "")
    return dataclasses.replace(result, notes=_notes(read, seen), message=message)


@dataclasses.dataclass(frozen=True, slots=True)
class _Course:
    """What the submissions of a class have in common."""

    assignment: Assignment
    settings: Settings
    expectations: Expectations

    def mistaken(self, function: Function) -> dict[str, Observation]:
        """Return what the known mistakes of a function do on its cases."""
        seed, wall = self.settings.seed, self.settings.wall
        return dict(oracle.mistaken(self.assignment, seed, function.name, wall=wall))


def _grade_function(
    function: Function, piece: Slice, course: _Course, seen: Observation | None
) -> FunctionResult:
    if seen is None:
        return _not_run(function, piece)
    cases = course.expectations.cases[function.name]
    reference = course.expectations.reference[function.name]
    checks, named = judge.judge(function, cases, reference, seen)
    asked = Asked(function, piece, cases, reference, seen)
    checks = rubric.with_points(function, _carried(asked, checks))
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


def _carried(asked: Asked, checks: Sequence[CheckResult]) -> Sequence[CheckResult]:
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
    status, diagnosis = hints.why_not_run(piece)
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


def _with_evidence(
    result: FunctionResult, function: Function, piece: Slice, read: Notebook
) -> FunctionResult:
    """Return a result with what helps to mend the function: its formula, and the student's own lines."""
    if result.status is FunctionStatus.PASSED:
        return result
    marked = [diagnosis.line for diagnosis in result.diagnoses]
    source = None if result.status in _UNWRITTEN else own_lines(piece, read.cells, marked)
    return dataclasses.replace(result, source=source, formula=function.formula)


def _status_of(seen: dict[str, Observation]) -> Status:
    """Return how the submission as a whole ended: before any function could be asked, or graded."""
    if not seen or any(o.started or o.outcomes for o in seen.values()):
        return Status.GRADED
    late = any(o.ending is Ending.TIMEOUT for o in seen.values())
    return Status.TIMEOUT if late else Status.CRASHED


def _notes(read: Notebook, seen: dict[str, Observation]) -> tuple[str, ...]:
    said = dict.fromkeys(hints.note(kind, text) for o in seen.values() for kind, text in o.notes)
    return (*read.notes, *said)


# ------------------------------------------------------------------ whole results


def _result(
    submission: Submission,
    assignment: Assignment,
    status: Status,
    functions: Sequence[FunctionResult],
) -> Result:
    scores = [function.score for function in functions]
    known = [score for score in scores if score is not None]
    return Result(
        assignment=assignment.name,
        submission=submission.id,
        sha256=submission.sha256,
        status=status,
        score=sum(known) if len(known) == len(scores) else None,
        max_score=assignment.max_score,
        functions=tuple(functions),
    )


def _invalid(submission: Submission, assignment: Assignment, message: str) -> Result:
    """Return the result of a file that is no notebook: zero points, and what to hand in instead."""
    functions = [
        FunctionResult(f.name, FunctionStatus.MISSING, 0.0, f.max_score)
        for f in assignment.functions
    ]
    result = _result(submission, assignment, Status.INVALID, functions)
    return dataclasses.replace(result, message=message)


def _internal(submission: Submission, assignment: Assignment, message: str) -> Result:
    """Return the result of a submission that we failed: no score, which is not the same as zero."""
    functions = [
        FunctionResult(f.name, FunctionStatus.ERROR, None, f.max_score)
        for f in assignment.functions
    ]
    result = _result(submission, assignment, Status.INTERNAL, functions)
    return dataclasses.replace(result, message=message)
