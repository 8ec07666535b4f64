"""Run a whole notebook and tell how it went: cell by cell, and its trainings beside the reference's."""

from __future__ import annotations

import ast
import functools
import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

from grader import assignment as assignments
from grader import oracle, sandbox
from grader.extract import Slice
from grader.extract.cells import parse_cell
from grader.model import Assignment, Cell, Limits, Notebook, Program
from grader.oracle import Expectations
from grader.rundown import CellReport, Figure, Picture, Rundown, TrainingReport
from grader.session import CellRun, CellStatus, Errand, Session
from grader.text import printable
from grader.training import Looks, Training, Trainings
from grader.words import said, sentences

LIMITS = Limits(
    function_seconds=180.0,
    submission_seconds=600.0,
    memory_bytes=2 << 30,
    disk_bytes=256 << 20,
)
"""Of a whole notebook: the time of one cell, and of all."""

RTOL = 1e-6
_SHOWN_EVERY = 10
_COST = re.compile(
    r"^cost after.*?([-+]?(?:\d+\.?\d*(?:e[-+]?\d+)?|inf|nan))\s*$", re.IGNORECASE | re.MULTILINE
)
_INJECTED = "# Put in by the grader: {what}\n"


@dataclass(frozen=True, slots=True)
class Plan:
    """What to run: the cells, in which of them which training stands, and the steps of a rehearsal."""

    errand: Errand
    where: Mapping[str, int]
    steps: int | None = None


@dataclass(frozen=True, slots=True)
class _Expected:
    curve: tuple[float, ...]
    looks: Looks


# ------------------------------------------------------------------ before


def plan(
    assignment: Assignment, read: Notebook, slices: Sequence[Slice], steps: int | None
) -> Plan:
    """Return what to run of a notebook: all of it, rehearsed with fewer steps if that is asked for."""
    told = assignments.trainings(assignment)
    stand_ins = tuple(dict.fromkeys(name for piece in slices for name in piece.stand_ins))
    if told is None:
        return Plan(Errand(read.cells, stand_ins=stand_ins), {})
    calls = list(_calls(told, read.cells))
    where: dict[str, int] = {}
    watched: dict[int, str] = {}
    for training, cell, name in calls:
        if training.name not in where:
            where[training.name] = cell
            watched[cell] = name
    cells = _rehearsed(told, read.cells, steps, first=min(where.values(), default=0))
    return Plan(Errand(cells, watched, stand_ins), where, steps)


def _calls(told: Trainings, cells: Sequence[Cell]) -> Iterator[tuple[Training, int, str]]:
    """Yield each training that a cell calls for, its number, and the name that its value is given."""
    for cell in cells:
        for statement in parse_cell(cell).tree.body:
            call = getattr(statement, "value", None)
            if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Name):
                continue
            training = _training(told, call) if call.func.id == told.trainer else None
            if training:
                yield training, cell.number, _target(statement)


def _target(statement: ast.stmt) -> str:
    targets = statement.targets if isinstance(statement, ast.Assign) else []
    return targets[0].id if targets and isinstance(targets[0], ast.Name) else ""


def _training(told: Trainings, call: ast.Call) -> Training | None:
    """Return the training that a call asks for, by those arguments in which trainings differ."""
    given = {word.arg: getattr(word.value, "value", None) for word in call.keywords}
    apart = {
        name: given[name]
        for name, nothing in told.neutral.items()
        if given.get(name, nothing) != nothing
    }
    return next((t for t in told.runs if apart == dict(t.arguments)), None)


def _rehearsed(
    told: Trainings, cells: tuple[Cell, ...], steps: int | None, *, first: int
) -> tuple[Cell, ...]:
    """Return the cells with one more, numbered 0, that sets the number of steps."""
    if steps is None:
        return cells
    made = [cell.number for cell in cells if _defines(cell, told.trainer)]
    after = made[-1] if made else first - 1
    what = f"--iterations {steps}"
    cell = Cell(0, _INJECTED.format(what=what) + told.cell.format(steps=steps))
    return (*cells[:after], cell, *cells[after:])


def _defines(cell: Cell, name: str) -> bool:
    body = parse_cell(cell).tree.body
    return any(isinstance(s, ast.FunctionDef) and s.name == name for s in body)


# ------------------------------------------------------------------ running


def run(
    assignment: Assignment,
    planned: Plan,
    expectations: Expectations,
    limits: Limits,
    *,
    wall: str,
) -> Session:
    """Run a notebook whole, and ask the functions that it leaves. Raises BoxError."""
    programs = [
        Program(function.name, (), oracle.calls(expectations.cases[function.name]))
        for function in assignment.functions
    ]
    with ThreadPoolExecutor(1) as meanwhile:
        meanwhile.submit(expected, assignment, planned.steps)
        furniture = oracle.whole_furniture(assignment)
        return sandbox.run_whole(planned.errand, programs, furniture, limits, wall=wall)


def within(timeout: float | None) -> Limits:
    """Return the limits of a whole notebook, held to a time for all of it."""
    if timeout is None:
        return LIMITS
    cell = min(LIMITS.function_seconds, timeout)
    return replace(LIMITS, submission_seconds=timeout, function_seconds=cell)


