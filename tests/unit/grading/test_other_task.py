"""Functions of another task, which share their names with the graded ones, are missing."""

from __future__ import annotations

import pytest

from grader.grading import other_task
from grader.grading.results import unjudged
from grader.judging.compare import scalar
from grader.model import Assignment, AssignmentFiles, Check, Function
from grader.model.diagnoses import RAISES_ERROR, WRONG_ARGUMENTS, diagnosis
from grader.model.findings import FunctionStatus
from grader.model.result import FunctionResult
from grader.notebook.slicing import Slice
from tests.unit.grading.test_grading import TOY

REFUSED = diagnosis(WRONG_ARGUMENTS, name="f", line="", parameters="x")
STOPPED = diagnosis(RAISES_ERROR, line="", error="E")
PARAMETERS = {"double": ("x", "factor"), "triple": ("x", "y", "z")}
CHECK = Check("all", 5, "random", ("y",))
FUNCTIONS = {name: Function(name, own, scalar("y"), (CHECK,)) for name, own in PARAMETERS.items()}
ASSIGNMENT = Assignment(
    **{field: getattr(TOY, field) for field in ("name", "title", "cases", "packages", "seed")},
    functions=tuple(FUNCTIONS.values()),
    helpers=(),
    files=AssignmentFiles(TOY.files.reference, TOY.files.testcases, TOY.files.template, ()),
)

Given = tuple[tuple[str, ...], FunctionStatus, bool]
"""The parameters of a definition, its status, and whether it refused its calls."""


def statuses(**given: Given | None) -> list[FunctionStatus]:
    """Return the statuses of both functions; None is a function that is not defined."""
    slices, results = [], dict[str, FunctionResult]()
    for name, function in FUNCTIONS.items():
        own, status, refused = given[name] or ((), FunctionStatus.MISSING, False)
        slice_ = Slice(name, cell=1, line=1, is_defined=bool(given[name]), parameters=own)
        slices.append(slice_)
        results[name] = unjudged(function, slice_, status, REFUSED if refused else STOPPED)
    graded = other_task.as_missing(ASSIGNMENT, slices, results)
    return [graded[name].status for name in FUNCTIONS]


MISSING, ERROR, FAILED = FunctionStatus.MISSING, FunctionStatus.ERROR, FunctionStatus.FAILED
PASSED, BLANK = FunctionStatus.PASSED, FunctionStatus.NOT_ATTEMPTED


@pytest.mark.parametrize(
    ("double", "triple"),
    [
        ((("X", "parameters"), ERROR, False), None),
        ((("X", "parameters"), FAILED, False), (("A", "Y", "z"), ERROR, True)),
        ((("factor",), ERROR, True), (("x", "y"), ERROR, True)),
    ],
)
def test_all_functions_are_of_another_task(double: Given, triple: Given | None) -> None:
    assert statuses(double=double, triple=triple) == [MISSING, MISSING]


@pytest.mark.parametrize(
    ("double", "triple"),
    [
        ((("factor",), ERROR, True), None),
        ((("X", "parameters"), PASSED, False), None),
        ((("X", "parameters"), ERROR, False), (("x", "y", "z"), BLANK, False)),
        ((("X", "parameters"), ERROR, False), (("x", "y", "z"), ERROR, False)),
        ((("factor",), ERROR, True), (("x", "y", "z"), FAILED, False)),
        (((), ERROR, False), None),
    ],
)
def test_function_of_this_assignment_keeps_the_others(double: Given, triple: Given | None) -> None:
    """So does one right function, and one function alone that only has too few parameters."""
    expected = [double[1], triple[1] if triple else MISSING]

    assert statuses(double=double, triple=triple) == expected


def test_advice_for_another_task() -> None:
    slice_ = Slice("double", cell=1, line=1, is_defined=True, parameters=("X", "w"))
    blank = unjudged(FUNCTIONS["double"], slice_, ERROR, STOPPED)
    absent = unjudged(FUNCTIONS["triple"], Slice("triple"), MISSING, STOPPED)

    graded = {"double": blank, "triple": absent}
    result = other_task.as_missing(ASSIGNMENT, [slice_, Slice("triple")], graded)["double"]

    (advice,) = result.diagnoses
    assert (result.cell, advice.what, advice.why) == (
        1,
        "Your notebook defines double with the parameters X, w, for another task.",
        "In this assignment the parameters of double are x, factor.",
    )
    assert advice.next == (
        "Submit the notebook of this assignment. If this is the notebook, start the definition with "
        "`def double(x, factor):`."
    )
