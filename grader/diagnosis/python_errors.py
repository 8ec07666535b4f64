"""Slips in the language itself, where an error and the line it comes from show them both."""

from __future__ import annotations

import ast
import difflib
import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from grader.messages.sanitize import printable
from grader.model import Raised

_TEXT = re.compile(r"""#.*|'[^']*'|"[^"]*\"""")
_LAMBDA_AS_A_NAME = re.compile(
    r"(?<!\.)\blambda\b(?!\s*:|\s+\w|\s*\*\s*,|\s*\*+\w[\w\s,*=]*:|\s*\(.*\)\s*:)"
)
_UNHASHABLE = "unhashable type: 'numpy.ndarray'"
_NOT_ONE_NUMBER = "arrays can be converted to Python scalars"
_NOT_ONE_TRUTH = "The truth value of an array"
_MAKERS = {
    "TypeError": (_NOT_ONE_NUMBER, {"int", "float"}),
    "ValueError": (_NOT_ONE_TRUTH, {"bool"}),
}
_OF_MATH = {"math", "cmath", "sqrt", "exp", "log", "pow"}
_ASK_FOR_TRUTH = {"max", "min", "sorted", "any", "all", "filter", "bool"}
_OF_EACH: dict[type[ast.AST], str] = {ast.And: "and", ast.Or: "or", ast.Not: "not"}
_TAKES_KEYS = ast.Dict | ast.Set | ast.DictComp | ast.SetComp
_XOR = ("'bitwise_xor'", "for ^")


class Slip(NamedTuple):
    """A slip in the language: the variant of a diagnosis that has words for it, and their values."""

    variant: str
    values: Mapping[str, str] = MappingProxyType({})


def of_syntax(message: str, text: str, parameters: Sequence[str]) -> Slip | None:
    """Return the slip of a line that uses a keyword of Python as a name, or None."""
    if message != "invalid syntax" or not _LAMBDA_AS_A_NAME.search(_TEXT.sub("", text)):
        return None
    close = difflib.get_close_matches("lambda", parameters, n=1)
    return Slip("parameter", {"name": close[0]}) if close else Slip("keyword")


def of_error(error: Raised, nodes: Sequence[ast.AST]) -> Slip | None:
    """Return the slip that an error and its line give away, or None.

    `nodes` are those of the whole cell that the line is in.
    """
    here = _at(nodes, error.line or 0)
    slips = (
        _caret(error, here),
        _array_for_key(error, here, nodes),
        _array_for_number(error, here),
        _array_for_truth(error, here),
    )
    return next(filter(None, slips), None)


def of_name(name: str, line: int, nodes: Sequence[ast.AST]) -> Slip | None:
    """Return the slip of a key without quotes, where it is an undefined name, or None.

    The code must show that it is meant as a key: the same dictionary has keys in quotes elsewhere
    in the cell, or its values are assigned to the very names of its keys.
    """
    here = _at(nodes, line)
    keys = [key for key in _bare_keys(here) if key[1] == name]
    names = [node for node in here if isinstance(node, ast.Name) and node.id == name]
    loads = [node for node in names if isinstance(node.ctx, ast.Load)]
    if not keys or len(loads) > len(keys):
        return None
    box = keys[0][0]
    is_key = box in _with_text_keys(nodes) or _is_unpacked(box, nodes)
    return _quoted(*keys[0]) if is_key else None


def set_before(name: str, line: int, nodes: Sequence[ast.AST]) -> str:
    """Return the name that a line sets anew and that differs in one character from another, or nothing.

    Whoever goes on with `dA2` in two steps reads in the second what the first one set.
    """
    for node in _at(nodes, line):
        match node:
            case ast.Assign(targets=[ast.Name(id=target)]) | ast.AugAssign(ast.Name(id=target)):
                earlier = _set_above(node.lineno, nodes)
                return target if target in earlier and _differ_in_one(name, target) else ""
    return ""


def _set_above(line: int, nodes: Sequence[ast.AST]) -> set[str]:
    """Return what the function around a line sets or is given before it."""
    around = [node for node in nodes if isinstance(node, ast.FunctionDef) and _spans(node, line)]
    found = set()
    for node in ast.walk(around[-1]) if around else ():
        match node:
            case ast.arg(arg=name, lineno=at) | ast.Name(id=name, ctx=ast.Store(), lineno=at):
                found |= {name} if at < line else set()
    return found


def _differ_in_one(name: str, other: str) -> bool:
    """Say whether two names differ in one digit, or in another character of some more."""
    pairs = [pair for pair in zip(name, other, strict=False) if pair[0] != pair[1]]
    if len(name) != len(other) or len(pairs) != 1:
        return False
    return "".join(pairs[0]).isdigit() or bool(difflib.get_close_matches(name, [other]))


def _spans(node: ast.stmt | ast.expr, line: int) -> bool:
    return node.lineno <= line <= (node.end_lineno or 0)


def _at(nodes: Sequence[ast.AST], line: int) -> list[ast.AST]:
    """Return what stands at a line: its statement, or the head of an `if`, and what they hold."""
    return [node for node in nodes if _stands_at(node, line)]


def _stands_at(node: ast.AST, line: int) -> bool:
    match node:
        case ast.If(test=test) | ast.While(test=test):
            return _stands_at(test, line)
        case ast.expr():
            return _spans(node, line)
        case ast.stmt():
            return not hasattr(node, "body") and _spans(node, line)
    return False


def _caret(error: Raised, here: Sequence[ast.AST]) -> Slip | None:
    """Return the slip of `^` for a power: it is an error for every number that has a fraction."""
    is_xor = error.kind == "TypeError" and any(word in error.message for word in _XOR)
    if is_xor and any(isinstance(getattr(node, "op", None), ast.BitXor) for node in here):
        return Slip("xor")
    return None


