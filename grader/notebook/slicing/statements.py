"""Statements: the names that each defines, uses and modifies, and how to blank out the others.

The blocks of an `if` at top level are split, so a notebook under `if __name__ == ...` is sliced like
any other. Every other compound statement is one statement; in a `try`, for example, an error in the
body decides which handler runs.
"""

from __future__ import annotations

import ast
import symtable
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeGuard

from grader.notebook.slicing.parse import ParsedCell, without_warnings
from grader.notebook.slicing.tree import walk

_RUNNING_MAGICS = ("time", "prun")
_Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement: the names it defines, uses, modifies (their objects) and calls methods on.

    `nodes` are all nodes of its tree, computed once because several visitors need them.
    """

    cell: int
    node: ast.stmt
    nodes: tuple[ast.AST, ...]
    defines: frozenset[str]
    uses: frozenset[str]
    modifies: frozenset[str] = frozenset()
    calls_on: frozenset[str] = frozenset()

    @property
    def is_star_import(self) -> bool:
        """True if this defines unknown names: `from ... import *`, or the magic %pylab."""
        match self.node:
            case ast.ImportFrom(names=[ast.alias(name="*")]):
                return True
        return line_magic(self.node).name == "pylab"

    @property
    def is_future(self) -> bool:
        """True if this changes how all later code is compiled."""
        return isinstance(self.node, ast.ImportFrom) and self.node.module == "__future__"

    @property
    def is_import(self) -> bool:
        """True for an import."""
        return isinstance(self.node, ast.Import | ast.ImportFrom)


def statements_of(cell: ParsedCell) -> list[Statement]:
    """Return the statements of a cell in order."""
    return [_statement(cell, node, ifs) for node, ifs in _leaves(cell.tree.body, ())]


def _leaves(
    block: Sequence[ast.stmt], ifs: tuple[ast.If, ...]
) -> Iterator[tuple[ast.stmt, tuple[ast.If, ...]]]:
    """Yield each statement of a block, with the `if` statements around it."""
    for node in block:
        if _can_split(node):
            for inner in _blocks(node):
                yield from _leaves(inner, (*ifs, node))
        else:
            yield node, ifs


def _can_split(node: ast.stmt) -> TypeGuard[ast.If]:
    """Return True for an `if` whose blocks can be blanked line by line."""
    return isinstance(node, ast.If) and all(
        first_line(inner[0]) > node.lineno for inner in _blocks(node)
    )


def _blocks(node: ast.If) -> list[list[ast.stmt]]:
    return [inner for inner in (node.body, node.orelse) if inner]


def first_line(node: ast.stmt) -> int:
    """Return the first line of a statement, including decorators."""
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    return min([node.lineno, *(decorator.lineno for decorator in decorators)])


def last_line(node: ast.stmt) -> int:
    """Return the last line of a statement."""
    return node.end_lineno or node.lineno


# ------------------------------------------------------------------ names


class _Names(NamedTuple):
    """The global names that a statement defines and uses."""

    defines: set[str]
    uses: set[str]


class _Magic(NamedTuple):
    """A line magic: `%time x = f()` has the name "time" and the argument "x = f()"."""

    name: str = ""
    argument: str = ""


def _statement(cell: ParsedCell, node: ast.stmt, ifs: tuple[ast.If, ...]) -> Statement:
    defines, uses = _names(cell.lines, node)
    tests = (n for frame in ifs for n in walk(frame.test) if isinstance(n, ast.Name))
    uses |= {name.id for name in tests}
    nodes = tuple(walk(node))
    modifies, calls_on = set[str](), set[str]()
    for child in () if isinstance(node, _Definition) else nodes:
        match child:
            case ast.Assign(targets=targets):
                modifies.update(map(_base, targets))
            case ast.AugAssign(target=target) | ast.AnnAssign(target=target):
                modifies.add(_base(target))
            case ast.Expr(ast.Call(func=ast.Attribute() as function)):
                calls_on.add(_base(function))
    return Statement(
        cell.number,
        node,
        nodes,
        frozenset(defines),
        frozenset(uses),
        frozenset(modifies - {""}),
        frozenset(calls_on - {""}),
    )


def line_magic(node: ast.stmt) -> _Magic:
    """Return the line magic that a statement is, as IPython translates it, or an empty one."""
    match node:
        case ast.Expr(
            ast.Call(
                ast.Attribute(attr="run_line_magic"),
                [ast.Constant(str(name)), ast.Constant(str(argument))],
            )
        ):
            return _Magic(name, argument)
    return _Magic()


def _names(lines: list[str], node: ast.stmt) -> _Names:
    """Return the global names of a statement, from Python's own symbol table."""
    magic = line_magic(node)
    if magic.name in _RUNNING_MAGICS:
        argument = magic.argument.split("\n")
        defines, uses = _names(argument, ast.Pass(lineno=1, end_lineno=1, col_offset=0))
        return _Names(defines, uses | {"get_ipython"})
    text = "\n".join(lines[first_line(node) - 1 : last_line(node)])
    indented = text.lstrip("\f")[:1].isspace()
    try:
        with without_warnings():
            table = symtable.symtable("if 1:\n" + text if indented else text, "cell", "exec")
    except (SyntaxError, RecursionError, ValueError):
        return _Names(set(), set())
    symbols = table.get_symbols()
    defines = {s.get_name() for s in symbols if s.is_assigned() or s.is_imported()}
    uses = {s.get_name() for s in symbols if s.is_referenced()}
    return _with_children(table, defines, uses)


