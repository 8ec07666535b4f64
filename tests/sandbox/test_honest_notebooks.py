"""Right functions keep their points whatever harmless code is in and around them."""

from __future__ import annotations

import pytest

from grader import grading, sandbox
from grader.grading import Settings
from grader.model import Assignment, Tier
from grader.model.result import Result
from grader.model.submission import Module, Submission
from grader.sandbox import mounts
from tests.submissions.corpus import Cell, notebook
from tests.support.honest import ALL_SQUARES, IMPORTS, NOTEBOOKS, OF_WEIGHTS, REST, cost

OLDER = "Your code needs an older NumPy for {}. The grader supplied the old behaviour, so you lost no points."
IN_TURN = "Threads and processes cannot be started here. Their work was done in turn, so you lost no points."
NOTES = {
    "np.sum of a generator": OLDER.format(
        "np.sum() of a generator (write sum() or np.sum() of a list)"
    ),
    "float of a matrix with one element": OLDER.format(
        "float() of an array with one element (write .item())"
    ),
    "math.sqrt of an array with one element": OLDER.format(
        "float() of an array with one element (write .item())"
    ),
    "percent format of an array": OLDER.format(
        "text formatted with an array of one element (write .item())"
    ),
    "np.array without a copy": OLDER.format("np.array(..., copy=False) (write np.asarray())"),
    "an element set from an array": OLDER.format("an element set from an array (write .item())"),
    "a method that arrays no longer have": OLDER.format(
        "a method such as array.ptp() (write np.ptp(array))"
    ),
    "a pool of processes": IN_TURN,
    "a progress bar": "tqdm is not installed here. The loops ran without a progress bar.",
    "a decorator of a missing package": (
        "The decorator njit comes from a package that is not installed here. The function was "
        "graded without it."
    ),
}
"""The note that each of these notebooks gets."""


def graded(cells: list[str], assignment: Assignment, tier: Tier) -> Result:
    data = notebook([Cell(source) for source in cells])
    return grading.grade(Submission("ada", data), assignment, Settings(assignment.seed, tier))


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_right_functions_earn_full_marks(
    name: str, regularization: Assignment, any_tier: Tier
) -> None:
    result = graded(NOTEBOOKS[name], regularization, any_tier)

    assert [(f.name, f.status, f.diagnoses) for f in result.functions if f.status != "passed"] == []
    assert result.score == 100
    if name in NOTES:
        assert NOTES[name] in result.notes


@pytest.mark.parametrize("name", ["os.makedirs", "pathlib", "a JSON file across cells"])
def test_without_a_folder_files_stay_in_memory(
    name: str, regularization: Assignment, light: None
) -> None:
    result = graded(NOTEBOOKS[name], regularization, Tier.LIGHT)

    assert result.score == 100
    assert any(note.endswith("was kept in memory only.") for note in result.notes)


@pytest.mark.parametrize("name", ["a pool of threads", "threads that fill a list"])
def test_without_threads_their_work_is_done_in_turn(
    name: str, regularization: Assignment, light: None
) -> None:
    result = graded(NOTEBOOKS[name], regularization, Tier.LIGHT)

    assert (result.score, result.notes) == (100, (IN_TURN,))


def test_a_wrong_function_stays_wrong_with_all_statements(
    regularization: Assignment, any_tier: Tier
) -> None:
    squares = "sum(np.sum(tools['square'](w)) for w in (W1, W2))"
    set_up = "tools = {}\ndef add():\n    tools['square'] = np.square\nadd()"
    cells = [IMPORTS, set_up, cost(OF_WEIGHTS, squares=squares), REST]

    result = graded(cells, regularization, any_tier)

    assert result.score == 75
    assert [d.id for d in result.functions[0].diagnoses] == ["l2-layer-missing"]


def test_a_long_statement_costs_only_itself(regularization: Assignment, any_tier: Tier) -> None:
    """As a training does that nothing shows to be one."""
    endless = "def wait():\n    global slow\n    while True: pass\nwait()"
    cells = [IMPORTS, endless, *NOTEBOOKS["a helper fills a dictionary"][1:]]

    assert graded(cells, regularization, any_tier).score == 100


def test_whole_run_needs_no_package_that_nothing_uses(
    regularization: Assignment, any_tier: Tier, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As where scikit-learn is not installed; only the cell that uses it fails."""
    entries = mounts.site_entries
    monkeypatch.setattr(
        mounts, "site_entries", lambda names: [p for p in entries(names) if p.name != "sklearn"]
    )
    sandbox.close_fork_servers()
    imports = "import sklearn.datasets\nfrom sklearn import linear_model\nfrom testcases import *\n"
    cells = [
        imports + IMPORTS,
        cost(OF_WEIGHTS, squares=ALL_SQUARES),
        "compute_cost_with_regularization_test_case()",
        REST,
        "linear_model.LogisticRegression()",
    ]
    data = notebook([Cell(source) for source in cells])

    settings = Settings(regularization.seed, any_tier, run_all=True)
    result = grading.grade(Submission("ada", data), regularization, settings)
    sandbox.close_fork_servers()

    assert result.score == 100
    assert result.run is not None
    assert [cell.number for cell in result.run.cells] == [5]
    assert result.notes == (
        "sklearn is not installed here. No graded function needs it.",
        "The module testcases was not found. The assignment's helper functions were used instead.",
    )


@pytest.mark.parametrize("run_all", [False, True])
def test_modules_beside_the_notebook_are_imported(
    regularization: Assignment, any_tier: Tier, *, run_all: bool
) -> None:
    """A module of the student's takes the place of no other: neither a package nor a helper."""
    inner = "import numpy\nsquare = numpy.square\n"
    outer = "import inner\ndef squares(*ws):\n    return sum(inner.square(w).sum() for w in ws)\n"
    modules = {"inner": inner, "outer": outer, "scipy": "1/0", "reg_utils": "1/0", "broken": "1/0"}
    cells = [
        IMPORTS + "\nimport scipy\nfrom outer import *\nfrom broken import relu",
        cost(OF_WEIGHTS, squares="squares(W1, W2, W3)"),
        REST,
    ]
    data = notebook([Cell(source) for source in cells])
    beside = tuple(Module(name, text.encode()) for name, text in modules.items())

    result = grading.grade(
        Submission("ada", data, modules=beside),
        regularization,
        Settings(regularization.seed, any_tier, run_all=run_all),
    )

    assert [f.status for f in result.functions] == ["passed"] * 4
    if not run_all:
        assert result.notes[:2] == tuple(
            f"The module {name}.py was read from beside the notebook."
            for name in ("inner", "outer")
        )
