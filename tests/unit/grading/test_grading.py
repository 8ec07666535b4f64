"""One submission through all stages: what is the student's doing, and what is ours."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grader import grading
from grader.assignments import oracle
from grader.assignments.oracle import Expectations
from grader.errors import AssignmentError, BoxError
from grader.grading import Settings
from grader.judging.compare import scalar
from grader.model import (
    Assignment,
    AssignmentFiles,
    Check,
    Ending,
    Function,
    Limits,
    Notebook,
    Observation,
    Raised,
    Returned,
    Submission,
    TestCase,
    Tier,
)
from grader.model.failure import Failure
from grader.model.result import (
    CheckResult,
    CheckStatus,
    Diagnosis,
    Finding,
    FunctionResult,
    FunctionStatus,
    Result,
    Source,
    Status,
)
from grader.notebook import NotANotebook, read, slicing
from grader.notebook.slicing import Slice
from grader.views.tables import from_json, to_json
from tests.submissions.corpus import Cell, notebook
from tests.support.result_contract import (
    assert_as_promised,
)

# ------------------------------------------------------------------ a small assignment, no box


def function(name: str) -> Function:
    checks = (Check("example", 5, "fixed", ("y",)), Check("others", 20, "random", ("y",)))
    return Function(name, ("x",), scalar("y"), checks)


def case(name: str, number: int, *, public: bool = False) -> TestCase:
    return TestCase(f"case {number}", name, (number,), f"x = {number}", public=public)


NAMES = ("double", "triple")
CASES = {name: (case(name, 1, public=True), case(name, 2)) for name in NAMES}
TOY = Assignment(
    name="toy",
    title="A toy",
    functions=tuple(map(function, NAMES)),
    cases=lambda seed, reference: [one for cases in CASES.values() for one in cases],
    helpers=(),
    packages=(),
    seed=7,
    files=AssignmentFiles(Path("toy.py"), Path("toy.py"), Path("toy.ipynb"), ()),
)
SETTINGS = Settings(seed=7)
DOUBLE = "def double(x):\n    return 2 * x\n"
TRIPLE = "def triple(x):\n    return 3 * x\n"
EMPTY = "def double(x):\n    ### START CODE HERE ###\n    y = None\n    ### END CODE HERE ###\n    return y\n"
RIGHT = {"double": (2.0, 4.0), "triple": (3.0, 6.0)}


def seen(*outcomes: Any, **more: Any) -> Observation:
    """Return an observation; what is no exception was returned."""
    told = (o if isinstance(o, Raised | Returned) else Returned(o) for o in outcomes)
    return Observation(tuple(told), **more)


class Box:
    """Stands in for the oracle and the box: says what each function that is asked did."""

    def __init__(self) -> None:
        self.answers: dict[str, Observation] = {name: seen(*RIGHT[name]) for name in NAMES}
        self.template: dict[str, Observation] = {}
        self.asked: list[str] = []
        self.limits: Limits | None = None

    def consult(self, _: Assignment, seed: int, *, tier: Tier) -> Expectations:
        reference = {name: seen(*RIGHT[name]) for name in NAMES}
        reads = dict.fromkeys(NAMES, frozenset[int]())
        return Expectations(CASES, reference, self.template, reads)

    def slices_of(self, asked: Assignment, read: Notebook) -> tuple[Slice, ...]:
        return slicing.slices(read, [(f.name, f.parameters) for f in asked.functions])

    def observe_slices(
        self,
        _: Assignment,
        slices: Sequence[Slice],
        cases: Mapping[str, Sequence[TestCase]],
        limits: Limits,
        *,
        tier: Tier,
    ) -> dict[str, Observation]:
        self.asked = [piece.function for piece in slices if piece.is_defined]
        self.limits = limits
        return {name: self.answers[name] for name in self.asked}


@pytest.fixture
def box(monkeypatch: pytest.MonkeyPatch) -> Box:
    box = Box()
    for name in ("consult", "slices_of", "observe_slices"):
        monkeypatch.setattr(oracle, name, getattr(box, name))
    return box


def handed_in(*sources: str) -> Submission:
    return Submission("alice", notebook([Cell(source) for source in sources]))


def grade(*sources: str, settings: Settings = SETTINGS) -> Result:
    return grading.grade(handed_in(*sources), TOY, settings)


def test_a_right_submission_earns_every_point(box: Box) -> None:
    submission = handed_in(DOUBLE, TRIPLE)

    result = grading.grade(submission, TOY, SETTINGS)

    assert (result.status, result.score, result.max_score) == (Status.GRADED, 50, 50)
    assert [f.status for f in result.functions] == [FunctionStatus.PASSED] * 2
    assert [(f.cell, f.line) for f in result.functions] == [(1, 1), (2, 1)]
    assert all(f.diagnoses == () for f in result.functions)
    assert (result.assignment, result.title, result.submission) == ("toy", "A toy", "alice")
    assert (result.seed, result.sandbox, result.sha256) == (7, "full", submission.sha256)
    assert result.message == ""
    assert 0 <= result.duration_s < 60


def test_functions_are_told_in_the_order_of_the_assignment(box: Box) -> None:
    result = grade(TRIPLE, DOUBLE)

    assert [f.name for f in result.functions] == ["double", "triple"]


def test_the_score_is_what_the_checks_earned(box: Box) -> None:
    box.answers["double"] = seen(2.0, 5.0)

    result = grade(DOUBLE, TRIPLE)

    first, _ = result.functions
    assert (first.status, first.score, first.max_score) == (FunctionStatus.PARTIAL, 5, 25)
    assert [(check.score, check.max_score) for check in first.checks] == [(5, 5), (0, 20)]
    assert [diagnosis.id for diagnosis in first.diagnoses] == ["hard-coded-answer"]
    assert result.score == 30


@pytest.mark.parametrize(
    ("answer", "status", "score"),
    [
        (seen(2.0, ending=Ending.TIMEOUT), FunctionStatus.PARTIAL, 5),
        (seen(ending=Ending.TIMEOUT), FunctionStatus.TIMEOUT, 0),
        (seen(ending=Ending.CRASHED), FunctionStatus.ERROR, 0),
        (seen(ending=Ending.BROKEN_WIRE), FunctionStatus.ERROR, 0),
        (seen(Raised("E", ""), Raised("E", "")), FunctionStatus.ERROR, 0),
        (seen(None, None), FunctionStatus.FAILED, 0),
        (seen(1.0, 1.0), FunctionStatus.FAILED, 0),
        (seen(2.0, 4.0, ending=Ending.TIMEOUT), FunctionStatus.PASSED, 25),
    ],
)
def test_what_one_function_does_costs_the_other_nothing(
    box: Box, answer: Observation, status: FunctionStatus, score: float
) -> None:
    box.answers["double"] = answer

    result = grade(DOUBLE, TRIPLE)

    assert [f.status for f in result.functions] == [status, FunctionStatus.PASSED]
    assert (result.status, result.score) == (Status.GRADED, score + 25)


# ------------------------------------------------------------------ functions that are not run


@pytest.mark.parametrize(
    ("cell", "status", "id"),
    [
        ("x = 1\n", FunctionStatus.MISSING, "missing-function"),
        ("def double(x)\n    return x\n", FunctionStatus.ERROR, "syntax-error"),
        ("def double(x):\n", FunctionStatus.NOT_ATTEMPTED, "not-attempted"),
    ],
)
def test_a_function_that_is_not_there_is_not_asked(
    box: Box, cell: str, status: FunctionStatus, id: str
) -> None:
    result = grade(cell, TRIPLE)

    first = result.functions[0]
    assert box.asked == ["triple"]
    assert (first.status, first.score, [d.id for d in first.diagnoses]) == (status, 0, [id])
    assert [(c.name, c.status, c.message, c.score, c.max_score) for c in first.checks] == [
        ("example", CheckStatus.SKIPPED, "Not run.", 0, 5),
        ("others", CheckStatus.SKIPPED, "Not run.", 0, 20),
    ]
    assert (result.status, result.score) == (Status.GRADED, 25)


def test_a_notebook_without_any_graded_function_is_graded_with_nothing(box: Box) -> None:
    result = grade("x = 1\n")

    assert (result.status, result.score) == (Status.GRADED, 0)
    assert {f.status for f in result.functions} == {FunctionStatus.MISSING}


@pytest.mark.parametrize(
    ("did", "template"),
    [
        (seen(Raised("TypeError", "a"), Raised("TypeError", "b")), seen(1.0, 1.0)),
        (seen(None, None), seen(None, None)),
        (seen(1.5, 2.5), seen(1.5, 2.5)),
    ],
)
def test_a_function_that_looks_and_behaves_unwritten_is_not_attempted(
    box: Box, did: Observation, template: Observation
) -> None:
    box.answers["double"], box.template["double"] = did, template

    first = grade(EMPTY, TRIPLE).functions[0]

    assert (first.status, first.score) == (FunctionStatus.NOT_ATTEMPTED, 0)
    assert [diagnosis.id for diagnosis in first.diagnoses] == ["not-attempted"]


@pytest.mark.parametrize(
    ("did", "status"),
    [
        (seen(2.0, 4.0), FunctionStatus.PASSED),
        (seen(2.0, 5.0), FunctionStatus.PARTIAL),
        (seen(3.0, 5.0), FunctionStatus.FAILED),
        (seen(3.0, Raised("E", "")), FunctionStatus.FAILED),
        (seen(ending=Ending.TIMEOUT), FunctionStatus.TIMEOUT),
        (seen(ending=Ending.CRASHED), FunctionStatus.ERROR),
    ],
)
def test_a_function_that_only_looks_unwritten_is_judged_by_what_it_does(
    box: Box, did: Observation, status: FunctionStatus
) -> None:
    box.answers["double"], box.template["double"] = did, seen(None, None)

    assert grade(EMPTY, TRIPLE).functions[0].status is status


def test_a_function_that_reads_what_the_template_leaves_alone_was_attempted(box: Box) -> None:
    worked_on = f"{EMPTY[: EMPTY.index('    return')]}    z = x\n    return y\n"
    box.answers["double"] = box.template["double"] = seen(None, None)

    assert grade(EMPTY, TRIPLE).functions[0].status is FunctionStatus.NOT_ATTEMPTED
    assert grade(worked_on, TRIPLE).functions[0].status is FunctionStatus.FAILED


def test_a_written_function_that_behaves_like_the_template_was_attempted(box: Box) -> None:
    box.answers["double"] = box.template["double"] = seen(None, None)

    assert grade(DOUBLE, TRIPLE).functions[0].status is FunctionStatus.FAILED


# ------------------------------------------------------------------ what is told


def test_every_mistake_is_named_once_and_by_the_words_that_came_first(box: Box) -> None:
    error = Raised("NameError", "name 'xx' is not defined", 1, 2, "xx")
    box.answers["double"] = seen(error, None, notes=(("removed-numpy-name", "int"),))

    first = grade(DOUBLE, TRIPLE).functions[0]

    assert [d.id for d in first.diagnoses] == [
        "name-error",
        "removed-numpy-name",
        "returns-nothing",
    ]
    assert first.diagnoses[0].message.startswith(
        "The name `xx` is not defined in line 2 of code cell 1."
    )


def test_what_reading_and_the_box_had_to_do_is_noted_once(box: Box) -> None:
    notes = (("removed-numpy-name", "int"), ("helper-module-renamed", "utils"))
    box.answers = {name: dataclasses.replace(box.answers[name], notes=notes) for name in NAMES}
    repaired = handed_in(DOUBLE, TRIPLE).data.replace(b"\n ],\n", b",\n ],\n", 1)

    result = grading.grade(Submission("alice", repaired), TOY, SETTINGS)

    assert result.notes[0].startswith("The file was not valid JSON")
    assert result.notes[1:] == (
        "NumPy has removed np.int. The grader supplied a replacement.",
        "The module utils was not found. The assignment's helper functions were used instead.",
    )
    assert result.score == 50


# ------------------------------------------------------------------ no notebook


def assert_nothing_graded(result: Result, status: Status, message: str) -> None:
    assert (result.status, result.message) == (status, message)
    assert [f.name for f in result.functions] == list(NAMES)
    assert [f.max_score for f in result.functions] == [25, 25]
    assert (result.max_score, result.title, result.seed) == (50, "A toy", 7)


def test_a_file_that_is_no_notebook_is_invalid_and_worth_nothing(box: Box) -> None:
    with pytest.raises(NotANotebook) as refused:
        read(b"%PDF-1.4")

    result = grading.grade(Submission("alice", b"%PDF-1.4"), TOY, SETTINGS)

    assert_nothing_graded(result, Status.INVALID, str(refused.value))
    assert result.score == 0
    assert {(f.status, f.score) for f in result.functions} == {(FunctionStatus.MISSING, 0)}
    assert box.limits is None


def test_a_file_that_could_not_be_fetched_is_invalid_for_the_reason_given(box: Box) -> None:
    submission = Submission("alice", handed_in(DOUBLE).data, "It is\x1b[31m encrypted.")

    result = grading.grade(submission, TOY, SETTINGS)

    assert_nothing_graded(result, Status.INVALID, "It is [31m encrypted.")
    assert result.score == 0


# ------------------------------------------------------------------ failures of ours


def test_a_file_that_our_machine_could_not_read_has_no_score_which_is_not_zero(box: Box) -> None:
    failure = Failure("Unreadable")
    submission = Submission("alice", b"", "alice.ipynb could not be read: I/O.", failure)

    result = grading.grade(submission, TOY, SETTINGS)

    assert_nothing_graded(result, Status.INTERNAL, "alice.ipynb could not be read: I/O.")
    assert result.score is None


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (BoxError("A box could not be started."), "A box could not be started."),
        (AssignmentError("The reference does not hold."), "The reference does not hold."),
        (RuntimeError("of ours"), "RuntimeError: of ours"),
        (RecursionError("deep"), "RecursionError: deep"),
        (MemoryError(), "MemoryError:"),
        (OSError(24, "Too many open files"), "OSError: [Errno 24] Too many open files"),
        (ValueError("\x1b[31m\n<b>"), "ValueError: [31m <b>"),
    ],
)
@pytest.mark.parametrize("stage", ["consult", "slices_of", "observe_slices"])
def test_a_failure_of_ours_is_told_as_ours_and_costs_nobody_a_point(
    monkeypatch: pytest.MonkeyPatch, box: Box, stage: str, error: Exception, message: str
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(oracle, stage, fail)

    result = grade(DOUBLE, TRIPLE)

    assert_nothing_graded(result, Status.INTERNAL, message)
    assert result.score is None
    assert {(f.status, f.score) for f in result.functions} == {(FunctionStatus.ERROR, None)}


def test_an_interrupt_is_no_result(monkeypatch: pytest.MonkeyPatch, box: Box) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(oracle, "observe_slices", interrupted)

    with pytest.raises(KeyboardInterrupt):
        grade(DOUBLE)


# ------------------------------------------------------------------ time


def test_without_a_timeout_the_limits_are_the_assignments(box: Box) -> None:
    grade(DOUBLE)

    assert box.limits == TOY.limits


@pytest.mark.parametrize(
    ("timeout", "share"), [(4.0, 2.0), (0.5, 0.25), (20.0, 10.0), (90.0, 10.0)]
)
def test_a_timeout_is_shared_out_and_a_function_never_gets_more_than_its_own(
    box: Box, timeout: float, share: float
) -> None:
    grade(DOUBLE, settings=Settings(seed=7, timeout=timeout))

    assert box.limits == dataclasses.replace(
        TOY.limits, submission_seconds=timeout, function_seconds=share
    )


def test_a_timeout_for_an_assignment_without_functions_is_nobodys() -> None:
    nothing = dataclasses.replace(TOY, functions=())

    assert Settings(seed=1, timeout=4.0).limits(nothing).function_seconds == 4.0


def test_a_submission_that_ended_before_any_function_was_asked_has_timed_out(box: Box) -> None:
    late = seen(ending=Ending.TIMEOUT, detail="the time was used up")
    box.answers = dict.fromkeys(NAMES, late)

    result = grade(DOUBLE, TRIPLE)

    assert (result.status, result.score) == (Status.TIMEOUT, 0)
    assert [f.status for f in result.functions] == [FunctionStatus.TIMEOUT] * 2
    assert result.functions[0].checks[0].message == "The call took too long: the time was used up."


@pytest.mark.parametrize(
    "first",
    [
        seen(2.0, 4.0),
        dataclasses.replace(seen(ending=Ending.TIMEOUT), started=True),
        dataclasses.replace(seen(ending=Ending.CRASHED), started=True),
    ],
)
def test_a_submission_of_which_one_function_was_asked_is_graded(
    box: Box, first: Observation
) -> None:
    box.answers["double"] = first
    box.answers["triple"] = seen(ending=Ending.TIMEOUT)

    assert grade(DOUBLE, TRIPLE).status is Status.GRADED


@pytest.mark.parametrize(
    ("ending", "status"), [(Ending.TIMEOUT, Status.TIMEOUT), (Ending.CRASHED, Status.CRASHED)]
)
def test_a_submission_whose_code_ends_before_any_function_can_be_asked_says_so(
    box: Box, ending: Ending, status: Status
) -> None:
    box.answers = dict.fromkeys(NAMES, seen(ending=ending))

    result = grade(DOUBLE, TRIPLE)

    assert result.status is status
    assert result.message.startswith("No function could be tested: the code that they need ")


# ------------------------------------------------------------------ the result as JSON

UNHURRIED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
"""A busy machine is no mistake of the code."""

TEXTS = st.text(max_size=12)
POINTS = st.floats(min_value=0, max_value=100)
GAPS = st.none() | st.floats(min_value=0, max_value=1e250)
FINDINGS = st.builds(Finding, max_abs=GAPS, max_rel=GAPS, **dict.fromkeys(["got", "index"], TEXTS))
CHECKS = st.builds(CheckResult, findings=st.lists(FINDINGS, max_size=2).map(tuple), score=POINTS)
FUNCTION_RESULTS = st.builds(
    FunctionResult,
    score=st.none() | POINTS,
    max_score=POINTS,
    checks=st.lists(CHECKS, max_size=2).map(tuple),
    diagnoses=st.lists(st.builds(Diagnosis), max_size=2).map(tuple),
    cell=st.none() | st.integers(1, 99),
)
RESULTS = st.builds(
    Result,
    score=st.none() | POINTS,
    max_score=POINTS,
    functions=st.lists(FUNCTION_RESULTS, max_size=2).map(tuple),
    duration_s=POINTS,
    notes=st.lists(TEXTS, max_size=2).map(tuple),
)


@UNHURRIED
@given(RESULTS)
def test_a_result_comes_back_from_json_as_it_was(result: Result) -> None:
    assert from_json(to_json(result)) == result


@UNHURRIED
@given(RESULTS)
def test_keys_that_a_later_version_added_are_left_out(result: Result) -> None:
    plain = json.loads(to_json(result))
    plain["later"] = 1
    for item in plain["functions"]:
        item["later"] = 1
        for part in (*item["checks"], *item["diagnoses"]):
            part["later"] = [1]

    assert from_json(json.dumps(plain)) == result


@pytest.mark.parametrize(
    "number", [float("nan"), float("inf"), float("-inf"), 1e300, -1e300, 5e-324]
)
def test_the_json_is_strict_whatever_a_student_returns(box: Box, number: float) -> None:
    box.answers = dict.fromkeys(NAMES, seen(number, number))

    result = grade(DOUBLE, TRIPLE)

    assert result.status is Status.GRADED
    assert from_json(to_json(result)) == result


def test_every_kind_of_result_has_the_keys_of_the_contract(
    monkeypatch: pytest.MonkeyPatch, box: Box
) -> None:
    box.answers["double"] = seen(2.0, Raised("NameError", "no"))
    graded = assert_as_promised(grade(DOUBLE, "x = 1\n"))
    invalid = assert_as_promised(grading.grade(Submission("bob", b""), TOY, SETTINGS))
    monkeypatch.setattr(oracle, "consult", lambda *_, **__: 1 / 0)
    internal = assert_as_promised(grade(DOUBLE))

    assert [graded["status"], invalid["status"], internal["status"]] == [
        *("graded", "invalid", "internal"),
    ]
    assert (graded["score"], invalid["score"], internal["score"]) == (5, 0, None)
    assert (graded["submission"], graded["max_score"]) == ("alice", 50)
    assert [item["name"] for item in internal["functions"]] == list(NAMES)


# ------------------------------------------------------------------ the student's own lines


def test_a_function_that_is_right_is_told_without_its_lines(box: Box) -> None:
    box.answers["triple"] = seen(1.0, 1.0)
    right, wrong = grade(DOUBLE, TRIPLE).functions

    assert right.source is None
    assert wrong.source == Source(
        1, ("def triple(x):", "    return 3 * x"), (None,) * len(wrong.diagnoses)
    )


def test_the_line_that_stops_a_function_is_marked(box: Box) -> None:
    box.answers["double"] = seen(2.0, Raised("ValueError", "no", cell=2, line=3))
    elsewhere = seen(3.0, Raised("ValueError", "no", cell=1, line=1))
    box.answers["triple"] = elsewhere
    double, triple = grade("import math\n", f"\n{DOUBLE}", TRIPLE).functions

    assert double.source == Source(2, ("def double(x):", "    return 2 * x"), (3,))
    assert triple.source is not None
    assert triple.source.marked == (None,)


def test_a_formula_is_told_of_what_is_not_right_only(box: Box) -> None:
    formulas = [dataclasses.replace(f, formula=f"<math>{f.name}</math>") for f in TOY.functions]
    course = dataclasses.replace(TOY, functions=tuple(formulas))
    box.answers["triple"] = seen(1.0, 1.0)

    wrong = grading.grade(handed_in(DOUBLE, TRIPLE), course, SETTINGS)
    missing = grading.grade(handed_in(TRIPLE), course, SETTINGS)

    assert [f.formula for f in wrong.functions] == ["", "<math>triple</math>"]
    assert missing.functions[0].formula == "<math>double</math>"


@pytest.mark.parametrize("source", ["x = 1\n", EMPTY])
def test_what_is_not_written_has_no_lines_to_show(box: Box, source: str) -> None:
    assert grade(source, TRIPLE).functions[0].source is None


def test_a_result_without_the_keys_that_were_added_later_can_be_read(box: Box) -> None:
    box.answers["double"] = seen(2.0, 5.0)
    told = grade(DOUBLE, TRIPLE)
    plain = json.loads(to_json(told))
    for function in plain["functions"]:
        del function["source"], function["formula"]
        for check in function["checks"]:
            for finding in check["findings"]:
                del finding["grid"]

    double = dataclasses.replace(told.functions[0], source=None)
    assert from_json(json.dumps(plain)) == dataclasses.replace(
        told, functions=(double, told.functions[1])
    )
