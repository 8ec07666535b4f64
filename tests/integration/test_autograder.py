"""Gradescope's autograder: the zip is unpacked and run as Gradescope does, below another folder."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import json
import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest

from grader import assignments
from grader.handout.autograder import autograder
from grader.model import Tier
from tests.submissions import load
from tests.support.command_line import run
from tests.unit.views.export.test_gradescope import imported


@pytest.fixture(scope="module")
def zipped() -> bytes:
    return autograder(assignments.load("regularization"))


@pytest.fixture(scope="module")
def home(zipped: bytes, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder laid out as /autograder, with the wheel installed in its environment.

    The other packages are those of this environment, as `setup.sh` would download them.
    """
    home = tmp_path_factory.mktemp("autograder")
    (home / "source").mkdir()
    with ZipFile(io.BytesIO(zipped)) as archive:
        archive.extractall(home / "source")
    shutil.copy(home / "source" / "run_autograder", home)
    (home / "run_autograder").chmod(0o755)
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", home / "venv"], check=True)
    [site] = (home / "venv" / "lib").glob("python*/site-packages")
    [wheel] = (home / "source").glob("*.whl")
    install = ("-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--no-compile")
    subprocess.run([sys.executable, *install, "--target", site, wheel], check=True)
    (site / "others.pth").write_text(sysconfig.get_path("purelib"))
    return home


def graded(home: Path, files: dict[str, bytes]) -> tuple[int, dict[str, Any]]:
    """Run the autograder on a submission; return its exit status and the results."""
    for name in ("submission", "results"):
        shutil.rmtree(home / name, ignore_errors=True)
        (home / name).mkdir()
    for name, data in files.items():
        (home / "submission" / name).parent.mkdir(exist_ok=True)
        (home / "submission" / name).write_bytes(data)
    done = subprocess.run(
        [home / "run_autograder"],
        env={**os.environ, "AUTOGRADER": str(home), "PYTHONPATH": ""},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert "Traceback" not in done.stdout + done.stderr
    return done.returncode, json.loads((home / "results" / "results.json").read_bytes())


def notebook(name: str) -> bytes:
    return next(submission.data for submission in load() if submission.name == name)


def test_a_submission_is_graded(home: Path, tier: Tier) -> None:
    files = {"work.ipynb": notebook("wrong-l2-not-halved"), "data/x.txt": b"x"}
    status, results = graded(home, files)

    assert (status, imported(results)) == (0, 75.0)
    assert [test["status"] for test in results["tests"]] == ["failed", *["passed"] * 3]
    assert "the 1/2 is missing" in results["tests"][0]["output"]
    assert results["stdout_visibility"] == "hidden"


def test_a_submission_without_a_notebook_has_a_sentence(home: Path, tier: Tier) -> None:
    """Files that look like those of a class are one submission, too."""
    files = {"ada.pdf": b"%PDF-1.7\n", "bob.docx": b"PK", "__pycache__/x.pyc": b"x"}
    status, results = graded(home, files)

    assert (status, imported(results)) == (0, 0.0)
    assert results["output"] == (
        "This submission contains no notebook (.ipynb), only ada.pdf and bob.docx. "
        "Submit your notebook."
    )


def test_a_failure_of_the_grader_costs_no_points(home: Path) -> None:
    (home / "venv" / "bin" / "python").rename(home / "python")
    try:
        status, results = graded(home, {"work.ipynb": b"{}"})
    finally:
        (home / "python").rename(home / "venv" / "bin" / "python")
    assert status != 0
    assert imported(results) is None
    assert results["output"] == (
        "The autograder failed. This is not your fault, and your submission is saved."
    )


def test_the_zip_has_the_files_that_gradescope_runs(zipped: bytes) -> None:
    with ZipFile(io.BytesIO(zipped)) as archive:
        modes = {entry.filename: entry.external_attr >> 16 for entry in archive.infolist()}
        scripts = [archive.read(name).decode() for name in ("setup.sh", "run_autograder")]

    assert [*modes.values()] == [0o755, 0o755, 0o644]
    assert all(name.endswith(".whl") for name in [*modes][2:])
    for script in scripts:
        assert script.startswith("#!/usr/bin/env bash\n") and "\r" not in script
        subprocess.run(["bash", "-n"], input=script, text=True, check=True)
    assert "OPTIONS=(--assignment regularization " in scripts[1]


def test_the_record_of_the_wheel_is_right(zipped: bytes) -> None:
    with ZipFile(io.BytesIO(zipped)) as archive:
        [name] = [name for name in archive.namelist() if name.endswith(".whl")]
        wheel = ZipFile(io.BytesIO(archive.read(name)))
    [record] = [name for name in wheel.namelist() if name.endswith("/RECORD")]
    rows = [*csv.reader(io.StringIO(wheel.read(record).decode()))]

    assert [row[0] for row in rows] == wheel.namelist()
    for name, digest, size in rows[:-1]:
        data = wheel.read(name)
        found = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).decode().rstrip("=")
        assert (digest, size) == (f"sha256={found}", str(len(data)))


def test_the_same_files_give_the_same_zip(zipped: bytes) -> None:
    assert autograder(assignments.load("regularization")) == zipped


def test_the_command_writes_the_zip(tmp_path: Path, zipped: bytes) -> None:
    outcome = run("export", "gradescope-autograder", cwd=tmp_path)
    assert (outcome.status, outcome.err) == (0, "")
    assert (tmp_path / outcome.out.strip()).read_bytes() == zipped

    named = ("regularization", "--out", tmp_path / "new" / "a.zip")
    assert run("export", "gradescope-autograder", *named).out == f"{tmp_path}/new/a.zip\n"
    assert (tmp_path / "new" / "a.zip").read_bytes() == zipped


def test_usage_errors(tmp_path: Path) -> None:
    unknown = run("export", "gradescope-autograder", "regularisation", cwd=tmp_path)
    assert unknown.status == 2 and "Did you mean 'regularization'?" in unknown.err
    missing = run("export", "canvas")
    assert (missing.status, missing.err) == (
        2,
        "grader: Give the folder of a gradebook: grader export canvas DIR.\n",
    )
