"""Verdicts on a function by its observation and that of the reference."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grader.judging import judge, same_values
from grader.judging.compare import UnexpectedStructure, mapping, pair, scalar
from grader.judging.rubric import with_one_snippet
from grader.model import (
    Check,
    Ending,
    Function,
    Observation,
    Opaque,
    Raised,
    Returned,
    TestCase,
    Unpack,
    Value,
)
from grader.model.findings import CheckResult, CheckStatus, Diagnosis, Grid

FIXED = Check("the example", 5, "fixed", ("y",))
OTHERS = Check("others", 20, "random", ("y",))
DOUBLE = Function("double", ("x",), scalar("y"), (FIXED, OTHERS))
GRADIENTS = Function(
    "gradients",
    ("x",),
    mapping("dW", "db", missing="gradient-keys"),
    (Check("weights", 10, "random", ("dW",)), Check("biases", 10, "random", ("db",))),
)
PASS = Function(
    "forward",
    ("x",),
    pair("A", "Z", "D", rest="cache", misplaced="cache-order"),
    (Check("all", 10, "random", ("A", "Z", "D")),),
)


def case(number: int, *, public: bool = False) -> TestCase:
    return TestCase(f"case {number}", "double", (number,), f"x = {number}", public=public)


CASES = (case(1, public=True), case(2), case(3), case(4))


def words(*diagnoses: Diagnosis) -> list[tuple[str, str]]:
    return [(diagnosis.id, diagnosis.message) for diagnosis in diagnoses]


def seen(*outcomes: Any, ending: Ending = Ending.FINISHED, detail: str = "") -> Observation:
    """Return an observation of values and exceptions."""
    expected = (o if isinstance(o, Raised | Returned) else Returned(o) for o in outcomes)
    return Observation(tuple(expected), ending, detail)


def verdicts(actual: Observation, cases: tuple[TestCase, ...] = CASES) -> tuple[CheckResult, ...]:
    """Return the checks of a function that should double."""
    expected = seen(*(2.0 * case.args[0] for case in cases))
    return judge(DOUBLE, cases, expected, actual)[0]


def compared(
    function: Function, expected: Value, actual: Value
) -> tuple[tuple[CheckResult, ...], tuple[Diagnosis, ...]]:
    """Return the result of one hidden case."""
    return judge(function, (case(2),), seen(expected), seen(actual))


# ------------------------------------------------------------------ right and wrong


def test_right_function_passes_every_check() -> None:
    fixed, hidden = verdicts(seen(2.0, 4.0, 6.0, 8.0))

    assert fixed == CheckResult("the example", CheckStatus.PASSED, "Passes 1 test.")
    assert hidden == CheckResult("others", CheckStatus.PASSED, "Passes 3 tests.")


def test_judge_gives_no_points() -> None:
    assert [(check.score, check.max_score) for check in verdicts(seen(2.0))] == [(0, 0), (0, 0)]


def test_public_case_shows_both_numbers() -> None:
    fixed, hidden = verdicts(seen(3.0, 4.0, 6.0, 8.0))

    assert hidden.status is CheckStatus.PASSED
    assert fixed.status is CheckStatus.FAILED
    assert fixed.message == "y is 3 instead of 2."
    (finding,) = fixed.findings
    assert (finding.case, finding.about, finding.public) == ("case 1", "x = 1", True)
    assert (finding.quantity, finding.message) == ("y", "has the wrong value")
    assert (finding.got, finding.expected) == ("3", "2")
    assert (finding.mismatched, finding.total) == (1, 1)
    assert (finding.max_abs, finding.max_rel) == (1.0, 0.5)


def test_hidden_case_shows_no_number() -> None:
    fixed, hidden = verdicts(seen(2.0, 4.0, 7.5, 9.5))

    assert fixed.status is CheckStatus.PASSED
    assert hidden.message == (
        "It fails 2 of 3 hidden tests. For example, y has the wrong value (x = 3)."
    )
    assert [(f.case, f.public, f.got, f.expected) for f in hidden.findings] == [
        ("case 3", False, "", ""),
        ("case 4", False, "", ""),
    ]


def test_first_value_of_several_in_an_example() -> None:
    right = {"dW": np.ones(3), "db": np.ones(2)}
    both = Function("f", ("x",), mapping("dW", "db"), (Check("all", 1, "fixed", ("dW", "db")),))
    wrong = {"dW": np.array([1.0, 3.0, 1.0]), "db": np.zeros(2)}

    ((check,), _) = judge(both, (CASES[0],), seen(right), seen(wrong))

    assert check.message == "dW at [1] is 3 instead of 1. 1 more quantity is wrong."


@pytest.mark.parametrize(
    ("about", "message"),
    [
        (("m = 4, lambd = 0", "m = 1, lambd = 2", "m = 3, lambd = 2"), "lambd = 0 or m = 1"),
        (("m = 4, lambd = 0", "m = 7, lambd = 0", "m = 3, lambd = 2"), "lambd = 0"),
        (("m = 4, lambd = 0", "m = 5, lambd = 2", "m = 3, lambd = 2"), ""),
        (("m = 1, lambd = 2", "m = 1, lambd = 3", "m = 1, lambd = 4"), ""),
    ],
)
def test_zeros_and_ones_of_the_cases_that_pass(about: Sequence[str], message: str) -> None:
    """The third case fails. A number that it has too does not explain why the others pass."""
    cases = [TestCase(f"case {i}", "double", (i,), text) for i, text in enumerate(about, 2)]

    hidden = judge(DOUBLE, cases, seen(4.0, 6.0, 8.0), seen(4.0, 6.0, 0.0)).checks[1]

    where = f" It is right where {message}." if message else ""
    assert hidden.message.startswith(f"It fails 1 of 3 hidden tests.{where} For example, y has")


def test_check_uses_its_own_quantities() -> None:
    right = {"dW": np.ones(3), "db": np.ones(2)}

    (weights, biases), diagnoses = compared(GRADIENTS, right, right | {"db": np.array([1.0, 3.0])})

    assert (weights.status, weights.message) == (CheckStatus.PASSED, "Passes 1 test.")
    assert biases.message == (
        "It fails 1 of 1 hidden test. For example, db is wrong in 1 of 2 values; the largest error "
        "is at [1] (x = 2)."
    )
    assert diagnoses == ()


def test_at_most_twelve_findings() -> None:
    cases = tuple(case(number) for number in range(2, 32))

    hidden = verdicts(seen(*([0.5] * 30)), cases)[1]

    assert len(hidden.findings) == 12
    assert hidden.message.startswith(
        "It fails 30 of 30 hidden tests. For example, y has the wrong value "
    )


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (math.nan, "is NaN"),
        (math.inf, "is inf"),
    ],
)
def test_nan_and_inf_are_reported(value: float, message: str) -> None:
    hidden = verdicts(seen(2.0, 4.0, value, 8.0))[1]

    assert hidden.message == f"It fails 1 of 3 hidden tests. For example, y {message} (x = 3)."
    assert hidden.findings[0].max_abs is None


def test_check_without_cases_is_skipped() -> None:
    fixed, hidden = verdicts(seen(2.0), CASES[:1])

    assert fixed.status is CheckStatus.PASSED
    assert hidden == CheckResult("others", CheckStatus.SKIPPED, "This check has no test.")


# ------------------------------------------------------------------ values of another kind


@pytest.mark.parametrize("value", [None, "7", [1.0]])
def test_return_value_of_a_wrong_kind(value: Value) -> None:
    """The words are those of the unpacker."""
    with pytest.raises(UnexpectedStructure) as problem:
        DOUBLE.unpack(value)
    what = problem.value.diagnosis.what

    checks, diagnoses = judge(DOUBLE, CASES[:2], seen(2.0, 4.0), seen(2.0, value))

    assert checks[0].status is CheckStatus.PASSED
    assert checks[1].status is CheckStatus.FAILED
    assert diagnoses == (problem.value.diagnosis,)
    assert checks[1].message == f"It fails 1 of 1 hidden test. For example (x = 2): {what}"
    assert [(f.quantity, f.message) for f in checks[1].findings] == [("", what)]


def test_missing_keys_in_one_sentence() -> None:
    right = {"dW": np.ones(3), "db": np.ones(2)}
    message = (
        "The returned dictionary has no entry for dW, db. Add each missing key with "
        "exactly this spelling."
    )

    (weights, _), diagnoses = compared(GRADIENTS, right, {"dw": 1, "dB": 2})

    assert weights.message == (
        "It fails 1 of 1 hidden test. For example, dW is missing from the returned value (x = 2)."
    )
    assert words(*diagnoses) == [("gradient-keys", message)]


def test_missing_key_comes_before_a_shape() -> None:
    right = {"dW": np.ones(3), "db": np.ones(2)}

    _, diagnoses = compared(GRADIENTS, right, {"db": np.ones(3)})

    assert [diagnosis.id for diagnosis in diagnoses] == ["gradient-keys"]


@pytest.mark.parametrize(
    ("value", "id", "message"),
    [
        (np.ones((2, 1)), "wrong-shape", "db has shape (2, 1), but should have shape (2,)."),
        ("no", "wrong-type", "db is a str, but should contain only numbers."),
        (
            Opaque("\x1b[31m\u202eT"),
            "wrong-type",
            "db is an object of type [31m T, but should contain only numbers.",
        ),
    ],
)
def test_quantity_of_a_wrong_kind(value: Value, id: str, message: str) -> None:
    right = {"dW": np.ones(3), "db": np.ones(2)}

    (weights, biases), diagnoses = compared(GRADIENTS, right, right | {"db": value})

    assert weights.status is CheckStatus.PASSED
    assert (
        biases.message
        == f"It fails 1 of 1 hidden test. For example, {message.rstrip('.')} (x = 2)."
    )
    assert [(d.id, d.what) for d in diagnoses] == [(id, message)]
    assert "the line that computes db" in diagnoses[0].next


def test_cache_of_a_wrong_length() -> None:
    _, diagnoses = compared(PASS, (1.0, (2.0, 3.0)), (1.0, (2.0,)))

    assert words(*diagnoses) == [
        (
            "cache-order",
            (
                "The returned cache is a tuple of length 1, but should be a tuple of 2 values: "
                "Z, D. Compare your cache with this list, one value at a time."
            ),
        )
    ]


def test_every_id_appears_once() -> None:
    cases = (case(2), case(3), case(4), case(5))
    actual = seen(np.ones(3), np.ones(4), None, None)

    _, diagnoses = judge(DOUBLE, cases, seen(4.0, 6.0, 8.0, 10.0), actual)

    assert sorted((d.id, d.message[:33]) for d in diagnoses) == [
        ("returns-nothing", "Your function returns None, but s"),
        ("wrong-shape", "Your function returns an array of"),
    ]


# ------------------------------------------------------------------ functions that stop


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (
            Raised("ValueError", "shapes do not fit", cell=7, line=12),
            "Your function stops in line 12 of code cell 7 with ValueError: shapes do not fit.",
        ),
        (Raised("KeyError", "'dw1'"), "Your function stops with KeyError: 'dw1'."),
        (
            Raised("AssertionError", "", cell=1, line=2),
            "Your function stops in line 2 of code cell 1 with AssertionError.",
        ),
        (Raised("AssertionError", " \n "), "Your function stops with AssertionError."),
        (
            Raised("E\x1b[0m", "two\nlines\x00 and \u202emore", cell=1, line=2),
            "Your function stops in line 2 of code cell 1 with E [0m: two lines and more.",
        ),
    ],
)
def test_exception_with_its_place(error: Raised, message: str) -> None:
    fixed, hidden = verdicts(seen(2.0, 4.0, error, 8.0))

    assert fixed.status is CheckStatus.PASSED
    assert (hidden.status, hidden.message) == (CheckStatus.ERROR, message)
    assert [(f.case, f.quantity, f.message) for f in hidden.findings] == [("case 3", "", message)]


def test_long_message_of_an_exception_is_cut() -> None:
    hidden = verdicts(seen(2.0, Raised("E" * 1000, "w" * 1000), 6.0, 8.0))[1]

    assert len(hidden.message) < 400


def test_exception_outweighs_a_wrong_number() -> None:
    fixed, hidden = verdicts(seen(Raised("ValueError", "no"), 5.0, 6.0, 8.0))

    assert (fixed.status, hidden.status) == (CheckStatus.ERROR, CheckStatus.FAILED)

    fixed, hidden = verdicts(seen(2.0, 5.0, Raised("ValueError", "no"), 8.0))

    assert (fixed.status, hidden.status) == (CheckStatus.PASSED, CheckStatus.ERROR)


@pytest.mark.parametrize(
    ("ending", "status", "message"),
    [
        (Ending.TIMEOUT, CheckStatus.TIMEOUT, "The call took too long: for a reason."),
        (Ending.CRASHED, CheckStatus.ERROR, "The call ended without a result: for a reason."),
        (
            Ending.BROKEN_WIRE,
            CheckStatus.ERROR,
            "The returned value could not be read: for a reason.",
        ),
        (Ending.FINISHED, CheckStatus.SKIPPED, "Not run."),
    ],
)
def test_program_that_ends_before_the_first_call(
    ending: Ending, status: CheckStatus, message: str
) -> None:
    fixed, hidden = verdicts(seen(ending=ending, detail="for a reason"))

    assert (fixed.status, fixed.message) == (status, message)
    assert hidden.status is CheckStatus.SKIPPED
    assert hidden.message == "Not run: an earlier call did not return."


@pytest.mark.parametrize(
    ("ending", "status"),
    [
        (Ending.TIMEOUT, CheckStatus.TIMEOUT),
        (Ending.CRASHED, CheckStatus.ERROR),
        (Ending.BROKEN_WIRE, CheckStatus.ERROR),
    ],
)
def test_program_that_ends_in_the_middle(ending: Ending, status: CheckStatus) -> None:
    fixed, hidden = verdicts(seen(2.0, 4.0, ending=ending))

    assert fixed.status is CheckStatus.PASSED
    assert hidden.status is status
    assert hidden.message.endswith(": the reason is unknown.")
    assert [finding.case for finding in hidden.findings] == ["case 3"]


def test_timeout_outweighs_a_wrong_number() -> None:
    fixed, hidden = verdicts(seen(3.0, 5.0, ending=Ending.TIMEOUT, detail="late"))

    assert (fixed.status, hidden.status) == (CheckStatus.FAILED, CheckStatus.TIMEOUT)


# ------------------------------------------------------------------ hidden cases give nothing away

UNHURRIED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
"""A busy machine is no mistake of the code."""

NUMBERS = st.integers(1_000_000, 9_999_999).map(lambda i: (10 * i + 7) / 10_000_000)
"""Numbers of eight digits, none of which a shorter text can hold by chance."""


def texts(value: object) -> list[str]:
    """Return every text in a tree of records."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, tuple | list):
        return [text for item in value for text in texts(item)]
    if dataclasses.is_dataclass(value):
        return [text for f in dataclasses.fields(value) for text in texts(getattr(value, f.name))]
    return []


