"""Grade one submission: the order of the stages, on one screen.

`grade` is a function of its arguments. A mistake of the student is an outcome in the result; a
failure of ours is a result of status `internal`, which costs nobody a point.
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from grader import (
    diagnosis,
    following,
    hints,
    judge,
    languages,
    misconceptions,
    notebook,
    oracle,
    outcome,
    rubric,
    running,
)
from grader.diagnosis import Asked
from grader.errors import GraderError
from grader.extract import Slice
from grader.extract.own_lines import own_lines
from grader.model import Assignment, Ending, Function, Limits, Notebook, Observation, Submission
from grader.notebook.executed import executed
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
from grader.session import Session
from grader.text import printable
from grader.words import said

_ENDED_EARLY = {
    Status.TIMEOUT: said(
        "No function could be asked: the code that they need did not come to an end in time."
    ),
    Status.CRASHED: said("No function could be asked: the code that they need ended the program."),
}
_NONE: Mapping[str, FunctionResult] = MappingProxyType({})
_UNWRITTEN = {FunctionStatus.MISSING, FunctionStatus.NOT_ATTEMPTED}


@dataclasses.dataclass(frozen=True, slots=True)
class Settings:
    """How to grade: the seed of the random cases, the wall around the box, the time for one submission.

    With `whole` all of the notebook is run before its functions are asked, its trainings with fewer
    `steps` if that is given, and the notebook with its outputs is part of the result if it is to be
    kept.
    `language` is what students are told in, by the tag that `languages.named` gives.
    """

    seed: int
    wall: str = "full"
    timeout: float | None = None
    whole: bool = False
    steps: int | None = None
    keep: bool = False
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
        result = outcome.internal(submission, assignment, str(error))
    except Exception as error:
        # Rule 2: whatever breaks on our side must end as our failure, not as theirs.
        result = outcome.internal(submission, assignment, f"{type(error).__name__}: {error}")
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
        return outcome.internal(submission, assignment, submission.problem)
    if submission.problem:
        return outcome.invalid(submission, assignment, submission.problem)
    try:
        read = notebook.read(submission.data)
    except notebook.NotANotebook as error:
        return outcome.invalid(submission, assignment, str(error))
    expectations = oracle.consult(assignment, settings.seed, wall=settings.wall)
    slices = oracle.slices_of(assignment, read)
    course = _Course(assignment, settings, expectations)
    if not settings.whole:
        return _functions_graded(submission, course, read, slices)
    planned, session = _run_whole(course, read, slices)
    right = _right_in(session, course, slices)
    result = _functions_graded(submission, course, read, slices, right=right)
    told = running.rundown(assignment, planned, session)
    score = None if result.score is None else result.score + told.score
    return dataclasses.replace(
        result,
        rundown=told,
        score=score,
        max_score=result.max_score + told.max_score,
        executed=executed(submission.data, session) if settings.keep else "",
    )


def _functions_graded(
    submission: Submission,
    course: _Course,
    read: Notebook,
    slices: Sequence[Slice],
    *,
    right: Mapping[str, FunctionResult] = _NONE,
) -> Result:
    """Return the result of a notebook's functions, each run with what it needs of the notebook.

    Those that are known to be right are not run again.
    """
    cases, settings = course.expectations.cases, course.settings
    rest = [piece for piece in slices if piece.function not in right]
    limits = settings.limits(course.assignment)
    seen = oracle.observe_slices(course.assignment, rest, cases, limits, wall=settings.wall)
    graded = []
    for function, piece in zip(course.assignment.functions, slices, strict=True):
        told = right.get(function.name) or _grade_function(
            function, piece, course, seen.get(function.name)
        )
        graded.append(_with_evidence(told, function, piece, read))
    status = Status.GRADED if right else _status_of(seen)
    result = outcome.result(submission, course.assignment, status, graded)
    message = _ENDED_EARLY.get(result.status, "")
    return dataclasses.replace(result, notes=_notes(read, seen), message=message)


def _run_whole(
    course: _Course, read: Notebook, slices: Sequence[Slice]
) -> tuple[running.Plan, Session]:
    """Run all of a notebook, and ask the functions that it leaves."""
    settings = course.settings
    planned = running.plan(course.assignment, read, slices, settings.steps)
    limits = running.within(settings.timeout)
    return planned, running.run(
        course.assignment, planned, course.expectations, limits, wall=settings.wall
    )


def _right_in(
    session: Session, course: _Course, slices: Sequence[Slice]
) -> dict[str, FunctionResult]:
    """Return the functions that are right as the whole notebook leaves them.

    Those that are not are asked once more with their own cells alone: what other cells do costs nothing.
    """
    graded = (
        _grade_function(function, piece, course, session.answers[function.name])
        for function, piece in zip(course.assignment.functions, slices, strict=True)
        if function.name in session.answers
    )
    return {told.name: told for told in graded if told.status is FunctionStatus.PASSED}


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
    checks = judge.with_steps_once(function, _carried(asked, checks))
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
