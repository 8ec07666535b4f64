"""The table of edits of a whole statement: left out, moved, indented, copied from another layer."""

from __future__ import annotations

import ast
import builtins
import functools
import itertools
import re
from collections.abc import Callable, Iterator, Mapping, Set
from typing import NamedTuple

from grader.diagnosis.repair.code import Code, text_of
from grader.diagnosis.repair.edits import near, parts, symbol_of

_WORDS = re.compile(r"\b[A-Za-z_]\w*")
_DIGITS = re.compile(r"(?<=[A-Za-z_])\d+\b")
_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"")


class LineChange(NamedTuple):
    """An edit of lines: its kind and cost, the function that makes the new cell, a name for its words."""

    kind: str
    render: Callable[[], str]
    cost: float = 1.0
    name: str = ""
    old: ast.AST | None = None


StatementEdit = Callable[[ast.stmt, Code], Iterator[LineChange]]


def _is_simple(node: ast.stmt) -> bool:
    return not hasattr(node, "body")


def _span(node: ast.stmt) -> tuple[int, int]:
    return node.lineno, node.end_lineno or node.lineno


def _indent(node: ast.stmt, code: Code) -> str:
    return code.lines[node.lineno - 1].encode()[: node.col_offset].decode()


def _as(node: ast.stmt, new: ast.stmt, code: Code) -> Callable[[], str]:
    return lambda: code.with_statement(node, text_of(new))


# ------------------------------------------------------------------ assignments


def assignments(node: ast.stmt, code: Code) -> Iterator[LineChange]:
    """Yield `=` for `==`, `+=` for `=` and back, a new array for a change in place."""
    match node:
        case ast.Expr(ast.Compare(left=ast.Name(name), ops=[ast.Eq()], comparators=[value])):
            target = ast.Name(name, ast.Store())
            yield LineChange(
                "assign", _as(node, ast.Assign([target], value, lineno=1), code), 0.1, name
            )
        case ast.Expr(ast.BinOp(ast.Name() | ast.Subscript() as left) as value):
            text = f"{ast.unparse(left)} = {ast.unparse(value)}"
            yield LineChange("unassigned", _as_text(node, text, code), 0.2)
        case ast.AugAssign(target=ast.Name(name), op=op, value=value):
            target, old = ast.Name(name, ast.Store()), ast.Name(name, ast.Load())
            plain = ast.Assign([target], value, lineno=1)
            yield LineChange("augmented", _as(node, plain, code), 0.7, name)
            longer = ast.Assign([target], ast.BinOp(old, op, value), lineno=1)
            yield LineChange("in-place", _as(node, longer, code), 0.6, name)
            for other in (ast.Add, ast.Sub, ast.Mult, ast.Div):
                changed = ast.AugAssign(target, other(), value)
                yield LineChange("operator", _as(node, changed, code), 0.5, f"{symbol_of(op)}=")
        case ast.Assign(targets=[ast.Name(name)], value=value):
            target = ast.Name(name, ast.Store())
            adds = isinstance(value, ast.UnaryOp) and isinstance(value.op, ast.UAdd | ast.USub)
            term = value.operand if isinstance(value, ast.UnaryOp) else value
            operations = ((ast.Add(), 0.1 if adds else 1.2), (ast.Mult(), 1.6), (ast.Div(), 1.8))
            for op, cost in operations if code.bound[name] < node.lineno else ():
                changed = ast.AugAssign(target, op, term)
                yield LineChange("augmented", _as(node, changed, code), cost, name)
        case ast.Assign(targets=[ast.Subscript() | ast.Attribute() as left], value=ast.Name(name)):
            value = ast.parse(ast.unparse(left), mode="eval").body
            new = ast.Assign([ast.Name(name, ast.Store())], value, lineno=1)
            yield LineChange("sides", _as(node, new, code), 0.2, name)


