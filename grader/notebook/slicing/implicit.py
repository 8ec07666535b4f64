"""Objects that change something when they are merely used: `len(x)`, `print(x)`, a loop over `x`.

Python then calls a special method of the object's class, which no call in the text shows. An iterator
moves on in the same way.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence

from grader.notebook.slicing.statements import Statement
from grader.notebook.slicing.tree import walk

_ITERATORS = frozenset("iter map filter zip enumerate reversed open type".split())
"""Functions whose result is an iterator, or a new class."""
_LIBRARIES = frozenset(("itertools", "collections"))
"""Modules of iterators, and of dictionaries that get a key when it is read."""
_CONSTRUCTORS = frozenset(("__init__", "__new__", "__post_init__"))
"""Called where the text names the class, so the call itself counts as an effect."""


def names_with_effects(
    statements: Sequence[Statement], changes: Callable[[Sequence[ast.AST]], bool]
) -> frozenset[str]:
    """Return the names of such objects, of their classes, and of everything computed from them.

    `changes` returns True if a function of some nodes may change more than its own variables.
    """
    users = defaultdict[str, list[Statement]](list)
    for statement in statements:
        for name in statement.uses:
            users[name].append(statement)
    names = {name for statement in statements for name in _sources(statement, changes)}
    pending = [*names]
    while pending:
        for statement in users.pop(pending.pop(), ()):
            new = (statement.defines | statement.modifies | statement.calls_on) - names
            names |= new
            pending += new
    return frozenset(names)


def _sources(statement: Statement, changes: Callable[[Sequence[ast.AST]], bool]) -> Iterator[str]:
    """Yield the names of a statement whose use may have an effect, whatever the other statements are."""
    match statement.node:
        case ast.ClassDef(name=name) if any(map(changes, _special_methods(statement))):
            yield name
        case ast.FunctionDef(name=name) if _is_generator(statement):
            yield name
        case ast.Import() | ast.ImportFrom() if not _modules(statement.node).isdisjoint(_LIBRARIES):
            yield from statement.defines
        case ast.Assign(value=ast.GeneratorExp() | ast.Call(func=ast.Name(id="type"))):
            yield from statement.defines
        case ast.Assign(value=ast.Call(func=ast.Name(name))) if name in _ITERATORS:
            yield from statement.defines
    for node in statement.nodes:
        match node:
            case ast.Attribute(ast.Name(name), attr, ast.Store()) if _is_special(attr):
                yield name


def _special_methods(statement: Statement) -> Iterator[Sequence[ast.AST]]:
    for node in statement.nodes:
        match node:
            case ast.FunctionDef(name=name) if _is_special(name) and name not in _CONSTRUCTORS:
                yield walk(node)


def _is_special(name: str) -> bool:
    return name.startswith("__") and name.endswith("__")


def _is_generator(statement: Statement) -> bool:
    return any(isinstance(node, ast.Yield | ast.YieldFrom) for node in statement.nodes)


def _modules(node: ast.Import | ast.ImportFrom) -> set[str]:
    return {alias.name for alias in node.names} | {getattr(node, "module", None) or ""}
