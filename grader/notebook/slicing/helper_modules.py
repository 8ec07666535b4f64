"""Helper modules under another name: which imports the assignment's own helpers could stand in for."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Sequence

from grader.notebook.slicing.statements import Unit


def public_names(sources: Iterable[str]) -> frozenset[str]:
    """Return the names that modules bind at top level, read from their source."""
    return frozenset(name for source in sources for name in _bound(ast.parse(source)))


def _bound(tree: ast.Module) -> Iterator[str]:
    for node in tree.body:
        match node:
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                yield name
            case ast.Import(names=aliases) | ast.ImportFrom(names=aliases):
                yield from (alias.asname or alias.name for alias in aliases)
            case ast.Assign(targets=targets):
                yield from (target.id for target in targets if isinstance(target, ast.Name))


def stand_ins(
    units: Sequence[Unit], names: frozenset[str], unbound: frozenset[str]
) -> tuple[str, ...]:
    """Return the modules of which a slice takes nothing but what the helper modules have as well.

    From a star import it takes the names that nothing else binds (`unbound`), as far as helpers have them.
    """
    taken = {**_attributes(units), "*": set(unbound & names)}
    modules = {
        module
        for unit in units
        for module, wanted in _imports(unit, taken)
        if wanted and wanted <= names
    }
    return tuple(sorted({prefix for module in modules for prefix in _prefixes(module)}))


def _imports(unit: Unit, taken: dict[str, set[str]]) -> Iterator[tuple[str, set[str]]]:
    """Yield each module a statement imports, with the names that are taken from it."""
    for node in unit.nodes:
        match node:
            case ast.ImportFrom(module=str(module), names=[ast.alias(name="*")]):
                yield module, taken["*"]
            case ast.ImportFrom(module=str(module), names=aliases):
                yield module, {alias.name for alias in aliases}
            case ast.Import(names=aliases):
                for alias in aliases:
                    yield alias.name, taken.get(alias.asname or alias.name, set())


def _attributes(units: Sequence[Unit]) -> dict[str, set[str]]:
    """Return for each name the attributes that are read from it anywhere in the slice."""
    taken: dict[str, set[str]] = {}
    for unit in units:
        for node in unit.nodes:
            match node:
                case ast.Attribute(value=ast.Name(name), attr=attribute):
                    taken.setdefault(name, set()).add(attribute)
    return taken


def _prefixes(module: str) -> list[str]:
    parts = module.split(".")
    return [".".join(parts[: i + 1]) for i in range(len(parts))]