def _with_children(table: symtable.SymbolTable, defines: set[str], uses: set[str]) -> _Names:
    """Return names together with the global names of the functions and classes inside."""
    for child in table.get_children():
        symbols = [symbol for symbol in child.get_symbols() if symbol.is_global()]
        assigned = {s.get_name() for s in symbols if s.is_declared_global() and s.is_assigned()}
        inner = _with_children(child, assigned, {symbol.get_name() for symbol in symbols})
        defines |= inner.defines
        uses |= inner.uses
    return _Names(defines, uses)


def _base(target: ast.expr) -> str:
    """Return the name at the base of `name.a[b].c`, or an empty string for a plain name."""
    node = target
    while isinstance(node, ast.Attribute | ast.Subscript):
        node = node.value
    return node.id if isinstance(node, ast.Name) and node is not target else ""


# ------------------------------------------------------------------ blanking out


def blanked(cell: ParsedCell, statements: Sequence[Statement]) -> str:
    """Return a cell's source with every line blank except those of these statements."""
    output = [""] * len(cell.lines)
    nodes = {id(statement.node) for statement in statements}
    _copy_block(cell.tree.body, nodes, cell.lines, output)
    return "\n".join(output).rstrip("\n") + "\n"


def _copy_block(
    block: Sequence[ast.stmt], nodes: set[int], lines: list[str], output: list[str]
) -> None:
    for node in block:
        if _can_split(node) and _contains([node], nodes):
            _copy_if(node, nodes, lines, output)
        elif id(node) in nodes:
            part = slice(first_line(node) - 1, last_line(node))
            output[part] = lines[part]


def _contains(block: Sequence[ast.stmt], nodes: set[int]) -> bool:
    return any(id(leaf) in nodes for leaf, _ in _leaves(block, ()))


def _copy_if(node: ast.If, nodes: set[int], lines: list[str], output: list[str]) -> None:
    """Copy the header lines of an `if`, and the needed statements of each of its blocks."""
    before = node.lineno
    for block in _blocks(node):
        first = block[0]
        start = first_line(first)
        output[before - 1 : start - 1] = lines[before - 1 : start - 1]
        if isinstance(first, ast.If) and lines[first.lineno - 1].lstrip().startswith("elif"):
            _copy_if(first, nodes, lines, output)
        elif _contains(block, nodes):
            _copy_block(block, nodes, lines, output)
        else:
            indent = lines[start - 1].encode()[: first.col_offset]  # an offset in bytes
            output[start - 1] = indent.decode() + "pass"
        before = last_line(block[-1]) + 1
