"""Change the gradebook of a class as a person asks: adjust a submission, undo that, forget it.

Each change is written to the gradebook first, then to the pages and tables.
"""

from __future__ import annotations

import dataclasses
import re
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from grader.batch import changes, journal
from grader.batch.folder import make_views, write_class, write_views
from grader.batch.journal import Gradebook
from grader.batch.report import refuse_unknown, translator_of
from grader.batch.suggestions import did_you_mean
from grader.errors import DiskError, UsageError
from grader.files import write_whole
from grader.messages import Translator
from grader.model.gradebook import FORGET, UNDO, Change
from grader.model.result import Adjustment, AdjustmentKind, Result, Status
from grader.model.submission import Student

ERRORS_LOG = "errors.log"
_TABLES = ("results", "gradings", "adjustments", "sources", "roster", "grades")


def adjust(folder: Path, submission: str, adjustment: Adjustment) -> Result:
    """Add an adjustment, and return the result that counts. Raises UsageError, DiskError.

    `by` and `at` of the adjustment may be empty: then the time is now.
    """
    with journal.existing(folder) as book:
        _require(book, submission)
        if adjustment.kind is AdjustmentKind.POINTS:
            _check_points(book, submission, adjustment)
        translator = translator_of(book, empty=True)
        timed = dataclasses.replace(adjustment, at=adjustment.at or changes.now())
        with _changing(book):
            changes.add_change(book.connection, submission, timed)
            return _renew(book, submission, translator)


def undo(folder: Path, submission: str, *, function: str | None, by: str) -> Change:
    """Take back the last adjustment of a submission or of one function; return it.

    Raises UsageError if there is none, and DiskError.
    """
    with journal.existing(folder) as book:
        _require(book, submission)
        rows = {row.number: row for row in changes.changes(book.connection)}
        holding = changes.in_effect(list(rows.values())).get(submission, {})
        numbers = [n for n, change in holding.items() if function in (None, change.function)]
        if not numbers:
            of = f"{function} of {submission}" if function else submission
            raise UsageError(f"There is no change of {of} to take back.")
        undone = rows[max(numbers)]
        translator = translator_of(book, empty=True)
        row = Adjustment(AdjustmentKind.COMMENT, "", by, changes.now())
        with _changing(book):
            changes.add_change(book.connection, submission, row, kind=UNDO, undoes=undone.number)
            _renew(book, submission, translator)
        return undone


def history_of(folder: Path, submission: str | None) -> list[Change]:
    """Return all changes of a submission, or of the class, the first one first."""
    with journal.for_reading(folder) as book:
        if submission is not None:
            _require(book, submission, past=True)
        rows = changes.changes(book.connection)
    return [row for row in rows if submission in (None, row.submission)]


def forget(folder: Path, submissions: Sequence[str], *, by: str, erase: bool) -> None:
    """Take submissions out of a gradebook, with `erase` out of its history, too.

    Raises UsageError for an unknown ID, before anything is changed, and DiskError.
    """
    with journal.existing(folder) as book:
        translator = translator_of(book, empty=True)
        for submission in submissions:
            _require(book, submission, past=erase)
        with _changing(book):
            for submission in dict.fromkeys(submissions):
                _take_out(book, submission, by=by)
            if erase:
                _erase(book, submissions)
            write_class(book, translator)


@contextmanager
def _changing(book: Gradebook) -> Iterator[None]:
    """Mark all pages as out of date until a change is in them: if this is interrupted, a run renews them.

    Raises DiskError, which says that the change is saved, if a page cannot be written.
    """
    mark = changes.setting(book.connection, "views")
    book.set("views", None)
    try:
        yield
    except DiskError as error:
        raise DiskError(
            f"{error} The change is saved. When that is fixed, run 'grader report {book.folder}'."
        ) from error
    book.set("views", mark)


def _take_out(book: Gradebook, submission: str, *, by: str) -> None:
    """Remove the row of a submission, which is also in the roster if nothing was submitted."""
    row = Adjustment(AdjustmentKind.COMMENT, "", by, changes.now())
    changes.add_change(book.connection, submission, row, kind=FORGET)
    with book.connection:
        gone = book.connection.execute("DELETE FROM results WHERE submission = ?", (submission,))
        if not gone.rowcount:
            book.connection.execute("DELETE FROM roster WHERE submission = ?", (submission,))


def _erase(book: Gradebook, submissions: Sequence[str]) -> None:
    """Delete every row about submissions, also in the copy of an earlier version and in the log."""
    _delete(book.connection, submissions)
    for copy in book.folder.glob("gradebook-v*.sqlite"):
        with closing(sqlite3.connect(copy)) as connection:
            _delete(connection, submissions)
    log = book.folder / ERRORS_LOG
    if log.is_file():
        # An entry begins with a time and an ID; its other lines are indented.
        entries = re.split(r"^(?=\S)", log.read_text("utf-8", "replace"), flags=re.MULTILINE)
        names = set(submissions)
        write_whole(log, "".join(e for e in entries if names.isdisjoint(e.split()[1:2])))


def _delete(connection: sqlite3.Connection, submissions: Sequence[str]) -> None:
    """Delete rows so that the file has no trace of them."""
    tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
    connection.execute("PRAGMA secure_delete = ON")
    with connection:
        for submission in submissions:
            if "points" in tables:
                connection.execute(
                    "DELETE FROM points WHERE grading IN "
                    "(SELECT number FROM gradings WHERE submission = ?)",
                    (submission,),
                )
            for table in tables & set(_TABLES):
                connection.execute(f"DELETE FROM {table} WHERE submission = ?", (submission,))  # noqa: S608  # names of ours
    connection.execute("VACUUM")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _check_points(book: Gradebook, submission: str, adjustment: Adjustment) -> None:
    """Raise UsageError unless the function is graded and can have these points."""
    functions = book.assignment.functions
    name, points = adjustment.function or "", adjustment.points
    refuse_unknown([name], functions)
    if book.result(submission) is None:
        raise UsageError(f"{submission} submitted nothing, so there are no points to change.")
    if points is None or not 0 <= points <= functions[name]:
        raise UsageError(
            f"{name} has 0 to {functions[name]:g} points, so it cannot have {points:g}. Give a number "
            "from this range."
        )


def _require(book: Gradebook, submission: str, *, past: bool = False) -> None:
    """Raise UsageError if there is no row of a submission; with `past` a former row is enough."""
    entries = book.entries()
    students = {row.submission: [row.student or Student()] for row in book.absent()}
    for name, student in book.students().items():
        students[name] = [student, *(entries[name].student for _ in (name,) if name in entries)]
    if past:
        for table in ("gradings", "adjustments"):
            rows = book.rows(f"SELECT DISTINCT submission FROM {table}")  # noqa: S608  # names of ours
            students |= {name: [] for (name,) in rows if name not in students}
    if submission not in students:
        raise UsageError(
            f"The gradebook in {book.folder} has no submission {submission}."
            f"{did_you_mean(submission, students)}"
        )


def _renew(book: Gradebook, submission: str, translator: Translator) -> Result:
    """Write the views of a submission and of the class again; return the result that counts."""
    raw = book.result(submission) or next(
        row for row in book.absent() if row.submission == submission
    )
    result = book.terms().counted(raw)
    if result.status is not Status.NOT_SUBMITTED:
        write_views(book.folder, submission, make_views(result, translator))
    write_class(book, translator)
    return result
