"""Whole notebooks are run and graded in the box."""

from __future__ import annotations

import dataclasses
import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jupytext
import nbformat
import pytest

from grader import assignments, grading
from grader.grading import Settings
from grader.model import Assignment, Tier
from grader.model.findings import FunctionStatus
from grader.model.result import Result, Status
from grader.model.run_report import RunReport
from grader.model.submission import Submission
from grader.views.tables import from_json, to_json
from tests import ROOT
from tests.submissions import FUNCTIONS, load
from tests.submissions.corpus import without_trainings
from tests.unit.notebook_run.test_plan import ITERATIONS

COURSE_DATA = ROOT.parent / "shared" / "datasets" / "data.mat"


COST, GRADIENTS, FORWARD, BACKWARD = FUNCTIONS


Whole = Callable[..., Result]


@pytest.fixture(scope="module")
def solved() -> str:
    return (ROOT / "reference/regularization_solved.py").read_text("utf-8")


def ipynb(percent: str) -> bytes:
    return nbformat.writes(jupytext.reads(percent, fmt="py:percent")).encode()


@pytest.fixture(scope="module")
def run_all(tier: Tier, regularization: Assignment) -> Whole:
    if tier != Tier.FULL:
        pytest.skip("a whole notebook needs the full box")

    def graded(data: bytes, *, of: Assignment = regularization, **options: Any) -> Result:
        settings = Settings(of.seed, Tier.FULL, 200.0, run_all=True, iterations=ITERATIONS)
        settings = dataclasses.replace(settings, **options)
        return grading.grade(Submission("alice", data), of, settings)

    return graded


@pytest.fixture(scope="module")
def solved_run(run_all: Whole, solved: str) -> Result:
    """Return the result of the solved notebook, with the executed notebook."""
    return run_all(ipynb(solved), keep_notebook=True)


@pytest.fixture(scope="module")
def functions(solved: str) -> str:
    """Return the solved notebook without its trainings and plots, which take most of the time."""
    cells = solved.split("\n# %%")
    return "\n# %%".join(c for c in cells if not re.search("(plain|l2|dropout)_parameters", c))


def report_of(result: Result) -> RunReport:
    assert result.run is not None, result.message
    return result.run


def test_solved_notebook_matches_the_reference(solved_run: Result) -> None:
    result = solved_run
    report = report_of(result)
    assert (result.score, result.status) == (100, Status.GRADED)
    assert (report.ran, report.total, report.cells, report.message) == (21, 21, (), "")
    assert (report.steps, report.score, report.max_score) == (ITERATIONS, 0, 0)
    assert [(t.name, t.status, t.cell) for t in report.trainings] == [
        ("plain", "right", 4),
        ("L2", "right", 10),
        ("dropout", "right", 18),
    ]
    for training in report.trainings:
        assert training.message == "It matches the expected results."
        assert [f.name for f in training.figures] == [
            "cost after 0 iterations",
            "accuracy on the training set",
            "accuracy on the test set",
        ]
        assert training.plane and training.expected_plane
        assert training.plane.rows == training.expected_plane.rows
        assert {len(row) for row in training.plane.rows} == {60} and len(training.points) == 211


FACTS = {
    "plain": (0.6557412523481002, 0.16329987525724207, 0.1385164242324198, "94.8%", "91.5%"),
    "L2": (0.6974484493131264, 0.2684918873282239, 0.26809163371273004, "93.8%", "93.0%"),
    "dropout": (0.6543912405149825, 0.0610169865749056, 0.060582435798513114, "92.9%", "95.0%"),
}


@pytest.mark.skipif(not COURSE_DATA.exists(), reason="the course's data set is not here")
def test_course_data_gives_the_courses_table(
    run_all: Whole, solved: str, regularization: Assignment, tmp_path: Path
) -> None:
    folder = tmp_path / "regularization"
    shutil.copytree(regularization.files.template.parent, folder)
    shutil.copy(COURSE_DATA, folder / "datasets" / "data.mat")
    files = dataclasses.replace(
        regularization.files,
        template=folder / regularization.files.template.name,
        helpers=tuple((name, folder / name) for name, _ in regularization.files.helpers),
    )
    report = report_of(
        run_all(ipynb(solved), of=dataclasses.replace(regularization, files=files), iterations=None)
    )
    assert {t.name: t.status for t in report.trainings} == dict.fromkeys(FACTS, "right")
    for training in report.trainings:
        *costs, train, test = training.figures
        assert [float(f.got) for f in costs] == pytest.approx(FACTS[training.name][:3], rel=1e-9)
        assert (train.got, test.got) == FACTS[training.name][3:]
        assert len(training.curve) == len(training.expected_curve) == 30


def test_wrong_function_affects_its_training_only(run_all: Whole, solved: str) -> None:
    wrong = solved.replace(
        "cost = cross_entropy_cost + L2_regularization_cost", "cost = cross_entropy_cost"
    )
    assert wrong != solved
    result = run_all(ipynb(wrong))
    assert {f.name: f.status for f in result.functions}[COST] is FunctionStatus.FAILED
    plain, l2, dropout = report_of(result).trainings
    assert (plain.status, l2.status, dropout.status) == ("right", "wrong", "right")
    assert l2.message == "It does not match the expected results."
    assert [f.name for f in l2.figures if not f.right] == ["cost after 0 iterations"]


