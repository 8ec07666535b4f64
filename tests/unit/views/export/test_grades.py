"""The grade, the comment and the file name of a result."""

from __future__ import annotations

import unicodedata
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.messages import UNTRANSLATED
from grader.model.findings import FunctionStatus
from grader.model.result import Adjustment, AdjustmentKind, LatePenalty, Status
from grader.views.export.grades import (
    cell_grade,
    comment,
    file_name,
    grade,
    is_full,
    number,
    student_name,
    unique,
)
from tests.support import samples
from tests.unit.views.export.students import NAMES, SCORES, course, submission


def test_grades_are_the_scores_that_count() -> None:
    assert [grade(result) for result in course()] == [*SCORES.values()]


def test_zero_for_missing_is_never_given_for_our_failure() -> None:
    assert [grade(r, zero_missing=True) for r in course()[4:]] == [0.0, None, 0.0]


def test_points_given_by_hand_count_in_any_case() -> None:
    change = Adjustment(AdjustmentKind.POINTS, "read the PDF", "me", "now", "compute_cost", 20.0)
    by_hand = submission(1044, status=Status.INVALID, score=20.0, adjustments=(change,))

    assert grade(by_hand) == 20.0
    assert grade(replace(by_hand, score=0.0)) == 0.0


def test_a_student_without_a_submission_has_no_grade() -> None:
    nothing = submission(1044, status=Status.NOT_SUBMITTED, score=None)

    assert (grade(nothing), grade(nothing, zero_missing=True)) == (None, 0.0)
    assert comment(nothing, UNTRANSLATED) == ["not submitted"]


def test_a_cell_of_the_platform_keeps_a_grade_if_there_is_no_new_one() -> None:
    graded, ungraded, ours = course()[0], course()[4], course()[5]

    assert [cell_grade(r, "7", zero_missing=True) for r in (graded, ungraded, ours, None)] == [
        *(50.0, None, None, None)
    ]
    assert [cell_grade(r, " ", zero_missing=True) for r in (graded, ungraded, ours, None)] == [
        *(50.0, 0.0, None, 0.0)
    ]
    assert cell_grade(None, "", zero_missing=False) is None


@pytest.mark.parametrize(
    ("score", "text"),
    [(0.0, "0"), (75.0, "75"), (100 / 3, "33.33"), (66.5, "66.5"), (100.0, "100")],
)
def test_numbers_have_two_decimals_at_most(score: float, text: str) -> None:
    assert number(score) == text
    assert number(score, comma=True) == text.replace(".", ",")


def test_comment_has_points_and_hints() -> None:
    assert comment(submission(1041), UNTRANSLATED) == [
        "compute_cost: 12.5 of 25 points. The penalty misses its `1/2`. Compare <b>it</b>.",
        "forward: 25 of 25 points.",
    ]


def test_comment_ends_with_the_penalty_and_the_instructor() -> None:
    late = submission(
        1040,
        late_penalty=LatePenalty(5.0, "10%/day", "2026-11-01T00:00:00+00:00"),
        adjustments=(
            Adjustment(AdjustmentKind.DUE, "ill", "me", "now", due="later"),
            Adjustment(AdjustmentKind.COMMENT, "See\x1b[31m me\n=now.", "me", "now"),
            Adjustment(AdjustmentKind.POINTS, "It is right.", "me", "now", "forward", 25.0),
        ),
    )
    assert comment(late, UNTRANSLATED)[2:] == [
        "Late penalty: 5 points.",
        "See [31m me =now.",
        "forward: It is right.",
    ]


def test_points_given_by_hand_make_a_function_full() -> None:
    wrong = samples.function(FunctionStatus.FAILED)

    assert [is_full(f) for f in (wrong, replace(wrong, score=25.0))] == [False, True]


def test_comment_leaves_out_dropped_functions() -> None:
    dropped = replace(samples.function(FunctionStatus.FAILED, "forward"), max_score=0.0)

    assert comment(samples.result(dropped), UNTRANSLATED) == []


def test_comment_without_hints_has_the_messages_of_checks() -> None:
    assert comment(samples.stopped(), UNTRANSLATED)[0] == (
        "one: 0 of 25 points. What fixed cases found."
    )


def test_comment_of_an_ungraded_submission_is_the_reason() -> None:
    assert comment(course()[4], UNTRANSLATED) == ["This is a PDF, =not a notebook."]
    unexplained = submission(1044, status=Status.CRASHED, message="")
    assert comment(unexplained, UNTRANSLATED) == ["stopped Python"]


def test_student_names_are_one_line_without_bidi_marks() -> None:
    names = [student_name(submission(number)) for number in (1040, 1044, 1045)]

    assert names == ["Ada Lovelace", "gnp.exe", "../../etc/passwd -x"]
    assert student_name(samples.result(submission="alice")) == "alice"


@given(st.text(max_size=300))
def test_file_names_are_safe_everywhere(text: str) -> None:
    name = file_name(text)

    assert 0 < len(name) <= 101 and len(name.encode()) <= 181
    assert not set(name) & set('/\\:*?"<>|=+@\n\t\0')
    assert name[0] not in ".-= " and name[-1] not in ". " and ".." not in name
    assert not any(unicodedata.category(c)[0] == "C" for c in name)


@pytest.mark.parametrize("number", NAMES)
def test_file_names_of_the_class(number: int) -> None:
    expected = {
        1041: "O_Neil_ _Zoë_",
        1042: "_cmd_' _C calc'_A0".replace("'", "_"),
        1043: "山田 太郎",
        1044: "_gnp.exe",
        1045: "_._etc_passwd_-x",
        1046: "Müller_ Jürgen",
    }
    assert file_name(NAMES[number]) == expected.get(number, NAMES[number])


@pytest.mark.parametrize("name", ["con", "NUL.txt", "com1", "\u0301a"])
def test_reserved_names_are_changed(name: str) -> None:
    assert file_name(name) == "_" + name


def test_equal_names_get_numbers() -> None:
    assert [*unique(["a", "A", "b", "a", "a-2"])] == ["a", "A-2", "b", "a-3", "a-2-2"]
