"""Grade one submission: the stages in order, from the bytes of a file to a result.

========  ============================================================  ======================
stage     does                                                          code
========  ============================================================  ======================
read      bytes → the code cells of the notebook                        notebook.reader
slice     cells → the statements that each graded function needs        notebook.slicing
expect    reference and template → what they return (once a process)    assignments.oracle
run       statements → an observation: values and errors of each call   sandbox
judge     observation → checks: which values are right                  judging
score     checks → points (follow-through, rubric) and status           grading.function
diagnose  wrong values → why, and in which line                         diagnosis
again     wrong function → run with what its slice left out              grading.second_run
          wrong function → run with right versions of what it calls      grading.right_calls
repair    wrong function → the small change that makes it right         grading.repairs
finish    graded functions → the result                                 grading.results
========  ============================================================  ======================

The second run needs statements with side effects, such as a call, that the slice left out; the run
with right versions needs functions that the assignment declares in `calls`. The better result counts.
With `--run-all` the whole notebook runs once before `run`. Functions that are right there are not run
again.
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from grader import judging
from grader.assignments import notebooks, oracle
from grader.errors import GraderError
from grader.grading import other_task, results, run_all, second_run
from grader.grading.function import Diagnosed, GradingContext, diagnose, is_untouched, score
from grader.grading.repairs import GradedFunction, Repairs
from grader.grading.right_calls import with_right_calls
from grader.grading.settings import Budget, Settings
from grader.grading.ungraded import ungraded_states
from grader.messages.sanitize import one_line
from grader.model import Assignment, Function, Notebook, Observation
from grader.model.failure import failure_of
from grader.model.findings import FunctionStatus
from grader.model.result import FunctionResult, Result
from grader.model.submission import Module, Submission
from grader.notebook import NotANotebook, reader, written_modules
from grader.notebook.reader import NotebookReading
from grader.notebook.slicing import Slice
from grader.sandbox import Together

__all__ = ["Settings", "failed", "grade", "own_modules"]


def grade(
    submission: Submission,
    assignment: Assignment,
    settings: Settings,
    *,
    budget: Budget | None = None,
) -> Result:
    """Return the result of one submission, whatever its bytes are.

    The `budget` is that of the student, if this is one of several notebooks. An exception of the
    grader becomes a result of status `internal`, which has no score.
    """
    started = time.perf_counter()
    try:
        budget = budget or Budget.of(assignment, settings)
        result = _grade(submission, assignment, settings, budget)
        result = _finished(result, assignment, settings)
    except Exception as error:
        result = failed(submission, assignment, settings, error)
    return dataclasses.replace(
        result,
        duration_s=round(time.perf_counter() - started, 3),
        graded_at=datetime.now().astimezone().isoformat(timespec="seconds"),
    )


def failed(
    submission: Submission,
    assignment: Assignment,
    settings: Settings,
    error: Exception,
    *,
    stage: str = "",
) -> Result:
    """Return the result, of status `internal`, of a submission that the grader failed on."""
    # The message of any other exception may contain a student's text.
    known = isinstance(error, GraderError)
    message = str(error) if known else f"The grader failed with {type(error).__name__}."
    result = results.internal(submission, assignment, message, failure_of(error, stage=stage))
    return _finished(result, assignment, settings)


def _finished(result: Result, assignment: Assignment, settings: Settings) -> Result:
    """Add to a result where it comes from, and make its message printable."""
    safe = one_line(result.message)
    return dataclasses.replace(
        result,
        title=assignment.title,
        # An equal text stays the translatable message that it is.
        message=result.message if result.message == safe else safe,
        seed=settings.seed,
        sandbox=settings.tier,
    )


def _grade(
    submission: Submission, assignment: Assignment, settings: Settings, budget: Budget
) -> Result:
    """Read a submission; take it through the other stages if it is a notebook."""
    if submission.failure:
        return results.internal(submission, assignment, submission.problem, submission.failure)
    if submission.problem:
        return results.invalid(submission, assignment, submission.problem)
    try:
        reading = notebooks.read_submission(assignment, submission.data, budget.reading)
    except NotANotebook as error:
        return results.invalid(submission, assignment, str(error))
    except reader.ReadingLimit as error:
        return results.unreadable(submission, assignment, str(error))
    expectations = oracle.consult(assignment, settings.seed, tier=settings.tier)
    modules = (*own_modules(submission, assignment), *written_modules(reading.notebook))
    context = GradingContext(assignment, settings, expectations, modules, budget)
    return _stages(submission, reading, context)


def own_modules(submission: Submission, assignment: Assignment) -> tuple[Module, ...]:
    """Return the modules beside a notebook, without copies of the assignment's own."""
    helpers = {name.removesuffix(".py") for name, _ in assignment.files.helpers}
    return tuple(module for module in submission.modules if module.name not in helpers)