def assert_nothing_shown(judged: object, *values: float) -> None:
    shown = " ".join(texts(judged))
    for value in values:
        assert f"{value:.8g}" not in shown
        assert repr(value) not in shown


@UNHURRIED
@given(NUMBERS, NUMBERS.map(lambda x: -3 * x))
def test_texts_reveal_no_hidden_number(right: float, wrong: float) -> None:
    expected = compared(DOUBLE, right, wrong)

    assert expected[0][1].status is CheckStatus.FAILED
    assert_nothing_shown(expected, right, wrong)


@pytest.mark.parametrize(
    ("function", "wrap"),
    [
        (GRADIENTS, lambda a: {"dW": a, "db": a[:1]}),
        (GRADIENTS, lambda a: {"dW": a, "db": a.tolist()}),
        (GRADIENTS, lambda a: {"dW": a}),
        (GRADIENTS, lambda a: (a, a)),
        (PASS, lambda a: (a, (a, a * 0))),
        (PASS, lambda a: (a, a.tolist())),
        (PASS, lambda a: None),
    ],
)
def test_texts_reveal_no_hidden_arrays(function: Function, wrap: Any) -> None:
    right, wrong = np.array([1234.5678, 8765.4321]), np.array([-4242.4242, 987.123456])
    expected = {"dW": right, "db": right} if function is GRADIENTS else (right, (right, right))

    judgement = compared(function, expected, wrap(wrong))

    assert all(check.status is CheckStatus.FAILED for check in judgement[0])
    assert_nothing_shown(judgement, *right, *wrong)
    assert all(not f.got and not f.expected for check in judgement[0] for f in check.findings)


