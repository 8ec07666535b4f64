"""An author's first assignment: without any code for diagnosis it names most mistakes of students.

The assignments have only their reference, test cases and template here: no known mistakes.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from grader import assignments, grading
from grader.grading import Settings
from grader.model import Assignment, Tier
from grader.model.diagnoses import RAISES_ERROR
from grader.model.submission import Submission
from tests import ROOT
from tests.submissions.corpus import notebook
from tests.submissions.siblings import (
    CHANGES,
    HE,
    MANY,
    ONE,
    RANDOM,
    ZEROS,
    Change,
    changed,
    solved,
)

SYMPTOMS = {"unexplained", "hard-coded-answer", "not-deterministic"}
"""Diagnoses that state what is seen, not which mistake it comes from.

A wrong shape or a missing quantity counts as a name: it states what to change.
"""

PLAIN_ERROR = RAISES_ERROR.words.next
"""The advice for an error of Python that is not explained."""

LEAST_SHARE = {ZEROS: 1.0, RANDOM: 1.0, HE: 1.0, ONE: 1.0, MANY: 0.9}
"""The least share of the mistakes of each function that have a name.

`gradient_check_n` runs for milliseconds: on a busy machine the search for a repair can end early.
"""

MORE = {
    "initialization": (
        Change("ten-in-he", HE, "", "", r"\* scale", "* scale * 10"),
        Change("no-scale", RANDOM, "", "", r" \* 10", ""),
        Change("no-root", HE, "", "", r"np\.sqrt\((.*)\)\n", r"\1\n"),
        Change("first-layer", HE, "", "", r"sqrt\((.*)\[l - 1\]\)", r"sqrt(\1[0])"),
        Change("ones", ZEROS, "", "", r"zeros\(\((.*), 1\)", r"ones((\1, 1)"),
    ),
    "gradient_checking": (
        Change("minus", ONE, "", "", r"(norm\(grad\)) \+", r"\1 -"),
        Change("one-epsilon", ONE, "", "", r"2 \* epsilon", "epsilon"),
        Change("not-returned", ONE, "", "", r"    return difference\n?", ""),
        Change("last-entry", MANY, "", "", r"norm\(([^()]*)\)", r"norm((\1)[-1])"),
        Change("X-shifted", MANY, "", "", r"_n\(X, Y", "_n(X + epsilon, Y"),
        Change("vector", MANY, "", "", r"vector_to_dictionary\((theta\w+)\)", r"\1"),
        Change("one-epsilon", MANY, "", "", r"2 \* epsilon", "epsilon"),
        Change("brackets", MANY, "", "", r"\((2 \* epsilon)\)", r"\1"),
        Change("same-gradient", MANY, "", "", r"grad = gradients.*", "grad = None"),
        Change("not-returned", MANY, "", "", r"    return difference\n?", ""),
    ),
}
"""The other mistakes that real notebooks have, or that are likely."""


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the assignments as a new author has them."""
    folder = tmp_path_factory.mktemp("course")
    for name in CHANGES:
        for part in ("reference", "testcases"):
            (folder / part).mkdir(exist_ok=True)
            shutil.copy(ROOT / part / f"{name}.py", folder / part)
        shutil.copytree(ROOT / "student_template" / name, folder / "student_template" / name)
    return folder


def named(assignment: Assignment, change: Change, tier: Tier) -> list[str]:
    """Return the ids of the diagnoses that name the mistake of a change."""
    cells = changed(solved(assignment.name), change)
    settings = Settings(seed=assignment.seed, tier=tier)
    result = grading.grade(Submission("ada", notebook(cells)), assignment, settings)
    function = next(f for f in result.functions if f.name == change.function)
    assert function.score != function.max_score, change
    return [d.id for d in function.diagnoses if d.id not in SYMPTOMS and d.next != PLAIN_ERROR]


@pytest.mark.parametrize("function", LEAST_SHARE)
def test_mistakes_have_a_name_without_any_known(
    course: Path, function: str, any_tier: Tier
) -> None:
    name = next(name for name in CHANGES if any(c.function == function for c in CHANGES[name]))
    assignment = assignments.load(name, course)
    changes = [c for c in (*CHANGES[name], *MORE[name]) if c.function == function]
    wrong = [change for change in changes if change.status not in ("passed", "not_attempted")]
    assert not assignment.files.mistakes

    unnamed = [change.name for change in wrong if not named(assignment, change, any_tier)]

    assert len(wrong) - len(unnamed) >= LEAST_SHARE[function] * len(wrong), unnamed