def _stages(submission: Submission, reading: NotebookReading, context: GradingContext) -> Result:
    """Return the result of a notebook: run its slices, grade each function, finish."""
    notebook, slices = reading.notebook, reading.slices[: len(context.assignment.functions)]
    ungraded = reading.slices[len(slices) :]
    whole = run_all.run_whole(context, notebook, slices) if context.settings.run_all else None
    passed = _passed(context, slices, whole.run.answers) if whole else {}
    rest = [slice_ for slice_ in slices if slice_.function not in passed]
    confined = [slice_ for slice_ in rest if slice_.function in reading.confined]
    accepted, together = _together(context, confined)
    observations = context.observe([*rest, *ungraded], together=together)
    states = tuple(ungraded_states(context, observations))
    observations = {s.function: observations[s.function] for s in rest if s.is_defined}
    first = [slice_ for slice_ in rest if slice_.function not in accepted]
    graded = accepted | _grade_functions(context, first, observations)
    graded = other_task.as_missing(context.assignment, rest, graded)
    better = _better(context, notebook, graded, observations)
    graded |= {name: again.result for name, again in better.items()}
    observations |= {name: again.observation for name, again in better.items()}
    final = [better[s.function].slice_ if s.function in better else s for s in rest]
    graded |= with_right_calls(context, final, graded)
    graded = passed | graded | _repaired(context, notebook, final, graded, observations)
    functions = [
        dataclasses.replace(function, code=context.expectations.known_code.own(slice_))
        for function, slice_ in zip(
            results.with_sources(context.assignment, slices, graded, notebook), slices, strict=True
        )
    ]
    if whole:
        observations = {name: whole.run.answers[name] for name in passed} | observations
    result = results.graded(submission, context.assignment, functions, observations)
    result = dataclasses.replace(
        result,
        ungraded=states,
        notes=results.notes(notebook, slices, observations, context.modules),
        to_look_at=(*result.to_look_at, *results.to_look_at(slices)),
    )
    return run_all.with_report(result, whole, submission, context) if whole else result


def _together(
    context: GradingContext, slices: Sequence[Slice]
) -> tuple[dict[str, FunctionResult], Together | None]:
    """Return confined functions to run in one process, and where the results of the right ones appear.

    Only those that are right in every respect count; there is nothing to diagnose in them.
    """
    functions = {function.name: function for function in context.assignment.functions}
    accepted: dict[str, FunctionResult] = {}

    def accepts(slice_: Slice, observation: Observation) -> bool:
        if observation.raised_before or observation.notes:
            return False
        run = context.function_run(functions[slice_.function], slice_, observation)
        judgement = judging.judge(run.function, run.cases, run.expected, run.actual)
        scored = score(run, judgement.checks)
        if scored.status is not FunctionStatus.PASSED or judgement.diagnoses:
            return False
        accepted[slice_.function] = results.of_function(run, scored, Diagnosed(()))
        return True

    return accepted, context.together(slices, accepts)


class _Again(NamedTuple):
    """The second run of a function, whose verdict is better than the first."""

    slice_: Slice
    observation: Observation
    result: FunctionResult


def _better(
    context: GradingContext,
    notebook: Notebook,
    first: Mapping[str, FunctionResult],
    observations: Mapping[str, Observation],
) -> dict[str, _Again]:
    """Run wrong functions once more with all statements; return the better verdicts by name."""
    again = second_run.slices_again(context, notebook, first, observations)
    observed = second_run.observe_again(context, again, observations)
    graded = _grade_functions(context, again, observed)
    slices = {slice_.function: slice_ for slice_ in again}
    return {
        name: _Again(slices[name], observed[name], result)
        for name, result in graded.items()
        if second_run.is_better(result, first[name])
    }


def _repaired(
    context: GradingContext,
    notebook: Notebook,
    slices: Sequence[Slice],
    graded: Mapping[str, FunctionResult],
    observations: Mapping[str, Observation],
) -> dict[str, FunctionResult]:
    """Return the results of functions; a small change that repairs one has named its mistake or line.

    A failure of the grader in here leaves the result as it is, and is recorded in it.
    """
    functions = {function.name: function for function in context.assignment.functions}
    better: dict[str, FunctionResult] = {}
    if context.time.functions.is_half_used:
        return better
    search = Repairs(context, notebook, slices)
    for slice_ in slices:
        name, result = slice_.function, graded[slice_.function]
        try:
            function = GradedFunction(functions[name], slice_, observations.get(name), result)
            diagnoses = search.diagnose(function)
        except Exception as error:
            failure = failure_of(error, stage=f"repair of {name}")
            better[name] = dataclasses.replace(result, failure=result.failure or failure)
            continue
        better[name] = dataclasses.replace(result, diagnoses=diagnoses)
    context.time.search.spend(search.deadline.cpu_seconds_used)
    return better


def _grade_functions(
    context: GradingContext, slices: Sequence[Slice], observations: Mapping[str, Observation]
) -> dict[str, FunctionResult]:
    """Return the results of the functions by name, one for each slice."""
    functions = {function.name: function for function in context.assignment.functions}
    names = [slice_.function for slice_ in slices]
    return {
        name: _grade_function(functions[name], slice_, context, observations.get(name))
        for name, slice_ in zip(names, slices, strict=True)
    }


def _passed(
    context: GradingContext, slices: Sequence[Slice], answers: Mapping[str, Observation]
) -> dict[str, FunctionResult]:
    """Return the results of the functions that are right as the whole notebook leaves them.

    The others run again with their own statements, so that other cells cannot cost them points.
    """
    graded = _grade_functions(context, slices, answers)
    return {name: r for name, r in graded.items() if r.status is FunctionStatus.PASSED}


def _grade_function(
    function: Function, slice_: Slice, context: GradingContext, observation: Observation | None
) -> FunctionResult:
    """Judge, score and diagnose one function, which did not run if there is no observation."""
    if observation is None:
        return results.not_run(function, slice_)
    run = context.function_run(function, slice_, observation)
    checks, structural = judging.judge(function, run.cases, run.expected, run.actual)
    scored = score(run, checks)
    if is_untouched(run, scored, context):
        return results.not_run(function, slice_)
    return results.of_function(run, scored, diagnose(run, scored, structural, context))
