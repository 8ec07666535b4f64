"""The gradebook of a class: a SQLite file with every result, and everything that people changed.

Writing is atomic, so a batch that was interrupted resumes where it stopped. Results are stored as
graded. The rows of `gradings`, `points` and `adjustments` stay as they are, but for the ID of a roster
entry that a submission replaces; only `forget` with `erase` deletes some. docs/reference/gradebook.md
describes the tables for people who read them with other programs.
"""

from __future__ import annotations

import fcntl
import heapq
import os
import shutil
import sqlite3
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grader.batch import changes, migration, roster
from grader.batch.changes import Described, Entry, Terms, now
from grader.errors import DiskError, UsageError
from grader.messages import Translator, catalog
from grader.messages.sanitize import one_line
from grader.model.result import Result, Status
from grader.model.submission import Student
from grader.model.summary import ResultSummary
from grader.views.tables import from_json, to_json

NAME = "gradebook.sqlite"
LOCK = ".lock"
_PROBE_BYTES = 1 << 20
_LONGEST_TEXT = 1000
_OF_DAMAGE = {
    sqlite3.SQLITE_CORRUPT,
    sqlite3.SQLITE_ERROR,  # a table is missing
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_NOTADB,
}


@dataclass(frozen=True, slots=True)
class Conditions:
    """Everything that decides the results of a run, except the submissions.

    `fingerprint` identifies all of it. The other fields are its parts: a digest of the assignment's
    files, the settings as text, and versions.
    """

    fingerprint: str = ""
    assignment_sha256: str | None = None
    settings: str | None = None
    grader: str | None = None
    python: str | None = None
    numpy: str | None = None


