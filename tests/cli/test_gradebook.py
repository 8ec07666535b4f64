"""The commands for a gradebook, `adjust`, `diff` and `forget`, and the options of `batch` and `report`."""

from __future__ import annotations

import json
import re
import shutil
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from grader import assignments, grading, intake
from grader.grading import Settings
from grader.model import Assignment
from grader.model.result import Result, Status
from grader.model.submission import Submission
from tests.cli.conftest import Here
from tests.submissions import FUNCTIONS
from tests.support.command_line import is_one_sentence, journal, rows
from tests.support.html_reader import read
from tests.unit.batch.test_batch import result_of

COST = FUNCTIONS[0]
DUE = "2026-11-08T20:00+01:00"


pytestmark = pytest.mark.usefixtures("quick_grading")


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    return hand_in(tmp_path / "inbox", alice=4, bob=2, late_carol=3)


@pytest.fixture
def out(here: Here, inbox: Path) -> Path:
    """Return the folder of a class that was graded once."""
    folder = inbox.parent / "out"
    assert here("batch", inbox, "--out", folder, "--workers", 1).status == 0
    return folder


def hand_in(folder: Path, **contents: int) -> Path:
    folder.mkdir(exist_ok=True)
    for name, content in contents.items():
        (folder / f"{name}.ipynb").write_text(str(content))
    return folder


def scores(folder: Path) -> dict[str, str]:
    return {name: row["score"] for name, row in rows(folder).items()}


def result(folder: Path, name: str) -> dict:
    return json.loads((folder / "submissions" / name / "result.json").read_bytes())


def page(folder: Path, name: str) -> str:
    return read((folder / "submissions" / name / "report.html").read_text("utf-8")).text


def refused(here: Here, *arguments: str | Path) -> str:
    """Return the sentence of a command that is refused."""
    outcome = here(*arguments)
    assert (outcome.status, outcome.out) == (2, "") and is_one_sentence(outcome.err), outcome
    return outcome.err.removeprefix("grader: ").rstrip()


# ------------------------------------------------------------------ adjust: points


def test_points_of_a_person_are_everywhere(here: Here, out: Path) -> None:
    outcome = here("adjust", out, "bob", COST, "20", "--why", "a typing error", "--by", "Ada")

    assert outcome.status == 0, outcome.err
    assert re.fullmatch(
        r"bob: 45 of 100 points \(50 as graded\)\n"
        rf"  {COST}: 20 points, by Ada at 20\S+: a typing error\n",
        outcome.out,
    )
    assert rows(out)["bob"]["score"] == "45.0" and rows(out)["bob"][COST] == "20.0"
    changed = result(out, "bob")
    assert (changed["score"], changed["raw_score"]) == (45.0, 50.0)
    assert (
        changed["adjustments"][0].items()
        >= {
            "function": COST,
            "points": 20.0,
            "raw_points": 25.0,
            "why": "a typing error",
            "by": "Ada",
        }.items()
    )
    assert f"{COST} has 20 points instead of 25. Reason: a typing error (Ada)" in page(out, "bob")
    assert "45" in read((out / "index.html").read_text("utf-8")).text


def test_points_survive_every_regrade(here: Here, inbox: Path, out: Path) -> None:
    here("adjust", out, "bob", COST, "20", "--why", "a typing error")
    hand_in(inbox, bob=3)
    here("batch", inbox, "--out", out, "--workers", 1, "--seed", 8)
    assert scores(out)["bob"] == "70.0"
    shutil.rmtree(out / "submissions")
    here("report", out)
    assert result(out, "bob")["score"] == 70.0


