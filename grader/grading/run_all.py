"""With `--run-all`: run the whole notebook first, and add the report on it to the result."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from grader import sandbox
from grader.assignments import oracle
from grader.diagnosis import cell_names
from grader.diagnosis.cell_names import FirstLines
from grader.grading.function import GradingContext
from grader.model import Notebook
from grader.model.notebook_run import NotebookRun
from grader.model.result import Result
from grader.model.run_report import RunReport
from grader.model.submission import Program, Submission
from grader.notebook.slicing import Slice
from grader.notebook_run import trainings
from grader.notebook_run.plan import Plan, limits_within, plan


@dataclasses.dataclass(frozen=True, slots=True)
class WholeRun:
    """A notebook that was run as a whole, and the plan of the run."""

    plan: Plan
    run: NotebookRun


def run_whole(context: GradingContext, notebook: Notebook, slices: Sequence[Slice]) -> WholeRun:
    """Run a whole notebook, then call the graded functions that it defines. Raises BoxError."""
    assignment, settings = context.assignment, context.settings
    planned = plan(assignment, notebook, slices, settings.iterations)
    request = dataclasses.replace(planned.request, modules=context.modules)
    programs = [
        Program(function.name, (), oracle.calls(context.expectations.cases[function.name]))
        for function in assignment.functions
    ]
    contents = oracle.notebook_contents(assignment)
    limits = limits_within(settings.timeout)
    left = context.time.whole_runs.left
    limits = dataclasses.replace(limits, submission_seconds=left)
    with ThreadPoolExecutor(1) as meanwhile:
        meanwhile.submit(trainings.expected, assignment, settings.iterations)
        with context.time.whole_runs.timed():
            run = sandbox.run_notebook(request, programs, contents, limits, tier=settings.tier)
    return WholeRun(planned, run)


def with_report(
    result: Result, whole: WholeRun, submission: Submission, context: GradingContext
) -> Result:
    """Return a result with the report on cells and trainings, and with the trainings' points."""
    report = _with_cell_names(
        trainings.run_report(context.assignment, whole.run, whole.plan),
        cell_names.first_lines(run.cell for run in whole.run.cells),
    )
    score = None if result.score is None else result.score + report.score
    executed = ""
    if context.settings.keep_notebook:
        from grader.notebook_run.executed import (
            executed_notebook,
        )  # loads nh3, which only this needs

        # A notebook that was slow to read is not read once more, for the text between its cells.
        data = b"" if context.time.reading.is_half_used else submission.data
        executed = executed_notebook(data, whole.run)
    return dataclasses.replace(
        result,
        run=report,
        score=score,
        raw_score=score,
        max_score=result.max_score + report.max_score,
        executed=executed,
    )


def _with_cell_names(report: RunReport, begins: FirstLines) -> RunReport:
    cells = (
        dataclasses.replace(
            cell,
            message=cell_names.in_text(cell.message, None, begins),
            begins=begins.get(cell.number, ""),
        )
        for cell in report.cells
    )
    runs = (
        dataclasses.replace(training, begins=begins.get(training.cell or 0, ""))
        for training in report.trainings
    )
    return dataclasses.replace(report, cells=tuple(cells), trainings=tuple(runs))
