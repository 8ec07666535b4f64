"""Slips in the language itself, where an error and the line it comes from show them both."""

from __future__ import annotations

import ast
import difflib
import re
from collections.abc import Sequence

from grader.messages import gettext
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


def of_syntax(message: str, text: str, parameters: Sequence[str]) -> str:
    """Return what to write in place of a word of Python's own that a line has for a name, or nothing."""
    if message != "invalid syntax" or not _LAMBDA_AS_A_NAME.search(_TEXT.sub("", text)):
        return ""
    close = difflib.get_close_matches("lambda", parameters, n=1)
    if close:
        return gettext(
            ("`lambda` is a Python keyword, so it cannot be a name. Use the parameter `{name}`."),
            name=close[0],
        )
    return gettext("`lambda` is a Python keyword, so it cannot be a name. Choose another name.")


def of_error(error: Raised, nodes: Sequence[ast.AST]) -> str:
    """Return what to write in place of what stands at the line of an error, or nothing.

    `nodes` are those of the whole cell that the line is in.
    """
    here = _at(nodes, error.line or 0)
    told = (
        _caret(error, here),
        _array_for_key(error, here, nodes),
        _array_for_number(error, here),
        _array_for_truth(error, here),
    )
    return next(filter(None, told), "")


def of_name(name: str, line: int, nodes: Sequence[ast.AST]) -> str:
    """Return how to write a key that stands without quotes, where its name is not defined.

    That it is meant as a key must show: the same thing has keys in quotes elsewhere in the cell, or
    what is taken out of it gets the very names of its keys.
    """
    here = _at(nodes, line)
    keys = [found for found in _bare_keys(here) if found[1] == name]
    read = [node for node in here if isinstance(node, ast.Name) and node.id == name]
    loads = [node for node in read if isinstance(node.ctx, ast.Load)]
    if not keys or len(loads) > len(keys):
        return ""
    box = keys[0][0]
    return _quoted(*keys[0]) if box in _with_text_keys(nodes) or _is_unpacked(box, nodes) else ""


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


def _caret(error: Raised, here: Sequence[ast.AST]) -> str:
    """Tell `^` where a power is meant: it is an error for every number that has a fraction."""
    shown = error.kind == "TypeError" and any(word in error.message for word in _XOR)
    if shown and any(isinstance(getattr(node, "op", None), ast.BitXor) for node in here):
        return gettext("In Python `^` is bitwise XOR. For powers use `**` or `np.square`.")
    return ""


# ------------------------------------------------------------------ keys without quotes


def _array_for_key(error: Raised, here: Sequence[ast.AST], nodes: Sequence[ast.AST]) -> str:
    """Tell an array in the place of a key, if nothing else at the line takes keys."""
    if error.kind != "TypeError" or _UNHASHABLE not in error.message:
        return ""
    keys = _bare_keys(here)
    literal = any(isinstance(node, _TAKES_KEYS) or _looks_through(node) for node in here)
    others = literal or _called(here, {"set", "frozenset", "dict", "hash"})
    if others or len({box for box, _ in keys}) != 1 or {key for _, key in keys} & _in_turn(nodes):
        return ""
    return _quoted(*keys[0])


def _looks_through(node: ast.AST) -> bool:
    """Say whether something is looked for in something else."""
    ops = node.ops if isinstance(node, ast.Compare) else ()
    return any(isinstance(op, ast.In | ast.NotIn) for op in ops)


def _quoted(box: str, key: str) -> str:
    text = f'{printable(box, limit=60)}["{printable(key, limit=60)}"]'
    return gettext("A key that is text needs quotes. Write `{text}`.", text=text)


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


def _array_for_number(error: Raised, here: Sequence[ast.AST]) -> str:
    """Tell `int` and its like around an array, if nothing else at the line makes a number of one."""
    told, makers = _MAKERS.get(error.kind, ("", set()))
    words = _called(here, makers) if told and told in error.message else set()
    others = {node.id for node in here if isinstance(node, ast.Name)} & _OF_MATH
    if (
        len(words) != 1
        or others
        or any(map(_fills_in, here))
        or (told == _NOT_ONE_TRUTH and _truths(here))
    ):
        return ""
    return gettext(
        (
            "`{word}()` converts one value. To convert every element of an array use "
            "`.astype({word})`."
        ),
        word=words.pop(),
    )


def _fills_in(node: ast.AST) -> bool:
    """Say whether numbers are put into a text by `%`, which makes single ones of them too."""
    return isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod) and _is_text(node.left)


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def _array_for_truth(error: Raised, here: Sequence[ast.AST]) -> str:
    """Tell an array that is to be true or false, if one word at the line asks for that and no other."""
    if error.kind != "ValueError" or _NOT_ONE_TRUTH not in error.message:
        return ""
    others = any(_asks_otherwise(node) for node in here) or _called(here, _ASK_FOR_TRUTH)
    words = _truths(here)
    if others or len(words) != 1:
        return ""
    word = words.pop()
    if word in _OF_EACH.values():
        return gettext(
            "`{word}` needs single True or False values, but NumPy compares arrays "
            "element by element. Use `np.logical_{word}`.",
            word=word,
        )
    return gettext(
        "`{word}` needs one True or False value, but NumPy compares arrays element "
        "by element. Use `np.where`, or multiply by the mask.",
        word=word,
    )


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
