"""The row of each result in the instructor's own export."""

from __future__ import annotations

from grader.model.result import Result, Status
from grader.model.submission import Student
from grader.views.export.matching import Identity, match, without_grade
from grader.views.export.request import Request
from tests.support import samples
from tests.support.languages import CHINESE
from tests.unit.views.export.students import course, submission


def result(
    submission: str, id: str | None = None, name: str | None = None, email: str | None = None
) -> Result:
    return samples.result(submission=submission, student=Student(id, name, email))


def rows(*results: Result) -> dict[int, str]:
    """Return the submission of each row of a small class."""
    identities = [
        Identity(("1040", "S7", "ada@uni.example"), "Lovelace, Ada"),
        Identity(("1041", "1040", "bob"), "Smith, Bob"),
        Identity(("1042", "S9", "bob2"), "Smith, Bob"),
        Identity(("1043", "S10", ""), "Ramón, José"),
    ]
    return {row: found.submission for row, found in match(identities, results).by_row.items()}


def test_the_platforms_own_id_comes_first() -> None:
    assert rows(result("a", "1040")) == {0: "a"}


def test_other_ids_and_addresses_decide_before_names() -> None:
    assert rows(result("a", "s9")) == {2: "a"}
    assert rows(result("a", None, "Bob Smith", "ADA@uni.example")) == {0: "a"}
    assert rows(samples.result(submission="bob2")) == {2: "bob2"}


def test_a_class_with_ids_is_not_found_by_names_or_by_other_ids() -> None:
    """A student who left the course may have the name, or as a number the SIS ID, of another."""
    ada = result("ada", "1040")

    assert rows(ada, result("other", "7", "José Ramón")) == {0: "ada"}
    rows_ = [Identity(("1", "2")), Identity(("3", "4"))]
    found = match(rows_, [result("a", "1"), result("b", "4"), result("c", "3")])
    assert {row: r.submission for row, r in found.by_row.items()} == {0: "a", 1: "c"}
    assert rows(ada, result("other", None, "José Ramón")) == {0: "ada", 3: "other"}
    assert rows(ada, result("other", "7", None, "bob2")) == {0: "ada", 2: "other"}


def test_a_name_counts_in_any_order_and_composition() -> None:
    assert rows(result("a", None, "Jose\u0301 Ramo\u0301n")) == {3: "a"}
    assert rows(samples.result(submission="Ada_Lovelace")) == {0: "Ada_Lovelace"}


def test_a_name_of_two_students_decides_nothing() -> None:
    found = match([Identity(("1",), "Bob"), Identity(("2",), "Bob")], [result("x", None, "Bob")])

    assert found.by_row == {}
    assert found.notes == ("No row of the gradebook belongs to x. Their grades are not exported.",)


def test_two_results_of_one_row_give_no_grade() -> None:
    found = match([Identity(("1",), "Bob")], [result("x", "1"), result("y", "1")])

    assert found.by_row == {}
    [note] = found.notes
    assert note == (
        "x, y belong to the same row of the gradebook, which gets no grade. Remove all but one with "
        "'grader forget'."
    )


def test_student_without_a_submission_gives_way() -> None:
    absent = samples.result(
        submission="x", student=Student("1", "Bob"), status=Status.NOT_SUBMITTED, score=None
    )
    found = match([Identity(("1",), "Bob")], [absent, result("y", "1"), absent])

    assert found.by_row == {0: result("y", "1")} and found.notes == ()


def test_many_results_without_a_row_are_counted() -> None:
    [note] = match([], [result(f"s{number}") for number in range(12)]).notes

    assert (
        note.startswith("No row of the gradebook belongs to s0, s1, ") and "s9 and 2 more." in note
    )


def test_submissions_without_a_grade_are_named_with_the_reason() -> None:
    nothing = submission(1040, status=Status.NOT_SUBMITTED, score=None)
    unexplained = submission(1044, status=Status.CRASHED, message="")

    assert without_grade(Request([*course(), nothing, unexplained], CHINESE)) == [
        "No grade for s1044: This is a PDF, =not a notebook.",
        "No grade for s1045: The grader failed.",
        "No grade for s1046: It did not finish.",
        "No grade for s1044: stopped Python.",
        "No grade for students who submitted nothing: 1.",
    ]
    assert without_grade(Request([*course(), nothing], zero_missing=True)) == [
        "No grade for s1045: The grader failed."
    ]
    assert without_grade(Request(course()[4:5] * 12))[-1] == "No grade for 2 more submissions."
