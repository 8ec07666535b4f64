"""Grade one submission: the order of the stages, on one screen.

`grade` is a function of its arguments. A mistake of the student is an outcome in the result; a
failure of ours is a result of status `internal`, which costs nobody a point.
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Mapping, Sequence
from types import MappingProxyType

from grader import notebook
from grader.assignments import oracle
from grader.diagnosis import exceptions
from grader.errors import GraderError
from grader.grading import results
from grader.grading.function import GradingContext, mark, with_evidence
from grader.grading.translate import in_language
from grader.messages import catalog, gettext
from grader.messages.sanitize import printable
from grader.model import Assignment, Ending, Limits, Notebook, Observation, Submission, Tier
from grader.model.notebook_run import NotebookRun
from grader.model.result import FunctionResult, FunctionStatus, Result, Status
from grader.notebook.slicing import Slice
from grader.notebook_run import plan, trainings
from grader.notebook_run.executed import executed

_ENDED_EARLY = {
    Status.TIMEOUT: gettext(
        "No function could be tested: the code that they need did not finish in time."
    ),
    Status.CRASHED: gettext("No function could be tested: the code that they need stopped Python."),
}
_NONE: Mapping[str, FunctionResult] = MappingProxyType({})


@dataclasses.dataclass(frozen=True, slots=True)
class Settings:
    """How to grade: the seed of the random cases, the wall around the box, the time for one submission.

    With `run_all` all of the notebook is run before its functions are asked, its trainings with fewer
    `iterations` if that is given, and the notebook with its outputs is part of the result if it is to be
    kept.
    `language` is what students are told in, by the tag that `languages.named` gives.
    """

    seed: int
    tier: Tier = Tier.FULL
    timeout: float | None = None
    run_all: bool = False
    iterations: int | None = None
    keep_notebook: bool = False
    language: str = catalog.ENGLISH

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
        result = results.internal(submission, assignment, str(error))
    except Exception as error:
        # Rule 2: whatever breaks on our side must end as our failure, not as theirs.
        result = results.internal(submission, assignment, f"{type(error).__name__}: {error}")
    own = assignment.files.languages.get(settings.language)
    result = dataclasses.replace(result, title=assignment.title)
    result = in_language(result, settings.language, own)
    return dataclasses.replace(
        result,
        message=_fit(result.message),
        seed=settings.seed,
        sandbox=settings.tier,
        duration_s=round(time.perf_counter() - started, 3),
    )


def _fit(message: str) -> str:
    """Return a message fit to be shown, as it is if it is that already."""
    fit = printable(message)
    return message if message == fit else fit


def _grade(submission: Submission, assignment: Assignment, settings: Settings) -> Result:
    if submission.problem_is_ours:
        return results.internal(submission, assignment, submission.problem)
    if submission.problem:
        return results.invalid(submission, assignment, submission.problem)
    try:
        read = notebook.read(submission.data)
    except notebook.NotANotebook as error:
        return results.invalid(submission, assignment, str(error))
    expectations = oracle.consult(assignment, settings.seed, tier=settings.tier)
    slices = oracle.slices_of(assignment, read)
    course = GradingContext(assignment, settings.seed, settings.tier, expectations)
    limits = settings.limits(assignment)
    if not settings.run_all:
        return _functions_graded(submission, course, (read, slices), limits)
    planned, session = _run_whole(course, read, slices, settings)
    right = _right_in(session, course, slices)
    result = _functions_graded(submission, course, (read, slices), limits, right=right)
    there = _notes(read, {name: session.answers[name] for name in right})
    told = trainings.rundown(assignment, session, planned.where, planned.steps)
    score = None if result.score is None else result.score + told.score
    return dataclasses.replace(
        result,
        notes=tuple(dict.fromkeys((*there, *result.notes))),
        rundown=told,
        score=score,
        max_score=result.max_score + told.max_score,
        executed=executed(submission.data, session) if settings.keep_notebook else "",
    )


def _functions_graded(
    submission: Submission,
    course: GradingContext,
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
    seen = oracle.observe_slices(course.assignment, rest, cases, limits, tier=course.tier)
    graded = []
    for function, piece in zip(course.assignment.functions, slices, strict=True):
        told = right.get(function.name) or mark(function, piece, course, seen.get(function.name))
        graded.append(with_evidence(told, function, piece, read))
    status = Status.GRADED if right else _status_of(seen)
    result = results.result(submission, course.assignment, status, graded)
    message = _ENDED_EARLY.get(result.status, "")
    return dataclasses.replace(result, notes=_notes(read, seen), message=message)


def _run_whole(
    course: GradingContext, read: Notebook, slices: Sequence[Slice], settings: Settings
) -> tuple[plan.Plan, NotebookRun]:
    """Run all of a notebook, and ask the functions that it leaves."""
    planned = plan.plan(course.assignment, read, slices, settings.iterations)
    limits = plan.within(settings.timeout)
    return planned, plan.run(
        course.assignment, planned, course.expectations, limits, tier=settings.tier
    )


def _right_in(
    session: NotebookRun, course: GradingContext, slices: Sequence[Slice]
) -> dict[str, FunctionResult]:
    """Return the functions that are right as the whole notebook leaves them.

    Those that are not are asked once more with their own cells alone: what other cells do costs nothing.
    """
    graded = (
        mark(function, piece, course, session.answers[function.name])
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
    said = dict.fromkeys(
        exceptions.note(kind, text) for o in seen.values() for kind, text in o.notes
    )
    return (*read.notes, *said)
