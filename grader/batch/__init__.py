"""Grade many submissions with an executor, journal each result, and write a folder of views.

The journal is written first. Pages and JSON files are views of it and are written again where they
are missing or older, so a run that is killed between two writes can be resumed.
"""

from __future__ import annotations

import contextlib
import hashlib
import itertools
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import BrokenExecutor, Executor, Future
from dataclasses import astuple, dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import NamedTuple, TypeVar

from grader import grading
from grader.assignments import oracle, translator
from grader.batch import changes, history, journal, roster, workers
from grader.batch.changes import UNCHANGED, Described, PolicyChange, Terms
from grader.batch.folder import (
    Views,
    claim,
    is_current,
    make_views,
    write_class,
    write_executed,
    write_views,
)
from grader.batch.history import Moment
from grader.batch.journal import Conditions, Gradebook
from grader.batch.report import above_maximum
from grader.errors import GraderError, UsageError
from grader.files import append, remove_drafts
from grader.grading import Settings, own_modules
from grader.grading.best_notebook import contenders, grade_best
from grader.grading.results import ENVIRONMENT, with_circumstances
from grader.grading.settings import Budget
from grader.intake import Source
from grader.messages import Translator
from grader.messages.catalog import ENGLISH
from grader.model import Assignment
from grader.model.failure import Failure, failure_of
from grader.model.findings import CheckResult
from grader.model.progress import OnResult, Origin
from grader.model.result import Result, Status
from grader.model.scoring import lacks_time
from grader.model.submission import Student, Submission
from grader.model.summary import ResultSummary
from grader.views.tables import from_json, to_json

ERRORS_LOG = "errors.log"
_POLL_SECONDS = 0.25
_NAMED = 3
"""IDs that a sentence names."""
_AHEAD, _AHEAD_OF_EACH = 64, 4
"""Tasks that wait for a worker: at least 64, and 4 for each worker. More would only fill the memory."""

_T = TypeVar("_T")
_WORKER_DIED = (
    "A worker process was killed, perhaps because memory ran out. Finished submissions are saved. "
    "Run the same command again to resume. Details are in {log}."
)


@dataclass(frozen=True, slots=True)
class BatchRequest:
    """What a run does beside grading.

    With `add` its submissions may all be new to the gradebook. `policy`, `roster` and `zone`, the name of
    a time zone, replace those in the gradebook. None keeps the roster or the zone, an empty zone removes
    it.
    """

    add: bool = False
    policy: PolicyChange = UNCHANGED
    roster: tuple[Student, ...] | None = None
    zone: str | None = None


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
    request: BatchRequest = BatchRequest()

    @property
    def translator(self) -> Translator:
        """Return the translator of the pages and of the texts in JSON files."""
        return translator(self.assignment, self.language)

    @property
    def conditions(self) -> Conditions:
        """Return digests of everything that decides a result, except the submission itself."""
        files = self.assignment.files
        folder, stem = files.testcases.parent, files.testcases.stem
        patterns = (f"{stem}*", f"{stem}_*/**/*.py", f"{stem}_*/**/*.xml")
        testcases = sorted(path for pattern in patterns for path in folder.glob(pattern))
        inputs = [files.reference, files.template, *testcases, *(p for _, p in files.helpers)]
        inputs += files.mistakes.values()  # the hints quote them
        digest = hashlib.sha256()
        for path in inputs:
            if path.is_file():
                digest.update(path.read_bytes())
        settings = self.settings.decisive()
        decisive = (astuple(ENVIRONMENT), self.assignment.name, tuple(settings.values()))
        everything = hashlib.sha256(repr(decisive).encode() + digest.digest())
        return Conditions(
            everything.hexdigest(),
            digest.hexdigest(),
            json.dumps(settings),
            *astuple(ENVIRONMENT),
        )

    def log(self, submission: str, failures: Sequence[Failure]) -> None:
        """Add failures of the grader to `errors.log`, with the time. Raises DiskError."""
        time = datetime.now().astimezone().isoformat(timespec="seconds")
        entries = ("\n".join(failure.lines(debug=self.debug)) for failure in failures)
        text = "".join(f"{time} {submission} {entry}\n" for entry in entries)
        if text:
            append(self.folder / ERRORS_LOG, text)


