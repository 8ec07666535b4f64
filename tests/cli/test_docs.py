"""Every command that the documentation shows is run, and does what the documentation says."""

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from grader.model import Tier
from tests import ROOT
from tests.cli.conftest import Here
from tests.submissions import load
from tests.submissions.corpus import Cell, notebook

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
BLOCK = re.compile(r"^```console\n(.*?)^```", re.MULTILINE | re.DOTALL)
TEXT = re.compile(r"^```text\n(.*?)^```", re.MULTILINE | re.DOTALL)
PYTHON = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\((?!https?:|#)([^)#]+)")
SET_UP = ("git clone", "python3 dev.py")
PROOFS = {
    "grader verify": "test_verify_as_recorded",
    "grader verify regularization --report proofs.html": ("test_verify_fits_80_columns"),
}
"""Commands that take most of a minute, and the test that runs each."""
NEED_GRADES = ("grader report", "grader export", "grader adjust", "grader diff")


def commands() -> dict[str, str]:
    """Return the pages that show a command, for every `$ ` line of a console block."""
    pages: dict[str, list[str]] = {}
    for page in PAGES:
        for block in BLOCK.findall(page.read_text(encoding="utf-8")):
            for line in block.splitlines():
                if line.startswith("$ "):
                    pages.setdefault(line[2:], []).append(page.name)
    return {command: ", ".join(names) for command, names in pages.items()}


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder like the current folder of a reader of the documentation."""
    folder = tmp_path_factory.mktemp("reader")
    by_name = {submission.name: submission for submission in load()}
    for name in ("right", "wrong-l2-not-halved"):
        (folder / "submissions" / name).mkdir(parents=True)
        (folder / "submissions" / name / "homework.ipynb").write_bytes(by_name[name].data)
    shutil.make_archive(str(folder / "submissions"), "zip", folder / "submissions")
    (folder / "Grades.csv").write_text(
        "Student,ID,SIS Login ID,Section,Regularization (815)\n    Points Possible,,,,100\n"
    )
    (folder / "worksheet.csv").write_text(
        "Identifier,Full name,Grade,Maximum Grade,Last modified (grade),Feedback comments\n"
        "Participant 1040,Ada Lovelace,,100.00,-,\n"
    )
    (folder / "Regularization.ipynb").write_bytes(by_name["right"].data)
    _lay_out_course(folder)
    return folder


def _lay_out_course(folder: Path) -> None:
    """Write the files of the guide for authors, and the notebooks whose cells it shows."""
    text = (ROOT / "docs/guides/add-an-assignment.md").read_text("utf-8")
    for name, content in re.findall(r"`(course/\S+\.py)`:\n\n```python\n(.*?)```", text, re.DOTALL):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content, "utf-8")
    marked, call, *_ = PYTHON.findall(text)
    template = next(block for block in PYTHON.findall(text) if "w = None" in block)
    solved = template.replace("w = None", "w = w - rate * gradient")
    path = folder / "course/student_template/descent/Gradient_descent.ipynb"
    path.parent.mkdir(parents=True)
    path.write_bytes(notebook([Cell(template)]))
    (folder / "step.ipynb").write_bytes(notebook([Cell(solved)]))
    cells = ("# Losses", "import numpy as np", marked, call)
    document = notebook([Cell(cell, is_code=cell[0] != "#") for cell in cells])
    (folder / "solved.ipynb").write_bytes(document)


def test_the_documentation_shows_commands() -> None:
    assert len(commands()) >= 20


def test_readme_pictures_are_small_and_described() -> None:
    shown = re.findall(r"!\[(.*?)\]\((.*?)\)", (ROOT / "README.md").read_text("utf-8"))
    names = "student", "class", "check-right", "check-mistake"
    assert [target for _, target in shown] == [f"docs/images/{name}.png" for name in names]
    assert min(len(words) for words, _ in shown) > 60
    assert max((ROOT / target).stat().st_size for _, target in shown) < 120_000


@pytest.mark.parametrize("command", commands())
def test_documented_command(
    command: str,
    desk: Path,
    here: Here,
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
) -> None:
    """Trainings are rehearsed with few iterations."""
    if command.startswith(SET_UP):
        words = shlex.split(command)
        assert shutil.which(words[0])
        assert words[1] == "clone" or words[2] in ("demo", "test", "lint")
        return
    if command in PROOFS:
        assert f"def {PROOFS[command]}(" in (ROOT / "tests/cli/test_verify_doctor.py").read_text()
        return
    words = shlex.split(command)
    if words[0] == "python":
        _print_help(words[1])
        return
    request.getfixturevalue("tier")
    monkeypatch.chdir(desk)
    if command.startswith(NEED_GRADES) and not (desk / "graded").exists():
        assert here("batch", "submissions/", "--out", "graded/").status == 0
    few = ["--iterations", "30"] if "--run-all" in words else []
    outcome = here(*words[1:], *few)
    assert outcome.status == 0, f"{commands()[command]}: {command}\n{outcome}"


def _print_help(benchmark: str) -> None:
    """Print only the help of a benchmark, because benchmarks take long."""
    subprocess.run([sys.executable, ROOT / benchmark, "--help"], capture_output=True, check=True)


def test_the_smallest_assignment_has_40_lines() -> None:
    text = (ROOT / "docs/guides/add-an-assignment.md").read_text("utf-8")
    files = re.findall(r"`(course/\S+\.py)`:\n\n```python\n(.*?)```", text, re.DOTALL)
    lines = {name: len([*filter(str.strip, content.splitlines())]) for name, content in files}
    assert lines["course/reference/descent.py"] + lines["course/testcases/descent.py"] <= 40


def test_the_guides_mistake_gets_its_hint(desk: Path, here: Here, tmp_path: Path) -> None:
    path = tmp_path / "uphill.ipynb"
    wrong = "def step(w, gradient, rate):\n    return w + rate * gradient"
    path.write_bytes(notebook([Cell(wrong)]))
    printed = here("check", path, "--assignment", "descent", "--course", desk / "course").out
    assert "goes along the gradient, so the loss grows." in printed


def test_readme_shows_the_printed_feedback(here: Here, tmp_path: Path, tier: Tier) -> None:
    by_name = {submission.name: submission for submission in load()}
    notebook = tmp_path / "fifth.ipynb"
    notebook.write_bytes(by_name["wrong-grad-l2-layer-missing-w3"].data)
    printed = here("check", notebook).out
    _, shown, *_ = TEXT.findall((ROOT / "README.md").read_text("utf-8"))
    assert " ".join(shown.split()) in " ".join(printed.split())
    assert len(shown.splitlines()) == 11


def test_readme_shows_the_printed_class(here: Here, tmp_path: Path, tier: Tier) -> None:
    table, *_ = TEXT.findall((ROOT / "README.md").read_text("utf-8"))
    names = re.findall(r"^│ ([\w-]+)", table, re.MULTILINE)
    by_name = {submission.name: submission for submission in load()}
    for name in names:
        (tmp_path / f"{name}.ipynb").write_bytes(by_name[name].data)
    printed = here("batch", tmp_path, "--out", tmp_path / "out").out
    assert len(names) == 6
    assert [line.rstrip() for line in printed.splitlines()][: len(table.splitlines())] == (
        table.splitlines()
    )


def test_links_lead_to_files() -> None:
    links = [(page, link) for page in PAGES for link in LINK.findall(page.read_text("utf-8"))]
    assert [(p.name, link) for p, link in links if not (p.parent / link).exists()] == []


def test_reading_tour_names_files_and_functions() -> None:
    tour = (ROOT / "docs" / "concepts" / "from-notebook-to-page.md").read_text("utf-8")
    rows = re.findall(r"^\| \d+ \| `([\w/.]+)` \| ([^|]*) \|", tour, re.MULTILINE)
    sources = {file: (ROOT / file).read_text("utf-8") for file, _ in rows}
    definition = r"^\s*(def {0}|class {0}|{0})\b"
    missing = [
        (file, name)
        for file, names in rows
        for name in re.findall(r"`(\w+)`", names)
        if not re.search(definition.format(name), sources[file], re.MULTILINE)
    ]
    assert 20 <= len(rows) <= 25
    assert missing == []
