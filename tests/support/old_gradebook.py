"""A gradebook as version 0.1.0 wrote it, with the first schema."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from grader.model.result import Result
from grader.views.tables import to_json

_SCHEMA = """
CREATE TABLE results (
    submission TEXT PRIMARY KEY, sha256 TEXT NOT NULL, fingerprint TEXT NOT NULL,
    status TEXT NOT NULL, score REAL, max_score REAL NOT NULL, result TEXT NOT NULL);
CREATE TABLE gradings (
    number INTEGER PRIMARY KEY AUTOINCREMENT, submission TEXT NOT NULL,
    sha256 TEXT NOT NULL, fingerprint TEXT NOT NULL);
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);
"""


def write(folder: Path, results: Sequence[Result], *, meta: bool = True) -> None:
    """Write the gradebook of a class in English; without `meta` as still earlier versions did."""
    folder.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(folder / "gradebook.sqlite")) as connection, connection:
        connection.executescript("PRAGMA journal_mode=WAL;" + _SCHEMA)
        for result in results:
            key = (result.submission, result.sha256 or "", "one")
            points = (str(result.status), result.score, result.max_score)
            connection.execute(
                "INSERT INTO results VALUES (?, ?, ?, ?, ?, ?, ?)", (*key, *points, to_json(result))
            )
            connection.execute(
                "INSERT INTO gradings (submission, sha256, fingerprint) VALUES (?, ?, ?)", key
            )
        connection.execute("INSERT INTO meta VALUES ('language', 'en')")
        if not meta:
            connection.execute("DROP TABLE meta")