@dataclass(frozen=True, slots=True)
class Outcome:
    """The end of a run: all rows of the gradebook, and what a person should know about the run.

    `failed` submissions have no new result because the grader failed, `incomplete` ones lack diagnoses.
    `moved` are sentences about scores that can differ although the student handed in no other file.
    `without_time` are rows whose late penalty is not known, `above_maximum` functions with more points by
    hand than their maximum. `roster_notes` are sentences about a roster that does not fit the submissions.
    """

    rows: tuple[ResultSummary, ...]
    failed: int = 0
    incomplete: int = 0
    moved: tuple[str, ...] = ()
    without_time: tuple[str, ...] = ()
    above_maximum: tuple[str, ...] = ()
    roster_notes: tuple[str, ...] = ()


def run(
    batch: Batch, sources: Sequence[Source], *, executor: Executor, on_result: OnResult
) -> Outcome:
    """Grade all sources and write the folder, which then shows all runs into it.

    A failure of the grader does not replace an earlier result in the gradebook; it is logged.
    Raises BoxError or AssignmentError before anything is graded; UsageError if the folder is in use,
    belongs to others or to another class; and DiskError at any time. The next run uses the results that
    are in the gradebook by then.
    """
    claim(batch.folder)
    with journal.opened(batch.folder, batch.conditions) as book:
        _refuse_strangers(book, batch, sources)
        oracle.consult(batch.assignment, batch.settings.seed, tier=batch.settings.tier)
        remove_drafts([batch.folder, *batch.folder.glob("submissions/*")])
        _prepare(book, batch, sources)
        keys = {key: source.id for source in sources for key in source.aliases}
        book.remember(keys | {source.key: source.id for source in sources if source.key})
        previous = next((r for r in reversed(history.runs(book)) if r.finished is not None), None)
        before = history.after(book, previous) if previous else None
        history.begin_run(book)
        try:
            failures = _grade_all(book, batch, sources, executor, on_result)
            _renew_others(book, batch, sources, executor)
        except BaseException:
            executor.shutdown(wait=False, cancel_futures=True)
            raise
        history.finish_run(book)
        rows = write_class(book, batch.translator)
        terms = book.terms()
        return Outcome(
            tuple(rows),
            failures.failed,
            failures.incomplete,
            _moved(before, history.present(book)) if before else (),
            tuple(row.submission for row in rows if lacks_time(row, terms.policy)),
            above_maximum(rows, terms),
            book.roster_notes() if batch.request.roster else (),
        )


def _moved(before: Moment, later: Moment) -> tuple[str, ...]:
    sentences = (history.regraded(before, later), history.retimed(before, later))
    return tuple(filter(None, sentences))


class BookState(NamedTuple):
    """The part of a gradebook that a new run needs first.

    `ids` are the IDs by the keys of their sources; `zone` is the name of the time zone, if one is set.
    """

    ids: Mapping[str, str]
    zone: str | None


def state_of(folder: Path) -> BookState:
    """Return the IDs and the zone in the gradebook of a folder; empty if there is none."""
    if not (folder / journal.NAME).is_file():
        return BookState({}, None)
    with journal.existing(folder) as book:
        return BookState(book.known_ids(), changes.setting(book.connection, "zone"))


def students_in(folder: Path) -> dict[str, Student]:
    """Return the student of each submission in the gradebook of a folder, none if there is none."""
    if not (folder / journal.NAME).is_file():
        return {}
    with journal.existing(folder) as book:
        return book.students()


def _refuse_strangers(book: Gradebook, batch: Batch, sources: Sequence[Source]) -> None:
    """Raise UsageError if a gradebook is another assignment's, or that of another class."""
    name, folder = book.assignment.name, batch.folder
    if name and name != batch.assignment.name:
        raise UsageError(
            f"{folder} is the gradebook of {name}, not of {batch.assignment.name}. Choose another "
            "folder for --out."
        )
    known = set(book.submissions())
    if known and not batch.request.add and known.isdisjoint(source.id for source in sources):
        none = f"None of these submissions is among the {len(known)} in {folder}"
        alike = sorted({name for source in sources for name in _name_parts(source.id)} & known)
        if alike:
            raise UsageError(
                f"{none}, but names are equal ({', '.join(alike[:_NAMED])}). If this is the same class, "
                "give the folder or zip file the name that it had in the earlier run. If it is another "
                "class, choose another folder for --out, or use --add."
            )
        raise UsageError(f"{none}. Use --add to add them, or choose another folder for --out.")


