"""The smallest edit behind a whole new line: a line copied from another layer may differ in one name."""

from __future__ import annotations

import ast
import re

from grader.diagnosis.repair.candidates import Edit
from grader.diagnosis.repair.code import Code, text_of
from grader.diagnosis.repair.edits import EXPRESSIONS, MANY

_DIGITS = re.compile(r"\d")


def named_by_difference(edit: Edit, before: Code, after: Code) -> Edit:
    """Return an edit of a whole line as the edit of an expression that has the same effect, if any."""
    if edit.kind != "layer":
        return edit
    old, new = _statement(before, edit.line), _statement(after, edit.line)
    if old is None or new is None:
        return edit
    first, second = _difference(old, new)
    if isinstance(first, ast.expr) and isinstance(second, ast.expr):
        dump = ast.dump(second)
        same = [
            change
            for row in (*EXPRESSIONS, *MANY)
            for change in row.edit(first, before)
            if ast.dump(change.node) == dump
        ]
        if same:
            best = min(same, key=lambda change: change.cost)
            return edit._replace(kind=best.kind, old=first, name=best.name, new=best.node)
    if _DIGITS.sub("", text_of(old)) != _DIGITS.sub("", text_of(new)):
        return edit._replace(kind="same-step")
    return edit


def _statement(code: Code, line: int) -> ast.stmt | None:
    return next((s for s in code.statements if s.lineno == line), None)


def _difference(old: ast.AST, new: ast.AST) -> tuple[ast.AST, ast.AST]:
    """Return the smallest parts in which two trees differ."""
    while type(old) is type(new):
        pairs = [
            (a, b)
            for a, b in zip(ast.iter_child_nodes(old), ast.iter_child_nodes(new), strict=False)
            if ast.dump(a) != ast.dump(b)
        ]
        alike = _fields(old) == _fields(new)
        if len(pairs) != 1 or not alike or not all(isinstance(n, ast.expr) for n in pairs[0]):
            break
        old, new = pairs[0]
    return old, new


def _fields(node: ast.AST) -> list[object]:
    """Return the values of a node that are no nodes, and the lengths of its lists."""
    values = [value for _, value in ast.iter_fields(node) if not isinstance(value, ast.AST)]
    return [len(value) if isinstance(value, list) else value for value in values]
