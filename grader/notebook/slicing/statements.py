"""Statements as units: which names each binds, uses and changes, and how to blank out the others.

An `if` at top level is looked into, so that a notebook written under `if __name__ == ...` is cut
down like any other; every other statement is one unit, a `try` too: what fails in it decides what
its handlers do.
"""

from __future__ import annotations

import ast
import symtable
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeGuard

from grader.notebook.slicing.parse import Piece, without_warnings
from grader.notebook.slicing.tree import walk

_Frame = ast.If
_RUNNING_MAGICS = ("time", "prun")
_Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


@dataclass(frozen=True, slots=True)
class Unit:
    """A statement: names it binds, names it uses, names whose objects it sets or calls methods on.

    `nodes` are all that `walk` finds in it, kept because several questions are put to them.
    """

    cell: int
    node: ast.stmt
    nodes: tuple[ast.AST, ...]
    binds: frozenset[str]
    uses: frozenset[str]
    sets: frozenset[str] = frozenset()
    calls_on: frozenset[str] = frozenset()

    @property
    def star(self) -> bool:
        """Say whether this binds nobody knows what: `from ... import *`, or the magic %pylab."""
        match self.node:
            case ast.ImportFrom(names=[ast.alias(name="*")]):
                return True
        return _line_magic(self.node)[0] == "pylab"

    @property
    def is_future(self) -> bool:
        """Say whether this changes how all that follows is compiled."""
        return isinstance(self.node, ast.ImportFrom) and self.node.module == "__future__"

    @property
    def imports(self) -> bool:
        """Say whether this is an import."""
        return isinstance(self.node, ast.Import | ast.ImportFrom)


def cut(piece: Piece) -> list[Unit]:
    """Return the units of a piece in order."""
    lines = piece.lines
    leaves = _leaves(piece.tree.body, ())
    return [_unit(piece.cell, lines, node, frames) for node, frames in leaves]


def _leaves(
    block: Sequence[ast.stmt], frames: tuple[_Frame, ...]
) -> Iterator[tuple[ast.stmt, tuple[_Frame, ...]]]:
    for node in block:
        if _is_frame(node):
            for inner in _blocks(node):
                yield from _leaves(inner, (*frames, node))
        else:
            yield node, frames


def _is_frame(node: ast.stmt) -> TypeGuard[_Frame]:
    """Say whether a statement's blocks can be blanked line by line."""
    if not isinstance(node, _Frame):
        return False
    return all(first_line(inner[0]) > node.lineno for inner in _blocks(node))


def _blocks(node: _Frame) -> list[list[ast.stmt]]:
    return [inner for inner in (node.body, node.orelse) if inner]


def first_line(node: ast.stmt) -> int:
    """Return the line a statement starts on, decorators included."""
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    return min([node.lineno, *(decorator.lineno for decorator in decorators)])


def last_line(node: ast.stmt) -> int:
    """Return the line a statement ends on."""
    return node.end_lineno or node.lineno


# ------------------------------------------------------------------ names


def _unit(cell: int, lines: list[str], node: ast.stmt, frames: tuple[_Frame, ...]) -> Unit:
    binds, uses = _names(lines, node)
    for frame in frames:
        uses |= _header_names(frame)
    nodes = tuple(walk(node))
    sets, calls_on = _changes(node, nodes)
    return Unit(cell, node, nodes, frozenset(binds), frozenset(uses), sets, calls_on)


def _line_magic(node: ast.stmt) -> tuple[str, str]:
    """Return name and argument of a line magic that stands alone, as IPython translates it."""
    match node:
        case ast.Expr(
            ast.Call(
                ast.Attribute(attr="run_line_magic"),
                [ast.Constant(str(name)), ast.Constant(str(argument))],
            )
        ):
            return name, argument
    return "", ""


