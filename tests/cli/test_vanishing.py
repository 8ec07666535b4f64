"""A submission that vanishes or changes while it is read does not affect another."""

from __future__ import annotations

import json
import os
import random
import re
import shutil
import subprocess
import threading
import zipfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from grader import grading, intake
from grader.assignments import oracle
from grader.errors import UsageError
from grader.grading import Settings
from grader.intake import files
from grader.model import Assignment
from grader.model.result import Result
from grader.model.submission import Submission
from tests.cli.conftest import Here
from tests.support.command_line import gradings, hand_in, rows, started, wait_until
from tests.unit.batch.test_batch import result_of

SEED = 20270302
ROUNDS = 8
READS = 60
KINDS = 8
PACKED = 24
REASONS = (
    "No such file or directory",
    "Not a directory",
    "Is a directory",
    "it is a pipe, a socket or a device; submit an ordinary file",
    "it is a folder without a notebook",
    "the zip file is damaged; submit it again",
    r"\w+\.zip changed while it was being read",
)
SENTENCE = re.compile(
    r"This file is empty\.|This submission is empty\. Submit your notebook \(\.ipynb\)\.|"
    rf"[\w.]+ could not be read: ({'|'.join(REASONS)})\.|"
    r"This submission contains no notebook \(\.ipynb\), only [^;]*( \([^()]*\))?\. "
    r"Submit your notebook\."
)


def zip_bytes(**contents: str) -> bytes:
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in contents.items():
            archive.writestr(f"{name.replace('__', '/')}.ipynb", content)
    return buffer.getvalue()


# ------------------------------------------------------------------ mishaps to a file


def delete(path: Path) -> None:
    path.unlink()


def rename(path: Path) -> None:
    path.rename(path.with_name(f".{path.name}"))


