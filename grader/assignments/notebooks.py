"""Read and slice notebooks for the functions of an assignment, submitted ones within limits."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Sequence

from grader import assignments
from grader.errors import AssignmentError
from grader.model import Assignment, Cell, Notebook
from grader.model.allowance import Allowance
from grader.notebook import read, reader, slicing
from grader.notebook.reader import NotebookReading, ReadingRequest
from grader.notebook.slicing import Slice
from grader.notebook.slicing.confined import HelperModule, helper_module
from grader.notebook.syntax_edits import SyntaxRepairs


@functools.lru_cache(maxsize=2)  # the reference and the template are needed twice
def slices_of(assignment: Assignment, document: Notebook) -> tuple[Slice, ...]:
    """Return the slices of our own notebook, in the order of `request_for`."""
    request = request_for(assignment)
    return slicing.slices(document, request.functions, helper_names=request.helper_names)


def read_submission(
    assignment: Assignment, data: bytes, allowance: Allowance | None = None
) -> NotebookReading:
    """Return a submitted notebook and its slices, within the `allowance` of the submission.

    Raises NotANotebook, ReadingLimit, ReaderError.
    """
    return reader.read_with_limits(data, request_for(assignment), allowance)


def slices_with_remainder(
    assignment: Assignment, document: Notebook, allowance: Allowance | None = None
) -> tuple[Slice, ...]:
    """Return the slices of a submitted notebook for a second run. Raises ReadingLimit, ReaderError."""
    request = dataclasses.replace(
        request_for(assignment), with_remainder=True, cells=document.cells
    )
    return reader.read_with_limits(b"", request, allowance).slices


def syntax_repairs(
    assignment: Assignment,
    document: Notebook,
    faults: Sequence[tuple[str, int]],
    allowance: Allowance | None = None,
) -> tuple[SyntaxRepairs, ...]:
    """Return the repairs of functions that do not parse, with their cells. Raises as the one above."""
    request = dataclasses.replace(
        request_for(assignment), cells=document.cells, faults=tuple(faults)
    )
    return reader.read_with_limits(b"", request, allowance).repairs


def request_for(assignment: Assignment) -> ReadingRequest:
    """Return the request to slice a notebook: for the graded functions in order, then the ungraded."""
    every = assignment.every_function
    functions = tuple((function.name, function.parameters) for function in every)
    trainings = assignments.trainings(assignment)
    trainers = frozenset({trainings.trainer} if trainings else ())
    helpers = _helper_modules(assignment)
    return ReadingRequest(functions, _helper_names(assignment), helpers, trainers=trainers)


@functools.lru_cache(maxsize=16)
def sources_of(assignment: Assignment, names: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """Return functions by name and source: the reference's of graded ones, else the template's.

    A function of a helper module is imported. Raises AssignmentError for an unknown name.
    """
    graded = {function.name for function in assignment.functions}
    solved = Notebook((Cell(1, assignment.files.reference.read_text("utf-8")),))
    template = read(assignment.files.template.read_bytes())
    helpers = _helper_names(assignment)
    sources = []
    for name in names:
        document = solved if name in graded else template
        (slice_,) = slicing.slices(document, [(name, ())], helper_names=helpers)
        source = "\n".join(cell.source for cell in slice_.cells)
        sources.append((name, source if slice_.is_defined else _imported(assignment, name)))
    return tuple(sources)


def _imported(assignment: Assignment, name: str) -> str:
    """Return the import of a name from the helper module that defines it. Raises AssignmentError."""
    for file, path in assignment.files.helpers:
        if file.endswith(".py") and name in slicing.public_names([path.read_text("utf-8")]):
            return f"from {file.removesuffix('.py')} import {name}"
    raise AssignmentError(f"Neither the template nor a helper module defines {name}.")


@functools.lru_cache(maxsize=8)
def _helper_names(assignment: Assignment) -> frozenset[str]:
    modules = [path for name, path in assignment.files.helpers if name.endswith(".py")]
    return slicing.public_names(path.read_text(encoding="utf-8") for path in modules)


@functools.lru_cache(maxsize=8)
def _helper_modules(assignment: Assignment) -> tuple[HelperModule, ...]:
    return tuple(
        helper_module(name.removesuffix(".py"), path.read_text(encoding="utf-8"))
        for name, path in assignment.files.helpers
        if name.endswith(".py")
    )