def test_template_runs_up_to_its_first_error(run_all: Whole, regularization: Assignment) -> None:
    result = run_all(regularization.files.template.read_bytes())
    report = report_of(result)
    assert result.score == 0
    assert {f.status for f in result.functions} == {FunctionStatus.NOT_ATTEMPTED}
    assert report.cells and {cell.status for cell in report.cells} == {"raised"}
    assert report.trainings[1].message == "Its cell did not finish."


def test_other_cells_cannot_cost_points(run_all: Whole, functions: str) -> None:
    spoilt = functions + "\n# %%\nexec('relu = sigmoid = None')\n"
    result = run_all(ipynb(spoilt))
    assert result.score == 100
    assert not [cell for cell in report_of(result).cells if cell.status != "raised"]


def test_function_made_by_other_cells_is_right(run_all: Whole, functions: str) -> None:
    """Only a run of the whole notebook defines it."""
    name = f"def {COST}("
    hidden = functions.replace(name, "def made_elsewhere(") + (
        "\n# %%\nglobals()['compute_cost_' + 'with_regularization'] = made_elsewhere\n"
    )
    statuses = {f.name: f.status for f in run_all(ipynb(hidden)).functions}
    assert statuses[COST] is FunctionStatus.PASSED


def test_dead_kernel_costs_no_points(run_all: Whole, functions: str) -> None:
    result = run_all(ipynb(functions + "\n# %%\nimport os\nos._exit(1)\n"))
    report = report_of(result)
    assert result.score == 100
    *_, cell = report.cells
    assert (cell.number, cell.line, cell.status) == (report.total, 2, "died")
    assert cell.message == "It stopped Python, so no later cell could run."


@pytest.mark.parametrize(
    "name",
    [
        *("segfault", "kills-the-parent", "forged-frames", "patches-the-shell"),
        *("fork-bomb", "equal-to-everything"),
    ],
)
def test_hostile_notebooks_get_the_same_score(run_all: Whole, name: str) -> None:
    """As without `--run-all`."""
    (labelled,) = [s for s in load() if s.name == f"hostile-{name}"]
    result = run_all(without_trainings(labelled.data), timeout=6.0)
    assert result.status in labelled.status
    for function in result.functions:
        if function.name in labelled.statuses:
            assert function.status in labelled.statuses[function.name], function


def test_repairs_are_noted_as_without_run_all(run_all: Whole, functions: str) -> None:
    old = functions.replace(f"def {COST}(", f"np.int(1)\n\n\ndef {COST}(")
    assert old != functions
    assert run_all(ipynb(old)).notes == (
        "NumPy has removed np.int. The grader supplied a replacement.",
    )


def test_points_for_trainings_are_added(
    run_all: Whole, solved: str, regularization: Assignment, monkeypatch: pytest.MonkeyPatch
) -> None:
    trainings = assignments.trainings(regularization)
    assert trainings is not None
    monkeypatch.setattr(
        assignments, "trainings", lambda _: dataclasses.replace(trainings, points=9.0)
    )
    result = run_all(ipynb(solved.replace("keep_prob=0.86)\nprint", "keep_prob=0.5)\nprint")))
    assert (report_of(result).score, report_of(result).max_score) == (6, 9)
    assert (result.score, result.max_score) == (106, 109)


def test_report_survives_json(solved_run: Result) -> None:
    again = from_json(to_json(solved_run))
    assert again == solved_run and again.run == solved_run.run


def test_rehearsal_error_has_the_line_of_the_call(run_all: Whole, solved: str) -> None:
    odd = solved.replace("model(train_X, train_Y)", "model(train_X)")
    assert odd != solved
    cell = report_of(run_all(ipynb(odd))).cells[0]
    assert cell.message == "TypeError: missing a required argument: 'Y'"
    assert (cell.number, cell.line) == (4, 1)


def test_executed_notebook_has_texts_and_outputs(solved_run: Result, solved: str) -> None:
    executed = nbformat.reads(solved_run.executed, as_version=4)
    nbformat.validate(executed)
    own = jupytext.reads(solved, fmt="py:percent")
    marked = [c for c in executed.cells if "injected-parameters" in c.metadata.get("tags", [])]
    assert len(marked) == 1 and "--iterations 30" in marked[0].source
    assert [c.source for c in executed.cells if c not in marked] == [c.source for c in own.cells]
    pictures = [
        o
        for c in executed.cells
        if c.cell_type == "code"
        for o in c.outputs
        if "image/png" in o.get("data", {})
    ]
    assert len(pictures) >= 7
    assert "executed" not in json.loads(to_json(solved_run))


def test_executed_notebook_has_error_messages(run_all: Whole) -> None:
    source = "# %%\nimport sys\nsys.exit('bye now')\n# %%\nraise ValueError('a\\x1bcb')\n"
    executed = nbformat.reads(run_all(ipynb(source), keep_notebook=True).executed, as_version=4)
    errors = [o for cell in executed.cells for o in cell.outputs if o.output_type == "error"]
    expected = [("SystemExit", "bye now"), ("ValueError", "ab")]
    assert [(error.ename, error.evalue) for error in errors] == expected
