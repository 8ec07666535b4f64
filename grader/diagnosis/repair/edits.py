"""The table of edits of an expression: small functions, each of which yields what can replace a node.

An edit undoes one kind of slip. `cost` orders the edits: the lower, the more often students make the
slip. The kind is the name of the row in the catalogue (`repair-KIND`) with its words.
"""

from __future__ import annotations

import ast
import builtins
import contextlib
import difflib
import functools
import itertools
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np

from grader.diagnosis.repair.code import NAME, Code, is_text

_FAR = 1.2
"""The least cost of a name for another one with which it has little in common."""

_UNREAD = 0.6
"""The cost of a name that the function does not read anywhere else."""

MUCH = 1.4
"""The least cost of edits of which there are many at each place."""


class Replacement(NamedTuple):
    """A node that can replace another one: the kind of the edit, its cost, and a name for its words."""

    kind: str
    node: ast.expr
    cost: float = 1.0
    name: str = ""
    old: ast.expr | None = None
    """The part of the replaced node that the words quote, if not all of it."""


_PROBABILITY = re.compile(r"prob|keep|drop|rate|^[pq]$", re.IGNORECASE)
"""Names of numbers that add up to 1 with their complement."""

ExpressionEdit = Callable[[ast.expr, Code], Iterator[Replacement]]

_ARITHMETIC: tuple[type[ast.operator], ...] = (ast.Mult, ast.Div, ast.Add, ast.Sub, ast.Pow)
_ORDER: tuple[type[ast.cmpop], ...] = (ast.Gt, ast.Lt, ast.GtE, ast.LtE, ast.Eq)
_ALIKE = {
    "sum": ("max",),
    "mean": ("sum",),
    "average": ("sum",),
    "prod": ("sum",),
    "cumsum": ("sum",),
    "max": ("sum", "maximum"),
    "nanmean": ("nansum",),
    "nansum": ("sum",),
    "square": ("sqrt", "abs"),
    "sqrt": ("square",),
    "abs": ("square",),
    "absolute": ("square",),
    "power": ("square",),
    "sign": ("square",),
    "norm": ("square",),
    "rand": ("randn",),
    "randn": ("rand",),
    "random": ("rand",),
    "randint": ("rand",),
    "maximum": ("minimum",),
    "minimum": ("maximum",),
    "log": ("exp",),
    "log1p": ("log",),
    "log2": ("log",),
    "log10": ("log",),
    "exp2": ("exp",),
    "expm1": ("exp",),
    "exp": ("log",),
    "zeros": ("ones",),
    "ones": ("zeros",),
    "outer": ("dot",),
    "inner": ("dot",),
    "add": ("multiply", "subtract"),
    "subtract": ("multiply", "add", "divide"),
    "multiply": ("add", "divide", "subtract"),
    "divide": ("multiply",),
    "size": ("shape",),
    "min": ("max",),
    "ndim": ("shape",),
    "float": ("sum",),
    "len": ("sum",),
}
_RARE = {
    *(
        "nansum",
        "nanmean",
        "inner",
        "average",
        "cumsum",
        "prod",
        "float",
        "len",
        "absolute",
        "expm1",
    ),
    *("exp2", "log1p", "log2", "log10", "ndim", "power"),
}
"""Functions that formulas of courses seldom have: a change to one of them is hardly the mistake."""

_PRODUCTS = {"dot", "matmul", "multiply", "inner", "outer", "vdot", "tensordot"}
_METHODS = (
    "T",
    "shape",
    "dot",
    "sum",
    "mean",
    "astype",
    "reshape",
    "copy",
    "size",
    "items",
    "keys",
)
_FUNCTIONS = (
    *(
        "dot",
        "sum",
        "square",
        "multiply",
        "random",
        "rand",
        "int64",
        "float64",
        "log",
        "exp",
        "sqrt",
    ),
    *(
        "maximum",
        "abs",
        "mean",
        "divide",
        "power",
        "where",
        "matmul",
        "zeros",
        "ones",
        "seed",
        "linalg",
    ),
)
_BUILTINS = (
    *("int", "float", "bool", "str", "len", "range", "sum", "abs", "round", "print"),
    *("enumerate", "zip", "list", "dict", "tuple"),
)


def number(value: float) -> ast.expr:
    """Return the node of a number."""
    return ast.Constant(value)


def _name(name: str) -> ast.Name:
    return ast.Name(name, ast.Load())


def _np(code: Code, name: str, *args: ast.expr) -> ast.Call:
    return ast.Call(ast.Attribute(_name(code.numpy), name, ast.Load()), [*args], [])


def _with_args(node: ast.Call, args: Sequence[ast.expr]) -> ast.Call:
    return ast.Call(node.func, [*args], node.keywords)


def _is_name(node: ast.AST, *names: str) -> bool:
    return isinstance(node, ast.Name) and (not names or node.id in names)


# ------------------------------------------------------------------ names and values


def parts(name: str) -> tuple[str, ...]:
    """Return a name such as dW1 as ("d", "W", "1"), or () for a name of another form."""
    match = NAME.match(name)
    return match.groups() if match else ()


def near(name: str, names: Iterable[str]) -> Iterator[tuple[str, float]]:
    """Yield other names with the cost of writing `name` for them, by spelling, number and role."""
    yield from ((candidate, distance(name, candidate)) for candidate in names if candidate != name)


@functools.lru_cache(maxsize=4096)
def distance(name: str, candidate: str) -> float:
    """Return the cost of writing a name for another one.

    >>> distance("W1", "w1") < distance("W1", "W2") < distance("W1", "count")
    True
    """
    own, theirs = parts(name), parts(candidate)
    if candidate.lower() == name.lower():
        return 0.2
    if own and theirs and own[:2] == theirs[:2]:
        return 0.6  # another layer
    if own and theirs and own[1:] == theirs[1:]:
        return 0.8  # the value for its derivative
    if difflib.SequenceMatcher(None, name, candidate).ratio() > 0.7:
        return 0.5
    if own and theirs and own[2] == theirs[2] != "":
        return 1.2  # another quantity of the layer
    return 1.7


def names(node: ast.expr, code: Code) -> Iterator[Replacement]:
    """Yield another name in scope that is near, or the name of a function outside."""
    if isinstance(node, ast.Name) and node.id != code.numpy:
        loads = isinstance(node.ctx, ast.Load)
        scope: Iterable[str] = code.before(node.lineno) if loads else code.bound
        if node in code.compared and node.id in code.scalars:
            scope = code.scalars  # a threshold is a number
        if node in code.functions and node.id not in code.bound:
            scope = ()
        for candidate, cost in near(node.id, scope):
            if cost < _FAR or candidate in code.unread:
                least = min(cost, _UNREAD) if candidate in code.unread else cost
                if candidate in code.idle:
                    least = cost / 5 - _UNREAD  # why else does the function compute it?
                yield Replacement(
                    "name", ast.Name(candidate, node.ctx), least + (0 if loads else 1.6), candidate
                )
        if loads and node.id not in code.bound:
            yield from _names_outside(node, code)


def other_names(node: ast.expr, code: Code) -> Iterator[Replacement]:
    """Yield a name in scope that has little in common with the one in its place."""
    if isinstance(node, ast.Name) and node.id != code.numpy and isinstance(node.ctx, ast.Load):
        if _is_function(node, code):
            return
        for candidate, cost in near(node.id, code.before(node.lineno)):
            if cost >= _FAR and candidate not in code.unread:
                far = 0.0 if _holds_alike(node.id, candidate, code) else 0.8
                if node.id in code.numbers and candidate in code.numbers:
                    far = -0.5
                yield Replacement("name", _name(candidate), cost + far, candidate)


