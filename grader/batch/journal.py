"""The journal of a batch: a SQLite file with every result.

Recording is atomic, so a batch that was interrupted resumes where it stopped. The table `gradings`
has a row for each time that a submission was graded; its rows never change.
"""

from __future__ import annotations

import fcntl
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path

from grader.errors import DiskError, UsageError
from grader.model.result import Result, Status
from grader.model.scoring import counted
from grader.views.tables import from_json, to_json

_NAME = "gradebook.sqlite"
_PROBE_BYTES = 1 << 16
_SCHEMA = """
CREATE TABLE IF NOT EXISTS results (
    submission TEXT PRIMARY KEY, sha256 TEXT NOT NULL, fingerprint TEXT NOT NULL,
    status TEXT NOT NULL, score REAL, max_score REAL NOT NULL, result TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS gradings (
    number INTEGER PRIMARY KEY AUTOINCREMENT, submission TEXT NOT NULL,
    sha256 TEXT NOT NULL, fingerprint TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);
"""


class Gradebook:
    """The open journal of one folder. `fingerprint` identifies assignment and settings of a batch."""

    def __init__(self, connection: sqlite3.Connection, folder: Path, fingerprint: str) -> None:
        self._connection = connection
        self._folder = folder
        self._fingerprint = fingerprint

    def known(self) -> dict[str, Result]:
        """Return the results that are still valid, by submission.

        Left out are failures of the grader and damaged results, which are graded again.
        """
        rows = self._connection.execute(
            "SELECT submission, result FROM results WHERE fingerprint = ? AND status != ?",
            (self._fingerprint, str(Status.INTERNAL)),
        )
        results = {}
        for submission, text in rows:
            with suppress(ValueError):
                results[submission] = from_json(text)
        return results

    def results(self) -> Iterator[Result]:
        """Yield all results, sorted by submission. Raises DiskError for one that is damaged."""
        rows = self._connection.execute(
            "SELECT submission, result FROM results ORDER BY submission"
        )
        for submission, text in rows:
            try:
                yield from_json(text)
            except ValueError as error:
                raise DiskError(
                    f"The gradebook in {self._folder} is damaged: it has no readable result of "
                    f"{submission}. Run 'grader batch' again."
                ) from error

    def counted(self) -> Iterator[Result]:
        """Yield all results with the scores that count, sorted by submission. Raises DiskError."""
        return map(counted, self.results())

    @property
    def language(self) -> str | None:
        """The language in which the folder was last written; None where an earlier version wrote it."""
        row = self._connection.execute("SELECT value FROM meta WHERE key = 'language'").fetchone()
        return row and str(row[0])

    @language.setter
    def language(self, tag: str) -> None:
        with self._connection:
            self._connection.execute("INSERT OR REPLACE INTO meta VALUES ('language', ?)", (tag,))

    def record(self, result: Result) -> None:
        """Write one result to the disk before returning, its texts in English.

        A result whose diagnosis failed has no fingerprint, so the next batch grades it again.
        """
        incomplete = any(function.failure for function in result.functions)
        key = (result.submission, result.sha256 or "", "" if incomplete else self._fingerprint)
        text = to_json(result)
        row = (*key, str(result.status), result.score, result.max_score, text)
        with self._connection:
            self._connection.execute(
                "INSERT OR REPLACE INTO results VALUES (?, ?, ?, ?, ?, ?, ?)", row
            )
            self._connection.execute(
                "INSERT INTO gradings (submission, sha256, fingerprint) VALUES (?, ?, ?)", key
            )


@contextmanager
def opened(folder: Path, fingerprint: str) -> Iterator[Gradebook]:
    """Open the journal in a folder, which one process at a time can do.

    The system releases the lock of the folder when the process ends. Raises UsageError if another
    process has the journal open, and DiskError if it cannot be read or written.
    """
    lock = folder / ".lock"
    with ExitStack() as stack:
        try:
            file = stack.enter_context(lock.open("w"))
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise UsageError(
                f"Another batch is writing to {folder}. Wait until it has finished."
            ) from error
        except OSError as error:
            raise DiskError(f"{lock} cannot be written: {error.strerror}.") from error
        try:
            with closing(sqlite3.connect(folder / _NAME)) as connection:
                connection.executescript(
                    "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;" + _SCHEMA
                )
                yield Gradebook(connection, folder, fingerprint)
        except sqlite3.Error as error:
            reason = _reason(folder, error)
            raise DiskError(f"The gradebook in {folder} cannot be used: {reason}.") from error


@contextmanager
def existing(folder: Path) -> Iterator[Gradebook]:
    """Open the journal that a batch left in a folder. Raises UsageError if there is none."""
    if not (folder / _NAME).is_file():
        raise UsageError(
            f"{folder} has no gradebook. Give the folder that 'grader batch --out' wrote."
        )
    with opened(folder, "") as book:
        yield book


def _reason(folder: Path, error: sqlite3.Error) -> str:
    """Return the reason of an error, if possible in the words of the operating system.

    SQLite reports "disk I/O error" for many of them. So write a file of the journal's size, and return
    the error of that.
    """
    try:
        end = sum(file.stat().st_size for file in folder.glob(f"{_NAME}*"))
        with tempfile.TemporaryFile(dir=folder) as file:
            file.seek(end)
            file.write(bytes(_PROBE_BYTES))
    except OSError as reason:
        return str(reason.strerror)
    return str(error)
