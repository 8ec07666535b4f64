"""Verdicts: what is said of a function by what it did, held against what the reference did."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grader.judging import judge, returns_anything, same_values
from grader.judging.compare import mapping, pair, scalar
from grader.judging.reproduction import with_steps_once
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
from grader.model.result import CheckResult, CheckStatus, Diagnosis, Grid

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
    """Return an observation; what is no exception was returned."""
    told = (o if isinstance(o, Raised | Returned) else Returned(o) for o in outcomes)
    return Observation(tuple(told), ending, detail)


def verdicts(actual: Observation, cases: tuple[TestCase, ...] = CASES) -> tuple[CheckResult, ...]:
    """Return the checks of a function that should double."""
    expected = seen(*(2.0 * case.args[0] for case in cases))
    return judge(DOUBLE, cases, expected, actual)[0]


def compared(
    function: Function, expected: Value, actual: Value
) -> tuple[tuple[CheckResult, ...], tuple[Diagnosis, ...]]:
    """Return what is said of one hidden case."""
    return judge(function, (case(2),), seen(expected), seen(actual))


# ------------------------------------------------------------------ right and wrong


def test_a_function_that_is_right_everywhere_passes_every_check() -> None:
    fixed, others = verdicts(seen(2.0, 4.0, 6.0, 8.0))

    assert fixed == CheckResult("the example", CheckStatus.PASSED, "Passes 1 test.")
    assert others == CheckResult("others", CheckStatus.PASSED, "Passes 3 tests.")


def test_points_are_not_the_judges_business() -> None:
    assert [(check.score, check.max_score) for check in verdicts(seen(2.0))] == [(0, 0), (0, 0)]


def test_a_wrong_number_in_a_public_case_is_shown_with_the_right_one() -> None:
    fixed, others = verdicts(seen(3.0, 4.0, 6.0, 8.0))

    assert others.status is CheckStatus.PASSED
    assert fixed.status is CheckStatus.FAILED
    assert fixed.message == "Fails 1 of 1 test. First: y has the wrong value (x = 1)."
    (finding,) = fixed.findings
    assert (finding.case, finding.about, finding.public) == ("case 1", "x = 1", True)
    assert (finding.quantity, finding.message) == ("y", "has the wrong value")
    assert (finding.got, finding.expected) == ("3", "2")
    assert (finding.mismatched, finding.total) == (1, 1)
    assert (finding.max_abs, finding.max_rel) == (1.0, 0.5)


def test_a_wrong_number_in_a_hidden_case_is_told_without_either_number() -> None:
    fixed, others = verdicts(seen(2.0, 4.0, 7.5, 9.5))

    assert fixed.status is CheckStatus.PASSED
    assert others.message == ("Fails 2 of 3 tests. First: y has the wrong value (x = 3).")
    assert [(f.case, f.public, f.got, f.expected) for f in others.findings] == [
        ("case 3", False, "", ""),
        ("case 4", False, "", ""),
    ]


def test_a_check_looks_at_its_own_quantities_only() -> None:
    right = {"dW": np.ones(3), "db": np.ones(2)}

    (weights, biases), named = compared(GRADIENTS, right, right | {"db": np.array([1.0, 3.0])})

    assert (weights.status, weights.message) == (CheckStatus.PASSED, "Passes 1 test.")
    assert biases.message == (
        "Fails 1 of 1 test. First: db is wrong in 1 of 2 values, most at [1] (x = 2)."
    )
    assert named == ()


def test_at_most_twelve_findings_are_kept_and_all_cases_are_counted() -> None:
    cases = tuple(case(number) for number in range(2, 32))

    others = verdicts(seen(*([0.5] * 30)), cases)[1]

    assert len(others.findings) == 12
    assert others.message.startswith("Fails 30 of 30 tests. First: y has the wrong value ")


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (math.nan, "is NaN in 1 of 1 values"),
        (math.inf, "is inf in 1 of 1 values"),
    ],
)
def test_numbers_that_are_none_are_told(value: float, message: str) -> None:
    others = verdicts(seen(2.0, 4.0, value, 8.0))[1]

    assert others.message == f"Fails 1 of 3 tests. First: y {message} (x = 3)."
    assert others.findings[0].max_abs is None


def test_a_check_without_cases_is_not_passed() -> None:
    fixed, others = verdicts(seen(2.0), CASES[:1])

    assert fixed.status is CheckStatus.PASSED
    assert others == CheckResult("others", CheckStatus.SKIPPED, "This check has no test.")


# ------------------------------------------------------------------ values of another kind


@pytest.mark.parametrize(
    ("value", "id", "message"),
    [
        (
            None,
            "returns-nothing",
            (
                "Your function returns None, but should return a number. End the function with a "
                "`return` statement."
            ),
        ),
        (
            "7",
            "wrong-type",
            (
                "Your function returns a str, but should return a single number. Check the "
                "expression after `return`."
            ),
        ),
        (
            (1.0, 2.0),
            "wrong-type",
            (
                "Your function returns a tuple of length 2, but should return a single number. "
                "Check the expression after `return`."
            ),
        ),
        (
            [1.0],
            "wrong-shape",
            (
                "Your function returns an array of shape (1,), but should return a single "
                "number. Which step should turn the array into one number?"
            ),
        ),
        (
            Opaque("Tensor"),
            "wrong-type",
            (
                "Your function returns an object of type Tensor, but should return a single "
                "number. Check the expression after `return`."
            ),
        ),
        (
            np.ones((2, 1)),
            "wrong-shape",
            (
                "Your function returns an array of shape (2, 1), but should return a single "
                "number. Which step should turn the array into one number?"
            ),
        ),
    ],
)
def test_a_return_value_of_another_kind_is_told_and_named(
    value: Value, id: str, message: str
) -> None:
    checks, named = judge(DOUBLE, CASES[:2], seen(2.0, 4.0), seen(2.0, value))

    assert checks[0].status is CheckStatus.PASSED
    assert checks[1].status is CheckStatus.FAILED
    assert words(*named) == [(id, message)]
    assert checks[1].message == f"Fails 1 of 1 test. First (x = 2): {named[0].what}"
    assert [(f.quantity, f.message) for f in checks[1].findings] == [("", named[0].what)]


def test_missing_keys_are_all_named_in_one_sentence() -> None:
    right = {"dW": np.ones(3), "db": np.ones(2)}
    message = (
        "The returned dictionary has no entry for dW, db. Add each missing key with "
        "exactly this spelling."
    )

    (weights, _), named = compared(GRADIENTS, right, {"dw": 1, "dB": 2})

    assert weights.message == (
        "Fails 1 of 1 test. First: dW is missing from the returned value (x = 2)."
    )
    assert words(*named) == [("gradient-keys", message)]


def test_a_missing_key_is_named_rather_than_another_shape() -> None:
    right = {"dW": np.ones(3), "db": np.ones(2)}

    _, named = compared(GRADIENTS, right, {"db": np.ones(3)})

    assert [diagnosis.id for diagnosis in named] == ["gradient-keys"]


@pytest.mark.parametrize(
    ("value", "id", "message"),
    [
        (np.ones((2, 1)), "wrong-shape", "db has shape (2, 1), but should have shape (2,)."),
        ("no", "wrong-type", "db is a str, but should contain only numbers."),
        (None, "wrong-type", "db is None, but should contain only numbers."),
        (
            np.ones(2, complex),
            "wrong-type",
            "db is an array of shape (2,), but should contain only numbers.",
        ),
        (
            Opaque("\x1b[31m\u202eT"),
            "wrong-type",
            "db is an object of type [31m T, but should contain only numbers.",
        ),
    ],
)
def test_a_quantity_of_another_kind_is_told_and_named(value: Value, id: str, message: str) -> None:
    right = {"dW": np.ones(3), "db": np.ones(2)}

    (weights, biases), named = compared(GRADIENTS, right, right | {"db": value})

    assert weights.status is CheckStatus.PASSED
    assert biases.message == f"Fails 1 of 1 test. First: {message.rstrip('.')} (x = 2)."
    assert [(d.id, d.what) for d in named] == [(id, message)]
    assert "the line that computes db" in named[0].next


def test_a_cache_of_another_length_is_told() -> None:
    _, named = compared(PASS, (1.0, (2.0, 3.0)), (1.0, (2.0,)))

    assert words(*named) == [
        (
            "cache-order",
            (
                "The returned cache is a tuple of length 1, but should be a tuple of 2 values: "
                "Z, D. Compare your cache with this list, one value at a time."
            ),
        )
    ]


def test_the_first_case_names_a_mistake_and_every_mistake_is_named_once() -> None:
    cases = (case(2), case(3), case(4), case(5))
    actual = seen(np.ones(3), np.ones(4), None, None)

    _, named = judge(DOUBLE, cases, seen(4.0, 6.0, 8.0, 10.0), actual)

    assert sorted((d.id, d.message[:33]) for d in named) == [
        ("returns-nothing", "Your function returns None, but s"),
        ("wrong-shape", "Your function returns an array of"),
    ]


# ------------------------------------------------------------------ functions that stop


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (
            Raised("ValueError", "shapes do not fit", cell=7, line=12),
            "Your function stops with ValueError: shapes do not fit in line 12 of code cell 7.",
        ),
        (Raised("KeyError", "'dw1'"), "Your function stops with KeyError: 'dw1'."),
        (
            Raised("AssertionError", "", cell=1, line=2),
            "Your function stops with AssertionError in line 2 of code cell 1.",
        ),
        (Raised("AssertionError", " \n "), "Your function stops with AssertionError."),
        (
            Raised("E\x1b[0m", "two\nlines\x00 and \u202emore", cell=1, line=2),
            "Your function stops with E [0m: two lines and more in line 2 of code cell 1.",
        ),
    ],
)
def test_an_exception_is_told_with_its_place(error: Raised, message: str) -> None:
    fixed, others = verdicts(seen(2.0, 4.0, error, 8.0))

    assert fixed.status is CheckStatus.PASSED
    assert (others.status, others.message) == (CheckStatus.ERROR, message)
    assert [(f.case, f.quantity, f.message) for f in others.findings] == [("case 3", "", message)]


def test_long_words_of_an_exception_are_cut() -> None:
    others = verdicts(seen(2.0, Raised("E" * 1000, "w" * 1000), 6.0, 8.0))[1]

    assert len(others.message) < 400


def test_an_exception_weighs_more_than_a_wrong_number_and_costs_its_own_group_only() -> None:
    fixed, others = verdicts(seen(Raised("ValueError", "no"), 5.0, 6.0, 8.0))

    assert (fixed.status, others.status) == (CheckStatus.ERROR, CheckStatus.FAILED)

    fixed, others = verdicts(seen(2.0, 5.0, Raised("ValueError", "no"), 8.0))

    assert (fixed.status, others.status) == (CheckStatus.PASSED, CheckStatus.ERROR)


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
def test_a_program_that_stops_before_its_first_answer_has_no_check(
    ending: Ending, status: CheckStatus, message: str
) -> None:
    fixed, others = verdicts(seen(ending=ending, detail="for a reason"))

    assert (fixed.status, fixed.message) == (status, message)
    assert others.status is CheckStatus.SKIPPED
    assert others.message == "Not run: an earlier call did not return."


@pytest.mark.parametrize(
    ("ending", "status"),
    [
        (Ending.TIMEOUT, CheckStatus.TIMEOUT),
        (Ending.CRASHED, CheckStatus.ERROR),
        (Ending.BROKEN_WIRE, CheckStatus.ERROR),
    ],
)
def test_a_program_that_stops_in_the_middle_keeps_what_it_had_right(
    ending: Ending, status: CheckStatus
) -> None:
    fixed, others = verdicts(seen(2.0, 4.0, ending=ending))

    assert fixed.status is CheckStatus.PASSED
    assert others.status is status
    assert others.message.endswith(": the reason is unknown.")
    assert [finding.case for finding in others.findings] == ["case 3"]


def test_a_time_out_weighs_more_than_a_wrong_number_before_it() -> None:
    fixed, others = verdicts(seen(3.0, 5.0, ending=Ending.TIMEOUT, detail="late"))

    assert (fixed.status, others.status) == (CheckStatus.FAILED, CheckStatus.TIMEOUT)


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


def assert_nothing_shown(told: object, *values: float) -> None:
    shown = " ".join(texts(told))
    for value in values:
        assert f"{value:.8g}" not in shown
        assert repr(value) not in shown


@UNHURRIED
@given(NUMBERS, NUMBERS.map(lambda x: -3 * x))
def test_no_text_about_a_hidden_number_holds_it_or_the_right_one(
    right: float, wrong: float
) -> None:
    told = compared(DOUBLE, right, wrong)

    assert told[0][1].status is CheckStatus.FAILED
    assert_nothing_shown(told, right, wrong)


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
def test_no_text_about_hidden_arrays_holds_their_numbers(function: Function, wrap: Any) -> None:
    right, wrong = np.array([1234.5678, 8765.4321]), np.array([-4242.4242, 987.123456])
    expected = {"dW": right, "db": right} if function is GRADIENTS else (right, (right, right))

    told = compared(function, expected, wrap(wrong))

    assert all(check.status is CheckStatus.FAILED for check in told[0])
    assert_nothing_shown(told, *right, *wrong)
    assert all(not f.got and not f.expected for check in told[0] for f in check.findings)


# ------------------------------------------------------------------ programs beside each other


def test_whether_anything_was_returned() -> None:
    assert returns_anything(seen(Raised("E", ""), None))
    assert not returns_anything(seen(Raised("E", "")))
    assert not returns_anything(seen())


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
def test_two_programs_are_alike_when_every_call_is(
    one: Observation, other: Observation, *, alike: bool
) -> None:
    assert same_values(DOUBLE, one, other) is alike


def test_two_dictionaries_with_other_keys_are_not_alike() -> None:
    one, other = seen({"dW": 1.0, "db": 2.0}), seen({"dW": 1.0})

    assert not same_values(GRADIENTS, one, other)
    assert not same_values(GRADIENTS, other, one)


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [(None, None, True), (None, 1.0, False), (1.0, None, False), (None, "text", False)],
)
def test_places_that_a_template_leaves_empty_are_alike(
    one: Value, other: Value, *, alike: bool
) -> None:
    first, second = ({"dW": value, "db": 1.0} for value in (one, other))

    assert same_values(GRADIENTS, seen(first), seen(second)) is alike


def test_tolerance_is_the_functions_own() -> None:
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
def test_right_in_public_and_wrong_in_every_other_case_is_told_as_hard_coded(
    actual: Observation, ids: list[str]
) -> None:
    expected = seen(*(2.0 * case.args[0] for case in CASES))
    _, named = judge(DOUBLE, CASES, expected, actual)

    assert [diagnosis.id for diagnosis in named] == ids


def test_the_words_for_a_hard_coded_answer() -> None:
    expected = seen(*(2.0 * case.args[0] for case in CASES))
    _, (diagnosis,) = judge(DOUBLE, CASES, expected, seen(2.0, 2.0, 2.0, 2.0))

    assert diagnosis.message == (
        "Your function is right on the published example, but wrong on other data. Look for "
        "a fixed number that fits only this example: a size, a parameter's value or the "
        "result itself."
    )


def test_a_hidden_finding_tells_no_magnitude_of_what_is_right() -> None:
    _, others = verdicts(seen(2.0, 0.0, 6.0, 8.0))

    assert [finding.max_abs for finding in others.findings] == [None]
    assert "4" not in others.message.replace("of 3", "")


# ------------------------------------------------------------------ changed arguments


def changed(*outcomes: Returned) -> tuple[Diagnosis, ...]:
    """Return what is told of a right function of two parameters that changes some."""
    function = Function("double", ("x", "parameters"), scalar("y"), (FIXED,))
    cases = [TestCase("the example", "double", (1, {}), "", public=True) for _ in outcomes]
    right = Observation(tuple(Returned(1.0) for _ in outcomes))
    return judge(function, cases, right, Observation(outcomes))[1]


def test_arguments_that_were_changed_in_place_are_named() -> None:
    assert words(*changed(Returned(1.0, (1,)), Returned(1.0, (0, 1)))) == [
        (
            "inputs-mutated",
            (
                "Your function changes x, parameters in place. For an array that is a parameter, "
                "write `x = x + 1` instead of `x += 1`."
            ),
        )
    ]


def test_a_changed_argument_that_does_not_exist_is_no_finding() -> None:
    assert changed(Returned(1.0, (7,))) == ()


def test_a_public_case_that_is_wrong_comes_with_the_lines_that_show_it() -> None:
    case = TestCase("the example", "double", (2,), "", public=True, steps=("double(2)",))
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
def test_lines_to_try_a_hidden_case_are_told_once_where_what_is_public_is_right(
    statuses: str, kept: str
) -> None:
    known = {status.name[0]: status for status in CheckStatus}
    checks = tuple(
        CheckResult(name, known[letter], "", steps=() if letter in "PS" else ("a = 1",))
        for name, letter in zip("abc", statuses, strict=True)
    )
    told = with_steps_once(GROUPS, checks)

    assert "".join("x" if check.steps else "." for check in told) == kept
    assert [dataclasses.replace(check, steps=()) for check in told] == [
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


def test_where_an_array_differs_is_told_of_the_first_of_a_public_case() -> None:
    public, _ = arrays(case(1, public=True))

    assert [finding.grid for finding in public.findings] == [
        *[Grid((2,), ("90",), ("3 2",), ("1 2",))] * 6,
        *[None] * 3,
    ]


def test_where_an_array_of_a_hidden_case_differs_is_not_told() -> None:
    _, hidden = arrays(case(2))

    assert len(hidden.findings) == 9
    assert {finding.grid for finding in hidden.findings} == {None}
