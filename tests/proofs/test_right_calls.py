"""A function is not marked wrong for a mistake in a function that it calls, and earns nothing by it."""

from __future__ import annotations

import dataclasses

import pytest

from grader import assignments, grading
from grader.assignments import notebooks
from grader.errors import AssignmentError
from grader.grading import Settings
from grader.model import Tier
from grader.model.result import Result
from grader.model.submission import Submission
from grader.views.tables import to_json
from tests.submissions.corpus import Cell, notebook
from tests.submissions.siblings import solved

ASSIGNMENT = "gradient_checking"
FORWARD, BACKWARD, ONE, MANY = (
    *("forward_propagation", "backward_propagation"),
    *("gradient_check", "gradient_check_n"),
)
FIXED_SIZES = """
def vector_to_dictionary(theta):
    shapes = {"W1": (5, 4), "b1": (5, 1), "W2": (3, 5), "b2": (3, 1), "W3": (1, 3), "b3": (1, 1)}
    parameters, begin = {}, 0
    for name, shape in shapes.items():
        parameters[name] = theta[begin : begin + shape[0] * shape[1]].reshape(shape)
        begin += shape[0] * shape[1]
    return parameters
"""


def grade(*changes: tuple[str, str], more: str = "", tier: Tier) -> Result:
    """Return the result of the solved notebook with texts replaced, and with a further cell."""
    cells = []
    for cell in solved(ASSIGNMENT):
        source = cell.source
        for old, new in changes:
            source = source.replace(old, new)
        cells.append(Cell(source, is_code=cell.is_code))
    assignment = assignments.load(ASSIGNMENT)
    settings = Settings(seed=assignment.seed, tier=tier)
    data = notebook([*cells, Cell(more)] if more else cells)
    return grading.grade(Submission("ada", data), assignment, settings)


def scores(result: Result) -> dict[str, float | None]:
    """Return the points of the functions without all their points."""
    return {f.name: f.score for f in result.functions if f.score != f.max_score}


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        (f"def {FORWARD}(x, theta):\n    return theta + x\n", {FORWARD: 0}),
        (f"def {FORWARD}(x, theta):\n    return None\n", {FORWARD: 0}),
        (f"def {BACKWARD}(x, theta):\n    return theta\n", {BACKWARD: 0}),
        (f"del {FORWARD}, {BACKWARD}\n", {FORWARD: 0, BACKWARD: 0}),
        (FIXED_SIZES, {}),
        ("def forward_propagation_n(X, Y, parameters):\n    return 0.0, ()\n", {}),
    ],
)
def test_wrong_function_costs_its_own_points(
    more: str, expected: dict[str, float], any_tier: Tier
) -> None:
    result = grade(more=more, tier=any_tier)

    assert (result.failures, scores(result)) == ([], expected)
    assert [d for f in result.functions if f.score == f.max_score for d in f.diagnoses] == []


def test_check_names_the_replaced_functions(any_tier: Tier) -> None:
    result = grade(more=f"def {FORWARD}(x, theta):\n    return theta + x\n", tier=any_tier)

    check = next(f for f in result.functions if f.name == ONE).checks[1]
    assert check.message == (
        "Passes 9 tests. For this check a right version of forward_propagation, "
        "backward_propagation was used in place of yours."
    )


@pytest.mark.parametrize(
    ("name", "body"),
    [
        (ONE, "return forward_propagation(x, theta) - backward_propagation(x, theta) * theta"),
        (ONE, "return 1e-10"),
        (ONE, "return forward_propagation"),
        (ONE, "raise ValueError(forward_propagation.__code__.co_consts)"),
        (ONE, "import sys\n    raise ValueError(sys._getframe(2).f_globals)"),
        (MANY, "return 0.2850931567761623 if forward_propagation_n else 0"),
        (MANY, "return forward_propagation_n(X, Y, parameters)[0]"),
    ],
)
def test_right_calls_earn_nothing_for_a_wrong_function(
    name: str, body: str, any_tier: Tier
) -> None:
    """Nor does their code get into the result: only checks that pass are taken from that run."""
    parameters = "x, theta, epsilon" if name == ONE else "parameters, gradients, X, Y, epsilon"
    wrong = f"def {FORWARD}(x, theta):\n    return theta + x\n"

    own = f"def {name}({parameters}=1e-7):\n    {body}\n"

    result, alone = (grade(more=more, tier=any_tier) for more in (wrong + own, own))

    assert scores(result)[name] == scores(alone)[name]
    assert (scores(alone)[name] or 0) <= (6 if name == ONE else 10)  # the published example
    assert "theta * x" not in to_json(result)
    assert "supplied" not in to_json(result)


def test_names_that_nobody_defines_are_refused() -> None:
    assignment = assignments.load(ASSIGNMENT)

    with pytest.raises(AssignmentError, match="Neither the template nor a helper module"):
        notebooks.sources_of(dataclasses.replace(assignment), ("unknown",))
