"""The steps of docs/guides/add-a-language.md, in a copy of the project."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests import ROOT

ROW = '    Language("de", "Deutsch", ("de-*",)),\n'
DOMAINS = {
    "grader": Path("grader", "messages", "locale"),
    **{
        folder.name.removesuffix("_locale"): folder.relative_to(ROOT)
        for folder in sorted((ROOT / "testcases").glob("*_locale"))
    },
}
TRANSLATED = {"grader": ("graded", "bewertet"), "regularization": ("Regularization", "Norm")}
SHOW = """
from grader import assignments
from grader.messages import gettext
translator = assignments.translator(assignments.load("regularization"), "de")
print(translator(gettext("graded")), translator(gettext("Regularization")), translator(gettext("right")))
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Return a copy of the files that hold messages, with one more row in the table of languages."""
    for folder in ("grader", "reference", "testcases", "student_template"):
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=ignored)
    table = tmp_path / "grader" / "messages" / "catalog.py"
    before, english, after = table.read_text("utf-8").partition(
        '    Language(ENGLISH, "English", ("en-*",)),\n'
    )
    table.write_text(before + english + ROW + after, "utf-8")
    return tmp_path


def python(project: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = (sys.executable, *arguments)
    return subprocess.run(command, cwd=project, capture_output=True, text=True, check=False)


def extract(project: Path, *options: str) -> list[str]:
    """Run what `dev.py tidy` runs, or with `--check` what `dev.py lint` runs; return its lines."""
    done = python(project, "-m", "grader.messages.extract", *options)
    assert done.returncode == bool(done.stderr) and done.stdout == ""
    return done.stderr.splitlines()


def po_files(project: Path) -> dict[str, Path]:
    return {
        domain: project / folder / "de" / "LC_MESSAGES" / f"{domain}.po"
        for domain, folder in DOMAINS.items()
    }


def test_guide_leads_to_a_translated_message(project: Path) -> None:
    """A message without a translation appears in English.

    Nothing overwrites the translations in a damaged catalogue. Until it is repaired, feedback is in
    English.
    """
    paths = po_files(project)
    missing = [
        f"{path.relative_to(project)} is out of date: run python3 dev.py tidy"
        for path in paths.values()
    ]

    assert extract(project, "--check") == missing
    assert extract(project) == []
    for domain, (english, german) in TRANSLATED.items():
        text = paths[domain].read_text("utf-8")
        empty = f'msgid "{english}"\nmsgstr ""\n'
        assert text.count(empty) == 1
        paths[domain].write_text(text.replace(empty, empty.replace('""', f'"{german}"')), "utf-8")
    assert extract(project, "--check") == []
    assert python(project, "-c", SHOW).stdout == "bewertet Norm right\n"

    path = paths["grader"]
    damaged = path.read_text("utf-8") + "\nrubbish\n"
    path.write_text(damaged, "utf-8")

    for options in ((), ("--check",)):
        (line,) = extract(project, *options)
        assert line.startswith(f"{path} is not a valid gettext catalogue: ")
    assert path.read_text("utf-8") == damaged
    assert python(project, "-c", SHOW).stdout == "graded Norm right\n"
