"""`grader report`: pages and tables again from the gradebook, in any language, without grading."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from grader import grading
from tests.cli.conftest import Here
from tests.support import old_gradebook, result_schema, samples
from tests.support.command_line import gradings, hand_in, is_one_sentence, run
from tests.support.html_reader import read

CLASS = ("right", "wrong-l2-not-halved", "error-name-misspelt", "malformed-pdf")
VIEWS = ("index.html", "grades.csv", "submissions/*/report.html", "submissions/*/result.json")


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a class that was graded once."""
    folder = tmp_path_factory.mktemp("report")
    batch = ("batch", hand_in(folder / "inbox", *CLASS), "--out", folder / "out", "--workers", 2)
    assert run(*batch).status == 0
    return folder / "out"


@pytest.fixture
def out(graded: Path, tmp_path: Path) -> Path:
    """Return a copy of that folder."""
    return shutil.copytree(graded, tmp_path / "out")


def views(folder: Path) -> dict[str, bytes]:
    """Return every page and table of a folder by its path."""
    files = (path for pattern in VIEWS for path in folder.glob(pattern))
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def languages(folder: Path) -> set[str]:
    """Return the languages of all pages and JSON files of a folder."""
    pages = {
        read(page.read_text("utf-8")).one("html").get("lang") for page in folder.rglob("*.html")
    }
    files = folder.rglob("result.json")
    return pages | {json.loads(file.read_bytes())["language"] for file in files}


@pytest.fixture
def no_grading(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise AssertionError("graded")

    monkeypatch.setattr(grading, "grade", fail)


@pytest.mark.usefixtures("no_grading")
def test_everything_is_written_again(here: Here, out: Path) -> None:
    before = views(out)
    for path in before:
        (out / path).unlink()
    shutil.rmtree(out / "submissions" / "right")

    assert len(before) == 2 + 2 * len(CLASS)
    assert here("report", out).status == 0
    assert views(out) == before


@pytest.mark.usefixtures("no_grading")
def test_another_language_and_back(here: Here, out: Path) -> None:
    before = views(out)

    assert here("report", out, "--lang", "zh").status == 0
    assert languages(out) == {"zh-Hans"}
    assert here("report", out).status == 0
    assert languages(out) == {"zh-Hans"}
    assert here("report", out, "--lang", "en").status == 0
    assert views(out) == before


def test_real_results_follow_the_schema(here: Here, out: Path) -> None:
    schema = Draft202012Validator(result_schema.schema())
    assert here("report", out, "--lang", "zh").status == 0
    files = [*out.rglob("result.json")]

    assert len(files) == len(CLASS)
    assert [e for file in files for e in schema.iter_errors(json.loads(file.read_bytes()))] == []


def test_a_batch_in_another_language_grades_nothing(here: Here, out: Path) -> None:
    inbox = hand_in(out.parent / "inbox", *CLASS)
    outcome = here("batch", inbox, "--out", out, "--lang", "zh", "--workers", 1)

    assert outcome.status == 0, outcome.err
    assert languages(out) == {"zh-Hans"}
    assert set(gradings(out).values()) == {1}


# ------------------------------------------------------------------ refused


def nothing(out: Path) -> None:
    (out / "gradebook.sqlite").unlink()


def a_file_in_its_place(out: Path) -> None:
    shutil.rmtree(out)
    out.write_text("x")


def no_database(out: Path) -> None:
    (out / "gradebook.sqlite").write_bytes(b"x" * 10_000)


def a_damaged_result(out: Path) -> None:
    change(out, "UPDATE results SET result = '{' WHERE submission = 'right'")


def no_results(out: Path) -> None:
    change(out, "DELETE FROM results")


def an_earlier_version_with_other_results(out: Path) -> None:
    an_earlier_version(out)
    a_damaged_result(out)


def an_earlier_version(out: Path) -> None:
    for file in out.glob("gradebook.sqlite*"):
        file.unlink()
    old_gradebook.write(out, [replace(samples.stopped(), submission="right")], meta=False)


def a_lost_table(out: Path) -> None:
    change(out, "DROP TABLE meta")


def a_later_version(out: Path) -> None:
    change(out, "PRAGMA user_version = 99")


def another_program(out: Path) -> None:
    (out / "gradebook.sqlite").unlink()
    change(out, "CREATE TABLE bookmarks (url TEXT)")


def a_damaged_policy(out: Path) -> None:
    change(out, "INSERT INTO meta VALUES ('late_penalty', 'a lot')")


def a_damaged_change(out: Path) -> None:
    row = "'right', 'points', 'f', 'many', NULL, 'x', 'ada', 'now', NULL, 0"
    change(out, f"INSERT INTO adjustments VALUES (1, {row})")


def a_damaged_roster(out: Path) -> None:
    change(out, "INSERT INTO roster VALUES ('bob', x'00ff', NULL, NULL)")


def change(out: Path, statement: str) -> None:
    with closing(sqlite3.connect(out / "gradebook.sqlite")) as connection, connection:
        connection.execute(statement)


@pytest.mark.parametrize(
    ("damage", "status", "sentence"),
    [
        (nothing, 2, "has no gradebook. Give the folder that 'grader batch --out' wrote."),
        (a_file_in_its_place, 2, "has no gradebook. Give the folder"),
        (no_database, 3, "is damaged: file is not a database. Restore gradebook.sqlite from a"),
        (a_damaged_result, 3, "is damaged: it has no readable result of right. Run 'grader batch'"),
        (a_lost_table, 3, "is damaged: no such table: meta. Restore"),
        (a_later_version, 2, "was written by a later version of grader. Update grader"),
        (
            another_program,
            2,
            "gradebook.sqlite is the database of another program. Choose another folder.",
        ),
        (
            a_damaged_policy,
            3,
            "is damaged: its table meta cannot be read. Restore gradebook.sqlite from",
        ),
        (
            a_damaged_change,
            3,
            "is damaged: its table adjustments cannot be read. Restore gradebook",
        ),
        (a_damaged_roster, 3, "is damaged: its table roster cannot be read. Restore gradebook"),
        (no_results, 2, "has no submissions. Run 'grader batch'."),
        (an_earlier_version_with_other_results, 2, "was written by an earlier version of grader."),
        (an_earlier_version, 2, "was written by an earlier version of grader. Run 'grader batch'"),
    ],
)
def test_a_faulty_gradebook_is_one_sentence(
    here: Here, out: Path, damage: Callable[[Path], None], status: int, sentence: str
) -> None:
    damage(out)
    outcome = here("report", out)

    assert (outcome.status, outcome.out) == (status, "")
    assert is_one_sentence(outcome.err)
    assert str(out) in outcome.err
    assert sentence in outcome.err


def test_an_unknown_language_is_one_sentence(here: Here, out: Path) -> None:
    before = views(out)
    outcome = here("report", out, "--lang", "fr")

    assert (outcome.status, outcome.out) == (2, "")
    assert is_one_sentence(outcome.err)
    assert views(out) == before
