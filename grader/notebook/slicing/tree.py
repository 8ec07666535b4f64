"""Walk a syntax tree fast: slicing visits every node of every notebook of a class."""

from __future__ import annotations

import ast
from collections.abc import Iterator

_LEAVES = (ast.Name, ast.Constant)
"""Most nodes of a tree; the `ctx` of a name does not count."""


def children(node: ast.AST) -> list[ast.AST]:
    """Return the children of a node, like `ast.iter_child_nodes` but without `ctx`."""
    nodes: list[ast.AST] = []
    if not isinstance(node, _LEAVES):
        for name in node._fields:
            value = getattr(node, name, None)
            if isinstance(value, list):
                nodes += [item for item in value if isinstance(item, ast.AST)]
            elif name != "ctx" and isinstance(value, ast.AST):
                nodes.append(value)
    return nodes


def walk(node: ast.AST) -> list[ast.AST]:
    """Return a node and all nodes below it, like `ast.walk`."""
    nodes = [node]
    for parent in nodes:
        if not isinstance(parent, _LEAVES):
            nodes += children(parent)
    return nodes


def loads(function: ast.FunctionDef) -> Iterator[ast.Name]:
    """Yield the names that the body of a function reads."""
    for statement in function.body:
        for node in walk(statement):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
                yield node


def is_deeper(node: ast.AST, levels: int) -> bool:
    """Return True if a tree has more levels than `levels`."""
    level = [node]
    for _ in range(levels):
        inner = [parent for parent in level if not isinstance(parent, _LEAVES)]
        level = [child for parent in inner for child in children(parent)]
        if not level:
            return False
    return True
