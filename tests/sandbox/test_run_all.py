"""Whole notebooks are run and graded in the box."""

from __future__ import annotations

import dataclasses
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jupytext
import nbformat
import pytest

from grader import assignments, grading
from grader.grading import Settings
from grader.model import Assignment, Submission, Tier
from grader.model.result import FunctionStatus, Result, Status
from grader.model.run_report import RunReport
from grader.views.tables import from_json, to_json
from tests import ROOT
from tests.submissions import FUNCTIONS, load
from tests.unit.notebook_run.test_plan import STEPS

COURSE_DATA = ROOT.parent / "shared" / "datasets" / "data.mat"


COST, GRADIENTS, FORWARD, BACKWARD = FUNCTIONS


Whole = Callable[..., Result]


@pytest.fixture(scope="module")
def solved() -> str:
    return (ROOT / "reference/regularization_solved.py").read_text("utf-8")


def ipynb(percent: str) -> bytes:
    return nbformat.writes(jupytext.reads(percent, fmt="py:percent")).encode()


@pytest.fixture(scope="module")
def whole(tier: Tier, regularization: Assignment) -> Whole:
    if tier != Tier.FULL:
        pytest.skip("a whole notebook needs the full box")

    def graded(data: bytes, *, of: Assignment = regularization, **options: Any) -> Result:
        settings = Settings(of.seed, Tier.FULL, 200.0, run_all=True, iterations=STEPS)
        settings = dataclasses.replace(settings, **options)
        return grading.grade(Submission("alice", data), of, settings)

    return graded


def rundown(result: Result) -> RunReport:
    assert result.run is not None, result.message
    return result.run


def test_the_solved_notebook_comes_to_the_reference_s_figures(whole: Whole, solved: str) -> None:
    result = whole(ipynb(solved))
    told = rundown(result)
    assert (result.score, result.status) == (100, Status.GRADED)
    assert (told.ran, told.total, told.cells, told.message) == (20, 20, (), "")
    assert (told.steps, told.score, told.max_score) == (STEPS, 0, 0)
    assert [(t.name, t.status, t.cell) for t in told.trainings] == [
        ("plain", "right", 4),
        ("L2", "right", 10),
        ("dropout", "right", 18),
    ]
    for training in told.trainings:
        assert training.message == "It matches the expected results."
        assert [f.name for f in training.figures] == [
            "cost after 0 steps",
            "accuracy on the training set",
            "accuracy on the test set",
        ]
        assert training.plane == training.expected_plane and training.plane is not None
        assert {len(row) for row in training.plane.rows} == {60} and len(training.points) == 211


FACTS = {
    "plain": (0.6557412523481002, 0.16329987525724207, 0.1385164242324198, "94.8%", "91.5%"),
    "L2": (0.6974484493131264, 0.2684918873282239, 0.26809163371273004, "93.8%", "93.0%"),
    "dropout": (0.6543912405149825, 0.0610169865749056, 0.060582435798513114, "92.9%", "95.0%"),
}


@pytest.mark.skipif(not COURSE_DATA.exists(), reason="the course's data set is not here")
def test_with_the_course_s_data_it_reproduces_the_course_s_table(
    whole: Whole, solved: str, regularization: Assignment, tmp_path: Path
) -> None:
    folder = tmp_path / "regularization"
    shutil.copytree(regularization.files.template.parent, folder)
    shutil.copy(COURSE_DATA, folder / "datasets" / "data.mat")
    files = dataclasses.replace(
        regularization.files,
        template=folder / regularization.files.template.name,
        helpers=tuple((name, folder / name) for name, _ in regularization.files.helpers),
    )
    told = rundown(
        whole(ipynb(solved), of=dataclasses.replace(regularization, files=files), steps=None)
    )
    assert {t.name: t.status for t in told.trainings} == dict.fromkeys(FACTS, "right")
    for training in told.trainings:
        *costs, train, test = training.figures
        assert [float(f.got) for f in costs] == pytest.approx(FACTS[training.name][:3], rel=1e-9)
        assert (train.got, test.got) == FACTS[training.name][3:]
        assert len(training.curve) == len(training.expected_curve) == 30


def test_a_wrong_function_shows_in_its_training_alone(whole: Whole, solved: str) -> None:
    wrong = solved.replace(
        "cost = cross_entropy_cost + L2_regularization_cost", "cost = cross_entropy_cost"
    )
    assert wrong != solved
    result = whole(ipynb(wrong))
    assert {f.name: f.status for f in result.functions}[COST] is FunctionStatus.FAILED
    plain, l2, dropout = rundown(result).trainings
    assert (plain.status, l2.status, dropout.status) == ("right", "wrong", "right")
    assert l2.message == "It does not match the expected results."
    assert [f.name for f in l2.figures if not f.right] == ["cost after 0 steps"]


