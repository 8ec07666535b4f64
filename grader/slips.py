"""Slips in the language itself, where an error and the line it comes from show them both."""

from __future__ import annotations

import ast
import difflib
import re
from collections.abc import Sequence

from grader.model import Raised
from grader.words import said

_TEXT = re.compile(r"""#.*|'[^']*'|"[^"]*\"""")
_LAMBDA_AS_A_NAME = re.compile(r"(?<!\.)\blambda\b(?!\s*:|\s+\w|\s*\*+\w[\w\s,*=]*:|\s*\(.*\)\s*:)")
_XOR = ("'bitwise_xor'", "for ^")


def of_syntax(message: str, text: str, parameters: Sequence[str]) -> str:
    """Return what to write in place of a word of Python's own that a line has for a name, or nothing."""
    if message != "invalid syntax" or not _LAMBDA_AS_A_NAME.search(_TEXT.sub("", text)):
        return ""
    close = difflib.get_close_matches("lambda", parameters, n=1)
    if close:
        return said(
            "`lambda` is a word of Python's own: the parameter is called `{name}`.", name=close[0]
        )
    return said("`lambda` is a word of Python's own: it cannot be a name.")


def of_error(error: Raised, nodes: Sequence[ast.AST]) -> str:
    """Return what to write in place of what stands at the line of an error, or nothing."""
    return _caret(error, nodes)


def _caret(error: Raised, nodes: Sequence[ast.AST]) -> str:
    """Tell `^` where a power is meant: it is an error for every number that has a fraction."""
    shown = error.kind == "TypeError" and any(word in error.message for word in _XOR)
    if shown and any(isinstance(getattr(node, "op", None), ast.BitXor) for node in nodes):
        return said("`^` is no power in Python: write `**`, or `np.square`.")
    return ""