class Gradebook:
    """The open gradebook of one folder. `conditions` is that of the results that a run records."""

    def __init__(
        self, connection: sqlite3.Connection, folder: Path, conditions: Conditions
    ) -> None:
        self.connection = connection
        self.folder = folder
        self.conditions = conditions
        self.run: int | None = None

    # -------------------------------------------------------------- results

    def valid_result(self, submission: str) -> str | None:
        """Return the JSON of a result if it is still valid.

        It is not if anything but the submission has changed, or if the grader failed. A damaged result
        is not valid either.
        """
        row = self.connection.execute(
            "SELECT result FROM results WHERE submission = ? AND fingerprint = ? AND status != ?",
            (submission, self.conditions.fingerprint, str(Status.INTERNAL)),
        ).fetchone()
        with suppress(ValueError):
            if row and from_json(row[0]).submission == submission:
                return str(row[0])
        return None

    def submissions(self) -> list[str]:
        """Return the IDs of all results, sorted."""
        rows = self.connection.execute("SELECT submission FROM results ORDER BY submission")
        return [str(submission) for (submission,) in rows]

    def results(self) -> Iterator[Result]:
        """Yield all results as graded, sorted by submission. Raises DiskError for a damaged one."""
        for submission in self.submissions():
            if result := self.result(submission):
                yield result

    def result(self, submission: str) -> Result | None:
        """Return a result as graded, None if there is none. Raises DiskError if it is damaged."""
        row = self.connection.execute(
            "SELECT result FROM results WHERE submission = ?", (submission,)
        ).fetchone()
        if row is None:
            return None
        with suppress(ValueError):
            result = from_json(row[0])
            if result.submission == submission:
                return result
        raise self._damaged([submission])

    def require_readable(self, submissions: Iterable[str]) -> None:
        """Raise DiskError, which names them, if submissions have no readable result."""
        unreadable = []
        for submission in submissions:
            try:
                if self.result(submission) is None:
                    unreadable.append(submission)
            except DiskError:
                unreadable.append(submission)
        if unreadable:
            raise self._damaged(unreadable)

    def _damaged(self, submissions: Sequence[str]) -> DiskError:
        them = "it" if len(submissions) == 1 else "them"
        return DiskError(
            f"The gradebook in {self.folder} is damaged: it has no readable result of "
            f"{', '.join(submissions)}. Run 'grader batch' again, or remove {them} with "
            "'grader forget'."
        )

    def record(self, result: Result, text: str | None = None) -> None:
        """Write a new result to the disk before returning; `text` is its JSON in English.

        A result whose diagnosis failed has no fingerprint, so the next batch grades it again.
        """
        text = to_json(result, indented=False) if text is None else text
        incomplete = any(function.failure for function in result.functions)
        fingerprint = "" if incomplete else self.conditions.fingerprint
        with self.connection:
            self._store(result, fingerprint, text)
            self._add_to_history(result, fingerprint)

    def renew(self, result: Result, text: str) -> None:
        """Replace a result that was not graded again, but has a new source or time of submission.

        A new time, or a mark that it was late, is in the history, too, because the score depends on it.
        """
        fingerprint, *time = self.connection.execute(
            "SELECT fingerprint, submitted_at, late FROM results WHERE submission = ?",
            (result.submission,),
        ).fetchone() or (self.conditions.fingerprint, None, None)
        with self.connection:
            self._store(result, fingerprint, text)
            if time != [result.submitted_at, result.late]:
                self._add_to_history(result, fingerprint)

    def _add_to_history(self, result: Result, fingerprint: str) -> None:
        """Add a result to `gradings` and `points`. The caller commits."""
        key = (result.submission, result.sha256, fingerprint, self.run, now())
        points = (str(result.status), result.score, result.max_score)
        number = self.connection.execute(
            "INSERT INTO gradings (submission, sha256, fingerprint, run, at, status, score, "
            "max_score, submitted_at, late) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (*key, *points, result.submitted_at, result.late),
        ).lastrowid
        self.connection.executemany(
            "INSERT OR REPLACE INTO points VALUES (?, ?, ?, ?, ?, ?)",
            [(number, *row) for row in migration.points_of(result)],
        )

    def _store(self, result: Result, fingerprint: str, text: str) -> None:
        student = result.student or Student()
        self.connection.execute(
            "INSERT OR REPLACE INTO results VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                *(result.submission, result.sha256, fingerprint, str(result.status), result.score),
                *(result.max_score, *map(_plain, (student.name, student.id, student.email))),
                *(result.submitted_at, result.late, _plain(result.source), text),
            ),
        )

    # -------------------------------------------------------------- what counts

    def terms(self, newcomers: Mapping[str, Student | None] | None = None) -> Terms:
        """Return the terms on which the results count. Raises DiskError if it is damaged.

        `newcomers` are the students of submissions that may have no result yet.
        """
        return Terms(
            changes.policy_of(self.connection),
            changes.in_effect(changes.changes(self.connection)),
            self.entries(newcomers),
        )

    def entries(self, newcomers: Mapping[str, Student | None] | None = None) -> dict[str, Entry]:
        """Return the entry on the roster of each submission that has one, also of `newcomers`."""
        students = self.students() | {
            name: Student(*map(_plain, (each.id, each.name, each.email)))
            for name, student in (newcomers or {}).items()
            for each in (student or Student(),)
        }
        return changes.matches(changes.roster_of(self.connection), students)

    def join_roster(self, newcomers: Mapping[str, Student | None] | None = None) -> None:
        """Give the changes of each roster entry to the submission that takes its place.

        Its ID differs from that of the entry in many downloads. Without this, the change would be lost
        with the roster.
        """
        present = {*self.submissions(), *(newcomers or {})}
        with self.connection:
            for submission, entry in self.entries(newcomers).items():
                if entry.submission not in present:
                    changes.move_changes(self.connection, entry.submission, submission)

    def students(self) -> dict[str, Student]:
        """Return the student of each result, as the download names them. Raises DiskError."""
        rows = self.rows("SELECT submission, student_id, student, email FROM results")
        if any(row[0] is None or bytes in map(type, row) for row in rows):
            raise changes.damaged(self.connection, "results")
        return {submission: Student(*student) for submission, *student in rows}

    def counted(self) -> Iterator[Result]:
        """Yield all results with the scores that count, sorted by submission.

        Students on the roster who handed in nothing are among them. Raises DiskError.
        """
        terms = self.terms()
        rows = heapq.merge(self.results(), self.absent(), key=lambda result: result.submission)
        return map(terms.counted, rows)

    @property
    def assignment(self) -> Described:
        """The assignment, without a name in a new gradebook. Raises DiskError if it is damaged."""
        described = changes.assignment_of(self.connection)
        first = None if described.name else next(self.results(), None)
        return changes.described(first) if first else described

    def store_grades(self, rows: Sequence[ResultSummary]) -> None:
        """Replace the table `grades`, which other programs read. Nothing here reads it."""
        with self.connection:
            self.connection.execute("DELETE FROM grades")
            self.connection.executemany(
                "INSERT INTO grades VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                map(_grade, rows),
            )

    def absent(self) -> list[Result]:
        """Return a row for each student on the roster who handed in nothing, sorted by ID."""
        entries = changes.roster_of(self.connection)
        present = {e.submission for e in self.entries().values()}
        return [
            changes.not_submitted(entry, self.assignment)
            for entry in entries
            if entry.submission not in present
        ]

    def roster_notes(self) -> tuple[str, ...]:
        """Return sentences for the instructor about a roster that does not fit the submissions."""
        entries, students = changes.roster_of(self.connection), self.students()
        return (*roster.notes(changes.matches(entries, students), students, len(entries)),)

    # -------------------------------------------------------------- settings

    @property
    def language(self) -> str | None:
        """The language in which the folder was last written; None where an earlier version wrote it."""
        return changes.setting(self.connection, "language")

    @language.setter
    def language(self, tag: str) -> None:
        self.set("language", tag)

    def translator(self, language: str) -> Translator:
        """Return the translator into a language, with the catalogue of the assignment as last graded."""
        own = changes.setting(self.connection, f"catalogue {language}")
        return catalog.translator(language, *filter(None, [own and own.encode()]))

    def keep_catalogues(self, files: Mapping[str, Path]) -> None:
        """Store the catalogues of the assignment, so that pages can be made again without its files."""
        for language, path in files.items():
            self.set(f"catalogue {language}", path.read_text("utf-8"))

    def set(self, key: str, value: str | None) -> None:
        """Set a value of the table `meta`; None removes it."""
        with self.connection:
            changes.set_setting(self.connection, key, value)

    def known_ids(self) -> dict[str, str]:
        """Return the ID of each source that was graded, by the key of the source."""
        rows = self.connection.execute("SELECT CAST(key AS BLOB), submission FROM sources")
        return {key.decode("utf-8", "surrogatepass"): name for key, name in rows}

    def remember(self, ids: Mapping[str, str]) -> None:
        """Remember the ID of each source, by its key, which may have surrogates."""
        rows = [(key.encode("utf-8", "surrogatepass"), name) for key, name in ids.items()]
        with self.connection:
            self.connection.executemany(
                "INSERT OR REPLACE INTO sources VALUES (CAST(? AS TEXT), ?)", rows
            )

    def rows(self, query: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Return the rows of a query."""
        return self.connection.execute(query, tuple(values)).fetchall()

    def last(self, table: str) -> int:
        """Return the largest number in `gradings`, `adjustments` or `runs`, 0 if there is none."""
        return int(self.rows(f"SELECT coalesce(max(number), 0) FROM {table}")[0][0])  # noqa: S608  # a name of ours


def _grade(row: ResultSummary) -> tuple[Any, ...]:
    student = row.student or Student()
    return (
        *(row.submission, str(row.status), row.score, row.raw_score, row.max_score),
        *(row.late_penalty, row.adjusted, *map(_plain, (student.name, student.id, student.email))),
        *(row.submitted_at, row.late, _plain(row.source)),
    )


def _plain(text: str | None) -> str | None:
    """Return a text that SQLite can store: without control characters and halves of characters."""
    return None if text is None else one_line(text, limit=_LONGEST_TEXT)


@contextmanager
def opened(folder: Path, conditions: Conditions = Conditions()) -> Iterator[Gradebook]:
    """Open the gradebook in a folder, which one process at a time can do.

    The system releases the lock of the folder when the process ends. Raises UsageError if another
    process has the gradebook open, or if a later version of the grader wrote it, and DiskError if it
    cannot be read or written.
    """
    with _locked(folder, "w"), _connected(folder / NAME, folder, conditions) as book:
        yield book


@contextmanager
def _connected(file: Path, folder: Path, conditions: Conditions) -> Iterator[Gradebook]:
    """Open a file as the gradebook of a folder."""
    try:
        with closing(sqlite3.connect(file)) as connection:
            connection.execute("PRAGMA synchronous = FULL")
            migration.migrate(connection, file)
            connection.execute("PRAGMA journal_mode = WAL")
            yield Gradebook(connection, folder, conditions)
    except sqlite3.Error as error:
        raise DiskError(_sentence(file, folder, error)) from error


@contextmanager
def _locked(folder: Path, mode: str) -> Iterator[None]:
    lock = folder / LOCK
    with ExitStack() as stack:
        try:
            file = stack.enter_context(lock.open(mode))
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise UsageError(
                f"Another grader command is using {folder}. Wait until it has finished."
            ) from error
        except OSError as error:
            action = "written" if mode == "w" else "read"
            raise DiskError(f"{lock} cannot be {action}: {error.strerror}.") from error
        yield


@contextmanager
def existing(folder: Path) -> Iterator[Gradebook]:
    """Open the gradebook that a batch left in a folder. Raises UsageError if there is none."""
    if not (folder / NAME).is_file():
        raise UsageError(
            f"{folder} has no gradebook. Give the folder that 'grader batch --out' wrote."
        )
    with opened(folder) as book:
        yield book


@contextmanager
def for_reading(folder: Path) -> Iterator[Gradebook]:
    """Open the gradebook as `existing` does. If nothing can be written there, open a copy of it.

    SQLite needs files of its own beside a gradebook, and so does the conversion of an earlier version.
    """
    files = [folder, folder / NAME, folder / LOCK]
    if not files[1].is_file() or all(os.access(f, os.W_OK) for f in files if f.exists()):
        with existing(folder) as book:
            yield book
        return
    with ExitStack() as stack:
        if (folder / LOCK).exists():
            stack.enter_context(_locked(folder, "r"))
        copies = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="grader-")))
        try:
            for file in (f"{NAME}-wal", NAME):
                if (folder / file).exists():
                    shutil.copyfile(folder / file, copies / file)
        except OSError as error:
            raise DiskError(
                f"The gradebook in {folder} cannot be read: {error.strerror}."
            ) from error
        yield stack.enter_context(_connected(copies / NAME, folder, Conditions()))


def _sentence(file: Path, folder: Path, error: sqlite3.Error) -> str:
    """Return the sentence about an error, if possible with the reason of the operating system.

    SQLite reports "disk I/O error" for many of them. So write a file of the journal's size, and use the
    error of that.
    """
    try:
        end = sum(part.stat().st_size for part in file.parent.glob(f"{NAME}*"))
        with tempfile.TemporaryFile(dir=file.parent) as probe:
            probe.seek(end)
            probe.write(bytes(_PROBE_BYTES))
    except OSError as reason:
        return f"The gradebook in {folder} cannot be used: {reason.strerror}."
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in _OF_DAMAGE:
        return f"The gradebook in {folder} is damaged: {error}. {changes.restore(folder / NAME)}"
    next_step = " Close other programs that use it." if code == sqlite3.SQLITE_BUSY else ""
    return f"The gradebook in {folder} cannot be used: {error}.{next_step}"