def shared(node: ast.stmt, code: Code) -> Iterator[LineChange]:
    """Yield a copy for an array that gets a second name: `b = np.copy(a)` for `b = a`.

    Also a line of another name that makes a new array.
    """
    match node:
        case ast.Assign(targets=[ast.Name()], value=ast.Name(name)) if name in code.arrays:
            text = code.simple[node].text
            copied = f"{text.removesuffix(name)}{code.numpy}.copy({name})"
            yield LineChange("shared", _as_text(node, copied, code), 0.1, name)
            yield from _counterparts(node, code, cost=0.2)


def idle_names(node: ast.stmt, code: Code) -> Iterator[LineChange]:
    """Yield two variables that nothing reads in the place of two others."""
    value = node.value if isinstance(node, ast.Assign | ast.Return) else None
    idle = sorted(code.idle & {*code.before(node.lineno)}, key=lambda name: code.bound[name])
    if value is None or not 1 < len(idle) < 5:
        return
    nodes = (n for n in ast.walk(value) if isinstance(n, ast.Name) and n.id in code.values)
    read = {n.id: n for n in nodes}
    for olds, news in itertools.product(
        itertools.combinations(read, 2), itertools.permutations(idle, 2)
    ):
        text = _WORDS.sub(
            functools.partial(_renaming, dict(zip(olds, news, strict=True))), text_of(node)
        )
        yield LineChange("name", _as_text(node, text, code), 0.2, news[0], read[olds[0]])


def _renaming(names: Mapping[str, str], match: re.Match[str]) -> str:
    return names.get(match[0], match[0])


def selections(node: ast.stmt, code: Code) -> Iterator[LineChange]:
    """Yield square brackets for all round ones after a variable: `sizes[l], sizes[l - 1]`."""
    functions = [n.func for n in ast.walk(node) if isinstance(n, ast.Call)]
    names = [f.id for f in functions if isinstance(f, ast.Name) and f.id in code.bound]
    for name in dict.fromkeys(name for name in names if names.count(name) > 1):
        text = re.sub(rf"\b{re.escape(name)}\(([^()]*)\)", rf"{name}[\1]", text_of(node))
        yield LineChange("square-brackets", _as_text(node, text, code), 0.3)


def continued(node: ast.stmt, code: Code) -> Iterator[LineChange]:
    """Yield a line with the term that stands alone on the next one, such as `+ b`."""
    block = next((b for b in code.blocks if node in b), [node])
    below = next(iter(block[block.index(node) + 1 :]), None)
    match node, below:
        case (
            (ast.Assign(value=ast.expr() as value) | ast.Return(value=ast.expr() as value)),
            (ast.Expr(ast.UnaryOp(ast.UAdd() | ast.USub() as sign, term))),
        ):
            op = ast.Add() if isinstance(sign, ast.UAdd) else ast.Sub()
            head = code.simple[node].text.removesuffix(ast.unparse(value))
            text = head + ast.unparse(ast.BinOp(value, op, term))
            first, last = node.lineno, _span(below)[1]
            lines = [_indent(node, code) + text, *[""] * (last - first)]
            render = functools.partial(code.replaced, first, last, lines)
            yield LineChange("line-break", render, 0.1, old=below)


def keys_of_targets(node: ast.stmt, code: Code) -> Iterator[LineChange]:
    """Yield the name of the variable as the key: `b1 = parameters["b1"]` for `b1 = parameters["W1"]`."""
    match node:
        case ast.Assign([ast.Name(name)], ast.Subscript(box, ast.Constant(str(key)) as old)):
            if name in code.texts and key != name:
                item = ast.Subscript(box, ast.Constant(name), ast.Load())
                new = ast.Assign([ast.Name(name, ast.Store())], item, lineno=1)
                yield LineChange("key", _as(node, new, code), 0.1, name, old)