def _name_parts(submission: str) -> Iterator[str]:
    """Yield the names from which an ID may have been made: without parent folders or a number."""
    name, _, number = submission.rpartition("-")
    if number.isdecimal():
        yield name
    parts = submission.split("-")
    yield from ("-".join(parts[at:]) for at in range(1, len(parts)))


def _prepare(book: Gradebook, batch: Batch, sources: Sequence[Source]) -> None:
    """Store what the run sets in the gradebook: assignment, policy, roster, zone, language."""
    functions = {function.name: function.max_score for function in batch.assignment.functions}
    described = Described(batch.assignment.name, f"{batch.assignment.title}", functions)
    policy = batch.request.policy.applied(changes.policy_of(book.connection))
    changes.set_assignment(book.connection, described)
    changes.set_policy(book.connection, policy)
    book.join_roster(_students(sources))
    if batch.request.roster is not None:
        changes.set_roster(book.connection, roster.entries(batch.request.roster))
        book.join_roster(_students(sources))
    if batch.request.zone is not None:
        book.set("zone", batch.request.zone or None)
    book.keep_catalogues(batch.assignment.files.languages)
    book.language = batch.language


def _students(sources: Sequence[Source]) -> dict[str, Student | None]:
    return {source.id: source.student for source in sources}


# ------------------------------------------------------------------ tasks


@dataclass(frozen=True, slots=True)
class Task:
    """Everything that a worker needs for one submission: its source, and what the gradebook knows.

    `earlier` is the JSON of the result in the gradebook if that is valid.
    """

    source: Source
    earlier: str | None
    terms: Terms
    batch: Batch


@dataclass(frozen=True, slots=True)
class Graded:
    """A worker's return value: a result as graded, its origin, and its views unless they are current.

    `text` is the JSON of the whole result. `result` then has points and statuses only, because many
    whole results would fill the memory. A `renewed` result was not graded again, but has a new source or
    time of submission.
    """

    result: Result
    origin: Origin
    text: str = ""
    views: Views | None = None
    renewed: bool = False


class _Failures(NamedTuple):
    failed: int
    incomplete: int


def _grade_all(
    book: Gradebook,
    batch: Batch,
    sources: Sequence[Source],
    executor: Executor,
    on_result: OnResult,
) -> _Failures:
    """Grade the sources, record the results, write their views; return the number of failures."""
    terms, finished, valid = book.terms(_students(sources)), set[str](), set[str]()
    failed = incomplete = 0

    def calls() -> Iterator[Callable[[], Graded]]:
        for source in sources:
            earlier = book.valid_result(source.id)
            if earlier:
                valid.add(source.id)
            yield partial(_task, Task(source, earlier, terms.of(source.id), batch))

    try:
        for task in _finished(executor, calls()):
            result = task.result
            name, internal = result.submission, result.status is Status.INTERNAL
            batch.log(name, result.failures)
            failed += internal
            incomplete += bool(result.failures) and not internal
            if not (internal and name in valid):
                _keep(book, task)
            finished.add(name)
            on_result(result, task.origin)
    except BrokenExecutor as error:
        unfinished = [source.id for source in sources if source.id not in finished]
        at_work = ",".join(workers.at_work(executor, unfinished))
        batch.log(at_work or "-", [failure_of(error, stage="a worker process")])
        raise GraderError(_WORKER_DIED.format(log=batch.folder / ERRORS_LOG)) from error
    return _Failures(failed, incomplete)


def _keep(book: Gradebook, task: Graded) -> None:
    """Record a result first, then write its views."""
    if task.origin == "graded":
        book.record(task.result, task.text)
    elif task.renewed:
        book.renew(task.result, task.text)
    write_executed(book.folder, task.result)
    if task.views:
        write_views(book.folder, task.result.submission, task.views)


def _task(task: Task) -> Graded:
    """Grade a submission and make its views in the worker, unless they are up to date.

    An exception in a view makes this submission `internal`. A second one, in the view of that, ends the
    batch: it is not about the submission.
    """
    batch = task.batch
    names = [function.name for function in batch.assignment.functions]
    budget = Budget.of(batch.assignment, batch.settings)
    submissions = contenders(task.source, names, budget.reading)
    graded = _grade(submissions, _earlier(task), batch, budget)
    try:
        return _packed(graded, _views(graded, task))
    except Exception as error:
        failed = grading.failed(
            submissions[0], batch.assignment, batch.settings, error, stage="page"
        )
        views = make_views(task.terms.counted(failed), batch.translator)
        return _packed(Graded(failed, "graded"), views)


