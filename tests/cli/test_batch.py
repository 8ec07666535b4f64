"""`grader batch`: a class in, a folder out, and what is seen while it runs."""

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

HEADER = ["submission", "score", "max_score", "status", *FUNCTIONS]
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


@dataclass(frozen=True, slots=True)
class Graded:
    """A class that was graded: what was said meanwhile and where the results are."""

    inbox: Path
    out: Path
    seen: Outcome


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> Graded:
    """Grade `CLASS`, and one more in a zip file, in one run."""
    folder = tmp_path_factory.mktemp("course")
    inbox, out = folder / "inbox", folder / "out"
    for path, name in CLASS.items():
        (inbox / path).parent.mkdir(parents=True, exist_ok=True)
        (inbox / path).write_bytes(submission(name))
    with zipfile.ZipFile(folder / "upload.zip", "w") as archive:
        archive.writestr("dave/homework.ipynb", submission("right"))
    seen = run("batch", "inbox", "upload.zip", "--out", "out", "--workers", 2, cwd=folder)
    return Graded(inbox, out, seen)


# ------------------------------------------------------------------ the folder


def test_every_submission_has_a_result_whatever_its_score(graded: Graded) -> None:
    assert graded.seen.status == 0
    assert len(rows(graded.out)) == len(CLASS) + 1
    statuses = sorted(row["status"] for row in rows(graded.out).values())
    assert statuses == ["graded"] * 6 + ["invalid"] * 3


def test_ids_tell_where_a_submission_was_found_and_are_unique(graded: Graded) -> None:
    ids = list(rows(graded.out))
    assert len({name.casefold() for name in ids}) == len(ids)
    assert {"alice", "bob", "carol-one", "carol-two", "late", "Zoë_Ångström", "dave"} < set(ids)
    assert all(re.fullmatch(r"[\w.-]+", name) and name[0] not in "-." for name in ids)


def test_the_table_is_as_promised_and_safe_in_a_spreadsheet(graded: Graded) -> None:
    text = (graded.out / "grades.csv").read_bytes().decode()
    table = list(csv.reader(text.splitlines()))
    assert table[0] == HEADER
    assert {len(row) for row in table} == {len(HEADER)}
    assert raw_characters(text) == [] and "\r" not in text
    for row in table[1:]:
        assert row[0][0] not in "=+-@"
        assert all(re.fullmatch(r"\d+\.\d+", cell) for cell in (*row[1:3], *row[4:]))
        assert float(row[1]) == sum(map(float, row[4:]))


def test_points_in_the_table_are_those_of_the_objects(graded: Graded) -> None:
    for name, row in rows(graded.out).items():
        result = json.loads((graded.out / "submissions" / name / "result.json").read_bytes())
        assert breaches(result, name) == [], name
        assert [float(row["score"]), float(row["max_score"]), row["status"]] == [
            result["score"],
            result["max_score"],
            result["status"],
        ]
        assert [float(row[f["name"]]) for f in result["functions"]] == [
            f["score"] for f in result["functions"]
        ]


def test_the_object_names_the_bytes_it_is_about(graded: Graded) -> None:
    result = json.loads((graded.out / "submissions" / "bob" / "result.json").read_bytes())
    assert result["sha256"] == hashlib.sha256(submission("wrong-hard-coded-answer")).hexdigest()


def test_every_link_leads_to_a_file(graded: Graded) -> None:
    page = read((graded.out / "index.html").read_text("utf-8"))
    links = {unquote(a.get("href")) for a in page.all("a") if not a.get("href").startswith("#")}
    reports = {f"submissions/{name}/report.html" for name in rows(graded.out)}
    assert reports <= links
    assert [link for link in links if not (graded.out / link).is_file()] == []


def test_every_page_stands_alone_and_holds_nothing_that_runs_but_our_script(graded: Graded) -> None:
    pages = [graded.out / "index.html", *graded.out.glob("submissions/*/report.html")]
    assert len(pages) == len(CLASS) + 2
    for path in pages:
        text = path.read_text("utf-8")
        assert raw_characters(text) == [] and "[bold red]" not in text
        page = read(text)
        assert page.all("iframe", "object", "embed") == []
        assert len(page.all("script")) == (path.name == "index.html")
        assert [e for e in page.elements if e.get("src").startswith(("http", "/"))] == []


