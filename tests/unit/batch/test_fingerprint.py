"""What decides a result is in the fingerprint of a batch: where it changes, a class is graded again."""

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
    f"reference/{NAME}_misconceptions/compute_cost_with_regularization.py",
    f"testcases/{NAME}.py",
    f"testcases/{NAME}_figures.json",
    f"testcases/{NAME}_zh-Hans.json",
    f"testcases/{NAME}_diagnosis/cost.py",
    f"testcases/{NAME}_formulas/compute_cost_with_regularization.xml",
    f"student_template/{NAME}/reg_utils.py",
)


def fingerprint(root: Path) -> str:
    """Return the fingerprint of a batch by the assignment as it stands below a folder."""
    assignment = assignments.load(NAME)

    def moved(path: Path) -> Path:
        return root / path.relative_to(home())

    files = replace(
        assignment.files,
        reference=moved(assignment.files.reference),
        testcases=moved(assignment.files.testcases),
        template=moved(assignment.files.template),
        helpers=tuple((name, moved(path)) for name, path in assignment.files.helpers),
        misconceptions={
            name: moved(path) for name, path in assignment.files.misconceptions.items()
        },
    )
    return Batch(replace(assignment, files=files), Settings(seed=1), root / "out").fingerprint


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    for folder in ("reference", "testcases", "student_template"):
        shutil.copytree(home() / folder, tmp_path / folder)
    return tmp_path


@pytest.mark.parametrize("name", DECISIVE)
def test_changed_input_grades_the_class_again(copy: Path, name: str) -> None:
    before = fingerprint(copy)
    with (copy / name).open("a") as file:
        file.write("\n")
    assert fingerprint(copy) != before


def test_unrelated_file_does_not_grade_again(copy: Path) -> None:
    before = fingerprint(copy)
    (copy / "reference" / f"{NAME}_equivalents" / "more.py").write_text("VARIANTS = []\n")
    assert fingerprint(copy) == before
