"""Tell how a whole notebook went: cell by cell, and its trainings beside the reference's."""

from __future__ import annotations

import functools
import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType

from grader import assignments
from grader.errors import AssignmentError
from grader.messages import gettext, join_sentences
from grader.messages.sanitize import printable
from grader.model import Assignment, Raised
from grader.model.notebook_run import CellRun, CellStatus, NotebookRun
from grader.model.run_report import CellReport, Figure, Picture, RunReport, TrainingReport
from grader.model.training import Evaluation, Training, Trainings

RTOL = 1e-6
_SHOWN_EVERY = 10
_COST = re.compile(
    # It begins at no digit but the first of a number and gives none back: hostile text costs no time.
    r"^cost after.*?([-+]?(?:(?<!\d)\d++\.?\d*+(?:e[-+]?\d++)?+|inf|nan))[^\S\n]*+$",
    re.IGNORECASE | re.MULTILINE,
)


@dataclass(frozen=True, slots=True)
class _Expected:
    """Costs, one each `every` steps, and what the trained network makes of the data."""

    every: int
    curve: tuple[float, ...]
    looks: Evaluation


@functools.lru_cache(maxsize=8)
def expected(assignment: Assignment, steps: int | None) -> Mapping[str, _Expected]:
    """Return what the reference's trainings come to, on the data that is in place; it takes seconds.

    Raises AssignmentError where they come to nothing, on data that is broken, say: our fault.
    """
    told = assignments.trainings(assignment)
    if told is None:
        return {}
    try:
        return {one.name: _trained(assignment, told, one, steps) for one in told.runs}
    except Exception as error:
        why = printable(f"{type(error).__name__}: {error}")
        raise AssignmentError(f"The reference's trainings failed ({why}).") from error


def _trained(
    assignment: Assignment, told: Trainings, training: Training, steps: int | None
) -> _Expected:
    reference, folder = _own(assignment)
    network, costs = told.train(reference, folder, training, steps or told.steps)
    looks = told.look(reference, folder, network)
    return _Expected(told.every, tuple(map(float, costs)), looks)


def _own(assignment: Assignment) -> tuple[ModuleType, Path]:
    """Return the reference, and the folder of the notebook with the data."""
    return assignments.module(assignment.files.reference), assignment.files.template.parent


def rundown(
    assignment: Assignment, session: NotebookRun, where: Mapping[str, int], steps: int | None
) -> RunReport:
    """Return how a run went, with its trainings held beside the reference's.

    `where` tells the cell of each training, and `steps` how many were to be rehearsed. That they were
    is told only where a cell was put in for it: nothing else makes a notebook train with fewer.
    """
    cells = [run for run in session.cells if run.cell.number]
    told = assignments.trainings(assignment)
    by_number = {run.cell.number: run for run in cells}
    reports = [
        _training_report(
            assignment,
            training,
            by_number.get(cell := where.get(training.name, 0)),
            steps,
            why_not=_why_not(cell, where, session),
        )
        for training in (told.runs if told else ())
    ]
    right = sum(report.status == "right" for report in reports)
    points = told.points if told else 0.0
    return RunReport(
        ran=sum(run.status is not CellStatus.NOT_RUN for run in cells),
        total=len(cells),
        seconds=round(sum(run.seconds for run in cells), 1),
        message=session.detail,
        steps=steps if len(cells) < len(session.cells) else None,
        cells=tuple(map(_cell_report, (r for r in cells if r.status not in _WELL))),
        trainings=tuple(reports),
        score=round(points * right / len(reports), 2) if reports else 0.0,
        max_score=points,
    )


_WELL = (CellStatus.FINISHED, CellStatus.NOT_RUN)
_SAID = {
    CellStatus.LATE: gettext("It was stopped at its time limit."),
    CellStatus.FLOODED: gettext("It was stopped because its output was too large."),
    CellStatus.MUDDLED: gettext("The kernel's messages about this cell were corrupted."),
    CellStatus.DIED: gettext("It stopped Python, so no later cell could run."),
}


def _cell_report(run: CellRun) -> CellReport:
    words = _words(run.cell.number, run.raised) if run.raised else _SAID[run.status]
    line = run.line
    if run.raised and run.raised.cell == run.cell.number:
        line = run.raised.line or line
    return CellReport(run.cell.number, run.status.value, words, line, round(run.seconds, 2))


def _words(number: int, raised: Raised) -> str:
    """Return what a cell raised, and where that was if it was in another cell."""
    error = printable(f"{raised.kind}: {raised.message}")
    if raised.cell == number or not raised.line:
        return error
    place = {"line": raised.line, "cell": raised.cell}
    return gettext("{error} (line {line} of code cell {cell})", error=error, **place)


