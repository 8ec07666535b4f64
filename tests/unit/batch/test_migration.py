"""A gradebook of the first version is copied and converted; others are refused."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from grader.batch import history, journal, migration
from grader.errors import UsageError
from tests import ROOT
from tests.support import old_gradebook, samples

RESULTS = [
    samples.stopped(),
    replace(samples.finite(samples.rich()), submission="bob", sha256=None),
]


def tables(file: Path) -> dict[str, int]:
    """Return the number of rows of each table."""
    with closing(sqlite3.connect(file)) as connection:
        names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        return {
            name: connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0]  # names of ours
            for (name,) in names.fetchall()
        }


def test_results_and_settings_are_kept(tmp_path: Path) -> None:
    old_gradebook.write(tmp_path, RESULTS)
    with journal.existing(tmp_path) as book:
        assert list(book.results()) == RESULTS
        assert book.language == "en"
        assert book.assignment.name == "regularization"
        assert list(book.assignment.functions) == ["compute_cost", "backward", "forward"]


def test_a_copy_of_the_old_file_is_kept(tmp_path: Path) -> None:
    old_gradebook.write(tmp_path, RESULTS)
    before = tables(tmp_path / "gradebook.sqlite")
    with journal.existing(tmp_path):
        pass
    assert tables(tmp_path / "gradebook-v1.sqlite") == before
    assert {"results_v1", "gradings_v1", "meta_v1"}.isdisjoint(
        tables(tmp_path / "gradebook.sqlite")
    )
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        *(".lock", "gradebook-v1.sqlite", "gradebook.sqlite"),
    ]


def test_the_last_grading_becomes_the_history(tmp_path: Path) -> None:
    old_gradebook.write(tmp_path, RESULTS)
    with journal.existing(tmp_path) as book:
        (run,) = history.runs(book)
        moment = history.after(book, run)
        standing = moment.graded("bob")
        assert standing
        functions = RESULTS[1].functions
        assert {f.name: f.score for f in standing.result.functions} == {
            f.name: f.score for f in functions
        }
        assert list(history.differences(moment, history.present(book))) == []


def test_a_damaged_result_of_the_old_file_is_no_obstacle(tmp_path: Path) -> None:
    old_gradebook.write(tmp_path, RESULTS)
    with closing(sqlite3.connect(tmp_path / "gradebook.sqlite")) as connection, connection:
        connection.execute("UPDATE results SET result = '{' WHERE submission = 'bob'")
    with journal.existing(tmp_path) as book:
        assert book.result("alice") == RESULTS[0]


def test_an_interrupted_conversion_begins_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    def killed(_: sqlite3.Connection) -> None:
        raise Killed

    old_gradebook.write(tmp_path, RESULTS)
    with monkeypatch.context() as patch:
        patch.setattr(migration, "_fill_history", killed)
        with pytest.raises(Killed):
            journal.existing(tmp_path).__enter__()
    with journal.existing(tmp_path) as book:
        assert list(book.results()) == RESULTS


@pytest.mark.parametrize(
    ("statement", "sentence"),
    [
        ("PRAGMA user_version = 3", "was written by a later version of grader. Update grader to"),
        (
            "CREATE TABLE bookmarks (url TEXT)",
            "is the database of another program. Choose another folder.",
        ),
    ],
)
def test_other_databases_are_refused(tmp_path: Path, statement: str, sentence: str) -> None:
    file = tmp_path / "gradebook.sqlite"
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute(statement)
    before = file.read_bytes()
    with pytest.raises(UsageError) as error:
        journal.existing(tmp_path).__enter__()
    assert sentence in str(error.value) and str(file) in str(error.value)
    assert file.read_bytes() == before


def test_the_file_names_its_program_and_version(tmp_path: Path) -> None:
    with journal.opened(tmp_path) as book:
        assert book.rows("PRAGMA user_version") == [(migration.SCHEMA_VERSION,)]
        assert book.rows("PRAGMA application_id") == [(int.from_bytes(b"grdr"),)]


def test_every_table_and_column_is_documented(tmp_path: Path) -> None:
    text = (ROOT / "docs" / "reference" / "gradebook.md").read_text("utf-8")
    with journal.opened(tmp_path) as book:
        names = [name for (name,) in book.rows("SELECT name FROM sqlite_master WHERE type='table'")]
        columns = {
            f"{table}.{column}": column
            for table in names
            for _, column, *_ in book.rows(f"PRAGMA table_info({table})")
        }

    names.remove("sqlite_sequence")
    assert [name for name in names if f"`{name}`" not in text] == []
    undocumented = [place for place, name in columns.items() if f"`{name}`" not in text]
    assert [place for place in undocumented if not place.startswith("sqlite_")] == []
    assert f"version {migration.SCHEMA_VERSION} " in text


def test_the_points_of_a_class_are_plain_columns(tmp_path: Path) -> None:
    """What a person sums up with another program is what the grader counts."""
    with journal.opened(tmp_path) as book:
        for result in RESULTS:
            book.record(result)
        sums = book.rows(
            "SELECT submission, sum(points.score) FROM points JOIN gradings ON grading = number "
            "WHERE check_name = '' GROUP BY submission ORDER BY submission"
        )

    assert sums == [(result.submission, result.score) for result in RESULTS]
