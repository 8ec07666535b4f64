"""One submission through all stages: failures of the student, and of the grader."""

from __future__ import annotations

import contextlib
import dataclasses
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grader import grading, sandbox
from grader.assignments import notebooks, oracle
from grader.assignments.oracle import Expectations, KnownCode
from grader.diagnosis.repair import Problem
from grader.errors import AssignmentError, BoxError
from grader.grading import Settings, repairs
from grader.grading.settings import FUNCTION_SECONDS, SEARCH_SECONDS
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
    TestCase,
    Tier,
)
from grader.model.failure import Failure
from grader.model.findings import CheckResult, CheckStatus, Diagnosis, Finding, FunctionStatus
from grader.model.result import FunctionResult, FunctionSource, Result, Status
from grader.model.submission import Program, Submission
from grader.notebook import NotANotebook, read, slicing, syntax_edits
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
    cases=lambda seed, reference: [case for cases in CASES.values() for case in cases],
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


def observed(*outcomes: Any, **more: Any) -> Observation:
    """Return an observation; every value that is not an exception is a return value."""
    values = (o if isinstance(o, Raised | Returned) else Returned(o) for o in outcomes)
    return Observation(tuple(values), **more)


class Box:
    """Replaces the oracle and the sandbox: returns the observation of each function."""

    def __init__(self) -> None:
        self.answers: dict[str, Observation] = {name: observed(*RIGHT[name]) for name in NAMES}
        self.template: dict[str, Observation] = {}
        self.functions_run: list[str] = []
        self.limits: Limits | None = None

    def consult(self, _: Assignment, seed: int, *, tier: Tier) -> Expectations:
        reference = {name: observed(*RIGHT[name]) for name in NAMES}
        reads = dict.fromkeys(NAMES, frozenset[int]())
        return Expectations(CASES, reference, self.template, reads, KnownCode({}, {}))

    def slices_of(
        self, assignment: Assignment, read: Notebook, _: object = None
    ) -> tuple[Slice, ...]:
        return slicing.slices(read, [(f.name, f.parameters) for f in assignment.functions])

    def execute(
        self, _: Assignment, programs: Sequence[Program], *_args: Any, **_options: Any
    ) -> list[Observation]:
        """Return nothing: no version of a function that does not parse is run."""
        return [Observation(()) for _ in programs]

    @contextlib.contextmanager
    def open_box(self, *_: Any, **_options: Any) -> Iterator[sandbox.Run]:
        """Yield what returns nothing: no candidate of a repair is run."""
        yield lambda programs, _: tuple(Observation(()) for _ in programs)

    def observe_programs(
        self, _: Assignment, programs: Sequence[Program], limits: Limits, **_options: Any
    ) -> dict[str, Observation]:
        if not programs or any(program.again for program in programs):
            return {program.function: Observation(()) for program in programs}
        self.functions_run = [program.function for program in programs]
        self.limits = limits
        return {name: self.answers[name] for name in self.functions_run}


@pytest.fixture
def box(monkeypatch: pytest.MonkeyPatch) -> Box:
    box = Box()
    monkeypatch.setattr(notebooks, "slices_with_remainder", box.slices_of)
    for name in ("consult", "slices_of", "observe_programs", "execute", "open_box"):
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


def test_functions_have_the_assignments_order(box: Box) -> None:
    result = grade(TRIPLE, DOUBLE)

    assert [f.name for f in result.functions] == ["double", "triple"]


def test_the_score_is_what_the_checks_earned(box: Box) -> None:
    box.answers["double"] = observed(2.0, 5.0)

    result = grade(DOUBLE, TRIPLE)

    first, _ = result.functions
    assert (first.status, first.score, first.max_score) == (FunctionStatus.PARTIAL, 5, 25)
    assert [(check.score, check.max_score) for check in first.checks] == [(5, 5), (0, 20)]
    assert [diagnosis.id for diagnosis in first.diagnoses] == ["hard-coded-answer"]
    assert result.score == 30


