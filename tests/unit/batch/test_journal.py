"""The journal returns each result as it was recorded, whole or not at all."""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from grader.batch import journal
from grader.batch.journal import Conditions
from grader.errors import DiskError, GraderError, UsageError
from grader.model.failure import Failure
from grader.model.result import Result, Status
from grader.views.tables import from_json
from tests.support import samples

RESULTS = {
    "rich": samples.rich(),
    "stopped": samples.stopped(),
    **{str(status): samples.ungraded(status) for status in samples.UNGRADED},
}


def kept(folder: Path, *results: Result, fingerprint: str = "one") -> dict[str, Result]:
    """Record results and return those that a later run knows."""
    with journal.opened(folder, Conditions(fingerprint)) as book:
        for result in results:
            book.record(result)
    with journal.opened(folder, Conditions(fingerprint)) as book:
        return known(book)


def known(book: journal.Gradebook) -> dict[str, Result]:
    """Return the results that are still valid."""
    texts = {name: book.valid_result(name) for name in book.submissions()}
    return {name: from_json(text) for name, text in texts.items() if text}


# ------------------------------------------------------------------ the journal


@pytest.mark.parametrize("name", [name for name in RESULTS if name != "internal"])
def test_a_result_is_read_as_it_was_recorded(tmp_path: Path, name: str) -> None:
    recorded = samples.finite(RESULTS[name])
    assert kept(tmp_path, recorded) == {recorded.submission: recorded}


def test_failures_of_the_grader_are_not_known(tmp_path: Path) -> None:
    assert kept(tmp_path, samples.ungraded(Status.INTERNAL)) == {}


def test_a_result_without_its_diagnosis_is_not_known(tmp_path: Path) -> None:
    """The diagnosis crashed, so the next batch tries again."""
    complete = RESULTS["stopped"]
    crashed = replace(complete.functions[0], failure=Failure("KeyError"))
    assert kept(tmp_path, replace(complete, functions=(crashed, *complete.functions[1:]))) == {}


def test_results_of_other_settings_are_not_known(tmp_path: Path) -> None:
    kept(tmp_path, RESULTS["stopped"], fingerprint="one")
    with journal.opened(tmp_path, Conditions("another")) as book:
        assert known(book) == {}


def test_the_latest_result_counts(
    tmp_path: Path,
) -> None:
    first = RESULTS["stopped"]
    second = replace(first, sha256="4f" * 32, score=1.0)
    assert kept(tmp_path, first, second) == {"alice": second}
    with closing(sqlite3.connect(tmp_path / "gradebook.sqlite")) as connection:
        noted = list(connection.execute("SELECT submission, sha256 FROM gradings ORDER BY number"))
    assert noted == [("alice", first.sha256), ("alice", second.sha256)]


def test_recording_is_atomic(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(result: Result, **_: object) -> str:
        raise RuntimeError("in the middle of it")

    with journal.opened(tmp_path, Conditions("one")) as book:
        book.record(RESULTS["stopped"])
        monkeypatch.setattr(journal, "to_json", broken)
        with pytest.raises(RuntimeError):
            book.record(replace(RESULTS["stopped"], submission="bob"))
        assert set(known(book)) == {"alice"}


def test_a_second_batch_is_refused(tmp_path: Path) -> None:
    with journal.opened(tmp_path, Conditions("one")) as book:
        refused = f"Another grader command is using {tmp_path}. Wait until it has finished."
        with pytest.raises(UsageError) as error, journal.opened(tmp_path, Conditions("one")):
            pass
        assert str(error.value) == refused
        book.record(RESULTS["stopped"])
    assert set(kept(tmp_path)) == {"alice"}


def test_a_lock_that_fails_is_a_disk_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def unable(*_: object) -> None:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr(fcntl, "flock", unable)
    with pytest.raises(DiskError) as error, journal.opened(tmp_path, Conditions("one")):
        pass
    assert str(error.value) == f"{tmp_path}/.lock cannot be written: No locks available."


def test_an_error_closes_the_journal(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), journal.opened(tmp_path, Conditions("one")):
        raise ZeroDivisionError
    assert set(kept(tmp_path, RESULTS["stopped"])) == {"alice"}


# ------------------------------------------------------------------ disks


def test_a_full_disk_is_one_sentence(tmp_path: Path) -> None:
    kept(tmp_path, RESULTS["stopped"])
    with pytest.raises(GraderError) as error:
        fill_up(tmp_path)
    assert str(error.value) == (
        f"The gradebook in {tmp_path} cannot be used: database or disk is full."
    )
    assert kept(tmp_path)["alice"] == RESULTS["stopped"]


def fill_up(folder: Path) -> None:
    """Write results until no page is left."""
    with journal.opened(folder, Conditions("one")) as book:
        book.connection.execute("PRAGMA max_page_count = 1")
        for number in range(10_000):
            book.record(replace(RESULTS["rich"], submission=f"s{number}", functions=()))


@pytest.mark.parametrize("data", [b"This is a diary.\n" * 100, b"\0" * 4096, b"SQLite format 3\0"])
def test_another_file_is_one_sentence(tmp_path: Path, data: bytes) -> None:
    file = tmp_path / "gradebook.sqlite"
    file.write_bytes(data)
    with pytest.raises(GraderError, match=r"^The gradebook in .* is damaged: .*\. Restore gr"):
        kept(tmp_path, RESULTS["stopped"])
    assert file.read_bytes() == data


def test_a_folder_in_its_place_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "gradebook.sqlite").mkdir()
    with pytest.raises(GraderError, match="unable to open database file"):
        kept(tmp_path)


