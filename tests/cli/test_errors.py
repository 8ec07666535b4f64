"""Usage errors and failures of the grader: one sentence and the exit status."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any, NoReturn

import pytest

from grader import assignments, grading, sandbox
from grader.assignments import oracle
from grader.batch import journal
from grader.cli import main
from grader.errors import AssignmentError, BoxError
from grader.model import Assignment, Tier
from grader.model.submission import Submission
from grader.sandbox import bubblewrap, fork_server, launch
from grader.version import VERSION
from tests.cli.conftest import Here
from tests.support.command_line import (
    command,
    environment,
    hand_in,
    is_one_sentence,
    raw_characters,
    run,
    submission,
)

NO_BOX = (
    "No bubblewrap: install it. No Landlock. "
    "Without a sandbox, grade only your own notebook, with --no-sandbox."
)
COMMANDS = ("check", "batch", "verify", "release", "doctor")
RESUME = "; when that is fixed, run the same command again to resume."
REAL_GRADE = grading.grade
CHOOSE_TIER = sandbox.choose_tier


@pytest.fixture
def notebook(tmp_path: Path) -> Path:
    """Return the path of a right notebook."""
    return hand_in(tmp_path, "right") / "right.ipynb"


@pytest.fixture
def graded_in_no_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make every submission invalid, so that no sandbox is needed."""

    def grade(submission: Submission, assignment: Assignment, settings: Any, **_: object) -> Any:
        return REAL_GRADE(replace(submission, problem="It is not read."), assignment, settings)

    monkeypatch.setattr(grading, "grade", grade)
    monkeypatch.setattr(sandbox, "choose_tier", lambda _: sandbox.ChosenTier(Tier.FULL))
    monkeypatch.setattr(oracle, "consult", lambda *_, **__: None)


