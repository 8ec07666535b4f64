"""Cut a notebook down to what each graded function needs, by reading it and never by running it.

A slice of a notebook is a notebook: the same cells, the lines that are not needed left blank, so that
line numbers stay the student's own. Which statements are needed follows from names: those that bind
or change a name the function uses, and so on back; plots, trainings and prints fall away.
"""

from __future__ import annotations

import ast
import builtins
import functools
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from grader.model import Cell, Notebook
from grader.notebook.slicing.globals import Outside, read_outside
from grader.notebook.slicing.helper_modules import public_names, stand_ins
from grader.notebook.slicing.parse import Piece, SyntaxFault, parse_cell
from grader.notebook.slicing.placeholders import looks_unwritten
from grader.notebook.slicing.statements import Unit, cut, last_line, masked
from grader.notebook.slicing.tree import walk

__all__ = ["Outside", "Slice", "SyntaxFault", "public_names", "slices"]

_GIVEN = frozenset(dir(builtins)) | {"__name__", "__doc__", "get_ipython"}
_SHORT = 4_000


@dataclass(frozen=True, slots=True)
class Slice:
    """One graded function as it stands in a notebook.

    `unwritten` means that the function looks like a template's: every place for the student's own
    lines is empty or holds a placeholder. `fault` is the syntax error that swallowed it, `other_name`
    a function that takes the same arguments when this one is missing. `reads` are the positions of
    the parameters that its body reads, `outside` what it reads of the notebook in their place.
    """

    function: str
    cells: tuple[Cell, ...] = ()
    cell: int | None = None
    line: int | None = None
    last_line: int | None = None
    found: bool = False
    unwritten: bool = False
    fault: SyntaxFault | None = None
    other_name: str = ""
    names: frozenset[str] = frozenset()
    local_names: frozenset[str] = frozenset()
    reads: frozenset[int] = frozenset()
    stand_ins: tuple[str, ...] = ()
    outside: tuple[Outside, ...] = ()

    @property
    def source(self) -> str:
        """Return the text of the cell that the function stands in, nothing if that is not known."""
        return self.source_of(self.cell)

    def source_of(self, number: int | None) -> str:
        """Return the text of a cell that the function needs, nothing of another."""
        return next((cell.source for cell in self.cells if cell.number == number), "")


def slices(
    notebook: Notebook,
    functions: Sequence[tuple[str, tuple[str, ...]]],
    *,
    helper_names: frozenset[str] = frozenset(),
) -> tuple[Slice, ...]:
    """Return one slice for each (name, parameters), whether the notebook has the function or not.

    `helper_names` are what the assignment's helper modules define, for imports under another name.
    """
    cells = [_short(cell) if len(cell.source) < _SHORT else _cut(cell) for cell in notebook.cells]
    units = [unit for _, units in cells for unit in units]
    read = _Read([piece for piece, _ in cells], units, helper_names)
    return tuple(_slice(name, parameters, read) for name, parameters in functions)


def _cut(cell: Cell) -> tuple[Piece, Sequence[Unit]]:
    piece = parse_cell(cell)
    return piece, cut(piece)


_short = functools.lru_cache(maxsize=256)(_cut)
"""Cells that were handed out are the same in a whole class; nothing here ever changes a tree."""


@dataclass(frozen=True, slots=True)
class _Read:
    """A notebook as read: its parsed cells and their statements."""

    pieces: Sequence[Piece]
    units: Sequence[Unit]
    helper_names: frozenset[str]


def _slice(name: str, parameters: tuple[str, ...], read: _Read) -> Slice:
    definitions = [unit for unit in read.units if name in unit.binds and not unit.star]
    if not definitions:
        return _without_definition(name, parameters, read)
    last, needed = definitions[-1], _needed(name, read.units)
    node = _definition(last, name)
    lines = next(piece.lines for piece in read.pieces if piece.cell == last.cell)
    return Slice(
        function=name,
        cells=_masked_cells(read.pieces, needed),
        cell=last.cell,
        line=(node or last.node).lineno,
        last_line=last_line(node or last.node),
        found=True,
        unwritten=node is not None and looks_unwritten(node, lines),
        names=frozenset(n for unit in needed for n in unit.binds),
        local_names=_assigned_in(last),
        reads=_parameters_read(node) if node else frozenset(),
        stand_ins=stand_ins(needed, read.helper_names, _unbound(needed)),
        outside=read_outside(node, last, parameters, needed) if node else (),
    )


def _definition(unit: Unit, name: str) -> ast.FunctionDef | None:
    """Return the last `def` of that name in a statement."""
    found = [n for n in unit.nodes if isinstance(n, ast.FunctionDef) and n.name == name]
    return found[-1] if found else None


def _assigned_in(unit: Unit) -> frozenset[str]:
    names = (n for n in unit.nodes if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store))
    return frozenset(name.id for name in names)


def _parameters_read(function: ast.FunctionDef) -> frozenset[int]:
    loaded = {
        node.id
        for statement in function.body
        for node in walk(statement)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
    }
    return frozenset(i for i, arg in enumerate(function.args.args) if arg.arg in loaded)


def _without_definition(name: str, parameters: tuple[str, ...], read: _Read) -> Slice:
    """Say why a function is not there: it does not parse, or it goes by another name, or neither."""
    faults = [fault for piece in read.pieces for fault in piece.faults if name in fault.functions]
    if faults:
        last = faults[-1]
        return Slice(name, cell=last.cell, line=last.line, fault=last, unwritten=last.header_only)
    return Slice(name, other_name=_same_arguments(parameters, read.units))


def _same_arguments(parameters: tuple[str, ...], units: Sequence[Unit]) -> str:
    for unit in reversed(units):
        match unit.node:
            case ast.FunctionDef(name=name, args=arguments):
                if tuple(argument.arg for argument in arguments.args) == parameters:
                    return name
    return ""


# ------------------------------------------------------------------ what is needed


def _needed(name: str, units: Sequence[Unit]) -> list[Unit]:
    """Return the units that bind or change what `name` needs, in notebook order."""
    imported = {n for unit in units if unit.imports for n in unit.binds}
    touching = defaultdict[str, list[int]](list)
    for index, unit in enumerate(units):
        for touched in unit.binds | unit.sets | (unit.calls_on - imported):
            touching[touched].append(index)
    wanted, waiting, chosen = {name}, [name], set[int]()
    while waiting:
        for index in set(touching[waiting.pop()]) - chosen:
            chosen.add(index)
            waiting += units[index].uses - wanted
            wanted |= units[index].uses
    chosen |= {index for index, unit in enumerate(units) if unit.is_future}
    if _unbound([units[index] for index in chosen]):
        chosen |= {index for index, unit in enumerate(units) if unit.star}
    return [units[index] for index in sorted(chosen)]


def _unbound(units: Iterable[Unit]) -> frozenset[str]:
    """Return the names that units use and none of them binds."""
    units = list(units)
    used = {name for unit in units for name in unit.uses}
    return frozenset(used - {name for unit in units for name in unit.binds} - _GIVEN)


def _masked_cells(pieces: Iterable[Piece], needed: Sequence[Unit]) -> tuple[Cell, ...]:
    cells = []
    for piece in pieces:
        units = [unit for unit in needed if unit.cell == piece.cell]
        if units:
            cells.append(Cell(piece.cell, masked(piece, units)))
    return tuple(cells)