@pytest.mark.parametrize(
    ("answer", "status", "score"),
    [
        (observed(2.0, ending=Ending.TIMEOUT), FunctionStatus.PARTIAL, 5),
        (observed(ending=Ending.TIMEOUT), FunctionStatus.TIMEOUT, 0),
        (observed(ending=Ending.CRASHED), FunctionStatus.ERROR, 0),
        (observed(ending=Ending.BROKEN_WIRE), FunctionStatus.ERROR, 0),
        (observed(Raised("E", ""), Raised("E", "")), FunctionStatus.ERROR, 0),
        (observed(None, None), FunctionStatus.FAILED, 0),
        (observed(1.0, 1.0), FunctionStatus.FAILED, 0),
        (observed(2.0, 4.0, ending=Ending.TIMEOUT), FunctionStatus.PASSED, 25),
    ],
)
def test_one_function_does_not_affect_another(
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
def test_missing_function_is_not_run(box: Box, cell: str, status: FunctionStatus, id: str) -> None:
    result = grade(cell, TRIPLE)

    first = result.functions[0]
    assert box.functions_run == ["triple"]
    assert (first.status, first.score, [d.id for d in first.diagnoses]) == (status, 0, [id])
    assert [(c.name, c.status, c.message, c.score, c.max_score) for c in first.checks] == [
        ("example", CheckStatus.SKIPPED, "Not run.", 0, 5),
        ("others", CheckStatus.SKIPPED, "Not run.", 0, 20),
    ]
    assert (result.status, result.score) == (Status.GRADED, 25)


def test_notebook_without_functions_gets_zero(box: Box) -> None:
    result = grade("x = 1\n")

    assert (result.status, result.score) == (Status.GRADED, 0)
    assert {f.status for f in result.functions} == {FunctionStatus.MISSING}


@pytest.mark.parametrize(
    ("did", "template"),
    [
        (observed(Raised("TypeError", "a"), Raised("TypeError", "b")), observed(1.0, 1.0)),
        (observed(None, None), observed(None, None)),
        (observed(1.5, 2.5), observed(1.5, 2.5)),
    ],
)
def test_unwritten_function_is_not_attempted(
    box: Box, did: Observation, template: Observation
) -> None:
    """It looks unwritten and behaves so."""
    box.answers["double"], box.template["double"] = did, template

    first = grade(EMPTY, TRIPLE).functions[0]

    assert (first.status, first.score) == (FunctionStatus.NOT_ATTEMPTED, 0)
    assert [diagnosis.id for diagnosis in first.diagnoses] == ["not-attempted"]


@pytest.mark.parametrize(
    ("did", "status"),
    [
        (observed(2.0, 4.0), FunctionStatus.PASSED),
        (observed(2.0, 5.0), FunctionStatus.PARTIAL),
        (observed(3.0, 5.0), FunctionStatus.FAILED),
        (observed(3.0, Raised("E", "")), FunctionStatus.FAILED),
        (observed(ending=Ending.TIMEOUT), FunctionStatus.TIMEOUT),
        (observed(ending=Ending.CRASHED), FunctionStatus.ERROR),
    ],
)
def test_values_decide_if_it_only_looks_unwritten(
    box: Box, did: Observation, status: FunctionStatus
) -> None:
    box.answers["double"], box.template["double"] = did, observed(None, None)

    assert grade(EMPTY, TRIPLE).functions[0].status is status


def test_reading_a_new_parameter_is_an_attempt(box: Box) -> None:
    """One that the template does not read."""
    worked_on = f"{EMPTY[: EMPTY.index('    return')]}    z = x and y\n    return z\n"
    box.answers["double"] = box.template["double"] = observed(None, None)

    assert grade(EMPTY, TRIPLE).functions[0].status is FunctionStatus.NOT_ATTEMPTED
    assert grade(worked_on, TRIPLE).functions[0].status is FunctionStatus.FAILED


def test_a_placeholder_as_the_result_is_not_written(box: Box) -> None:
    """Whatever the other lines do, and also if a line below the placeholder stops with an error."""
    partly = EMPTY.replace("    y = None\n", "    z = x + 1\n    y = None\n")
    box.answers["double"] = observed(Raised("TypeError", "a"), Raised("TypeError", "b"))
    box.template["double"] = observed(None, None)

    first = grade(partly, TRIPLE).functions[0]

    assert first.status is FunctionStatus.NOT_ATTEMPTED
    (diagnosis,) = first.diagnoses
    assert diagnosis.message == (
        "A part of double is not written yet. Write the missing lines. The result is still the "
        "placeholder in line 4 of the cell."
    )


def test_written_function_is_an_attempt(box: Box) -> None:
    """Also if it behaves like the template."""
    box.answers["double"] = box.template["double"] = observed(None, None)

    assert grade(DOUBLE, TRIPLE).functions[0].status is FunctionStatus.FAILED


# ------------------------------------------------------------------ diagnoses and notes


def test_first_of_equal_diagnoses_counts(box: Box) -> None:
    error = Raised("NameError", "name 'xx' is not defined", 1, 2, "xx")
    box.answers["double"] = observed(error, None, notes=(("numpy-name-replaced", "int"),))

    first = grade(DOUBLE, TRIPLE).functions[0]

    assert [d.id for d in first.diagnoses] == [
        "name-error",
        "removed-numpy-name",
        "returns-nothing",
    ]
    assert first.diagnoses[0].message.startswith(
        "Your code uses the name `xx` in line 2 of the cell, but this name is not defined."
    )


def test_each_repair_is_noted_once(box: Box) -> None:
    """Of the file, and by the sandbox: but no words that the notebook does not have."""
    notes = (
        ("numpy-name-replaced", "int"),
        ("helper-module-renamed", "utils"),
        ("files-in-memory", "hidden input"),
    )
    box.answers = {name: dataclasses.replace(box.answers[name], notes=notes) for name in NAMES}
    cells = handed_in("import utils", DOUBLE, TRIPLE)
    repaired = cells.data.replace(b"\n ],\n", b",\n ],\n", 1)

    result = grading.grade(Submission("alice", repaired), TOY, SETTINGS)

    assert result.notes[0].startswith("The file was not valid JSON")
    assert result.notes[1:] == (
        "NumPy has removed np.int. The grader supplied a replacement.",
        "The module utils was not found. The assignment's helper functions were used instead.",
        "The file ... was kept in memory only.",
    )
    assert result.score == 50


# ------------------------------------------------------------------ no notebook


def assert_nothing_graded(result: Result, status: Status, message: str) -> None:
    assert (result.status, result.message) == (status, message)
    assert [f.name for f in result.functions] == list(NAMES)
    assert [f.max_score for f in result.functions] == [25, 25]
    assert (result.max_score, result.title, result.seed) == (50, "A toy", 7)


def test_other_file_is_invalid_with_zero_points(box: Box) -> None:
    with pytest.raises(NotANotebook) as refused:
        read(b"%PDF-1.4")

    result = grading.grade(Submission("alice", b"%PDF-1.4"), TOY, SETTINGS)

    assert_nothing_graded(result, Status.INVALID, str(refused.value))
    assert result.score == 0
    assert {(f.status, f.score) for f in result.functions} == {(FunctionStatus.MISSING, 0)}
    assert box.limits is None


def test_unreadable_file_is_invalid_with_the_reason(box: Box) -> None:
    submission = Submission("alice", handed_in(DOUBLE).data, "It is\x1b[31m encrypted.")

    result = grading.grade(submission, TOY, SETTINGS)

    assert_nothing_graded(result, Status.INVALID, "It is [31m encrypted.")
    assert result.score == 0


# ------------------------------------------------------------------ failures of ours


def test_reading_failure_has_no_score(box: Box) -> None:
    """No score is not zero."""
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
        (RuntimeError("of ours"), "The grader failed with RuntimeError."),
        (RecursionError("deep"), "The grader failed with RecursionError."),
        (MemoryError(), "The grader failed with MemoryError."),
        (OSError(24, "Too many open files"), "The grader failed with OSError."),
        (ValueError("\x1b[31m\n<b>"), "The grader failed with ValueError."),
    ],
)
@pytest.mark.parametrize(
    "stage",
    [(oracle, "consult"), (notebooks, "read_submission"), (oracle, "observe_programs")],
)
def test_failure_of_the_grader_has_no_score(
    monkeypatch: pytest.MonkeyPatch,
    box: Box,
    stage: tuple[ModuleType, str],
    error: Exception,
    message: str,
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(*stage, fail)

    result = grade(DOUBLE, TRIPLE)

    assert_nothing_graded(result, Status.INTERNAL, message)
    assert result.score is None
    assert {(f.status, f.score) for f in result.functions} == {(FunctionStatus.ERROR, None)}


def test_an_interrupt_is_no_result(monkeypatch: pytest.MonkeyPatch, box: Box) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(oracle, "observe_programs", interrupted)

    with pytest.raises(KeyboardInterrupt):
        grade(DOUBLE)


# ------------------------------------------------------------------ time


def test_code_beyond_a_cap_of_ours_is_not_repaired(box: Box) -> None:
    """Before, its line with an odd number of quotes got a second hint."""
    name = "e" + "\u0301" * 150

    first = grade(f"def double(x):\n    {name} = 2  # don't\n    return 2 * x\n", TRIPLE).functions[
        0
    ]

    assert [d.id for d in first.diagnoses] == ["syntax-error"]
    assert "quote" not in first.diagnoses[0].message


def test_text_that_does_not_parse_is_repaired_by_the_reader_alone(
    box: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A hostile text could hold up the process that grades for many seconds."""
    requests: list[Sequence[tuple[str, int]]] = []

    def syntax_repairs(
        _: object, __: object, faults: Sequence[tuple[str, int]], ___: object
    ) -> tuple[()]:
        requests.append(faults)
        return ()

    monkeypatch.setattr(notebooks, "syntax_repairs", syntax_repairs)
    for name in ("repairs_of", "repairs", "fault_of", "function_text"):
        monkeypatch.setattr(syntax_edits, name, None)

    both = grade("x = 1", "def double(x):\n    return (2 * x\n", "def triple(x):\n    return 3x\n")

    assert requests == [[("double", 2), ("triple", 3)]]
    assert both.failures == []


def test_functions_of_a_submission_share_the_time_of_the_search(
    box: Box, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = []

    def with_repair(_: object, diagnoses: object, problem: Problem, find: object) -> object:
        left.append(problem.deadline.cpu_seconds_left)
        problem.deadline.spend(SEARCH_SECONDS)  # as a sandbox reports it
        return diagnoses

    monkeypatch.setattr(repairs, "with_repair", with_repair)
    box.answers |= {name: observed(3.0, 7.0) for name in NAMES}

    grade(DOUBLE, TRIPLE)

    assert len(left) == 2
    assert left[1] <= 0 < left[0] <= FUNCTION_SECONDS


@pytest.mark.parametrize("lines", ["x = 1\n    " * 101, "x = " + "([{" * 200 + "\n    "])
def test_code_that_is_too_long_is_not_repaired(
    box: Box, monkeypatch: pytest.MonkeyPatch, lines: str
) -> None:
    """A search in it could hold up a worker for minutes."""
    monkeypatch.setattr(repairs, "with_repair", None)
    box.answers["double"] = observed(3.0, 6.0)

    assert grade(f"def double(x):\n    {lines}return 3 * x\n", TRIPLE).failures == []


def test_default_limits_are_the_assignments(box: Box) -> None:
    grade(DOUBLE)

    assert box.limits == TOY.limits


@pytest.mark.parametrize(
    ("timeout", "share"), [(4.0, 2.0), (0.5, 0.25), (20.0, 10.0), (90.0, 10.0)]
)
def test_timeout_is_divided_among_the_functions(box: Box, timeout: float, share: float) -> None:
    """No function gets more than the assignment's limit."""
    grade(DOUBLE, settings=Settings(seed=7, timeout=timeout))

    assert box.limits == dataclasses.replace(
        TOY.limits, submission_seconds=timeout, function_seconds=share
    )


@pytest.mark.parametrize(
    ("timeout", "seconds", "all_seconds"),
    [(None, 25.0, 150.0), (40.0, 20.0, 40.0), (90.0, 25.0, 90.0)],
)
def test_slow_machine_lengthens_the_assignments_limits(
    timeout: float | None, seconds: float, all_seconds: float
) -> None:
    """A timeout is what a person has chosen."""
    limits = Settings(seed=7, timeout=timeout, slowness=2.5).limits(TOY)

    assert (limits.function_seconds, limits.submission_seconds) == (seconds, all_seconds)


def test_status_is_timeout_before_the_first_call(box: Box) -> None:
    late = observed(ending=Ending.TIMEOUT, detail="the time was used up")
    box.answers = dict.fromkeys(NAMES, late)

    result = grade(DOUBLE, TRIPLE)

    assert (result.status, result.score) == (Status.TIMEOUT, 0)
    assert [f.status for f in result.functions] == [FunctionStatus.TIMEOUT] * 2
    assert result.functions[0].checks[0].message == "The call took too long: the time was used up."


@pytest.mark.parametrize(
    "first",
    [
        observed(2.0, 4.0),
        dataclasses.replace(observed(ending=Ending.TIMEOUT), started=True),
        dataclasses.replace(observed(ending=Ending.CRASHED), started=True),
    ],
)
def test_one_call_makes_the_status_graded(box: Box, first: Observation) -> None:
    box.answers["double"] = first
    box.answers["triple"] = observed(ending=Ending.TIMEOUT)

    assert grade(DOUBLE, TRIPLE).status is Status.GRADED


@pytest.mark.parametrize(
    ("ending", "status"), [(Ending.TIMEOUT, Status.TIMEOUT), (Ending.CRASHED, Status.CRASHED)]
)
def test_early_end_has_a_message(box: Box, ending: Ending, status: Status) -> None:
    box.answers = dict.fromkeys(NAMES, observed(ending=ending))

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
def test_unknown_keys_are_ignored(result: Result) -> None:
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
def test_json_is_strict(box: Box, number: float) -> None:
    """Whatever a student returns."""
    box.answers = dict.fromkeys(NAMES, observed(number, number))

    result = grade(DOUBLE, TRIPLE)

    assert result.status is Status.GRADED
    assert from_json(to_json(result)) == result


def test_results_have_the_keys_of_the_contract(monkeypatch: pytest.MonkeyPatch, box: Box) -> None:
    box.answers["double"] = observed(2.0, Raised("NameError", "no"))
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


def test_right_function_has_no_source_lines(box: Box) -> None:
    box.answers["triple"] = observed(1.0, 1.0)
    right, wrong = grade(DOUBLE, TRIPLE).functions

    assert right.source is None
    assert wrong.source == FunctionSource(
        1, ("def triple(x):", "    return 3 * x"), (None,) * len(wrong.diagnoses)
    )


def test_the_line_that_stops_a_function_is_marked(box: Box) -> None:
    box.answers["double"] = observed(2.0, Raised("ValueError", "no", cell=2, line=3))
    elsewhere = observed(3.0, Raised("ValueError", "no", cell=1, line=1))
    box.answers["triple"] = elsewhere
    double, triple = grade("import math\n", f"\n{DOUBLE}", TRIPLE).functions

    assert double.source == FunctionSource(2, ("def double(x):", "    return 2 * x"), (3,))
    assert triple.source is not None
    assert triple.source.marked == (None,)


def test_right_function_has_no_formula(box: Box) -> None:
    formulas = [dataclasses.replace(f, formula=f"<math>{f.name}</math>") for f in TOY.functions]
    course = dataclasses.replace(TOY, functions=tuple(formulas))
    box.answers["triple"] = observed(1.0, 1.0)

    wrong = grading.grade(handed_in(DOUBLE, TRIPLE), course, SETTINGS)
    missing = grading.grade(handed_in(TRIPLE), course, SETTINGS)

    assert [f.formula for f in wrong.functions] == ["", "<math>triple</math>"]
    assert missing.functions[0].formula == "<math>double</math>"


@pytest.mark.parametrize("source", ["x = 1\n", EMPTY])
def test_what_is_not_written_has_no_lines_to_show(box: Box, source: str) -> None:
    assert grade(source, TRIPLE).functions[0].source is None


def test_result_of_an_older_version_can_be_read(box: Box) -> None:
    box.answers["double"] = observed(2.0, 5.0)
    result = grade(DOUBLE, TRIPLE)
    plain = json.loads(to_json(result))
    for function in plain["functions"]:
        del function["source"], function["formula"]
        for check in function["checks"]:
            for finding in check["findings"]:
                del finding["grid"]

    double = dataclasses.replace(result.functions[0], source=None)
    assert from_json(json.dumps(plain)) == dataclasses.replace(
        result, functions=(double, result.functions[1])
    )