def _holds_alike(first: str, second: str, code: Code) -> bool:
    """Return True unless one name holds a number or a dictionary, and the other does not."""
    numbers = {*code.scalars} | code.counters
    boxes = {*code.collections} | code.dictionaries
    return (first in numbers) == (second in numbers) and (first in boxes) == (second in boxes)


def _names_outside(node: ast.Name, code: Code) -> Iterator[Replacement]:
    """Yield names for one that the function does not assign: of the notebook, parameters not read yet."""
    for candidate in code.outside:
        alike = difflib.SequenceMatcher(None, node.id, candidate).ratio() > 0.7
        if candidate not in (node.id, code.numpy) and (alike or node.id in code.outside):
            yield Replacement("name", _name(candidate), 0.4 if alike else 1.0, candidate)
    for candidate in code.parameters:
        if candidate not in code.read:
            yield Replacement("name", _name(candidate), 0.4, candidate)
    if node.id not in code.outside and not hasattr(builtins, node.id):
        for candidate in difflib.get_close_matches(node.id.lower(), _BUILTINS, 1, 0.6):
            yield Replacement("name", _name(candidate), 0.4, candidate)
        stem = node.id[:-1].rstrip("_")
        if node.id.endswith("T") and stem in code.bound:
            turned = ast.Attribute(_name(stem), "T", ast.Load())
            yield Replacement("name", turned, 0.2, f"{stem}.T")


def strings(node: ast.expr, code: Code) -> Iterator[Replacement]:
    """Yield a string in the place of a name, also as a part of a text."""
    is_key = node in code.keys_in_brackets or node in code.joined
    if isinstance(node, ast.Name) and (is_key or node.id not in code.bound):
        for text in code.texts:
            if text == node.id:
                yield Replacement("quotes", ast.Constant(text), 0.5, text)
            elif (cost := distance(node.id, text)) < 0.6:
                yield Replacement("quotes", ast.Constant(text), cost + 1, text)
    match node:
        case ast.BinOp(ast.Name(name) as left, ast.Add(), ast.Call(ast.Name("str")) as right):
            joined = ast.BinOp(ast.Constant(name), ast.Add(), right)
            yield Replacement("quotes", joined, 0.3, name, left)
        case ast.Call(ast.Name("str")):
            for text in code.stems if node not in code.joined else ():
                if text.isalpha():
                    joined = ast.BinOp(ast.Constant(text), ast.Add(), node)
                    yield Replacement("key-part", joined, 0.5)


def joined_texts(node: ast.expr, _: Code) -> Iterator[Replacement]:
    """Yield text for a number that is joined with text: `"W" + str(l)` for `"W" + l`."""
    match node:
        case ast.BinOp(ast.Constant(str()) as text, ast.Add() as op, value):
            new = ast.BinOp(text, op, _as_text(value))
            yield Replacement("to-text", new, 0.3, old=value)
        case ast.BinOp(value, ast.Add() as op, ast.Constant(str()) as text):
            new = ast.BinOp(_as_text(value), op, text)
            yield Replacement("to-text", new, 0.3, old=value)


def _as_text(value: ast.expr) -> ast.expr:
    return ast.Call(_name("str"), [value], [])


def texts(node: ast.expr, code: Code) -> Iterator[Replacement]:
    """Yield another string, or the code in a string, in the place of a string."""
    match node:
        case ast.Constant(value=str(text)) if text:
            with contextlib.suppress(SyntaxError, ValueError):
                new = ast.parse(text, mode="eval").body
                yield Replacement("no-quotes", new, 0.5, text)
                yield from _half_quoted(new)
            is_whole = node not in code.joined
            for counter in sorted(code.counters) if is_whole and text.isalpha() else ():
                longer = ast.BinOp(node, ast.Add(), _as_text(_name(counter)))
                yield Replacement("key-part", longer, 0.5)
            for candidate, cost in near(text, code.texts if is_whole else code.stems):
                if cost < 1.7:
                    yield Replacement("key", ast.Constant(candidate), cost, candidate)


def _half_quoted(node: ast.expr) -> Iterator[Replacement]:
    """Yield `"W" + str(l)` for the text of it."""
    match node:
        case ast.BinOp(ast.Name(name), ast.Add() as op, right):
            new = ast.BinOp(ast.Constant(name), op, right)
            yield Replacement("half-quoted", new, 0.3, name)


def literals(node: ast.expr, code: Code) -> Iterator[Replacement]:
    """Yield another number, or a name for a number and the number for a name."""
    match node:
        case ast.Constant(value=bool(value)):
            yield Replacement("literal", number(not value), 1.0)
        case ast.Constant(value=int() | float() as value):
            yield from (Replacement("literal", _name(name), 0.8, name) for name in code.scalars)
            for counter in sorted(code.counters if type(value) is int else ()):
                before, after = (
                    ast.BinOp(_name(counter), op, number(1)) for op in (ast.Sub(), ast.Add())
                )
                for new in (_name(counter), before, after):
                    yield Replacement("literal", new, 0.9, counter)
            for candidate in dict.fromkeys((2, 1, 0, -1, value - 1, value + 1, 0.5, 1.0)):
                if candidate != value:
                    # `l + -1` is right where `l - 1` is, but the slip is the operator.
                    cost = 0.9 if candidate >= 0 else 1.6
                    yield Replacement("literal", number(candidate), cost)
        case ast.UnaryOp(ast.USub(), ast.Constant(value=int(value))):
            yield from (Replacement("literal", number(n), 1.0) for n in {0, 1, abs(value)})
        case ast.Name(id=name, ctx=ast.Load()) if name in code.scalars:
            yield from (Replacement("literal", number(n), 1.5) for n in (2, 1, 0, 0.5))


def counted(node: ast.expr, code: Code) -> Iterator[Replacement]:
    """Yield other bounds of a range, and the number of a loop plus or minus 1."""
    match node:
        case ast.Call(ast.Name("range"), args=[stop]):
            more = ast.BinOp(stop, ast.Add(), number(1))
            for args in ([number(1), more], [more], [number(1), stop]):
                yield Replacement("range", _with_args(node, args), 0.4)
        case ast.Call(ast.Name("range"), args=[start, stop]):
            more, less = (ast.BinOp(stop, op, number(1)) for op in (ast.Add(), ast.Sub()))
            yield Replacement("range", _with_args(node, [start, more]), 0.3)
            yield Replacement("range", _with_args(node, [stop]), 0.6)
            yield Replacement("range", _with_args(node, [start, less]), 0.8)
        case ast.Call(ast.Name("str"), [ast.Name(name) as argument]):
            for counter in code.counters - {name}:
                yield Replacement(
                    "name", _with_args(node, [_name(counter)]), 0.5, counter, argument
                )
        case ast.Name(id=name, ctx=ast.Load()) if name in code.counters:
            for op, cost in ((ast.Add(), 0.5), (ast.Sub(), 0.7)):
                yield Replacement("counter", ast.BinOp(node, op, number(1)), cost)


