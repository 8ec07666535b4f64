"""Slips in the language itself, where an error and the line it comes from show them both."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from grader.model import Raised
from grader.words import said

_XOR = ("'bitwise_xor'", "for ^")


def of_error(error: Raised, nodes: Sequence[ast.AST]) -> str:
    """Return what to write in place of what stands at the line of an error, or nothing."""
    return _caret(error, nodes)


def _caret(error: Raised, nodes: Sequence[ast.AST]) -> str:
    """Tell `^` where a power is meant: it is an error for every number that has a fraction."""
    shown = error.kind == "TypeError" and any(word in error.message for word in _XOR)
    if shown and any(isinstance(getattr(node, "op", None), ast.BitXor) for node in nodes):
        return said("`^` is no power in Python: write `**`, or `np.square`.")
    return ""
