"""The state of a function without points: reported in the result, on the page and in the terminal."""

from __future__ import annotations

import json

import pytest

from grader import assignments, grading
from grader.grading import Settings
from grader.grading.ungraded import OTHERWISE, RIGHT
from grader.model import Tier
from grader.model.result import Result
from grader.model.submission import Submission
from grader.views import terminal
from grader.views.html import student_page
from grader.views.tables import from_json, to_json
from tests.submissions.corpus import Cell, notebook
from tests.submissions.siblings import solved
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
