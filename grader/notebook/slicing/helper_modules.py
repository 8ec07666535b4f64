"""Helper modules under another name: the imports that the assignment's own helpers can replace."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Sequence

from grader.notebook.slicing.parse import tree_of
from grader.notebook.slicing.statements import Statement

_LONGEST_MODULE = 500


def public_names(sources: Iterable[str]) -> frozenset[str]:
    """Return the names that modules define at top level, from their source."""
    names: set[str] = set()
    for node in (node for source in sources for node in tree_of(source).body):
        match node:
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                names.add(name)
            case ast.Import(names=aliases) | ast.ImportFrom(names=aliases):
                names.update(alias.asname or alias.name for alias in aliases)
            case ast.Assign(targets=targets):
                names.update(target.id for target in targets if isinstance(target, ast.Name))
    return frozenset(names)


def stand_ins(
    statements: Sequence[Statement], helper_names: frozenset[str], undefined: frozenset[str]
) -> tuple[str, ...]:
    """Return the modules from which a slice takes only names that the helper modules have, too.

    A star import counts as the `undefined` names of the slice, as far as the helpers have them.
    """
    attributes = {"*": set(undefined & helper_names)}
    for node in (node for statement in statements for node in statement.nodes):
        match node:
            case ast.Attribute(value=ast.Name(name), attr=attribute):
                attributes.setdefault(name, set()).add(attribute)
    modules = {
        module
        for statement in statements
        for module, names in _imports(statement, attributes)
        if names and names <= helper_names and len(module) <= _LONGEST_MODULE
    }
    parts = [module.split(".") for module in modules]
    return tuple(sorted({".".join(p[: i + 1]) for p in parts for i in range(len(p))}))


def _imports(
    statement: Statement, attributes: dict[str, set[str]]
) -> Iterator[tuple[str, set[str]]]:
    """Yield each module that a statement imports, with the names that are taken from it."""
    for node in statement.nodes:
        match node:
            case ast.ImportFrom(module=str(module), names=[ast.alias(name="*")]):
                yield module, attributes["*"]
            case ast.ImportFrom(module=str(module), names=aliases):
                yield module, {alias.name for alias in aliases}
            case ast.Import(names=aliases):
                for alias in aliases:
                    yield alias.name, attributes.get(alias.asname or alias.name, set())