def chained(node: ast.stmt, code: Code) -> Iterator[LineChange]:
    """Yield targets of an unpacking exchanged, with one more or one less."""
    match node:
        case ast.Assign(targets=[ast.Tuple(elts=items)], value=value):
            for i in range(len(items)):
                fewer = ast.Tuple([*items[:i], *items[i + 1 :]], ast.Store())
                yield LineChange(
                    "unpacking", _as(node, ast.Assign([fewer], value, lineno=1), code), 0.9
                )
                more = [*items[:i], ast.Name("_", ast.Store()), *items[i:]]
                longer = ast.Assign([ast.Tuple(more, ast.Store())], value, lineno=1)
                yield LineChange("unpacking", _as(node, longer, code), 1.1)
            for rest in _without_a_letter(items):
                fewer = ast.Tuple(rest, ast.Store())
                yield LineChange(
                    "unpacking", _as(node, ast.Assign([fewer], value, lineno=1), code), 0.5
                )
            for missing in _missing_between(items):
                for i in range(len(items) + 1):
                    more = [*items[:i], ast.Name(missing, ast.Store()), *items[i:]]
                    longer = ast.Assign([ast.Tuple(more, ast.Store())], value, lineno=1)
                    yield LineChange("unpacking", _as(node, longer, code), 0.6, missing)
            if isinstance(value, ast.Name) and len(items) < 3:
                shape = ast.Attribute(value, "shape", ast.Load())
                sized = ast.Assign([ast.Tuple(items, ast.Store())], shape, lineno=1)
                yield LineChange("sizes", _as(node, sized, code), 0.4, old=value)
        case ast.Assign(
            targets=[ast.Name() | ast.Subscript() as target], value=ast.Call() as value
        ):
            first = ast.Tuple([target, ast.Name("_", ast.Store())], ast.Store())
            longer = ast.Assign([first], value, lineno=1)
            yield LineChange("unpacking", _as(node, longer, code), 1.1)
        case ast.Assign(targets=[ast.Name() as target, ast.Name() as second], value=value):
            for one in (target, second):
                yield LineChange("assign", _as(node, ast.Assign([one], value, lineno=1), code), 1.0)


def _without_a_letter(items: list[ast.expr]) -> Iterator[list[ast.expr]]:
    """Yield targets without those of one letter, such as D1 and D2 among Z1, D1, Z2, D2."""
    letters = [_DIGITS.sub("", item.id) if isinstance(item, ast.Name) else "" for item in items]
    for letter in dict.fromkeys(letters):
        rest = [item for item, own in zip(items, letters, strict=True) if own != letter]
        if rest and len(rest) < len(items) - 1:
            yield rest


def _missing_between(items: list[ast.expr]) -> Iterator[str]:
    """Yield names of the pattern of some targets that no target has, such as W2 beside W1 and b2."""
    names = [item.id for item in items if isinstance(item, ast.Name)]
    letters = {_DIGITS.sub("", name) for name in names}
    numbers = {n for name in names for n in _DIGITS.findall(name)}
    yield from (a + n for a in sorted(letters) for n in sorted(numbers) if a + n not in names)


# ------------------------------------------------------------------ return


def returns(node: ast.stmt, code: Code) -> Iterator[LineChange]:
    """Yield another value returned, a pair for one value, the value of an expression returned."""
    match node:
        case ast.Return(value=value):
            for name in code.bound:
                named = ast.Return(ast.Name(name, ast.Load()))
                yield LineChange("return-value", _as(node, named, code), 1.0, name)
                if value is not None and not isinstance(value, ast.Tuple):
                    pair = ast.Return(ast.Tuple([value, ast.Name(name, ast.Load())], ast.Load()))
                    yield LineChange("return-pair", _as(node, pair, code), 1.1, name)
                    pair = ast.Return(ast.Tuple([ast.Name(name, ast.Load()), value], ast.Load()))
                    yield LineChange("return-pair", _as(node, pair, code), 1.1, name)
            if isinstance(value, ast.List | ast.Set):
                pair = ast.Return(ast.Tuple(value.elts, ast.Load()))
                yield LineChange("return-pair", _as(node, pair, code), 0.4)
            yield LineChange("early-return", _as(node, ast.Pass(), code), 0.8)
        case ast.Expr(ast.Call(func=ast.Name("print"), args=[*_, last])):
            yield LineChange("print", _as(node, ast.Return(last), code), 0.2)
        case ast.Expr(ast.Tuple() | ast.Name() | ast.BinOp() as value):
            yield LineChange("no-return", _as(node, ast.Return(value), code), 0.2)
        case ast.Expr(ast.Yield(value=value)):
            yield LineChange("no-return", _as(node, ast.Return(value), code), 0.3)


