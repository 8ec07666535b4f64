"""Find the statement that takes the name of a function or a module for another value, or deletes it."""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Iterable, Iterator

from grader.diagnosis.nodes import nodes_of
from grader.model import Raised
from grader.notebook.slicing import NamedPlace, Slice
from grader.notebook.slicing.tree import children

_QUOTED_NAME = re.compile(r"'(\w+)'")
_NOT_CALLABLE = "object is not callable"
_NO_ATTRIBUTE = "object has no attribute"


def of_call(error: Raised, slice_: Slice) -> NamedPlace | None:
    """Return the assignment to a name that a line calls, if the value there cannot be called.

    A variable of the function counts only if a function has its name: in `dA2 (A2 > 0)` a `*` is missing.
    """
    if error.kind != "TypeError" or _NOT_CALLABLE not in error.message:
        return None
    local = _in_function(error, slice_).items()
    functions = {name: place for name, place in local if _is_global(name, slice_)}
    places = _in_cells(slice_) | functions
    called = _called(error, slice_) if error.cell else [slice_.function]
    return next((places[name] for name in called if name in places), None)


def of_module(error: Raised, slice_: Slice) -> NamedPlace | None:
    """Return the assignment to the name of an imported module, if a line reads an attribute of its value."""
    if error.kind != "AttributeError" or _NO_ATTRIBUTE not in error.message:
        return None
    bases = {
        node.value.id
        for node in nodes_of(slice_.source_of(error.cell))
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.lineno <= (error.line or 0) <= (node.end_lineno or 0)
    }
    imports = (
        alias.asname or alias.name
        for cell in slice_.cells
        for node in nodes_of(cell.source)
        if isinstance(node, ast.Import)
        for alias in node.names
    )
    places = _in_cells(slice_)
    return next((places[name] for name in imports if name in bases & places.keys()), None)


def of_local(name: str, error: Raised, slice_: Slice) -> NamedPlace | None:
    """Return the assignment in a function that makes a name local, if it also is a global name."""
    is_global = _is_global(name, slice_) or name in _called(error, slice_)
    return _in_function(error, slice_).get(name) if is_global else None


def of_deletion(error: Raised, slice_: Slice) -> NamedPlace | None:
    """Return the last `del` of the name that is missing where an error is.

    A variable is deleted in its function, any other name at the top level of a cell.
    """
    quoted = _QUOTED_NAME.search(error.message)
    name = quoted.group(1) if quoted else error.missing_name
    if error.kind == "UnboundLocalError":
        places = [
            NamedPlace(name, error.cell or 0, at) for name, at in _deleted(_around(error, slice_))
        ]
    elif error.kind == "NameError":
        places = [
            NamedPlace(name, cell.number, at)
            for cell in slice_.cells
            for name, at in _deleted(_outside_functions(cell.source))
        ]
    else:
        places = []
    return next((place for place in reversed(places) if place.name == name), None)


def _deleted(nodes: Iterable[ast.AST]) -> Iterator[tuple[str, int]]:
    """Yield each name that a `del` deletes, and its line."""
    for node in nodes:
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Del):
            yield node.id, node.lineno


def _outside_functions(source: str) -> Iterator[ast.AST]:
    pending = [*nodes_of(source)[:1]]
    for node in pending:
        yield node
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            pending += children(node)


def _around(error: Raised, slice_: Slice) -> Iterator[ast.AST]:
    """Yield the nodes of the functions around an error."""
    line = error.line or 0
    for node in nodes_of(slice_.source_of(error.cell)):
        if isinstance(node, ast.FunctionDef) and node.lineno <= line <= (node.end_lineno or 0):
            yield from ast.walk(node)


def _is_global(name: str, slice_: Slice) -> bool:
    """Return True if the notebook or Python defines a name for the function."""
    return name in slice_.names or hasattr(builtins, name)


def _called(error: Raised, slice_: Slice) -> list[str]:
    """Return the names that are called in the line of an error."""
    return [
        node.func.id
        for node in nodes_of(slice_.source_of(error.cell))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.lineno <= (error.line or 0) <= (node.end_lineno or 0)
    ]


def _in_cells(slice_: Slice) -> dict[str, NamedPlace]:
    """Return the last assignment to each name at the top level of the cells."""
    places = {}
    for cell in slice_.cells:
        for module in nodes_of(cell.source)[:1]:
            for name, line in _assigned(getattr(module, "body", ())):
                places[name] = NamedPlace(name, cell.number, line)
    return places


def _in_function(error: Raised, slice_: Slice) -> dict[str, NamedPlace]:
    """Return the first assignment to each name in the function around an error."""
    places: dict[str, NamedPlace] = {}
    inside = sorted(_assigned(_around(error, slice_)), key=lambda assigned: assigned[1])
    for name, at in inside:
        places.setdefault(name, NamedPlace(name, error.cell or 0, at))
    return places


def _assigned(nodes: Iterable[ast.AST]) -> Iterator[tuple[str, int]]:
    """Yield each name in the target of an assignment or a loop, and its line."""
    for node in nodes:
        match node:
            case ast.Assign(targets=targets, lineno=line):
                yield from ((name, line) for target in targets for name in _stored(target))
            case ast.For(target=target, lineno=line):
                yield from ((name, line) for name in _stored(target))
            case ast.AugAssign(target=ast.Name(id=name), lineno=line):
                yield name, line


def _stored(target: ast.AST) -> Iterator[str]:
    """Yield the names that a target assigns: of `W[str(l)], b = ...` only `b`."""
    for node in ast.walk(target):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
