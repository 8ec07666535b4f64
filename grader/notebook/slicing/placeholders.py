"""Tell a function that nobody has written yet from one that is wrong.

A template marks the student's lines by comments (START CODE HERE … END CODE HERE, YOUR CODE STARTS
HERE … ENDS HERE, BEGIN SOLUTION … END SOLUTION) and may put placeholders there (`x = None`, `pass`).
This module says what a function looks like; whether it works is asked elsewhere, for right answers
are found outside the markers too.
"""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Sequence

_BEGIN = re.compile(r"^\s*#.*\b(?:START|STARTS|BEGIN)\b")
_END = re.compile(r"^\s*#.*\b(?:END|ENDS)\b")
_SUBJECT = re.compile(r"\b(?:CODER?|SOLUTION)\b")


def looks_unwritten(function: ast.FunctionDef, lines: Sequence[str]) -> bool:
    """Say whether every place for the student's own lines is empty or holds a placeholder."""
    body = _without_docstring(function.body)
    if all(map(_is_placeholder, body)):
        return True
    marked = regions(function, lines)
    if marked:
        return all(_is_placeholder(node) for node in ast.walk(function) if _inside(node, marked))
    return _has_lasting_placeholder(function)


def _without_docstring(body: Sequence[ast.stmt]) -> Sequence[ast.stmt]:
    match body:
        case [ast.Expr(ast.Constant(str())), *rest]:
            return rest
    return body


def _is_placeholder(node: ast.AST) -> bool:
    """Say whether a statement only holds a place: pass, ..., x = None, x = formula + None."""
    match node:
        case ast.Pass() | ast.Expr(ast.Constant()):
            return True
        case ast.Assign(value=value) | ast.AnnAssign(value=value):
            return _is_blank(value)
        case ast.Raise(
            exc=ast.Name("NotImplementedError") | ast.Call(ast.Name("NotImplementedError"))
        ):
            return True
    return False


def _is_blank(value: ast.expr | None) -> bool:
    match value:
        case None | ast.Constant(None) | ast.Constant(value=builtins.Ellipsis):
            return True
        case ast.BinOp(left, _, right):
            return _is_blank(left) or _is_blank(right)
    return False


def regions(function: ast.FunctionDef, lines: Sequence[str]) -> list[tuple[int, int]]:
    """Return the first and last line of every marked region; one without an end reaches to the last."""
    found, begin = [], None
    last = _last_line(function, lines)
    for number in range(function.lineno, last + 1):
        line = lines[number - 1]
        if not _SUBJECT.search(line):
            continue
        if _BEGIN.match(line):
            begin = number
        elif _END.match(line) and begin:
            found.append((begin, number))
            begin = None
    return [*found, (begin, last)] if begin else found


def _last_line(function: ast.FunctionDef, lines: Sequence[str]) -> int:
    """Return the line on which a function ends, comments below its last statement included."""
    last = function.end_lineno or function.lineno
    for line in lines[last:]:
        text = line.lstrip()
        if text and (text[0] != "#" or len(line) - len(text) <= function.col_offset):
            break
        last += 1
    return last


def _inside(node: ast.AST, marked: Sequence[tuple[int, int]]) -> bool:
    if not isinstance(node, ast.stmt):
        return False
    return any(first <= node.lineno <= last for first, last in marked)


def _has_lasting_placeholder(function: ast.FunctionDef) -> bool:
    """Say whether a placeholder's name is never given anything better."""
    assigned: dict[str, bool] = {}
    for node in ast.walk(function):
        match node:
            case ast.Assign(targets=[ast.Name(name)], value=value):
                assigned[name] = assigned.get(name, False) or not _is_blank(value)
            case ast.AugAssign(target=ast.Name(name)):
                assigned[name] = True
    return not all(assigned.values())
