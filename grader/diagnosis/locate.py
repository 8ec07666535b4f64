"""Find the line of a student's function that computes a value.

Lines are counted from 1 in the cell. A `source` with a syntax error, or without the function, has no
lines: the functions return None or False.
"""

from __future__ import annotations

import ast
import functools
from collections.abc import Callable, Iterator, Sequence
from string import digits
from typing import NamedTuple

from grader.diagnosis.nodes import nodes_of
from grader.notebook.slicing.placeholders import marked_regions

RETURNED, FRACTION = "return value", "0.5"
"""Special entries of `reads`: RETURNED is the return value, FRACTION is any decimal number in the code."""

_ANY_NUMBER = "*"
"""Stands for the number in a key that is computed, such as `"W" + str(l)`."""


class Assigned(NamedTuple):
    """A name that gets a value at a line, and the names, `.attributes` and FRACTION in the value.

    An entry of a dictionary has the name `'key'`. If its value is a variable, a second item has the name
    `='key'`. A key that is computed from a number ends with `*`: `'W*'`.
    """

    line: int
    name: str
    reads: frozenset[str]


def line_of(
    source: str,
    function: str,
    quantity: str,
    reads: Sequence[str],
    others: frozenset[str] = frozenset(),
) -> int | None:
    """Return the line of a cell in which a function computes a quantity from one of `reads`, or None.

    A quantity has its own name, or that of the variable that is returned under its key. If a line that
    assigns it reads one of `reads`, return this line. Otherwise return the last line that reads one of
    `reads` and whose value goes into the quantity. Lines that compute `others` do not count.
    `.rand` in `reads` is the attribute `rand` of any object.

    >>> cell = '''
    ... def f(A, D):
    ...     A = A * D
    ...     cost = A.sum()
    ...     return cost
    ... '''
    >>> line_of(cell, "f", "cost", ("D",))
    3
    """
    if RETURNED in reads:
        return line_of(source, function, RETURNED, (quantity,), others)
    assigned = _assigned(source, function)
    names = set(reads)
    keys = [f"'{quantity}'", f"'{quantity.rstrip(digits)}{_ANY_NUMBER}'"]
    entries = [a for key in keys for a in assigned if a.name == key]
    under = [f"={key}" for key in keys]
    own = {quantity, *(name for a in assigned if a.name in under for name in a.reads)}
    lines = [a for a in assigned if a.name in own]
    feeding = _feeding(assigned, own if lines else {*own, RETURNED})
    earlier = [a for a in assigned if a.name in feeding and a.name not in others - own]
    reading = [a for a in lines if a.reads & names], [a for a in earlier if a.reads & names]
    lost = _without_effect(source, function, quantity)
    for candidates in (lost, *reading, lines, entries):
        if candidates:
            return candidates[-1].line
    return None


def _without_effect(source: str, function: str, quantity: str) -> list[Assigned]:
    """Return the lines that compare or compute a quantity and do not assign it: `A1 == A1 * D1`."""
    lines = []
    for statement in _statements(source, function):
        match statement:
            case ast.Expr(
                ast.Compare(ast.Name(name) | ast.Subscript(ast.Name(name)), [ast.Eq()])
                | ast.BinOp(ast.Name(name) | ast.Subscript(ast.Name(name)))
            ) if name == quantity:
                lines.append(Assigned(statement.lineno, name, frozenset()))
    return lines


def in_statements(
    source: str, function: str, reads: Sequence[str], matches: Callable[[ast.AST], bool]
) -> bool:
    """Return True if a node matches in a statement of a function that reads one of some names."""
    names = set(reads)
    statements = [s for s in _statements(source, function) if _names(s) & names]
    return any(matches(node) for statement in statements for node in ast.walk(statement))


def goes_into(source: str, function: str, line: int, quantity: str) -> bool:
    """Return True if a value that a line computes goes into a quantity, or RETURNED."""
    assigned = _assigned(source, function)
    feeding = _feeding(assigned, {quantity, f"'{quantity}'"})
    at = _statements_at(source, function, line)
    lines = {a.line for a in assigned if a.name in feeding}
    return any(s.lineno <= number <= (s.end_lineno or 0) for s in at for number in lines)


class Origin(NamedTuple):
    """A variable, and the line that computes it."""

    name: str
    line: int


def handed_on(source: str, function: str, line: int) -> Origin | None:
    """Return the variable that a line of the assignment reads and the student's own code computes.

    If there are several, return the one computed last. None if no places for the student's code are
    marked, or if the line reads nothing that they compute.
    """
    definition = _definition(source, function)
    marked = marked_regions(definition, source.split("\n")) if definition else []

    def is_own(number: int) -> bool:
        return any(first <= number <= last for first, last in marked)

    if not marked or is_own(line):
        return None
    reads: set[str] = set()
    for statement in _statements_at(source, function, line):
        nodes = [node for node in ast.walk(statement) if isinstance(node, ast.Name)]
        adds = isinstance(statement, ast.AugAssign)  # reads its target, too
        reads |= {node.id for node in nodes if adds or isinstance(node.ctx, ast.Load)}
    lines = {a.name: a.line for a in _assigned(source, function) if a.line < line}
    own = [(lines[name], name) for name in reads if name in lines and is_own(lines[name])]
    number, name = max(own, default=(0, ""))
    return Origin(name, number) if name else None


