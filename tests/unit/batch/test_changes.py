"""The rows of students on a roster: which submission belongs to which entry."""

from __future__ import annotations

import pytest

from grader.batch.changes import Entry, matches
from grader.model.submission import Student

ADA = Student("1", "Ada Lovelace", "ada@example.org")
NAMESAKE = Student("2", "Lovelace, Ada", None)
GEORGE = Student("3", "O'Neil-Boole, George", None)


def matched(listed: list[Student], **students: Student | None) -> dict[str, Student]:
    entries = [Entry(f"row{number}", student) for number, student in enumerate(listed)]
    return {name: entry.student for name, entry in matches(entries, students).items()}


@pytest.mark.parametrize(
    "student",
    [
        Student("1", "somebody", None),
        Student("9", None, "ADA@example.org"),
        Student(None, "Lovelace, Ada", None),
        Student(None, "lovelaceada", None),
    ],
)
def test_student_is_found_by_id_address_or_name(student: Student) -> None:
    """Canvas writes names in one word."""
    assert matched([ADA, GEORGE], x=student) == {"x": ADA}
    assert matched([ADA, GEORGE], x=Student(None, "oneilboolegeorge", None)) == {"x": GEORGE}


@pytest.mark.parametrize("name", ["1", "ada", "Ada_Lovelace", "AdaLovelace", "row0"])
def test_submission_named_after_a_student_is_found(name: str) -> None:
    assert matched([ADA, GEORGE], **{name: None}) == {name: ADA}


def test_users_of_clones_are_found() -> None:
    """`task-user` in a folder of any name: a user's name can end with that of another."""
    mary, ann = Student("mary-ann", None, None), Student("Ann", None, None)
    clones = {"hw-5-mary-ann": mary, "hw-5-ann": ann}

    assert matched([mary, ann], **dict.fromkeys(clones)) == clones
    assert matched([mary, ann], **{"hw-5-ann": None}) == {}


def test_number_in_the_name_of_one_file_is_found() -> None:
    """A number that several files have is that of the task or the year."""
    listed = [Student("1040", "Ada Lovelace", None), Student("2026", "Grace Hopper", None)]
    names = {"hw_2026_ada-1040": None, "hw_2026_zoe-77": None}

    assert matched(listed, **names) == {"hw_2026_ada-1040": listed[0]}
    assert matched(listed, **{"1040_2026": None, "zoe_10400": None}) == {}
    assert matched([Student("77", None, None)], **names) == {}


def test_name_of_two_students_decides_nothing() -> None:
    assert matched([ADA, NAMESAKE], x=Student(None, "Ada Lovelace", None)) == {}
    assert matched([ADA, NAMESAKE], x=Student("2", "Ada Lovelace", None)) == {"x": NAMESAKE}
    assert matched([ADA], x=Student(None, "Ada King", None), y=Student(None, "Ada", None)) == {}


def test_name_does_not_join_different_ids() -> None:
    """Unless the roster has IDs of another kind, which no submission has."""
    other = Student("7", "Ada Lovelace", None)

    assert matched([ADA, GEORGE], x=other, y=GEORGE) == {"y": GEORGE}
    assert matched([ADA, GEORGE], x=other) == {"x": ADA}
