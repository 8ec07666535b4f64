"""Mutants: the functions of a reference, each with one small change that a test case should notice.

A graded function consists of its own body and of the functions of the reference that it reaches.
Signatures, annotations and docstrings stay as they are: they are handed out, or say nothing.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from grader.errors import AssignmentError
from grader.verify.mutation_operators import Words, variants

_LEFT_ALONE = {"annotation", "returns", "args", "decorator_list", "type_params", "func"}


@dataclass(frozen=True, slots=True)
class Mutant:
    """A function of a reference with one change: its source as changed, and the change in words."""

    function: str
    source: str
    change: str

    def __str__(self) -> str:
        """Return the words by which it is told, and stated to be equivalent."""
        return f"{self.function}: {self.change}"


def mutants(source: str, graded: str) -> tuple[Mutant, ...]:
    """Return the mutants of all that a graded function consists of, no two of them alike."""
    functions = _functions(source)
    return tuple(
        mutant for name in _reached(functions, graded) for mutant in _mutants_of(functions[name])
    )


def unchanged(source: str, graded: str) -> Mutant:
    """Return a graded function as it is, to be run as its mutants are. Raises AssignmentError without one."""
    function = _functions(source).get(graded)
    if function is None:
        raise AssignmentError(
            f"The reference does not define {graded} at the top level of the file."
        )
    return Mutant(graded, ast.unparse(function), "no change")


def _functions(source: str) -> dict[str, ast.FunctionDef]:
    body = ast.parse(source).body
    return {node.name: node for node in body if isinstance(node, ast.FunctionDef)}


def _reached(functions: Mapping[str, ast.FunctionDef], graded: str) -> list[str]:
    """Return the names of a function and of all those that it leads to."""
    reached = [name for name in (graded,) if name in functions]
    for name in reached:  # it grows meanwhile
        named = (node.id for node in ast.walk(functions[name]) if isinstance(node, ast.Name))
        reached += [
            other for other in dict.fromkeys(named) if other in functions.keys() - {*reached}
        ]
    return reached


def _mutants_of(function: ast.FunctionDef) -> Iterator[Mutant]:
    seen, told = {ast.unparse(function)}, Counter[str]()
    for change in _changes(function):
        source, words = change.made(function)
        if source not in seen:
            seen.add(source)
            told[words] += 1
            again = f" ({told[words]})" if told[words] > 1 else ""
            yield Mutant(function.name, source, words + again)


# ------------------------------------------------------------------ places and changes


@dataclass(frozen=True, slots=True)
class _Change:
    """A node in its place, what takes its place, and the node around it by which that is told."""

    holder: ast.AST
    field: str
    index: int | None
    new: ast.AST
    around: ast.AST | None

    def made(self, function: ast.FunctionDef) -> tuple[str, str]:
        """Return the source of the function with this change, and the change in words."""
        shown = self.around or self.old
        old, before = self.old, _told(shown)
        self._put(self.new)
        try:
            return ast.unparse(function), f"`{before}` {self._becomes(shown)}"
        finally:
            self._put(old)

    def _becomes(self, shown: ast.AST) -> str:
        if isinstance(self.new, ast.Pass):
            return "is removed"
        return f"becomes `{_told(shown if self.around else self.new)}`"

    @property
    def old(self) -> ast.AST:
        """Return what stands in the place."""
        found = getattr(self.holder, self.field)
        node: ast.AST = found if self.index is None else found[self.index]
        return node

    def _put(self, node: ast.AST) -> None:
        if self.index is None:
            setattr(self.holder, self.field, node)
        else:
            getattr(self.holder, self.field)[self.index] = node


def _told(node: ast.AST) -> str:
    """Return source in one line; of a statement with a body, its first one."""
    return ast.unparse(node).strip().split("\n", maxsplit=1)[0]


def _changes(function: ast.FunctionDef) -> list[_Change]:
    words = Words.of(function)
    return [
        _Change(holder, field, index, new, _around(holder, field, old))
        for holder, field, index, old in _places(function)
        for new in variants(old, words)
    ]


def _around(holder: ast.AST, field: str, node: ast.AST) -> ast.AST | None:
    """Return by what a change is told: a name or a number says too little by itself."""
    small = field == "func" or isinstance(node, ast.Name | ast.Constant)
    return holder if small and not isinstance(holder, ast.FunctionDef) else None


def _places(holder: ast.AST) -> Iterator[tuple[ast.AST, str, int | None, ast.AST]]:
    """Yield every node below another that may be changed, in the order of the source."""
    for field, value in ast.iter_fields(holder):
        if field not in _LEFT_ALONE or (field == "args" and isinstance(holder, ast.Call)):
            yield from _places_in(holder, field, value)
        elif field == "func" and isinstance(value, ast.Attribute | ast.Name):
            yield holder, field, None, value
            yield from _places(value)


def _places_in(
    holder: ast.AST, field: str, value: object
) -> Iterator[tuple[ast.AST, str, int | None, ast.AST]]:
    several = isinstance(value, list)
    for index, item in enumerate(value if isinstance(value, list) else [value]):
        if isinstance(item, ast.AST) and not _says_nothing(item):
            yield holder, field, index if several else None, item
            yield from _places(item)


def _says_nothing(node: ast.AST) -> bool:
    """Say whether a node is a docstring, or a string that is put together."""
    docstring = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    return docstring or isinstance(node, ast.JoinedStr)
