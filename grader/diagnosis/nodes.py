"""The syntax tree of a cell, parsed once."""

from __future__ import annotations

import ast
import functools
from collections.abc import Sequence

from grader.notebook.slicing.parse import parse
from grader.notebook.slicing.tree import is_deeper, walk

_LONGEST, _MOST_NODES, _DEEPEST = 50_000, 15_000, 80
_LONGEST_INTEGER = 10_000


@functools.lru_cache(maxsize=16)
def nodes_of(source: str) -> Sequence[ast.AST]:
    """Return every node of a cell; none if it has a syntax error, or is longer than any honest one.

    Diagnosis reads a cell many times, in the process that grades. So the size is limited here, and the
    size of an integer, which Python writes in quadratic time.
    """
    if len(source) > _LONGEST:
        return ()
    try:
        tree = parse(source)
    except SyntaxError:
        return ()
    nodes = walk(tree)
    integers = (n.value for n in nodes if isinstance(n, ast.Constant) and type(n.value) is int)
    if len(nodes) > _MOST_NODES or is_deeper(tree, _DEEPEST):
        return ()
    if any(n.bit_length() > _LONGEST_INTEGER for n in integers):
        return ()
    return nodes