def _packed(graded: Graded, views: Views | None) -> Graded:
    """Return what goes back to the main process."""
    text = to_json(graded.result, indented=False)
    return replace(graded, result=_without_texts(graded.result), views=views, text=text)


def _without_texts(result: Result) -> Result:
    """Return the part of a result that the main process needs."""
    functions = (
        replace(
            function,
            checks=tuple(
                CheckResult(c.name, c.status, "", c.score, c.max_score) for c in function.checks
            ),
            diagnoses=(),
            source=None,
            formula="",
        )
        for function in result.functions
    )
    return replace(result, functions=tuple(functions), run=None, notes=(), others=())


def _views(graded: Graded, task: Task) -> Views | None:
    """Return the views of a result that counts, None if they are up to date."""
    counted = task.terms.counted(graded.result)
    if graded.origin == "known" and is_current(task.batch.folder, counted, task.batch.translator):
        return None
    return make_views(counted, task.batch.translator)


def _earlier(task: Task) -> Result | None:
    """Return the result in the gradebook, None if it is damaged."""
    with contextlib.suppress(ValueError):
        result = from_json(task.earlier or "")
        return result if result.submission == task.source.id else None
    return None


def _grade(
    submissions: Sequence[Submission], earlier: Result | None, batch: Batch, budget: Budget
) -> Graded:
    """Grade the notebooks of a student, or return the earlier result if that is valid.

    A submission without bytes is graded again, because the reason may have changed, and so is one with
    modules, because the digest is that of the notebook alone.
    """
    first = submissions[0]
    is_alone = len(submissions) == 1 and not own_modules(first, batch.assignment)
    if earlier and is_alone and first.data and earlier.sha256 == first.sha256:
        renewed = with_circumstances(earlier, first)
        return Graded(renewed, "known", renewed=renewed != earlier)
    result = grade_best(
        submissions,
        lambda each, part: grading.grade(each, batch.assignment, batch.settings, budget=part),
        budget,
    )
    if earlier:
        again = replace(result, duration_s=earlier.duration_s, graded_at=earlier.graded_at)
        if again == earlier:
            return Graded(earlier, "known")
    return Graded(result, "graded")


def _finished(executor: Executor, calls: Iterator[Callable[[], _T]]) -> Iterator[_T]:
    """Submit calls, a few ahead of the workers; yield what they return. Short waits let Ctrl-C work."""
    finished: SimpleQueue[Future[_T]] = SimpleQueue()
    ahead = max(_AHEAD, _AHEAD_OF_EACH * workers.number(executor))
    pending = 0
    while True:
        for call in itertools.islice(calls, ahead - pending):
            executor.submit(call).add_done_callback(finished.put)
            pending += 1
        if not pending:
            return
        with contextlib.suppress(Empty):
            yield finished.get(timeout=_POLL_SECONDS).result()
            pending -= 1


# ------------------------------------------------------------------ submissions that this run has not


def _renew_others(
    book: Gradebook, batch: Batch, sources: Sequence[Source], executor: Executor
) -> None:
    """Make the views of all other submissions again, if what decides them has changed."""
    mark = _mark(book, batch)
    if changes.setting(book.connection, "views") == mark:
        return
    terms, ours = book.terms(), {source.id for source in sources}
    others = [submission for submission in book.submissions() if submission not in ours]

    def calls() -> Iterator[Callable[[], tuple[str, Views | None]]]:
        for submission in others:
            if result := book.result(submission):
                yield partial(_other_views, terms.of(submission).counted(result), batch)

    for submission, views in _finished(executor, calls()):
        if views:
            write_views(book.folder, submission, views)
    book.set("views", mark)


def _other_views(result: Result, batch: Batch) -> tuple[str, Views | None]:
    if is_current(batch.folder, result, batch.translator):
        return result.submission, None
    return result.submission, make_views(result, batch.translator)


def _mark(book: Gradebook, batch: Batch) -> str:
    """Return a digest of everything that decides the views of results which are not graded again."""
    decisive = (
        changes.policy_of(book.connection),
        sorted(book.entries().items()),
        batch.language,
        ENVIRONMENT.grader,
    )
    return hashlib.sha256(repr(decisive).encode()).hexdigest()