def attributes(node: ast.expr, code: Code) -> Iterator[Replacement]:
    """Yield an attribute in the right spelling, a function that is easily taken for another one."""
    if not isinstance(node, ast.Attribute):
        return
    yield from _other_functions(node)
    is_numpy = _is_name(node.value, code.numpy) or isinstance(node.value, ast.Attribute)
    known = _FUNCTIONS if is_numpy else _METHODS
    if node.attr not in known:
        looks = [n for n in known if n.lower() == node.attr.lower()]
        for candidate in dict.fromkeys(
            [*looks, *difflib.get_close_matches(node.attr, known, 3, 0.5)]
        ):
            kind = "function" if _is_in_numpy(node, code) else "attribute"
            yield Replacement(kind, ast.Attribute(node.value, candidate, node.ctx), 0.2, candidate)
    if _is_name(node.value, code.numpy):
        yield Replacement("no-prefix", _name(node.attr), 1.0, node.attr)
        inner = ast.Attribute(node.value, "random", ast.Load())
        if node.attr in ("rand", "randn", "seed"):
            yield Replacement(
                "prefix", ast.Attribute(inner, node.attr, node.ctx), 0.2, f"{code.numpy}.random"
            )
        if node.attr == "norm":
            inner = ast.Attribute(node.value, "linalg", ast.Load())
            yield Replacement(
                "prefix", ast.Attribute(inner, node.attr, node.ctx), 0.2, f"{code.numpy}.linalg"
            )


def _other_functions(node: ast.Attribute) -> Iterator[Replacement]:
    """Yield functions that are easily taken for another one, the likeliest at the least cost."""
    if node.attr == "sum":  # after the division by a size: formulas have a sum and 1/m
        yield Replacement("divisor", ast.Attribute(node.value, "mean", node.ctx), 1.7, "mean")
    for candidate in _ALIKE.get(node.attr, ()):
        yield Replacement(
            "function", ast.Attribute(node.value, candidate, node.ctx), 0.7, candidate
        )
    for candidate, alikes in _ALIKE.items():
        if node.attr in alikes and candidate not in (*_ALIKE.get(node.attr, ()), "mean"):
            cost = 3.0 if candidate in _RARE else 1.2
            yield Replacement(
                "function", ast.Attribute(node.value, candidate, node.ctx), cost, candidate
            )


def _is_in_numpy(node: ast.Attribute, code: Code) -> bool:
    """Return True for a name that NumPy has, such as `np.random.randint`."""
    match node.value:
        case ast.Attribute(value=base, attr="random" | "linalg" as name) if _is_name(
            base, code.numpy
        ):
            return node.attr in dir(getattr(np, name))
    return _is_name(node.value, code.numpy) and node.attr in dir(np)


def prefixes(node: ast.expr, code: Code) -> Iterator[Replacement]:
    """Yield `np.` before the name of a function of NumPy; another name for `np`."""
    if not isinstance(node, ast.Name) or not isinstance(node.ctx, ast.Load):
        return
    if node.id in _FUNCTIONS:
        kind = "builtin" if hasattr(builtins, node.id) else "prefix"
        yield Replacement(
            kind, ast.Attribute(_name(code.numpy), node.id, ast.Load()), 0.3, code.numpy
        )
    if node.id in ("rand", "randn", "random", "seed"):
        inner = ast.Attribute(_name(code.numpy), "random", ast.Load())
        yield Replacement(
            "prefix", ast.Attribute(inner, node.id, ast.Load()), 0.4, f"{code.numpy}.random"
        )
    for value in (True, False, None):
        if node.id == str(value).lower():
            yield Replacement("name", ast.Constant(value), 0.1, str(value))
    if node.id in ("numpy", "NP", "Np", "pn", "nd", "nb") and node.id != code.numpy:
        yield Replacement("name", _name(code.numpy), 0.1, code.numpy)


def transposed(node: ast.expr, code: Code) -> Iterator[Replacement]:
    """Yield a matrix with `.T` or without."""
    match node:
        case ast.Attribute(value=value, attr="T"):
            yield Replacement("transpose", value, 0.7)
        case ast.Name(id=name, ctx=ast.Load()) if name in code.arrays and node not in code.measured:
            yield Replacement("transpose", ast.Attribute(node, "T", ast.Load()), 0.7)
        case ast.Subscript(value=ast.Attribute(attr="shape")):
            return
        case ast.Call(args=[a, b]) if _function_name(node) in _PRODUCTS:
            yield Replacement("transpose", ast.Attribute(node, "T", ast.Load()), 0.9)
            for part in (a, b):
                if isinstance(part, ast.BinOp):
                    turned = ast.Attribute(part, "T", ast.Load())
                    args = [turned if arg is part else arg for arg in (a, b)]
                    yield Replacement("transpose", _with_args(node, args), 0.8, old=part)
        case ast.Subscript(ctx=ast.Load()):
            yield Replacement("transpose", ast.Attribute(node, "T", ast.Load()), 1.5)


# ------------------------------------------------------------------ operators


def operators(node: ast.expr, _: Code) -> Iterator[Replacement]:
    """Yield another operator, the operands exchanged, one operand alone."""
    match node:
        case ast.BinOp() if is_text(node):
            return
        case ast.BinOp(left=left, op=op, right=right):
            for candidate in _ARITHMETIC:
                if not isinstance(op, candidate):
                    cost = 0.8 if candidate is not ast.Pow else 1.4
                    if candidate is ast.Pow and (_is_two(right) or isinstance(op, ast.BitXor)):
                        cost = 0.4
                    changed = ast.BinOp(left, candidate(), right)
                    yield Replacement("operator", changed, cost, symbol_of(op))
            if not isinstance(op, ast.Add | ast.Mult):
                yield Replacement("exchanged", ast.BinOp(right, op, left), 1.0)
            yield Replacement("extra", left, 0.4 if _is_single(right) else 1.0)
            yield Replacement("extra", right, 0.6 if _is_single(left) else 1.2)
        case ast.BoolOp(op=op, values=[left, right]):
            for candidate in (ast.Mult, ast.Add):
                changed = ast.BinOp(left, candidate(), right)
                yield Replacement("operator", changed, 0.8, symbol_of(op))


_BINARY = re.compile(r"[([{]|[])}]| (\*\*|[-+*/@]) ")


def regrouping(node: ast.expr, _: Code) -> Iterator[Replacement]:
    """Yield another operator that groups its operands in another way: `a + b * c` for `a + b + c`."""
    match node:
        case ast.BinOp(left=ast.BinOp()) | ast.BinOp(right=ast.BinOp()):
            text, depth = ast.unparse(node), 0
            for match in _BINARY.finditer(text):
                symbol = match[1]
                depth += 0 if symbol else 1 if match[0] in "([{" else -1
                for other in "*/+-" if symbol and not depth else "":
                    if (other in "+-") != (symbol in "+-"):
                        changed = text[: match.start(1)] + other + text[match.end(1) :]
                        new = ast.parse(changed, mode="eval").body
                        yield Replacement("operator", new, 0.6, symbol)


def divisors(node: ast.expr, code: Code) -> Iterator[Replacement]:
    """Yield a single number as the divisor in the place of another variable, or twice the divisor."""
    match node:
        case ast.BinOp(left, ast.Div() as op, ast.Name() as right):
            twice = ast.BinOp(number(2), ast.Mult(), right)
            yield Replacement("divisor", ast.BinOp(left, op, twice), 0.6, "2")
    match node:
        case ast.BinOp(left, ast.Div() as op, ast.Name(name) as right) if name not in code.scalars:
            for other in code.scalars:
                yield Replacement("name", ast.BinOp(left, op, _name(other)), 0.6, other, right)


