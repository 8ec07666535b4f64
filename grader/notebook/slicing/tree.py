"""Walk a syntax tree fast: extraction looks at every node of every notebook of a class."""

from __future__ import annotations

import ast
from collections.abc import Iterator


def children(node: ast.AST) -> Iterator[ast.AST]:
    """Yield the nodes right under a node, like `ast.iter_child_nodes` but for `ctx`, which has none."""
    for name, value in vars(node).items():
        if isinstance(value, list):
            for item in value:
                if isinstance(item, ast.AST):
                    yield item
        elif name != "ctx" and isinstance(value, ast.AST):
            yield value


def walk(node: ast.AST) -> list[ast.AST]:
    """Return a node and all below it, like `ast.walk`."""
    found = [node]
    for parent in found:
        found += children(parent)
    return found


def is_deeper(node: ast.AST, levels: int) -> bool:
    """Say whether a tree has more levels than that."""
    level = [node]
    for _ in range(levels):
        level = [child for parent in level for child in children(parent)]
        if not level:
            return False
    return True