def empty_return(node: ast.stmt, code: Code) -> Iterator[LineChange]:
    """Yield two of the last variables, or their sum, in a `return` without a value."""
    match node:
        case ast.Return(value=None):
            recent = sorted(code.bound, key=lambda name: -code.bound[name])[:5]
            for a, b in itertools.combinations(recent, 2):
                for text in (f"{b} + {a}", f"{b}, {a}", f"{a}, {b}"):
                    yield LineChange("no-return", _as_text(node, f"return {text}", code), 0.9)


def missing_return(code: Code) -> Iterator[tuple[int, LineChange]]:
    """Yield a `return` of each variable at the end of the function, with the line before it."""
    assert code.definition is not None
    last = code.definition.body[-1]
    if isinstance(last, ast.Return):
        return
    indent = " " * code.definition.body[0].col_offset
    at = last.end_lineno or last.lineno
    names = sorted(code.bound, key=lambda name: -code.bound[name])

    def render(text: str) -> Callable[[], str]:
        return lambda: code.replaced(at + 1, at, [f"{indent}return {text}"])

    for i, name in enumerate(names):
        yield at, LineChange("no-return", render(name), 0.3 + i / 20, name)
    pairs = [(a, b) for a in names[:12] for b in names[:12] if a != b]
    for a, b in pairs:
        yield at, LineChange("no-return", render(f"{a}, {b}"), 1.5, a)


# ------------------------------------------------------------------ lines


def left_out(node: ast.stmt, code: Code) -> Iterator[LineChange]:
    """Yield the statement left out, or the condition around its lines."""
    if _is_simple(node) and not isinstance(node, ast.Return | ast.Pass):
        yield LineChange("superfluous", _as(node, ast.Pass(), code), 0.8)
    match node:
        case ast.If(test=test, body=[first, *_]) if first.lineno > node.lineno:
            for value in (True, False):
                new = ast.If(ast.Constant(value), node.body, node.orelse)
                yield LineChange("condition", _as(node, new, code), 1.2)
            negated = ast.If(ast.UnaryOp(ast.Not(), test), node.body, node.orelse)
            yield LineChange("condition", _as(node, negated, code), 0.9)


def moved(node: ast.stmt, code: Code) -> Iterator[LineChange]:
    """Yield the statement one, two or more places further up or down in its block."""
    block = next((b for b in code.blocks if node in b), None)
    if block is None or not _is_simple(node):
        return
    at = block.index(node)
    for other in range(len(block)):
        if other == at or abs(other - at) > 8:
            continue
        first, last = _span(node)
        begin, end = _span(block[other])
        if first == begin or last == end or not _can_move(block, at, other, code):
            continue
        cost = 0.8 + 0.1 * abs(other - at)
        yield LineChange("order-of-lines", _moved(code, (first, last), (begin, end)), cost)


def _can_move(block: list[ast.stmt], at: int, other: int, code: Code) -> bool:
    """Return True unless a name would have no value: that of the moved line, or one that it reads."""
    node, passed = block[at], block[other:at] or block[at + 1 : other + 1]
    if other < at:
        return all(code.bound.get(n, 0) < block[other].lineno for n in code.loads[node])
    own = {n for n in code.stores[node] if code.bound.get(n) == node.lineno}
    return not any(own & code.loads[statement] for statement in passed)


def _moved(code: Code, own: tuple[int, int], there: tuple[int, int]) -> Callable[[], str]:
    """Return the function that moves lines before a statement above them, or behind one below."""

    def render() -> str:
        lines = code.lines
        taken = lines[own[0] - 1 : own[1]]
        if there[0] < own[0]:
            kept = lines[there[0] - 1 : own[0] - 1]
            return code.replaced(there[0], own[1], [*taken, *kept])
        kept = lines[own[1] : there[1]]
        return code.replaced(own[0], there[1], [*kept, *taken])

    return render


