"""Walk a syntax tree fast: slicing visits every node of every notebook of a class."""

from __future__ import annotations

import ast
import functools
from collections.abc import Iterator, Sequence
from typing import Any

_LEAVES = (ast.Name, ast.Constant)
"""Most nodes of a tree; the `ctx` of a name does not count."""
_PLAIN = frozenset("ctx id attr arg kind type_comment lineno level conversion is_async".split())
"""Fields that never contain another node, or only the `ctx`."""


@functools.lru_cache(maxsize=256)
def _fields(kind: Any) -> tuple[str, ...]:
    """Return the fields of a kind of node that may contain nodes."""
    return () if issubclass(kind, _LEAVES) else tuple(f for f in kind._fields if f not in _PLAIN)


def children(node: ast.AST) -> list[ast.AST]:
    """Return the children of a node, like `ast.iter_child_nodes` but without `ctx`."""
    nodes: list[ast.AST] = []
    kind: Any = type(node)
    for name in _fields(kind):
        value = getattr(node, name, None)
        if isinstance(value, ast.AST):
            nodes.append(value)
        elif isinstance(value, list):
            nodes += [item for item in value if isinstance(item, ast.AST)]
    return nodes


def walk(node: ast.AST) -> list[ast.AST]:
    """Return a node and all nodes below it, like `ast.walk`."""
    nodes = [node]
    for parent in nodes:
        nodes += children(parent)
    return nodes


@functools.lru_cache(maxsize=256)
def nodes_below(node: Any) -> Sequence[ast.AST]:
    """Return `walk(node)`, once for all visitors of a statement, none of which may change it."""
    return walk(node)


def loads(function: ast.FunctionDef) -> Iterator[ast.Name]:
    """Yield the names that the body of a function reads."""
    for statement in function.body:
        for node in nodes_below(statement):
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