def _names(lines: list[str], node: ast.stmt) -> tuple[set[str], set[str]]:
    """Return the global names a statement binds and uses, as Python's own symbol table has them."""
    name, argument = _line_magic(node)
    if name in _RUNNING_MAGICS:
        binds, uses = _names(argument.split("\n"), ast.Pass(lineno=1, end_lineno=1, col_offset=0))
        return binds, uses | {"get_ipython"}
    text = "\n".join(lines[first_line(node) - 1 : last_line(node)])
    indented = text.lstrip("\f")[:1].isspace()
    try:
        with without_warnings():
            table = symtable.symtable("if 1:\n" + text if indented else text, "cell", "exec")
    except (SyntaxError, RecursionError, ValueError):
        return set(), set()
    symbols = table.get_symbols()
    binds = {s.get_name() for s in symbols if s.is_assigned() or s.is_imported()}
    uses = {s.get_name() for s in symbols if s.is_referenced()}
    for child in table.get_children():
        inner_binds, inner_uses = _global_names(child)
        binds |= inner_binds
        uses |= inner_uses
    return binds, uses


def _global_names(table: symtable.SymbolTable) -> tuple[set[str], set[str]]:
    globals_ = [symbol for symbol in table.get_symbols() if symbol.is_global()]
    binds = {s.get_name() for s in globals_ if s.is_declared_global() and s.is_assigned()}
    uses = {s.get_name() for s in globals_}
    for child in table.get_children():
        inner_binds, inner_uses = _global_names(child)
        binds |= inner_binds
        uses |= inner_uses
    return binds, uses


def _header_names(frame: _Frame) -> set[str]:
    return {node.id for node in walk(frame.test) if isinstance(node, ast.Name)}


def _changes(node: ast.stmt, nodes: Sequence[ast.AST]) -> tuple[frozenset[str], frozenset[str]]:
    """Return the names whose objects a statement sets parts of, and those it calls methods on."""
    sets, calls_on = set[str](), set[str]()
    for child in () if isinstance(node, _Definition) else nodes:
        match child:
            case ast.Assign(targets=targets):
                sets.update(map(_base, targets))
            case ast.AugAssign(target=target) | ast.AnnAssign(target=target):
                sets.add(_base(target))
            case ast.Expr(ast.Call(func=ast.Attribute() as function)):
                calls_on.add(_base(function))
    return frozenset(sets - {""}), frozenset(calls_on - {""})


def _base(target: ast.expr) -> str:
    """Return the name at the bottom of `name.a[b].c`, or nothing for a plain name."""
    node = target
    while isinstance(node, ast.Attribute | ast.Subscript):
        node = node.value
    return node.id if isinstance(node, ast.Name) and node is not target else ""


# ------------------------------------------------------------------ blanking out


def masked(piece: Piece, units: Sequence[Unit]) -> str:
    """Return the source of a piece with every line that belongs to no given unit left blank."""
    kept = [""] * len(piece.lines)
    wanted = {id(unit.node) for unit in units}
    _keep_block(piece.tree.body, wanted, piece.lines, kept)
    return "\n".join(kept).rstrip("\n") + "\n"


def _keep_block(
    block: Sequence[ast.stmt], wanted: set[int], lines: list[str], kept: list[str]
) -> None:
    for node in block:
        if _is_frame(node) and any(id(leaf) in wanted for leaf, _ in _leaves([node], ())):
            _keep_frame(node, wanted, lines, kept)
        elif id(node) in wanted:
            kept[first_line(node) - 1 : last_line(node)] = lines[
                first_line(node) - 1 : last_line(node)
            ]


def _keep_frame(node: _Frame, wanted: set[int], lines: list[str], kept: list[str]) -> None:
    """Keep the header lines of an `if`, and what is wanted of each of its blocks."""
    before = node.lineno
    for block in _blocks(node):
        start = first_line(block[0])
        kept[before - 1 : start - 1] = lines[before - 1 : start - 1]
        first = block[0]
        if isinstance(first, ast.If) and lines[first.lineno - 1].lstrip().startswith("elif"):
            _keep_frame(first, wanted, lines, kept)
        elif any(id(leaf) in wanted for leaf, _ in _leaves(block, ())):
            _keep_block(block, wanted, lines, kept)
        else:
            before_it = lines[start - 1].encode()[: block[0].col_offset]  # an offset in bytes
            kept[start - 1] = before_it.decode() + "pass"
        before = last_line(block[-1]) + 1