# ------------------------------------------------------------------ programs beside each other


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        (seen(1.0, 2.0), seen(1.0, 2.0), True),
        (seen(1.0), seen(1.0 + 1e-12), True),
        (seen(1.0, 2.0), seen(1.0, 3.0), False),
        (seen(1.0), seen(1.0, 2.0), False),
        (seen(1.0), seen(1.0, ending=Ending.CRASHED), False),
        (seen(Raised("A", "a")), seen(Raised("B", "b")), True),
        (seen(Raised("A", "a")), seen(1.0), False),
        (seen(1.0), seen(Raised("A", "a")), False),
        (seen(None), seen(None), True),
        (seen(None), seen("text"), False),
        (seen(None), seen(1.0), False),
        (seen("text"), seen(1.0), False),
        (seen(), seen(), True),
    ],
)
def test_same_values_compares_every_call(
    one: Observation, other: Observation, *, alike: bool
) -> None:
    assert same_values(DOUBLE, one, other) is alike


def test_same_values_compares_keys() -> None:
    item, second = seen({"dW": 1.0, "db": 2.0}), seen({"dW": 1.0})

    assert not same_values(GRADIENTS, item, second)
    assert not same_values(GRADIENTS, second, item)


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [(None, None, True), (None, 1.0, False), (1.0, None, False), (None, "text", False)],
)
def test_same_values_compares_none(one: Value, other: Value, *, alike: bool) -> None:
    first, second = ({"dW": value, "db": 1.0} for value in (one, other))

    assert same_values(GRADIENTS, seen(first), seen(second)) is alike


