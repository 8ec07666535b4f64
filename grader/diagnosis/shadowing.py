"""Find the assignment that takes the name of a function for another value."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterator, Sequence

from grader.diagnosis.nodes import nodes_of
from grader.model import Raised
from grader.notebook.slicing import NamedPlace, Slice

_NOT_CALLABLE = "object is not callable"


def of_call(error: Raised, slice_: Slice) -> NamedPlace | None:
    """Return the assignment to a name that a line calls, if the value there cannot be called."""
    if error.kind != "TypeError" or _NOT_CALLABLE not in error.message:
        return None
    places = (_assignment(name, error, slice_) for name in _called(error, slice_))
    return next((place for place in places if place), None)


def of_local(name: str, error: Raised, slice_: Slice) -> NamedPlace | None:
    """Return the assignment in a function that makes a name local, if it also is a global name."""
    is_global = name in slice_.names or hasattr(builtins, name) or name in _called(error, slice_)
    return _in_function(name, error, slice_) if is_global else None


def _called(error: Raised, slice_: Slice) -> list[str]:
    """Return the names that are called in the line of an error."""
    return [
        node.func.id
        for node in nodes_of(slice_.source_of(error.cell))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.lineno <= (error.line or 0) <= (node.end_lineno or 0)
    ]


def _assignment(name: str, error: Raised, slice_: Slice) -> NamedPlace | None:
    local = _in_function(name, error, slice_)
    if local:
        return local
    for cell in reversed(slice_.cells):
        lines = list(_lines_of(name, ast.parse(cell.source).body))
        if lines:
            return NamedPlace(name, cell.number, lines[-1])
    return None


def _in_function(name: str, error: Raised, slice_: Slice) -> NamedPlace | None:
    """Return the first assignment to a name in the function around an error."""
    line, cell = error.line or 0, error.cell
    for node in nodes_of(slice_.source_of(cell)):
        is_around = isinstance(node, ast.FunctionDef) and (
            node.lineno <= line <= (node.end_lineno or 0)
        )
        if is_around and cell:
            lines = sorted(_lines_of(name, list(ast.walk(node))))
            if lines:
                return NamedPlace(name, cell, lines[0])
    return None


def _lines_of(name: str, nodes: Sequence[ast.AST]) -> Iterator[int]:
    """Yield the lines that assign to a name."""
    for node in nodes:
        match node:
            case ast.Assign(targets=targets, lineno=line):
                names = (n for target in targets for n in ast.walk(target))
                if any(isinstance(n, ast.Name) and n.id == name for n in names):
                    yield line
            case ast.AugAssign(target=ast.Name(id=target), lineno=line):
                if target == name:
                    yield line
