"""A batch that the disk stops ends with one sentence; the same command grades the rest.

The requests to the disk are counted. Then a run for each of them lets that request fail. Quick
functions replace the grading, the pages and the table in the terminal, which have their own tests.
"""

from __future__ import annotations

import errno
import os
import random
import re
import shutil
import sqlite3
import sys
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from grader import grading
from grader.assignments import oracle
from grader.grading import Settings
from grader.model import Assignment
from grader.model.result import Result
from grader.model.submission import Submission
from grader.views import html, terminal
from tests.cli.conftest import Here
from tests.support.command_line import Outcome, gradings, journal
from tests.unit.batch.test_batch import result_of

SEED = 20270301
STUDENTS = 2
SENTENCE = re.compile(
    r"grader: (The gradebook in \S+|The folder \S+|\S+) cannot be (written|used|created|removed): "
    r"(No space left on device|Input/output error|database or disk is full|disk I/O error); "
    r"when that is fixed, run the same command again to resume\.\n"
)


class Killed(BaseException):
    """Ends a run as SIGKILL would: from then on the disk refuses all requests, also of cleaning up."""


def full() -> OSError:
    return OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def broken() -> OSError:
    return OSError(errno.EIO, os.strerror(errno.EIO))


@dataclass
class Disk:
    """Counts the requests to the disk and refuses those from `first` to `last`."""

    folder: Path
    requests: int = 0
    first: int = 0
    last: int = 0
    error: Callable[[], BaseException] = full

    def fail(self, *, first: int, last: int, error: Callable[[], BaseException]) -> None:
        """Refuse the requests with these numbers, counted from now on."""
        self.requests, self.first, self.last, self.error = 0, first, last, error

    def repair(self) -> None:
        self.fail(first=0, last=0, error=full)

    def request(self) -> None:
        """Grant a request, or raise the system's error."""
        self.requests += 1
        if self.first <= self.requests <= self.last:
            raise self.error()

    def request_as_sqlite(self) -> None:
        """Grant a request, or raise SQLite's error."""
        try:
            self.request()
        except OSError as error:
            words = {errno.ENOSPC: "database or disk is full"}
            message = words.get(error.errno or 0, "disk I/O error")
            raise sqlite3.OperationalError(message) from error


def refusable(disk: Disk, method: Callable[..., Any]) -> Callable[..., Any]:
    """Return a method of paths that makes a request first if the path is below the folder.

    Reading is no request: a view that cannot be read is written again.
    """

    def call(self: Path, *arguments: Any, **options: Any) -> Any:
        reads = method.__name__ == "open" and options.get("mode", "r") in ("r", "rb")
        if self.is_relative_to(disk.folder) and not reads:
            disk.request()
        return method(self, *arguments, **options)

    return call