def indentation(node: ast.stmt, code: Code) -> Iterator[LineChange]:
    """Yield the last statement of a block behind it, the statement below a block in it."""
    for block in code.blocks:
        if len(block) < 2 or not block:
            continue
        for before, after in itertools.pairwise(block):
            inner = getattr(before, "body", None)
            if after is node and inner and inner[0].lineno > before.lineno:
                yield LineChange("indentation", _indented(node, code, inner[0].col_offset), 0.5)
    for outer in (n for n in code.statements if getattr(n, "body", None)):
        body = getattr(outer, "orelse", None) or outer.body  # type: ignore[attr-defined]
        if len(body) > 1 and body[-1] is node and node.lineno > outer.lineno:
            yield LineChange("indentation", _indented(node, code, outer.col_offset), 0.5)


def _indented(node: ast.stmt, code: Code, column: int) -> Callable[[], str]:
    first, last = _span(node)

    def render() -> str:
        shift = column - node.col_offset
        lines = code.lines[first - 1 : last]
        moved = [" " * shift + line if shift > 0 else line[-shift:] for line in lines]
        return code.replaced(first, last, moved)

    return render


# ------------------------------------------------------------------ layers


@functools.lru_cache(maxsize=4096)
def renumbered(text: str, shift: int) -> str | None:
    """Return a line for another layer, with all its numbers shifted; None if one falls below 0.

    >>> renumbered("dZ2 = np.dot(W3.T, dZ3)", -1)
    'dZ1 = np.dot(W2.T, dZ2)'
    """
    if any(int(n) + shift < 0 for n in _DIGITS.findall(text)) or not _DIGITS.search(text):
        return None
    return _DIGITS.sub(lambda match: str(int(match[0]) + shift), text)


def other_layer(node: ast.stmt, code: Code) -> Iterator[LineChange]:
    """Yield the line of another layer with its numbers changed; one number in the line for another."""
    if not isinstance(node, ast.Assign | ast.AugAssign):
        return
    own = code.simple[node].text
    own_target = own.split("=")[0].strip()
    numbers = sorted(set(_DIGITS.findall(own)))
    before = {*code.before(node.lineno)}
    everywhere = sorted({n for name in code.bound for n in _DIGITS.findall(name)})
    for old in numbers:
        for new in everywhere:
            if old != new:
                text = re.sub(rf"(?<=[A-Za-z_]){old}\b", new, own)
                if not _reads_others(text, before):
                    yield LineChange("layer", _as_text(node, text, code), 0.7)
                    head, value = own.partition("=")[0], text.partition("=")[2]
                    yield LineChange("layer", _as_text(node, f"{head}={value}", code), 0.7)
    yield from _counterparts(node, code, cost=0.7)
    for line in _lines_of_other_layers(node, code):
        cost = 0.9 if line.split("=")[0].strip() == own_target else 1.6
        if line != own and not _reads_others(line, before):
            yield LineChange("layer", _as_text(node, line, code), cost)


def _counterparts(node: ast.stmt, code: Code, *, cost: float) -> Iterator[LineChange]:
    """Yield the lines of other targets as those of this one, such as plus and minus."""
    for other, (text, _) in code.simple.items():
        if other is not node and isinstance(other, ast.Assign | ast.AugAssign):
            for line in renamed(text, _target(code.simple[node].text)):
                yield LineChange("layer", _as_text(node, line, code), cost)


def _reads_others(line: str, names: Set[str]) -> bool:
    """Return True if the value that a line assigns reads a name with a number that is not in `names`."""
    words = _WORDS.findall(_QUOTED.sub("", line.partition("=")[2]))
    return any(_DIGITS.search(word) and word not in names for word in words)


def _lines_of_other_layers(node: ast.stmt, code: Code) -> Iterator[str]:
    for other, (text, _) in code.simple.items():
        if other is not node and isinstance(other, ast.Assign | ast.AugAssign):
            yield from filter(None, (renumbered(text, shift) for shift in (-2, -1, 1, 2)))


