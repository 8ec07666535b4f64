"""Digest the code of a function, so that equal code is found whatever its names, comments and layout.

Local names are numbered in the order in which they appear. Comments are not in a syntax tree;
docstrings, other texts that stand alone, and annotations are left out.
"""

from __future__ import annotations

import ast
import functools
import hashlib
from collections.abc import Iterable, Sequence
from typing import Any, Final, NamedTuple

from grader.model.record import record
from grader.notebook.slicing.tree import nodes_below

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
_END = "')',"
_CODE = (ast.AST, list)


@record
class CodeDigest:
    """The digest of a function's code, and one of each of its statements with the names as they are."""

    function: str = ""
    statements: frozenset[str] = frozenset()


NO_CODE: Final = CodeDigest()


def code_digest(function: ast.FunctionDef) -> CodeDigest:
    """Return the digest of a function, none of a huge one. Its name and decorators do not count."""
    nodes = nodes_below(function)
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
    words, parts = _words(function, statements)
    numbers: dict[str, int] = {}
    renamed = [
        str(numbers.setdefault(word, len(numbers))) + ","
        if type(word) is _Identifier and word in local
        else _text(word)
        for word in words
    ]
    return CodeDigest(
        _digest(renamed), frozenset(_digest(map(_text, words[part])) for part in parts)
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


class _Identifier(str):
    """A text that is the name of a variable."""

    __slots__ = ()


def _text(word: str) -> str:
    return f"{str(word)!r}," if type(word) is _Identifier else word


def _digest(words: Iterable[str]) -> str:
    return hashlib.sha256("".join(words).encode("utf-8", "replace")).hexdigest()[:_LENGTH]


def _words(
    function: ast.FunctionDef, statements: Sequence[ast.stmt]
) -> tuple[list[str], list[slice]]:
    """Return the code of a function as words, and the words of each of some of its statements.

    The code is read from the top down and from left to right.
    """
    words: list[str] = []
    begins: dict[int, int] = {}
    parts: list[slice] = []
    identities = {id(statement) for statement in statements}
    stack: list[Any] = [function.body, function.args]
    while stack:
        item = stack.pop()
        kind: Any = type(item)
        if kind is str or kind is _Identifier:
            words.append(item)
        elif kind is list:
            words.append("'[',")
            stack.append(_END)
            stack += [_part(part) for part in reversed(item) if not _is_text(part)]
        elif kind is _End:
            parts.append(slice(begins[item.id], len(words)))
        else:
            if id(item) in identities:
                begins[id(item)] = len(words)
                stack.append(_End(id(item)))
            name, fields = _plan(kind)
            words.append(name)
            stack.append(_END)
            for field, may_be_local in fields:
                value = getattr(item, field, None)
                is_name = may_be_local and isinstance(value, str)
                stack.append(_Identifier(value) if is_name else _part(value))
    return words, parts


def _part(value: object) -> object:
    """Return a node or a list as it is, and any other part of a node as a word."""
    if isinstance(value, _CODE):
        return value
    is_large = isinstance(value, int) and value >= _LARGE
    return f"{value:x}," if is_large else f"{value!r},"


class _End(NamedTuple):
    """The end of a statement, by its `id`."""

    id: int


@functools.lru_cache(maxsize=256)
def _plan(kind: Any) -> tuple[str, tuple[tuple[str, bool], ...]]:
    """Return the word of a kind of node, and its fields from the last one, with those of local names."""
    fields = (field for field in reversed(kind._fields) if field not in _LEFT_OUT)
    pairs = tuple((field, (kind, field) not in _NEVER_LOCAL) for field in fields)
    return f"{kind.__name__!r},", pairs


def _is_text(node: object) -> bool:
    """Return True for a text that stands alone, such as a docstring."""
    match node:
        case ast.Expr(ast.Constant(str())):
            return True
    return False