def test_tolerance_of_the_function() -> None:
    loose: Unpack = scalar("y")
    rough = Function("rough", ("x",), loose, (OTHERS,), rtol=0.1)

    assert compared(rough, 100.0, 109.0)[0][0].status is CheckStatus.PASSED
    assert compared(rough, 100.0, 111.0)[0][0].status is CheckStatus.FAILED


# ------------------------------------------------------------------ right on the example only


@pytest.mark.parametrize(
    ("actual", "ids"),
    [
        (seen(2.0, 2.0, 2.0, 2.0), ["hard-coded-answer"]),
        (seen(2.0, 4.0, 6.0, 8.0), []),
        (seen(2.0, 2.0, 6.0, 2.0), []),
        (seen(1.0, 1.0, 1.0, 1.0), []),
        (seen(2.0, Raised("ValueError", ""), 1.0, 1.0), []),
        (seen(2.0, None, None, None), ["returns-nothing"]),
    ],
)
def test_hard_coded_answer(actual: Observation, ids: list[str]) -> None:
    expected = seen(*(2.0 * case.args[0] for case in CASES))
    _, diagnoses = judge(DOUBLE, CASES, expected, actual)

    assert [diagnosis.id for diagnosis in diagnoses] == ids


def test_words_for_a_hard_coded_answer() -> None:
    expected = seen(*(2.0 * case.args[0] for case in CASES))
    _, (diagnosis,) = judge(DOUBLE, CASES, expected, seen(2.0, 2.0, 2.0, 2.0))

    assert diagnosis.message == (
        "Your function is right on the published example, but wrong on other data. Look for "
        "a fixed number that fits only this example: a size, a parameter's value or the "
        "result itself."
    )