def renamed(text: str, target: str) -> Iterator[str]:
    """Yield a line as the line for another target, if the targets end in other words.

    >>> list(renamed("J_plus[i] = f(theta_plus)", "J_minus[i]"))
    ['J_minus[i] = f(theta_minus)']
    """
    pairs = zip(_WORDS.findall(_target(text)), _WORDS.findall(target), strict=False)
    ends = {_ends(old, new) for old, new in pairs if old != new}
    for old, new in ends if len(ends) == 1 else ():
        if min(len(old), len(new)) > 2 and old.isalpha() and new.isalpha():
            yield text.replace(old, new)


def counterpart(first: str, second: str) -> tuple[str, str] | None:
    """Return the ends of words in which two lines differ, if they differ in nothing else.

    >>> counterpart("J_plus = f(theta_plus)", "J_minus = f(theta_minus)")
    ('plus', 'minus')
    """
    pairs = zip(_WORDS.findall(first), _WORDS.findall(second), strict=False)
    ends = {_ends(old, new) for old, new in pairs if old != new}
    names = next(iter(ends)) if len(ends) == 1 else ("", "")
    return names if names[0] and first.replace(*names) == second else None


def _ends(first: str, second: str) -> tuple[str, str]:
    """Return what follows the common beginning of two words."""
    pairs = itertools.takewhile(lambda pair: pair[0] == pair[1], zip(first, second, strict=False))
    same = len(list(pairs))
    return first[same:], second[same:]


def _as_text(node: ast.stmt, text: str, code: Code) -> Callable[[], str]:
    return lambda: code.with_statement(node, text)


def missing_lines(code: Code) -> Iterator[tuple[int, LineChange]]:
    """Yield the lines of other layers that the function lacks, each where its names are ready.

    The number is that of the line before the place.
    """
    present = {text for text, _ in code.simple.values()}
    lines: dict[str, None] = {}
    for other, (text, _) in code.simple.items():
        if isinstance(other, ast.Assign | ast.AugAssign):
            for shift in (-2, -1, 1, 2):
                line = renumbered(text, shift)
                if line and line not in present and not _reads_others(line, code.bound.keys()):
                    lines[line] = None
    firsts: dict[str, int] = {}
    for node, (text, _) in code.simple.items():
        firsts.setdefault(_target(text), node.lineno)
    for line in lines:
        target = _target(line)
        first = code.bound.get(target, firsts.get(target))
        # In `A = f(A)` another name is likelier than a line above.
        reads_itself = any(
            node.lineno == first and target in code.loads[node] for node in code.simple
        )
        for after in _places(line, code):
            is_early = first is None or first > _span(after)[1]
            cost = 0.6 if is_early and not reads_itself else 2.0
            change = LineChange("missing-line", _inserted(code, after, line), cost, target)
            yield _span(after)[1], change


def _target(line: str) -> str:
    return line.split("=", maxsplit=1)[0].strip(" +-*/")


def missing_starts(code: Code) -> Iterator[tuple[int, LineChange]]:
    """Yield the first value of a name that a line adds to or multiplies, above the loop around it."""
    assert code.definition is not None
    for name in code.bound.keys() - set(code.parameters):
        stores = [node for node, simple in code.simple.items() if name in simple.stores]
        first = next(iter(stores), None)
        if first is None or not _reads(first, name):
            continue
        outer = next(s for s in reversed(code.definition.body) if s.lineno <= first.lineno)
        for value, cost in ((0, 0.3), (1, 0.9)):
            line = f"{_indent(outer, code)}{name} = {value}"
            render = functools.partial(code.replaced, outer.lineno, outer.lineno - 1, [line])
            yield first.lineno, LineChange("start-value", render, cost, name, first)


def _reads(node: ast.stmt, name: str) -> bool:
    """Return True if a statement reads a name."""
    nodes = [n for n in ast.walk(node) if isinstance(n, ast.Name) and n.id == name]
    return isinstance(node, ast.AugAssign) or any(isinstance(n.ctx, ast.Load) for n in nodes)


_MOST_VALUES = 120


