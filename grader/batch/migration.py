"""The tables of the gradebook, and how a gradebook of an earlier version gets them.

Before anything is changed, the file is copied to `gradebook-v1.sqlite`.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

from grader.batch.changes import described, set_assignment
from grader.errors import UsageError
from grader.model.result import Result
from grader.views.tables import from_json

SCHEMA_VERSION = 2
SCHEMA = """
CREATE TABLE results (
    submission TEXT PRIMARY KEY, sha256 TEXT, fingerprint TEXT NOT NULL, status TEXT NOT NULL,
    score REAL, max_score REAL NOT NULL, student TEXT, student_id TEXT, email TEXT,
    submitted_at TEXT, late INTEGER, source TEXT, result TEXT NOT NULL);
CREATE TABLE grades (
    submission TEXT PRIMARY KEY, status TEXT NOT NULL, score REAL, raw_score REAL, max_score REAL,
    late_penalty REAL, adjusted INTEGER, student TEXT, student_id TEXT, email TEXT,
    submitted_at TEXT, late INTEGER, source TEXT);
CREATE TABLE gradings (
    number INTEGER PRIMARY KEY AUTOINCREMENT, submission TEXT NOT NULL, sha256 TEXT,
    fingerprint TEXT NOT NULL, run INTEGER, at TEXT, status TEXT, score REAL, max_score REAL,
    submitted_at TEXT, late INTEGER);
CREATE INDEX gradings_of_submission ON gradings (submission, number);
CREATE TABLE points (
    grading INTEGER NOT NULL, function TEXT NOT NULL, check_name TEXT NOT NULL, status TEXT NOT NULL,
    score REAL, max_score REAL NOT NULL, PRIMARY KEY (grading, function, check_name)) WITHOUT ROWID;
CREATE TABLE adjustments (
    number INTEGER PRIMARY KEY AUTOINCREMENT, submission TEXT NOT NULL, kind TEXT NOT NULL,
    function TEXT, points REAL, due TEXT, why TEXT NOT NULL, author TEXT NOT NULL, at TEXT NOT NULL,
    undoes INTEGER, last_grading INTEGER NOT NULL);
CREATE TABLE runs (
    number INTEGER PRIMARY KEY AUTOINCREMENT, started TEXT NOT NULL, finished TEXT,
    fingerprint TEXT NOT NULL, assignment_sha256 TEXT, settings TEXT, grader TEXT, python TEXT,
    numpy TEXT, dropped TEXT, due TEXT, late_penalty TEXT, last_grading INTEGER,
    last_adjustment INTEGER);
CREATE TABLE sources (key TEXT PRIMARY KEY, submission TEXT NOT NULL);
CREATE TABLE roster (
    submission TEXT PRIMARY KEY, student TEXT, student_id TEXT, email TEXT);
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);
"""
_APPLICATION = 0x67726472
"""`grdr`: SQLite's mark for the program that a file belongs to."""

_MOVE_FROM_V1 = """
ALTER TABLE results RENAME TO results_v1;
ALTER TABLE gradings RENAME TO gradings_v1;
ALTER TABLE meta RENAME TO meta_v1;
"""
_FILL_FROM_V1 = """
INSERT INTO results (submission, sha256, fingerprint, status, score, max_score, result)
    SELECT submission, nullif(sha256, ''), fingerprint, status, score, max_score, result
    FROM results_v1;
INSERT INTO gradings (number, submission, sha256, fingerprint)
    SELECT number, submission, nullif(sha256, ''), fingerprint FROM gradings_v1;
INSERT INTO meta SELECT key, value FROM meta_v1;
DROP TABLE results_v1;
DROP TABLE gradings_v1;
DROP TABLE meta_v1;
"""


def migrate(connection: sqlite3.Connection, file: Path) -> None:
    """Create the tables in a new file; copy and convert the file of an earlier version.

    Raises UsageError for the gradebook of a later version and for the database of another program.
    """
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
    if version == SCHEMA_VERSION:
        return
    if version > SCHEMA_VERSION:
        raise UsageError(
            f"{file} was written by a later version of grader. Update grader to read it."
        )
    if tables and not {"results", "gradings"} <= tables:
        raise UsageError(f"{file} is the database of another program. Choose another folder.")
    if tables:
        _copy(connection, file.with_name(f"{file.stem}-v1.sqlite"))
    connection.execute("BEGIN IMMEDIATE")
    with connection:
        _convert(connection, tables)
        connection.execute(f"PRAGMA application_id = {_APPLICATION}")
        connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")


def _copy(connection: sqlite3.Connection, copy: Path) -> None:
    """Copy a gradebook in one step; an earlier copy stays."""
    if copy.exists():
        return
    draft = copy.with_suffix(".draft")
    with closing(sqlite3.connect(draft)) as other:
        connection.backup(other)
    draft.replace(copy)


def _convert(connection: sqlite3.Connection, tables: set[str]) -> None:
    """Create the tables, with the contents of those of version 1, in an open transaction."""
    if tables and "meta" not in tables:
        connection.execute("CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL)")
    _execute(connection, _MOVE_FROM_V1 if tables else "")
    _execute(connection, SCHEMA)
    if tables:
        _execute(connection, _FILL_FROM_V1)
        _fill_history(connection)


def _execute(connection: sqlite3.Connection, script: str) -> None:
    """Execute statements without the commit that `executescript` begins with."""
    for statement in filter(str.strip, script.split(";")):
        connection.execute(statement)


def _fill_history(connection: sqlite3.Connection) -> None:
    """Fill the points of each last grading, and record them as a run of which little is known."""
    last = dict(
        connection.execute("SELECT submission, max(number) FROM gradings GROUP BY submission")
    )
    rows = connection.execute("SELECT submission, fingerprint, result FROM results").fetchall()
    for submission, _, text in rows:
        with suppress(ValueError):
            result = from_json(text)
            connection.execute(
                "UPDATE gradings SET run = 1, status = ?, score = ?, max_score = ? WHERE number = ?",
                (str(result.status), result.score, result.max_score, last.get(submission)),
            )
            connection.executemany(
                "INSERT OR REPLACE INTO points VALUES (?, ?, ?, ?, ?, ?)",
                [(last.get(submission), *row) for row in points_of(result)],
            )
            set_assignment(connection, described(result))
    if rows:
        connection.execute(
            "INSERT INTO runs (started, finished, fingerprint, last_grading, last_adjustment) "
            "VALUES ('', '', ?, ?, 0)",
            (rows[0][1], max(last.values(), default=0)),
        )


def points_of(result: Result) -> Iterator[tuple[str, str, str, float | None, float]]:
    """Yield the rows of `points`: each function, then its checks. The function's check has no name."""
    for function in result.functions:
        yield function.name, "", str(function.status), function.score, function.max_score
        for check in function.checks:
            yield function.name, f"{check.name}", str(check.status), check.score, check.max_score
