"""Make the pages and tables of a gradebook again, without grading or running anything."""

from __future__ import annotations

import dataclasses
from itertools import chain
from pathlib import Path

from grader import assignments
from grader.batch import journal
from grader.batch.folder import make_views, write_class, write_views
from grader.errors import UsageError
from grader.model.result import Result


def remake(folder: Path, language: str | None = None) -> tuple[Result, ...]:
    """Write every page, JSON file and table of a folder again; return its results, sorted by ID.

    Without a language it is the one in which the folder was last written. Raises UsageError if the
    folder has no gradebook or is in use, and DiskError if the gradebook is damaged or a file cannot
    be written.
    """
    with journal.existing(folder) as book:
        if book.language is None:
            raise UsageError(
                f"The gradebook in {folder} was written by an earlier version of grader. Run "
                "'grader batch' again first."
            )
        tag = language or book.language
        rows = book.results()
        first = next(rows, None)
        if not first:
            raise UsageError(f"The gradebook in {folder} has no results yet. Run 'grader batch'.")
        translator = assignments.translator(assignments.load(first.assignment), tag)
        results: list[Result] = []
        for result in chain([first], rows):
            write_views(folder, result.submission, make_views(result, translator))
            results.append(_without_sources(result))
        write_class(folder, results, translator)
        book.language = tag
    return tuple(results)


def _without_sources(result: Result) -> Result:
    """Return a result without the lines of code, which no view of a class shows, to save memory."""
    functions = (dataclasses.replace(function, source=None) for function in result.functions)
    return dataclasses.replace(result, functions=tuple(functions))
