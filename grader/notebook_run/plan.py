"""Run a whole notebook and tell how it went: cell by cell, and its trainings beside the reference's."""

from __future__ import annotations

import ast
import contextlib
import re
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

from grader import assignments, sandbox
from grader.assignments import oracle
from grader.assignments.oracle import Expectations
from grader.model import Assignment, Cell, Limits, Notebook, Program, Tier
from grader.model.notebook_run import NotebookRun, RunRequest
from grader.model.training import Training, Trainings
from grader.notebook.slicing import Slice
from grader.notebook.slicing.parse import parse, parse_cell
from grader.notebook_run import trainings

LIMITS = Limits(
    function_seconds=180.0,
    submission_seconds=600.0,
    memory_bytes=2 << 30,
    disk_bytes=256 << 20,
)
"""Of a whole notebook: the time of one cell, and of all."""

_REHEARSAL = """\
# Added by the grader: --iterations {steps}
import inspect

def {trainer}(*given, train={trainer}, **named):  # trains with fewer steps
    call = inspect.signature(train).bind(*given, **named)
    call.arguments["{argument}"] = {steps}
    return train(*call.args, **call.kwargs)"""


@dataclass(frozen=True, slots=True)
class Plan:
    """What to run: the cells, in which of them which training stands, and the steps of a rehearsal."""

    errand: RunRequest
    where: Mapping[str, int]
    steps: int | None = None


# ------------------------------------------------------------------ before


def plan(
    assignment: Assignment, read: Notebook, slices: Sequence[Slice], steps: int | None
) -> Plan:
    """Return what to run of a notebook: all of it, rehearsed with fewer steps if that is asked for."""
    told = assignments.trainings(assignment)
    stand_ins = tuple(dict.fromkeys(name for piece in slices for name in piece.stand_ins))
    if told is None:
        return Plan(RunRequest(read.cells, {}, stand_ins), {})
    calls = list(_calls(told, read.cells))
    where: dict[str, int] = {}
    watched: dict[int, str] = {}
    for training, cell, name in calls:
        if training.name not in where:
            where[training.name] = cell
            watched[cell] = name
    cells = _rehearsed(told, read.cells, steps, first=min(where.values(), default=0))
    seconds = assignment.limits.function_seconds
    return Plan(RunRequest(cells, watched, stand_ins, seconds), where, steps)


def _calls(told: Trainings, cells: Sequence[Cell]) -> Iterator[tuple[Training, int, str]]:
    """Yield each training that a cell calls for, its number, and the name that its value is given."""
    for cell in cells:
        for statement in _statements(parse_cell(cell).tree.body):
            call = getattr(statement, "value", None)
            if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Name):
                continue
            training = _training(told, call) if call.func.id == told.trainer else None
            if training:
                yield training, cell.number, _target(statement)


def _statements(body: Sequence[ast.stmt]) -> Iterator[ast.stmt]:
    """Yield the statements that a cell runs in order: those within blocks and behind %time too."""
    for statement in body:
        yield statement
        if isinstance(statement, ast.If | ast.For | ast.While | ast.With | ast.Try):
            for name in ("body", "orelse", "finalbody"):
                yield from _statements(getattr(statement, name, []))
        yield from _timed(statement)


def _timed(statement: ast.stmt) -> Sequence[ast.stmt]:
    """Return what a line such as `%time x = f()` runs, as IPython translates it."""
    match statement:
        case ast.Expr(
            ast.Call(
                ast.Attribute(attr="run_line_magic"),
                [ast.Constant("time"), ast.Constant(str(line))],
            )
        ):
            with contextlib.suppress(SyntaxError):
                return parse(line).body
    return ()


def _target(statement: ast.stmt) -> str:
    """Return the name that a value is given, if it is a name."""
    several = statement.targets if isinstance(statement, ast.Assign) else []
    target = several[0] if several else getattr(statement, "target", None)
    return target.id if isinstance(target, ast.Name) else ""


def _training(told: Trainings, call: ast.Call) -> Training | None:
    """Return the training that a call asks for, by those arguments in which trainings differ."""
    nodes = dict(zip(told.parameters, call.args, strict=False))
    nodes |= {word.arg: word.value for word in call.keywords if word.arg}
    given = {name: getattr(node, "value", None) for name, node in nodes.items()}
    apart = {
        name: given[name]
        for name, nothing in told.neutral.items()
        if given.get(name, nothing) != nothing
    }
    return next((t for t in told.runs if apart == dict(t.arguments)), None)


def _rehearsed(
    told: Trainings, cells: tuple[Cell, ...], steps: int | None, *, first: int
) -> tuple[Cell, ...]:
    """Return the cells with one more, numbered 0, that sets the number of steps, if any may train."""
    made = [cell.number for cell in cells if _defines(cell, told.trainer)]
    if steps is None or not (made or first):
        return cells
    after = made[-1] if made else first - 1
    if not first and not _in_use(told.trainer, cells[:after], cells[after:]):
        return cells
    source = _REHEARSAL.format(trainer=told.trainer, argument=told.steps_argument, steps=steps)
    return (*cells[:after], Cell(0, source), *cells[after:])


def _in_use(name: str, before: Sequence[Cell], behind: Sequence[Cell]) -> bool:
    """Whether a cell may call a function by its name, be it within another or by a magic's words."""
    nodes = (node for cell in before for node in ast.walk(parse_cell(cell).tree))
    return any(re.search(rf"\b{name}\b", cell.source) for cell in behind) or any(
        isinstance(node, ast.Name) and node.id == name for node in nodes
    )


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
    tier: Tier,
) -> NotebookRun:
    """Run a notebook whole, and ask the functions that it leaves. Raises BoxError."""
    programs = [
        Program(function.name, (), oracle.calls(expectations.cases[function.name]))
        for function in assignment.functions
    ]
    with ThreadPoolExecutor(1) as meanwhile:
        meanwhile.submit(trainings.expected, assignment, planned.steps)
        contents = oracle.notebook_contents(assignment)
        return sandbox.run_whole(planned.errand, programs, contents, limits, tier=tier)


def within(timeout: float | None) -> Limits:
    """Return the limits of a whole notebook, held to a time for all of it."""
    if timeout is None:
        return LIMITS
    cell = min(LIMITS.function_seconds, timeout)
    return replace(LIMITS, submission_seconds=timeout, function_seconds=cell)
