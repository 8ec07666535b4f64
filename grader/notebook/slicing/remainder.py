"""The statements that a slice leaves out: which of them can change a function, and a notebook of all.

A slice follows names. It misses effects that no name shows: a helper that registers itself, a file
that another cell writes, `exec` of a script. A function that is wrong is therefore run a second time
together with the statements that may have such an effect, trainings and plots excepted.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from grader.model import Cell
from grader.model.record import record
from grader.notebook.slicing.parse import ParsedCell
from grader.notebook.slicing.statements import Statement, blanked, line_magic, trains

_PLOTTING = frozenset("matplotlib pylab seaborn plotly bokeh ipywidgets IPython".split())
_PLOT_MAGICS = frozenset("matplotlib load_ext reload_ext autoreload config".split())


@record
class Remainder:
    """A notebook of all statements, and the modules that may be missing there (`Slice.stand_ins`)."""

    cells: tuple[Cell, ...]
    stand_ins: tuple[str, ...] = ()


def without_plots(statements: Sequence[Statement], trainers: frozenset[str]) -> list[Statement]:
    """Return statements without trainings (`trainers` are functions that train) and plots."""
    plotting = set(_PLOTTING)
    for statement in statements:
        plotting.update(_imported_for_plots(statement.node))
        if isinstance(statement.node, ast.Assign) and _is_plot(statement, plotting):
            plotting |= statement.defines  # figures and axes
    return [s for s in statements if not (_is_plot(s, plotting) or trains(s, trainers))]


def cells_of(cells: Sequence[ParsedCell], statements: Sequence[Statement]) -> tuple[Cell, ...]:
    """Return the cells with these statements only, each on its own line."""
    by_cell: dict[int, list[Statement]] = {}
    for statement in statements:
        by_cell.setdefault(statement.cell, []).append(statement)
    return tuple(
        Cell(c.number, blanked(c, by_cell[c.number])) for c in cells if c.number in by_cell
    )


def _base_name(node: ast.expr) -> str:
    while isinstance(node, ast.Attribute | ast.Subscript):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def _imported_for_plots(node: ast.stmt) -> Iterator[str]:
    """Yield the names that an import of a plotting library binds."""
    match node:
        case ast.Import(names=aliases):
            for alias in aliases:
                if alias.name.split(".")[0] in _PLOTTING:
                    yield alias.asname or alias.name.split(".")[0]
        case ast.ImportFrom(module=str(module), names=aliases):
            if module.split(".")[0] in _PLOTTING:
                names = (alias for alias in aliases if alias.name != "get_ipython")
                yield from (alias.asname or alias.name for alias in names)


def _is_plot(statement: Statement, plotting: set[str]) -> bool:
    """Return True for a plot, and for an import or a magic that only prepares plots."""
    if line_magic(statement.node).name in _PLOT_MAGICS:
        return True
    if isinstance(statement.node, ast.Import | ast.ImportFrom):
        return any(True for _ in _imported_for_plots(statement.node))
    match statement.node:
        case ast.Expr(ast.Call(func=function)) | ast.Assign(value=ast.Call(func=function)):
            name = _base_name(function)
            return name in plotting or name.startswith("plot")
        case ast.Assign(targets=[ast.Attribute() | ast.Subscript() as target]):
            return _base_name(target) in plotting
    return False
