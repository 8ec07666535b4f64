"""Grade many submissions with an executor, journal each result, and write a folder of views.

The journal is written first. Pages and JSON files are views of it and are written again where they
are missing or older, so a run that is killed between two writes can be resumed.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Iterator, Sequence
from concurrent.futures import BrokenExecutor, Executor, Future
from dataclasses import astuple, dataclass, replace
from datetime import datetime
from pathlib import Path
from queue import Empty, SimpleQueue

from grader import grading
from grader.assignments import oracle, translator
from grader.batch import journal
from grader.errors import DiskError, GraderError, UsageError
from grader.files import append, remove_drafts, write_whole
from grader.grading import Settings
from grader.grading.results import ENVIRONMENT
from grader.intake import Source
from grader.messages import Translator
from grader.messages.catalog import ENGLISH
from grader.model import Assignment
from grader.model.failure import Failure, failure_of
from grader.model.progress import OnResult, Origin
from grader.model.result import Result, Status
from grader.views import html
from grader.views.tables import to_csv, to_json

ERRORS_LOG = "errors.log"
_POLL_SECONDS = 0.25
_WORKER_DIED = (
    "A worker process was killed, perhaps because memory ran out. Finished submissions are saved. "
    "Run the same command again to resume. Details are in {log}."
)


@dataclass(frozen=True, slots=True)
class Graded:
    """A worker's return value: a result, its origin, its JSON and, if it was graded now, its page.

    JSON and page are in the language of the batch.
    """

    result: Result
    origin: Origin
    text: str
    page: str | None = None


@dataclass(frozen=True, slots=True)
class Batch:
    """The assignment and settings of a batch, the folder for its results, and their language.

    With `debug`, `errors.log` also has the messages of exceptions, which may quote a submission.
    """

    assignment: Assignment
    settings: Settings
    folder: Path
    language: str = ENGLISH
    debug: bool = False

    @property
    def translator(self) -> Translator:
        """Return the translator of the pages and of the texts in JSON files."""
        return translator(self.assignment, self.language)

    @property
    def fingerprint(self) -> str:
        """Return a digest of everything that decides a result, except the submission itself."""
        files = self.assignment.files
        folder, stem = files.testcases.parent, files.testcases.stem
        patterns = (f"{stem}*", f"{stem}_*/**/*.py", f"{stem}_*/**/*.xml")
        testcases = sorted(path for pattern in patterns for path in folder.glob(pattern))
        inputs = [files.reference, files.template, *testcases, *(p for _, p in files.helpers)]
        inputs += files.mistakes.values()  # the hints quote them
        decisive = (astuple(ENVIRONMENT), self.assignment.name, astuple(self.settings))
        digest = hashlib.sha256(repr(decisive).encode())
        for path in inputs:
            if path.is_file():
                digest.update(path.read_bytes())
        return digest.hexdigest()

    def log(self, submission: str, failures: Sequence[Failure]) -> None:
        """Add failures of the grader to `errors.log`, with the time. Raises DiskError."""
        time = datetime.now().astimezone().isoformat(timespec="seconds")
        entries = ("\n".join(failure.lines(debug=self.debug)) for failure in failures)
        text = "".join(f"{time} {submission} {entry}\n" for entry in entries)
        if text:
            append(self.folder / ERRORS_LOG, text)


def run(
    batch: Batch, sources: Sequence[Source], *, executor: Executor, on_result: OnResult
) -> tuple[Result, ...]:
    """Grade all sources and write the folder; return the results in the order of the sources.

    A failure of the grader does not replace an earlier result in the journal; it is logged.
    Raises BoxError or AssignmentError before anything is graded, UsageError if the folder is in use,
    and DiskError at any time. The next run uses the results that are in the journal by then.
    """
    _make_folder(batch.folder)
    oracle.consult(batch.assignment, batch.settings.seed, tier=batch.settings.tier)
    results: dict[str, Result] = {}
    with journal.opened(batch.folder, batch.fingerprint) as book:
        remove_drafts([batch.folder, *batch.folder.glob("submissions/*")])
        book.language = batch.language
        earlier = book.known()
        try:
            tasks = [executor.submit(_task, s, earlier.get(s.id), batch) for s in sources]
            for task in _finished(tasks):
                name, failed = task.result.submission, task.result.status is Status.INTERNAL
                batch.log(name, task.result.failures)
                if task.origin == "graded" and not (failed and name in earlier):
                    book.record(task.result)
                write_views(task, batch)
                results[name] = task.result
                on_result(task.result, task.origin)
        except BaseException as error:
            executor.shutdown(wait=False, cancel_futures=True)
            if isinstance(error, BrokenExecutor):  # the executor does not name the worker's task
                batch.log("-", [failure_of(error, stage="a worker process")])
                raise GraderError(_WORKER_DIED.format(log=batch.folder / ERRORS_LOG)) from error
            raise
    in_order = tuple(results[source.id] for source in sources)
    write_class(batch.folder, in_order, batch.translator)
    return in_order


def _task(source: Source, earlier: Result | None, batch: Batch) -> Graded:
    """Grade a submission unless its earlier result is valid, and make its views in the worker.

    A submission without bytes is graded again, because the reason may have changed.
    """
    submission = source.read()
    if earlier and earlier.sha256 == submission.sha256 and submission.data:
        return Graded(earlier, "known", to_json(earlier, batch.translator))
    result = grading.grade(submission, batch.assignment, batch.settings)
    if earlier and replace(result, duration_s=earlier.duration_s) == earlier:
        return Graded(earlier, "known", to_json(earlier, batch.translator))
    page = html.student_page(result, batch.translator)
    return Graded(result, "graded", to_json(result, batch.translator), page)


def _finished(tasks: Sequence[Future[Graded]]) -> Iterator[Graded]:
    """Yield results as they arrive. Wait in short steps, so that Ctrl-C works."""
    finished: SimpleQueue[Future[Graded]] = SimpleQueue()
    for task in tasks:
        task.add_done_callback(finished.put)
    remaining = len(tasks)
    while remaining:
        with contextlib.suppress(Empty):
            yield finished.get(timeout=_POLL_SECONDS).result()
            remaining -= 1


# ------------------------------------------------------------------ files


def write_views(graded: Graded, batch: Batch) -> None:
    """Write the page and the JSON of one submission unless both are up to date. Raises DiskError."""
    result = graded.result
    place = batch.folder / "submissions" / result.submission
    if result.executed:
        _make_folder(place)
        write_whole(place / "executed.ipynb", result.executed)
    if not ((place / "report.html").is_file() and _contains(place / "result.json", graded.text)):
        page = graded.page or html.student_page(result, batch.translator)
        write_submission(batch.folder, result, page, graded.text)


def write_submission(folder: Path, result: Result, page: str, text: str) -> None:
    """Write the page and the JSON of one submission. Raises DiskError.

    The JSON comes last: if it is up to date after an interruption, the page is, too.
    """
    place = folder / "submissions" / result.submission
    _make_folder(place)
    write_whole(place / "report.html", page)
    write_whole(place / "result.json", text)


def write_class(folder: Path, results: Sequence[Result], translator: Translator) -> None:
    """Write the table and the page of a class, sorted by ID. Raises DiskError."""
    by_id = sorted(results, key=lambda result: result.submission)
    functions = [function.name for function in by_id[0].functions] if by_id else []
    write_whole(folder / "grades.csv", to_csv(by_id, functions))
    write_whole(folder / "index.html", html.class_page(by_id, translator))


def _contains(file: Path, text: str) -> bool:
    try:
        return file.is_file() and file.read_bytes() == text.encode()
    except OSError:
        return False


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError) as error:
        raise UsageError(f"The folder {folder} cannot be created: a file has this name.") from error
    except OSError as error:
        raise DiskError(f"The folder {folder} cannot be created: {error.strerror}.") from error
