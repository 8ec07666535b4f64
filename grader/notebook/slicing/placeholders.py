"""Recognise a function that is not written yet.

A template marks the student's lines by comments (START CODE HERE … END CODE HERE, YOUR CODE STARTS
HERE … ENDS HERE, BEGIN SOLUTION … END SOLUTION) and may put placeholders there (`x = None`, `pass`).
This module looks at the text only. Grading also runs the function, because a right answer may stand
outside the markers.
"""

from __future__ import annotations

import ast
import builtins
import re
from collections import Counter
from collections.abc import Sequence

from grader.notebook.slicing.tree import nodes_below

_BEGIN = re.compile(r"^\s*#.*\b(?:START|STARTS|BEGIN)\b")
_END = re.compile(r"^\s*#.*\b(?:END|ENDS)\b")
_SUBJECT = re.compile(r"\b(?:CODER?|SOLUTION)\b")
_MARKER_OF_ANY_LANGUAGE = re.compile(r"^\s*#{2,}[^#]+#{2,}")
_WITHOUT_VALUE = re.compile(r"^[^#=]*[^-#=!<>+*/%@&|^:]=\s*(?:#.*)?$")
"""A line such as `x =`, which some templates have instead of `x = None`; it does not parse."""


def looks_unwritten(function: ast.FunctionDef, lines: Sequence[str]) -> bool:
    """Return True if every place for the student's own lines is empty or holds a placeholder.

    Without marked places a function is unwritten if a variable only ever gets a placeholder, or if it
    has a `pass` or `...` of its own and returns nothing.
    """
    if all(map(_is_placeholder, function.body)):  # a docstring counts as one
        return True
    regions = marked_regions(function, lines)
    if regions:
        marked = {line for first, last in regions for line in range(first, last + 1)}
        return all(
            _is_placeholder(node)
            for node in nodes_below(function)
            if isinstance(node, ast.stmt) and node.lineno in marked
        )
    returns = any(isinstance(n, ast.Return) and n.value for n in nodes_below(function))
    if not returns and any(map(_is_gap, function.body)):
        return True
    return bool(_blank_variables(function))


def blank_result(function: ast.FunctionDef) -> int | None:
    """Return the line of the placeholder that a function returns, or None if it returns another value.

    Such a function cannot be right, whatever its other lines do.
    """
    blank = _blank_variables(function)
    returned = [node.value for node in nodes_below(function) if isinstance(node, ast.Return)]
    names = [value.id for value in returned if isinstance(value, ast.Name)]
    if not names or len(names) < len(returned) or not blank.keys() >= set(names):
        return None
    return blank[names[0]]


def _blank_variables(function: ast.FunctionDef) -> dict[str, int]:
    """Return the variables that only ever get a placeholder, and the line where they first do."""
    blank = dict[str, list[int]]()
    stores = Counter[str]()
    for node in nodes_below(function):
        match node:
            case ast.Assign(targets=[ast.Name(name)], value=value) if _is_blank(value):
                blank.setdefault(name, []).append(node.lineno)
            case ast.Name(name, ctx=ast.Store()):
                stores[name] += 1
    return {name: min(lines) for name, lines in blank.items() if len(lines) == stores[name]}


def _is_gap(node: ast.stmt) -> bool:
    match node:
        case ast.Pass() | ast.Expr(ast.Constant(value=builtins.Ellipsis)):
            return True
    return False


def _is_placeholder(node: ast.AST) -> bool:
    """Return True for a placeholder: pass, ..., x = None, x = formula + None, a constant."""
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


def marked_regions(function: ast.FunctionDef, lines: Sequence[str]) -> list[tuple[int, int]]:
    """Return the first and last line of each region between markers.

    A region without an end marker ends with the function, which includes comments below its last
    statement.
    """
    last = function.end_lineno or function.lineno
    for line in lines[last:]:
        text = line.lstrip()
        if text and (text[0] != "#" or len(line) - len(text) <= function.col_offset):
            break
        last += 1
    return _regions(lines, function.lineno, last)


def has_only_empty_places(lines: Sequence[str]) -> bool:
    """Return True if text has places for the student's lines, with nothing but comments in them.

    An assignment without a value, `x =`, is nothing, too.

    >>> has_only_empty_places(["for l in x:", "  # YOUR CODE STARTS HERE", "", "  # YOUR CODE ENDS HERE"])
    True
    >>> has_only_empty_places(["  ### AQUÍ ###", "  x[1] =  # paso 1", "  ### FIN ###", "  return x"])
    True
    """
    regions = _regions(lines, 1, len(lines))
    inside = (line.lstrip() for first, last in regions for line in lines[first - 1 : last])
    return bool(regions) and all(
        not line or line.startswith("#") or _WITHOUT_VALUE.match(line) for line in inside
    )


def _regions(lines: Sequence[str], first: int, last: int) -> list[tuple[int, int]]:
    """Return the regions between the markers of a template, in English or else in another language."""
    english = _english_regions(lines, first, last)
    if english:
        return english
    numbers = range(first, last + 1)
    marks = [number for number in numbers if _MARKER_OF_ANY_LANGUAGE.match(lines[number - 1])]
    return [*zip(marks[::2], marks[1::2], strict=True)] if len(marks) % 2 == 0 else []


def _english_regions(lines: Sequence[str], first: int, last: int) -> list[tuple[int, int]]:
    regions, begin = [], None
    for number in range(first, last + 1):
        line = lines[number - 1]
        if not _SUBJECT.search(line):
            continue
        if _BEGIN.match(line):
            begin = number
        elif _END.match(line) and begin:
            regions.append((begin, number))
            begin = None
    return [*regions, (begin, last)] if begin else regions