def test_nothing_else_is_left_behind(graded: Graded) -> None:
    left = {str(path.relative_to(graded.out)) for path in graded.out.rglob("*") if path.is_file()}
    views = {
        f"submissions/{n}/{f}" for n in rows(graded.out) for f in ("report.html", "result.json")
    }
    assert left - views == {"index.html", "grades.csv", "gradebook.sqlite", ".lock"}
    assert sorted(p.name for p in graded.inbox.rglob("*.ipynb")) == sorted(
        Path(path).name for path in CLASS
    )


# ------------------------------------------------------------------ the screen


def test_the_screen_reads_word_for_word_as_recorded(graded: Graded) -> None:
    assert same_as_golden("batch", graded.seen.out)


def test_progress_is_on_standard_error_in_plain_lines(graded: Graded) -> None:
    assert graded.seen.err == "graded 9 of 9\n"


def test_nothing_raw_is_printed(graded: Graded) -> None:
    assert raw_characters(graded.seen.out + graded.seen.err) == []


def test_once_more_grades_nothing_and_says_so(graded: Graded) -> None:
    before = {
        path: path.read_bytes()
        for path in graded.out.rglob("*")
        if path.is_file() and path.suffix != ".sqlite"
    }
    seen = run(
        *("batch", "inbox", "upload.zip", "--out", "out", "--workers", 1), cwd=graded.inbox.parent
    )
    assert (seen.status, seen.out) == (0, graded.seen.out)
    assert seen.err == "graded 9 of 9, 9 of them unchanged since an earlier run\n"
    assert set(gradings(graded.out).values()) == {1}
    assert before == {path: path.read_bytes() for path in before}


def test_a_terminal_of_80_columns_gets_a_bar_with_the_time_left_and_a_table_that_fits(
    tmp_path: Path,
) -> None:
    inbox = hand_in(tmp_path / "inbox", "right", "malformed-pdf", "error-merge-markers")
    seen = on_a_terminal("batch", inbox, "--out", tmp_path / "out", "--workers", 1)
    shown = plain(seen.out)
    assert seen.status == 0
    assert re.search(
        r"grading ━+ [0-3]/3 (\d+\.\d/(s|min))? ?\d:\d\d:\d\d left (-:--:--|\d:\d\d:\d\d)", shown
    )
    assert re.search(r"grading ━+ 3/3 \d+\.\d/(s|min) \d:\d\d:\d\d left 0:00:00", shown)
    table = [line for line in shown.splitlines() if line[:1] in ("┏", "┃", "┡", "│", "└")]
    assert len(table) == 7 and len({len(line) for line in table}) == 1
    text = [line for line in shown.splitlines() if str(tmp_path) not in line]
    assert max(len(line.split("\r")[-1]) for line in text) <= 80
    assert "\x1b[?25h" in seen.out.split("3/3")[-1], "the cursor is not shown again"


# ------------------------------------------------------------------ Ctrl-C


def test_ctrl_c_ends_at_once_says_how_to_go_on_and_loses_nothing(tmp_path: Path) -> None:
    inbox, out = tmp_path / "inbox", tmp_path / "out"
    hand_in(inbox, "right", "error-merge-markers", zz1="hostile-sleeps", zz2="hostile-sleeps")
    line = ("batch", inbox, "--out", out, "--workers", "2")
    with started(*line) as process:
        wait_until(lambda: len(gradings(out)) == 2, "the first two are in the journal")
        interrupt(process)
        told, said = process.communicate(timeout=9)
    assert process.returncode == 130
    assert told == ""
    assert said.splitlines()[-1] == "grader: Stopped; run the same command again to resume."
    assert "Traceback" not in said and "Error" not in said
    for path in inbox.glob("zz*"):
        path.unlink()
    again = run(*line)
    assert (again.status, again.err) == (
        0,
        "graded 2 of 2, 2 of them unchanged since an earlier run\n",
    )
    assert gradings(out) == {"error-merge-markers": 1, "right": 1}


def test_a_polite_end_leaves_a_journal_to_go_on_from(tmp_path: Path) -> None:
    inbox, out = tmp_path / "inbox", tmp_path / "out"
    hand_in(inbox, "error-merge-markers", "right", zz1="hostile-sleeps")
    with started("batch", inbox, "--out", out, "--workers", "1") as process:
        wait_until(lambda: len(gradings(out)) == 2, "the first two are in the journal")
        process.terminate()
        process.communicate(timeout=9)
    assert process.returncode == -signal.SIGTERM
    (inbox / "zz1.ipynb").unlink()
    assert (
        run("batch", inbox, "--out", out).err
        == "graded 2 of 2, 2 of them unchanged since an earlier run\n"
    )
