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


_HOLE = "\N{APL FUNCTIONAL SYMBOL QUAD QUESTION}"
"""Stands for an expression in the text of its statement."""

_ATOMS = (ast.Attribute, ast.Call, ast.Dict, ast.List, ast.Name, ast.Set, ast.Starred)
_OPEN = (ast.Dict, ast.List, ast.Set, ast.Tuple, ast.keyword, ast.stmt)
"""Nodes that need no brackets around them, and nodes around which a part needs none."""


@dataclass(frozen=True)
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

    @functools.cached_property
    def text(self) -> str:
        """The text of the statement with a hole in the place of the expression."""
        self.put(ast.Name(_HOLE, ast.Load()))
        try:
            return text_of(self.statement)
        finally:
            self.put(self.node)

    @functools.cached_property
    def is_open(self) -> bool:
        """True if an expression at this site needs no brackets."""
        is_part = (type(self.parent), self.field) in {(ast.Call, "args"), (ast.Subscript, "slice")}
        return is_part or isinstance(self.parent, _OPEN)

    def with_node(self, node: ast.expr) -> str:
        """Return the text of the statement with another expression at the site."""
        text = ast.unparse(node)
        is_plain = isinstance(node, ast.Constant) and not isinstance(self.parent, ast.Attribute)
        needs_none = self.is_open or isinstance(node, (*_ATOMS, ast.Subscript, ast.Tuple))
        if not needs_none and not (is_plain and text[0] != "-"):
            text = f"({text})"
        return self.text.replace(_HOLE, text)


def edits_of(code: Code, suspicion: Suspicion) -> Iterator[Edit]:
    """Yield the edits of a function by their cost and that of their line, cheapest first.

    The edits of one row of a table in one statement are made only when those of likelier rows and
    places are used up, because making them takes time.
    """
    heap: list[tuple[float, int, Edit]] = []
    counter = itertools.count()
    waiting = sorted(_sources(code, suspicion), key=lambda source: -source.least)
    while heap or waiting:
        while waiting and (not heap or waiting[-1].least <= heap[0][0]):
            code.deadline.check()
            for edit in waiting.pop().edits():
                heapq.heappush(heap, (edit.cost, next(counter), edit))
        if heap:
            yield heapq.heappop(heap)[2]


class _Source(NamedTuple):
    """Edits that are made on demand, with the least cost of any of them."""

    least: float
    edits: Callable[[], Iterator[Edit]]


@dataclass(frozen=True)
class _Place:
    """A statement that is edited, and what makes an edit in it likely."""

    statement: ast.stmt
    code: Code
    cost: float
    suspicion: Suspicion

    @functools.cached_property
    def sites(self) -> list[_Site]:
        sites, undefined = _sites(self.statement, self.statement), self.suspicion.undefined
        return [site for site in sites if not undefined or _concerns(site.node, undefined)]

    def of_expressions(self, edit: edits.ExpressionEdit) -> Iterator[Edit]:
        for site in self.sites:
            for change in edit(site.node, self.code):
                cost = self.cost + change.cost - _saved(change.kind, change.name, self.suspicion)
                yield _edit(site, change, self.code, cost)

    def of_statement(self, edit: statements.StatementEdit) -> Iterator[Edit]:
        for change in edit(self.statement, self.code):
            cost = self.cost + change.cost - _saved(change.kind, change.name, self.suspicion)
            old = change.old or self.statement
            line = getattr(old, "lineno", self.statement.lineno)
            yield Edit(change.kind, line, cost, old, change.name, change.render)


def _concerns(node: ast.expr, undefined: str) -> bool:
    """Return True if an expression reads an undefined name, or assigns any name."""
    names = (n for n in ast.walk(node) if isinstance(n, ast.Name))
    return any(n.id == undefined or isinstance(n.ctx, ast.Store) for n in names)


def _saved(kind: str, name: str, suspicion: Suspicion) -> float:
    """Return by how much an exception or a wrong quantity makes an edit likelier."""
    return _LIKELIER * (kind in suspicion.kinds) + _WANTED * (name in suspicion.names)


def _sources(code: Code, suspicion: Suspicion) -> Iterator[_Source]:
    saved = _LIKELIER + _WANTED if suspicion.kinds else 0.0
    for statement in code.statements:
        cost = suspicion.costs.get(statement.lineno)
        if cost is not None:
            place = _Place(statement, code, cost, suspicion)
            for own in statements.STATEMENTS:
                make = functools.partial(place.of_statement, own.edit)
                yield _Source(cost + own.least - saved, make)
            for row in (*edits.EXPRESSIONS, *edits.MANY):
                least = cost + row.least - (saved if row.least < edits.MUCH else 0.0)
                yield _Source(least, functools.partial(place.of_expressions, row.edit))
    nearest = min(suspicion.costs.values(), default=0.0)
    for insertion in statements.INSERTIONS:
        yield _Source(
            nearest + 0.3 - saved, functools.partial(_insertions, insertion, code, suspicion)
        )


