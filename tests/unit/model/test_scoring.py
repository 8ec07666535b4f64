"""The score that counts: points given by a person, dropped functions, the late penalty, in this order."""

from __future__ import annotations

from dataclasses import replace

import pytest

from grader.errors import UsageError
from grader.model.findings import FunctionStatus
from grader.model.result import Adjustment, AdjustmentKind, LatePenalty, Result, Status
from grader.model.scoring import LateRule, Policy, counted, lacks_time, parse_rule
from tests.support import samples

DUE = "2026-11-08T20:00:00+01:00"
RULE = "10%/day,max=50%,grace=15min"


def graded(submitted_at: str | None = None, *, late: bool | None = None) -> Result:
    """Return a result with 25, 12.5 and 0 of 25 points, and 25 points for trainings."""
    functions = (
        samples.function(FunctionStatus.PASSED, "a"),
        samples.function(FunctionStatus.PARTIAL, "b"),
        samples.function(FunctionStatus.FAILED, "c"),
    )
    result = samples.result(*functions, submitted_at=submitted_at, late=late)
    return replace(result, score=62.5, max_score=100.0)


def points(function: str, value: float, why: str = "a typing error") -> Adjustment:
    return Adjustment(AdjustmentKind.POINTS, why, "ada", DUE, function, value)


def scores(result: Result) -> list[float | None]:
    return [function.score for function in result.functions]


# ------------------------------------------------------------------ points and dropped functions


def test_without_changes_the_raw_score_counts() -> None:
    result = counted(graded())

    assert (result.score, result.raw_score, result.max_score) == (62.5, 62.5, 100.0)
    assert result.adjustments == ()


def test_points_of_a_person_replace_those_of_grading() -> None:
    result = counted(graded(), adjustments=[points("b", 20.0)])

    assert (result.score, result.raw_score) == (70.0, 62.5)
    assert scores(result) == [25.0, 20.0, 0.0]
    assert result.adjustments == (replace(points("b", 20.0), raw_points=12.5),)


def test_the_last_points_for_a_function_count() -> None:
    result = counted(graded(), adjustments=[points("b", 20.0), points("b", 5.0, "no")])

    assert result.score == 55.0
    assert [change.why for change in result.adjustments] == ["no"]


def test_all_comments_are_kept() -> None:
    comments = [Adjustment(AdjustmentKind.COMMENT, text, "ada", DUE) for text in ("One.", "Two.")]

    assert [c.why for c in counted(graded(), adjustments=comments).adjustments] == ["One.", "Two."]


def test_a_dropped_function_is_listed_with_no_points() -> None:
    result = counted(graded(), Policy(("a",)), [points("a", 3.0)])

    assert (result.score, result.max_score, result.raw_score) == (37.5, 75.0, 62.5)
    assert [(f.score, f.max_score) for f in result.functions] == [
        (0.0, 0.0),
        (12.5, 25.0),
        (0.0, 25.0),
    ]


def test_a_person_can_grade_what_the_grader_could_not() -> None:
    failed = samples.ungraded(Status.INTERNAL)
    failed = replace(failed, functions=tuple(replace(f, score=None) for f in failed.functions))
    one = counted(failed, adjustments=[points("forward", 25.0)])
    both = counted(failed, adjustments=[points("forward", 25.0), points("compute_cost", 5.0)])

    assert (one.score, both.score, both.raw_score) == (None, 30.0, None)


# ------------------------------------------------------------------ late submissions


@pytest.mark.parametrize(
    ("submitted_at", "expected"),
    [
        ("2026-11-08T20:00:00+01:00", 62.5),
        ("2026-11-08T20:15:00+01:00", 62.5),
        ("2026-11-08T20:15:01+01:00", 52.5),
        ("2026-11-08T19:15:01+00:00", 52.5),
        ("2026-11-09T20:15:00+01:00", 52.5),
        ("2026-11-09T20:15:01+01:00", 42.5),
        ("2026-12-24T20:00:00+01:00", 12.5),
    ],
)
def test_each_begun_day_costs_a_share_of_the_maximum(submitted_at: str, expected: float) -> None:
    result = counted(graded(submitted_at), Policy(due=DUE, late_penalty=RULE))

    assert result.score == expected
    assert result.late is (expected < 62.5)
    assert result.due == DUE


def test_the_penalty_is_recorded() -> None:
    result = counted(graded("2026-11-09T06:00:00Z"), Policy(due=DUE, late_penalty="10%/day"))

    assert result.late_penalty == LatePenalty(10.0, "10%/day", DUE)


def test_the_score_is_never_below_zero() -> None:
    policy = Policy(due=DUE, late_penalty="40%/hour")
    result = counted(graded("2026-11-09T20:00:00+01:00"), policy)

    assert result.score == 0.0
    assert result.late_penalty == LatePenalty(62.5, "40%/hour", DUE)


def test_the_penalty_is_a_share_of_what_can_be_reached() -> None:
    policy = Policy(("c",), DUE, "10%/day")

    assert counted(graded("2026-11-08T21:00:00+01:00"), policy).score == 55.0


def test_an_extension_moves_the_due_time_of_one_student() -> None:
    later = "2026-11-10T20:00:00+01:00"
    extension = Adjustment(AdjustmentKind.DUE, "ill", "ada", DUE, due=later)
    policy = Policy(due=DUE, late_penalty=RULE)
    result = counted(graded("2026-11-09T20:00:00+01:00"), policy, [extension])

    assert (result.score, result.late, result.due) == (62.5, False, later)


@pytest.mark.parametrize("late", [True, None])
@pytest.mark.parametrize("policy", [Policy(late_penalty=RULE), Policy(due=DUE, late_penalty=RULE)])
def test_without_times_there_is_no_penalty(policy: Policy, *, late: bool | None) -> None:
    result = counted(graded(late=late), policy)

    assert (result.score, result.late) == (62.5, late)
    assert lacks_time(result, policy)


def test_who_is_in_time_needs_no_time() -> None:
    policy = Policy(due=DUE, late_penalty=RULE)

    assert not lacks_time(counted(graded(late=False), policy), policy)
    assert not lacks_time(counted(graded(), Policy(due=DUE)), Policy(due=DUE))
    assert not lacks_time(counted(graded("2026-11-08T20:00:00+01:00"), policy), policy)


# ------------------------------------------------------------------ rules


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("10%/day", LateRule(10.0, 86_400)),
        ("10%/day,max=50%,grace=15min", LateRule(10.0, 86_400, 50.0, 900.0)),
        ("2.5%/hour, grace=1h", LateRule(2.5, 3600, grace=3600.0)),
        ("100%/d,grace=2day", LateRule(100.0, 86_400, grace=172_800.0)),
    ],
)
def test_rules(text: str, rule: LateRule) -> None:
    assert parse_rule(text) == rule


@pytest.mark.parametrize("text", ["", "10", "10%", "10/day", "-1%/day", "10%/day,50%", "10%/day,"])
def test_other_text_is_no_rule(text: str) -> None:
    with pytest.raises(UsageError) as error:
        parse_rule(text)
    assert str(error.value) == (
        f"{text!r} is not a late penalty. Write for example 10%/day or 10%/day,max=50%,grace=15min."
    )


@pytest.mark.parametrize("text", ["101%/day", "10%/day,max=200%"])
def test_a_penalty_has_a_limit(text: str) -> None:
    with pytest.raises(UsageError, match=r"takes more than 100 % of the maximum\.$"):
        parse_rule(text)
