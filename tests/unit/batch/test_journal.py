"""What is written in the gradebook is read again as it was, is whole or not there, and is harmless."""

from __future__ import annotations

import csv
import errno
import fcntl
import io
import json
import math
import os
import re
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from grader.batch import journal
from grader.errors import DiskError, GraderError, UsageError
from grader.model.result import CheckResult, FunctionStatus, Result, Status
from grader.views.tables import from_json, to_csv, to_json
from tests.support import samples
from tests.support.command_line import raw_characters

RESULTS = {
    "rich": samples.rich(),
    "stopped": samples.stopped(),
    **{str(status): samples.ungraded(status) for status in Status if status is not Status.GRADED},
}


def kept(folder: Path, *results: Result, fingerprint: str = "one") -> dict[str, Result]:
    """Write results and return what a later run knows."""
    with journal.opened(folder, fingerprint) as book:
        for result in results:
            book.record(result)
    with journal.opened(folder, fingerprint) as book:
        return book.known()


def finite(result: Result) -> Result:
    """Return a result without the infinity that the samples hold for the pages' sake."""
    functions = tuple(
        replace(f, checks=tuple(_finite(check) for check in f.checks)) for f in result.functions
    )
    return replace(result, functions=functions)


def _finite(check: CheckResult) -> CheckResult:
    findings = (
        replace(f, max_rel=None if f.max_rel == math.inf else f.max_rel) for f in check.findings
    )
    return replace(check, findings=tuple(findings))


def parsed(table: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(table)))


# ------------------------------------------------------------------ the journal


@pytest.mark.parametrize("name", [name for name in RESULTS if name != "internal"])
def test_a_result_is_read_as_it_was_written(tmp_path: Path, name: str) -> None:
    written = finite(RESULTS[name])
    assert kept(tmp_path, written) == {written.submission: written}


def test_our_own_failure_is_not_known_later(tmp_path: Path) -> None:
    assert kept(tmp_path, samples.ungraded(Status.INTERNAL)) == {}


def test_what_was_graded_by_other_settings_is_not_known(tmp_path: Path) -> None:
    kept(tmp_path, RESULTS["stopped"], fingerprint="one")
    with journal.opened(tmp_path, "another") as book:
        assert book.known() == {}


def test_the_latest_result_of_a_submission_counts_and_every_grading_is_noted(
    tmp_path: Path,
) -> None:
    first = RESULTS["stopped"]
    second = replace(first, sha256="4f" * 32, score=1.0)
    assert kept(tmp_path, first, second) == {"alice": second}
    with closing(sqlite3.connect(tmp_path / "gradebook.sqlite")) as connection:
        noted = list(connection.execute("SELECT submission, sha256 FROM gradings ORDER BY number"))
    assert noted == [("alice", first.sha256), ("alice", second.sha256)]


def test_a_result_is_there_whole_or_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(result: Result) -> str:
        raise RuntimeError("in the middle of it")

    with journal.opened(tmp_path, "one") as book:
        book.record(RESULTS["stopped"])
        monkeypatch.setattr(journal, "to_json", broken)
        with pytest.raises(RuntimeError):
            book.record(replace(RESULTS["stopped"], submission="bob"))
        assert set(book.known()) == {"alice"}


def test_a_second_one_at_the_same_time_is_refused_and_harms_nothing(tmp_path: Path) -> None:
    with journal.opened(tmp_path, "one") as book:
        refused = f"Another batch is writing to {tmp_path}. Wait until it has finished."
        with pytest.raises(UsageError) as told, journal.opened(tmp_path, "one"):
            pass
        assert str(told.value) == refused
        book.record(RESULTS["stopped"])
    assert set(kept(tmp_path)) == {"alice"}