def test_the_maximum_limits_the_points_of_a_person(
    here: Here, inbox: Path, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The assignment can have a lower maximum than when the person gave the points."""
    here("adjust", out, "bob", COST, "25", "--why", "right")
    assignment = assignments.load("regularization")
    lower = replace(assignment.functions[0], checks=assignment.functions[0].checks[1:])
    functions = (lower, *assignment.functions[1:])
    monkeypatch.setattr(assignments, "load", lambda _: replace(assignment, functions=functions))
    outcome = here("batch", inbox, "--out", out, "--workers", 1, "--seed", 5)
    sentence = (
        f"grader: The maximum counts where the points by hand are higher by now: bob ({COST})."
    )
    assert outcome.err.splitlines()[-1] == sentence
    assert sentence in here("report", out).err
    most = lower.max_score
    assert (rows(out)["bob"][COST], scores(out)["bob"]) == (f"{most}", f"{most + 25}")
    assert f"{COST} has {most:g} points instead of" in page(out, "bob")


def test_the_last_change_can_be_taken_back(here: Here, out: Path) -> None:
    here("adjust", out, "bob", COST, "20", "--why", "first")
    here("adjust", out, "bob", COST, "10", "--why", "second")
    outcome = here("adjust", out, "bob", "--undo", "--by", "Bea")
    assert outcome.out.startswith("Taken back:\n2. bob: ")
    assert scores(out)["bob"] == "45.0"
    here("adjust", out, "bob", COST, "--undo")
    assert scores(out)["bob"] == "50.0"
    sentence = refused(here, "adjust", out, "bob", "--undo")
    assert sentence == "There is no change of bob to take back."
    sentence = refused(here, "adjust", out, "bob", COST, "--undo")
    assert sentence == f"There is no change of {COST} of bob to take back."
    listed = here("adjust", out, "--list").out.splitlines()
    assert [line.split(":")[0] for line in listed] == ["1. bob", "2. bob", "3. bob", "4. bob"]
    assert listed[1].endswith("second (taken back by Bea)")
    assert " 2 taken back, by Bea at " in listed[2]


def test_changes_of_a_class_can_be_listed(here: Here, out: Path) -> None:
    assert here("adjust", out, "--list").out == "There are no changes.\n"
    here("adjust", out, "bob", "--comment", "Well done.", "--by", "Ada")
    assert re.fullmatch(
        r"1\. bob: comment, by Ada at \S+: Well done\.\n", here("adjust", out, "--list").out
    )
    assert here("adjust", out, "alice", "--list").out == "There are no changes.\n"


def test_a_comment_is_on_the_page_only(here: Here, out: Path) -> None:
    assert here("adjust", out, "bob", "--comment", "See `W1`.", "--by", "Ada").status == 0
    assert "Ada wrote: See W1." in page(out, "bob")
    assert scores(out)["bob"] == "50.0"


def test_control_characters_of_a_person_are_removed(here: Here, out: Path) -> None:
    hostile = "a\x1b[31m\nb\u202e\udcff"
    assert here("adjust", out, "bob", "--comment", hostile, "--by", hostile).status == 0
    (change,) = result(out, "bob")["adjustments"]
    assert change["why"] == change["by"] == "a [31m b"


def test_the_author_is_gits_or_the_user(
    here: Here, out: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "config").write_text("[user]\n name = Grace Hopper\n")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "config"))
    monkeypatch.chdir(tmp_path)
    here("adjust", out, "bob", "--comment", "Yes.")
    monkeypatch.setenv("PATH", "")
    monkeypatch.setenv("LOGNAME", "ghopper")
    here("adjust", out, "bob", "--comment", "No.")

    assert [c["by"] for c in result(out, "bob")["adjustments"]] == ["Grace Hopper", "ghopper"]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("rob", COST, "3", "--why", "x"), "has no submission rob. Did you mean bob?"),
        (
            ("bob", "cost", "3", "--why", "x"),
            f"There is no graded function cost. There are {COST},",
        ),
        (
            ("bob", COST, "26", "--why", "x"),
            f"{COST} has 0 to 25 points, so it cannot have 26. Give",
        ),
        (
            ("bob", COST, "1e9", "--why", "x"),
            f"{COST} has 0 to 25 points, so it cannot have 1e+09.",
        ),
        (("bob", COST, "nan", "--why", "x"), f"{COST} has 0 to 25 points, so it cannot have nan."),
        (("bob", COST, "-5", "--why", "-1"), f"{COST} has 0 to 25 points, so it cannot have -5."),
        (("bob", COST, "--why", "x", "-.5"), f"{COST} has 0 to 25 points, so it cannot have -0.5."),
        (("bob", COST, "3"), "Give the reason with --why. The student sees it."),
        (("bob", COST, "3", "--why", " "), "Give the reason with --why. The student sees it."),
        (("bob", "--due", DUE), "Give the reason with --why. The student sees it."),
        (("bob",), "Give either FUNCTION and POINTS, or --due, or --comment."),
        (("bob", COST), "Give either FUNCTION and POINTS, or --due, or --comment."),
        (("bob", COST, "3", "--due", DUE), "Give either FUNCTION and POINTS, or --due, or"),
        (("bob", "--comment", "x", "--why", "x"), "--comment needs a text, and no --why."),
        (("bob", "--comment", " "), "--comment needs a text, and no --why."),
        (("bob", "--comment", 2001 * "x"), "--comment has 2001 characters. Write at most 2000."),
        (
            ("bob", "--due", DUE, "--why", 2001 * "x"),
            "--why has 2001 characters. Write at most 2000.",
        ),
        (("--list", "--comment", "x"), "--list and --undo change nothing else. Leave out --why,"),
        (("bob", "--due", "soon", "--why", "x"), "--due: 'soon' is not a time. Write it as in"),
        (("bob", "--due", "2026-11-08", "--why", "x"), "--due: '2026-11-08' is not a time."),
        ((), "Give the ID of a submission, or --list."),
    ],
)
def test_a_wrong_change_is_one_sentence(
    here: Here, out: Path, arguments: tuple[str, ...], sentence: str
) -> None:
    assert sentence in refused(here, "adjust", out, *arguments)
    assert journal(out, "SELECT * FROM adjustments") == []


def test_an_interrupted_change_is_on_the_page_after_the_next_run(
    here: Here, inbox: Path, out: Path
) -> None:
    """A folder in the place of the page makes the change fail after it was saved."""
    file = out / "submissions" / "bob" / "report.html"
    file.unlink()
    file.mkdir()
    outcome = here("adjust", out, "bob", COST, "20", "--why", "x", "--by", "Ada")
    assert outcome.status == 3
    assert outcome.err == (
        f"grader: {file} cannot be written: Is a directory. The change is saved. When that is fixed, run "
        f"'grader report {out}'.\n"
    )
    file.rmdir()
    here("batch", inbox / "alice.ipynb", "--out", out, "--workers", 1)
    assert "has 20 points instead of 25" in page(out, "bob")


# ------------------------------------------------------------------ late submissions, dropped functions


def test_a_late_penalty_is_kept_until_it_is_taken_back(here: Here, inbox: Path, out: Path) -> None:
    rule = ("--due", DUE, "--late-penalty", "10%/day")
    outcome = here("batch", inbox, "--out", out, "--workers", 1, *rule)
    assert scores(out) == {"alice": "100.0", "bob": "50.0", "late_carol": "65.0"}
    assert outcome.err.splitlines()[-1] == (
        "grader: No late penalty for 2 submissions, because the time of submission is not known: alice, "
        "bob. Change points with 'grader adjust' if a penalty applies."
    )
    assert rows(out)["late_carol"]["late"] == "true"
    assert "10 points were taken off" in page(out, "late_carol")
    here("batch", inbox, "--out", out, "--workers", 1)
    assert scores(out)["late_carol"] == "65.0"
    here("report", out, "--late-penalty", "none")
    assert scores(out)["late_carol"] == "75.0"
    assert result(out, "late_carol")["late"] is True
    outcome = here("report", out, "--due", "none", "--late-penalty", "10%/day")
    assert result(out, "late_carol")["late"] is None
    assert outcome.err.endswith(
        "there is no due time: alice, bob, late_carol. Set it with --due.\n"
    )


def test_an_extension_takes_the_penalty_away(here: Here, out: Path) -> None:
    remade = here("report", out, "--due", DUE, "--late-penalty", "10%/day")
    assert remade.err.startswith("grader: No late penalty for 2 submissions, because ")
    later = ("--due", "2026-11-12T20:00+01:00", "--why", "was ill")
    assert here("adjust", out, "late_carol", *later).status == 0
    assert (scores(out)["late_carol"], rows(out)["late_carol"]["late"]) == ("75.0", "false")


def test_a_run_of_one_renews_the_pages_of_all(here: Here, inbox: Path, out: Path) -> None:
    """The late penalty changes other students' scores, too."""
    rule = ("--due", DUE, "--late-penalty", "10%/day")
    here("batch", inbox / "bob.ipynb", "--out", out, "--workers", 1, *rule)
    assert result(out, "late_carol")["score"] == 65.0
    assert "65" in page(out, "late_carol")


def test_a_zone_is_kept_until_it_is_taken_back(here: Here, tmp_path: Path) -> None:
    """It is that of times of submission and due times without a zone."""
    submission = tmp_path / "class" / "Week_5_ada_attempt_2026-11-08-21-10-03_x.ipynb"
    submission.parent.mkdir()
    submission.write_text("4")
    folder = tmp_path / "out"
    run = ("batch", submission.parent, "--out", folder, "--workers", 1)
    here(*run, "--zone", "Asia/Tokyo")
    here(*run)
    assert result(folder, "ada")["submitted_at"] == "2026-11-08T21:10:03+09:00"
    here("report", folder, "--due", "2026-11-08T20:00")
    assert result(folder, "ada")["due"] == "2026-11-08T20:00:00+09:00"
    here("adjust", folder, "ada", "--due", "2026-11-08T22:00", "--why", "was ill")
    assert result(folder, "ada")["due"] == "2026-11-08T22:00:00+09:00"
    here(*run, "--zone", "none")
    assert journal(folder, "SELECT value FROM meta WHERE key = 'zone'") == []


def test_a_dropped_function_counts_for_nobody(here: Here, inbox: Path, out: Path) -> None:
    here("batch", inbox, "--out", out, "--workers", 1, "--without", COST)
    assert rows(out)["bob"].items() >= {"score": "25.0", "max_score": "75.0", COST: "0.0"}.items()
    assert f"{COST} does not count." in page(out, "bob")
    here("batch", inbox, "--out", out, "--workers", 1)
    assert rows(out)["bob"]["max_score"] == "75.0"
    here("report", out, "--without", "none")
    assert rows(out)["bob"].items() >= {"score": "50.0", "max_score": "100.0"}.items()


@pytest.mark.parametrize(
    ("option", "sentence"),
    [
        (("--late-penalty", "10"), "'10' is not a late penalty. Write for example 10%/day or"),
        (("--due", "tomorrow"), "--due: 'tomorrow' is not a time. Write it as in"),
        (("--due", "0001-01-01T00:00"), "--due: '0001-01-01T00:00' is not a time."),
        (("--due", ""), "--due: '' is not a time."),
        (
            ("--without", COST, "--without", "none"),
            "--without none counts all functions again. Give",
        ),
        (("--without", "cost"), "There is no graded function cost. There are "),
        (
            tuple(word for name in FUNCTIONS for word in ("--without", name)),
            "--without drops every function, so nothing would count. Leave one.",
        ),
    ],
)
def test_a_wrong_policy_is_one_sentence(
    here: Here, inbox: Path, out: Path, option: tuple[str, ...], sentence: str
) -> None:
    assert sentence in refused(here, "report", out, *option)
    assert sentence in refused(here, "batch", inbox, "--out", out, *option)


# ------------------------------------------------------------------ the sum of all runs


def test_one_student_again_keeps_the_others(here: Here, inbox: Path, out: Path) -> None:
    hand_in(inbox, bob=4)
    assert here("batch", inbox / "bob.ipynb", "--out", out, "--workers", 1).status == 0
    assert scores(out) == {"alice": "100.0", "bob": "100.0", "late_carol": "75.0"}
    assert "alice" in (out / "index.html").read_text("utf-8")


def test_same_names_at_another_place_are_mentioned(
    here: Here, inbox: Path, tmp_path: Path, out: Path
) -> None:
    """With --add each student would have two rows."""
    inbox.rename(tmp_path / "renamed")
    before = scores(out)
    assert refused(here, "batch", tmp_path / "renamed", "--out", out) == (
        f"None of these submissions is among the 3 in {out}, but names are equal (alice, bob, "
        "late_carol). If this is the same class, give the folder or zip file the name that it had in "
        "the earlier run. If it is another class, choose another folder for --out, or use --add."
    )
    assert scores(out) == before


def test_another_class_is_refused_without_add(here: Here, tmp_path: Path, out: Path) -> None:
    other = hand_in(tmp_path / "other", dave=1, erin=2)
    before = scores(out)
    sentence = refused(here, "batch", other, "--out", out)
    assert sentence == (
        f"None of these submissions is among the 3 in {out}. Use --add to add them, or choose another "
        "folder for --out."
    )
    assert scores(out) == before
    assert here("batch", other, "--out", out, "--workers", 1, "--add").status == 0
    assert list(scores(out)) == ["alice", "bob", "dave", "erin", "late_carol"]


def test_another_assignment_is_always_refused(
    here: Here, inbox: Path, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = replace(assignments.load("regularization"), name="initialization")
    monkeypatch.setattr(assignments, "load", lambda _: other)
    sentence = refused(here, "batch", inbox, "--out", out, "--add")
    assert sentence == (
        f"{out} is the gradebook of regularization, not of initialization. Choose another folder for "
        "--out."
    )


def test_a_folder_of_others_is_refused(here: Here, inbox: Path, tmp_path: Path) -> None:
    thesis = tmp_path / "other"
    thesis.mkdir()
    (thesis / "thesis.tex").write_text("x")
    sentence = refused(here, "batch", inbox, "--out", thesis)
    assert sentence == (
        f"{thesis} already exists and is neither an empty folder nor a gradebook. Choose another folder "
        "for --out."
    )
    assert [path.name for path in thesis.iterdir()] == ["thesis.tex"]


def test_only_some_ids_are_graded(here: Here, inbox: Path, out: Path) -> None:
    hand_in(inbox, alice=0, bob=0)
    outcome = here("batch", inbox, "--out", out, "--workers", 1, "--only", "bob")
    assert outcome.err.splitlines()[0] == "graded 1 of 1"
    assert scores(out) == {"alice": "100.0", "bob": "0.0", "late_carol": "75.0"}
    sentence = refused(here, "batch", inbox, "--out", out, "--only", "bobby")
    assert sentence == "--only: there is no submission bobby under these paths. Did you mean bob?"


def test_reports_is_the_default_folder(
    here: Here, inbox: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert here("batch", inbox, "--workers", 1).status == 0
    assert (tmp_path / "reports" / "regularization" / "gradebook.sqlite").is_file()


def test_pages_without_a_row_are_removed(here: Here, inbox: Path, out: Path) -> None:
    place = out / "submissions" / "unknown"
    shutil.copytree(out / "submissions" / "bob", place)
    mine = shutil.copytree(place, place.with_name("mine"))
    (mine / "notes.txt").write_text("x")
    here("batch", inbox, "--out", out, "--workers", 1)
    assert not place.exists()
    assert [path.name for path in mine.iterdir()] == ["notes.txt"]


# ------------------------------------------------------------------ the roster

ROSTER = """id,name,email
1040,Alice Adams,alice@example.org
1041,Bob Brown,bob@example.org
1042,"=Mallory, M",mallory@example.org
"""


@pytest.fixture
def roster(tmp_path: Path) -> Path:
    file = tmp_path / "roster.csv"
    file.write_text(ROSTER)
    return file


def test_who_submitted_nothing_has_a_row(here: Here, inbox: Path, out: Path, roster: Path) -> None:
    outcome = here("batch", inbox, "--out", out, "--workers", 1, "--roster", roster)
    assert "on the roster have" not in outcome.err
    (absent,) = (row for row in rows(out).values() if row["status"] == "not_submitted")
    assert (
        absent.items()
        >= {
            "score": "",
            "max_score": "100.0",
            COST: "",
            "student": "'=Mallory, M",
            "student_id": "1042",
            "email": "mallory@example.org",
        }.items()
    )
    name = absent["submission"]
    assert "1 on the roster submitted nothing" in " ".join(outcome.out.split())
    assert "mean 75.0, median 75 of the 3 graded" in " ".join(outcome.out.split())
    assert name in read((out / "index.html").read_text("utf-8")).text
    assert not (out / "submissions" / name).exists()
    here("batch", inbox, "--out", out, "--workers", 1)
    assert name in rows(out)
    here("report", out, "--roster", "none")
    assert name not in rows(out)


def test_a_roster_names_students(here: Here, out: Path, roster: Path) -> None:
    """Files without more are found by the part of the address before the @."""
    here("report", out, "--roster", roster)
    assert rows(out)["alice"]["student"] == "Alice Adams"
    assert result(out, "bob")["student"] == {
        "id": "1041",
        "name": "Bob Brown",
        "email": "bob@example.org",
    }
    assert rows(out)["late_carol"]["student"] == ""


def test_an_extension_can_be_granted_before_anything_is_submitted(
    here: Here, inbox: Path, out: Path, roster: Path
) -> None:
    roster.write_text("id,name\n1050,late dave\n")
    outcome = here("report", out, "--roster", roster, "--due", DUE, "--late-penalty", "10%/day")
    assert "0 of 1 students on the roster have a submission." in outcome.err
    (name,) = (n for n, row in rows(out).items() if row["status"] == "not_submitted")
    later = ("--due", "2026-11-12T20:00+01:00", "--why", "was ill")
    assert here("adjust", out, name, *later).status == 0
    hand_in(inbox, late_dave=2)
    here("batch", inbox, "--out", out, "--workers", 1)
    assert name not in rows(out)
    assert rows(out)["late_dave"].items() >= {"score": "50.0", "late": "false"}.items()
    first = result(out, "late_dave")
    assert (first["score"], first["late"], first["student"]["name"]) == (50.0, False, "late dave")
    assert "was ill" in page(out, "late_dave")


def test_an_extension_moves_from_the_roster_to_the_submission(
    here: Here, inbox: Path, out: Path, roster: Path
) -> None:
    """The IDs differ; the change is kept without the roster, and erased with the submission."""
    roster.write_text("id,name\n1050,late dave\n")
    here("report", out, "--roster", roster, "--due", DUE, "--late-penalty", "10%/day")
    later = ("--due", "2026-11-12T20:00+01:00", "--why", "was ill")
    assert here("adjust", out, "late_dave_1050", *later).status == 0
    roster.write_text("name,id\nLate Dave,1050\n")
    here("report", out, "--roster", roster)
    hand_in(inbox, late_dave=2)
    here("batch", inbox, "--out", out, "--workers", 1)
    here("report", out, "--roster", "none")
    assert scores(out)["late_dave"] == "50.0"
    assert "was ill" in here("adjust", out, "late_dave", "--list").out
    assert "was ill" in here("adjust", out, "late_dave", "--undo").out
    assert scores(out)["late_dave"] == "40.0"
    here("forget", out, "late_dave", "--erase")
    assert journal(out, "SELECT count(*) FROM adjustments") == [(0,)]


def test_points_need_a_submission(here: Here, out: Path, roster: Path) -> None:
    here("report", out, "--roster", roster)
    (name,) = (n for n, row in rows(out).items() if row["status"] == "not_submitted")
    sentence = refused(here, "adjust", out, name, COST, "3", "--why", "x")
    assert sentence == f"{name} submitted nothing, so there are no points to change."
    assert here("forget", out, name).status == 0
    assert name not in rows(out)


# ------------------------------------------------------------------ forget


def test_a_forgotten_submission_has_no_row_and_no_page(here: Here, out: Path) -> None:
    here("adjust", out, "bob", COST, "20", "--why", "x")
    assert here("forget", out, "bob").out == "Removed bob.\n"
    assert list(scores(out)) == ["alice", "late_carol"]
    assert not (out / "submissions" / "bob").exists()
    assert len(journal(out, "SELECT * FROM gradings WHERE submission = 'bob'")) == 1


def test_a_forgotten_submission_that_comes_again_is_new(here: Here, inbox: Path, out: Path) -> None:
    here("adjust", out, "bob", COST, "20", "--why", "x")
    here("forget", out, "bob")
    here("batch", inbox, "--out", out, "--workers", 1)
    assert scores(out)["bob"] == "50.0"


def test_erase_leaves_no_trace(here: Here, inbox: Path, out: Path) -> None:
    here("adjust", out, "bob", "--comment", "A secret of Rumpelstiltskin.")
    (out / "errors.log").write_text(
        "2026-11-08T20:00:00 bob KeyError\n  a.py:1 f\n2026-11-08T20:00:01 alice KeyError\n"
    )
    assert here("forget", out, "bob", "--erase").status == 0
    data = b"".join(path.read_bytes() for path in out.rglob("*") if path.is_file())
    assert b"bob" not in data and b"Rumpelstiltskin" not in data
    assert (out / "errors.log").read_text() == "2026-11-08T20:00:01 alice KeyError\n"
    assert list(scores(out)) == ["alice", "late_carol"]


def test_one_unknown_id_forgets_nobody(here: Here, out: Path) -> None:
    sentence = refused(here, "forget", out, "alice", "rob")
    assert sentence == f"The gradebook in {out} has no submission rob. Did you mean bob?"
    assert list(scores(out)) == ["alice", "bob", "late_carol"]


def test_what_was_forgotten_can_be_erased_later(here: Here, out: Path) -> None:
    here("forget", out, "bob")
    assert "has no submission bob" in refused(here, "forget", out, "bob")
    here("forget", out, "alice", "late_carol")
    assert here("forget", out, "bob", "bob", "--erase").out == "Removed bob.\n"
    assert journal(out, "SELECT count(*) FROM gradings WHERE submission = 'bob'") == [(0,)]


# ------------------------------------------------------------------ regrading and differences


def changed_assignment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Change the assignment so that each right function has five points fewer."""
    assignment = assignments.load("regularization")
    reference = tmp_path / "regularization.py"
    reference.write_bytes(assignment.files.reference.read_bytes() + b"\n")
    changed = replace(assignment, files=replace(assignment.files, reference=reference))
    monkeypatch.setattr(assignments, "load", lambda _: changed)

    def other(
        submission: Submission, assignment: Assignment, settings: Settings, **_: object
    ) -> Result:
        raw = result_of(submission, assignment, settings)
        functions = tuple(replace(f, score=(f.score or 0) * 0.8) for f in raw.functions)
        return replace(raw, functions=functions, score=(raw.score or 0) * 0.8)

    monkeypatch.setattr(grading, "grade", other)


def test_regrading_says_what_moved(
    here: Here, inbox: Path, out: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    hand_in(inbox, dave=0)
    here("batch", inbox, "--out", out, "--workers", 1)
    changed_assignment(monkeypatch, tmp_path)
    outcome = here("batch", inbox, "--out", out, "--workers", 1)
    assert outcome.err.splitlines() == [
        "graded 4 of 4",
        (
            "grader: The assignment has changed since the last run: 4 graded again, 3 scores moved, by "
            "-20 at most."
        ),
    ]
    lines = here("diff", out).out.splitlines()
    assert lines[0] == "alice: 100 → 80 (-20): the assignment changed"
    assert lines[1] == f"  {COST}: 25 → 20 (-5)"
    assert [line.split(":")[0] for line in lines if line[0] != " "] == [
        "alice",
        "bob",
        "late_carol",
    ]


def test_the_same_run_again_says_nothing(here: Here, inbox: Path, out: Path) -> None:
    outcome = here("batch", inbox, "--out", out, "--workers", 1)
    assert outcome.err == "graded 3 of 3, 3 of them unchanged since an earlier run\n"
    assert here("diff", out).err == "grader: No score differs.\n"


def test_another_seed_is_named(here: Here, inbox: Path, out: Path) -> None:
    """What people changed in between is not counted, nor is another file of a student."""
    here("report", out, "--without", COST)
    hand_in(inbox, bob=0)
    outcome = here("batch", inbox, "--out", out, "--workers", 1, "--seed", 5)
    assert outcome.err.splitlines()[-1] == (
        "grader: --seed has changed since the last run: 2 graded again, no score moved."
    )


def test_points_that_do_not_add_up_are_mentioned(
    here: Here, inbox: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assignment = assignments.load("regularization")
    fewer = replace(assignment, functions=assignment.functions[:3])
    monkeypatch.setattr(assignments, "load", lambda _: fewer)
    outcome = here("batch", inbox, "--out", tmp_path / "fewer", "--workers", 1)
    assert outcome.err.splitlines()[-1] == (
        "grader: The points of the assignment add up to 75. 'grader verify' requires 100."
    )


def test_rows_with_other_maxima_are_mentioned(
    here: Here, inbox: Path, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def of_another_version(*arguments: Any, **options: Any) -> Result:
        return replace(result_of(*arguments, **options), max_score=92.0)

    monkeypatch.setattr(grading, "grade", of_another_version)
    outcome = here("batch", inbox, "--out", out, "--workers", 1, "--only", "bob", "--seed", 5)
    assert outcome.err.splitlines()[-1] == (
        "grader: The rows have different maximum points (92, 100): some were graded by another "
        "version of the assignment or with other options. Give all submissions, without --only, to "
        "grade them in the same way."
    )


def test_diff_names_a_changed_file(here: Here, inbox: Path, out: Path) -> None:
    hand_in(inbox, bob=3, dave=1)
    here("batch", inbox, "--out", out, "--workers", 1)
    here("adjust", out, "alice", COST, "0", "--why", "copied", "--by", "Ada")
    assert here("diff", out).out.splitlines() == [
        "alice: 100 → 75 (-25): changed by Ada: copied",
        f"  {COST}: 25 → 0 (-25)",
        "bob: 50 → 75 (+25): the file changed",
        f"  {FUNCTIONS[2]}: 0 → 25 (+25)",
        "dave: - → 25: a new submission",
    ]


def test_the_same_file_at_another_time_is_named(
    here: Here, inbox: Path, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The score moves though nothing is graded again; the history has both times."""
    run = ("batch", inbox, "--out", out, "--workers", 1)
    here(*run, "--due", DUE, "--late-penalty", "10%/day")
    read = intake.Source.read

    def read_later(source: intake.Source, number: int = 0) -> Submission:
        submission = read(source, number)
        if "late" not in source.id:
            return submission
        return replace(submission, submitted_at="2026-11-11T20:00:00+01:00")

    monkeypatch.setattr(intake.Source, "read", read_later)
    assert here(*run).err.splitlines()[1] == (
        "grader: 1 submission has another time of submission or late mark since the last run: 1 score "
        "moved, by -20."
    )
    assert here("diff", out).out.splitlines() == [
        "late_carol: 65 → 45 (-20): another time of submission",
        "  late penalty: -10 → -30 (-20)",
    ]
    times = journal(out, "SELECT submitted_at FROM gradings WHERE submission = 'late_carol'")
    assert [time[:10] for (time,) in times] == ["2026-11-09", "2026-11-11"]


def test_diff_of_one_run_shows_what_was_changed_since(here: Here, out: Path) -> None:
    assert here("diff", out).err == "grader: No score differs.\n"
    here("report", out, "--without", FUNCTIONS[3])  # only alice has points in it
    assert [line.split(":")[0] for line in here("diff", out).out.splitlines()] == [
        "alice",
        f"  {FUNCTIONS[3]}",
    ]
    here("report", out, "--due", DUE, "--late-penalty", "10%/day", "--without", COST)
    here("forget", out, "bob")
    assert here("diff", out).out.splitlines() == [
        f"alice: 100 → 75 (-25): {COST} was dropped",
        f"  {COST}: 25 → 0 (-25)",
        "bob: 50 → -: no longer in the gradebook",
        f"late_carol: 75 → 42.5 (-32.5): the late penalty changed; {COST} was dropped",
        f"  {COST}: 25 → 0 (-25)",
        "  late penalty: 0 → -7.5 (-7.5)",
    ]


def test_diff_of_two_gradebooks(here: Here, inbox: Path, out: Path) -> None:
    hand_in(inbox, bob=4)
    other = out.with_name("other")
    here("batch", inbox, "--out", other, "--workers", 1)
    assert here("diff", out, other).out.splitlines()[0] == "bob: 50 → 100 (+50): the file changed"
    assert here("diff", other, out).out.splitlines()[0] == "bob: 100 → 50 (-50): the file changed"
    with closing(sqlite3.connect(other / "gradebook.sqlite")) as connection, connection:
        connection.execute("UPDATE points SET function = 'new' WHERE function = ?", (COST,))
    renamed = here("diff", out, other).out.splitlines()
    assert renamed[:3] == [
        "alice: 100 → 100 (+0): graded again",
        f"  {COST}: 25 → 0 (-25)",
        "  new: 0 → 25 (+25)",
    ]
    with closing(sqlite3.connect(other / "gradebook.sqlite")) as connection, connection:
        connection.execute("UPDATE meta SET value = 'x' WHERE key = 'assignment'")
    assert refused(here, "diff", out, other) == (
        f"{out} is a gradebook of regularization and {other} one of x. Give two of the same assignment."
    )
    sentence = refused(here, "diff", out, out)
    assert sentence == f"{out} is the same gradebook. Give two, or one only."


def test_a_change_of_status_is_a_difference(
    here: Here, inbox: Path, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def other(
        submission: Submission, assignment: Assignment, settings: Settings, **_: object
    ) -> Result:
        raw = result_of(submission, assignment, settings)
        return replace(raw, status=Status.TIMEOUT)

    monkeypatch.setattr(grading, "grade", other)
    here("batch", inbox, "--out", out, "--workers", 1, "--seed", 5, "--only", "bob")
    assert here("diff", out).out.splitlines() == [
        "bob: 50 → 50 (+0): --seed changed",
        "  graded → timeout",
    ]


def test_diff_needs_a_finished_run(here: Here, out: Path) -> None:
    with closing(sqlite3.connect(out / "gradebook.sqlite")) as connection, connection:
        connection.execute("UPDATE runs SET finished = NULL")
    sentence = refused(here, "diff", out)
    assert sentence == f"No run into {out} has finished yet. Run 'grader batch' again."


@pytest.mark.parametrize(
    ("statement", "sentence"),
    [
        (
            "UPDATE gradings SET status = 'excellent' WHERE submission = 'bob'",
            "its table gradings cannot be read at bob. Restore gradebook.sqlite from a backup, or",
        ),
        ("UPDATE points SET score = 'many'", "its table gradings cannot be read at bob."),
        ("UPDATE runs SET last_grading = 'x' WHERE number = 1", "its table runs cannot be read."),
        ("UPDATE runs SET late_penalty = 'x' WHERE number = 1", "its table meta cannot be read."),
        (
            "UPDATE adjustments SET due = 'soon', kind = 'due'",
            "its table adjustments cannot be read.",
        ),
        (
            "UPDATE results SET submission = NULL WHERE submission = 'bob'",
            "its table results cannot be read.",
        ),
        ("UPDATE results SET student = x'ff'", "its table results cannot be read."),
        (
            "UPDATE results SET result = substr(result, 9) WHERE submission != 'alice'",
            "it has no readable result of bob, late_carol. Run 'grader batch' again, or remove them",
        ),
        ("DELETE FROM results WHERE submission = 'bob'", "it has no readable result of bob. Run"),
    ],
)
def test_a_damaged_history_is_one_sentence(
    here: Here, inbox: Path, out: Path, statement: str, sentence: str
) -> None:
    hand_in(inbox, bob=3)
    here("adjust", out, "bob", "--comment", "x")
    here("batch", inbox, "--out", out, "--workers", 1)
    with closing(sqlite3.connect(out / "gradebook.sqlite")) as connection, connection:
        connection.execute(statement)
    outcome = here("diff", out)
    assert outcome.status == 3 and is_one_sentence(outcome.err)
    assert f"is damaged: {sentence}" in outcome.err


def test_diff_names_missing_files(here: Here, out: Path) -> None:
    (out / "submissions" / "bob" / "result.json").unlink()
    assert here("diff", out).err == (
        f"grader: The scores in the gradebook were compared, but files of bob are missing in {out}. "
        f"Make them again with 'grader report {out}'.\n"
    )


@pytest.mark.parametrize("copies", [(), ("gradebook-v1.sqlite",)])
def test_a_damaged_file_has_a_next_step(here: Here, out: Path, copies: tuple[str, ...]) -> None:
    """Three quarters of the file are left."""
    for name in copies:
        (out / name).touch()
    file = out / "gradebook.sqlite"
    file.write_bytes(file.read_bytes()[: file.stat().st_size * 3 // 4])
    outcome = here("report", out)
    assert outcome.status == 3 and is_one_sentence(outcome.err)
    assert outcome.err == (
        f"grader: The gradebook in {out} is damaged: database disk image is malformed. Restore "
        "gradebook.sqlite from a backup, or start a new gradebook with 'grader batch' and another folder "
        "for --out."
        + "".join(f" A copy from before the update of grader is in {name}." for name in copies)
        + "\n"
    )


@pytest.mark.parametrize("command", [("diff",), ("forget", "x"), ("adjust", "x", "--undo")])
def test_a_folder_without_a_gradebook_is_one_sentence(
    here: Here, tmp_path: Path, command: tuple[str, ...]
) -> None:
    name, *rest = command
    assert "has no gradebook." in refused(here, name, tmp_path, *rest)
