"""Digest the code of a function, so that equal code is found whatever its names, comments and layout.

Local names are numbered in the order in which they appear. Comments are not in a syntax tree;
docstrings, other texts that stand alone, and annotations are left out.
"""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from grader.notebook.slicing.tree import walk

_LENGTH = 16
_MOST_NODES = 20_000
"""A function of an assignment has a few hundred."""
_LEFT_OUT = {"annotation", "returns", "type_comment", "type_params", "ctx", "kind"}
_NEVER_LOCAL = {
    *((ast.Constant, "value"), (ast.Attribute, "attr"), (ast.keyword, "arg")),
    *((ast.alias, "name"), (ast.ImportFrom, "module")),
}
_LARGE = 1 << 64
"""Python refuses to write integers of thousands of digits in decimal."""
_END = ")"


@dataclass(frozen=True, slots=True)
class CodeDigest:
    """The digest of a function's code, and one of each of its statements with the names as they are."""

    function: str = ""
    statements: frozenset[str] = frozenset()


NO_CODE: Final = CodeDigest()


def code_digest(function: ast.FunctionDef) -> CodeDigest:
    """Return the digest of a function, none of a huge one. Its name and decorators do not count."""
    nodes = walk(function)
    if len(nodes) > _MOST_NODES:
        return NO_CODE
    local = _local_names(function, nodes)
    statements = [
        node
        for node in nodes
        if isinstance(node, ast.stmt)
        and not isinstance(node, ast.Match)  # these contain statements with digests of their own
        and not hasattr(node, "body")
        and not _is_text(node)
    ]
    return CodeDigest(
        _digest([function.args, function.body], local),
        frozenset(_digest([statement], frozenset()) for statement in statements),
    )


def _local_names(function: ast.FunctionDef, nodes: Sequence[ast.AST]) -> frozenset[str]:
    """Return the names that a function binds anywhere, its parameters among them."""
    names: set[str] = set()
    shared: set[str] = set()
    for node in nodes:
        match node:
            case ast.Name(name, ctx=ast.Store() | ast.Del()) | ast.arg(name):
                names.add(name)
            case ast.ExceptHandler(name=str(name)) | ast.alias(asname=str(name)):
                names.add(name)
            case ast.FunctionDef(name=name) if node is not function:
                names.add(name)
            case ast.Global(shared_names):
                shared.update(shared_names)
    return frozenset(names - shared)


def _digest(items: list[object], local: frozenset[str]) -> str:
    """Return a digest of trees, read from the top down and from left to right."""
    numbers: dict[str, int] = {}
    digest = hashlib.sha256()
    stack = items[::-1]
    while stack:
        item = stack.pop()
        if isinstance(item, list):
            stack += [_END, *reversed([part for part in item if not _is_text(part)]), "["]
        elif isinstance(item, ast.AST):
            stack += [_END, *reversed([*_fields(item)]), type(item).__name__]
        elif isinstance(item, _Identifier):
            number = numbers.setdefault(item, len(numbers)) if item in local else str(item)
            digest.update(f"{number!r},".encode("utf-8", "replace"))
        elif isinstance(item, int) and item >= _LARGE:
            digest.update(f"{item:x},".encode())
        else:
            digest.update(f"{item!r},".encode("utf-8", "replace"))
    return digest.hexdigest()[:_LENGTH]


class _Identifier(str):
    """A text that is the name of a variable."""

    __slots__ = ()


def _fields(node: ast.AST) -> Iterator[object]:
    """Yield the parts of a node that matter; names that can be local ones are marked."""
    for field in node._fields:
        value = getattr(node, field, None)
        if field in _LEFT_OUT:
            continue
        if isinstance(value, str) and (type(node), field) not in _NEVER_LOCAL:
            yield _Identifier(value)
        else:
            yield value


def _is_text(node: object) -> bool:
    """Return True for a text that stands alone, such as a docstring."""
    match node:
        case ast.Expr(ast.Constant(str())):
            return True
    return False
