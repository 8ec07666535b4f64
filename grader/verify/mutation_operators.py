"""Kinds of changes: what may take the place of a node of a function, so that it means something else."""

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
_BUILT_IN = {"sum": "max", "max": "min", "min": "max", "abs": "float", "any": "all", "all": "any"}


@dataclass(frozen=True, slots=True)
class Words:
    """The names that a function gives, and the strings in it: what may be taken for another."""

    names: tuple[str, ...]
    strings: tuple[str, ...]

    @classmethod
    def of(cls, function: ast.FunctionDef) -> Words:
        """Return the words of a function."""
        nodes = list(ast.walk(function))
        names = [n.arg for n in nodes if isinstance(n, ast.arg)]
        names += [n.id for n in nodes if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)]
        strings = [n.value for n in nodes if isinstance(n, ast.Constant)]
        texts = (text for text in strings if isinstance(text, str))
        return cls(tuple(dict.fromkeys(names)), tuple(dict.fromkeys(texts)))


def _similar(word: str, others: Iterable[str]) -> list[str]:
    """Return the words that differ from one in a single letter or a single digit."""
    return [other for other in others if len(other) == len(word) and _nearly(word, other)]


def _nearly(word: str, other: str) -> bool:
    unlike = [a + b for a, b in zip(word, other, strict=True) if a != b]
    return len(unlike) == 1 and (unlike[0].isdigit() or unlike[0].isalpha())


# ------------------------------------------------------------------ what takes the place of a node


def variants(node: ast.AST, words: Words) -> Iterator[ast.AST]:
    """Yield what may take the place of a node; a statement is dropped."""
    if isinstance(node, ast.stmt) and not isinstance(node, ast.Pass):
        yield ast.Pass()
    if isinstance(node, ast.If | ast.While | ast.IfExp):
        yield _with(node, test=ast.UnaryOp(ast.Not(), node.test))
    yield from _operators(node)
    yield from _operands(node, words)


def _operators(node: ast.AST) -> Iterator[ast.AST]:
    match node:
        case ast.BinOp(op=op, left=left, right=right):
            yield from (_with(node, op=other()) for other in _arithmetic(type(op)))
            yield from (left, right)
        case ast.AugAssign(op=op):
            yield from (_with(node, op=other()) for other in _arithmetic(type(op)))
        case ast.Compare(ops=[op]):
            yield from (_with(node, ops=[other()]) for other in _comparisons(type(op)))
        case ast.BoolOp(op=op, values=values):
            yield _with(node, op=ast.Or() if isinstance(op, ast.And) else ast.And())
            yield from values
        case ast.UnaryOp(operand=operand):
            yield operand


def _operands(node: ast.AST, words: Words) -> Iterator[ast.AST]:
    match node:
        case ast.Constant(value=value):
            yield from _constants(value, words)
        case ast.Name(id=name):
            yield from _names(node, name, words)
        case ast.Call():
            yield from _calls(node)
        case ast.Attribute(value=value, attr=attr):
            yield from (_with(node, attr=other) for other in _FUNCTIONS.get(attr, ()))
            yield from [value] if attr == "T" else []
        case ast.Tuple(elts=items) | ast.List(elts=items):
            yield from (_with(node, elts=swapped) for swapped in _swapped(items))
        case ast.Dict(values=values):
            yield from (_with(node, values=swapped) for swapped in _swapped(values))


def _with(node: ast.AST, **fields: object) -> ast.AST:
    other = copy.copy(node)
    for field, value in fields.items():
        setattr(other, field, value)
    return other


def _swapped(items: Sequence[ast.expr]) -> Iterator[list[ast.expr]]:
    """Yield the items with each two neighbours swapped."""
    for at in range(len(items) - 1):
        yield [*items[:at], items[at + 1], items[at], *items[at + 2 :]]


def _arithmetic(op: type[ast.operator]) -> Iterator[type[ast.operator]]:
    others = _ARITHMETIC if op in _ARITHMETIC else (ast.Mult,)
    yield from (other for other in others if other is not op)


def _comparisons(op: type[ast.cmpop]) -> Iterator[type[ast.cmpop]]:
    if op in _OPPOSITE:
        yield _OPPOSITE[op]
    else:
        yield from (other for other in _ORDER if other is not op)


def _constants(value: object, words: Words) -> Iterator[ast.AST]:
    match value:
        case bool():
            yield ast.Constant(not value)
        case int() | float():
            others = dict.fromkeys(other for other in (value + 1, 0) if other != value)
            yield from map(ast.Constant, others)
            yield from [ast.UnaryOp(ast.USub(), ast.Constant(value))] if value else []
        case str():
            yield from map(ast.Constant, _similar(value, words.strings))


def _names(node: ast.Name, name: str, words: Words) -> Iterator[ast.AST]:
    if isinstance(node.ctx, ast.Load):
        if name in words.names:
            yield from (_with(node, id=other) for other in _similar(name, words.names))
        elif name in _BUILT_IN:
            yield _with(node, id=_BUILT_IN[name])


def _calls(node: ast.Call) -> Iterator[ast.AST]:
    """Yield a call without one argument or with two swapped, and what a call of one argument is of."""
    if len(node.args) == 1 and not isinstance(node.args[0], ast.Starred):
        yield node.args[0]
    if len(node.args) > 1:
        fewer = itertools.combinations(node.args, len(node.args) - 1)
        yield from (_with(node, args=[*kept]) for kept in fewer)
    for stated in node.keywords:
        yield _with(node, keywords=[other for other in node.keywords if other is not stated])
    yield from (_with(node, args=swapped) for swapped in _swapped(node.args))
