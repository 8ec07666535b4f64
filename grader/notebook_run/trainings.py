"""Report on a whole notebook that ran: its cells, and its trainings compared with the reference's."""

from __future__ import annotations

import contextlib
import functools
import math
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType

import numpy as np

from grader import assignments
from grader.errors import AssignmentError
from grader.messages import gettext, join_sentences
from grader.messages.sanitize import one_line
from grader.model import Assignment
from grader.model.notebook_run import CellRun, CellStatus, NotebookRun
from grader.model.run_report import CellReport, Figure, Picture, RunReport, TrainingReport
from grader.model.training import Evaluation, Training
from grader.notebook_run.plan import Plan

RTOL = 1e-6
_FIGURE_EVERY = 10
"""Costs of the curve between two that are listed as figures; also between two printed ones."""

_COST = re.compile(
    # Possessive, and no match begins inside a number: hostile text cannot take quadratic time.
    r"^cost after.*?([-+]?(?:(?<!\d)\d++\.?\d*+(?:e[-+]?\d++)?+|inf|nan))[^\S\n]*+$",
    re.IGNORECASE | re.MULTILINE,
)
_STOPPED = {
    CellStatus.LATE: gettext("It was stopped at its time limit."),
    CellStatus.FLOODED: gettext("It was stopped because its output was too large."),
    CellStatus.MUDDLED: gettext("The kernel's messages about this cell were corrupted."),
    CellStatus.DIED: gettext("It stopped Python, so no later cell could run."),
}


@dataclass(frozen=True, slots=True)
class _Expected:
    """The reference's costs, one each `every` iterations, and the evaluation of its model."""

    every: int
    curve: tuple[float, ...]
    evaluation: Evaluation


@functools.lru_cache(maxsize=8)
def expected(assignment: Assignment, iterations: int | None) -> Mapping[str, _Expected]:
    """Return the reference's trainings by name, on the data that is in place; it takes seconds.

    Raises AssignmentError if a training fails, for example because the data is damaged.
    """
    trainings = assignments.trainings(assignment)
    if trainings is None:
        return {}
    number = iterations or trainings.iterations
    by_name = {}
    try:
        reference, folder = _reference_and_folder(assignment)
        for training in trainings.runs:
            model, costs = trainings.train(reference, folder, training, number)
            evaluation = trainings.evaluate(reference, folder, model)
            curve = tuple(map(float, costs))
            by_name[training.name] = _Expected(trainings.every, curve, evaluation)
    except Exception as error:
        reason = one_line(f"{type(error).__name__}: {error}")
        raise AssignmentError(f"The reference's trainings failed ({reason}).") from error
    return by_name


def _reference_and_folder(assignment: Assignment) -> tuple[ModuleType, Path]:
    """Return the reference's module, and the folder of the notebook with its data."""
    return assignments.module(assignment.files.reference), assignment.files.template.parent


def run_report(assignment: Assignment, run: NotebookRun, plan: Plan) -> RunReport:
    """Return the report on a run: its cells, and its trainings compared with the reference's.

    The number of iterations is part of it only if a cell was added that sets it.
    """
    cells = [cell_run for cell_run in run.cells if cell_run.cell.number]
    trainings = assignments.trainings(assignment)
    reports = [
        _training_report(assignment, training, run, plan)
        for training in (trainings.runs if trainings else ())
    ]
    right = sum(report.status == "right" for report in reports)
    points = trainings.points if trainings else 0.0
    unfinished = (c for c in cells if c.status not in (CellStatus.FINISHED, CellStatus.NOT_RUN))
    return RunReport(
        ran=sum(cell_run.status is not CellStatus.NOT_RUN for cell_run in cells),
        total=len(cells),
        seconds=round(sum(cell_run.seconds for cell_run in cells), 1),
        message=run.detail,
        steps=plan.iterations if len(cells) < len(run.cells) else None,
        cells=tuple(map(_cell_report, unfinished)),
        trainings=tuple(reports),
        score=round(points * right / len(reports), 2) if reports else 0.0,
        max_score=points,
    )


# ------------------------------------------------------------------ cells


def _cell_report(run: CellRun) -> CellReport:
    """Return the report on a cell, with the place of an error that is in another cell."""
    number, line, raised = run.cell.number, run.line, run.raised
    message: str
    if raised is None:
        message = _STOPPED[run.status]
    else:
        message = one_line(f"{raised.kind}: {raised.message}")
        if raised.cell == number:
            line = raised.line or line
        elif raised.line:
            place = {"line": raised.line, "cell": raised.cell}
            message = gettext("{error} (line {line} of code cell {cell})", error=message, **place)
    return CellReport(number, run.status.value, message, line, round(run.seconds, 2))


