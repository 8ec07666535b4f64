"""Statements: the names that each defines, uses and modifies, and how to blank out the others.

The blocks of an `if` at top level are split, so a notebook under `if __name__ == ...` is sliced like
any other. Every other compound statement is one statement; in a `try`, for example, an error in the
body decides which handler runs.
"""

from __future__ import annotations

import ast
import builtins
import functools
import symtable
from collections.abc import Iterator, Sequence
from typing import NamedTuple, TypeGuard

from grader.model.record import record
from grader.notebook.slicing.parse import ParsedCell, refuse_stacked_marks, without_warnings
from grader.notebook.slicing.tree import nodes_below, walk

_RUNNING_MAGICS = ("time", "prun")
_MOST_IFS, _MOST_NODES_OF_A_TEST = 20, 200
"""An `if` that is nested deeper, or has a larger condition, is not split."""
_BUILTINS = frozenset(dir(builtins))
_Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


@record
class Statement:
    """A statement: the names it defines, uses, modifies (their objects) and calls methods on.

    `is_star_import`: it defines unknown names, by `from ... import *`.
    `nodes` are all nodes of its tree, computed once because several visitors need them.
    """

    cell: int
    node: ast.stmt
    nodes: tuple[ast.AST, ...]
    defines: frozenset[str]
    uses: frozenset[str]
    modifies: frozenset[str] = frozenset()
    calls_on: frozenset[str] = frozenset()
    is_star_import: bool = False

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
    lines = cell.lines

    @functools.cache  # statements that share a line share its names, in one object
    def names_in(first: int, last: int, ifs: tuple[ast.If, ...]) -> _Names:
        names = _names("\n".join(lines[first - 1 : last]))
        return _Names(names.defines, names.uses.union(*map(names_in_test, ifs)))

    @functools.cache
    def names_in_test(node: ast.If) -> frozenset[str]:
        return frozenset(n.id for n in walk(node.test) if isinstance(n, ast.Name))

    def statement(node: ast.stmt, ifs: tuple[ast.If, ...]) -> Statement:
        names = names_in(first_line(node), last_line(node), ifs)
        magic = line_magic(node)
        if magic.name in _RUNNING_MAGICS:
            argument = _names(magic.argument.partition("\n")[0])
            names = _Names(argument.defines, argument.uses | names.uses)
        return _statement(cell.number, node, names)

    return [statement(node, ifs) for node, ifs in _leaves(cell.tree.body, ())]


def _leaves(
    block: Sequence[ast.stmt], ifs: tuple[ast.If, ...]
) -> Iterator[tuple[ast.stmt, tuple[ast.If, ...]]]:
    """Yield each statement of a block, with the `if` statements around it."""
    for node in block:
        if len(ifs) < _MOST_IFS and _can_split(node):
            for inner in _blocks(node):
                yield from _leaves(inner, (*ifs, node))
        else:
            yield node, ifs


def _can_split(node: ast.stmt) -> TypeGuard[ast.If]:
    """Return True for an `if` whose blocks can be blanked line by line.

    Its condition must be short, because each of its statements uses the names in it. A call in it may
    have an effect, unless it is one of a builtin function.
    """
    return (
        isinstance(node, ast.If)
        and all(first_line(inner[0]) > node.lineno for inner in _blocks(node))
        and len(walk(node.test)) <= _MOST_NODES_OF_A_TEST
        and all(_calls_a_builtin(n) for n in walk(node.test) if isinstance(n, ast.Call))
    )


def _calls_a_builtin(call: ast.Call) -> bool:
    return isinstance(call.func, ast.Name) and call.func.id in _BUILTINS


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

    defines: frozenset[str] = frozenset()
    uses: frozenset[str] = frozenset()


class _Magic(NamedTuple):
    """A line magic: `%time x = f()` has the name "time" and the argument "x = f()"."""

    name: str = ""
    argument: str = ""