def _definition(source: str, function: str) -> ast.FunctionDef | None:
    """Return the last definition of a function in a cell, or None if it has none."""
    nodes = nodes_of(source)
    matches = [n for n in nodes if isinstance(n, ast.FunctionDef) and n.name == function]
    return matches[-1] if matches else None


def _statements(source: str, function: str) -> list[ast.stmt]:
    """Return the statements of a function that contain no others."""
    definition = _definition(source, function)
    inside = ast.walk(definition) if definition else ()
    return [n for n in inside if isinstance(n, ast.stmt) and not hasattr(n, "body")]


def _statements_at(source: str, function: str, line: int) -> list[ast.stmt]:
    statements = _statements(source, function)
    return [s for s in statements if s.lineno <= line <= (s.end_lineno or 0)]


def _feeding(assigned: Sequence[Assigned], own: set[str]) -> set[str]:
    """Return all names whose values go into some names, directly or not."""
    sources: dict[str, set[str]] = {}
    for _, name, reads in assigned:
        sources.setdefault(name, set()).update(reads)
    feeding, waiting = set(own), list(own)
    while waiting:
        more = sources.get(waiting.pop(), set()) - feeding
        feeding |= more
        waiting += more
    return feeding


@functools.lru_cache(maxsize=16)
def _assigned(source: str, function: str) -> tuple[Assigned, ...]:
    """Return all names that a function gives a value, in the order of its lines."""
    definition = _definition(source, function)
    nodes = ast.walk(definition) if definition else ()
    return tuple(sorted((a for node in nodes for a in _assigned_by(node)), key=lambda a: a.line))


def _assigned_by(node: ast.AST) -> Iterator[Assigned]:
    match node:
        case ast.Assign(targets=targets, value=value):
            reads = _names(value)  # once for all: there may be thousands of targets
            for target in targets:
                yield from _bound(target, value, reads)
        case (
            ast.AugAssign(target=target, value=value)
            | ast.AnnAssign(target=target, value=ast.expr() as value)
        ):
            yield from _bound(target, value, _names(value))
        case ast.Return(value=ast.expr() as value):
            yield Assigned(node.lineno, RETURNED, _names(value))
        case ast.Dict(keys=keys, values=values):
            for key, value in zip(keys, values, strict=True):
                match key:
                    case ast.Constant(value=str(name)):
                        yield from _entry(name, value, _names(value))


def _bound(target: ast.expr, value: ast.expr, reads: frozenset[str]) -> Iterator[Assigned]:
    match target:
        case ast.Name(id=name):
            yield Assigned(value.lineno, name, reads)
        case ast.Subscript(slice=part) if key := _key(part):
            yield from _entry(key, value, reads)
        case ast.Subscript(ast.Name(id=name), slice=part):
            yield Assigned(value.lineno, name, reads | _names(part))
        case ast.Tuple(elts=parts) if isinstance(value, ast.Tuple) and len(parts) == len(
            value.elts
        ):
            for part, element in zip(parts, value.elts, strict=True):
                yield from _bound(part, element, _names(element))
        case ast.Tuple(elts=parts):
            for part in parts:
                yield from _bound(part, value, reads)


def _key(part: ast.expr) -> str:
    """Return the key that an expression is, `W*` for a text with a number such as `f"W{l}"`, or "".

    >>> [_key(ast.parse(text, mode="eval").body) for text in ("'W1'", "'W' + str(l)", "'W%d' % l")]
    ['W1', 'W*', 'W*']
    """
    match part:
        case ast.Constant(value=str(key)):
            return key
        case (
            ast.BinOp(left=ast.Constant(value=str(begin)))
            | ast.JoinedStr(values=[ast.Constant(value=str(begin)), ast.FormattedValue()])
            | ast.Call(func=ast.Attribute(value=ast.Constant(value=str(begin)), attr="format"))
        ):
            return begin.partition("%")[0].partition("{")[0] + _ANY_NUMBER
    return ""


def _entry(key: str, value: ast.expr, reads: frozenset[str]) -> Iterator[Assigned]:
    yield Assigned(value.lineno, f"'{key}'", reads)
    if isinstance(value, ast.Name):
        yield Assigned(value.lineno, f"='{key}'", reads)


def _names(value: ast.AST) -> frozenset[str]:
    nodes = list(ast.walk(value))
    attributes = (f".{node.attr}" for node in nodes if isinstance(node, ast.Attribute))
    fractions = [n for n in nodes if isinstance(n, ast.Constant) and isinstance(n.value, float)]
    return frozenset(
        [
            *(node.id for node in nodes if isinstance(node, ast.Name)),
            *attributes,
            *(FRACTION for _ in fractions),
        ]
    )
