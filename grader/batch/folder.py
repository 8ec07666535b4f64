"""The folder of a batch: the page and JSON of each submission, the table and page of the class.

Everything here can be made again from the gradebook, which `grader report` does.
"""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from grader.batch import journal
from grader.batch.journal import Gradebook
from grader.errors import DiskError, UsageError
from grader.files import remove, write_whole
from grader.messages import Translator
from grader.model.result import Result, Status
from grader.model.summary import ResultSummary, summaries
from grader.views.tables import to_csv, to_json

PAGES = ("report.html", "result.json", "executed.ipynb")
"""The files of a submission."""


@dataclass(frozen=True, slots=True)
class Views:
    """The page and the JSON of one submission, in one language."""

    page: str
    text: str


def make_views(result: Result, translator: Translator) -> Views:
    """Return the page and the JSON of a result."""
    from grader.views import html  # loads Jinja, which only pages need

    return Views(html.student_page(result, translator), to_json(result, translator))


def is_current(folder: Path, result: Result, translator: Translator) -> bool:
    """Return True if a folder has the page of a result, and its JSON, which is written last."""
    place = folder / "submissions" / result.submission
    try:
        written = (place / "result.json").read_bytes()
    except OSError:
        return False
    return (place / "report.html").is_file() and written == to_json(result, translator).encode()


def write_views(folder: Path, submission: str, views: Views) -> None:
    """Write the page and the JSON of one submission. Raises DiskError.

    The JSON comes last: if it is up to date after an interruption, the page is, too.
    """
    place = folder / "submissions" / submission
    make_folder(place)
    _write(place / "report.html", views.page)
    _write(place / "result.json", views.text)


def write_all(book: Gradebook, translator: Translator) -> list[ResultSummary]:
    """Write every page, JSON file and table of a folder; return its rows. Raises DiskError."""

    def written() -> Iterator[Result]:
        for result in book.counted():
            if result.status is not Status.NOT_SUBMITTED:
                write_views(book.folder, result.submission, make_views(result, translator))
            yield result

    return write_class(book, translator, results=written())


def write_executed(folder: Path, result: Result) -> None:
    """Write the executed notebook of a submission, if there is one. Raises DiskError."""
    if result.executed:
        place = folder / "submissions" / result.submission
        make_folder(place)
        write_whole(place / "executed.ipynb", result.executed)


def write_class(
    book: Gradebook, translator: Translator, *, results: Iterable[Result] | None = None
) -> list[ResultSummary]:
    """Write the table and the page of a class, and return its rows, sorted by ID.

    Results are read one by one, because a class can be larger than the memory; a caller that reads
    them passes them on as `results`. Removes pages that have no row. Raises DiskError.
    """
    from grader.views import html

    rows = summaries(book.counted() if results is None else results)
    book.store_grades(rows)
    _write(book.folder / "grades.csv", to_csv(rows, list(book.assignment.functions)))
    _write(book.folder / "index.html", html.class_page(rows, translator))
    _remove_pages(
        book.folder, {row.submission for row in rows if row.status is not Status.NOT_SUBMITTED}
    )
    return rows


def _remove_pages(folder: Path, submissions: Collection[str]) -> None:
    """Remove the files of submissions that are not in the gradebook. Raises DiskError."""
    for place in folder.glob("submissions/*"):
        if place.name not in submissions and place.is_dir():
            for name in PAGES:
                remove(place / name)
            with contextlib.suppress(OSError):  # somebody else's file stays
                place.rmdir()


def without_files(book: Gradebook) -> list[str]:
    """Return the IDs of submissions whose page or JSON is missing, sorted."""
    places = {name: book.folder / "submissions" / name for name in book.submissions()}
    return [
        name
        for name, place in places.items()
        if not ((place / "report.html").is_file() and (place / "result.json").is_file())
    ]


def claim(folder: Path) -> None:
    """Create the folder of a gradebook. Raises UsageError if it has files of others, and DiskError."""
    if folder.is_dir() and not (folder / journal.NAME).exists():
        names = {entry.name for entry in folder.iterdir()}
        if names - {journal.LOCK}:
            raise UsageError(
                f"{folder} already exists and is neither an empty folder nor a gradebook. Choose "
                "another folder for --out."
            )
    make_folder(folder)


def _write(path: Path, text: str) -> None:
    """Replace a file's text unless it is the same: to compare takes a tenth of the time."""
    data = text.encode()
    with contextlib.suppress(OSError):
        if path.stat().st_size == len(data) and path.read_bytes() == data:
            return
    write_whole(path, data)


def make_folder(folder: Path) -> None:
    """Create a folder and those above it. Raises UsageError for a file of this name, and DiskError."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError) as error:
        raise UsageError(f"The folder {folder} cannot be created: a file has this name.") from error
    except OSError as error:
        raise DiskError(f"The folder {folder} cannot be created: {error.strerror}.") from error