def test_a_template_runs_and_says_where_it_stops(whole: Whole, regularization: Assignment) -> None:
    result = whole(regularization.files.template.read_bytes())
    told = rundown(result)
    assert result.score == 0
    assert {f.status for f in result.functions} == {FunctionStatus.NOT_ATTEMPTED}
    assert told.cells and {cell.status for cell in told.cells} == {"raised"}
    assert told.trainings[1].message == "Its cell did not finish."


def test_what_other_cells_do_to_a_function_costs_nothing(whole: Whole, solved: str) -> None:
    spoilt = solved + "\n# %%\nexec('relu = sigmoid = None')\n"
    result = whole(ipynb(spoilt))
    assert result.score == 100
    assert not [cell for cell in rundown(result).cells if cell.status != "raised"]


def test_a_function_that_only_running_everything_makes_is_right(whole: Whole, solved: str) -> None:
    name = f"def {COST}("
    hidden = solved.replace(name, "def made_elsewhere(") + (
        "\n# %%\nglobals()['compute_cost_' + 'with_regularization'] = made_elsewhere\n"
    )
    statuses = {f.name: f.status for f in whole(ipynb(hidden)).functions}
    assert statuses[COST] is FunctionStatus.PASSED


def test_a_kernel_that_dies_costs_no_function_a_point(whole: Whole, solved: str) -> None:
    result = whole(ipynb(solved + "\n# %%\nimport os\nos._exit(1)\n"))
    told = rundown(result)
    assert result.score == 100
    (cell,) = told.cells
    assert (cell.number, cell.line, cell.status) == (21, 2, "died")
    assert cell.message == "It stopped Python, so no later cell could run."


@pytest.mark.parametrize(
    "name",
    [
        *("exit-at-once", "segfault", "kills-the-parent", "forged-frames", "patches-the-shell"),
        *("hooks-imports", "fills-the-disk", "says-passed", "fork-bomb", "equal-to-everything"),
    ],
)
def test_hostile_notebooks_get_the_marks_they_get_without(whole: Whole, name: str) -> None:
    (labelled,) = [one for one in load() if one.name == f"hostile-{name}"]
    result = whole(labelled.data, timeout=6.0)
    assert result.status in labelled.status
    for function in result.functions:
        if function.name in labelled.statuses:
            assert function.status in labelled.statuses[function.name], function


def test_what_the_box_did_for_a_notebook_is_noted_as_without(whole: Whole, solved: str) -> None:
    old = solved.replace(f"def {COST}(", f"np.int(1)\n\n\ndef {COST}(")
    assert old != solved
    assert whole(ipynb(old)).notes == (
        "NumPy has removed np.int. The grader supplied a replacement.",
    )


def test_points_for_trainings_are_counted_where_the_assignment_gives_some(
    whole: Whole, solved: str, regularization: Assignment, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = assignments.trainings(regularization)
    assert told is not None
    monkeypatch.setattr(assignments, "trainings", lambda _: dataclasses.replace(told, points=9.0))
    result = whole(ipynb(solved.replace("keep_prob=0.86)\nprint", "keep_prob=0.5)\nprint")))
    assert (rundown(result).score, rundown(result).max_score) == (6, 9)
    assert (result.score, result.max_score) == (106, 109)


def test_the_rundown_is_part_of_the_json_and_comes_back(whole: Whole, solved: str) -> None:
    result = whole(ipynb(solved))
    again = from_json(to_json(result))
    assert again == result and again.run == result.run


def test_what_a_rehearsal_refuses_is_told_of_the_line_that_calls(whole: Whole, solved: str) -> None:
    odd = solved.replace("model(train_X, train_Y)", "model(train_X)")
    assert odd != solved
    told = rundown(whole(ipynb(odd))).cells[0]
    assert told.message == "TypeError: missing a required argument: 'Y'"
    assert (told.number, told.line) == (4, 1)


def test_what_is_kept_is_the_notebook_with_its_texts_and_outputs(whole: Whole, solved: str) -> None:
    result = whole(ipynb(solved), keep_notebook=True)
    found = nbformat.reads(result.executed, as_version=4)
    nbformat.validate(found)
    own = jupytext.reads(solved, fmt="py:percent")
    marked = [c for c in found.cells if "injected-parameters" in c.metadata.get("tags", [])]
    assert len(marked) == 1 and "--iterations 30" in marked[0].source
    assert [c.source for c in found.cells if c not in marked] == [c.source for c in own.cells]
    pictures = [
        o
        for c in found.cells
        if c.cell_type == "code"
        for o in c.outputs
        if "image/png" in o.get("data", {})
    ]
    assert len(pictures) >= 7
    assert "executed" not in json.loads(to_json(result))


def test_what_a_notebook_raised_is_kept_with_its_words(whole: Whole) -> None:
    source = "# %%\nimport sys\nsys.exit('bye now')\n# %%\nraise ValueError('a\\x1bcb')\n"
    found = nbformat.reads(whole(ipynb(source), keep_notebook=True).executed, as_version=4)
    errors = [o for cell in found.cells for o in cell.outputs if o.output_type == "error"]
    told = [("SystemExit", "bye now"), ("ValueError", "ab")]
    assert [(error.ename, error.evalue) for error in errors] == told
