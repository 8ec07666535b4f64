"""A batch that is killed at any moment and started again ends as if nothing had happened."""

from __future__ import annotations

import contextlib
import hashlib
import json
import random
import shutil
import sqlite3
import subprocess
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from grader.cli import main
from grader.model.result import Result
from grader.views.tables import from_json
from tests.submissions import FUNCTIONS
from tests.support.command_line import (
    Argument,
    gradings,
    hand_in,
    journal,
    orphans_adopted,
    rows,
    run,
    started,
    wait_until,
)
from tests.support.course import STUDENTS, Class
from tests.support.html_reader import read

SEED = 20260901
KILLS = 3
WORKERS = ("--workers", 2)


def results(folder: Path) -> dict[str, Result]:
    """Return the results in the gradebook without durations; each agrees with its columns."""
    by_name = {}
    for name, sha256, status, score, text in journal(
        folder, "SELECT submission, sha256, status, score, result FROM results"
    ):
        result = from_json(text)
        columns = (result.submission, result.sha256, str(result.status), result.score)
        assert columns == (name, sha256, status, score)
        by_name[name] = replace(result, duration_s=0.0, graded_at=None)
    return by_name


def graded_twice(folder: Path) -> list[tuple]:
    return journal(
        folder,
        "SELECT submission, count(*) FROM gradings GROUP BY submission, sha256 HAVING count(*) > 1",
    )


def unsound(folder: Path, names: set[str]) -> list[str]:
    """Return the files that are missing or torn in a folder of results."""
    wrong = []
    for name in names:
        place = folder / "submissions" / name
        result = json.loads((place / "result.json").read_bytes())
        page = read((place / "report.html").read_text("utf-8"))
        if result["submission"] != name or f"{result['score']:g}" not in page.text:
            wrong.append(name)
    read((folder / "index.html").read_text("utf-8"))
    files = {path.name for path in folder.rglob("*") if path.is_file()}
    expected = {
        "index.html",
        "grades.csv",
        "gradebook.sqlite",
        ".lock",
        "report.html",
        "result.json",
    }
    return wrong + sorted(files - expected)


def test_repeated_kills_change_no_result(course: Class, tmp_path: Path) -> None:
    out = tmp_path / "out"
    line = course.line(out)
    moments = random.Random(SEED)
    with orphans_adopted() as orphans:
        for kill in range(KILLS):
            number = sum(gradings(out).values())
            target = number + moments.randint(0, (STUDENTS - number) // (KILLS - kill) + 1)
            with started(*line) as process:
                wait_for(process, out, target)
                wait_a_little(process, moments.random() / 4)
                process.kill()
            assert graded_twice(out) == []
            wait_until(lambda: orphans() == [], "all boxes are gone")
        last = run(*line)
    assert last.status == 0
    assert results(out) == results(course.undisturbed)
    assert rows(out) == rows(course.undisturbed)
    assert graded_twice(out) == []
    assert unsound(out, set(rows(out))) == []


def test_kills_keep_what_people_changed(
    course: Class, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Another seed grades all again meanwhile; a change is made between two kills."""
    out = shutil.copytree(course.undisturbed, tmp_path / "out")
    first, second, *_ = rows(out)
    cost = FUNCTIONS[0]
    grader("adjust", out, first, cost, 3, "--why", "before", "--by", "Ada")
    grader("report", out, "--without", FUNCTIONS[1])
    line = (*course.line(out), "--seed", 7)
    moments = random.Random(SEED)
    for kill in range(2):
        target = STUDENTS + moments.randint(kill * 3, kill * 3 + 2)
        with started(*line, program=course.replay(0.2)) as process:
            wait_for(process, out, target)
            process.kill()
        if kill == 0:
            grader("adjust", out, second, cost, 4, "--why", "between", "--by", "Ada")
    assert run(*line, program=course.replay()).status == 0
    table = rows(out)
    assert (table[first][cost], table[second][cost]) == ("3.0", "4.0")
    assert {row["max_score"] for row in table.values()} == {"75.0"}
    assert set(gradings(out).values()) == {2}
    assert unsound(out, set(table)) == []
    for name, row in table.items():
        result = json.loads((out / "submissions" / name / "result.json").read_bytes())
        assert (f"{result['score']}", result["seed"]) == (row["score"], 7)
    whys = journal(out, "SELECT why FROM adjustments ORDER BY number")
    assert whys == [("before",), ("between",)]
    finished = journal(out, "SELECT finished IS NOT NULL FROM runs ORDER BY number")
    assert finished == [(1,), (0,), (0,), (1,)]
    capsys.readouterr()
    grader("diff", out)
    assert f"{first}: " in capsys.readouterr().out


def grader(*arguments: Argument) -> None:
    """Run a command of `grader` in this process."""
    main([*map(str, arguments)], standalone_mode=False)


def wait_for(process: subprocess.Popen[str], out: Path, target: int) -> None:
    """Wait until that many gradings are in the journal, or the process is done."""
    wait_until(
        lambda: sum(gradings(out).values()) >= target or process.poll() is not None,
        f"{target} are in the journal",
    )


def wait_a_little(process: subprocess.Popen[str], seconds: float) -> None:
    """Let the moment of the kill fall anywhere between two entries of the journal."""
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(seconds)


def test_batch_resumes_after_a_kill_at_its_start(course: Class, tmp_path: Path) -> None:
    inbox, out = hand_in(tmp_path / "inbox", "right", "malformed-pdf"), tmp_path / "out"
    line = ("batch", inbox, "--out", out, *WORKERS)
    with orphans_adopted() as orphans:
        for seconds in (0.1, 0.5, 1.2):
            with started(*line) as process:
                wait_a_little(process, seconds)
                process.kill()
        wait_until(lambda: orphans() == [], "all boxes are gone")
    assert run(*line).status == 0
    assert graded_twice(out) == []
    assert rows(out)["right"]["score"] == "100.0"


def test_killed_batch_leaves_no_process(
    tmp_path: Path,
) -> None:
    """A submission hangs meanwhile."""
    inbox = hand_in(
        tmp_path / "inbox", "hostile-sleeps", "hostile-endless-loop", aa="malformed-pdf"
    )
    out = tmp_path / "out"
    with orphans_adopted() as orphans:
        with started("batch", inbox, "--out", out, *WORKERS) as process:
            wait_until(lambda: len(gradings(out)) == 1, "the first is in the journal")
            wait_until(lambda: len(orphans()) > 2, "boxes are at work")
            process.kill()
        wait_until(lambda: orphans() == [], "all boxes are gone", seconds=5)


def test_stopped_submission_leaves_no_process(tmp_path: Path) -> None:
    inbox, out = hand_in(tmp_path / "inbox", "hostile-sleeps"), tmp_path / "out"
    with orphans_adopted() as orphans:
        assert run("batch", inbox, "--out", out, "--timeout", 8).status == 0
        assert rows(out)["inbox"]["score"] == "75.0"
        wait_until(lambda: orphans() == [], "all boxes are gone", seconds=5)


def test_copied_journal_is_intact(course: Class, tmp_path: Path) -> None:
    """SQLite's own check, and every sum of bytes is that of a file that was handed in."""
    with closing(sqlite3.connect(course.undisturbed / "gradebook.sqlite")) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    handed_in = {
        path.stem: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in course.inbox.glob("*.ipynb")
    }
    assert {
        name: result.sha256 for name, result in results(course.undisturbed).items()
    } == handed_in
