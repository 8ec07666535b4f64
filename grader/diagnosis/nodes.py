"""The syntax tree of a cell, parsed once."""

from __future__ import annotations

import ast
import functools
from collections.abc import Sequence

from grader.notebook.slicing.parse import parse
from grader.notebook.slicing.tree import walk

_LONGEST = 100_000


@functools.lru_cache(maxsize=16)
def nodes_of(source: str) -> Sequence[ast.AST]:
    """Return every node of a cell; none if it has over 100,000 characters or a syntax error."""
    if len(source) > _LONGEST:
        return ()
    try:
        return walk(parse(source))
    except SyntaxError:
        return ()