def draft_on(disk: Disk) -> Callable[..., Any]:
    """Return an opener of temporary files that the disk may refuse to open, write or close."""
    make = tempfile.NamedTemporaryFile

    def named(*arguments: Any, **options: Any) -> Any:
        disk.request()
        draft = make(*arguments, **options)
        write, close = draft.write, draft.close

        def write_half(text: str) -> int:
            write(text[: len(text) // 2])
            disk.request()
            return write(text[len(text) // 2 :])

        def close_late() -> None:
            was_open = not draft.file.closed
            close()
            if was_open:
                disk.request()

        vars(draft).update(write=write_half, close=close_late)
        return draft

    return named


def connection_on(disk: Disk) -> type[sqlite3.Connection]:
    """Return a connection class that makes a request at each statement and twice at each commit."""

    class Connection(sqlite3.Connection):
        def execute(self, *arguments: Any) -> sqlite3.Cursor:
            disk.request_as_sqlite()
            if arguments == ("PRAGMA synchronous = FULL",):
                arguments = ("PRAGMA synchronous = OFF",)  # the power stays on here
            return super().execute(*arguments)

        def executescript(self, script: str, /) -> sqlite3.Cursor:
            disk.request_as_sqlite()
            return super().executescript(script)

        def __exit__(self, *raised: Any) -> Any:
            try:
                disk.request_as_sqlite()
            except BaseException:
                super().rollback()
                raise
            suppress = super().__exit__(*raised)
            disk.request_as_sqlite()
            return suppress

    return Connection


@dataclass
class Class:
    """The submissions of a class and the disk for their results."""

    folder: Path
    here: Here
    disk: Disk
    graded_ids: list[str] = field(default_factory=list)

    @property
    def out(self) -> Path:
        return self.disk.folder

    def grade(self) -> Outcome:
        self.graded_ids.clear()
        inbox = self.folder / "inbox"
        return self.here("batch", inbox, "--out", self.out, "--workers", "2", "--no-sandbox")

    def files(self) -> dict[str, bytes]:
        """Return the files for readers, without drafts and journal."""
        paths = (path for path in self.out.rglob("*.*") if path.is_file())
        return {
            str(path.relative_to(self.out)): path.read_bytes()
            for path in paths
            if path.suffix in (".html", ".json", ".csv") and not path.name.startswith(".")
        }


@pytest.fixture
def course(tmp_path: Path, here: Here, monkeypatch: pytest.MonkeyPatch) -> Class:
    class_ = Class(tmp_path, here, Disk(tmp_path / "out"))

    def grade(
        submission: Submission, assignment: Assignment, settings: Settings, **_: object
    ) -> Result:
        class_.graded_ids.append(submission.id)
        return replace(result_of(submission, assignment, settings), duration_s=0.0, graded_at=None)

    monkeypatch.setattr(grading, "grade", grade)
    monkeypatch.setattr(oracle, "consult", lambda *_, **__: None)
    monkeypatch.setattr("grader.cli.batch.pool", ThreadPoolExecutor)
    monkeypatch.setattr(html, "student_page", lambda result, _: repr(result))
    monkeypatch.setattr(html, "class_page", lambda rows, _: repr(rows))
    monkeypatch.setattr(html, "compile_templates", lambda _: None)
    monkeypatch.setattr(terminal, "show_class", lambda *_: None)
    for name in ("mkdir", "open", "replace", "unlink", "chmod"):
        monkeypatch.setattr(Path, name, refusable(class_.disk, getattr(Path, name)))
    monkeypatch.setattr(tempfile, "NamedTemporaryFile", draft_on(class_.disk))
    connect = partial(sqlite3.connect, factory=connection_on(class_.disk))
    monkeypatch.setattr(sqlite3, "connect", connect)
    (tmp_path / "inbox").mkdir()
    for number in range(STUDENTS):
        (tmp_path / "inbox" / f"s{number}.ipynb").write_text(str(number % 5))
    return class_


@dataclass(frozen=True, slots=True)
class Undisturbed:
    """The files of an undisturbed run, and its number of requests."""

    files: dict[str, bytes]
    results: list[tuple]
    requests: int


@pytest.fixture
def undisturbed(course: Class) -> Undisturbed:
    assert course.grade().status == 0
    requests = course.disk.requests
    baseline = Undisturbed(course.files(), results(course), requests)
    shutil.rmtree(course.out)
    return baseline


def results(course: Class) -> list[tuple]:
    return journal(course.out, "SELECT * FROM results ORDER BY submission")


def finish(course: Class, undisturbed: Undisturbed) -> None:
    """Grade the rest: no result is lost, graded twice or incomplete, and no draft is left over."""
    course.disk.repair()
    files = course.files()
    assert files.items() <= undisturbed.files.items(), "a file is incomplete"
    before = gradings(course.out) if course.out.exists() else {}
    assert course.grade().status == 0
    assert course.files() == undisturbed.files
    assert results(course) == undisturbed.results
    assert gradings(course.out) == {f"s{number}": 1 for number in range(STUDENTS)}
    assert sorted([*course.graded_ids, *before]) == sorted(gradings(course.out))
    assert not list(course.out.rglob(".draft*"))
    shutil.rmtree(course.out)


@pytest.mark.parametrize("lasting", [False, True], ids=["once", "from then on"])
def test_batch_resumes_after_any_disk_error(
    course: Class, undisturbed: Undisturbed, *, lasting: bool
) -> None:
    """Each error is reported in one sentence.

    Every third request begins a lasting error: a kill, which is another test, is one at each request.
    """
    assert undisturbed.requests > 10 * STUDENTS
    for number in range(1, undisturbed.requests + 1, 3 if lasting else 1):
        error = (full, broken)[number % 2]
        course.disk.fail(first=number, last=sys.maxsize if lasting else number, error=error)
        outcome = course.grade()
        assert SENTENCE.fullmatch(last_line(outcome)), (number, outcome)
        assert (outcome.status, outcome.out) == (3, ""), number
        assert lasting or not list(course.out.rglob(".draft*")), number
        finish(course, undisturbed)


def last_line(outcome: Outcome) -> str:
    """Return the last line of standard error, after checking the others.

    If the settings of the gradebook cannot be read, it is the only one.
    """
    *others, last = outcome.err.splitlines(keepends=True)
    heads, progress = others[:1], others[1:]
    assert all(line.startswith("grader: --no-sandbox: ") for line in heads), outcome.err
    assert all(line.startswith("graded ") for line in progress), outcome.err
    return last


def test_batch_resumes_after_a_kill_at_any_request(course: Class, undisturbed: Undisturbed) -> None:
    for number in range(1, undisturbed.requests + 1):
        course.disk.fail(first=number, last=sys.maxsize, error=Killed)
        with pytest.raises(Killed):
            course.grade()
        finish(course, undisturbed)


def test_repeated_disk_errors_change_no_result(course: Class, undisturbed: Undisturbed) -> None:
    chance = random.Random(SEED)
    for _ in range(10):
        for _ in range(4):
            first = chance.randint(1, undisturbed.requests)
            last = first + chance.choice([0, 1, 5, sys.maxsize])
            course.disk.fail(first=first, last=last, error=chance.choice([full, broken]))
            outcome = course.grade()
            assert outcome.status == 0 or SENTENCE.fullmatch(last_line(outcome))
        finish(course, undisturbed)