def test_hidden_finding_has_no_magnitude() -> None:
    _, hidden = verdicts(seen(2.0, 0.0, 6.0, 8.0))

    assert [finding.max_abs for finding in hidden.findings] == [None]
    assert "4" not in hidden.message.replace("of 3", "")


# ------------------------------------------------------------------ changed arguments


def changed(*outcomes: Returned) -> tuple[Diagnosis, ...]:
    """Return the diagnoses of a right function of two parameters that changes some."""
    function = Function("double", ("x", "parameters"), scalar("y"), (FIXED,))
    cases = [TestCase("the example", "double", (1, {}), "", public=True) for _ in outcomes]
    right = Observation(tuple(Returned(1.0) for _ in outcomes))
    return judge(function, cases, right, Observation(outcomes))[1]


def test_changed_arguments_are_named() -> None:
    assert words(*changed(Returned(1.0, (1,)), Returned(1.0, (0, 1)))) == [
        (
            "inputs-mutated",
            (
                "Your function changes arrays that the caller passed to it: x, parameters. Change a "
                "copy of each, and leave the argument as it is."
            ),
        )
    ]


def test_unknown_changed_argument_is_ignored() -> None:
    assert changed(Returned(1.0, (7,))) == ()


def test_wrong_public_case_has_a_snippet() -> None:
    case = TestCase("the example", "double", (2,), "", public=True, snippet=("double(2)",))
    hidden = TestCase("another", "double", (3,), "")
    right = Observation((Returned(4.0), Returned(6.0)))
    for wrong in (Returned(5.0), Raised("ValueError", "no")):
        checks, _ = judge(DOUBLE, [case, hidden], right, Observation((wrong, Returned(7.0))))
        assert [check.steps for check in checks] == [("double(2)",), ()]