def symbol_of(op: ast.operator | ast.boolop) -> str:
    """Return an operator as it is written.

    >>> symbol_of(ast.FloorDiv())
    '//'
    """
    kind = type(op)
    if kind not in _symbols:
        x = ast.Name("x", ast.Load())
        node = ast.BoolOp(op, [x, x]) if isinstance(op, ast.boolop) else ast.BinOp(x, op, x)
        _symbols[kind] = ast.unparse(node).strip("x ")
    return _symbols[kind]


_symbols: dict[type[ast.AST], str] = {}


def _is_two(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value == 2


def _is_single(node: ast.expr) -> bool:
    return isinstance(node, ast.Name | ast.Constant)


def signs(node: ast.expr, code: Code) -> Iterator[Replacement]:
    """Yield an expression with a minus, or without one."""
    match node:
        case ast.UnaryOp(operand=operand):
            yield Replacement("sign", operand, 0.1 if isinstance(operand, ast.Constant) else 0.4)
        case ast.Call(ast.Attribute(attr="exp"), args=[inner]):
            yield Replacement("sign", _with_args(node, [ast.UnaryOp(ast.USub(), inner)]), 0.4)
            yield Replacement("sign", ast.UnaryOp(ast.USub(), node), 1.2)
        case ast.BinOp() | ast.Call() | ast.Name() if node in code.in_brackets or is_text(node):
            return
        case ast.BinOp() | ast.Call():
            yield Replacement("sign", ast.UnaryOp(ast.USub(), node), 1.2)
        case ast.Name(id=name, ctx=ast.Load()) if name in code.values:
            yield Replacement("sign", ast.UnaryOp(ast.USub(), node), 1.6)


def comparisons(node: ast.expr, code: Code) -> Iterator[Replacement]:
    """Yield another comparison, the comparison of an array with a number, the array alone."""
    match node:
        case ast.Compare(left=left, ops=[op], comparators=[right]):
            for candidate in _ORDER:
                if not isinstance(op, candidate):
                    yield Replacement("comparison", ast.Compare(left, [candidate()], [right]), 0.6)
            yield Replacement("comparison", left, 1.5)
        case ast.Name(id=name) if name not in code.arrays:
            return
        case ast.Call() | ast.Name(ctx=ast.Load()):
            zero = ast.Compare(node, [ast.Gt()], [number(0)])
            yield Replacement("uncompared", zero, 1.8 if isinstance(node, ast.Name) else 2.2)
            for name in code.numbers:
                less = ast.Compare(node, [ast.Lt()], [_name(name)])
                is_likely = isinstance(node, ast.Call) and _PROBABILITY.search(name)
                yield Replacement("uncompared", less, 1.0 if is_likely else 2.4, name)


def brackets(node: ast.expr, _: Code) -> Iterator[Replacement]:
    """Yield another grouping of three operands: `a / (b * c)` for `a / b * c`, and back."""
    match node:
        case ast.BinOp(ast.BinOp(a, first, b), second, c):
            yield Replacement("brackets", ast.BinOp(a, first, ast.BinOp(b, second, c)), 0.4)
    match node:
        case ast.BinOp(a, first, ast.BinOp(b, second, c)):
            # A factor in front of a whole sum is likelier than one that is too many in a part of it.
            is_of_sum = isinstance(second, ast.Add | ast.Sub)
            left = ast.BinOp(ast.BinOp(a, first, b), second, c)
            yield Replacement("brackets", left, 0.3 if is_of_sum else 0.5)
    match node:
        case ast.BinOp(ast.BinOp(ast.BinOp(a, o1, b), o2, c), o3, d):
            inner = ast.BinOp(ast.BinOp(b, o2, c), o3, d)
            yield Replacement("brackets", ast.BinOp(a, o1, inner), 0.7)
        case ast.BinOp(ast.BinOp(a, o1, ast.BinOp(b, o2, c)), o3, d):
            yield Replacement(
                "brackets", ast.BinOp(ast.BinOp(a, o1, b), o2, ast.BinOp(c, o3, d)), 1.2
            )


def regrouped(node: ast.expr, _: Code) -> Iterator[Replacement]:
    """Yield a sign, a comparison or `.T` of one operand for that of the whole, and back."""
    match node:
        case ast.UnaryOp(op, ast.BinOp(a, first, b)):
            yield Replacement("brackets", ast.BinOp(ast.UnaryOp(op, a), first, b), 0.8)
        case ast.BinOp(ast.UnaryOp(op, a), first, b):
            yield Replacement("brackets", ast.UnaryOp(op, ast.BinOp(a, first, b)), 0.8)
        case ast.Compare(ast.BinOp(a, op, b), [order], [c]):
            yield Replacement("brackets", ast.BinOp(a, op, ast.Compare(b, [order], [c])), 0.6)
        case ast.Compare(a, [order], [ast.BinOp(b, op, c)]):
            yield Replacement("brackets", ast.BinOp(ast.Compare(a, [order], [b]), op, c), 0.5)
        case ast.Attribute(ast.BinOp(a, op, b), attr, ctx):
            yield Replacement("brackets", ast.BinOp(a, op, ast.Attribute(b, attr, ctx)), 0.8)
        case ast.BinOp(a, op, ast.Attribute(b, "T" as attr, ctx)):
            yield Replacement("brackets", ast.Attribute(ast.BinOp(a, op, b), attr, ctx), 1.4)


def moved_brackets(node: ast.expr, _: Code) -> Iterator[Replacement]:
    """Yield an operand inside the brackets of a call that belongs outside of them, and back."""
    match node:
        case ast.Call(args=[ast.BinOp(a, op, b), *rest]):
            yield Replacement("brackets", ast.BinOp(_with_args(node, [a, *rest]), op, b), 0.9)
            if not rest:
                yield Replacement("brackets", ast.BinOp(a, op, _with_args(node, [b])), 0.9)
        case ast.Call(args=[a, ast.BinOp(b, op, c)]):
            yield Replacement("brackets", ast.BinOp(_with_args(node, [a, b]), op, c), 0.9)
        case ast.Call(args=[ast.Compare(a, [order], [b]), *rest]):
            yield Replacement(
                "brackets", ast.Compare(_with_args(node, [a, *rest]), [order], [b]), 0.7
            )
    match node:
        case ast.BinOp(ast.Call(args=[a]) as call, op, b):
            yield Replacement("brackets", _with_args(call, [ast.BinOp(a, op, b)]), 1.0)
        case ast.BinOp(a, op, ast.Call(args=[b]) as call):
            yield Replacement("brackets", _with_args(call, [ast.BinOp(a, op, b)]), 1.2)
    match node:
        case ast.Compare(ast.Call(args=[a]) as call, [order], [b]):
            yield Replacement("brackets", _with_args(call, [ast.Compare(a, [order], [b])]), 0.9)


def shares(node: ast.expr, code: Code) -> Iterator[Replacement]:
    """Yield 1 - x for x and back, for a number such as a probability."""
    match node:
        case ast.Name(id=name, ctx=ast.Load()) if name in code.values:
            cost = 0.8 if name in code.numbers else 2.4
            kind, named = ("complement", name) if _PROBABILITY.search(name) else ("operand", "1")
            yield Replacement(kind, ast.BinOp(number(1), ast.Sub(), node), cost, named)
        case ast.BinOp(ast.Constant(1 | 1.0), ast.Sub(), right):
            text = ast.unparse(right)
            is_one = isinstance(right, ast.Name | ast.Attribute)
            kind = "complement" if is_one and _PROBABILITY.search(text) else "extra"
            yield Replacement(kind, right, 0.5, text)


def factors(node: ast.expr, code: Code) -> Iterator[Replacement]:
    """Yield a factor or a divisor more: 2, the number of examples, a parameter that is a number."""
    if not _is_value(node) or node in code.in_brackets or is_text(node):
        return
    if isinstance(node, ast.Name) and node.id not in code.values:
        return
    inner = (
        0.5 if isinstance(node, ast.Name | ast.Attribute | ast.Subscript | ast.Constant) else 0.0
    )
    for name in code.scalars:
        yield Replacement("divisor", ast.BinOp(node, ast.Div(), _name(name)), 1.1 + inner, name)
        yield Replacement("factor", ast.BinOp(node, ast.Mult(), _name(name)), 1.2 + inner, name)
    yield Replacement("divisor", ast.BinOp(node, ast.Div(), number(2)), 1.1 + inner, "2")
    yield Replacement("factor", ast.BinOp(number(2), ast.Mult(), node), 1.2 + inner, "2")
    yield Replacement("factor", ast.BinOp(node, ast.Pow(), number(2)), 1.3 + inner, "2")
    for name in code.scalars:
        share = ast.BinOp(number(1), ast.Sub(), _name(name))
        yield Replacement("divisor", ast.BinOp(number(1), ast.Div(), node), 2.5 + inner, name)
        yield Replacement("factor", ast.BinOp(node, ast.Mult(), share), 3.0 + inner, name)


def _is_value(node: ast.expr) -> bool:
    match node:
        case (
            ast.Name(ctx=ast.Load())
            | ast.BinOp()
            | ast.Constant(value=int() | float())
            | ast.Call()
        ):
            return True
        case ast.Attribute(attr="T") | ast.Subscript(ctx=ast.Load()) | ast.UnaryOp():
            return True
    return False


def unread_operands(node: ast.expr, code: Code) -> Iterator[Replacement]:
    """Yield an operand more: a variable that the function computes, but never uses."""
    if _is_operand(node, code):
        for name in code.before(node.lineno):
            if name in code.unread:
                for op, cost in _OPERATIONS:
                    if not _is_first(node, op, code):
                        new = ast.BinOp(node, op(), _name(name))
                        yield Replacement("operand", new, _UNREAD + cost, name)


_OPERATIONS: tuple[tuple[type[ast.operator], float], ...] = (
    *((ast.Add, 0.0), (ast.Mult, 0.1), (ast.Sub, 0.4)),
)


def _is_first(node: ast.expr, op: type[ast.operator], code: Code) -> bool:
    """Return True if an operand here has the same effect as one of the whole product or sum."""
    return node in (code.first_factors if op is ast.Mult else code.first_terms)


def _is_operand(node: ast.expr, code: Code) -> bool:
    kinds = ast.Name | ast.Call | ast.BinOp | ast.Attribute | ast.Subscript
    is_stored = isinstance(getattr(node, "ctx", None), ast.Store)
    if isinstance(node, ast.Name) and node.id not in code.values:
        return False
    if node in code.functions or node in code.in_brackets:
        return False
    if is_text(node) or _is_size(node) or _is_module(node, code):
        return False
    return isinstance(node, kinds) and not is_stored


def operands(node: ast.expr, code: Code) -> Iterator[Replacement]:
    """Yield an operand more: each array in scope, by each operator and by the product of matrices.

    Those of the same layer are likely, or where names have no layer, those that were assigned last.
    """
    if not _is_operand(node, code):
        return
    own = {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}
    layers = {parts(n)[2] for n in own if parts(n)}
    before = [name for name in code.before(node.lineno) if name in code.values]
    for i, name in enumerate(sorted(before, key=lambda name: -code.bound[name])):
        layer = parts(name)[2:]
        far = 0.0 if layer and layer[0] in layers - {""} else 0.8 if layers == {""} else 1.5
        far += 0.0 if layer != ("",) else i / 20
        candidate = _name(name)
        for op, cost in ((ast.Mult, 0.0), (ast.Add, 0.3), (ast.Sub, 0.4)):
            if not _is_first(node, op, code):
                new = ast.BinOp(node, op(), candidate)
                yield Replacement("operand", new, MUCH + far + cost, name)
        reverse = ast.BinOp(candidate, ast.Sub(), node)
        yield Replacement("operand", reverse, MUCH + far + 0.5, name)
        if name in code.arrays:
            turned = ast.Attribute(candidate, "T", ast.Load())
            yield Replacement("operand", _np(code, "dot", candidate, node), MUCH + 0.8 + far, name)
            yield Replacement("operand", _np(code, "dot", node, turned), MUCH + far, name)


# ------------------------------------------------------------------ calls


def products(node: ast.expr, code: Code) -> Iterator[Replacement]:
    """Yield the product of matrices for the one element by element, and back."""
    match node:
        case ast.BinOp(left, ast.Mult(), right):
            yield Replacement("product-matrix", _np(code, "dot", left, right), 0.7)
        case ast.BinOp(left, ast.MatMult(), right):
            yield Replacement("product-elements", ast.BinOp(left, ast.Mult(), right), 0.6)
        case ast.Call(func=ast.Attribute(value=value, attr=attr), args=[left, right]) if (
            attr in _PRODUCTS and _is_name(value, code.numpy)
        ):
            yield Replacement("product-elements", ast.BinOp(left, ast.Mult(), right), 0.6)
            # A matrix product of an array with itself is hardly ever meant.
            is_square = ast.dump(left) == ast.dump(right)
            yield Replacement("extra", left, 0.4 if is_square else 0.8)
            yield Replacement("extra", right, 0.9)
            if attr != "dot":
                yield Replacement("product-matrix", _np(code, "dot", left, right), 0.6)
            if isinstance(right, ast.Attribute) and ast.dump(right.value) == ast.dump(left):
                yield Replacement("product-elements", _np(code, "square", left), 0.4)
        case ast.Call(func=ast.Attribute(attr=attr), args=[ast.BinOp(left, ast.Mult(), right)]) if (
            attr in _PRODUCTS
        ):
            yield Replacement("argument", _with_args(node, [left, right]), 0.2)
        case ast.Call(func=ast.Attribute(value=left, attr="dot"), args=[right]):
            if _is_name(left, code.numpy):
                return
            yield Replacement("product-elements", ast.BinOp(left, ast.Mult(), right), 0.6)
            yield Replacement("exchanged", _np(code, "dot", right, left), 0.8)


def arguments(node: ast.expr, _: Code) -> Iterator[Replacement]:
    """Yield arguments exchanged, left out, unpacked, or as one tuple."""
    if not isinstance(node, ast.Call):
        return
    args = node.args
    for i, j in itertools.combinations(range(len(args)), 2):
        swapped = [*args]
        swapped[i], swapped[j] = swapped[j], swapped[i]
        yield Replacement("exchanged", _with_args(node, swapped), 0.8)
    if len(args) > 2 or (len(args) == 2 and _function_name(node) not in _PRODUCTS):
        for i in range(len(args)):
            yield Replacement("argument", _with_args(node, [*args[:i], *args[i + 1 :]]), 0.8)
        yield Replacement("tuple", _with_args(node, [ast.Tuple([*args], ast.Load())]), 0.9)
    match args:
        case [ast.Tuple(elts=items) | ast.List(elts=items)]:
            yield Replacement("tuple", _with_args(node, items), 0.8)
            joined = [ast.BinOp(a, ast.Add(), b) for a, b in itertools.pairwise(items[:2])]
            yield from (Replacement("tuple", _with_args(node, [both]), 1.5) for both in joined)
        case [ast.Starred(value=value)]:
            yield Replacement("unpacked", _with_args(node, [value]), 0.7)
        case [ast.Attribute(attr="shape") as value]:
            yield Replacement("unpacked", _with_args(node, [ast.Starred(value, ast.Load())]), 0.2)
        case [ast.Name() | ast.Subscript() | ast.BinOp() as value]:
            shape = ast.Starred(ast.Attribute(value, "shape", ast.Load()), ast.Load())
            yield Replacement("unpacked", _with_args(node, [shape]), 0.9)
    if len(args) == 1 and _function_name(node) in ("zeros", "ones"):
        column = ast.Tuple([args[0], number(1)], ast.Load())
        yield Replacement("tuple", _with_args(node, [column]), 0.8)
    yield from _sizes(node)


def _sizes(node: ast.Call) -> Iterator[Replacement]:
    """Yield both sizes of an array for one of them: `*A.shape` for `A.shape[0]`."""
    match node.args:
        case [ast.Subscript(value=ast.Attribute(attr="shape") as shape)]:
            yield Replacement("unpacked", _with_args(node, [ast.Starred(shape, ast.Load())]), 0.8)
        case [ast.Subscript(value=ast.Attribute(attr="shape") as shape), _] | [
            _,
            ast.Subscript(value=ast.Attribute(attr="shape") as shape),
        ]:
            yield Replacement("unpacked", _with_args(node, [ast.Starred(shape, ast.Load())]), 1.2)


def added_arguments(node: ast.expr, code: Code) -> Iterator[Replacement]:
    """Yield an argument more: each name in scope."""
    match node:
        case ast.Call(args=args) if len(args) < 4:
            for name in code.before(node.lineno):
                yield Replacement("argument", _with_args(node, [*args, _name(name)]), MUCH, name)
                transposed = ast.Attribute(_name(name), "T", ast.Load())
                yield Replacement(
                    "argument", _with_args(node, [*args, transposed]), MUCH + 0.3, name
                )
                if args:
                    yield Replacement(
                        "argument", _with_args(node, [_name(name), *args]), MUCH + 0.2, name
                    )


def keywords(node: ast.expr, _: Code) -> Iterator[Replacement]:
    """Yield `axis` and `keepdims` added, taken away or changed; a keyword in the place of a value."""
    if not isinstance(node, ast.Call):
        return
    for i, keyword in enumerate(node.keywords):
        rest = [*node.keywords[:i], *node.keywords[i + 1 :]]
        yield Replacement("axis", ast.Call(node.func, node.args, rest), 0.4, keyword.arg or "")
        for value in _other_values(keyword):
            changed = [
                *node.keywords[:i],
                ast.keyword(keyword.arg, number(value)),
                *node.keywords[i + 1 :],
            ]
            yield Replacement("axis", ast.Call(node.func, node.args, changed), 0.3, "axis")
        for candidate in ("axis", "keepdims"):
            close = difflib.SequenceMatcher(None, keyword.arg or "", candidate).ratio()
            if keyword.arg != candidate and close > 0.5:
                renamed = [*rest, ast.keyword(candidate, keyword.value)]
                yield Replacement(
                    "keyword", ast.Call(node.func, node.args, renamed), 0.3, candidate
                )
    names = {keyword.arg for keyword in node.keywords}
    reduces = _function_name(node) in {"sum", "mean", "max", "min", "nansum", "average", "prod"}
    if not reduces:
        return
    keep, axes = (
        ast.keyword("keepdims", number(True)),
        [ast.keyword("axis", number(n)) for n in (1, 0)],
    )
    if "keepdims" not in names:
        yield Replacement(
            "axis", ast.Call(node.func, node.args, [*node.keywords, keep]), 0.4, "keepdims"
        )
    if "axis" not in names:
        for axis in axes:
            yield Replacement(
                "axis", ast.Call(node.func, node.args, [*node.keywords, axis]), 0.6, "axis"
            )
            yield Replacement("axis", ast.Call(node.func, node.args, [axis, keep]), 0.7, "axis")


def _other_values(keyword: ast.keyword) -> tuple[int, ...]:
    match keyword:
        case ast.keyword("axis", ast.Constant(int(value))):
            return (1 - value,) if value in (0, 1) else (1, 0)
        case ast.keyword("keepdims", ast.Constant(False | 0)):
            return (True,)
    return ()


def _is_module(node: ast.expr, code: Code) -> bool:
    """Return True for NumPy and for a module or a function of it."""
    while isinstance(node, ast.Attribute):
        node = node.value
    return _is_name(node, code.numpy)


def _is_size(node: ast.expr) -> bool:
    """Return True for the size or the sizes of an array."""
    inner = node.value if isinstance(node, ast.Subscript) else node
    return isinstance(inner, ast.Attribute) and inner.attr in ("shape", "size")


def _function_name(node: ast.Call) -> str:
    match node.func:
        case ast.Attribute(attr=name) | ast.Name(id=name):
            return name
    return ""


def rounded(node: ast.expr, _: Code) -> Iterator[Replacement]:
    """Yield a number that is not rounded."""
    match node:
        case ast.Call(ast.Name("round") | ast.Attribute(attr="round" | "around"), [inner, *_]):
            yield Replacement("call", inner, 0.1, ast.unparse(node.func))


_AROUND = {"square": 0.5, "sum": 0.5, "sqrt": 1.6, "log": 1.6, "abs": 2.0, "float": 2.0, "exp": 2.2}
"""Functions that are put around an expression, with their costs."""


def wrapped(node: ast.expr, code: Code) -> Iterator[Replacement]:
    """Yield a call put around an expression, or taken off it."""
    match node:
        case ast.Call(args=[inner]) if not isinstance(inner, ast.Starred):
            yield Replacement("call", inner, 0.9, ast.unparse(node.func))
        case ast.Call(func=ast.Attribute(value=inner, attr=attr)) if not _is_name(
            inner, code.numpy
        ):
            yield Replacement("call", inner, 0.9, f".{attr}")
        case ast.Attribute(value=inner) if not _is_name(inner, code.numpy):
            yield Replacement("call", inner, 1.4, f".{node.attr}")
    if (
        not _is_value(node)
        or isinstance(node, ast.Constant)
        or is_text(node)
        or _is_size(node)
        or node in code.in_brackets
        or (isinstance(node, ast.Name) and node.id not in code.arrays)
    ):
        return
    arrays = isinstance(node, ast.Name | ast.Call | ast.Subscript)
    more = 0.4 if arrays else 0.8
    for name, cost in _AROUND.items():
        call = _np(code, name, node) if name != "float" else ast.Call(_name("float"), [node], [])
        yield Replacement("wrapped", call, cost + more, name)
    for function in code.applied if not isinstance(node, ast.Call) else ():
        call = ast.Call(ast.parse(function, mode="eval").body, [node], [])
        yield Replacement("wrapped", call, 0.5 + more, function)
    squares = _np(code, "sum", _np(code, "square", node))
    yield Replacement("wrapped", squares, 1.1 if arrays else 2.0, "sum")
    for name in code.outside:
        if name in code.called or name in code.helpers:
            cost = 1.8 if name in code.called else 0.9
            yield Replacement("wrapped", ast.Call(_name(name), [node], []), cost, name)


def sized(node: ast.expr, code: Code) -> Iterator[Replacement]:
    """Yield the array for a tuple of its sizes, the number of items for a list, one size for `len`."""
    match node:
        case ast.Tuple(ctx=ast.Load()):
            for name in ("zeros", "ones"):
                yield Replacement("wrapped", _np(code, name, node), 1.0, name)
        case ast.Call(ast.Name("len"), [ast.Attribute(attr="shape") as shape]):
            for axis in (1, 0):
                yield Replacement("index", ast.Subscript(shape, number(axis), ast.Load()), 0.8)
        case ast.Name(id=name, ctx=ast.Load()) if name in code.bound and name not in code.scalars:
            cost = 0.3 if name in code.collections else 1.5
            yield Replacement("wrapped", ast.Call(_name("len"), [node], []), cost, "len")


def split(node: ast.expr, code: Code) -> Iterator[Replacement]:
    """Yield a function of each term for the function of their sum: `f(a) + f(b)` for `f(a + b)`."""
    match node:
        case ast.Call(args=[ast.BinOp(op=ast.Add()) as total]):
            yield Replacement(
                "split", _sum([_with_args(node, [term]) for term in _terms(total)]), 0.3
            )
        case ast.Call(ast.Attribute(ast.BinOp(op=ast.Add()) as total, attr), args=[]):
            methods = [ast.Attribute(term, attr, ast.Load()) for term in _terms(total)]
            calls: list[ast.expr] = [ast.Call(method, [], []) for method in methods]
            yield Replacement("split", _sum(calls), 0.3)
        case ast.Call(args=[ast.Call(args=[ast.BinOp(op=ast.Add()) as total]) as inner]):
            outer = [_with_args(node, [_with_args(inner, [term])]) for term in _terms(total)]
            yield Replacement("split", _sum(outer), 0.3)
        case ast.BinOp(op=ast.Add()):
            terms = _terms(node)
            if len(terms) > 1:
                squares = [_np(code, "sum", term) for term in terms]
                yield Replacement("split", _sum(squares), 0.9)
        case ast.Call(args=[ast.Call(args=[ast.List(elts=terms)]) as inner]) if len(terms) > 1:
            outer = [_with_args(node, [_with_args(inner, [term])]) for term in terms]
            yield Replacement("split", _sum(outer), 0.3)
        case ast.Call(args=[ast.List(elts=terms)]) if len(terms) > 1:
            yield Replacement("split", _sum([_with_args(node, [term]) for term in terms]), 0.3)
        case ast.Call(args=[_, _, *_]) if _function_name(node) == "sum":
            yield Replacement("split", _sum([_with_args(node, [arg]) for arg in node.args]), 0.4)


def _terms(node: ast.expr) -> list[ast.expr]:
    match node:
        case ast.BinOp(left, ast.Add(), right):
            return [*_terms(left), *_terms(right)]
    return [node]


def _sum(terms: Sequence[ast.expr]) -> ast.expr:
    total, *rest = terms
    for term in rest:
        total = ast.BinOp(total, ast.Add(), term)
    return total


def called(node: ast.expr, code: Code) -> Iterator[Replacement]:
    """Yield `[]` for `()`, a missing `*` before a bracket, an index of `.shape`."""
    match node:
        case ast.Call(func=func, args=args):
            is_function = _is_function(func, code)
            if len(args) == 1 and not isinstance(args[0], ast.Starred) and not is_function:
                yield Replacement("square-brackets", ast.Subscript(func, args[0], ast.Load()), 0.5)
                if not isinstance(func, ast.Attribute) or func.attr == "T":
                    yield Replacement("missing-star", ast.BinOp(func, ast.Mult(), args[0]), 0.3)
            if not args and (isinstance(func, ast.Attribute) or _is_name(func, *code.bound)):
                yield Replacement("called", func, 0.3)
        case ast.Attribute(attr="shape", value=value):
            for axis in (1, 0):
                yield Replacement("index", ast.Subscript(node, number(axis), ast.Load()), 0.6)
            yield Replacement("index", value, 1.6)


def uncalled(node: ast.expr, code: Code) -> Iterator[Replacement]:
    """Yield a call of a function or a method that lacks its brackets."""
    if node in code.functions:
        return
    match node:
        case ast.Attribute(attr=attr) if attr not in ("T", "shape") and not _is_module(node, code):
            yield Replacement("uncalled", ast.Call(node, [], []), 0.9)
        case ast.Name(id=name, ctx=ast.Load()) if name in code.outside and name != code.numpy:
            if name not in code.bound:
                yield Replacement("uncalled", ast.Call(node, [], []), 2.0)


def _is_function(node: ast.expr, code: Code) -> bool:
    """Return True for a function of NumPy, of Python, or of the notebook."""
    match node:
        case ast.Attribute(value):
            while isinstance(value, ast.Attribute):
                value = value.value
            return _is_name(value, code.numpy)
        case ast.Name(name) if name not in code.bound:
            return name in code.outside or hasattr(builtins, name)
    return False


def selected(node: ast.expr, code: Code) -> Iterator[Replacement]:
    """Yield a call or a product for `a[x]`, the size `a.shape[x]`, and `a` alone."""
    match node:
        case ast.Subscript(value=value, slice=part, ctx=ast.Load()):
            args = part.elts if isinstance(part, ast.Tuple) else [part]
            if not _is_name(value, *code.bound):
                yield Replacement("round-brackets", ast.Call(value, [*args], []), 0.6)
            if isinstance(value, ast.Attribute) and value.attr == "T":
                shape = ast.Attribute(value.value, "shape", ast.Load())
                size = ast.Subscript(shape, part, ast.Load())
                yield Replacement("sizes", size, 0.5, old=value)
            is_size = isinstance(value, ast.Attribute) and value.attr == "shape"
            yield Replacement("index" if is_size else "whole", value, 0.8)
            if isinstance(value, ast.Name) and isinstance(part, ast.Constant | ast.UnaryOp):
                shape = ast.Attribute(value, "shape", ast.Load())
                size = ast.Subscript(shape, part, ast.Load())
                yield Replacement("sizes", size, 0.9, old=value)
            if isinstance(part, ast.Name | ast.Compare):
                yield Replacement("selection", ast.BinOp(value, ast.Mult(), part), 0.5)


def stars(node: ast.expr, code: Code) -> Iterator[Replacement]:
    """Yield a product for a call of a quotient: `a / b * x` for `a / b(x)`."""
    match node:
        case ast.BinOp(left, op, ast.Call(func=func, args=[factor])):
            if not isinstance(func, ast.Attribute) and not _is_function(func, code):
                quotient = ast.BinOp(left, op, func)
                yield Replacement("missing-star", ast.BinOp(quotient, ast.Mult(), factor), 0.25)


def dotted(node: ast.expr, code: Code) -> Iterator[Replacement]:
    """Yield a call in a call for functions joined by dots: `f(g(x))` for `f.g(x)`."""
    match node:
        case ast.Call(ast.Attribute(ast.Attribute(module, first), second), args, options) if (
            _is_name(module, code.numpy) and {first, second} <= {*_FUNCTIONS}
        ):
            for outer, inner, cost in ((first, second, 0.2), (second, first, 0.6)):
                call = ast.Call(ast.Attribute(module, inner, ast.Load()), args, options)
                yield Replacement("dotted", _np(code, outer, call), cost)


def nested(node: ast.expr, _: Code) -> Iterator[Replacement]:
    """Yield two functions in the other order: `g(f(x))` for `f(g(x))`."""
    match node:
        case ast.Call(args=[ast.Call(args=[_]) as inner]):
            swapped = _with_args(inner, [_with_args(node, inner.args)])
            yield Replacement("nested", swapped, 0.8)
        case ast.BinOp(ast.Call(args=[inner]) as call, ast.Pow() as op, power):
            yield Replacement("nested", _with_args(call, [ast.BinOp(inner, op, power)]), 0.3)
        case ast.Call(args=[ast.BinOp(inner, ast.Pow() as op, power)]):
            yield Replacement("nested", ast.BinOp(_with_args(node, [inner]), op, power), 0.8)


def sequences(node: ast.expr, code: Code) -> Iterator[Replacement]:
    """Yield items of a tuple or dictionary exchanged or changed, and a tuple for another value."""
    match node:
        case ast.Tuple(elts=[single]):
            yield Replacement("comma", single, 0.1)
        case ast.Call(args=[ast.Name() as module, ast.Call(ast.Name(name)) as inner]) if (
            module.id == code.numpy
        ):
            inner = ast.Call(ast.Attribute(module, name, ast.Load()), inner.args, inner.keywords)
            yield Replacement("comma", _with_args(node, [inner]), 0.1)
        case ast.Tuple(elts=items, ctx=ctx) | ast.List(elts=items, ctx=ctx):
            if 0 < len(items) < 5 and isinstance(ctx, ast.Load):
                yield Replacement("comma", _sum(items), 0.6)
            if len(items) > 2 and isinstance(ctx, ast.Load):
                for i in range(len(items)):
                    fewer = ast.Tuple([*items[:i], *items[i + 1 :]], ctx)
                    yield Replacement("order", fewer, 0.9)
            for i in range(len(items) - 1):
                swapped = [*items[:i], items[i + 1], items[i], *items[i + 2 :]]
                cost = 0.2 if _patterns(swapped) < _patterns(items) else 0.9
                yield Replacement("order", ast.Tuple(swapped, ctx), cost)
            if len(items) == 2 and isinstance(ctx, ast.Load):
                yield Replacement("order", items[0], 1.0)
                yield Replacement("order", items[1], 1.2)
                if all(isinstance(item, ast.Constant) for item in items):
                    decimal = f"{ast.unparse(items[0])}.{ast.unparse(items[1])}"
                    yield from _number_in(decimal)


def _patterns(items: Sequence[ast.expr]) -> int:
    """Return how many pairs of neighbours differ in more than their numbers: few in a regular order."""
    letters = (parts(item.id)[:2] if isinstance(item, ast.Name) else () for item in items)
    return len(set(itertools.pairwise(letters)))


def alternatives(node: ast.expr, code: Code) -> Iterator[Replacement]:
    """Yield one part of an expression that has several, a tuple for a set, other orders of entries."""
    match node:
        case ast.Dict(keys=keys, values=values):
            for i in range(len(values) - 1):
                swapped = [*values[:i], values[i + 1], values[i], *values[i + 2 :]]
                yield Replacement("order", ast.Dict(keys, swapped), 0.4, old=values[i])
            named = {key.value for key in keys if isinstance(key, ast.Constant)}
            for text in (text for text in code.texts if text in code.bound and text not in named):
                longer = ast.Dict([*keys, ast.Constant(text)], [*values, _name(text)])
                yield Replacement("entry", longer, 0.4, text)
        case ast.List(elts=[]) | ast.Tuple(elts=[], ctx=ast.Load()):
            yield Replacement("list", ast.Dict([], []), 0.3)
        case ast.Set(elts=items):
            yield Replacement("tuple", ast.Tuple(items, ast.Load()), 0.6)
        case ast.Lambda(body=body):
            yield Replacement("extra", body, 1.5)
        case ast.IfExp(body=body, orelse=candidate):
            yield from (Replacement("extra", part, 1.0) for part in (body, candidate))


def _number_in(text: str) -> Iterator[Replacement]:
    try:
        yield Replacement("comma", number(float(text)), 0.4)
    except ValueError:
        return


def filled(node: ast.expr, code: Code) -> Iterator[Replacement]:
    """Yield one name in the place of None, or a helper function of a name that is not read yet."""
    if _is_empty(node):
        for helper, name in itertools.product(code.helpers, code.before(node.lineno)):
            if helper not in code.called and name in code.unread:
                yield Replacement("empty", ast.Call(_name(helper), [_name(name)], []), 1.0, helper)
        for i, name in enumerate(_recent(node, code)):
            yield Replacement("empty", _name(name), 1.0 + i / 20, name)


def filled_by_two(node: ast.expr, code: Code) -> Iterator[Replacement]:
    """Yield two names with an operator in the place of None."""
    if not _is_empty(node):
        return
    for a, b in itertools.permutations(_recent(node, code), 2):
        compared = ast.Compare(_name(a), [ast.Lt()], [_name(b)])
        yield Replacement("empty", compared, MUCH, a)
        for op in (ast.Mult, ast.Div, ast.Sub, ast.Add):
            yield Replacement("empty", ast.BinOp(_name(a), op(), _name(b)), MUCH, a)


def _is_empty(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value in (None, ...)


def _recent(node: ast.expr, code: Code) -> list[str]:
    """Return the ten names assigned last before a node, and those of single numbers."""
    recent = sorted(code.before(node.lineno), key=lambda name: -code.bound[name])
    return list(dict.fromkeys([*recent[:10], *code.scalars]))


class ExpressionRow(NamedTuple):
    """A row of the table: no replacement that `edit` yields costs less than `least`.

    A name that should be used costs less than in `near`, so its row starts below that.
    """

    least: float
    edit: ExpressionEdit


EXPRESSIONS: tuple[ExpressionRow, ...] = (
    ExpressionRow(-_UNREAD, names),
    ExpressionRow(0.1, prefixes),
    ExpressionRow(0.1, sequences),
    ExpressionRow(0.1, signs),
    ExpressionRow(0.1, rounded),
    ExpressionRow(0.2, arguments),
    ExpressionRow(0.2, attributes),
    ExpressionRow(0.2, dotted),
    ExpressionRow(0.2, products),
    ExpressionRow(0.2, texts),
    ExpressionRow(0.25, stars),
    ExpressionRow(0.3, alternatives),
    ExpressionRow(0.3, brackets),
    ExpressionRow(0.3, called),
    ExpressionRow(0.3, counted),
    ExpressionRow(0.3, joined_texts),
    ExpressionRow(0.3, keywords),
    ExpressionRow(0.3, nested),
    ExpressionRow(0.3, split),
    ExpressionRow(0.3, strings),
    ExpressionRow(0.4, operators),
    ExpressionRow(0.5, other_names),
    ExpressionRow(0.5, regrouped),
    ExpressionRow(0.5, selected),
    ExpressionRow(0.5, shares),
    ExpressionRow(0.6, comparisons),
    ExpressionRow(0.6, divisors),
    ExpressionRow(0.6, regrouping),
    ExpressionRow(_UNREAD, unread_operands),
    ExpressionRow(0.7, moved_brackets),
    ExpressionRow(0.7, transposed),
    ExpressionRow(0.8, literals),
    ExpressionRow(0.9, uncalled),
    ExpressionRow(0.9, wrapped),
    ExpressionRow(1.0, filled),
    ExpressionRow(0.3, sized),
    ExpressionRow(1.1, factors),
)
"""All edits of an expression. A new row needs a row of the catalogue with its words, and nothing else."""

MANY: tuple[ExpressionRow, ...] = (
    ExpressionRow(MUCH, operands),
    ExpressionRow(MUCH, added_arguments),
    ExpressionRow(MUCH, filled_by_two),
)
"""Edits of which there are many at each place."""