def turn_into_a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def turn_into_a_pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def cut(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def empty(path: Path) -> None:
    os.truncate(path, 0)


def replace(path: Path) -> None:
    """Replace the file: by another answer, or by a zip file with other members."""
    path.unlink()
    path.write_bytes(zip_bytes(other="1", another="2") if path.suffix == ".zip" else b"4")


def delete_its_folder(path: Path) -> None:
    if path.parent.name == "inbox":
        path.unlink()
    else:
        shutil.rmtree(path.parent)


MISHAPS: tuple[Callable[[Path], None], ...] = (
    delete,
    rename,
    turn_into_a_folder,
    turn_into_a_pipe,
    cut,
    empty,
    replace,
    delete_its_folder,
)


@dataclass
class Inbox:
    """Notebooks in one folder, in subfolders and in zip files; `hit` are the files with a mishap."""

    folder: Path
    chance: random.Random
    hit: set[str] = field(default_factory=set)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def fill(self) -> None:
        """Write all files as they were submitted; `packed` has several submissions."""
        for folder in (self.folder, self.packed.parent):
            shutil.rmtree(folder, ignore_errors=True)
        self.packed.parent.mkdir()
        self.hit.clear()
        for number in range(KINDS):
            right = f"{number % 5}{' ' * 9}"
            (self.folder / f"b{number}").mkdir(parents=True)
            (self.folder / f"a{number}.ipynb").write_text(right)
            (self.folder / f"b{number}" / "work.ipynb").write_text(right)
            (self.folder / f"c{number}.zip").write_bytes(zip_bytes(work=right))
        members = {f"d{number}__work": "3" for number in range(PACKED)}
        self.packed.write_bytes(zip_bytes(**members))

    @property
    def packed(self) -> Path:
        """The zip file of a class."""
        return self.folder.with_name("zips") / "class.zip"

    def mishap(self) -> None:
        """Cause a mishap to a random file that has had none."""
        with self.lock:
            remaining = [path for path in self.files() if str(path) not in self.hit]
            if remaining:
                path = self.chance.choice(remaining)
                self.hit.add(str(path))
                self.chance.choice(MISHAPS)(path)

    def files(self) -> list[Path]:
        paths = [self.packed, *self.folder.rglob("*")]
        return sorted(path for path in paths if path.is_file())

    def intact(self, name: str) -> bool:
        """Return True if nothing has happened to the file of a submission."""
        if name.startswith("d"):
            return str(self.packed) not in self.hit
        paths = (f"{name}.ipynb", f"{name}/work.ipynb", f"{name}.zip")
        return not any(str(self.folder / path) in self.hit for path in paths)


@pytest.fixture
def inbox(tmp_path: Path) -> Inbox:
    return Inbox(tmp_path / "inbox", random.Random(SEED))


# ------------------------------------------------------------------ while a class is graded


@pytest.fixture
def mishaps_on(inbox: Inbox, monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Let every second grading cause a mishap to a random file while the event is set."""
    enabled = threading.Event()

    def grade(
        submission: Submission, assignment: Assignment, settings: Settings, **_: object
    ) -> Result:
        if enabled.is_set() and inbox.chance.random() < 1 / 2:
            inbox.mishap()
        return result_of(submission, assignment, settings)

    monkeypatch.setattr(grading, "grade", grade)
    monkeypatch.setattr(oracle, "consult", lambda *_, **__: None)
    monkeypatch.setattr("grader.cli.batch.pool", ThreadPoolExecutor)
    return enabled


def results(out: Path) -> dict[str, dict[str, Any]]:
    paths = {name: out / "submissions" / name / "result.json" for name in rows(out)}
    return {name: json.loads(path.read_text("utf-8")) for name, path in paths.items()}


def test_mishaps_while_grading_spare_other_files(
    here: Here, inbox: Inbox, mishaps_on: threading.Event, tmp_path: Path
) -> None:
    lost = 0
    inbox.fill()
    paths = (inbox.folder, inbox.packed)
    assert here("batch", *paths, "--out", tmp_path / "calm", "--no-sandbox").status == 0
    right = {name: row["score"] for name, row in rows(tmp_path / "calm").items()}
    assert len(right) == 3 * KINDS + PACKED
    for number in range(ROUNDS):
        inbox.fill()
        out = tmp_path / f"out{number}"
        mishaps_on.set()
        line = ("batch", *paths, "--out", out, "--workers", "4", "--no-sandbox")
        outcome = here(*line)
        mishaps_on.clear()
        assert (outcome.status, "Traceback" in outcome.err) == (0, False), outcome.err
        assert rows(out).keys() == right.keys()
        for name, result in results(out).items():
            if result["status"] == "invalid":
                assert not inbox.intact(name) and SENTENCE.fullmatch(result["message"]), result
                lost += 1
            else:
                assert str(result["score"]) == right[name] or not inbox.intact(name)
        inbox.fill()
        assert here(*line).status == 0
        assert {name: row["score"] for name, row in rows(out).items()} == right
    assert lost > ROUNDS


# ------------------------------------------------------------------ while a class is searched for


def test_mishaps_while_searching_spare_others(
    inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file, also a zip file, may change between listing and opening it."""
    problems: list[str] = []
    for module, name in ((os.path, "islink"), (os.path, "isfile"), (files, "listing")):
        monkeypatch.setattr(module, name, after_a_mishap(inbox, getattr(module, name)))
    for _ in range(READS):
        inbox.fill()
        submissions = {source.id: source.read() for source in intake.search([inbox.folder]).sources}
        problems += [
            submission.problem for submission in submissions.values() if submission.problem
        ]
        for letter in "abc":
            for number in range(KINDS):
                name = f"{letter}{number}"
                assert not inbox.intact(name) or not submissions[name].problem, submissions[name]
    assert [problem for problem in problems if not SENTENCE.fullmatch(problem)] == []
    assert len(problems) > READS


def after_a_mishap(inbox: Inbox, function: Callable[..., Any]) -> Callable[..., Any]:
    def call(*arguments: Any) -> Any:
        if inbox.chance.random() < 1 / 20:
            inbox.mishap()
        return function(*arguments)

    return call


def test_vanishing_folder_is_a_usage_error(inbox: Inbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """It vanishes after a first look, which excludes the folder of a gradebook."""
    inbox.fill()
    listdir, looks = os.listdir, iter([os.listdir(inbox.folder)])

    def too_late(folder: Path) -> list[str]:
        if first := next(looks, None):
            return first
        shutil.rmtree(inbox.folder)
        return listdir(folder)

    monkeypatch.setattr(os, "listdir", too_late)
    with pytest.raises(UsageError, match=r"^No notebook \(\.ipynb\) was found under .*inbox\.$"):
        intake.search([inbox.folder])


# ------------------------------------------------------------------ in a process of its own


def wait_for(number: int, out: Path, process: subprocess.Popen[str]) -> None:
    wait_until(
        lambda: len(gradings(out)) >= number or process.poll() is not None,
        f"{number} results in the journal",
    )


def test_deleted_notebooks_are_reported(boxed: None, here: Here, tmp_path: Path) -> None:
    """The others are graded."""
    names = [f"s{number:02}" for number in range(10)]
    folder, out = tmp_path / "inbox", tmp_path / "out"
    hand_in(folder, **dict.fromkeys(names, "error-merge-markers"))
    line = ("batch", folder, "--out", out, "--workers", 2)
    chance = random.Random(SEED)
    with started(*line) as process:
        for number in (2, 4, 6):
            wait_for(number, out, process)
            (folder / f"{chance.choice(names)}.ipynb").unlink(missing_ok=True)
        out_text, err_text = process.communicate(timeout=60)
    assert (process.returncode, err_text.splitlines()[-1]) == (0, "graded 10 of 10")
    assert list(rows(out)) == names
    for row in rows(out).values():
        assert (row["status"], row["score"]) in {("graded", "75.0"), ("invalid", "0.0")}
        reason = (
            f"{row['submission']} was not graded. {row['submission']}.ipynb could not be read: No"
        )
        assert (row["status"] == "invalid") == (reason in out_text)
    hand_in(folder, **dict.fromkeys(names, "error-merge-markers"))
    assert here(*line).status == 0
    assert {row["score"] for row in rows(out).values()} == {"75.0"}
