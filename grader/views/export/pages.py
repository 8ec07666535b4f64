"""A folder with the page of each student, named after the student, to send by mail."""

from __future__ import annotations

from collections.abc import Iterator

from grader.model.result import Result, Status
from grader.views.export.grades import file_name, student_name, unique
from grader.views.export.request import Export, ExportFile, Request
from grader.views.html.student_page import student_page


def pages(request: Request) -> Export:
    """Return a page for each submission."""
    return Export(_files(request))


def _files(request: Request) -> Iterator[ExportFile]:
    results = [r for r in request.results if r.status is not Status.NOT_SUBMITTED]
    names = unique(file_name(_name(result)) for result in results)
    for name, result in zip(names, results, strict=True):
        yield ExportFile(f"{name}.html", student_page(result, request.translator).encode())


def _name(result: Result) -> str:
    """Return the name of the student and the ID, where both are known."""
    identifier = result.student.id if result.student and result.student.name else None
    return "_".join(filter(None, (student_name(result), identifier)))
