"""Generate mutants: functions of a reference with one small change that a test case should catch.

A graded function is mutated together with the functions of the reference that it calls. Signatures,
annotations and docstrings are not mutated: students get them, or they have no effect.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

from grader.errors import AssignmentError
from grader.notebook.slicing.parse import tree_of
from grader.verify.mutation_operators import WITHOUT_EFFECT, Vocabulary, called_name, replacements

_NOT_MUTATED = {"annotation", "returns", "args", "decorator_list", "type_params", "func"}


class SizeOf(NamedTuple):
    """The shape, or one axis of it, that a mutant reads from a variable in place of another."""

    variables: tuple[str, str]
    axis: int | None


@dataclass(frozen=True, slots=True)
class Mutant:
    """A function of a reference with one change: the mutated source, the change in words, its line.

    `same_size` is set if the change only reads a size from another variable.
    """

    function: str
    source: str
    change: str
    line: int
    same_size: SizeOf | None = None

    def __str__(self) -> str:
        """Return the name by which reports and lists of equivalent mutants refer to it."""
        return f"{self.function}: {self.change}"


def mutants(source: str, graded: str) -> tuple[Mutant, ...]:
    """Return the distinct mutants of a graded function and of the functions that it calls."""
    functions = _functions(source)
    return tuple(
        mutant for name in _reachable(functions, graded) for mutant in _mutants_of(functions[name])
    )


def unchanged(source: str, graded: str) -> Mutant:
    """Return a graded function without a change, as a control. Raises AssignmentError if it is missing."""
    function = _functions(source).get(graded)
    if function is None:
        raise AssignmentError(
            f"The reference does not define {graded} at the top level of the file."
        )
    return Mutant(graded, ast.unparse(function), "no change", function.lineno)


def _functions(source: str) -> dict[str, ast.FunctionDef]:
    """Return the functions of a module without their docstrings, most of the text of a mutant."""
    body = tree_of(source).body
    functions = {node.name: node for node in body if isinstance(node, ast.FunctionDef)}
    for function in functions.values():
        if ast.get_docstring(function, clean=False) is not None and len(function.body) > 1:
            del function.body[0]
    return functions


def _reachable(functions: Mapping[str, ast.FunctionDef], graded: str) -> list[str]:
    """Return the names of a function and of all functions that it refers to, directly or not."""
    reachable = [graded] if graded in functions else []
    for name in reachable:  # the list grows during the loop
        names = (node.id for node in ast.walk(functions[name]) if isinstance(node, ast.Name))
        reachable += [n for n in dict.fromkeys(names) if n in functions and n not in reachable]
    return reachable


def _mutants_of(function: ast.FunctionDef) -> Iterator[Mutant]:
    sources, changes = {ast.unparse(function)}, Counter[str]()
    for mutation in _mutations(function):
        mutant = mutation.apply(function)
        if mutant.source not in sources:
            sources.add(mutant.source)
            changes[mutant.change] += 1
            count = changes[mutant.change]
            yield replace(mutant, change=f"{mutant.change} ({count})") if count > 1 else mutant


# ------------------------------------------------------------------ sites and mutations


@dataclass(frozen=True, slots=True)
class _Site:
    """A node that can be replaced: the field of its parent, and the index if the field is a list."""

    parent: ast.AST
    field: str
    index: int | None
    node: ast.AST

    @property
    def context(self) -> ast.AST:
        """The node that the description quotes: the parent of a name or a number, else the node."""
        small = self.field == "func" or isinstance(self.node, ast.Name | ast.Constant)
        return self.parent if small and not isinstance(self.parent, ast.FunctionDef) else self.node

    def put(self, node: ast.AST) -> None:
        """Put a node at this site."""
        if self.index is None:
            setattr(self.parent, self.field, node)
        else:
            getattr(self.parent, self.field)[self.index] = node


@dataclass(frozen=True, slots=True)
class _Mutation:
    """A site and the node that replaces the present one."""

    site: _Site
    replacement: ast.AST

    def apply(self, function: ast.FunctionDef) -> Mutant:
        """Return the mutant; the function itself is restored."""
        context = self.site.context
        before = _first_line(context)
        self.site.put(self.replacement)
        try:
            quoted = self.replacement if context is self.site.node else context
            removed = isinstance(self.replacement, ast.Pass)
            after = "is removed" if removed else f"becomes {_first_line(quoted)}"
            line: int = getattr(self.site.node, "lineno", function.lineno)
            source = ast.unparse(function)
            return Mutant(function.name, source, f"{before} {after}", line, self._size(function))
        finally:
            self.site.put(self.site.node)

    def _size(self, function: ast.FunctionDef) -> SizeOf | None:
        """Return the size that is read, if `X.shape` or `X.shape[1]` becomes one of another variable."""
        match self.site.parent, self.site.node, self.replacement:
            case ast.Attribute(attr="shape") as shape, ast.Name(id=old), ast.Name(id=new):
                axes = (
                    _whole_number(node.slice)
                    for node in ast.walk(function)
                    if isinstance(node, ast.Subscript) and node.value is shape
                )
                return SizeOf((old, new), next(axes, None))
        return None

    @property
    def is_superfluous(self) -> bool:
        """True if the mutant is equal by itself or to another one.

        An index or an axis of 1 and one of -1 are both the last of two; of three, -1 is number 2, which
        is another mutant. The double minus of `--1` is what remains without the first.
        """
        match self.site.parent:
            case ast.UnaryOp(op=ast.USub()):
                return isinstance(self.replacement, ast.UnaryOp)
            case ast.Subscript() | ast.keyword(arg="axis"):
                numbers = {_whole_number(self.site.node), _whole_number(self.replacement)}
                return numbers == {1, -1}
        return False


def _whole_number(node: ast.AST) -> int | None:
    match node:
        case ast.Constant(value=int(value)):
            return value
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int(value))):
            return -value
    return None


def _first_line(node: ast.AST) -> str:
    return ast.unparse(node).strip().split("\n", maxsplit=1)[0]


def _mutations(function: ast.FunctionDef) -> list[_Mutation]:
    vocabulary = Vocabulary.of(function)
    mutations = (
        _Mutation(site, replacement)
        for site in _sites(function)
        for replacement in replacements(site.node, vocabulary)
    )
    return [mutation for mutation in mutations if not mutation.is_superfluous]


def _sites(parent: ast.AST) -> Iterator[_Site]:
    """Yield the sites below a node, in the order of the source."""
    for field, value in ast.iter_fields(parent):
        if field not in _NOT_MUTATED or (field == "args" and isinstance(parent, ast.Call)):
            yield from _sites_in(parent, field, value)
        elif field == "func" and isinstance(value, ast.Attribute | ast.Name):
            yield _Site(parent, field, None, value)
            yield from _sites(value)


def _sites_in(parent: ast.AST, field: str, value: object) -> Iterator[_Site]:
    several = isinstance(value, list)
    for index, item in enumerate(value if isinstance(value, list) else [value]):
        if isinstance(item, ast.AST) and _has_effect(item):
            yield _Site(parent, field, index if several else None, item)
            yield from _sites(item)


def _has_effect(node: ast.AST) -> bool:
    match node:
        case ast.Expr(value=ast.Constant()) | ast.JoinedStr():
            return False
        case ast.Call():
            return called_name(node) not in WITHOUT_EFFECT
    return True
