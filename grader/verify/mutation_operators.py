"""The mutation operators: nodes that can replace a node of a function and change its meaning."""

from __future__ import annotations

import ast
import copy
import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

_ARITHMETIC: tuple[type[ast.operator], ...] = (ast.Add, ast.Sub, ast.Mult, ast.Div)
_ORDER: tuple[type[ast.cmpop], ...] = (ast.Lt, ast.LtE, ast.Gt, ast.GtE)
_OPPOSITE: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}
_FUNCTIONS = {
    "sum": ("mean",),
    "mean": ("sum",),
    "nansum": ("nanmean", "sum"),
    "dot": ("multiply",),
    "multiply": ("add",),
    "square": ("abs",),
    "abs": ("square",),
    "sqrt": ("square",),
    "log": ("exp", "log2", "log1p"),
    "exp": ("log", "exp2", "expm1"),
    "maximum": ("minimum",),
    "minimum": ("maximum",),
    "max": ("min",),
    "min": ("max",),
    "argmax": ("argmin",),
    "rand": ("randn",),
    "randn": ("rand",),
    "zeros": ("ones",),
    "ones": ("zeros",),
}
_SYMMETRIC = {
    *("maximum", "minimum", "fmax", "fmin", "max", "min", "add", "multiply", "hypot", "logaddexp"),
    *("equal", "not_equal", "logical_and", "logical_or", "logical_xor"),
}
"""Functions of two arguments whose order makes no difference. (`np.max(x, 0)` swapped always fails.)"""

WITHOUT_EFFECT = {"errstate"}
"""Functions that change no value: their arguments are not mutated."""

_BUILT_IN = {"sum": "max", "max": "min", "min": "max", "abs": "float", "any": "all", "all": "any"}


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The names that a function defines and the strings in it: similar ones can be confused."""

    names: tuple[str, ...]
    strings: tuple[str, ...]

    @classmethod
    def of(cls, function: ast.FunctionDef) -> Vocabulary:
        """Collect the vocabulary of a function."""
        nodes = list(ast.walk(function))
        names = [n.arg for n in nodes if isinstance(n, ast.arg)]
        names += [n.id for n in nodes if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)]
        constants = (n.value for n in nodes if isinstance(n, ast.Constant))
        strings = (value for value in constants if isinstance(value, str))
        return cls(tuple(dict.fromkeys(names)), tuple(dict.fromkeys(strings)))


def _similar(word: str, vocabulary: Iterable[str]) -> Iterator[str]:
    """Yield the words that differ from a word in a single letter or a single digit."""
    for candidate in vocabulary:
        if len(candidate) == len(word):
            different = [a + b for a, b in zip(word, candidate, strict=True) if a != b]
            if len(different) == 1 and (different[0].isdigit() or different[0].isalpha()):
                yield candidate


# ------------------------------------------------------------------ replacements


def replacements(node: ast.AST, vocabulary: Vocabulary) -> Iterator[ast.AST]:
    """Yield the nodes that can replace a node; a statement is replaced by `pass`."""
    if isinstance(node, ast.stmt) and not isinstance(node, ast.Pass):
        yield ast.Pass()
    if isinstance(node, ast.If | ast.While | ast.IfExp):
        yield _with(node, test=ast.UnaryOp(ast.Not(), node.test))
    yield from _operators(node)
    yield from _operands(node, vocabulary)


def _operators(node: ast.AST) -> Iterator[ast.AST]:
    match node:
        case ast.BinOp(op=op, left=left, right=right):
            yield from (_with(node, op=operator()) for operator in _arithmetic(type(op)))
            yield from (left, right)
        case ast.AugAssign(op=op):
            yield from (_with(node, op=operator()) for operator in _arithmetic(type(op)))
        case ast.Compare(ops=[op]):
            yield from (_with(node, ops=[operator()]) for operator in _comparisons(type(op)))
        case ast.BoolOp(op=op, values=values):
            yield _with(node, op=ast.Or() if isinstance(op, ast.And) else ast.And())
            yield from values
        case ast.UnaryOp(operand=operand):
            yield operand


def _operands(node: ast.AST, vocabulary: Vocabulary) -> Iterator[ast.AST]:
    match node:
        case ast.Constant(value=value):
            yield from _constants(value, vocabulary)
        case ast.Name(id=name):
            yield from _names(node, name, vocabulary)
        case ast.Call():
            yield from _calls(node)
        case ast.Attribute(value=value, attr=attr):
            yield from (_with(node, attr=name) for name in _FUNCTIONS.get(attr, ()))
            yield from [value] if attr == "T" else []
        case ast.Tuple(elts=items) | ast.List(elts=items):
            yield from (_with(node, elts=swapped) for swapped in _swapped(items))
        case ast.Dict(values=values):
            yield from (_with(node, values=swapped) for swapped in _swapped(values))


def _with(node: ast.AST, **fields: object) -> ast.AST:
    """Return a shallow copy of a node with other fields."""
    changed = copy.copy(node)
    for field, value in fields.items():
        setattr(changed, field, value)
    return changed


def _swapped(items: Sequence[ast.expr]) -> Iterator[list[ast.expr]]:
    """Yield the items with two neighbours swapped, for each pair of neighbours."""
    for at in range(len(items) - 1):
        yield [*items[:at], items[at + 1], items[at], *items[at + 2 :]]


def _arithmetic(op: type[ast.operator]) -> Iterator[type[ast.operator]]:
    operators = _ARITHMETIC if op in _ARITHMETIC else (ast.Mult,)
    yield from (operator for operator in operators if operator is not op)


def _comparisons(op: type[ast.cmpop]) -> Iterator[type[ast.cmpop]]:
    if op in _OPPOSITE:
        yield _OPPOSITE[op]
    else:
        yield from (operator for operator in _ORDER if operator is not op)


def _constants(value: object, vocabulary: Vocabulary) -> Iterator[ast.AST]:
    match value:
        case bool():
            yield ast.Constant(not value)
        case int() | float():
            numbers = dict.fromkeys(number for number in (value + 1, 0) if number != value)
            yield from map(ast.Constant, numbers)
            yield from [ast.UnaryOp(ast.USub(), ast.Constant(value))] if value else []
        case str():
            yield from map(ast.Constant, _similar(value, vocabulary.strings))


def _names(node: ast.Name, name: str, vocabulary: Vocabulary) -> Iterator[ast.AST]:
    if isinstance(node.ctx, ast.Load):
        if name in vocabulary.names:
            yield from (_with(node, id=similar) for similar in _similar(name, vocabulary.names))
        elif name in _BUILT_IN:
            yield _with(node, id=_BUILT_IN[name])


def _calls(node: ast.Call) -> Iterator[ast.AST]:
    """Yield the only argument; the call without one argument; the call with two arguments swapped."""
    if len(node.args) == 1 and not isinstance(node.args[0], ast.Starred):
        yield node.args[0]
    if len(node.args) > 1:
        shorter = itertools.combinations(node.args, len(node.args) - 1)
        yield from (_with(node, args=[*args]) for args in shorter)
    for removed in node.keywords:
        yield _with(node, keywords=[kw for kw in node.keywords if kw is not removed])
    if len(node.args) != 2 or called_name(node) not in _SYMMETRIC:
        yield from (_with(node, args=swapped) for swapped in _swapped(node.args))


def called_name(node: ast.Call) -> str:
    """Return the name of the function that a call names, without its module."""
    match node.func:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return ""