# ------------------------------------------------------------------ keys without quotes


def _array_for_key(error: Raised, here: Sequence[ast.AST], nodes: Sequence[ast.AST]) -> Slip | None:
    """Return the slip of an array in the place of a key, if nothing else at the line takes keys."""
    if error.kind != "TypeError" or _UNHASHABLE not in error.message:
        return None
    keys = _bare_keys(here)
    literal = any(isinstance(node, _TAKES_KEYS) or _looks_through(node) for node in here)
    hashes = literal or _called(here, {"set", "frozenset", "dict", "hash"})
    if hashes or len({box for box, _ in keys}) != 1 or {key for _, key in keys} & _in_turn(nodes):
        return None
    return _quoted(*keys[0])


def _looks_through(node: ast.AST) -> bool:
    """Say whether something is looked for in something else."""
    ops = node.ops if isinstance(node, ast.Compare) else ()
    return any(isinstance(op, ast.In | ast.NotIn) for op in ops)


def _quoted(box: str, key: str) -> Slip:
    return Slip("key", {"text": f'{printable(box, limit=60)}["{printable(key, limit=60)}"]'})


def _bare_keys(nodes: Sequence[ast.AST]) -> list[tuple[str, str]]:
    """Return what is asked for a name without quotes, and that name, in their order."""
    found = []
    for node in nodes:
        match node:
            case ast.Subscript(value=ast.Name(id=box), slice=ast.Name(id=key)):
                found.append((node.lineno, node.col_offset, box, key))
    return [(box, key) for _, _, box, key in sorted(found)]


def _with_text_keys(nodes: Sequence[ast.AST]) -> set[str]:
    found = set()
    for node in nodes:
        match node:
            case ast.Subscript(value=ast.Name(id=box), slice=ast.Constant(value=str())):
                found.add(box)
    return found


def _is_unpacked(box: str, nodes: Sequence[ast.AST]) -> bool:
    """Say whether several names get what is found for the same names: `W1 = parameters[W1]`."""
    found = set()
    for node in nodes:
        match node:
            case ast.Assign(
                targets=[ast.Name(id=name)],
                value=ast.Subscript(value=ast.Name(id=one), slice=ast.Name(id=key)),
            ) if name == key and one == box:
                found.add(name)
    return len(found) > 1


def _in_turn(nodes: Sequence[ast.AST]) -> set[str]:
    """Return the names that stand for one thing after another in a loop."""
    loops = [node.target for node in nodes if isinstance(node, ast.For | ast.comprehension)]
    return {one.id for target in loops for one in ast.walk(target) if isinstance(one, ast.Name)}


# ------------------------------------------------------------------ arrays where one value is wanted


def _array_for_number(error: Raised, here: Sequence[ast.AST]) -> Slip | None:
    """Return the slip of `int` and its like around an array, if nothing else there makes a number."""
    message, makers = _MAKERS.get(error.kind, ("", set()))
    words = _called(here, makers) if message and message in error.message else set()
    scalar_math = {node.id for node in here if isinstance(node, ast.Name)} & _OF_MATH
    if len(words) != 1 or scalar_math or any(map(_fills_in, here)):
        return None
    if message == _NOT_ONE_TRUTH and _truths(here):
        return None
    return Slip("one-value", {"word": words.pop()})


def _fills_in(node: ast.AST) -> bool:
    """Say whether numbers are put into a text by `%`, which makes single ones of them too."""
    return isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod) and _is_text(node.left)


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def _array_for_truth(error: Raised, here: Sequence[ast.AST]) -> Slip | None:
    """Return the slip of an array that is to be true or false, if one word alone asks for that."""
    if error.kind != "ValueError" or _NOT_ONE_TRUTH not in error.message:
        return None
    words = _truths(here)
    if len(words) != 1 or any(map(_asks_otherwise, here)) or _called(here, _ASK_FOR_TRUTH):
        return None
    word = words.pop()
    if word in _OF_EACH.values():
        return Slip("logical", {"word": word})
    return Slip("condition", {"word": word})


def _asks_otherwise(node: ast.AST) -> bool:
    chained = isinstance(node, ast.Compare) and len(node.ops) > 1
    sifted = any(one.ifs for one in getattr(node, "generators", ()))
    return chained or sifted or isinstance(node, ast.Assert) or _looks_through(node)


def _called(nodes: Sequence[ast.AST], names: set[str]) -> set[str]:
    calls = [node.func for node in nodes if isinstance(node, ast.Call)]
    return {func.id for func in calls if isinstance(func, ast.Name)} & names


def _truths(here: Sequence[ast.AST]) -> set[str]:
    """Return the words at a line that ask for a truth value; what a test is made of goes by its `if`."""
    heads = [node for node in here if isinstance(node, ast.If | ast.While | ast.IfExp)]
    within = {id(inner) for head in heads for inner in ast.walk(head.test)}
    words = {
        "while" if isinstance(head, ast.While) else "if"
        for head in heads
        if not _is_of_identity(head.test)
    }
    own = [node for node in here if id(node) not in within]
    ops = [node.op for node in own if isinstance(node, ast.BoolOp | ast.UnaryOp)]
    return words | {_OF_EACH[type(op)] for op in ops if type(op) in _OF_EACH}


def _is_of_identity(test: ast.expr) -> bool:
    """Say whether a test is `x is None` or the like, which holds for arrays as for anything else."""
    return isinstance(test, ast.Compare) and isinstance(test.ops[0], ast.Is | ast.IsNot)
