"""The folder of a batch: the page and JSON of each submission, the table and page of the class.

Everything here can be made again from the gradebook, which `grader report` does.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from grader.errors import DiskError, UsageError
from grader.files import write_whole
from grader.messages import Translator
from grader.model.result import Result
from grader.views import html
from grader.views.tables import to_csv, to_json


@dataclass(frozen=True, slots=True)
class Views:
    """The page and the JSON of one submission, in one language."""

    page: str
    text: str


def make_views(result: Result, translator: Translator) -> Views:
    """Return the page and the JSON of a result."""
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
    write_whole(place / "report.html", views.page)
    write_whole(place / "result.json", views.text)


def write_executed(folder: Path, result: Result) -> None:
    """Write the executed notebook of a submission, if there is one. Raises DiskError."""
    if result.executed:
        place = folder / "submissions" / result.submission
        make_folder(place)
        write_whole(place / "executed.ipynb", result.executed)


def write_class(folder: Path, results: Sequence[Result], translator: Translator) -> None:
    """Write the table and the page of a class, sorted by ID. Raises DiskError."""
    by_id = sorted(results, key=lambda result: result.submission)
    functions = [function.name for function in by_id[0].functions] if by_id else []
    write_whole(folder / "grades.csv", to_csv(by_id, functions))
    write_whole(folder / "index.html", html.class_page(by_id, translator))


def make_folder(folder: Path) -> None:
    """Create a folder and those above it. Raises UsageError for a file of this name, and DiskError."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError) as error:
        raise UsageError(f"The folder {folder} cannot be created: a file has this name.") from error
    except OSError as error:
        raise DiskError(f"The folder {folder} cannot be created: {error.strerror}.") from error
