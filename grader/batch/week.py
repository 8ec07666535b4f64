"""Several gradebooks in one folder, one for each assignment, and the page over all of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Executor
from functools import partial
from pathlib import Path

from grader.batch import journal
from grader.errors import UsageError
from grader.files import write_whole
from grader.grading.recognition import part, places
from grader.intake import Source
from grader.messages import catalog
from grader.model import Assignment
from grader.model.summary import summaries

PAGE = "index.html"


def folders(week: Path) -> list[Path]:
    """Return the folders with a gradebook right below a folder that has none itself, sorted."""
    if (week / journal.NAME).exists():
        return []
    return sorted(file.parent for file in week.glob(f"*/{journal.NAME}"))


def claim(week: Path) -> None:
    """Raise UsageError for a folder that is a gradebook, or has a page of something else."""
    if (week / journal.NAME).exists():
        raise UsageError(
            f"{week} is the gradebook of one assignment. Choose another folder for --out."
        )
    if (week / PAGE).exists() and not folders(week):
        raise UsageError(f"{week / PAGE} would be replaced. Choose another folder for --out.")


def by_assignment(
    sources: Sequence[Source], assignments: Sequence[Assignment], executor: Executor
) -> Mapping[str, list[Source]]:
    """Return the submissions to each assignment by its name; under "" those to none of them."""
    parts: dict[str, list[Source]] = {name: [] for name in ("", *(a.name for a in assignments))}
    find = partial(places, assignments=tuple(assignments))
    for source, positions in zip(sources, executor.map(find, sources), strict=True):
        if not positions:
            parts[""].append(source)
        for name, files in positions.items():
            parts[name].append(part(source, files))
    return parts


def write_page(week: Path, books: Iterable[Path], language: str | None = None) -> Path:
    """Write the page over the gradebooks of a folder, and return its path. Raises DiskError.

    Without a language it is that of the first gradebook.
    """
    from grader.views import html  # loads Jinja, which only pages need

    classes = []
    for folder in books:
        with journal.for_reading(folder) as book:
            language = language or book.language or catalog.ENGLISH
            if rows := summaries(book.counted()):
                title = book.translator(language)(rows[0].title)
                classes.append(html.WeekClass(folder.name, title, rows))
    page = week / PAGE
    write_whole(page, html.week_page(classes, catalog.translator(language or catalog.ENGLISH)))
    return page
