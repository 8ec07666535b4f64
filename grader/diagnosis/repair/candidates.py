"""Candidates: the function after one edit, the likeliest first."""

from __future__ import annotations

import ast
import dataclasses
import functools
import heapq
import itertools
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from grader.diagnosis.repair import edits, statements
from grader.diagnosis.repair.code import Code, text_of
from grader.diagnosis.repair.places import Suspicion

_LIKELIER, _WANTED = 1.2, 0.7
"""The cost that an edit saves if the exception suggests its kind, or if it inserts a wrong quantity."""

_DIGITS = re.compile(r"\d+")
_SKIPPED = {"annotation", "returns", "decorator_list", "type_params", "body", "orelse", "finalbody"}


class Edit(NamedTuple):
    """One edit: its kind, the line in the cell, its cost, and the function that makes the new cell.

    `old` is the node that is replaced, or the statement; `name` a name for the words of the kind.
    """

    kind: str
    line: int
    cost: float
    old: ast.AST
    name: str
    render: Callable[[], str]
    new: ast.AST | None = None


@dataclass(frozen=True, slots=True)
class _Site:
    """An expression in a statement, with the field of its parent that holds it."""

    statement: ast.stmt
    parent: ast.AST
    field: str
    index: int | None
    node: ast.expr

    def put(self, node: ast.expr) -> None:
        if self.index is None:
            setattr(self.parent, self.field, node)
        else:
            getattr(self.parent, self.field)[self.index] = node


def edits_of(code: Code, suspicion: Suspicion) -> Iterator[Edit]:
    """Yield the edits of a function by their cost and that of their line, cheapest first.

    The edits of a statement are made only when those of likelier places are used up, because making
    them takes time.
    """
    heap: list[tuple[float, int, Edit]] = []
    counter = itertools.count()
    waiting = sorted(_sources(code, suspicion), key=lambda source: -source.place)
    while heap or waiting:
        while waiting and (not heap or waiting[-1].place <= heap[0][0]):
            for edit in waiting.pop().edits():
                likely = edit.kind in suspicion.kinds, edit.name in suspicion.names
                cost = edit.cost - _LIKELIER * likely[0] - _WANTED * likely[1]
                heapq.heappush(heap, (cost, next(counter), edit._replace(cost=cost)))
        if heap:
            yield heapq.heappop(heap)[2]


class _Source(NamedTuple):
    """Edits that are made on demand, with the cost of their place."""

    place: float
    edits: Callable[[], Iterator[Edit]]


def _sources(code: Code, suspicion: Suspicion) -> Iterator[_Source]:
    place_cost = suspicion.costs
    saved = _LIKELIER + _WANTED if suspicion.kinds else 0.0
    for statement in code.statements:
        place = place_cost.get(statement.lineno)
        if place is not None:
            few = functools.partial(_edits_of_expressions, statement, code, edits.EXPRESSIONS)
            many = functools.partial(_edits_of_expressions, statement, code, edits.MANY)
            yield _Source(place, functools.partial(few, place))
            whole = functools.partial(_edits_of_statement, statement, code, place)
            yield _Source(place - saved, whole)
            yield _Source(place + edits.MUCH, functools.partial(many, place))
    nearest = min(place_cost.values(), default=0.0)
    for insertion in statements.INSERTIONS:
        yield _Source(nearest + 0.3, functools.partial(_insertions, insertion, code, place_cost))


def _edits_of_expressions(
    statement: ast.stmt, code: Code, table: Sequence[edits.ExpressionEdit], place: float
) -> Iterator[Edit]:
    for site, change in _changes(statement, code, table):
        yield _edit(site, change, code, place)


def repeated_edits(code: Code, place_cost: Mapping[int, float]) -> Iterator[Edit]:
    """Yield edits that are made in several places at once, the likeliest first.

    A slip is often copied from one layer to the next. Places are alike if they differ in digits only.
    """
    groups: dict[tuple[str, str, str], list[tuple[Edit, _Site]]] = {}
    for statement in code.statements:
        place = place_cost.get(statement.lineno, 3.0)
        for site, change in _changes(statement, code, edits.EXPRESSIONS):
            old, new = (_DIGITS.sub("#", text_of(node)) for node in (site.node, change.node))
            edit = _edit(site, change, code, place)
            groups.setdefault((change.kind, old, new), []).append((edit, site))
    several = [group for group in groups.values() if len(group) > 1]
    for group in sorted(several, key=lambda group: min(edit.cost for edit, _ in group)):
        changed = [(site, edit.new) for edit, site in group]
        yield group[0][0]._replace(render=functools.partial(_rendered_all, changed, code))


def _rendered_all(changed: Sequence[tuple[_Site, ast.AST | None]], code: Code) -> str:
    """Return the cell with other expressions at several sites."""
    for site, node in changed:
        assert isinstance(node, ast.expr)
        site.put(node)
    try:
        by_line = {site.statement.lineno: site.statement for site, _ in changed}
        texts = [(statement, text_of(statement)) for statement in by_line.values()]
    finally:
        for site, _ in reversed(changed):
            site.put(site.node)
    source = code.source
    for statement, text in texts:  # lines keep their numbers
        source = dataclasses.replace(code, source=source).with_statement(statement, text)
    return source


def _changes(
    statement: ast.stmt, code: Code, table: Sequence[edits.ExpressionEdit]
) -> Iterator[tuple[_Site, edits.Replacement]]:
    for site in _sites(statement, statement):
        for edit in table:
            for change in edit(site.node, code):
                code.deadline.check()
                yield site, change


def _edit(site: _Site, change: edits.Replacement, code: Code, place: float) -> Edit:
    render = functools.partial(_rendered, site, change.node, code)
    cost = place + change.cost
    old = change.old or site.node
    return Edit(change.kind, old.lineno, cost, old, change.name, render, change.node)


def _edits_of_statement(statement: ast.stmt, code: Code, place: float) -> Iterator[Edit]:
    for edit in statements.STATEMENTS:
        for change in edit(statement, code):
            code.deadline.check()
            cost = place + change.cost
            old = change.old or statement
            line = getattr(old, "lineno", statement.lineno)
            yield Edit(change.kind, line, cost, old, change.name, change.render)


def _insertions(
    insertion: statements.Insertion, code: Code, place_cost: Mapping[int, float]
) -> Iterator[Edit]:
    for line, change in insertion(code):
        code.deadline.check()
        before = [statement for statement in code.statements if statement.lineno <= line]
        if not before:  # a line of the function's head
            continue
        place = min(place_cost.get(line, 3.0), place_cost.get(line + 1, 3.0))
        old = change.old or before[-1]
        yield Edit(change.kind, line, place + change.cost, old, change.name, change.render)


def _rendered(site: _Site, node: ast.expr, code: Code) -> str:
    """Return the cell with another expression at a site."""
    site.put(node)
    try:
        text = text_of(site.statement)
    finally:
        site.put(site.node)
    return code.with_statement(site.statement, text)


def _sites(parent: ast.AST, statement: ast.stmt) -> Iterator[_Site]:
    for field, value in ast.iter_fields(parent):
        if field in _SKIPPED:
            continue
        several = isinstance(value, list)
        for index, item in enumerate(value if several else [value]):
            if isinstance(item, ast.expr):
                if not isinstance(parent, ast.JoinedStr):
                    yield _Site(statement, parent, field, index if several else None, item)
                yield from _sites(item, statement)
            elif isinstance(item, ast.AST) and not isinstance(item, ast.stmt):
                yield from _sites(item, statement)
