"""Grade many submissions over an executor, journal each result, leave a folder to read.

The journal comes first; pages and JSON files are views of it and are made again where they are
missing or older, so a kill between two writes loses nothing.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Iterator, Sequence
from concurrent.futures import BrokenExecutor, Executor, Future
from dataclasses import astuple, dataclass, replace
from pathlib import Path
from queue import Empty, SimpleQueue

from grader import grading
from grader.assignments import oracle
from grader.batch import journal
from grader.errors import DiskError, GraderError, UsageError
from grader.files import _DRAFT, write_whole
from grader.grading import Settings
from grader.intake import Source
from grader.model import Assignment
from grader.model.progress import How, OnResult
from grader.model.result import VERSION, Result, Status
from grader.views import html
from grader.views.tables import to_csv, to_json

_LOOK_SECONDS = 0.25


@dataclass(frozen=True, slots=True)
class Done:
    """What a worker gives back: a result, how it came, the JSON of it and, if graded now, the page."""

    result: Result
    how: How
    text: str
    page: str | None = None


@dataclass(frozen=True, slots=True)
class Batch:
    """What a batch grades by, and the folder it leaves its results in."""

    assignment: Assignment
    settings: Settings
    folder: Path

    @property
    def fingerprint(self) -> str:
        """Return a digest of all that decides a result besides the submission itself."""
        files = self.assignment.files
        beside, stem = files.testcases.parent, files.testcases.stem
        patterns = (f"{stem}*", f"{stem}_*/**/*.py", f"{stem}_*/**/*.xml")
        stated = sorted(path for pattern in patterns for path in beside.glob(pattern))
        inputs = [files.reference, files.template, *stated, *(path for _, path in files.helpers)]
        inputs += files.misconceptions.values()  # their words are in the hints
        decisive = (VERSION, self.assignment.name, astuple(self.settings))
        digest = hashlib.sha256(repr(decisive).encode())
        for path in inputs:
            if path.is_file():
                digest.update(path.read_bytes())
        return digest.hexdigest()


def run(
    batch: Batch, sources: Sequence[Source], *, executor: Executor, on_result: OnResult
) -> tuple[Result, ...]:
    """Grade all sources and write the folder; return the results in the order of the sources.

    A failure of ours takes no earlier result's place in the journal.
    Raises BoxError or AssignmentError before anything is graded, UsageError if the folder is in use,
    and DiskError at any time; what is in the journal by then is known to the next run.
    """
    _made(batch.folder)
    oracle.consult(batch.assignment, batch.settings.seed, tier=batch.settings.tier)
    done: dict[str, Result] = {}
    with journal.opened(batch.folder, batch.fingerprint) as book:
        _sweep(batch.folder)
        known = book.known()
        with _cancelled_on_error(executor):
            tasks = [executor.submit(_task, s, known.get(s.id), batch) for s in sources]
            for task in _finished(tasks):
                failed = task.result.status is Status.INTERNAL
                if task.how == "graded" and not (failed and task.result.submission in known):
                    book.record(task.result, text=task.text)
                write_views(task, batch.folder)
                done[task.result.submission] = task.result
                on_result(task.result, task.how)
    results = tuple(done[source.id] for source in sources)
    _write_class(batch, results)
    return results


def _task(source: Source, known: Result | None, batch: Batch) -> Done:
    """Grade a submission unless it is known, and make its views while others are at work.

    One without bytes is looked at again, for its reason.
    """
    submission = source.read()
    if known and known.sha256 == submission.sha256 and submission.data:
        return Done(known, "known", to_json(known))
    result = grading.grade(submission, batch.assignment, batch.settings)
    if known and replace(result, duration_s=known.duration_s) == known:
        return Done(known, "known", to_json(known))
    return Done(result, "graded", to_json(result), html.student_page(result))


def _finished(tasks: Sequence[Future[Done]]) -> Iterator[Done]:
    """Yield what workers give back as it comes; between two looks Ctrl-C is heeded, however it came."""
    finished: SimpleQueue[Future[Done]] = SimpleQueue()
    for task in tasks:
        task.add_done_callback(finished.put)
    try:
        for _ in tasks:
            yield _next(finished).result()
    except BrokenExecutor as error:
        raise GraderError(
            "A worker process was killed, perhaps because memory ran out. Finished "
            "submissions are saved. Run the same command again to resume."
        ) from error


def _next(finished: SimpleQueue[Future[Done]]) -> Future[Done]:
    while True:
        with contextlib.suppress(Empty):
            return finished.get(timeout=_LOOK_SECONDS)


@contextlib.contextmanager
def _cancelled_on_error(executor: Executor) -> Iterator[None]:
    """Do not start what is still waiting when the batch is broken off."""
    try:
        yield
    except BaseException:
        executor.shutdown(wait=False, cancel_futures=True)
        raise


# ------------------------------------------------------------------ files


def write_views(done: Done, folder: Path) -> None:
    """Write the page and the JSON of one submission, unless they are there and up to date."""
    place = folder / "submissions" / done.result.submission
    json_file, page_file = place / "result.json", place / "report.html"
    if done.result.executed:
        _made(place)
        write_whole(place / "executed.ipynb", done.result.executed)
    if page_file.is_file() and _holds(json_file, done.text):
        return
    _made(place)
    write_whole(page_file, done.page or html.student_page(done.result))
    write_whole(json_file, done.text)


def _holds(file: Path, text: str) -> bool:
    """Say whether a file can be read and holds just that text."""
    try:
        return file.is_file() and file.read_bytes() == text.encode()
    except OSError:
        return False


def _write_class(batch: Batch, results: Sequence[Result]) -> None:
    functions = [function.name for function in batch.assignment.functions]
    write_whole(batch.folder / "grades.csv", to_csv(results, functions))
    write_whole(batch.folder / "index.html", html.class_page(results))


def _sweep(folder: Path) -> None:
    """Remove the drafts of a run that was killed."""
    for pattern in (f"{_DRAFT}*", f"submissions/*/{_DRAFT}*"):
        for draft in folder.glob(pattern):
            try:
                draft.unlink()
            except OSError as error:
                raise DiskError(f"{draft} cannot be removed: {error.strerror}.") from error


def _made(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError) as error:
        raise UsageError(f"The folder {folder} cannot be created: a file has this name.") from error
    except OSError as error:
        raise DiskError(f"The folder {folder} cannot be created: {error.strerror}.") from error


def ungraded(results: Sequence[Result]) -> list[Result]:
    """Return the results in which the failure was ours."""
    return [result for result in results if result.status is Status.INTERNAL]
