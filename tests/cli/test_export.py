"""`grader export`: the files of platforms from a gradebook, and what it says about them."""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from grader.batch import changes, journal
from grader.batch.changes import Described
from grader.views.export import FORMATS
from grader.views.export.github import SUMMARY_BYTES
from tests.cli.conftest import Here
from tests.support.command_line import is_one_sentence, run
from tests.unit.views.export.students import course
from tests.unit.views.export.test_canvas import EXPECTED, gradebook, imported

FILES = [name for name, form in FORMATS.items() if form.is_file and name != "github"]
FOLDERS = [name for name, form in FORMATS.items() if not form.is_file]


@pytest.fixture
def graded(tmp_path: Path) -> Path:
    """Return the folder of a gradebook with the class of the unit tests."""
    folder = tmp_path / "graded"
    folder.mkdir()
    with journal.opened(folder) as book:
        book.language = "en"
        functions = {"compute_cost": 25.0, "forward": 25.0}
        changes.set_assignment(book.connection, Described("regularization", "", functions))
        for result in course():
            book.record(replace(result, submitted_at="2026-11-08T21:10:03+01:00"))
    return folder


def test_canvas_from_a_gradebook_on_the_command_line(graded: Path, tmp_path: Path) -> None:
    (tmp_path / "Grades.csv").write_bytes(gradebook().encode())
    arguments = ("--gradebook", tmp_path / "Grades.csv", "--out", tmp_path / "upload.csv")
    outcome = run("export", "canvas", graded, *arguments)

    assert outcome.status == 0
    assert outcome.out == f"{tmp_path}/upload.csv\n"
    assert outcome.err.splitlines() == [
        "grader: No grade for s1044: This is a PDF, =not a notebook.",
        "grader: No grade for s1045: The grader failed.",
        "grader: No grade for s1046: It did not finish.",
    ]
    assert imported((tmp_path / "upload.csv").read_bytes()) == EXPECTED | {1047: "", 999: ""}


@pytest.mark.parametrize("name", FILES)
def test_a_file_lies_in_the_folder_of_the_gradebook(here: Here, graded: Path, name: str) -> None:
    target = graded / "exports" / FORMATS[name].target

    assert here("export", name, graded).out == f"{target}\n"
    assert target.stat().st_size > 0


def test_the_help_lists_every_format(here: Here) -> None:
    lines = here("export", "--help").out.splitlines()

    assert [line.split()[0] for line in lines[lines.index("  Formats:") + 1 :]] == [
        *FORMATS,
        "gradescope-autograder",
    ]


def test_usage_errors_are_one_sentence(here: Here, graded: Path, tmp_path: Path) -> None:
    table = tmp_path / "Grades.csv"
    table.write_bytes("Student,ID,Section,Prüfung\n".encode("cp1252"))
    cases = {
        (tmp_path,): "has no gradebook",
        (graded, "--gradebook", tmp_path / "none.csv"): "none.csv cannot be read: No such file",
        (graded, "--out", tmp_path): "is a folder. Give the name of a file with --out.",
        (graded, "--gradebook", table): "is not in UTF-8. Use the file as the platform wrote it",
    }
    for arguments, sentence in cases.items():
        outcome = here("export", "canvas", *arguments)
        assert (outcome.status, outcome.out) == (2, "")
        assert is_one_sentence(outcome.err) or outcome.err.count("\n") == 1
        assert sentence in outcome.err


@pytest.mark.parametrize(
    ("form", "options", "names"),
    [
        ("nbgrader", ("--gradebook", "x.csv", "--column", "HW"), "--gradebook and --column"),
        ("gradescope-autograder", ("--zero-missing",), "--zero-missing"),
    ],
)
def test_option_without_effect_is_refused(
    here: Here, graded: Path, form: str, options: tuple[str, ...], names: str
) -> None:
    outcome = here("export", form, graded, *options)
    assert outcome.status == 2
    assert outcome.err == f"grader: {form} does not use {names}. Leave the option out.\n"


