"""Walk a syntax tree fast: slicing visits every node of every notebook of a class."""

from __future__ import annotations

import ast
from collections.abc import Iterator


def children(node: ast.AST) -> Iterator[ast.AST]:
    """Yield the children of a node, like `ast.iter_child_nodes` but without `ctx`, a leaf."""
    for name, value in vars(node).items():
        if isinstance(value, list):
            for item in value:
                if isinstance(item, ast.AST):
                    yield item
        elif name != "ctx" and isinstance(value, ast.AST):
            yield value


def walk(node: ast.AST) -> list[ast.AST]:
    """Return a node and all nodes below it, like `ast.walk`."""
    nodes = [node]
    for parent in nodes:
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
        level = [child for parent in level for child in children(parent)]
        if not level:
            return False
    return True
