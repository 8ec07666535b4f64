"""Names that a function reads from the notebook around it, where its own parameter would be meant."""

from __future__ import annotations

import ast
import difflib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from grader.notebook.slicing.statements import Unit
from grader.notebook.slicing.tree import walk

_Assignment = ast.Assign | ast.AnnAssign
_SAME_START = 3
_TWIN, _TWIN_LENGTH = 0.85, 4


@dataclass(frozen=True, slots=True)
class Outside:
    """A name that a function reads in a line though it is set outside, and the parameter it stands for."""

    name: str
    line: int
    parameter: str


def read_outside(
    function: ast.FunctionDef, unit: Unit, parameters: tuple[str, ...], units: Sequence[Unit]
) -> tuple[Outside, ...]:
    """Return what a function reads from assignments of the notebook in the place of its parameters.

    That is so where a parameter is never read and something is that goes by such a name, or where a
    name is that of a parameter, misspelt. Nothing else is certain: a constant may well stand outside.
    """
    lines = dict(_loaded(function))
    own = {argument.arg for argument in walk(function) if isinstance(argument, ast.arg)}
    assigned = {name for one in units if isinstance(one.node, _Assignment) for name in one.binds}
    loose = (lines.keys() & unit.uses & assigned) - own - _bound_otherwise(units)
    places = [argument.arg for argument in function.args.args][: len(parameters)]
    pairs = list(zip(places, parameters, strict=False))
    found = ((name, _meant(name, pairs, set(lines))) for name in sorted(loose))
    return tuple(Outside(name, lines[name], parameter) for name, parameter in found if parameter)


def _loaded(function: ast.FunctionDef) -> Iterator[tuple[str, int]]:
    """Yield each name that the body of a function reads, and a line: of several, the first comes last."""
    loads = (
        node
        for statement in function.body
        for node in walk(statement)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
    )
    yield from sorted(((node.id, node.lineno) for node in loads), key=lambda one: -one[1])


def _bound_otherwise(units: Sequence[Unit]) -> set[str]:
    """Return the names that anything but an assignment binds: a definition, an import, a loop."""
    return {name for unit in units if not isinstance(unit.node, _Assignment) for name in unit.binds}


def _meant(name: str, places: Sequence[tuple[str, str]], read: set[str]) -> str:
    """Return the parameter of a function in whose place a name is read, or nothing."""
    for own, official in places:
        if own not in read and (_alike(name, own) or _alike(name, official)):
            return own
    return next((own for own, _ in places if _is_twin(name, own)), "")


def _alike(name: str, parameter: str) -> bool:
    """Say whether a name may be another for a parameter: a part of it, or the same beginning."""
    start = max(_SAME_START, min(len(name), len(parameter)) - 1)
    first, other = name.lower()[:start], parameter.lower()[:start]
    return parameter in name.split("_") or name == parameter or first == other


def _is_twin(name: str, parameter: str) -> bool:
    """Say whether a name is a parameter's, misspelt."""
    ratio = difflib.SequenceMatcher(None, name, parameter).ratio()
    return len(parameter) >= _TWIN_LENGTH and ratio >= _TWIN
