"""Slips in the Python language that an error and the line that raised it show."""

from __future__ import annotations

import ast
import difflib
import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from grader.messages import gettext
from grader.messages.sanitize import one_line
from grader.model import Raised

_TEXT = r"""#.*|'[^']*'|"[^"]*\""""
_LAMBDA_AS_A_NAME = r"(?<!\.)\blambda\b(?!\s*:|\s+\w|\s*\*\s*,|\s*\*+\w[\w\s,*=]*:|\s*\(.*\)\s*:)"
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
_OF_ONE_ARRAY = {"sum", "mean", "prod", "square", "abs", "sqrt", "exp", "log", "max", "min"}
_XOR = ("'bitwise_xor'", "for ^")
_CONTAINERS = {"list": gettext("list"), "tuple": gettext("tuple"), "dict": gettext("dictionary")}
_OPERANDS = re.compile(
    r"^unsupported operand type\(s\) for (?P<operator>\S+): '(?P<left>[\w.]+)' and '(?P<right>[\w.]+)'"
)
_SYMBOLS: dict[type[ast.AST], str] = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.FloorDiv: "//",
    ast.MatMult: "@",
}
_DIVISION = ast.Div | ast.FloorDiv | ast.Mod
_TOO_LARGE = re.compile(
    r"could not broadcast input array from shape (\(.*?\)) into shape (\(.*?\))"
)
_TIMES = re.compile(r"[\d)\]]\s+[xX]\s+[\w(]|\w\s+[xX]\s+\d")


class Slip(NamedTuple):
    """A typing mistake behind a Python error: the variant of the diagnosis for it, and its values."""

    variant: str
    values: Mapping[str, str] = MappingProxyType({})


def of_syntax(message: str, text: str, parameters: Sequence[str]) -> Slip | None:
    """Return the slip of a line that uses `lambda`, a keyword of Python, as a name, or `x` for `*`.

    `message` is that of the SyntaxError, `text` its line.

    >>> of_syntax("invalid syntax", "y = lambda / m", ["Y", "lambda_"])
    Slip(variant='parameter', values={'name': 'lambda_'})
    >>> of_syntax("invalid syntax", "y = f(2) x 10", []).variant
    'times'
    """
    plain = re.sub(_TEXT, "", text)
    if message == "invalid syntax" and _TIMES.search(plain):
        return Slip("times")
    if message != "invalid syntax" or not re.search(_LAMBDA_AS_A_NAME, plain):
        return None
    close = difflib.get_close_matches("lambda", parameters, n=1)
    return Slip("parameter", {"name": close[0]}) if close else Slip("keyword")