@functools.lru_cache(maxsize=8)
def expected(assignment: Assignment, steps: int | None) -> Mapping[str, _Expected]:
    """Return what the reference's trainings come to, on the data that is in place; it takes seconds."""
    told = assignments.trainings(assignment)
    if told is None:
        return {}
    assert assignment.files is not None
    reference = assignments.module(assignment.files.reference)
    folder = assignment.files.template.parent
    found = {}
    for training in told.runs:
        network, costs = told.train(reference, folder, training, steps or told.steps)
        curve = tuple(map(float, costs))
        found[training.name] = _Expected(curve, told.look(reference, folder, network))
    return found


# ------------------------------------------------------------------ afterwards


def rundown(assignment: Assignment, planned: Plan, session: Session) -> Rundown:
    """Return how a run went, with its trainings held beside the reference's."""
    steps = planned.steps
    cells = [run for run in session.cells if run.cell.number]
    told = assignments.trainings(assignment)
    by_number = {run.cell.number: run for run in cells}
    reports = [
        _training_report(
            assignment, training, by_number.get(planned.where.get(training.name, 0)), steps
        )
        for training in (told.runs if told else ())
    ]
    right = sum(report.status == "right" for report in reports)
    points = told.points if told else 0.0
    return Rundown(
        ran=sum(run.status is not CellStatus.NOT_RUN for run in cells),
        total=len(cells),
        seconds=round(sum(run.seconds for run in cells), 1),
        message=session.detail,
        steps=steps,
        cells=tuple(map(_cell_report, (r for r in cells if r.status not in _WELL))),
        trainings=tuple(reports),
        score=round(points * right / len(reports), 2) if reports else 0.0,
        max_score=points,
    )


_WELL = (CellStatus.FINISHED, CellStatus.NOT_RUN)
_SAID = {
    CellStatus.LATE: said("It was stopped because it did not end in time."),
    CellStatus.FLOODED: said("It was stopped because it showed too much."),
    CellStatus.DIED: said("It ended Python, so no cell after it could run."),
}


def _cell_report(run: CellRun) -> CellReport:
    line = (run.raised.line if run.raised else run.line) or 0
    raised = run.raised and printable(f"{run.raised.kind}: {run.raised.message}")
    words = raised or _SAID[run.status]
    return CellReport(run.cell.number, run.status.value, words, line, round(run.seconds, 2))


def _training_report(
    assignment: Assignment, training: Training, run: CellRun | None, steps: int | None
) -> TrainingReport:
    told = assignments.trainings(assignment)
    assert told is not None
    ours = expected(assignment, steps)[training.name]
    report = TrainingReport(
        training.name,
        training.about,
        "missing",
        said("No cell of the notebook trains the network so."),
        every=told.every,
        expected_curve=_drawable(ours.curve),
        expected_plane=_picture(ours.looks),
        points=tuple(f"{x:.3f} {y:.3f} {int(c)}" for x, y, c in ours.looks.points),
    )
    if run is None:
        return report
    if run.status is not CellStatus.FINISHED:
        return replace(
            report, cell=run.cell.number, message=said("Its cell did not come to an end.")
        )
    return _compared(replace(report, cell=run.cell.number), assignment, run, ours)


def _compared(
    report: TrainingReport, assignment: Assignment, run: CellRun, ours: _Expected
) -> TrainingReport:
    curve = _curve(run, len(ours.curve))
    looks, trouble = _looks(assignment, run)
    figures = (*_costs(report.every, curve, ours.curve), *_accuracies(looks, ours.looks))
    right = all(figure.right for figure in figures)
    message = (
        said("It comes to the figures that are expected.")
        if right
        else said("It does not come to the figures that are expected.")
    )
    return replace(
        report,
        status="right" if right else "wrong",
        message=sentences(message, trouble),
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
            said("cost after {steps} steps", steps=f"{at * every:,}"),
            told,
            f"{ours[at]:.10g}",
            right,
        )


def _accuracies(looks: Looks | None, ours: Looks) -> Iterator[Figure]:
    for name, key in (
        (said("accuracy on the training set"), "train_accuracy"),
        (said("accuracy on the test set"), "test_accuracy"),
    ):
        value, right = (getattr(looks, key) if looks else math.nan), getattr(ours, key)
        told = f"{value:.1%}" if looks else ""
        yield Figure(name, told, f"{right:.1%}", value == right)


def _looks(assignment: Assignment, run: CellRun) -> tuple[Looks | None, str]:
    """Return what the network that a cell left makes of the data, or why it cannot be told."""
    told = assignments.trainings(assignment)
    assert told is not None and assignment.files is not None
    reference = assignments.module(assignment.files.reference)
    try:
        return told.look(reference, assignment.files.template.parent, run.left), ""
    except (ValueError, TypeError, AttributeError):
        return None, said("The network that it left could not be looked at.")


def _picture(looks: Looks) -> Picture:
    return Picture(tuple("".join("1" if cell else "0" for cell in row) for row in looks.plane))
