"""`grader batch`: grade a class into a folder and show the progress."""

from __future__ import annotations

import csv
import hashlib
import json
import re
import signal
import zipfile
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

import pytest

from tests.cli.conftest import Here
from tests.submissions import FUNCTIONS
from tests.support.command_line import (
    Outcome,
    breaches,
    gradings,
    hand_in,
    interrupt,
    on_a_terminal,
    plain,
    raw_characters,
    rows,
    run,
    same_as_golden,
    started,
    submission,
    wait_until,
)
from tests.support.html_reader import read

NAMESAKES = (
    "grader: These rows may be one student each, because a folder of late submissions has the same name: "
    "inbox-alice and late-alice. Delete the folder that does not count and grade again.\n"
)
STUDENT = ["student", "student_id", "email", "late", "source"]
HEADER = ["submission", "score", "max_score", "status", *FUNCTIONS, *STUDENT]
CLASS = {
    "alice.ipynb": "right",
    "bob/homework.ipynb": "wrong-hard-coded-answer",
    "carol/one.ipynb": "error-merge-markers",
    "carol/two.ipynb": "right",
    "late/alice.ipynb": "malformed-pdf",
    "Zoë Ångström/任务.ipynb": "right",
    "=cmd|calc!A1.ipynb": "malformed-empty",
    "[bold red]\x1b[31m\u202e.ipynb": "malformed-empty",
}

ROWS = 8
"""Seven paths, of which one has two notebooks, and a zip file."""


@dataclass(frozen=True, slots=True)
class ClassRun:
    """The submissions of a class, the folder with their results and the output of the run."""

    inbox: Path
    out: Path
    outcome: Outcome


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> ClassRun:
    """Grade `CLASS` and another submission in a zip file in one run."""
    folder = tmp_path_factory.mktemp("course")
    inbox, out = folder / "inbox", folder / "out"
    for path, name in CLASS.items():
        (inbox / path).parent.mkdir(parents=True, exist_ok=True)
        (inbox / path).write_bytes(submission(name))
    with zipfile.ZipFile(folder / "upload.zip", "w") as archive:
        archive.writestr("dave/homework.ipynb", submission("right"))
    outcome = run("batch", "inbox", "upload.zip", "--out", "out", "--workers", 2, cwd=folder)
    return ClassRun(inbox, out, outcome)


# ------------------------------------------------------------------ the folder


def test_every_submission_has_a_result(course: ClassRun) -> None:
    """A low score or an unreadable notebook does not change the exit status."""
    assert course.outcome.status == 0
    assert len(rows(course.out)) == ROWS
    statuses = sorted(row["status"] for row in rows(course.out).values())
    assert statuses == ["graded"] * 5 + ["invalid"] * 3


def test_ids_are_unique_and_derived_from_paths(course: ClassRun) -> None:
    ids = list(rows(course.out))
    assert len({name.casefold() for name in ids}) == len(ids)
    assert {"inbox-alice", "late-alice", "bob", "carol", "Zoë_Ångström", "dave"} < set(ids)
    assert all(re.fullmatch(r"[\w.-]+", name) and name[0] not in "-." for name in ids)


def test_grades_csv_is_safe_in_a_spreadsheet(course: ClassRun) -> None:
    text = (course.out / "grades.csv").read_bytes().decode("utf-8-sig")
    table = list(csv.reader(text.splitlines()))
    assert table[0] == HEADER
    assert {len(row) for row in table} == {len(HEADER)}
    assert raw_characters(text) == [] and "\r" not in text
    for row in table[1:]:
        assert row[0][0] not in "=+-@"
        assert all(re.fullmatch(r"\d+\.\d+", cell) for cell in (*row[1:3], *row[4:8]))
        assert float(row[1]) == sum(map(float, row[4:8]))


def test_grades_csv_agrees_with_result_json(course: ClassRun) -> None:
    for name, row in rows(course.out).items():
        result = json.loads((course.out / "submissions" / name / "result.json").read_bytes())
        assert breaches(result, name) == [], name
        assert [float(row["score"]), float(row["max_score"]), row["status"]] == [
            result["score"],
            result["max_score"],
            result["status"],
        ]
        assert [float(row[f["name"]]) for f in result["functions"]] == [
            f["score"] for f in result["functions"]
        ]


def test_result_has_the_hash_of_the_notebook(course: ClassRun) -> None:
    result = json.loads((course.out / "submissions" / "bob" / "result.json").read_bytes())
    assert result["sha256"] == hashlib.sha256(submission("wrong-hard-coded-answer")).hexdigest()


def test_links_of_the_class_page_resolve(course: ClassRun) -> None:
    page = read((course.out / "index.html").read_text("utf-8"))
    links = {unquote(a.get("href")) for a in page.all("a") if not a.get("href").startswith("#")}
    reports = {f"submissions/{name}/report.html" for name in rows(course.out)}
    assert reports <= links
    assert [link for link in links if not (course.out / link).is_file()] == []