def repeated_edits(code: Code, place_cost: Mapping[int, float]) -> Iterator[Edit]:
    """Yield edits that are made in several places at once, the likeliest first.

    A slip is often copied from one line to the next. Places are alike if they differ in digits only, if
    the same is put around another value, or if they are the same place of two lines for other names.
    """
    groups = [*_alike(code, place_cost), *_mirrored(code, place_cost)]
    several = [group for group in groups if len(group) > 1]
    for group in sorted(several, key=lambda group: min(edit.cost for edit, _ in group)):
        changed = [(site, edit.new) for edit, site in group]
        yield group[0][0]._replace(render=functools.partial(_rendered_all, changed, code))


_Group = list[tuple[Edit, _Site]]
"""Edits that are made together, each with its site."""


def _alike(code: Code, place_cost: Mapping[int, float]) -> Iterator[_Group]:
    """Yield the groups of equal edits at sites that are alike in one function."""
    groups: dict[tuple[str, str, str], _Group] = {}
    alike: dict[str, list[_Site]] = {}
    for site in (site for statement in code.statements for site in _sites(statement, statement)):
        for text in (_DIGITS.sub("#", ast.unparse(site.node)), *_frames(site.node).values()):
            alike.setdefault(text, []).append(site)
    for old, sites in alike.items():
        for site in sites if len(sites) > 1 else ():
            code.deadline.check()
            frames = _frames(site.node) if _HOLE in old else {}
            for edit in _edits_at(site, code, place_cost):
                assert edit.new is not None
                if not frames:
                    new = _DIGITS.sub("#", text_of(edit.new))
                    groups.setdefault((edit.kind, old, new), []).append((edit, site))
                elif frames.get(edit.new) == old:
                    groups.setdefault((edit.kind, old, _HOLE), []).append((edit, site))
    yield from groups.values()


def _edits_at(site: _Site, code: Code, place_cost: Mapping[int, float]) -> Iterator[Edit]:
    place = place_cost.get(site.statement.lineno, 3.0)
    for row in edits.EXPRESSIONS:
        for change in row.edit(site.node, code):
            yield _edit(site, change, code, place + change.cost)


def _frames(node: ast.expr) -> dict[ast.AST, str]:
    """Return the parts of an expression, each with the text around it: `□[-1]` for `a[-1]`."""
    match node:
        case ast.Subscript(value=part) | ast.Attribute(value=part) | ast.Call(args=[part]):
            parts = [part]
        case ast.BinOp(left, _, right):
            parts = [left, right]
        case _:
            parts = []
    text = ast.unparse(node)
    inner = {part: ast.unparse(part) for part in parts}
    return {
        part: text.replace(f"({own})", _HOLE, 1).replace(own, _HOLE, 1)
        for part, own in inner.items()
    }


def _mirrored(code: Code, place_cost: Mapping[int, float]) -> Iterator[_Group]:
    """Yield the groups of an edit in a line and in its counterpart for other names: plus and minus."""
    for first, second in itertools.combinations(code.simple, 2):
        if names := statements.counterpart(code.simple[first].text, code.simple[second].text):
            pairs = zip(_sites(first, first), _sites(second, second), strict=False)
            for site, twin in pairs:
                code.deadline.check()
                for edit in _edits_at(site, code, place_cost):
                    assert edit.new is not None
                    text = ast.unparse(edit.new).replace(*names)
                    new = ast.parse(text, mode="eval").body
                    yield [(edit, site), (edit._replace(new=new), twin)]


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


def _edit(site: _Site, change: edits.Replacement, code: Code, cost: float) -> Edit:
    render = functools.partial(_rendered, site, change.node, code)
    old = change.old or site.node
    return Edit(change.kind, old.lineno, cost, old, change.name, render, change.node)


def _insertions(
    insertion: statements.Insertion, code: Code, suspicion: Suspicion
) -> Iterator[Edit]:
    place_cost = suspicion.costs
    for line, change in insertion(code):
        before = [statement for statement in code.statements if statement.lineno <= line]
        if not before:  # a line of the function's head
            continue
        place = min(place_cost.get(line, 3.0), place_cost.get(line + 1, 3.0))
        cost = place + change.cost - _saved(change.kind, change.name, suspicion)
        old = change.old or before[-1]
        yield Edit(change.kind, line, cost, old, change.name, change.render)


def _rendered(site: _Site, node: ast.expr, code: Code) -> str:
    """Return the cell with another expression at a site."""
    return code.with_statement(site.statement, site.with_node(node))


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