def undefined_names(code: Code) -> Iterator[tuple[int, LineChange]]:
    """Yield lines that assign a name which the function reads but nothing defines."""
    known = {*code.bound, *code.outside, *dir(builtins), code.numpy}
    for name in sorted(code.read - known):
        first = next((s for s in code.statements if name in _names_in(s)), None)
        if first is None:  # a name in the function's head
            continue
        indent, at = _indent(first, code), first.lineno
        for i, value in enumerate(itertools.islice(_values_of(name, code, at), _MOST_VALUES)):
            line = f"{indent}{name} = {value}"
            render = functools.partial(code.replaced, at, at - 1, [line])
            yield at, LineChange("undefined", render, 1.9 + i / 50, name)


def _names_in(statement: ast.stmt) -> set[str]:
    return {node.id for node in ast.walk(statement) if isinstance(node, ast.Name)}


def _values_of(name: str, code: Code, line: int) -> Iterator[str]:
    """Yield what an undefined name may stand for: an item, a function of a name, two names."""
    before = sorted(code.before(line), key=lambda other: other not in code.unread)
    layer = parts(name)[-1:]
    if name in code.texts:
        yield from (f"{box}[{name!r}]" for box in code.parameters)
    unread = [value for value in before if value in code.unread]
    for a, b in itertools.permutations(unread[:4], 2):
        yield from (f"{a} {op} {b}" for op in "-*+/<")
    yield from ("2", "0.5")  # 1 and 0 would be right where the name is one too many
    yield from (f"{value}.shape[{axis}]" for value in code.parameters for axis in (1, 0))
    alike = [value for value in before if parts(value)[-1:] == layer] or before
    yield from (
        f"{call}({value})" for call in sorted({*code.called, *code.helpers}) for value in alike
    )
    few = list(dict.fromkeys([*unread, *alike, *code.parameters]))[:12]
    for a, b in itertools.permutations(few, 2):
        yield from (f"{a} {op} {b}" for op in "-*+/<")


def _places(text: str, code: Code) -> list[ast.stmt]:
    """Return the statements behind which a line may be missing: the last that assign what it reads."""
    used = set(_WORDS.findall(text))
    places = [node for node, (_, stores) in code.simple.items() if stores & used]
    return places[-4:]


def _inserted(code: Code, after: ast.stmt, text: str) -> Callable[[], str]:
    end = _span(after)[1]
    return lambda: code.replaced(end + 1, end, [_indent(after, code) + text])


def spelled_target(node: ast.stmt, code: Code) -> Iterator[LineChange]:
    """Yield an undefined name as the target of a line, above all of one that assigns a name again."""
    match node:
        case ast.Assign(targets=[ast.Name(name)], value=value):
            again = sum(name in simple.stores for simple in code.simple.values()) > 1
            for other, cost in near(name, sorted(code.read - code.bound.keys())):
                if cost < (1.7 if again else 1.2):
                    target = ast.Name(other, ast.Store())
                    new = ast.Assign([target], value, lineno=1)
                    change = cost / 2 - 0.8 if again else cost + 0.3
                    yield LineChange("name", _as(node, new, code), change, other)


Insertion = Callable[[Code], Iterator[tuple[int, LineChange]]]


class StatementRow(NamedTuple):
    """A row of the table: no change that `edit` yields costs less than `least`."""

    least: float
    edit: StatementEdit


STATEMENTS: tuple[StatementRow, ...] = (
    StatementRow(-0.7, spelled_target),
    StatementRow(0.1, assignments),
    StatementRow(0.1, continued),
    StatementRow(0.1, keys_of_targets),
    StatementRow(0.1, shared),
    StatementRow(0.2, idle_names),
    StatementRow(0.2, returns),
    StatementRow(0.3, selections),
    StatementRow(0.4, chained),
    StatementRow(0.5, indentation),
    StatementRow(0.7, other_layer),
    StatementRow(0.8, left_out),
    StatementRow(0.9, empty_return),
    StatementRow(0.9, moved),
)
"""All edits of one statement."""

INSERTIONS: tuple[Insertion, ...] = (
    missing_return,
    missing_lines,
    missing_starts,
    undefined_names,
)
"""Edits that add a line."""
