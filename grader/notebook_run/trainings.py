"""Report on a whole notebook that ran: its cells, and its trainings compared with the reference's."""

from __future__ import annotations

import contextlib
import functools
import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from grader import assignments
from grader.errors import AssignmentError
from grader.messages import gettext, join_sentences
from grader.messages.sanitize import one_line
from grader.model import Assignment
from grader.model.notebook_run import CellRun, CellStatus, NotebookRun
from grader.model.run_report import (
    CellReport,
    ComparedMeasure,
    Plane,
    RunReport,
    TrainingReport,
)
from grader.model.training import Curve, Evaluation, Regions, Training
from grader.notebook_run.plan import Plan

_STOPPED = {
    CellStatus.LATE: gettext("It was stopped at its time limit."),
    CellStatus.FLOODED: gettext("It was stopped because its output was too large."),
    CellStatus.MUDDLED: gettext("The kernel's messages about this cell were corrupted."),
    CellStatus.DIED: gettext("It stopped Python, so no later cell could run."),
}


@dataclass(frozen=True, slots=True)
class _Expected:
    """The reference's values of a curve and the evaluation of its model; `evaluate` does the same.

    `rtol` is the relative tolerance of the values.
    """

    curve: Curve
    rtol: float
    values: tuple[float, ...]
    evaluation: Evaluation
    evaluate: Callable[[Any], Evaluation]


@functools.lru_cache(maxsize=8)
def expected(assignment: Assignment, iterations: int | None) -> Mapping[str, _Expected]:
    """Return the reference's trainings by name, on the data that is in place; it takes seconds.

    Raises AssignmentError if a training fails, for example because the data is damaged.
    """
    trainings = assignments.trainings(assignment)
    if trainings is None:
        return {}
    by_name = {}
    try:
        reference = assignments.reference(assignment)
        folder = assignment.files.template.parent
        evaluate = functools.partial(trainings.evaluate, reference, folder)
        for training in trainings.runs:
            model, curve = trainings.train(
                reference, folder, training, iterations or trainings.iterations
            )
            values = tuple(map(float, curve))
            by_name[training.name] = _Expected(
                trainings.curve, training.rtol, values, evaluate(model), evaluate
            )
    except Exception as error:
        reason = one_line(f"{type(error).__name__}: {error}")
        raise AssignmentError(f"The reference's trainings failed ({reason}).") from error
    return by_name


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
    regions = reference.evaluation.regions
    report = TrainingReport(
        training.name,
        training.about,
        "missing",
        gettext("No cell of the notebook runs this training."),
        cell=number if cell_run else None,
        quantity=reference.curve.name,
        every=reference.curve.every,
        expected_curve=_drawable(reference.values),
        expected_plane=_plane(regions, regions.expected_title) if regions else None,
        points=tuple(f"{x:.3f} {y:.3f} {int(kind)}" for x, y, kind in regions.points)
        if regions
        else (),
    )
    if cell_run is None:
        return report
    if reason := _not_comparable(cell_run, run, plan):
        return replace(report, message=reason)
    return _compared(report, cell_run, reference)


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
                "The rehearsal did not change its cell, which trained with all its iterations."
            )
    if cell_run.status is not CellStatus.FINISHED:
        return gettext("Its cell did not finish.")
    return ""


def _compared(report: TrainingReport, run: CellRun, reference: _Expected) -> TrainingReport:
    values = curve_values(run, reference)
    evaluation = None
    with contextlib.suppress(ValueError, TypeError, AttributeError):  # the value is not a model
        evaluation = reference.evaluate(run.left)
    measures = tuple(_compared_measures(values, evaluation, reference))
    right = all(measure.right for measure in measures)
    message = (
        gettext("It matches the expected results.")
        if right
        else gettext("It does not match the expected results.")
    )
    unknown = "" if evaluation else gettext("The trained model could not be examined.")
    regions = evaluation.regions if evaluation else None
    return replace(
        report,
        status="right" if right else "wrong",
        message=join_sentences(message, unknown),
        figures=measures,
        curve=_drawable(values.values()) if len(values) == len(reference.values) else (),
        plane=_plane(regions, regions.title) if regions else None,
    )


def curve_values(run: CellRun, reference: _Expected) -> dict[int, float]:
    """Return the values of a curve by their index: from a plot with a line of its length, else printed.

    The pattern is possessive, and no match begins inside a number, so hostile text cannot take
    quadratic time.
    """
    curve = reference.curve
    fitting = [line for line in run.lines if len(line) == len(reference.values)]
    if fitting:
        return dict(enumerate(map(float, fitting[0])))
    number = r"[-+]?(?:(?<!\d)\d++\.?\d*+(?:e[-+]?\d++)?+|inf|nan)"
    line = rf"^{re.escape(curve.printed)}.*?({number})[^\S\n]*+$"
    printed = re.findall(line, run.text, re.IGNORECASE | re.MULTILINE)
    step = curve.printed_every // curve.every
    return {index * step: float(value) for index, value in enumerate(printed)}


def _drawable(values: Iterable[float]) -> tuple[float | None, ...]:
    return tuple(value if math.isfinite(value) else None for value in values)


def _compared_measures(
    values: Mapping[int, float], evaluation: Evaluation | None, reference: _Expected
) -> Iterator[ComparedMeasure]:
    """Yield values of the curve and measures of the model, each compared with the reference's."""
    curve = reference.curve
    for index in range(0, len(reference.values), curve.printed_every // curve.every):
        value, expected_value = values.get(index), reference.values[index]
        yield ComparedMeasure(
            gettext(
                "{quantity} after {iterations} iterations",
                quantity=curve.name,
                iterations=f"{index * curve.every:,}",
            ),
            "" if value is None else f"{value:.10g}",
            f"{expected_value:.10g}",
            value is not None and math.isclose(value, expected_value, rel_tol=reference.rtol),
        )
    by_name = {measure.name: measure for measure in evaluation.measures} if evaluation else {}
    for right in reference.evaluation.measures:
        measure = by_name.get(right.name)
        got = measure.text if measure else ""
        equal = measure is not None and measure.value == right.value
        yield ComparedMeasure(right.name, got, right.text, equal)


def _plane(regions: Regions, title: str) -> Plane:
    """Return regions as rows of "0" and "1", under a title."""
    digits = np.where(regions.cells, "1", "0")
    return Plane(tuple("".join(row) for row in digits), title, regions.about)
