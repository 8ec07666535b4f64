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
from tests.submissions import load

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
BLOCK = re.compile(r"^```console\n(.*?)^```", re.MULTILINE | re.DOTALL)
TEXT = re.compile(r"^```text\n(.*?)^```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\((?!https?:|#)([^)#]+)")
SET_UP = ("git clone", "python3 dev.py")
PROOFS = {
    "grader verify": "test_verify_proves_the_assignment_word_for_word_as_recorded",
    "grader verify regularization --report proofs.html": (
        "test_verify_fits_80_columns_and_its_page_is_the_same_in_every_process"
    ),
}
"""Commands that take most of a minute, and the test that runs each."""


def commands() -> list[tuple[str, str]]:
    """Return (page, command) for every `$ ` line of every console block."""
    return [
        (str(page.relative_to(ROOT)), line[2:])
        for page in PAGES
        for block in BLOCK.findall(page.read_text(encoding="utf-8"))
        for line in block.splitlines()
        if line.startswith("$ ")
    ]


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder like the one a reader of the documentation stands in."""
    folder = tmp_path_factory.mktemp("reader")
    by_name = {submission.name: submission for submission in load()}
    names = [name for name in by_name if name.startswith(("right", "wrong-l2"))][:4]
    for name in names:
        (folder / "submissions" / name).mkdir(parents=True)
        (folder / "submissions" / name / "homework.ipynb").write_bytes(by_name[name].data)
    right = next(name for name in by_name if name.startswith("right"))
    (folder / "Regularization.ipynb").write_bytes(by_name[right].data)
    return folder


def test_the_documentation_shows_commands() -> None:
    assert len(commands()) >= 12


def test_the_readme_shows_two_small_pictures_with_words_for_those_who_do_not_see_them() -> None:
    shown = re.findall(r"!\[(.*?)\]\((.*?)\)", (ROOT / "README.md").read_text("utf-8"))
    assert [target for _, target in shown] == ["docs/images/student.png", "docs/images/class.png"]
    assert min(len(words) for words, _ in shown) > 60
    assert max((ROOT / target).stat().st_size for _, target in shown) < 120_000


@pytest.mark.parametrize(("page", "command"), commands())
def test_a_documented_command_runs(
    page: str, command: str, desk: Path, request: pytest.FixtureRequest
) -> None:
    if command.startswith(SET_UP):
        words = shlex.split(command)
        assert shutil.which(words[0])
        assert words[1] == "clone" or words[2] in ("demo", "test", "lint")
        return
    if command in PROOFS:
        assert f"def {PROOFS[command]}(" in (ROOT / "tests/cli/test_verify_doctor.py").read_text()
        return
    request.getfixturevalue("tier")
    done = subprocess.run(
        _as_run_here(shlex.split(command)),
        cwd=desk,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, f"{page}: {command}\n{done.stdout}\n{done.stderr}"


def _as_run_here(words: list[str]) -> list[str]:
    """Return a command for this environment; benchmarks take too long, they are asked for help."""
    if words[0] == "python":
        return [sys.executable, str(ROOT / words[1]), "--help"]
    assert words[0] == "grader"
    return [sys.executable, "-m", "grader", *words[1:]]


def test_the_readme_opens_with_what_is_printed_for_a_submission(tmp_path: Path, tier: Tier) -> None:
    by_name = {submission.name: submission for submission in load()}
    notebook = tmp_path / "fifth.ipynb"
    notebook.write_bytes(by_name["wrong-grad-l2-layer-missing-w3"].data)
    command = [sys.executable, "-m", "grader", "check", str(notebook)]
    printed = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    _, shown, *_ = TEXT.findall((ROOT / "README.md").read_text("utf-8"))
    assert " ".join(shown.split()) in " ".join(printed.split())
    assert len(shown.splitlines()) == 8


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_of_a_page_leads_somewhere(page: Path) -> None:
    for link in LINK.findall(page.read_text(encoding="utf-8")):
        assert (page.parent / link).exists(), f"{page.name}: {link}"
