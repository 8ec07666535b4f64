"""Find the statement that changes an argument of a function in place, and quote it."""

from __future__ import annotations

import ast
import dataclasses
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from grader.diagnosis.nodes import nodes_of
from grader.messages import comma_list, gettext, join_sentences
from grader.messages.sanitize import one_line
from grader.model import Observation, Returned
from grader.model.diagnoses import INPUTS_MUTATED, diagnosis, in_line
from grader.model.findings import Diagnosis
from grader.notebook.slicing import Slice

_SAME_DATA = {
    *("asarray", "get", "items", "ravel", "reshape", "squeeze", "transpose", "values", "view"),
}
"""Functions and methods that return a part of a value, or another view of its data."""
_CHANGING_METHODS = {
    *("append", "clear", "extend", "fill", "insert", "pop", "popitem", "put", "remove", "resize"),
    *("reverse", "setdefault", "sort", "update"),
}
_CHANGING_FUNCTIONS = {"copyto", "fill_diagonal", "place", "put", "shuffle"}
"""Functions that change their first argument."""
_LONGEST = 80

_Roots = Mapping[str, str]
"""For each variable that has data of an argument, the name of that argument."""


class _Change(NamedTuple):
    """A statement, the expression whose value it changes, and the argument that this is data of."""

    statement: ast.stmt
    changed: ast.expr
    argument: str


def quoted(
    diagnoses: Iterable[Diagnosis], slice_: Slice, actual: Observation
) -> Iterator[Diagnosis]:
    """Yield diagnoses; the one about arguments that are changed in place names the student's line."""
    for entry in diagnoses:
        line = _with_line(slice_, actual) if entry.id == INPUTS_MUTATED.id else None
        yield line or entry


def _with_line(slice_: Slice, actual: Observation) -> Diagnosis | None:
    """Return the diagnosis of the first statement that changes an argument, None if none is found."""
    positions = {i for o in actual.outcomes if isinstance(o, Returned) for i in o.mutated}
    names = [name for i, name in enumerate(slice_.parameters) if i in positions]
    nodes = nodes_of(slice_.source)
    own = [n for n in nodes if isinstance(n, ast.FunctionDef) and n.name == slice_.function]
    change = next(_changes(own[-1], names), None) if own else None
    if change is None:
        return None
    mutation = _worded(change, slice_)
    further = comma_list(name for name in names if name != change.argument)
    more = gettext("Other lines change {names}.", names=further) if further else ""
    return dataclasses.replace(mutation, what=join_sentences(mutation.what, more))


def _worded(change: _Change, slice_: Slice) -> Diagnosis:
    statement = change.statement
    text = ast.get_source_segment(slice_.source, statement) or ast.unparse(statement)
    values = {"text": one_line(text, limit=_LONGEST), "name": change.argument}
    place = {"line": in_line(statement.lineno, slice_.cell)}
    match statement, change.changed:
        case ast.AugAssign(ast.Name(name) as target, op, value), _:
            plain = ast.Assign([target], ast.BinOp(ast.Name(name), op, value), lineno=1)
            variant, values["new"] = "augmented", one_line(ast.unparse(plain), limit=_LONGEST)
        case ast.AugAssign(ast.Subscript(slice=ast.Constant())), _:
            variant = "variable"  # a copy of a dictionary or list has the same arrays
        case _, ast.Name(name):
            variant, values["new"] = "copy", f"{name} = {name}.copy()"
        case _:
            variant = "variable"
    return diagnosis(INPUTS_MUTATED, variant, at=statement.lineno, **values, **place)


# ------------------------------------------------------------------ the statements of a function


def _changes(function: ast.FunctionDef, names: Iterable[str]) -> Iterator[_Change]:
    """Yield each change of an argument in the order of the lines; variables that share data count."""
    roots = {name: name for name in names}
    statements = [n for n in ast.walk(function) if isinstance(n, ast.stmt)]
    for statement in sorted(statements, key=lambda s: (s.lineno, s.col_offset)):
        for changed in _changed_by(statement):
            if argument := _root(changed, roots):
                yield _Change(statement, changed, argument)
        for target, value in _bindings(statement):
            argument = _root(value, roots)
            for name in _stored(target):
                roots[name] = argument


def _changed_by(statement: ast.stmt) -> Iterator[ast.expr]:
    """Yield the expressions whose values a statement changes in place."""
    match statement:
        case ast.AugAssign(ast.Subscript(value=value)):
            yield value
        case ast.AugAssign(target=name):
            yield name
        case ast.Assign(targets) | ast.Delete(targets):
            for target in targets:
                if isinstance(target, ast.Subscript | ast.Attribute):
                    yield target.value
    if not hasattr(statement, "body"):
        calls = [n for n in ast.walk(statement) if isinstance(n, ast.Call)]
        for call in calls:
            yield from _changed_by_call(call)


def _changed_by_call(call: ast.Call) -> Iterator[ast.expr]:
    yield from (keyword.value for keyword in call.keywords if keyword.arg == "out")
    if isinstance(call.func, ast.Attribute):
        if call.func.attr in _CHANGING_METHODS:
            yield call.func.value
        if call.func.attr in _CHANGING_FUNCTIONS:
            yield from call.args[:1]


def _bindings(statement: ast.stmt) -> Iterator[tuple[ast.expr, ast.expr]]:
    """Yield the targets of an assignment or a loop with their values, pairs of two tuples one by one."""
    match statement:
        case ast.Assign([ast.Tuple(targets)], ast.Tuple(values)) if len(targets) == len(values):
            yield from zip(targets, values, strict=True)
        case ast.Assign(targets, value):
            yield from ((target, value) for target in targets)
        case ast.For(target, iterable):
            yield target, iterable


def _stored(target: ast.expr) -> Sequence[str]:
    """Return the names that a target assigns: of `W[str(l)], b = ...` only `b`."""
    nodes = ast.walk(target)
    return [n.id for n in nodes if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)]


def _root(value: ast.expr, roots: _Roots) -> str:
    """Return the argument that a value is, or is a part or a view of; "" if it is new."""
    match value:
        case ast.Name(name):
            return roots.get(name, "")
        case ast.Subscript(value=inner) | ast.Starred(value=inner) | ast.Attribute(inner, "T"):
            return _root(inner, roots)
        case ast.Tuple(parts) | ast.List(parts):
            return next(filter(None, (_root(part, roots) for part in parts)), "")
        case ast.Call(ast.Attribute(owner, attr), arguments) if attr in _SAME_DATA:
            return next(filter(None, (_root(part, roots) for part in (owner, *arguments))), "")
    return ""
