"""Plan the run of a whole notebook: its cells, and the cell of each training."""

from __future__ import annotations

import ast
import contextlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from grader import assignments
from grader.model import Assignment, Cell, Limits, Notebook
from grader.model.notebook_run import RunRequest
from grader.model.training import Training, Trainings
from grader.notebook.slicing import Slice
from grader.notebook.slicing.parse import parse, parse_cell
from grader.notebook.slicing.statements import line_magic

LIMITS = Limits(
    function_seconds=180.0,
    submission_seconds=600.0,
    memory_bytes=2 << 30,
    disk_bytes=256 << 20,
)
"""Of a whole notebook: 180 s for a cell, 600 s for all, and memory and disk for both processes.

`Limits` has the units and the effects; here a function is a cell.
"""

_REHEARSAL = """\
# Added by the grader: --iterations {iterations}
import inspect

def {trainer}(*given, train={trainer}, **named):  # trains with fewer iterations
    call = inspect.signature(train).bind(*given, **named)
    call.arguments["{argument}"] = {iterations}
    return train(*call.args, **call.kwargs)"""


@dataclass(frozen=True, slots=True)
class Plan:
    """The run of a whole notebook: the request, the cell number of each training by its name.

    `iterations` is the number for each training in a rehearsal, None if trainings are not shortened.
    """

    request: RunRequest
    cells: Mapping[str, int]
    iterations: int | None = None


def plan(
    assignment: Assignment, notebook: Notebook, slices: Sequence[Slice], iterations: int | None
) -> Plan:
    """Return the plan of a notebook's run, a rehearsal if there is a number of iterations."""
    trainings = assignments.trainings(assignment)
    stand_ins = tuple(dict.fromkeys(name for slice_ in slices for name in slice_.stand_ins))
    if trainings is None:
        return Plan(RunRequest(notebook.cells, {}, stand_ins), {})
    cell_of: dict[str, int] = {}
    watched: dict[int, str] = {}
    trees = _trees(notebook.cells, trainings.trainer)
    for call in _calls(trainings, trees):
        if call.training.name not in cell_of:
            cell_of[call.training.name] = call.cell
            watched[call.cell] = call.target
    first = min(cell_of.values(), default=0)
    cells = notebook.cells
    if iterations is not None:
        cells = _rehearsal(trainings, cells, trees, iterations, first=first)
    request = RunRequest(cells, watched, stand_ins, assignment.limits.function_seconds)
    return Plan(request, cell_of, iterations)


@dataclass(frozen=True, slots=True)
class _Call:
    """A call that trains: its cell number, and the variable that gets its value ("" if none)."""

    training: Training
    cell: int
    target: str


def _trees(cells: Sequence[Cell], name: str) -> dict[int, ast.Module]:
    """Return the trees of the cells that may contain a name, by their number.

    Each is parsed once, so this takes no longer than the reader's limit. Python also accepts other forms
    of a letter in a name.
    """
    named = (cell for cell in cells if name in cell.source or not cell.source.isascii())
    return {cell.number: parse_cell(cell).tree for cell in named}


def _calls(trainings: Trainings, trees: Mapping[int, ast.Module]) -> Iterator[_Call]:
    """Yield the calls of the trainer whose arguments are those of a training."""
    numbered = ((number, s) for number, tree in trees.items() for s in _statements(tree.body))
    for number, statement in numbered:
        match getattr(statement, "value", None):
            case ast.Call(func=ast.Name(trainings.trainer)) as call:
                arguments = dict(zip(trainings.parameters, call.args, strict=False))
                arguments |= {k.arg: k.value for k in call.keywords if k.arg}
                values = {name: getattr(a, "value", None) for name, a in arguments.items()}
                training = trainings.training_with(values)
                targets = getattr(statement, "targets", [getattr(statement, "target", None)])
                if training:
                    yield _Call(training, number, getattr(targets[0], "id", ""))


def _statements(body: Sequence[ast.stmt]) -> Iterator[ast.stmt]:
    """Yield the statements of a cell in order, also those inside blocks and after %time."""
    for statement in body:
        yield statement
        if isinstance(statement, ast.If | ast.For | ast.While | ast.With | ast.Try):
            for name in ("body", "orelse", "finalbody"):
                yield from _statements(getattr(statement, name, []))
        magic = line_magic(statement)
        if magic.name == "time":
            with contextlib.suppress(SyntaxError):
                yield from parse(magic.argument).body


def _rehearsal(
    trainings: Trainings,
    cells: tuple[Cell, ...],
    trees: Mapping[int, ast.Module],
    iterations: int,
    *,
    first: int,
) -> tuple[Cell, ...]:
    """Return the cells with one more, numbered 0, that sets the number of iterations.

    It goes after the last definition of the trainer, else before the `first` cell that trains. If
    no cell can train, not even in another function or by a magic, the cells stay as they are.
    """
    trainer = trainings.trainer
    defining = [
        number
        for number, tree in trees.items()
        for statement in tree.body
        if isinstance(statement, ast.FunctionDef) and statement.name == trainer
    ]
    if not (defining or first):
        return cells
    after = defining[-1] if defining else first - 1
    earlier = (tree for number, tree in trees.items() if number <= after)
    earlier_nodes = (node for tree in earlier for node in ast.walk(tree))
    may_train = (
        first
        or any(re.search(rf"\b{trainer}\b", cell.source) for cell in cells[after:])
        or any(isinstance(node, ast.Name) and node.id == trainer for node in earlier_nodes)
    )
    if not may_train:
        return cells
    argument = trainings.iterations_argument
    source = _REHEARSAL.format(trainer=trainer, argument=argument, iterations=iterations)
    return (*cells[:after], Cell(0, source), *cells[after:])


def limits_within(timeout: float | None) -> Limits:
    """Return the limits of a whole notebook, shortened to a timeout in seconds."""
    if timeout is None:
        return LIMITS
    cell = min(LIMITS.function_seconds, timeout)
    return replace(LIMITS, submission_seconds=timeout, function_seconds=cell)
