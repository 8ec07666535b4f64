"""Helpers for tests of slices: notebooks from plain text, slices as numbered sources."""

from __future__ import annotations

import ast

from hypothesis import HealthCheck, settings

from grader.model import Cell, Notebook
from grader.notebook.slicing import Slice, SyntaxFault, slices
from grader.notebook.slicing.parse import without_warnings

UNHURRIED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
"""A busy machine is no mistake of the code."""


def notebook(*sources: str) -> Notebook:
    """Return a notebook with a code cell for each source."""
    return Notebook(tuple(Cell(number, source) for number, source in enumerate(sources, start=1)))


def slice_of(
    *sources: str,
    name: str = "f",
    parameters: tuple[str, ...] = ("x",),
    helper_names: frozenset[str] = frozenset(),
    trainers: frozenset[str] = frozenset(),
) -> Slice:
    """Return the slice of one function, by default of `f(x)`."""
    functions = [(name, parameters)]
    document = notebook(*sources)
    return slices(document, functions, helper_names=helper_names, trainers=trainers)[0]


def kept(*sources: str) -> list[str]:
    """Return the sources of the cells that `f` needs."""
    slice_ = slice_of(*sources)
    assert slice_.is_defined
    return [cell.source for cell in slice_.cells]


def fault_of(*sources: str) -> SyntaxFault:
    """Return the fault that `f` is lost to."""
    slice_ = slice_of(*sources)
    assert not slice_.is_defined
    assert slice_.fault is not None
    assert (slice_.cell, slice_.line) == (slice_.fault.cell, slice_.fault.line)
    return slice_.fault


def tree(source: str) -> str:
    """Return the tree of a source, which must parse, whatever its escapes are."""
    with without_warnings():
        return ast.dump(ast.parse(source))