def test_a_folder_that_cannot_be_locked_is_not_said_to_be_in_use(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unable(*_: object) -> None:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr(fcntl, "flock", unable)
    with pytest.raises(DiskError) as told, journal.opened(tmp_path, "one"):
        pass
    assert str(told.value) == f"{tmp_path}/.lock cannot be written: No locks available."


def test_an_error_while_it_is_open_closes_it(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), journal.opened(tmp_path, "one"):
        raise ZeroDivisionError
    assert set(kept(tmp_path, RESULTS["stopped"])) == {"alice"}


# ------------------------------------------------------------------ disks


def test_a_full_disk_is_one_sentence_and_what_was_written_stays(tmp_path: Path) -> None:
    kept(tmp_path, RESULTS["stopped"])
    with pytest.raises(GraderError) as told:
        fill_up(tmp_path)
    assert str(told.value) == (
        f"The gradebook in {tmp_path} cannot be written: database or disk is full."
    )
    assert kept(tmp_path)["alice"] == RESULTS["stopped"]


def fill_up(folder: Path) -> None:
    """Write results until no page is left."""
    with journal.opened(folder, "one") as book:
        book._connection.execute("PRAGMA max_page_count = 1")
        for number in range(10_000):
            book.record(replace(RESULTS["rich"], submission=f"s{number}", functions=()))


@pytest.mark.parametrize("data", [b"This is a diary.\n" * 100, b"\0" * 4096, b"SQLite format 3\0"])
def test_a_file_that_is_no_gradebook_is_one_sentence(tmp_path: Path, data: bytes) -> None:
    file = tmp_path / "gradebook.sqlite"
    file.write_bytes(data)
    with pytest.raises(GraderError, match=r"^The gradebook in .* cannot be written: .*\.$"):
        kept(tmp_path, RESULTS["stopped"])
    assert file.read_bytes() == data


def test_a_folder_in_its_place_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "gradebook.sqlite").mkdir()
    with pytest.raises(GraderError, match="unable to open database file"):
        kept(tmp_path)


# ------------------------------------------------------------------ the object as text


@pytest.mark.parametrize("name", RESULTS)
def test_the_text_is_the_object_of_the_result(name: str) -> None:
    result = finite(RESULTS[name])
    assert from_json(to_json(result)) == result


@given(st.text(), st.text())
@example("half \ud83d", "\x1b[31m\x9b\x7f\u202e\u2028")
def test_the_text_holds_no_control_character_whatever_is_said(message: str, note: str) -> None:
    result = replace(RESULTS["stopped"], message=message, notes=(note,))
    text = to_json(result)
    assert raw_characters(text) == []
    text.encode()
    read = json.loads(text)
    said = [re.sub("[\ud800-\udfff]", "\ufffd", text) for text in (message, note)]
    assert [read["message"], *read["notes"]] == said


def test_letters_of_all_scripts_stay_legible() -> None:
    text = to_json(replace(RESULTS["stopped"], submission="Zoë-任-Ωμέγα"))
    assert '"submission": "Zoë-任-Ωμέγα"' in text


def test_a_number_that_json_does_not_know_is_refused() -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        to_json(replace(RESULTS["stopped"], score=float("nan")))


# ------------------------------------------------------------------ the table


def test_the_table_has_a_row_a_submission_and_a_column_a_function() -> None:
    right = samples.function(FunctionStatus.PASSED, "forward")
    partly = samples.function(FunctionStatus.PARTIAL, "backward")
    alice = samples.result(right, partly)
    none = tuple(replace(function, score=None) for function in alice.functions)
    bob = replace(samples.ungraded(Status.INTERNAL), submission="bob", functions=none)
    assert parsed(to_csv([alice, bob], ["forward", "backward"])) == [
        ["submission", "score", "max_score", "status", "forward", "backward"],
        ["alice", "37.5", "50.0", "graded", "25.0", "12.5"],
        ["bob", "", "50.0", "internal", "", ""],
    ]


def test_no_score_is_an_empty_cell_and_zero_is_a_zero() -> None:
    wrong = samples.function(FunctionStatus.FAILED, "forward")
    unknown = replace(wrong, score=None)
    results = [samples.result(wrong), replace(samples.result(wrong), functions=(unknown,))]
    table = parsed(to_csv(results, ["forward"]))
    assert [row[-1] for row in table] == ["forward", "0.0", ""]


def test_nothing_that_a_student_says_is_in_the_table() -> None:
    hostile = samples.HOSTILE
    result = replace(
        samples.rich(),
        message=hostile,
        notes=(hostile,),
        title=hostile,
    )
    names = [function.name for function in result.functions]
    table = to_csv([result], names)
    assert table == to_csv([samples.rich()], names)
    assert raw_characters(table) == []
    assert not any(cell[:1] in tuple("=+-@") for row in parsed(table) for cell in row if cell)
