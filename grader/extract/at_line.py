"""What stands at a line of a student's code."""

from __future__ import annotations

import ast

from grader.extract.cells import parse
from grader.extract.tree import walk

_LONGEST = 100_000


def nodes_at(source: str, line: int) -> tuple[ast.AST, ...]:
    """Return what of a cell stands at a line: its statement, or the head of an `if`, and what they hold.

    Nothing where the cell cannot be read. What spans several lines stands at each of them.
    """
    if len(source) > _LONGEST:
        return ()
    try:
        tree = parse(source)
    except SyntaxError:
        return ()
    return tuple(node for node in walk(tree) if _stands_at(node, line))


def _stands_at(node: ast.AST, line: int) -> bool:
    match node:
        case ast.If(test=test) | ast.While(test=test):
            return _stands_at(test, line)
        case ast.expr():
            return node.lineno <= line <= (node.end_lineno or 0)
        case ast.stmt():
            return not hasattr(node, "body") and node.lineno <= line <= (node.end_lineno or 0)
    return False
