"""The fingerprint of a batch depends on every file that decides a result, and on no other."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from grader import assignments
from grader.assignments import home
from grader.batch import Batch
from grader.grading import Settings

NAME = "regularization"
DECISIVE = (
    f"reference/{NAME}.py",
    f"reference/{NAME}_mistakes/compute_cost_with_regularization.py",
    f"testcases/{NAME}.py",
    f"testcases/{NAME}_published.json",
    f"testcases/{NAME}_diagnosis/cost.py",
    f"testcases/{NAME}_formulas/compute_cost_with_regularization.xml",
    f"student_template/{NAME}/reg_utils.py",
)


NEUTRAL = (
    f"reference/{NAME}_equivalents/more.py",
    f"testcases/{NAME}_locale/zh_Hans/LC_MESSAGES/{NAME}.po",
)


def fingerprint(root: Path, *, slowness: float = 1.0) -> str:
    """Return the fingerprint of a batch with the assignment in a folder."""
    assignment = assignments.load(NAME)

    def moved(path: Path) -> Path:
        return root / path.relative_to(home())

    files = replace(
        assignment.files,
        reference=moved(assignment.files.reference),
        testcases=moved(assignment.files.testcases),
        template=moved(assignment.files.template),
        helpers=tuple((name, moved(path)) for name, path in assignment.files.helpers),
        mistakes={name: moved(path) for name, path in assignment.files.mistakes.items()},
    )
    return Batch(
        replace(assignment, files=files), Settings(seed=1, slowness=slowness), root / "out"
    ).conditions.fingerprint


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    for folder in ("reference", "testcases", "student_template"):
        shutil.copytree(home() / folder, tmp_path / folder)
    return tmp_path


def append_line(file: Path) -> None:
    with file.open("a") as stream:
        stream.write("\n")


@pytest.mark.parametrize("name", DECISIVE)
def test_changed_input_grades_the_class_again(copy: Path, name: str) -> None:
    before = fingerprint(copy)
    append_line(copy / name)
    assert fingerprint(copy) != before


@pytest.mark.parametrize("name", NEUTRAL)
def test_unrelated_file_does_not_grade_again(copy: Path, name: str) -> None:
    before = fingerprint(copy)
    append_line(copy / name)
    assert fingerprint(copy) == before


def test_slow_machine_grades_nothing_again(copy: Path) -> None:
    assert fingerprint(copy, slowness=3.0) == fingerprint(copy)