GROUPS = Function(
    "groups",
    ("x",),
    scalar("y"),
    tuple(
        Check(name, 1, group, ("y",))
        for name, group in zip("abc", ("fixed", *["random"] * 2), strict=True)
    ),
)


@pytest.mark.parametrize(
    ("statuses", "kept"),
    [
        ("FFF", "x.."),
        ("FPE", "x.."),
        ("PFF", ".x."),
        ("PPE", "..x"),
        ("PPP", "..."),
        ("SFF", ".x."),
    ],
)
def test_one_snippet_for_hidden_cases(statuses: str, kept: str) -> None:
    known = {status.name[0]: status for status in CheckStatus}
    checks = tuple(
        CheckResult(name, known[letter], "", steps=() if letter in "PS" else ("a = 1",))
        for name, letter in zip("abc", statuses, strict=True)
    )
    expected = with_one_snippet(GROUPS, checks)

    assert "".join("x" if check.steps else "." for check in expected) == kept
    assert [dataclasses.replace(check, steps=()) for check in expected] == [
        dataclasses.replace(check, steps=()) for check in checks
    ]


# ------------------------------------------------------------------ where an array differs


MANY = tuple(f"q{i}" for i in range(9))
ARRAYS = Function(
    "arrays",
    ("x",),
    mapping(*MANY),
    (Check("public", 5, "fixed", MANY), Check("hidden", 5, "random", MANY)),
)


def arrays(*cases: TestCase) -> tuple[CheckResult, ...]:
    """Return the checks of a function of which every quantity is wrong in its first value."""
    right = {name: np.array([1.0, 2.0]) for name in MANY}
    wrong = {name: np.array([3.0, 2.0]) for name in MANY}
    return judge(ARRAYS, cases, seen(*[right] * len(cases)), seen(*[wrong] * len(cases)))[0]


def test_grids_of_a_public_case() -> None:
    public, _ = arrays(case(1, public=True))

    assert [finding.grid for finding in public.findings] == [
        *[Grid((2,), ("90",), ("3 2",), ("1 2",))] * 6,
        *[None] * 3,
    ]


def test_hidden_case_has_no_grids() -> None:
    _, hidden = arrays(case(2))

    assert len(hidden.findings) == 9
    assert {finding.grid for finding in hidden.findings} == {None}
