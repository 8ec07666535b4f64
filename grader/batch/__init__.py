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
from grader.batch import journal, workers
from grader.batch.folder import (
    Views,
    is_current,
    make_folder,
    make_views,
    write_class,
    write_executed,
    write_views,
)
from grader.errors import GraderError
from grader.files import append, remove_drafts
from grader.grading import Settings
from grader.grading.results import ENVIRONMENT
from grader.intake import Source
from grader.messages import Translator
from grader.messages.catalog import ENGLISH
from grader.model import Assignment, Submission
from grader.model.failure import Failure, failure_of
from grader.model.progress import OnResult, Origin
from grader.model.result import Result, Status

ERRORS_LOG = "errors.log"
_POLL_SECONDS = 0.25
_WORKER_DIED = (
    "A worker process was killed, perhaps because memory ran out. Finished submissions are saved. "
    "Run the same command again to resume. Details are in {log}."
)


@dataclass(frozen=True, slots=True)
class Graded:
    """A worker's return value: a result, its origin, and its views unless the folder has them."""

    result: Result
    origin: Origin
    views: Views | None = None


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
    make_folder(batch.folder)
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
                write_executed(batch.folder, task.result)
                if task.views:
                    write_views(batch.folder, name, task.views)
                results[name] = task.result
                on_result(task.result, task.origin)
        except BaseException as error:
            executor.shutdown(wait=False, cancel_futures=True)
            if isinstance(error, BrokenExecutor):
                unfinished = [source.id for source in sources if source.id not in results]
                at_work = ",".join(workers.at_work(executor, unfinished))
                batch.log(at_work or "-", [failure_of(error, stage="a worker process")])
                raise GraderError(_WORKER_DIED.format(log=batch.folder / ERRORS_LOG)) from error
            raise
    in_order = tuple(results[source.id] for source in sources)
    write_class(batch.folder, in_order, batch.translator)
    return in_order


def _task(source: Source, earlier: Result | None, batch: Batch) -> Graded:
    """Grade a submission and make its views in the worker, unless they are up to date.

    An exception in a view makes this submission `internal`. A second one, in the view of that, ends the
    batch: it is not about the submission.
    """
    submission = source.read()
    graded = _grade(submission, earlier, batch)
    try:
        if graded.origin == "known" and is_current(batch.folder, graded.result, batch.translator):
            return graded
        return replace(graded, views=make_views(graded.result, batch.translator))
    except Exception as error:
        failed = grading.failed(submission, batch.assignment, batch.settings, error, stage="page")
        return Graded(failed, "graded", make_views(failed, batch.translator))


def _grade(submission: Submission, earlier: Result | None, batch: Batch) -> Graded:
    """Grade a submission, or return its earlier result if that is valid.

    A submission without bytes is graded again, because the reason may have changed.
    """
    if earlier and earlier.sha256 == submission.sha256 and submission.data:
        return Graded(earlier, "known")
    result = grading.grade(submission, batch.assignment, batch.settings)
    if earlier and replace(result, duration_s=earlier.duration_s) == earlier:
        return Graded(earlier, "known")
    return Graded(result, "graded")


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
