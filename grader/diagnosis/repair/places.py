"""Which lines of a function are likely to be at fault: the line that stops, or that of a wrong value."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np

from grader.diagnosis.general import computation_of
from grader.diagnosis.locate import line_of
from grader.diagnosis.repair.code import Code
from grader.judging.compare import UnexpectedStructure
from grader.judging.intermediates import gather
from grader.model import Function, Observation, Raised, Returned, TestCase

_FEEDS, _ABOVE, _BELOW = (0.4, 0.7, 0.9, 1.1), 1.6, 3.0
"""The costs of lines whose values go into a suspect line, by the steps between, and of the others."""


_HEAD = 0.3
"""The cost of the head of a loop or of a condition around a suspect line."""

_RETURNS = 0.4
"""The cost of a line that returns a value: the mistake is more often in the lines that compute it."""


_UNASSIGNED = {"name", "order-of-lines", "undefined", "missing-line", "start-value", "quotes"}
_DEFINING = {
    *("augmented", "condition", "in-place", "indentation", "missing-line", "order-of-lines"),
    *("start-value", "undefined", "unpacking"),
}
"""Kinds of edits after which a name may be defined where it is used."""

_SUGGESTED = {
    "required positional argument": {"argument", "tuple"},
    "positional argument": {"argument", "tuple", "axis"},
    "object is not callable": {"called", "missing-star", "square-brackets"},
    "is not subscriptable": {"round-brackets", "no-quotes", "whole"},
    "unexpected keyword": {"keyword", "axis", "function"},
    "invalid keyword": {"keyword", "axis", "function"},
    "has no attribute": {"attribute", "prefix", "no-prefix", "name", "dotted"},
    "NoneType": {"empty", "augmented", "return-value"},
    "interpreted as an integer": {"unpacked", "tuple", "argument", "wrapped"},
    "not aligned": {"transpose", "exchanged", "product-elements", "name", "selection"},
    "in its core dimension": {"transpose", "exchanged", "product-elements", "name"},
    "could not be broadcast": {
        *("axis", "index", "name", "product-matrix", "split", "transpose", "whole")
    },
    "with a sequence": {"unpacking"},
    "values to unpack": {"unpacking", "return-pair", "sizes"},
    "unhashable type": {"quotes"},
    "is not defined": {"name", "quotes", "prefix", "undefined", "missing-line"},
    "before assignment": _UNASSIGNED,
    "not associated with a value": _UNASSIGNED,
    "ambiguous": {"operator", "comparison"},
    "index out of range": {"counter", "index", "literal", "operator", "range", "whole"},
    "KeyError": {"key", "quotes", "range"},
    "unsupported operand": {
        "no-quotes",
        "operator",
        "uncalled",
        "comma",
        "index",
        "whole",
        "wrapped",
    },
    "only integers, slices": {"quotes", "literal", "no-quotes"},
    "concatenate str": {"to-text"},
    "scalar index": {"sizes", "unpacked"},
    "list indices": {"list", "literal", "no-quotes"},
    "bad operand type": {"sign", "no-quotes"},
    "Python scalars": {"wrapped", "function", "call"},
}
"""Kinds of edits that the words of an exception suggest: they are tried earlier."""


_OF_STRUCTURE = frozenset("early-return no-return return-pair return-value unpacking".split())
"""Kinds of edits that are unlikely where a function returns all that it should, with wrong numbers."""

_UNDEFINED = re.compile(r"^(?:name|cannot access local variable) '(\w+)'")


def _undefined(actual: Observation) -> Iterator[str]:
    """Yield the names that are not defined where a call raises an exception."""
    for outcome in actual.outcomes:
        if isinstance(outcome, Raised) and (match := _UNDEFINED.match(outcome.message)):
            yield match[1]


def likely_kinds(actual: Observation) -> frozenset[str]:
    """Return the kinds of edits that the first exception suggests."""
    raised = next((o for o in actual.outcomes if isinstance(o, Raised)), None)
    text = f"{raised.kind}: {raised.message}" if raised else ""
    return frozenset(kind for words, kinds in _SUGGESTED.items() if words in text for kind in kinds)


class Suspicion(NamedTuple):
    """What makes an edit likely: the cost of each line, kinds of edits, names that should be used.

    The costs are by the first line of a statement: 0 for the likeliest. Kinds are those that an exception
    suggests, names those of the quantities that are wrong, and those that are not defined. `undefined`
    is the name that the first exception is about, if nothing defines it. `excluded` are kinds that are
    not tried.
    """

    costs: dict[int, float]
    kinds: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()
    undefined: str = ""
    excluded: frozenset[str] = frozenset()

    def allows(self, kind: str, name: str, before: str, after: str) -> bool:
        """Return True unless a kind is excluded, or an undefined name stays and nothing defines it.

        Such an edit can be right by chance only: it leaves out the line or the value with the name.
        """
        if kind in self.excluded:
            return False
        if self.undefined in ("", name) or kind in _DEFINING:
            return True
        use = re.compile(rf"(?<![\w.'\"]){re.escape(self.undefined)}\b(?!['\"])")
        return len(use.findall(after)) < len(use.findall(before))


def suspicion(
    code: Code,
    function: Function,
    cases: Sequence[TestCase],
    expected: Observation,
    actual: Observation,
) -> Suspicion:
    """Return what the outcomes of some cases say about the place and the kind of a mistake."""
    wrong = wrong_quantities(function, cases, expected, actual)
    costs: dict[int, float] = {}
    for number, lines in enumerate(_suspects(code, function, wrong, actual)):
        for line in dict.fromkeys(lines):
            for statement, distance in _around(code, line):
                cost = distance + 0.3 * min(number, 3)
                costs[statement.lineno] = min(cost, costs.get(statement.lineno, cost))
    if not costs:
        costs = {statement.lineno: 0.8 for statement in code.statements}
    for statement in code.statements:
        if (least := _least_cost(statement)) is not None:
            costs[statement.lineno] = min(least, costs[statement.lineno])
    undefined = tuple(_undefined(actual))
    names = frozenset((*wrong, *undefined))
    is_partial = any(isinstance(o, Raised) or is_unreadable(function, o) for o in actual.outcomes)
    is_partial = is_partial or bool(_missing(function, expected, actual))
    excluded = frozenset() if is_partial else _OF_STRUCTURE
    is_odd = any(is_unreadable(function, outcome) for outcome in actual.outcomes)
    kinds = likely_kinds(actual) | (_OF_STRUCTURE if is_odd else frozenset())
    return Suspicion(costs, kinds, names, "".join(undefined[:1]), excluded)


def _least_cost(statement: ast.stmt) -> float | None:
    """Return the most that a line costs wherever it is: one without effect, a copy, one that sets a seed."""
    match statement:
        case ast.Expr(ast.Compare() | ast.BinOp() | ast.Name() | ast.Subscript()):
            return 0.0
        case ast.Assign(targets=[ast.Name()], value=ast.Name()):  # a second name for an array
            return 0.2
        case ast.Expr(ast.Call(func=ast.Attribute(attr="seed"))):
            return 0.8
    return None


def wrong_quantities(
    function: Function, cases: Sequence[TestCase], expected: Observation, actual: Observation
) -> tuple[str, ...]:
    """Return the quantities that are missing, then those that do not follow from earlier ones."""
    with np.errstate(all="ignore"):
        wrong = gather(function, computation_of(function), cases, expected, actual).wrong
    return (*_missing(function, expected, actual), *wrong)


def _missing(function: Function, expected: Observation, actual: Observation) -> list[str]:
    """Return the quantities that the first returned value lacks."""
    for want, got in zip(expected.outcomes, actual.outcomes, strict=False):
        if isinstance(want, Returned) and isinstance(got, Returned):
            try:
                present = function.unpack(got.value)
            except UnexpectedStructure:
                return []
            return [name for name in function.unpack(want.value) if name not in present]
    return []


def _suspects(
    code: Code, function: Function, wrong: Sequence[str], actual: Observation
) -> Iterator[list[int]]:
    """Yield groups of lines that show a fault, the likeliest first."""
    raised = [o.line for o in actual.outcomes if isinstance(o, Raised) and o.line]
    groups = [raised[:1]]
    if any(is_unreadable(function, outcome) for outcome in actual.outcomes):
        groups.append([s.lineno for s in code.statements if isinstance(s, ast.Return)][-1:])
    others = frozenset(computation_of(function).rules)
    for quantity in wrong:
        groups += _lines_of(code, quantity, others)
    yield from filter(None, groups)


def _lines_of(code: Code, quantity: str, others: frozenset[str]) -> Iterator[list[int]]:
    """Yield the lines that compute a wrong quantity, then those that collect quantities."""
    yield [s.lineno for s in code.statements if _has_another(s, quantity, code)]
    line = line_of(code.source, code.function, quantity, (), others)
    yield [
        *filter(None, [line]),
        *(s.lineno for s in code.statements if quantity in code.stores[s]),
    ]
    yield [s.lineno for s in code.statements if _hands_on(s)][-2:]


def is_unreadable(function: Function, outcome: Returned | Raised) -> bool:
    """Return True if a call returned something that has not the parts of the function's value."""
    if isinstance(outcome, Raised):
        return False
    try:
        function.unpack(outcome.value)
    except UnexpectedStructure:
        return True
    return False