def of_error(error: Raised, nodes: Sequence[ast.AST]) -> Slip | None:
    """Return the slip that an error and its line show, or None.

    `nodes` are those of the whole cell that the line is in.
    """
    here = _at(nodes, error.line or 0)
    has_xor = any(isinstance(getattr(node, "op", None), ast.BitXor) for node in here)
    slips = (
        Slip("xor") if has_xor and _is_of(error, "TypeError", *_XOR) else None,
        _array_for_key(error, here, nodes),
        _array_for_number(error, here),
        _array_for_truth(error, here),
        _several_arrays(error, here),
        _container_in_arithmetic(error, here),
        _nothing_returned(error, here),
        _zero_divisor(error, here),
        _too_large_for_element(error, here),
        _unequal_shapes(error),
        _too_few_arguments(error, here),
        _number_with_index(error, here),
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
    return _quoted(*keys[0]) if _takes_text_keys(keys[0][0], nodes) else None


def set_before(name: str, line: int, nodes: Sequence[ast.AST]) -> str:
    """Return a target of a line that was set before and differs in one character, or nothing.

    A line such as `dA2 = dA1 * D2` that continues `dA2 = ...` probably means `dA2`.
    """
    for node in _at(nodes, line):
        match node:
            case ast.Assign(targets=[ast.Name(id=target)]) | ast.AugAssign(ast.Name(id=target)):
                earlier = _set_above(node.lineno, nodes)
                return target if target in earlier and _differ_in_one(name, target) else ""
    return ""


def _set_above(line: int, nodes: Sequence[ast.AST]) -> set[str]:
    """Return the parameters and variables of the function around a line that are set before it."""
    around = [node for node in nodes if isinstance(node, ast.FunctionDef) and _spans(node, line)]
    names = set()
    for node in ast.walk(around[-1]) if around else ():
        match node:
            case ast.arg(arg=name, lineno=at) | ast.Name(id=name, ctx=ast.Store(), lineno=at):
                names |= {name} if at < line else set()
    return names


def _differ_in_one(first: str, second: str) -> bool:
    """Return True if names differ in one digit, or in one other character and are close."""
    pairs = [pair for pair in zip(first, second, strict=False) if pair[0] != pair[1]]
    if len(first) != len(second) or len(pairs) != 1:
        return False
    return "".join(pairs[0]).isdigit() or bool(difflib.get_close_matches(first, [second]))


def _spans(node: ast.stmt | ast.expr, line: int) -> bool:
    return node.lineno <= line <= (node.end_lineno or 0)


def _at(nodes: Sequence[ast.AST], line: int) -> list[ast.AST]:
    """Return the nodes at a line: its statement, or the head of a compound one, and their parts."""
    return [node for node in nodes if _is_at(node, line)]


def _is_at(node: ast.AST, line: int) -> bool:
    match node:
        case ast.If(test=test) | ast.While(test=test):
            return _is_at(test, line)
        case ast.expr():
            return _spans(node, line)
        case ast.stmt():
            return not hasattr(node, "body") and _spans(node, line)
    return False


def _is_of(error: Raised, kind: str, *words: str) -> bool:
    return error.kind == kind and any(word in error.message for word in words)


# ------------------------------------------------------------------ keys without quotes


def _array_for_key(error: Raised, here: Sequence[ast.AST], nodes: Sequence[ast.AST]) -> Slip | None:
    """Return the slip of an array in the place of a key, if nothing else at the line takes keys."""
    keys = _bare_keys(here)
    names = {name for _, name in keys}
    loops = [node.target for node in nodes if isinstance(node, ast.For | ast.comprehension)]
    in_turn = {n.id for target in loops for n in ast.walk(target) if isinstance(n, ast.Name)}
    if (
        not _is_of(error, "TypeError", _UNHASHABLE)
        or any(isinstance(node, _TAKES_KEYS) or _is_membership(node) for node in here)
        or _called(here, {"set", "frozenset", "dict", "hash"})
        or len({box for box, _ in keys}) != 1
        or names & in_turn
    ):
        return None
    return _quoted(*keys[0])


def _is_membership(node: ast.AST) -> bool:
    ops = node.ops if isinstance(node, ast.Compare) else ()
    return any(isinstance(op, ast.In | ast.NotIn) for op in ops)


def _quoted(box: str, key: str) -> Slip:
    return Slip("key", {"text": f'{one_line(box, limit=60)}["{one_line(key, limit=60)}"]'})


def _bare_keys(nodes: Sequence[ast.AST]) -> list[tuple[str, str]]:
    """Return the variables with a name in their brackets, and that name, in their order."""
    subscripts = []
    for node in nodes:
        match node:
            case ast.Subscript(value=ast.Name(id=box), slice=ast.Name(id=key)):
                subscripts.append((node.lineno, node.col_offset, box, key))
    return [(box, key) for _, _, box, key in sorted(subscripts)]


def _takes_text_keys(box: str, nodes: Sequence[ast.AST]) -> bool:
    """Return True if a variable is read by a key in quotes, or if several names are unpacked from it.

    The second is a line such as `W1 = parameters[W1]`.
    """
    unpacked = set()
    for node in nodes:
        match node:
            case ast.Subscript(value=ast.Name(id=name), slice=ast.Constant(value=str())):
                if name == box:
                    return True
            case ast.Assign(
                targets=[ast.Name(id=target)],
                value=ast.Subscript(value=ast.Name(id=name), slice=ast.Name(id=key)),
            ) if target == key and name == box:
                unpacked.add(target)
    return len(unpacked) > 1


# ------------------------------------------------------------------ arrays for one value


def _array_for_number(error: Raised, here: Sequence[ast.AST]) -> Slip | None:
    """Return the slip of `int` and its like around an array, if nothing else there makes a number."""
    message, makers = _MAKERS.get(error.kind, ("", set()))
    words = _called(here, makers) if message and message in error.message else set()
    scalar_math = {node.id for node in here if isinstance(node, ast.Name)} & _OF_MATH
    if len(words) != 1 or scalar_math or any(map(_is_percent_format, here)):
        return None
    if message == _NOT_ONE_TRUTH and _truths(here):
        return None
    return Slip("one-value", {"word": words.pop()})


def _is_percent_format(node: ast.AST) -> bool:
    """Return True for `"..." % values`, which converts each value to one number."""
    match node:
        case ast.BinOp(left=ast.Constant(value=str()), op=ast.Mod()):
            return True
    return False


def _array_for_truth(error: Raised, here: Sequence[ast.AST]) -> Slip | None:
    """Return the slip of an array as a condition, if one word alone at the line needs a truth value."""
    words = _truths(here)
    others_need_truth = any(
        isinstance(node, ast.Assert)
        or _is_membership(node)
        or (isinstance(node, ast.Compare) and len(node.ops) > 1)
        or any(generator.ifs for generator in getattr(node, "generators", ()))
        for node in here
    )
    if (
        not _is_of(error, "ValueError", _NOT_ONE_TRUTH)
        or len(words) != 1
        or others_need_truth
        or _called(here, _ASK_FOR_TRUTH)
    ):
        return None
    word = words.pop()
    if word in _OF_EACH.values():
        return Slip("logical", {"word": word})
    return Slip("condition", {"word": word})


# ------------------------------------------------------------------ several arrays


def _several_arrays(error: Raised, here: Sequence[ast.AST]) -> Slip | None:
    """Return the slip of several arrays as arguments of a function of one, such as `np.sum(a, b)`."""
    if error.kind not in ("TypeError", "ValueError", "AxisError"):
        return None
    for node in here:
        match node:
            case ast.Call(
                func=ast.Attribute(ast.Name("np" | "numpy") as module, attr=name),
                args=[_, second, *_],
            ) if name in _OF_ONE_ARRAY and not isinstance(second, ast.Constant | ast.Tuple):
                return Slip("one-array", {"word": f"{module.id}.{name}"})
            case ast.Call(
                func=ast.Attribute(ast.Attribute(ast.Name(module_name), "linalg"), attr="norm"),
                args=[_, second, *_],
            ) if not isinstance(second, ast.Constant):
                return Slip("one-array", {"word": f"{module_name}.linalg.norm"})
    return None


def _unequal_shapes(error: Raised) -> Slip | None:
    """Return the slip of arrays whose shapes do not fit, element by element or in a product."""
    if _is_of(error, "ValueError", "could not be broadcast together"):
        return Slip("elementwise")
    return Slip("product") if _is_of(error, "ValueError", "not aligned", "core dimension") else None


# ------------------------------------------------------------------ calls and indexes


def _too_few_arguments(error: Raised, here: Sequence[ast.AST]) -> Slip | None:
    """Return the slip of a call with too few arguments, if the line calls that function once."""
    called = re.match(r"(\w+)\(\) missing \d+ required positional argument", error.message)
    if error.kind != "TypeError" or not called:
        return None
    name = called.group(1)
    calls = [node for node in here if isinstance(node, ast.Call)]
    of_name = [c for c in calls if isinstance(c.func, ast.Name) and c.func.id == name]
    if len(of_name) != 1:
        return None
    call = one_line(ast.unparse(of_name[0]), limit=80)
    return Slip("too-few-arguments", {"call": call, "name": one_line(name, limit=60)})


def _number_with_index(error: Raised, here: Sequence[ast.AST]) -> Slip | None:
    """Return the slip of a number with an index, if only one name of the line has an index."""
    if not re.fullmatch(r"'(?:int|float|numpy\.\w+)' object is not subscriptable", error.message):
        return None
    indexed = {
        node.value.id
        for node in here
        if isinstance(node, ast.Subscript)
        and isinstance(node.value, ast.Name)
        and isinstance(node.ctx, ast.Load)
    }
    if error.kind != "TypeError" or len(indexed) != 1:
        return None
    return Slip("number-with-index", {"name": one_line(indexed.pop(), limit=60)})


# ------------------------------------------------------------------ a container for one of its values


def _container_in_arithmetic(error: Raised, here: Sequence[ast.AST]) -> Slip | None:
    """Return the slip of a whole list or dictionary where arithmetic needs a number or an array."""
    match = _OPERANDS.search(error.message) if error.kind == "TypeError" else None
    if not match:
        return None
    containers = {
        (one_line(ast.unparse(side), limit=60), _CONTAINERS[kind])
        for node in here
        if isinstance(node, ast.BinOp) and _SYMBOLS.get(type(node.op)) == match["operator"]
        for side, kind in ((node.left, match["left"]), (node.right, match["right"]))
        if kind in _CONTAINERS and isinstance(side, ast.Name | ast.Attribute | ast.Subscript)
    }
    if len(containers) != 1:
        return None
    ((text, kind),) = containers
    return Slip("whole-container", {"text": text, "kind": kind})


def _nothing_returned(error: Raised, here: Sequence[ast.AST]) -> Slip | None:
    """Return the slip of a call that returns None, as `seed` does, but is used as a value."""
    if not _is_of(error, "AttributeError", "'NoneType' object has no attribute"):
        return None
    bases = [node.value for node in here if isinstance(node, ast.Attribute)]
    calls = {one_line(ast.unparse(base), limit=60) for base in bases if isinstance(base, ast.Call)}
    return Slip("returns-none", {"text": calls.pop()}) if len(calls) == 1 else None


def _zero_divisor(error: Raised, here: Sequence[ast.AST]) -> Slip | None:
    """Return the slip of a division by zero, if there is one division at the line."""
    divisions = [n for n in here if isinstance(n, ast.BinOp) and isinstance(n.op, _DIVISION)]
    if error.kind != "ZeroDivisionError" or len(divisions) != 1:
        return None
    return Slip("divisor", {"text": one_line(ast.unparse(divisions[0].right), limit=60)})


def _too_large_for_element(error: Raised, here: Sequence[ast.AST]) -> Slip | None:
    """Return the slip of several values that are assigned to one element of an array."""
    targets = [target for node in here for target in getattr(node, "targets", ())]
    if len(targets) != 1 or not isinstance(targets[0], ast.Subscript):
        return None
    text = one_line(ast.unparse(targets[0]), limit=60)
    if shapes := _TOO_LARGE.search(error.message):
        return Slip("does-not-fit", {"text": text, "shape": shapes[1], "place": shapes[2]})
    is_sequence = _is_of(error, "ValueError", "setting an array element with a sequence")
    return Slip("several-values", {"text": text}) if is_sequence else None


def _called(nodes: Sequence[ast.AST], names: set[str]) -> set[str]:
    calls = [node.func for node in nodes if isinstance(node, ast.Call)]
    return {func.id for func in calls if isinstance(func, ast.Name)} & names


def _truths(here: Sequence[ast.AST]) -> set[str]:
    """Return the words at a line that need a truth value; parts of a condition count as its `if`."""
    heads = [node for node in here if isinstance(node, ast.If | ast.While | ast.IfExp)]
    inner = {id(node) for head in heads for node in ast.walk(head.test)}
    words = set()
    for head in heads:
        match head.test:
            case ast.Compare(ops=[ast.Is() | ast.IsNot(), *_]):
                pass  # `x is None` has a truth value for arrays, too
            case _:
                words.add("while" if isinstance(head, ast.While) else "if")
    outer = [node for node in here if id(node) not in inner]
    ops = [node.op for node in outer if isinstance(node, ast.BoolOp | ast.UnaryOp)]
    return words | {_OF_EACH[type(op)] for op in ops if type(op) in _OF_EACH}
