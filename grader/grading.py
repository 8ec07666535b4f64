"""Grade one submission: the order of the stages, on one screen.

`grade` is a function of its arguments. A mistake of the student is an outcome in the result; a
failure of ours is a result of status `internal`, which costs nobody a point.
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from grader import hints, languages, marking, notebook, oracle, outcome, running, trained
from grader.errors import GraderError
from grader.extract import Slice
from grader.marking import Course
from grader.model import Assignment, Ending, Limits, Notebook, Observation, Submission
from grader.notebook.executed import executed
from grader.result import (
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
    course = Course(assignment, settings.seed, settings.wall, expectations)
    limits = settings.limits(assignment)
    if not settings.whole:
        return _functions_graded(submission, course, (read, slices), limits)
    planned, session = _run_whole(course, read, slices, settings)
    right = _right_in(session, course, slices)
    result = _functions_graded(submission, course, (read, slices), limits, right=right)
    there = _notes(read, {name: session.answers[name] for name in right})
    told = trained.rundown(assignment, session, planned.where, planned.steps)
    score = None if result.score is None else result.score + told.score
    return dataclasses.replace(
        result,
        notes=tuple(dict.fromkeys((*there, *result.notes))),
        rundown=told,
        score=score,
        max_score=result.max_score + told.max_score,
        executed=executed(submission.data, session) if settings.keep else "",
    )


def _functions_graded(
    submission: Submission,
    course: Course,
    found: tuple[Notebook, Sequence[Slice]],
    limits: Limits,
    *,
    right: Mapping[str, FunctionResult] = _NONE,
) -> Result:
    """Return the result of a notebook's functions, each run with what it needs of the notebook.

    Those that are known to be right are not run again.
    """
    (read, slices), cases = found, course.expectations.cases
    rest = [piece for piece in slices if piece.function not in right]
    seen = oracle.observe_slices(course.assignment, rest, cases, limits, wall=course.wall)
    graded = []
    for function, piece in zip(course.assignment.functions, slices, strict=True):
        told = right.get(function.name) or marking.mark(
            function, piece, course, seen.get(function.name)
        )
        graded.append(marking.with_evidence(told, function, piece, read))
    status = Status.GRADED if right else _status_of(seen)
    result = outcome.result(submission, course.assignment, status, graded)
    message = _ENDED_EARLY.get(result.status, "")
    return dataclasses.replace(result, notes=_notes(read, seen), message=message)


def _run_whole(
    course: Course, read: Notebook, slices: Sequence[Slice], settings: Settings
) -> tuple[running.Plan, Session]:
    """Run all of a notebook, and ask the functions that it leaves."""
    planned = running.plan(course.assignment, read, slices, settings.steps)
    limits = running.within(settings.timeout)
    return planned, running.run(
        course.assignment, planned, course.expectations, limits, wall=settings.wall
    )


def _right_in(
    session: Session, course: Course, slices: Sequence[Slice]
) -> dict[str, FunctionResult]:
    """Return the functions that are right as the whole notebook leaves them.

    Those that are not are asked once more with their own cells alone: what other cells do costs nothing.
    """
    graded = (
        marking.mark(function, piece, course, session.answers[function.name])
        for function, piece in zip(course.assignment.functions, slices, strict=True)
        if function.name in session.answers
    )
    return {told.name: told for told in graded if told.status is FunctionStatus.PASSED}


def _status_of(seen: dict[str, Observation]) -> Status:
    """Return how the submission as a whole ended: before any function could be asked, or graded."""
    if not seen or any(o.started or o.outcomes for o in seen.values()):
        return Status.GRADED
    late = any(o.ending is Ending.TIMEOUT for o in seen.values())
    return Status.TIMEOUT if late else Status.CRASHED


def _notes(read: Notebook, seen: dict[str, Observation]) -> tuple[str, ...]:
    said = dict.fromkeys(hints.note(kind, text) for o in seen.values() for kind, text in o.notes)
    return (*read.notes, *said)
