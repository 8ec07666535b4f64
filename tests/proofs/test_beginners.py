"""The mistakes of `beginners.py` are named in the notebook and on the page, and alike."""

from __future__ import annotations

import re

import pytest

from grader import assignments, grading
from grader.grading import Settings
from grader.model import Tier
from grader.model.diagnoses import RAISES_ERROR, SYNTAX_ERROR
from grader.model.findings import Diagnosis
from grader.model.submission import Submission
from grader.views.html import student_page
from grader.views.terminal import show_result
from tests.proofs.beginners import MISTAKES
from tests.proofs.slips import RIGHT
from tests.submissions import FUNCTIONS
from tests.submissions.corpus import Cell, notebook, parse
from tests.support import notebook_check
from tests.support.diagnosing import BACKWARD, L2
from tests.support.html_reader import read

EACH = 16
RIGHT_THERE = {"0.1 / (2 * m)", "0.7 / m * W2"}
"""The number of the published example in the place of lambd: only other data show the mistake."""
PAIRS = (
    (L2, "lambd / m * W3", "lambd * W3"),
    (L2, "lambd / m * W1", "lambd * m * W1"),
    (BACKWARD, "dA2 = dA2 * D2", "pass"),
    (BACKWARD, "dA1 = dA1 * D1", "dA1 = dA1 * (1 - D1)"),
)
MORE = " There is more to correct: run `check` again after you have fixed this."
PYTHONS_OWN = {RAISES_ERROR.words.what, SYNTAX_ERROR.words.what}


def with_mistakes(number: int) -> bytes:
    """Return the right notebook with a mistake in each function."""
    sources = {m.function: m.source for m in MISTAKES[number::EACH]}
    cells = []
    for cell in parse(RIGHT.read_text("utf-8"))[1]:
        name = next((name for name in FUNCTIONS if f"def {name}(" in cell.source), "")
        cells.append(Cell(sources[name]) if name else cell)
    return notebook(cells)


def with_two_mistakes() -> bytes:
    """Return the right notebook with two mistakes in each function of propagation backwards."""
    cells = []
    for cell in parse(RIGHT.read_text("utf-8"))[1]:
        source = cell.source
        for name, right, wrong in PAIRS:
            source = source.replace(right, wrong, 1) if f"def {name}(" in cell.source else source
        cells.append(Cell(source) if source != cell.source else cell)
    return notebook(cells)


def without_spaces(text: str) -> str:
    """Return a text as it is alike on a page and in a terminal, which wraps it."""
    return re.sub(r"[\s`]", "", text)


def repeats_python_only(diagnosis: Diagnosis) -> bool:
    return getattr(diagnosis.what, "id", "") in PYTHONS_OWN


def test_each_function_has_sixteen() -> None:
    assert [m.function for m in MISTAKES[::EACH]] == list(FUNCTIONS)
    assert len({(m.function, m.right, m.wrong) for m in MISTAKES}) == EACH * len(FUNCTIONS)


@pytest.mark.parametrize("number", range(EACH))
def test_mistakes_are_named_alike(
    any_tier: Tier, number: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assignment, data = assignments.load("regularization"), with_mistakes(number)
    settings = Settings(seed=assignment.seed, tier=any_tier)
    result = grading.grade(Submission("beginner", data), assignment, settings)
    graded = {function.name: function for function in result.functions}
    feedback = dict(notebook_check.feedback_on(data, set(FUNCTIONS), any_tier))
    show_result(result)
    printed = without_spaces(capsys.readouterr().out)
    page = without_spaces(read(student_page(result)).text)

    for mistake in MISTAKES[number::EACH]:
        name = mistake.function
        if not any(text in mistake.wrong for text in RIGHT_THERE):
            assert feedback[name].mark.name in ("WRONG", "NOT_RUN"), mistake
            assert feedback[name].diagnoses, mistake
        for diagnosis in (*feedback[name].diagnoses, *graded[name].diagnoses):
            assert not repeats_python_only(diagnosis), diagnosis
        for diagnosis in graded[name].diagnoses:
            assert without_spaces(diagnosis.message) in printed
            assert without_spaces(diagnosis.message) in page
        assert notebook_check.differences(feedback[name], graded[name]) == []


def test_two_mistakes_in_a_function_are_both_named(tier: Tier) -> None:
    """In the notebook the second one is hidden where its values follow from those of the first."""
    assignment, data = assignments.load("regularization"), with_two_mistakes()
    settings = Settings(seed=assignment.seed, tier=tier)
    functions = grading.grade(Submission("beginner", data), assignment, settings).functions
    page = {f.name: [diagnosis.id for diagnosis in f.diagnoses] for f in functions}
    feedback = dict(notebook_check.feedback_on(data, {L2, BACKWARD}, tier))
    own = {name: [diagnosis.id for diagnosis in f.diagnoses] for name, f in feedback.items()}

    assert own[L2] == page[L2] == ["grad-l2-not-averaged", "grad-l2-multiplied-by-m"]
    assert page[BACKWARD] == ["backward-mask-missing", "backward-mask-inverted"]
    assert own[BACKWARD] == page[BACKWARD][:1]
    (hint,) = feedback[BACKWARD].diagnoses
    assert hint.what.endswith(MORE)
