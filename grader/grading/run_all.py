"""With `--run-all`: run the whole notebook first, and add the report on it to the result."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from grader.grading.function import GradingContext
from grader.model import Notebook, Submission
from grader.model.notebook_run import NotebookRun
from grader.model.result import Result
from grader.notebook.slicing import Slice
from grader.notebook_run import plan, trainings
from grader.notebook_run.executed import executed


@dataclasses.dataclass(frozen=True, slots=True)
class WholeRun:
    """A notebook that was run as a whole, and the plan of the run."""

    plan: plan.Plan
    run: NotebookRun


def run(context: GradingContext, notebook: Notebook, slices: Sequence[Slice]) -> WholeRun:
    """Run a whole notebook, and call the graded functions that it defines. Raises BoxError."""
    assignment, settings = context.assignment, context.settings
    planned = plan.plan(assignment, notebook, slices, settings.iterations)
    limits = plan.within(settings.timeout)
    return WholeRun(
        planned,
        plan.run(assignment, planned, context.expectations, limits, tier=settings.tier),
    )


def with_report(
    result: Result, whole: WholeRun, submission: Submission, context: GradingContext
) -> Result:
    """Return a result with the report on cells and trainings, and with the trainings' points."""
    report = trainings.rundown(context.assignment, whole.run, whole.plan.where, whole.plan.steps)
    keep = context.settings.keep_notebook
    return dataclasses.replace(
        result,
        run=report,
        score=None if result.score is None else result.score + report.score,
        max_score=result.max_score + report.max_score,
        executed=executed(submission.data, whole.run) if keep else "",
    )
