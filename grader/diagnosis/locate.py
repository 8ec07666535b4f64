"""Where in a student's function a value is made."""

from __future__ import annotations

import ast
import functools
from collections.abc import Callable, Iterator, Sequence

from grader.diagnosis.nodes import nodes_of
from grader.notebook.slicing.placeholders import marked_regions

_Made = tuple[int, str, frozenset[str]]
"""A line, a name that gets a value there, and what the value is made from: names, `.attributes`, FRACTION."""

RETURNED, FRACTION = "return value", "0.5"
"""What may be read besides names: where a quantity is put into the return value, any fraction."""


def line_of(
    source: str,
    function: str,
    quantity: str,
    reads: Sequence[str],
    others: frozenset[str] = frozenset(),
) -> int | None:
    """Return the line of a cell in which a function makes a quantity from one of `reads`, if it shows.

    A quantity goes by its own name, or by that of the variable that is returned under its key. Of
    several lines the last counts; of none, the last that reads one of `reads` at all. There, `.rand`
    is the attribute `rand` of anything.
    """
    if RETURNED in reads:
        return line_of(source, function, RETURNED, (quantity,), others)
    made = _made(source, function)
    key, wanted = f"'{quantity}'", set(reads)
    entries = [one for one in made if one[1] == key]
    own = {quantity, *(name for one in made if one[1] == f"={key}" for name in one[2])}
    lines = [one for one in made if one[1] in own]
    feeding = _feeding(made, own if lines else {*own, RETURNED})
    steps = [one for one in made if one[1] in feeding and one[1] not in others - own]
    for some in (_reading(lines, wanted), _reading(steps, wanted), lines, entries):
        if some:
            return some[-1][0]
    return None


def in_statements(
    source: str, function: str, reads: Sequence[str], matches: Callable[[ast.AST], bool]
) -> bool:
    """Return True if a node matches in a statement of a function that reads one of some names."""
    wanted = set(reads)
    statements = [s for s in _statements(source, function) if _names(s) & wanted]
    return any(matches(node) for statement in statements for node in ast.walk(statement))


def goes_into(source: str, function: str, line: int, quantity: str) -> bool:
    """Say whether what a function makes at a line goes into one of its quantities, or RETURNED."""
    made = _made(source, function)
    feeding = _feeding(made, {quantity, f"'{quantity}'"})
    at = [n for n in _statements(source, function) if n.lineno <= line <= (n.end_lineno or 0)]
    spans = {(one.lineno, one.end_lineno or 0) for one in at}
    lines = {number for number, name, _ in made if name in feeding}
    return any(first <= number <= last for first, last in spans for number in lines)


def handed_on(source: str, function: str, line: int) -> tuple[str, int] | None:
    """Return what a line outside the marked places gets from inside one, by its name and the line there.

    Of several names the one counts that is made last. None where no places are marked, or where what
    the line reads is made outside of them.
    """
    found = _definition(source, function)
    marked = marked_regions(found, source.split("\n")) if found else []
    if not marked or _within(line, marked):
        return None
    at = [n for n in _statements(source, function) if n.lineno <= line <= (n.end_lineno or 0)]
    reads = {name for statement in at for name in _read(statement)}
    made = {name: number for number, name, _ in _made(source, function) if number < line}
    own = [(made[name], name) for name in reads if name in made and _within(made[name], marked)]
    return max(own)[::-1] if own else None


def _read(statement: ast.stmt) -> frozenset[str]:
    """Return the names that a statement reads, what it adds to among them."""
    nodes = [node for node in ast.walk(statement) if isinstance(node, ast.Name)]
    adds = isinstance(statement, ast.AugAssign)
    return frozenset(node.id for node in nodes if adds or isinstance(node.ctx, ast.Load))


def _within(line: int, marked: Sequence[tuple[int, int]]) -> bool:
    return any(first <= line <= last for first, last in marked)


def _definition(source: str, function: str) -> ast.FunctionDef | None:
    """Return the last definition of a function in a cell, if it can be read."""
    nodes = nodes_of(source)
    found = [n for n in nodes if isinstance(n, ast.FunctionDef) and n.name == function]
    return found[-1] if found else None


def _statements(source: str, function: str) -> list[ast.stmt]:
    """Return the statements of a function that have no others in them."""
    found = _definition(source, function)
    inside = ast.walk(found) if found else ()
    return [n for n in inside if isinstance(n, ast.stmt) and not hasattr(n, "body")]


def _feeding(made: Sequence[_Made], own: set[str]) -> set[str]:
    sources: dict[str, set[str]] = {}
    for _, name, read in made:
        sources.setdefault(name, set()).update(read)
    found, waiting = set(own), list(own)
    while waiting:
        more = sources.get(waiting.pop(), set()) - found
        found |= more
        waiting += more
    return found


def _reading(made: Sequence[_Made], names: set[str]) -> list[_Made]:
    return [one for one in made if one[2] & names]


@functools.lru_cache(maxsize=16)
def _made(source: str, function: str) -> tuple[_Made, ...]:
    """Return what a function makes, in the order of its lines."""
    found = _definition(source, function)
    return tuple(sorted(_made_in(found), key=lambda one: one[0])) if found else ()


def _made_in(function: ast.FunctionDef) -> Iterator[_Made]:
    for node in ast.walk(function):
        match node:
            case ast.Assign(targets=targets, value=value):
                read = _names(value)  # once for all: there may be thousands of targets
                for target in targets:
                    yield from _bound(target, value, read)
            case (
                ast.AugAssign(target=target, value=value)
                | ast.AnnAssign(target=target, value=ast.expr() as value)
            ):
                yield from _bound(target, value, _names(value))
            case ast.Return(value=ast.expr() as value):
                yield node.lineno, RETURNED, _names(value)
            case ast.Dict(keys=keys, values=values):
                for key, value in zip(keys, values, strict=True):
                    match key:
                        case ast.Constant(value=str(name)):
                            yield from _entry(name, value, _names(value))


def _bound(target: ast.expr, value: ast.expr, read: frozenset[str]) -> Iterator[_Made]:
    match target:
        case ast.Name(id=name):
            yield value.lineno, name, read
        case ast.Subscript(slice=ast.Constant(value=str(key))):
            yield from _entry(key, value, read)
        case ast.Tuple(elts=parts) if isinstance(value, ast.Tuple) and len(parts) == len(
            value.elts
        ):
            for part, one in zip(parts, value.elts, strict=True):
                yield from _bound(part, one, _names(one))
        case ast.Tuple(elts=parts):
            for part in parts:
                yield from _bound(part, value, read)


def _entry(key: str, value: ast.expr, read: frozenset[str]) -> Iterator[_Made]:
    """Yield what is put under a key, and under `=` that it is nothing but a variable."""
    yield value.lineno, f"'{key}'", read
    if isinstance(value, ast.Name):
        yield value.lineno, f"='{key}'", read


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
