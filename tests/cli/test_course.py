"""`--course` and `GRADER_COURSE` name the folder of a course's own assignments."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from tests import ROOT
from tests.cli.conftest import Here
from tests.support.command_line import Outcome
from tests.support.toy_assignment import handed_in, lay_out


@pytest.fixture
def course(tmp_path: Path) -> Path:
    return lay_out(tmp_path / "course")


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    folder = tmp_path / "inbox"
    folder.mkdir()
    (folder / "ada.ipynb").write_bytes(handed_in("2 * x", "root(area / ratio)"))
    (folder / "bob.ipynb").write_bytes(handed_in("x", "root(area / ratio)"))
    return folder


def test_every_command_takes_the_course(
    here: Here, course: Path, inbox: Path, tmp_path: Path
) -> None:
    """The only assignment of a course needs no name."""
    book = tmp_path / "graded"

    assert here("verify", "--course", course).status == 0
    assert here("check", inbox / "ada.ipynb", "--course", course).status == 0
    assert here("batch", inbox, "--out", book, "--course", course).status == 0
    assert here("release", tmp_path / "handout", "--course", course).status == 0
    zipped = tmp_path / "autograder.zip"
    exported = here("export", "gradescope-autograder", "--course", course, "--out", zipped)
    assert (exported.status, exported.out) == (0, f"{zipped}\n")


def test_the_environment_names_the_course(
    here: Here, course: Path, inbox: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GRADER_COURSE", str(course))

    assert here("check", inbox / "bob.ipynb", "--assignment", "toy").status == 1


def test_a_gradebook_needs_no_course(here: Here, course: Path, inbox: Path, tmp_path: Path) -> None:
    """Pages are made again in another language although the assignment is gone."""
    catalogue = course / "testcases/toy_locale/zh_Hans/LC_MESSAGES/toy.po"
    catalogue.parent.mkdir(parents=True)
    catalogue.write_text('msgid "A toy"\nmsgstr "玩具"\n', "utf-8")
    spec = course / "testcases" / "toy.py"
    text = spec.read_text("utf-8").replace('title="A toy"', 'title=gettext("A toy")')
    spec.write_text(f"from grader.messages import gettext\n{text}", "utf-8")
    book = tmp_path / "graded"
    assert here("batch", inbox, "--out", book, "--course", course).status == 0
    spec.unlink()

    assert here("report", book, "--lang", "zh-Hans").status == 0

    assert "玩具" in (book / "submissions" / "ada" / "report.html").read_text("utf-8")


def test_a_course_among_submissions_is_refused(here: Here, inbox: Path, tmp_path: Path) -> None:
    """A student could have handed it in."""
    course = lay_out(inbox / "course")

    outcome = here("batch", inbox, "--out", tmp_path / "graded", "--course", course)

    assert (outcome.status, outcome.out) == (2, "")
    assert outcome.err == (
        f"grader: The course {course} is inside {inbox}, which is to be graded. Choose another folder "
        "for --course: its Python files run without a sandbox.\n"
    )


def test_a_folder_without_assignments_is_no_course(here: Here, inbox: Path) -> None:
    outcome = here("check", inbox / "ada.ipynb", "--course", inbox)

    assert (outcome.status, outcome.out) == (2, "")
    assert outcome.err == (
        f"grader: {inbox} has no assignments. 'grader new NAME {inbox}' makes the first one.\n"
    )


def test_a_course_without_a_name_is_refused(
    here: Here, course: Path, inbox: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An empty variable of a shell would make the current folder a course, and its files run."""
    monkeypatch.chdir(course)

    outcome = here("check", inbox / "ada.ipynb", "--course", "")

    assert (outcome.status, outcome.out) == (2, "")
    assert outcome.err == (
        "grader: --course has no value. Write the folder of the course after it.\n"
    )


@pytest.mark.parametrize("name", ["testcases/toy.py", "reference/toy.py"])
def test_a_file_of_the_author_that_exits_is_a_mistake(here: Here, course: Path, name: str) -> None:
    text = (course / name).read_text("utf-8")
    (course / name).write_text(f"{text}\nraise SystemExit\n", "utf-8")

    outcome = here("verify", "--course", course)

    assert (outcome.status, outcome.out) == (2, "")
    line = text.count("\n") + 2
    assert outcome.err == f"grader: {name}, line {line}: SystemExit.\n"


def test_one_of_several_assignments_is_chosen_by_name(
    here: Here, course: Path, inbox: Path
) -> None:
    (course / "testcases" / "second.py").write_text("", "utf-8")

    outcome = here("check", inbox / "ada.ipynb", "--course", course)

    assert (outcome.status, outcome.out) == (2, "")
    assert outcome.err == (
        f"grader: {course} has several assignments: second, toy. Choose one by name.\n"
    )


@pytest.mark.parametrize("command", ["check", "verify"])
def test_a_mistake_of_the_author_is_one_sentence(
    here: Here, course: Path, inbox: Path, command: str
) -> None:
    spec = course / "testcases" / "toy.py"
    spec.write_text(spec.read_text("utf-8").replace("scalar(", "skalar("), "utf-8")
    notebook = [inbox / "ada.ipynb"] if command == "check" else []

    outcome = here(command, *notebook, "--course", course)

    assert (outcome.status, outcome.out) == (2, "")
    assert outcome.err == (
        "grader: testcases/toy.py, line 12: NameError: name 'skalar' is not defined.\n"
    )


def test_hooks_of_pre_commit(
    here: Here, course: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They run as pre-commit runs them: the entry, then the arguments of the guide."""
    hooks = {
        hook["id"]: hook for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
    }
    text = (ROOT / "docs" / "guides" / "ci.md").read_text("utf-8")
    verify, release = re.findall(r"- id: (\S+)\n *args: \[(.*)\]", text)
    monkeypatch.chdir(course)

    def run(hook: tuple[str, str], *more: str) -> Outcome:
        name, arguments = hook
        words = hooks[name]["entry"].split() + arguments.split(", ")
        return here(*(word for word in words[1:] if word not in more))

    assert all(hook["language"] == "python" and hook["name"] for hook in hooks.values())
    assert run(verify).status == 0
    assert run(release, "--check").status == 0
    assert run(release) == Outcome(0, "", "")
    (course / "handout" / "toy_utils.py").write_text("changed = 1\n", "utf-8")
    assert run(release) == Outcome(
        1,
        "",
        "grader: handout is not up to date: toy_utils.py. Remove the folder, then run the command "
        "without --check.\n",
    )