# ------------------------------------------------------------------ trainings


def _training_report(
    assignment: Assignment, training: Training, run: NotebookRun, plan: Plan
) -> TrainingReport:
    reference = expected(assignment, plan.iterations)[training.name]
    number = plan.cells.get(training.name, 0)
    cell_run = next((c for c in run.cells if number and c.cell.number == number), None)
    points = reference.evaluation.points
    report = TrainingReport(
        training.name,
        training.about,
        "missing",
        gettext("No cell of the notebook runs this training."),
        cell=number if cell_run else None,
        every=reference.every,
        expected_curve=_drawable(reference.curve),
        expected_plane=_picture(reference.evaluation),
        points=() if points is None else tuple(f"{x:.3f} {y:.3f} {int(c)}" for x, y, c in points),
    )
    if cell_run is None:
        return report
    if reason := _not_comparable(cell_run, run, plan):
        return replace(report, message=reason)
    return _compared(report, assignment, cell_run, reference)


def _not_comparable(cell_run: CellRun, run: NotebookRun, plan: Plan) -> str:
    """Return why a cell's training cannot be compared with the reference's, or an empty string."""
    if list(plan.cells.values()).count(cell_run.cell.number) > 1:
        return gettext(
            "Its cell trains more than once, so the results cannot be "
            "separated. Put each training in its own cell."
        )
    numbers = [c.cell.number for c in run.cells]
    if 0 in numbers:
        added = numbers.index(0)
        changed = run.cells[added].status is CellStatus.FINISHED
        if not (changed and cell_run.cell.number in numbers[added:]):
            return gettext(
                "The rehearsal did not change its cell, which trained with all its steps."
            )
    if cell_run.status is not CellStatus.FINISHED:
        return gettext("Its cell did not finish.")
    return ""


def _compared(
    report: TrainingReport, assignment: Assignment, run: CellRun, reference: _Expected
) -> TrainingReport:
    trainings = assignments.trainings(assignment)
    assert trainings is not None
    curve = _curve(run, len(reference.curve))
    evaluation = None
    with contextlib.suppress(ValueError, TypeError, AttributeError):  # the value is not a model
        evaluation = trainings.evaluate(*_reference_and_folder(assignment), run.left)
    figures = tuple(_figures(curve, evaluation, reference))
    right = all(figure.right for figure in figures)
    message = (
        gettext("It matches the expected results.")
        if right
        else gettext("It does not match the expected results.")
    )
    unknown = "" if evaluation else gettext("The trained network could not be examined.")
    return replace(
        report,
        status="right" if right else "wrong",
        message=join_sentences(message, unknown),
        figures=figures,
        curve=_drawable(curve.values()) if len(curve) == len(reference.curve) else (),
        plane=_picture(evaluation) if evaluation else None,
    )


def _curve(run: CellRun, length: int) -> dict[int, float]:
    """Return costs by their index in the curve: from a line of that length in a plot, else printed."""
    fitting = [line for line in run.lines if len(line) == length]
    if fitting:
        return dict(enumerate(map(float, fitting[0])))
    printed = map(float, _COST.findall(run.text))
    return {index * _FIGURE_EVERY: cost for index, cost in enumerate(printed)}


def _drawable(costs: Iterable[float]) -> tuple[float | None, ...]:
    return tuple(cost if math.isfinite(cost) else None for cost in costs)


def _figures(
    costs: Mapping[int, float], evaluation: Evaluation | None, reference: _Expected
) -> Iterator[Figure]:
    """Yield costs and measures, each compared with the reference's."""
    for index in range(0, len(reference.curve), _FIGURE_EVERY):
        cost, expected_cost = costs.get(index), reference.curve[index]
        yield Figure(
            gettext("cost after {steps} steps", steps=f"{index * reference.every:,}"),
            "" if cost is None else f"{cost:.10g}",
            f"{expected_cost:.10g}",
            cost is not None and math.isclose(cost, expected_cost, rel_tol=RTOL),
        )
    by_name = {measure.name: measure for measure in evaluation.measures} if evaluation else {}
    for right in reference.evaluation.measures:
        measure = by_name.get(right.name)
        got = measure.text if measure else ""
        equal = measure is not None and measure.value == right.value
        yield Figure(right.name, got, right.text, equal)


def _picture(evaluation: Evaluation) -> Picture | None:
    """Return the rows of a picture as strings of "0" and "1"."""
    if evaluation.picture is None:
        return None
    digits = np.where(evaluation.picture, "1", "0")
    return Picture(tuple("".join(row) for row in digits))
