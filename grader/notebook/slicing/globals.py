"""Globals that a function reads: a training sets them, or its own parameter is meant."""

from __future__ import annotations

import ast
import difflib
from collections.abc import Sequence

from grader.model.record import record
from grader.notebook.slicing.statements import Statement, trains
from grader.notebook.slicing.tree import loads, nodes_below

_Assignment = ast.Assign | ast.AnnAssign
_SAME_START = 3
_MISSPELT_RATIO, _MISSPELT_LENGTH = 0.85, 4
_LONGEST_NAME, _MOST_GLOBALS = 100, 200
"""Names are compared in quadratic time. No notebook has longer names, or reads more globals."""


@record
class GlobalUse:
    """A global that a function reads in a line, and the parameter that is meant.

    Without a parameter, a training sets the global.
    """

    name: str
    line: int
    parameter: str


def global_uses(
    function: ast.FunctionDef,
    statement: Statement,
    parameters: tuple[str, ...],
    needed: Sequence[Statement],
    trainers: frozenset[str],
) -> tuple[GlobalUse, ...]:
    """Return the globals that a training sets, or that a function reads instead of its parameters.

    Of the latter only two cases are certain, because a constant may well be a global: a parameter is
    never read and a global of a similar name is, or a global's name is a parameter's, misspelt.
    """
    lines = dict(sorted(((n.id, n.lineno) for n in loads(function)), key=lambda item: -item[1]))
    own = {argument.arg for argument in nodes_below(function) if isinstance(argument, ast.arg)}
    assigned, otherwise = set[str](), set[str]()
    for definition in needed:
        is_assignment = isinstance(definition.node, _Assignment)
        (assigned if is_assignment else otherwise).update(definition.defines)
    used = lines.keys() & statement.uses & assigned
    trained = {n for s in needed if trains(s, trainers) for n in s.defines} & used
    candidates = {name for name in used - own - otherwise if len(name) <= _LONGEST_NAME}
    names = [argument.arg[:_LONGEST_NAME] for argument in function.args.args][: len(parameters)]
    pairs = list(zip(names, parameters, strict=False))
    meant = ((name, _meant(name, pairs, set(lines))) for name in sorted(candidates)[:_MOST_GLOBALS])
    uses = [(name, parameter) for name, parameter in meant if parameter]
    uses = [(name, "") for name in sorted(trained)[:1]] or uses
    return tuple(GlobalUse(name, lines[name], parameter) for name, parameter in uses)


def _meant(name: str, parameters: Sequence[tuple[str, str]], read: set[str]) -> str:
    """Return the parameter that a global replaces, or an empty string.

    `parameters` are pairs: the student's name of a parameter and the assignment's.
    """
    for own, official in parameters:
        if own not in read and (_similar(name, own) or _similar(name, official)):
            return own
    for own, _ in parameters:
        ratio = difflib.SequenceMatcher(None, name, own).ratio()
        if len(own) >= _MISSPELT_LENGTH and ratio >= _MISSPELT_RATIO:
            return own
    return ""


def _similar(name: str, parameter: str) -> bool:
    """Return True if a name contains a parameter as a word, or begins like it."""
    start = max(_SAME_START, min(len(name), len(parameter)) - 1)
    same_start = name.lower()[:start] == parameter.lower()[:start]
    return parameter in name.split("_") or name == parameter or same_start
