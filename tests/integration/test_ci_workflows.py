"""The workflow files of the guide, the action and the hooks: valid, and run as a runner would."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
import yaml

from grader.version import VERSION
from tests import ROOT
from tests.support import toy_assignment
from tests.support.ci_runner import (
    BLOCK,
    TAG,
    Runner,
    bare_environment,
    commit,
    git,
    guide,
    release_of_the_grader,
    repository,
)

GUIDE = (ROOT / "docs" / "guides" / "ci.md").read_text("utf-8")
RIGHT, WRONG = ("2 * x", "root(area / ratio)"), ("x", "root(area / ratio)")


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory, tier: object) -> Path:
    """A folder with an environment without the grader, a release of the grader, and a course."""
    folder = tmp_path_factory.mktemp("ci")
    bare_environment(folder / "venv")
    (folder / "notebook-grader.git").mkdir()
    release_of_the_grader(folder / "notebook-grader.git")
    course = toy_assignment.lay_out(folder / "course")
    (course / "Toy.ipynb").write_bytes(toy_assignment.handed_in("None", "None"))
    repository(course)
    return folder


def runner(machine: Path, folder: Path) -> Runner:
    grader, course = machine / "notebook-grader.git", machine / "course"
    return Runner(folder / "runner", machine / "venv", grader, course)


def submitted(course: Path, ref: str, answers: tuple[str, str]) -> str:
    """Commit a student's work, with files that would run in a careless workflow; return its ID."""
    git(course, "checkout", "--quiet", "--detach")
    (course / "Toy.ipynb").write_bytes(toy_assignment.handed_in(*answers))
    for name in ("reference/toy.py", "testcases/toy.py", "pip.py", "grader.py", "conftest.py"):
        (course / name).write_text("raise SystemExit('run without a sandbox')\n", "utf-8")
    head = commit(course)
    git(course, "update-ref", ref, head)
    git(course, "checkout", "--quiet", "main")
    return head


# ------------------------------------------------------------------ GitHub


def test_verify_and_grade_a_pull_request(machine: Path, tmp_path: Path) -> None:
    here = runner(machine, tmp_path)

    status = here.github(guide("Verify")["jobs"]["verify"]["steps"], {})

    assert status == 0, here.log
    assert here.artifacts["proofs"].is_file()

    shutil.rmtree(here.workspace)
    head = submitted(here.origin, "refs/pull/1/head", WRONG)

    context = {"github.event.pull_request.head.sha": head}
    status = here.github(guide("Grade")["jobs"]["grade"]["steps"], context)

    assert status == 1, here.log
    (result,) = here.artifacts["feedback"].glob("submissions/*/result.json")
    assert json.loads(result.read_text())["score"] == 50
    assert (result.parent / "report.html").is_file()
    ET.parse(here.artifacts["feedback"] / "exports" / "junit.xml")
    assert "50 of 100 points" in (here.folder / "summary.md").read_text()
    warnings = re.findall(r"^::warning .*file=Toy\.ipynb.*::double", here.log, re.MULTILINE)
    assert len(warnings) == 1
    assert "run without a sandbox" not in here.log


def test_the_pull_request_has_few_rights() -> None:
    workflow = guide("Grade")

    assert workflow["permissions"] == {"contents": "read"}
    assert "\non:\n  pull_request_target:\n    types: [opened, synchronize, reopened]\n" in GUIDE
    text = yaml.safe_dump(workflow)
    assert "secrets" not in text and "write" not in text
    assert "head" not in str([step.get("with") for step in workflow["jobs"]["grade"]["steps"]])
    assert all("${{" not in step.get("run", "") for step in _steps(workflow))


def _steps(workflow: dict[str, Any]) -> list[dict[str, Any]]:
    return [step for job in workflow["jobs"].values() for step in job["steps"]]


# ------------------------------------------------------------------ GitLab


def test_gitlab(machine: Path, tmp_path: Path) -> None:
    here = runner(machine, tmp_path)
    for number, answers in ((1, RIGHT), (12, WRONG)):
        submitted(here.origin, f"refs/merge-requests/{number}/head", answers)
    git(machine, "clone", "--quiet", f"file://{here.origin}", str(here.workspace))
    variables = {"CI_REPOSITORY_URL": f"file://{here.origin}"}

    lines = [*guide("verify")["verify"]["script"], *guide("grade")["grade"]["script"]]
    status = here.shell("\n".join(dict.fromkeys(lines)), variables)  # installs once

    assert status == 1, here.log
    assert "Assignment toy" in here.log
    assert "Below 60 points: 12." in here.log
    suites = ET.parse(here.workspace / "graded" / "exports" / "junit.xml").getroot()
    assert [suite.get("name") for suite in suites] == ["1", "12"]


# ------------------------------------------------------------------ schemas


@pytest.mark.parametrize(
    ("schema", "keys"),
    [
        ("github-workflows", ("Verify", "Grade")),
        ("gitlab-ci", ("verify", "grade")),
        ("github-actions", ()),
    ],
)
def test_files_follow_their_schema(tmp_path: Path, schema: str, keys: tuple[str, ...]) -> None:
    files = [ROOT / "action.yml"] if not keys else [tmp_path / f"{key}.yml" for key in keys]
    for file, key in zip(files, keys, strict=False):
        (block,) = (
            block for block in BLOCK.findall(GUIDE) if re.match(rf"(name: )?{key}\b", block)
        )
        file.write_text(block, "utf-8")
    command = (sys.executable, "-m", "check_jsonschema", "--builtin-schema", f"vendor.{schema}")

    done = subprocess.run([*command, *files], capture_output=True, text=True, check=False)

    assert (done.returncode, done.stdout) == (0, "ok -- validation done\n"), done.stdout


def test_the_guide_names_this_version() -> None:
    assert f"v{VERSION}" == TAG
    named = re.findall(r"notebook-grader(?:\.git)?@(\S+?)[\"\s]", GUIDE)
    assert {*named, guide("repos")["repos"][0]["rev"]} == {TAG}