def _has_another(statement: ast.stmt, quantity: str, code: Code) -> bool:
    """Return True if a dictionary has another value under the key of a variable."""
    for node in ast.walk(statement) if quantity in code.bound else ():
        match node:
            case ast.Dict(keys=keys, values=values):
                for key, value in zip(keys, values, strict=True):
                    if isinstance(key, ast.Constant) and key.value == quantity:
                        return not (isinstance(value, ast.Name) and value.id == quantity)
    return False


def _hands_on(statement: ast.stmt) -> bool:
    """Return True if a statement collects quantities in a dictionary or a tuple, or returns them."""
    value = getattr(statement, "value", None)
    match value:
        case ast.Tuple() | ast.Dict() | ast.Call(func=ast.Name("dict")):
            return True
    return isinstance(statement, ast.Return)


def _around(code: Code, line: int) -> Iterator[tuple[ast.stmt, float]]:
    """Yield every statement with its cost if a line is at fault."""
    own = [s for s in code.statements if s.lineno <= line <= _end(s)]
    costs = dict.fromkeys(own, _RETURNS if all(isinstance(s, ast.Return) for s in own) else 0.0)
    around = [s for s in code.statements if _end(s) < line <= (s.end_lineno or 0)]
    costs |= dict.fromkeys(around, _HEAD)
    nearest = [*own, *around]
    for cost in _FEEDS:
        nearest = [s for s in _feeders(code, nearest, line) if s not in costs]
        costs |= dict.fromkeys(nearest, cost)
    for statement in code.statements:
        other = _ABOVE if statement.lineno < line else _BELOW
        yield statement, costs.get(statement, other)


def _end(statement: ast.stmt) -> int:
    body = getattr(statement, "body", None)
    return body[0].lineno - 1 if body else statement.end_lineno or statement.lineno


def _feeders(code: Code, statements: Iterable[ast.stmt], line: int) -> list[ast.stmt]:
    """Return the statements above a line that assign a name that some statements read."""
    read = {name for statement in statements for name in code.loads[statement]}
    return [s for s in code.statements if s.lineno < line and code.stores[s] & read]
