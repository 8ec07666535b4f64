"""The state of a function without points: reported in the result, on the page and in the terminal."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from grader import assignments, grading
from grader.grading import Settings
from grader.model import Assignment, Tier
from grader.model.result import OTHERWISE, RIGHT, Result
from grader.model.submission import Submission
from grader.verify import states
from grader.verify.claims import Subject
from grader.views import terminal
from grader.views.html import student_page
from grader.views.tables import from_json, to_json
from tests import ROOT
from tests.submissions.corpus import Cell, notebook
from tests.submissions.siblings import solved
from tests.support.broken_assignments import claim, failure
from tests.support.languages import TAG

NAME, ASSIGNMENT = "backward_propagation_n", "gradient_checking"
DW2, DB1 = (" * 2\n", "\n"), ("db1 = 4.0 / m", "db1 = 1.0 / m")
TASK = "The task asks you to correct"


def grade(*changes: tuple[str, str], tier: Tier) -> Result:
    """Return the result of the solved notebook with texts of its ungraded function replaced."""
    cells = []
    for cell in solved(ASSIGNMENT):
        source = cell.source
        if f"def {NAME}(" in source:
            for old, new in changes:
                assert old in source
                source = source.replace(old, new)
        cells.append(Cell(source, is_code=cell.is_code))
    assignment = assignments.load(ASSIGNMENT)
    settings = Settings(seed=assignment.seed, tier=tier)
    return grading.grade(Submission("ada", notebook(cells)), assignment, settings)


@pytest.mark.parametrize(
    ("changes", "state", "message"),
    [
        ((), "planted", f"Both planted bugs are still there. {TASK} them, for no points."),
        ((DW2, DB1), RIGHT, "Both planted bugs are corrected."),
        (
            (DB1,),
            "dW2",
            (
                "One planted bug is corrected. The other, in dW2, is still there. "
                f"{TASK} both, for no points."
            ),
        ),
        (
            (DW2,),
            "db1",
            (
                "One planted bug is corrected. The other, in db1, is still there. "
                f"{TASK} both, for no points."
            ),
        ),
        *(
            (
                (change,),
                OTHERWISE,
                (
                    "Its gradients are neither those of the assignment nor right. "
                    f"{TASK} two bugs in it, for no points."
                ),
            )
            for change in (
                ("A3 - Y", "A3 + Y"),
                ("dZ3 = A3 - Y", "dZ3 = Z4"),
                ("m = ", "while m: "),
            )
        ),
    ],
)
def test_state_of_planted_bugs(
    changes: tuple[tuple[str, str], ...], state: str, message: str, any_tier: Tier
) -> None:
    result = grade(*changes, tier=any_tier)

    assert (result.score, result.max_score, len(result.functions)) == (100, 100, 4)
    (entry,) = result.ungraded
    assert (entry.name, entry.state, entry.message) == (NAME, state, message)
    (written,) = json.loads(to_json(result))["ungraded"]
    assert (written["name"], written["state"], written["message"]) == (NAME, state, message)
    assert from_json(to_json(result)).ungraded == result.ungraded


def test_views_show_the_state(any_tier: Tier, capsys: pytest.CaptureFixture[str]) -> None:
    result = grade(tier=any_tier)
    chinese = assignments.translator(assignments.load(ASSIGNMENT), TAG)

    terminal.show_result(result)

    sentence = "Both planted bugs are still there."
    assert f"{NAME} (not graded): {sentence}" in capsys.readouterr().out
    assert sentence in student_page(result)
    assert "不计分的函数" in student_page(result, chinese)
    assert sentence not in student_page(result, chinese)


def test_notebook_without_the_function_has_no_state(any_tier: Tier) -> None:
    assert grade((f"def {NAME}(", "def other("), tier=any_tier).ungraded == ()


SHOWN = "labelled submissions show each state of a function without points"
REFERENCE, CASES = f"reference/{ASSIGNMENT}.py", f"testcases/{ASSIGNMENT}.py"


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """Return a course with the assignment alone."""
    for folder in ("reference", "testcases"):
        (tmp_path / folder).mkdir()
        shutil.copy(ROOT / folder / f"{ASSIGNMENT}.py", tmp_path / folder)
    for folder in (f"student_template/{ASSIGNMENT}", f"testcases/{ASSIGNMENT}_submissions"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    return tmp_path


def replaced(path: Path, old: str, new: str) -> int:
    """Replace a text in a file, and return the number of its line."""
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new), "utf-8")
    return text[: text.index(old)].count("\n") + 1


def test_verify_shows_each_state(course: Path, any_tier: Tier) -> None:
    evidence = claim(SHOWN, assignments.load(ASSIGNMENT, course), any_tier)

    assert (evidence.holds, evidence.detail) == (True, "4 states")


@pytest.mark.parametrize("name", ["initialization", "regularization"])
def test_an_assignment_without_such_functions(name: str, any_tier: Tier) -> None:
    evidence = claim(SHOWN, assignments.load(name), any_tier)

    assert (evidence.holds, evidence.detail) == (
        True,
        "nothing to check: no function without points",
    )


def test_a_label_must_be_the_state(course: Path, any_tier: Tier) -> None:
    labelled = course / "testcases" / f"{ASSIGNMENT}_submissions"
    (labelled / "10-dW2.ipynb").rename(labelled / "10-db1.ipynb")
    (labelled / "0-right.ipynb").write_bytes(notebook([Cell("def gradient_check(x, theta): pass")]))
    line = replaced(course / CASES, '"dW2": gettext(', '"dW2": gettext(')
    broken = assignments.load(ASSIGNMENT, course)

    assert faults_of(broken, any_tier) == [
        f"testcases/{ASSIGNMENT}_submissions/0-right.ipynb: {NAME} is missing instead of 'right'",
        f"testcases/{ASSIGNMENT}_submissions/10-db1.ipynb: {NAME} is 'dW2' instead of 'db1'",
        (
            f"{CASES}, line {line}: no labelled submission, such as "
            f"testcases/{ASSIGNMENT}_submissions/100-dW2.ipynb, shows the state 'dW2'"
        ),
    ]
    assert failure(SHOWN, broken, any_tier).endswith("'right' (and 2 more)")


def faults_of(assignment: Assignment, tier: Tier) -> list[str]:
    subject = Subject(assignment, tier)
    return [*states.faults(assignment, subject.expectations, subject.labelled)]


def test_each_state_is_defined_by_the_reference(course: Path, any_tier: Tier) -> None:
    first = replaced(course / REFERENCE, f"def {NAME}__dW2(", f"def {NAME}__other(")
    state = replaced(course / CASES, '"dW2": gettext(', '"dW2": gettext(')
    sentences = faults_of(assignments.load(ASSIGNMENT, course), any_tier)

    assert sentences[:2] == [
        f"{CASES}, line {state}: the reference does not define {NAME}__dW2 for the state 'dW2'",
        f"{REFERENCE}, line {first}: {NAME} has no state 'other'",
    ]


def test_states_have_different_values(course: Path, any_tier: Tier) -> None:
    replaced(course / REFERENCE, '"dW2": 2 * gradients["dW2"]}', '"dW2": gradients["dW2"]}')
    line = replaced(course / REFERENCE, f"def {NAME}__dW2(", f"def {NAME}__dW2(")
    sentences = faults_of(assignments.load(ASSIGNMENT, course), any_tier)

    sentence = "the states 'right' and 'dW2' have equal values in every case"
    assert sentences[0] == f"{REFERENCE}, line {line}: {sentence}"