def test_pages_are_self_contained(course: ClassRun) -> None:
    """They load nothing, embed nothing, and only the class page has a script: ours."""
    pages = [course.out / "index.html", *course.out.glob("submissions/*/report.html")]
    assert len(pages) == ROWS + 1
    for path in pages:
        text = path.read_text("utf-8")
        assert raw_characters(text) == []
        page = read(text)
        assert page.all("iframe", "object", "embed") == []
        assert len(page.all("script")) == (path.name == "index.html")
        assert [e for e in page.elements if e.get("src").startswith(("http", "/"))] == []


def test_output_folder_has_no_other_files(course: ClassRun) -> None:
    """The folder of the submissions is unchanged as well."""
    files = {str(path.relative_to(course.out)) for path in course.out.rglob("*") if path.is_file()}
    views = {
        f"submissions/{n}/{f}" for n in rows(course.out) for f in ("report.html", "result.json")
    }
    assert files - views == {"index.html", "grades.csv", "gradebook.sqlite", ".lock"}
    assert sorted(p.name for p in course.inbox.rglob("*.ipynb")) == sorted(
        Path(path).name for path in CLASS
    )


# ------------------------------------------------------------------ the screen


def test_screen_as_recorded(course: ClassRun) -> None:
    assert same_as_golden("batch", course.outcome.out)


def test_progress_goes_to_standard_error(course: ClassRun) -> None:
    assert course.outcome.err == f"{NAMESAKES}graded 8 of 8\n"


def test_control_characters_are_escaped(course: ClassRun) -> None:
    assert raw_characters(course.outcome.out + course.outcome.err) == []


def test_second_run_grades_nothing(
    here: Here, course: ClassRun, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(course.inbox.parent)
    before = {
        path: path.read_bytes()
        for path in course.out.rglob("*")
        if path.is_file() and path.suffix != ".sqlite"
    }
    outcome = here("batch", "inbox", "upload.zip", "--out", "out", "--workers", 1)
    assert (outcome.status, outcome.out) == (0, course.outcome.out)
    progress = "graded 8 of 8, 8 of them unchanged since an earlier run\n"
    assert outcome.err == NAMESAKES + progress
    assert set(gradings(course.out).values()) == {1}
    assert before == {path: path.read_bytes() for path in before}


def test_terminal_shows_a_progress_bar(
    tmp_path: Path,
) -> None:
    """It shows the time left, and bar and table fit into 80 columns."""
    inbox = hand_in(tmp_path / "inbox", "right", "malformed-pdf", "malformed-empty")
    outcome = on_a_terminal("batch", inbox, "--out", tmp_path / "out", "--workers", 1)
    screen = plain(outcome.out)
    assert outcome.status == 0
    assert re.search(
        r"grading ━+ [0-3]/3 (\d+\.\d/(s|min))? ?\d:\d\d:\d\d left (-:--:--|\d:\d\d:\d\d)", screen
    )
    assert re.search(r"grading ━+ 3/3 \d+\.\d/(s|min) \d:\d\d:\d\d left 0:00:00", screen)
    table = [line for line in screen.splitlines() if line[:1] in ("┏", "┃", "┡", "│", "└")]
    assert len(table) == 7 and len({len(line) for line in table}) == 1
    text = [line for line in screen.splitlines() if str(tmp_path) not in line]
    assert max(len(line.split("\r")[-1]) for line in text) <= 80
    assert "\x1b[?25h" in outcome.out.split("3/3")[-1], "the cursor is not shown again"


# ------------------------------------------------------------------ Ctrl-C


def test_ctrl_c_stops_and_can_be_resumed(here: Here, tmp_path: Path) -> None:
    """It ends at once, prints how to resume, and no result is lost."""
    inbox, out = tmp_path / "inbox", tmp_path / "out"
    hand_in(inbox, "malformed-pdf", "right", zz1="hostile-sleeps", zz2="hostile-sleeps")
    line = ("batch", inbox, "--out", out, "--workers", "2")
    with started(*line) as process:
        wait_until(lambda: len(gradings(out)) == 2, "the first two are in the journal")
        interrupt(process)
        out_text, err_text = process.communicate(timeout=9)
    assert process.returncode == 130
    assert out_text == ""
    assert err_text.splitlines()[-1] == "grader: Stopped; run the same command again to resume."
    assert "Traceback" not in err_text and "Error" not in err_text
    for path in inbox.glob("zz*"):
        path.unlink()
    again = here(*line)
    assert (again.status, again.err) == (
        0,
        "graded 2 of 2, 2 of them unchanged since an earlier run\n",
    )
    assert gradings(out) == {"malformed-pdf": 1, "right": 1}


def test_sigterm_can_be_resumed(here: Here, tmp_path: Path) -> None:
    inbox, out = tmp_path / "inbox", tmp_path / "out"
    hand_in(inbox, "malformed-empty", "malformed-pdf", zz1="hostile-sleeps")
    with started("batch", inbox, "--out", out, "--workers", "1") as process:
        wait_until(lambda: len(gradings(out)) == 2, "the first two are in the journal")
        process.terminate()
        process.communicate(timeout=9)
    assert process.returncode == -signal.SIGTERM
    (inbox / "zz1.ipynb").unlink()
    assert (
        here("batch", inbox, "--out", out).err
        == "graded 2 of 2, 2 of them unchanged since an earlier run\n"
    )