# ------------------------------------------------------------------ the language, and all results


def test_last_language_is_remembered(tmp_path: Path) -> None:
    with journal.opened(tmp_path, Conditions("one")) as book:
        assert book.language is None
        book.language = "zh-Hans"
    with journal.existing(tmp_path) as book:
        assert book.language == "zh-Hans"


def test_all_results_are_sorted_by_submission(tmp_path: Path) -> None:
    for name in ("bob", "alice"):
        kept(tmp_path, replace(RESULTS["stopped"], submission=name), fingerprint=name)

    with journal.existing(tmp_path) as book:
        assert [result.submission for result in book.results()] == ["alice", "bob"]


def test_read_only_gradebook_is_read_from_a_copy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Results that a killed run left in the WAL file are read, too."""
    killed = tmp_path / "killed"
    (tmp_path / "running").mkdir()
    with journal.opened(tmp_path / "running", Conditions("one")) as book:
        book.record(RESULTS["stopped"])
        shutil.copytree(tmp_path / "running", killed)
    monkeypatch.setattr(os, "access", lambda *_: False)
    before = {file: file.read_bytes() for file in killed.iterdir()}

    with journal.for_reading(killed) as book:
        assert (book.folder, book.submissions()) == (killed, ["alice"])
    assert {file: file.read_bytes() for file in killed.iterdir()} == before
    (killed / journal.NAME).write_bytes(b"This is a diary. " * 100)
    damaged = rf"^The gradebook in {killed} is damaged: .*\. Restore gr"
    with pytest.raises(DiskError, match=damaged), journal.for_reading(killed):
        pass


def test_copy_of_a_gradebook_in_use_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with journal.opened(tmp_path, Conditions("one")):
        monkeypatch.setattr(os, "access", lambda *_: False)
        with pytest.raises(UsageError, match="is using"), journal.for_reading(tmp_path):
            pass


def test_missing_gradebook_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"has no gradebook\. Give the folder"):
        journal.existing(tmp_path).__enter__()

    assert [*tmp_path.iterdir()] == []


@pytest.mark.parametrize(
    "text",
    [
        *("", "{", "[]", "{}", '{"status": "graded"}', '{"id": "x"}', '{"a_source": [1]}'),
        '{"id": "{y}", "values": {}}',
        '{"id": "x", "values": [1]}',
    ],
)
def test_a_damaged_result_is_graded_again(tmp_path: Path, text: str) -> None:
    kept(tmp_path, replace(RESULTS["stopped"], submission="bob"), RESULTS["stopped"])
    with journal.opened(tmp_path, Conditions("one")) as book, book.connection as connection:
        name = RESULTS["stopped"].submission
        connection.execute("UPDATE results SET result = ? WHERE submission = ?", (text, name))

    assert kept(tmp_path).keys() == {"bob"}
    with journal.existing(tmp_path) as book, pytest.raises(DiskError, match=name):
        list(book.results())