def _training_report(
    assignment: Assignment,
    training: Training,
    run: CellRun | None,
    steps: int | None,
    *,
    why_not: str,
) -> TrainingReport:
    ours = expected(assignment, steps)[training.name]
    report = _blank(training, ours)
    if run is None:
        return report
    report = replace(report, cell=run.cell.number)
    if why_not:
        return replace(report, message=why_not)
    if run.status is not CellStatus.FINISHED:
        return replace(report, message=gettext("Its cell did not finish."))
    return _compared(report, assignment, run, ours)


def _why_not(cell: int, where: Mapping[str, int], session: NotebookRun) -> str:
    """Say why the figures of a training in a cell cannot be held beside the reference's, if so."""
    if list(where.values()).count(cell) > 1:
        return gettext(
            "Its cell trains more than once, so the results cannot be "
            "separated. Put each training in its own cell."
        )
    numbers = [run.cell.number for run in session.cells]
    if 0 not in numbers:
        return ""
    at = numbers.index(0)
    reached = session.cells[at].status is CellStatus.FINISHED and cell in numbers[at:]
    return (
        ""
        if reached
        else gettext("The rehearsal did not change its cell, which trained with all its steps.")
    )


def _blank(training: Training, ours: _Expected) -> TrainingReport:
    """Return what is told of a training that is not there."""
    return TrainingReport(
        training.name,
        training.about,
        "missing",
        gettext("No cell of the notebook runs this training."),
        every=ours.every,
        expected_curve=_drawable(ours.curve),
        expected_plane=_picture(ours.looks),
        points=tuple(f"{x:.3f} {y:.3f} {int(c)}" for x, y, c in ours.looks.points),
    )


def _compared(
    report: TrainingReport, assignment: Assignment, run: CellRun, ours: _Expected
) -> TrainingReport:
    curve = _curve(run, len(ours.curve))
    looks, trouble = _looks(assignment, run)
    figures = (*_costs(report.every, curve, ours.curve), *_accuracies(looks, ours.looks))
    right = all(figure.right for figure in figures)
    message = (
        gettext("It matches the expected results.")
        if right
        else gettext("It does not match the expected results.")
    )
    return replace(
        report,
        status="right" if right else "wrong",
        message=join_sentences(message, trouble),
        figures=figures,
        curve=_drawable(curve.values()) if len(curve) == len(ours.curve) else (),
        plane=_picture(looks) if looks else None,
    )


def _curve(run: CellRun, length: int) -> dict[int, float]:
    """Return costs by their place: of the figure's line, else those that were printed."""
    fitting = [line for line in run.lines if len(line) == length]
    if fitting:
        return dict(enumerate(map(float, fitting[0])))
    printed = map(float, _COST.findall(run.text))
    return {at * _SHOWN_EVERY: cost for at, cost in enumerate(printed)}


def _drawable(costs: Iterable[float]) -> tuple[float | None, ...]:
    return tuple(cost if math.isfinite(cost) else None for cost in costs)


def _costs(every: int, got: Mapping[int, float], ours: Sequence[float]) -> Iterator[Figure]:
    for at in range(0, len(ours), _SHOWN_EVERY):
        cost = got.get(at)
        right = cost is not None and math.isclose(cost, ours[at], rel_tol=RTOL)
        told = "" if cost is None else f"{cost:.10g}"
        yield Figure(
            gettext("cost after {steps} steps", steps=f"{at * every:,}"),
            told,
            f"{ours[at]:.10g}",
            right,
        )


def _accuracies(looks: Evaluation | None, ours: Evaluation) -> Iterator[Figure]:
    for name, key in (
        (gettext("accuracy on the training set"), "train_accuracy"),
        (gettext("accuracy on the test set"), "test_accuracy"),
    ):
        value, right = (getattr(looks, key) if looks else math.nan), getattr(ours, key)
        told = f"{value:.1%}" if looks else ""
        yield Figure(name, told, f"{right:.1%}", value == right)


def _looks(assignment: Assignment, run: CellRun) -> tuple[Evaluation | None, str]:
    """Return what the network that a cell left makes of the data, or why it cannot be told."""
    told = assignments.trainings(assignment)
    assert told is not None
    try:
        return told.look(*_own(assignment), run.left), ""
    except (ValueError, TypeError, AttributeError):
        return None, gettext("The trained network could not be examined.")


def _picture(looks: Evaluation) -> Picture:
    return Picture(tuple("".join("1" if cell else "0" for cell in row) for row in looks.plane))