def _statement(cell: int, node: ast.stmt, names: _Names) -> Statement:
    nodes = tuple(nodes_below(node))
    modifies, calls_on, uses = set[str](), set[str](), set(names.uses)
    for child in () if isinstance(node, _Definition) else nodes:
        match child:
            case ast.Assign(targets=targets):
                modifies.update(map(_base, targets))
            case ast.AugAssign(target=target):
                modifies.add(_base(target))
                uses.update(n.id for n in ast.walk(target) if isinstance(n, ast.Name))
            case ast.AnnAssign(target=target):
                modifies.add(_base(target))
            case ast.Expr(ast.Call(func=ast.Attribute() as function)):
                calls_on.add(_base(function))
            case ast.Delete(targets=targets):  # stops at the first name that has no value
                uses.update(n.id for t in targets for n in ast.walk(t) if isinstance(n, ast.Name))
    stars = (n for n in nodes if isinstance(n, ast.ImportFrom) and n.names[0].name == "*")
    return Statement(
        cell,
        node,
        nodes,
        names.defines,
        frozenset(uses),
        frozenset(modifies - {""}),
        frozenset(calls_on - {""}),
        is_star_import=any(True for _ in stars),
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


def _names(text: str) -> _Names:
    """Return the global names of statements, from Python's own symbol table."""
    indented = text.lstrip("\f")[:1].isspace()
    try:
        refuse_stacked_marks(text)
        with without_warnings():
            table = symtable.symtable("if 1:\n" + text if indented else text, "cell", "exec")
    except (SyntaxError, RecursionError, ValueError):
        return _Names()
    symbols = table.get_symbols()
    defines = {s.get_name() for s in symbols if s.is_assigned() or s.is_imported()}
    uses = {s.get_name() for s in symbols if s.is_referenced()}
    _add_names_of_children(table, defines, uses)
    return _Names(frozenset(defines), frozenset(uses))


def _add_names_of_children(table: symtable.SymbolTable, defines: set[str], uses: set[str]) -> None:
    """Add the global names of the functions and classes inside."""
    for child in table.get_children():
        symbols = [symbol for symbol in child.get_symbols() if symbol.is_global()]
        defines |= {s.get_name() for s in symbols if s.is_declared_global() and s.is_assigned()}
        uses |= {symbol.get_name() for symbol in symbols}
        _add_names_of_children(child, defines, uses)


def _base(target: ast.expr) -> str:
    """Return the name at the base of `name.a[b].c`, or an empty string for a plain name."""
    node = target
    while isinstance(node, ast.Attribute | ast.Subscript):
        node = node.value
    return node.id if isinstance(node, ast.Name) and node is not target else ""


# ------------------------------------------------------------------ blanking out


def blanked(cell: ParsedCell, statements: Sequence[Statement]) -> str:
    """Return a cell's source with every line blank except those of these statements."""
    lines = cell.lines
    output = [""] * len(lines)
    nodes = {id(statement.node) for statement in statements}
    leaves = [(leaf, ifs) for leaf, ifs in _leaves(cell.tree.body, ()) if id(leaf) in nodes]
    kept = _Kept(nodes, {id(frame) for _, ifs in leaves for frame in ifs})
    _copy_block(cell.tree.body, kept, lines, output)
    return "\n".join(output).rstrip("\n") + "\n"


class _Kept(NamedTuple):
    """The needed statements, and the split `if` statements around them, by their `id`."""

    statements: set[int]
    ifs: set[int]


def _copy_block(
    block: Sequence[ast.stmt], kept: _Kept, lines: list[str], output: list[str]
) -> None:
    for node in block:
        if isinstance(node, ast.If) and id(node) in kept.ifs:
            _copy_if(node, kept, lines, output)
        elif id(node) in kept.statements:
            part = slice(first_line(node) - 1, last_line(node))
            output[part] = lines[part]


def _copy_if(node: ast.If, kept: _Kept, lines: list[str], output: list[str]) -> None:
    """Copy the header lines of an `if`, and the needed statements of each of its blocks."""
    before = node.lineno
    for block in _blocks(node):
        first = block[0]
        start = first_line(first)
        output[before - 1 : start - 1] = lines[before - 1 : start - 1]
        is_elif = lines[start - 1].lstrip().startswith("elif") and id(first) not in kept.statements
        if is_elif and isinstance(first, ast.If):
            _copy_if(first, kept, lines, output)
        elif any(id(n) in kept.statements or id(n) in kept.ifs for n in block):
            _copy_block(block, kept, lines, output)
        else:
            indent = lines[start - 1].encode()[: first.col_offset]  # an offset in bytes
            output[start - 1] = indent.decode() + "pass"
        before = last_line(block[-1]) + 1


_TRAINING_ARGUMENTS = frozenset("num_iterations n_iterations num_epochs epochs".split())
_TRAINING_METHODS = frozenset(("fit", "fit_transform"))


def trains(statement: Statement, trainers: frozenset[str]) -> bool:
    """Return True for a statement that calls a training: by its name or its number of iterations."""
    if isinstance(statement.node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return False
    for node in statement.nodes:
        match node:
            case ast.Call(func=ast.Name(name)) if name in trainers:
                return True
            case ast.Call(func=ast.Attribute(attr=name)) if name in _TRAINING_METHODS:
                return True
            case ast.Call(keywords=keywords):
                if any(keyword.arg in _TRAINING_ARGUMENTS for keyword in keywords):
                    return True
    return False