@pytest.fixture
def no_sandbox(here: Here, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make every tier of the sandbox unavailable, prepared ones included."""
    monkeypatch.setattr(sandbox, "choose_tier", CHOOSE_TIER)
    monkeypatch.setattr(fork_server, "_idle", {})
    monkeypatch.setattr(bubblewrap, "find", raising(BoxError("No bubblewrap: install it.")))
    monkeypatch.setattr(launch, "_start_light_fork_server", raising(BoxError("No Landlock.")))
    monkeypatch.delenv("CI", raising=False)


def raising(error: BaseException) -> Any:
    def call(*_: Any, **__: Any) -> NoReturn:
        raise error

    return call


# ------------------------------------------------------------------ usage errors: 2


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("chekc", "No such command 'chekc'. Did you mean 'check'?"),
        ("check --jsno x", "Did you mean '--json'?"),
        ("batch x --worker y", "(Did you mean one of: '--course', '--roster', '--workers'?)"),
        ("check", "Missing argument 'NOTEBOOK'"),
        ("check a.ipynb b.ipynb", "unexpected extra argument"),
        ("batch", "Missing argument 'PATHS...'"),
        ("doctor now", "unexpected extra argument"),
        ("check x.ipynb --timeout 0", "0.0 is not in the range"),
        ("check x.ipynb --timeout -1", "-1.0 is not in the range"),
        ("check x.ipynb --timeout inf", "inf is not in the range"),
        ("check x.ipynb --timeout soon", "'soon' is not a valid float"),
        ("check x.ipynb --seed -1", "-1 is not in the range x>=0"),
        ("batch . --out o --workers 0", "0 is not in the range x>=1"),
        ("batch . --out o --workers many", "'many' is not a valid integer"),
    ],
)
def test_a_wrong_command_line_shows_the_usage(here: Here, line: str, sentence: str) -> None:
    outcome = here(*line.split())
    assert (outcome.status, outcome.out) == (2, "")
    assert sentence in outcome.err.replace("--json?", "'--json'?").replace("--out?", "'--out'?")
    assert outcome.err.startswith("Usage: grader ") and "--help" in outcome.err


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("check gone.ipynb", "There is no file gone.ipynb."),
        (
            "check folder",
            "folder is a folder. 'grader check' grades one notebook; for a folder use",
        ),
        ("check right.ipynb --assignment regularisation", "Did you mean 'regularization'?"),
        (
            "check right.ipynb --assignment thermodynamics",
            f"The assignments are: {', '.join(assignments.names())}.",
        ),
        ("verify regularisation", "Did you mean 'regularization'?"),
        ("verify ../regularization", "Did you mean 'regularization'?"),
        ("batch gone --out out", "There is no file or folder gone."),
        ("batch right.ipynb gone --out out", "There is no file or folder gone."),
        ("batch folder --out out", "No notebook (.ipynb) was found under folder."),
        ("batch right.ipynb --out out --assignment x", "There is no assignment 'x'."),
        (
            "batch right.ipynb --out notes",
            "The folder notes cannot be created: a file has this name.",
        ),
        ("batch right.ipynb --out right.ipynb/out", "a file has this name."),
        (
            "batch right.ipynb --out right.ipynb",
            "right.ipynb is among the submissions. Choose another folder",
        ),
        ("batch . --out .", ". is among the submissions. Choose another folder for --out."),
        (
            "batch folder --out ./folder/../folder",
            "is among the submissions. Choose another folder for --out",
        ),
    ],
)
def test_a_usage_error_is_one_sentence(
    here: Here, notebook: Path, monkeypatch: pytest.MonkeyPatch, line: str, sentence: str
) -> None:
    (notebook.parent / "folder").mkdir()
    (notebook.parent / "notes").touch()
    monkeypatch.chdir(notebook.parent)
    outcome = here(*line.split())
    assert (outcome.status, outcome.out) == (2, "")
    assert sentence in outcome.err and is_one_sentence(outcome.err)
    assert sorted(os.listdir(notebook.parent)) == ["folder", "notes", "right.ipynb"]
    assert notebook.read_bytes() == submission("right")


def test_check_refuses_an_archive_of_several(here: Here, tmp_path: Path) -> None:
    class_zip = tmp_path / "class.zip"
    with zipfile.ZipFile(class_zip, "w") as archive:
        for student in ("alice", "bob"):
            archive.writestr(f"{student}/homework.ipynb", submission("right"))
    outcome = here("check", class_zip)
    assert outcome.status == 2 and is_one_sentence(outcome.err)
    assert "class.zip contains 2 submissions. 'grader check' grades one;" in outcome.err


def test_without_a_command_all_are_listed(here: Here) -> None:
    outcome = here()
    assert outcome.status == 2
    assert all(name in outcome.out + outcome.err for name in COMMANDS)


def test_a_second_batch_in_the_same_folder_is_refused(
    here: Here, notebook: Path, graded_in_no_time: None
) -> None:
    out = notebook.parent / "out"
    out.mkdir()
    with journal.opened(out):
        outcome = here("batch", notebook, "--out", out)
    assert (outcome.status, outcome.out) == (2, "")
    assert is_one_sentence(outcome.err)
    assert f"Another grader command is using {out}. Wait until it has finished." in outcome.err
    assert here("batch", notebook, "--out", out).status == 0


def test_control_characters_in_a_path_are_removed(here: Here) -> None:
    outcome = here("check", "\x1b[31m\u202e[bold red][/]\nx.ipynb")
    assert outcome.status == 2 and is_one_sentence(outcome.err)
    assert raw_characters(outcome.err) == []
    assert "[bold red][/] x.ipynb" in outcome.err


def test_a_process_has_the_same_exit_statuses(notebook: Path) -> None:
    folder = notebook.parent
    for line, status in {"chekc": 2, "check gone.ipynb": 2, "batch . --out .": 2}.items():
        outcome = run(*line.split(), cwd=folder)
        assert (outcome.status, outcome.out) == (status, ""), line
        assert "Traceback" not in outcome.err


# ------------------------------------------------------------------ our own failure: 3


@pytest.mark.parametrize(
    ("place", "reason"),
    [
        ("nowhere/file", "No such file or directory"),
        ("right.ipynb/file", "Not a directory"),
        (f"{'x' * 300}", "File name too long"),
        (".", "Is a directory"),
        ("", "Is a directory"),
    ],
)
def test_check_tests_its_files_before_grading(
    here: Here, notebook: Path, monkeypatch: pytest.MonkeyPatch, place: str, reason: str
) -> None:
    monkeypatch.setattr(grading, "grade", raising(AssertionError("It was graded.")))
    monkeypatch.chdir(notebook.parent)
    for option in ("--json", "--report"):
        outcome = here("check", "right.ipynb", "--no-sandbox", option, place)
        assert (outcome.status, outcome.out) == (3, "")
        last_line = outcome.err.splitlines()[-1]
        assert last_line == f"grader: {place or '.'} cannot be written: {reason}."
        assert os.listdir(notebook.parent) == ["right.ipynb"]


@pytest.mark.parametrize("option", ["--json", "--report"])
def test_check_does_not_replace_a_folder(
    here: Here, notebook: Path, graded_in_no_time: None, option: str
) -> None:
    folder = notebook.parent / "taken"
    folder.mkdir()
    outcome = here("check", notebook, option, folder)
    assert outcome.status == 3 and is_one_sentence(outcome.err)
    assert "taken cannot be written: Is a directory." in outcome.err
    assert sorted(os.listdir(notebook.parent)) == ["right.ipynb", "taken"]


def test_check_on_a_full_disk(here: Here, notebook: Path, graded_in_no_time: None) -> None:
    outcome = here("check", notebook, "--json", "/dev/full")
    assert outcome.status == 3
    assert outcome.err == "grader: /dev/full cannot be written: No space left on device.\n"
    assert Path("/dev/full").is_char_device()


@pytest.mark.parametrize("more", [(), ("--json", "-")])
def test_standard_output_on_a_full_disk(tmp_path: Path, more: tuple[str, ...]) -> None:
    notebook = hand_in(tmp_path, "malformed-pdf") / "malformed-pdf.ipynb"
    with Path("/dev/full").open("wb") as full:
        outcome = subprocess.run(
            command("check", notebook, "--no-sandbox", *more),
            env=environment(),
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
            timeout=120,
        )
    assert outcome.returncode == 3
    last_line = outcome.stderr.decode().splitlines()[-1]
    assert last_line == "grader: A file could not be used: No space left on device."
    assert b"Traceback" not in outcome.stderr


def test_batch_output_on_a_full_disk(
    tmp_path: Path,
) -> None:
    inbox, out = hand_in(tmp_path / "inbox", "malformed-pdf"), tmp_path / "out"
    line = command("batch", inbox, "--out", out, "--no-sandbox")
    with Path("/dev/full").open("wb") as full:
        outcome = subprocess.run(
            line,
            env=environment(),
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
            timeout=120,
        )
    assert outcome.returncode == 3
    last_line = outcome.stderr.decode().splitlines()[-1]
    assert last_line == f"grader: A file could not be used: No space left on device{RESUME}"
    assert (out / "grades.csv").exists()


def test_a_device_is_not_replaced(here: Here, notebook: Path, graded_in_no_time: None) -> None:
    assert here("check", notebook, "--json", "/dev/null", "--report", "/dev/null").status == 1
    assert Path("/dev/null").is_char_device()


def test_batch_without_permission_for_its_folder(
    here: Here, notebook: Path, graded_in_no_time: None
) -> None:
    outcome = here("batch", notebook, "--out", "/proc/graded")
    assert (outcome.status, outcome.out) == (3, "")
    assert outcome.err == (
        f"grader: The folder /proc/graded cannot be created: No such file or directory{RESUME}\n"
    )


@pytest.mark.parametrize("path", ["grades.csv", "index.html", "submissions/right/result.json"])
def test_batch_names_the_file_it_cannot_write(
    here: Here, notebook: Path, graded_in_no_time: None, path: str
) -> None:
    out = notebook.parent / "out"
    assert here("batch", notebook, "--out", out).status == 0
    (out / path).unlink()
    (out / path).mkdir()
    outcome = here("batch", notebook, "--out", out)
    assert outcome.status == 3
    last_line = outcome.err.splitlines()[-1]
    assert last_line == f"grader: {out / path} cannot be written: Is a directory{RESUME}"
    assert "Traceback" not in outcome.err
    (out / path).rmdir()
    assert here("batch", notebook, "--out", out).status == 0
    assert not list(out.rglob(".draft*"))


def test_batch_with_a_broken_gradebook(here: Here, notebook: Path, graded_in_no_time: None) -> None:
    out = notebook.parent / "out"
    out.mkdir()
    (out / "gradebook.sqlite").write_text("This is a diary.\n" * 100)
    outcome = here("batch", notebook, "--out", out)
    assert (outcome.status, outcome.out) == (3, "")
    assert is_one_sentence(outcome.err)
    assert outcome.err == (
        f"grader: The gradebook in {out} is damaged: file is not a database. Restore gradebook.sqlite from "
        f"a backup, or start a new gradebook with 'grader batch' and another folder for --out{RESUME}\n"
    )


def test_batch_with_a_disk_that_fills_up(
    here: Here, notebook: Path, graded_in_no_time: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = raising(sqlite3.OperationalError("database or disk is full"))
    monkeypatch.setattr(journal.Gradebook, "record", full)
    out = notebook.parent / "out"
    outcome = here("batch", notebook, "--out", out)
    assert (outcome.status, outcome.out) == (3, "")
    assert outcome.err == (
        f"grader: The gradebook in {out} cannot be used: database or disk is full{RESUME}\n"
    )
    monkeypatch.undo()


@pytest.mark.parametrize("line", ["batch right.ipynb --out out", "verify"])
def test_without_a_sandbox_batch_is_refused(
    here: Here, notebook: Path, no_sandbox: None, monkeypatch: pytest.MonkeyPatch, line: str
) -> None:
    monkeypatch.chdir(notebook.parent)
    outcome = here(*line.split())
    assert (outcome.status, outcome.out) == (3, "")
    assert outcome.err == f"grader: {NO_BOX}\n"
    assert os.listdir(notebook.parent) == ["right.ipynb"]


def test_without_a_sandbox_check_continues(here: Here, notebook: Path, no_sandbox: None) -> None:
    outcome = here("check", notebook, "--json", notebook.parent / "result.json")
    assert outcome.status == 0
    assert outcome.err == (
        f"grader: {NO_BOX} Grading WITHOUT a sandbox. This is safe only for your own notebook.\n"
    )
    assert json.loads((notebook.parent / "result.json").read_text())["sandbox"] == "none"


@pytest.mark.usefixtures("no_sandbox")
@pytest.mark.parametrize(
    ("ci", "option", "status"),
    [("true", "", 3), ("", "--require-sandbox", 3), ("false", "", 0), ("true", "--no-sandbox", 0)],
)
def test_check_needs_a_sandbox_in_ci(
    here: Here, notebook: Path, ci: str, option: str, status: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CI", ci)
        outcome = here("check", notebook, *option.split())

    assert outcome.status == status
    reason = " CI is set in the environment, so nothing runs without a sandbox." if ci else ""
    assert (outcome.err == f"grader: {NO_BOX}{reason}\n") == (status == 3)


def test_without_a_sandbox_doctor_fails(here: Here, no_sandbox: None) -> None:
    outcome = here("doctor")
    assert (outcome.status, outcome.err) == (1, "")
    assert "No bubblewrap: install it." in outcome.out and "No Landlock." in outcome.out
    assert "\n1 of 2 checks passed. Optional checks not passed: " in outcome.out


@pytest.mark.parametrize("line", ["check right.ipynb", "batch right.ipynb --out out"])
def test_the_light_sandbox_is_used_with_a_message(
    here: Here,
    notebook: Path,
    graded_in_no_time: None,
    monkeypatch: pytest.MonkeyPatch,
    line: str,
) -> None:
    monkeypatch.chdir(notebook.parent)
    light = sandbox.ChosenTier(Tier.LIGHT, "This machine has no namespaces.")
    monkeypatch.setattr(sandbox, "choose_tier", lambda _: light)
    outcome = here(*line.split())
    assert outcome.status in (0, 1)
    assert outcome.err.splitlines()[0] == (
        "grader: This machine has no namespaces. "
        "Using the light sandbox; it withstood every attack."
    )


def test_on_windows_check_names_the_check_of_the_notebook(
    here: Here, notebook: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def import_module(name: str) -> NoReturn:
        raise ModuleNotFoundError("No module named 'fcntl'", name="fcntl")

    monkeypatch.setattr("grader.cli.importlib.import_module", import_module)
    result = here("check", notebook)
    assert (result.status, result.out) == (3, "")
    assert result.err == (
        "grader: The grader needs Linux, macOS or WSL. Everywhere else, check your functions in the "
        "notebook of your course's folder: from grader import check.\n"
    )


def test_no_sandbox_prints_a_warning(here: Here, notebook: Path) -> None:
    outcome = here("check", notebook, "--no-sandbox")
    assert outcome.status == 0
    assert (
        is_one_sentence(outcome.err)
        and "--no-sandbox: the notebook runs with all your" in outcome.err
    )


def test_a_failure_of_the_grader_has_no_score(
    here: Here, notebook: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(oracle, "consult", raising(AssignmentError("The reference is gone.")))
    monkeypatch.setattr(sandbox, "choose_tier", lambda _: sandbox.ChosenTier(Tier.FULL))
    outcome = here("check", notebook)
    assert outcome.status == 3
    assert "right: - of 100 points" in outcome.out and "- / 25" in outcome.out
    assert "The reference is gone." in outcome.out and "Traceback" not in outcome.out + outcome.err


def test_a_bug_costs_other_submissions_nothing(
    here: Here, tmp_path: Path, graded_in_no_time: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, invalid = hand_in(tmp_path / "class", "right", "wrong-l2-not-halved"), grading.grade

    def grade(submission: Submission, assignment: Assignment, settings: Any, **_: object) -> Any:
        if submission.id == "right":
            with monkeypatch.context() as patch:
                patch.setattr(grading, "_grade", raising(ZeroDivisionError("division by zero")))
                return REAL_GRADE(submission, assignment, settings)
        return invalid(submission, assignment, settings)

    monkeypatch.setattr(grading, "grade", grade)
    outcome = here("batch", folder, "--out", tmp_path / "out")
    assert outcome.status == 3
    assert "right was not graded. The grader failed with ZeroDivisionError." in outcome.out
    assert outcome.err.splitlines()[-1] == (
        "grader: Because of an error in the grader, 1 submission could not be graded. Details are in "
        f"{tmp_path / 'out' / 'errors.log'}. Run the same command again to retry."
    )
    monkeypatch.setattr(grading, "grade", invalid)
    assert here("batch", folder, "--out", tmp_path / "out").status == 0


def test_verify_names_the_failed_claims(here: Here, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(oracle, "consult", raising(AssignmentError("It is unsound.")))
    outcome = here("verify")
    assert outcome.status == 1
    assert "NO" in outcome.out and "It is unsound." in outcome.out
    assert "Traceback" not in outcome.out + outcome.err


def test_ctrl_c(here: Here, notebook: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def leave(status: int) -> NoReturn:
        raise SystemExit(status)

    monkeypatch.setattr(os, "_exit", leave)
    monkeypatch.setattr(sandbox, "choose_tier", raising(KeyboardInterrupt()))
    for line, sentence in {
        f"check {notebook}": "grader: Stopped.\n",
        f"batch {notebook} --out {notebook.parent / 'out'}": (
            "grader: Stopped; run the same command again to resume.\n"
        ),
    }.items():
        outcome = here(*line.split())
        assert (outcome.status, outcome.out, outcome.err) == (130, "", sentence)


def test_an_unexpected_exception_is_one_sentence(
    here: Here, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its message is left out, because it may contain a student's text."""
    monkeypatch.setattr(assignments, "load", raising(KeyError("text of a student")))

    outcome = here("verify")
    assert (outcome.status, outcome.out) == (3, "")
    assert outcome.err.startswith("grader: The grader failed with KeyError in ")
    assert is_one_sentence(outcome.err) and "text of a student" not in outcome.err


def test_debug_adds_the_frames_of_an_unexpected_exception(
    here: Here, notebook: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(assignments, "load", raising(KeyError("text of a student")))

    outcome = here("check", notebook, "--debug")
    first, *frames, last = outcome.err.splitlines()
    assert (outcome.status, outcome.out) == (3, "")
    assert first == "KeyError: 'text of a student'"
    assert any("check_command" in frame for frame in frames)
    assert last.startswith("grader: The grader failed with KeyError in ")


# ------------------------------------------------------------------ help


@pytest.mark.parametrize("name", COMMANDS)
@pytest.mark.parametrize("option", ["--help", "-h"])
def test_help_of_every_command_has_an_example(here: Here, name: str, option: str) -> None:
    outcome = here(name, option)
    assert (outcome.status, outcome.err) == (0, "")
    assert f"Example:  grader {name}" in outcome.out


def test_help_names_every_command_and_has_an_example(here: Here) -> None:
    outcome = here("--help")
    assert (outcome.status, outcome.err) == (0, "")
    assert "Example:  grader check" in outcome.out
    assert all(f"\n  {name}" in outcome.out for name in COMMANDS)


def test_every_option_has_a_help_text(here: Here) -> None:
    for name, subcommand in main.commands.items():
        for parameter in subcommand.params:
            if parameter.param_type_name == "option":
                assert getattr(parameter, "help", None), f"{name} {parameter.name}"


def test_the_version() -> None:
    assert run("--version").out == f"{VERSION}\n"


def test_help_imports_no_numpy() -> None:
    """`grader --help` and `--version` answer at once: only a command that runs imports its modules."""
    slow = "{'numpy', 'jinja2', 'rich', 'grader.model'}"
    code = f"import sys, grader.cli; print(sorted({slow} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