def test_read_only_gradebook_is_exported_elsewhere(
    here: Here, graded: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The folder of a colleague, in which nothing can be written. Root could write everywhere."""
    monkeypatch.setattr(os, "access", lambda _, mode: mode != os.W_OK)
    before = {path: path.read_bytes() for path in graded.iterdir()}

    refused = here("export", "pages", graded)
    assert refused.err.endswith("cannot be written. Give a place for the export with --out.\n")
    assert here("export", "pages", graded, "--out", tmp_path / "mail").status == 0
    assert len([*(tmp_path / "mail").iterdir()]) == len(course())
    assert {path: path.read_bytes() for path in graded.iterdir()} == before


def test_the_platforms_export_is_not_overwritten(here: Here, graded: Path, tmp_path: Path) -> None:
    table = tmp_path / "Grades.csv"
    table.write_text(gradebook())
    outcome = here("export", "canvas", graded, "--gradebook", table, "--out", table)

    assert outcome.status == 2
    assert "is the platform's own export. Choose another file for --out." in outcome.err
    assert table.read_text() == gradebook().replace("\r\n", "\n")


def test_a_gradebook_that_does_not_fit_is_a_usage_error(
    here: Here, graded: Path, tmp_path: Path
) -> None:
    (tmp_path / "Grades.csv").write_text("Name,Grade\n")
    outcome = here("export", "canvas", graded, "--gradebook", tmp_path / "Grades.csv")

    assert outcome.status == 2
    assert outcome.err.startswith("grader: This is not a gradebook of Canvas: ")


def test_an_empty_gradebook_has_nothing_to_export(here: Here, tmp_path: Path) -> None:
    with journal.opened(tmp_path) as book:
        book.language = "en"
    outcome = here("export", "canvas", tmp_path)

    assert outcome.status == 2
    assert "has no submissions. Run 'grader batch'." in outcome.err


@pytest.mark.parametrize("name", FOLDERS)
def test_a_folder_lies_in_the_folder_of_the_gradebook(here: Here, graded: Path, name: str) -> None:
    target = graded / "exports" / FORMATS[name].target

    assert here("export", name, graded).out == f"{target}\n"
    assert any(target.iterdir())


def test_one_entry_a_submission_and_none_of_an_earlier_export(
    here: Here, graded: Path, tmp_path: Path
) -> None:
    out = tmp_path / "mail"
    assert here("export", "pages", graded, "--out", out).status == 0
    assert len([*out.iterdir()]) == len(course())
    (out / "mine.txt").write_text("kept")
    assert here("forget", graded, "s1040", "--by", "me").status == 0

    assert here("export", "pages", graded, "--out", out).status == 0
    assert len([*out.iterdir()]) == len(course())
    assert not (out / "Ada Lovelace_1040.html").exists()
    assert (out / "mine.txt").exists()


def test_entries_that_are_folders_are_removed_with_their_file(here: Here, graded: Path) -> None:
    assert here("export", "gradescope", graded).status == 0
    assert here("forget", graded, "s1040", "--by", "me").status == 0
    assert here("export", "gradescope", graded).status == 0

    names = {path.name for path in (graded / "exports" / "gradescope").iterdir()}
    assert names == {result.submission for result in course()[1:]}


def test_a_folder_with_other_files_is_refused(here: Here, graded: Path, tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("mine")
    outcome = here("export", "pages", graded, "--out", tmp_path)

    assert outcome.status == 2
    assert "is neither an empty folder nor an earlier export. Choose another for --out." in (
        outcome.err
    )
    assert [path.name for path in tmp_path.glob("*.html")] == []


def test_a_damaged_record_removes_nothing(here: Here, graded: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    outside = tmp_path / "outside.html"
    outside.write_text("mine")
    (graded / "exports").mkdir()
    record = graded / "exports" / "written.json"
    for text in ("[", "[1]", json.dumps({str(out): ["../outside.html"]})):
        record.write_text(text)
        assert here("export", "pages", graded, "--out", out).status == 0
        shutil.rmtree(out)

    assert outside.exists()


# ------------------------------------------------------------------ scores that count


def grades(here: Here, graded: Path, tmp_path: Path) -> dict[int, str]:
    """Export for Canvas and return the grades that Canvas reads."""
    (tmp_path / "Grades.csv").write_bytes(gradebook().encode())
    assert here("export", "canvas", graded, "--gradebook", tmp_path / "Grades.csv").status == 0
    return imported((graded / "exports" / "canvas.csv").read_bytes())


def test_adjusted_late_and_dropped_scores_are_exported(
    here: Here, graded: Path, tmp_path: Path
) -> None:
    by_hand = ("compute_cost", "20", "--why", "I read it", "--by", "me")
    for name in ("s1042", "s1044"):
        assert here("adjust", graded, name, *by_hand).status == 0
    assert grades(here, graded, tmp_path)[1042] == "20"
    assert grades(here, graded, tmp_path)[1044] == "20"

    late = ("--due", "2026-11-08T00:00+01:00", "--late-penalty", "10%/day")
    assert here("report", graded, *late).status == 0
    assert {n: grades(here, graded, tmp_path)[n] for n in (1040, 1042, 1044, 1046)} == {
        1040: "45",
        1042: "15",
        1044: "15",
        1046: "",
    }
    extension = ("--due", "2026-11-09T00:00+01:00", "--why", "ill", "--by", "me")
    assert here("adjust", graded, "s1040", *extension).status == 0
    assert here("report", graded, "--without", "forward").status == 0
    assert grades(here, graded, tmp_path)[1040] == "25"


# ------------------------------------------------------------------ GitHub


def test_github_prints_annotations_and_writes_the_summary(
    here: Here, graded: Path, tmp_path: Path
) -> None:
    outcome = here("export", "github", graded, "--out", tmp_path / "new" / "summary.md")

    assert outcome.status == 0 and outcome.err == ""
    assert {line.split(" ")[0] for line in outcome.out.splitlines()} == {
        *("::error", "::warning", "::notice")
    }
    assert (tmp_path / "new" / "summary.md").read_text().startswith("## Regularization\n")


def test_github_adds_to_the_summary_of_the_step(
    here: Here, graded: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    step = tmp_path / "step.md"
    step.write_text("Before.\n\n")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(step))

    assert here("export", "github", graded).err == ""
    assert step.read_text().startswith("Before.\n\n## Regularization\n")
    step.write_text("x" * SUMMARY_BYTES)
    assert "that of this step would be larger than GitHub takes." in (
        here("export", "github", graded).err
    )
    assert step.stat().st_size == SUMMARY_BYTES


def test_github_without_a_place_for_the_summary(
    here: Here, graded: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GITHUB_STEP_SUMMARY", raising=False)

    assert here("export", "github", graded).err == (
        "grader: No summary is written: there is neither --out nor GITHUB_STEP_SUMMARY.\n"
    )
