"""Sentences about a roster that does not fit the submissions."""

from __future__ import annotations

import pytest

from grader.batch.changes import matches
from grader.batch.roster import entries, notes
from grader.model.students import names_differ
from grader.model.submission import Student

CLASS = [
    Student(f"400{number}", name) for number, name in enumerate(("Ada Love", "Bo Lee", "Cy Ng"))
]


def noted(listed: list[Student], **students: Student) -> list[str]:
    return notes(matches(entries(listed), students), students, len(listed))


def test_id_of_a_roster_entry_is_that_of_a_download() -> None:
    """As Sakai and ILIAS name folders."""
    listed = [Student("4000", "Love, Ada"), Student("4000", "Love, Ada"), Student("4001", "Bo Lee")]
    names = [entry.submission for entry in entries(listed)]
    assert names == ["Love_Ada_4000", "Love_Ada_4000-2", "Bo_Lee_4001"]


def test_roster_without_most_submissions_is_named() -> None:
    """A few early submissions that are on the roster are no reason."""
    strangers = {f"s{number}": Student(None, f"Stranger {number}") for number in range(3)}

    assert noted(CLASS, a=CLASS[0]) == []
    assert noted(CLASS, a=CLASS[0], **strangers) == [
        (
            "1 of 3 students on the roster have a submission. If that is too few, check that its columns of "
            "numbers, names or e-mail addresses are those of the platform, and name them in its first line, "
            "for example id,name,email."
        )
    ]


def test_equal_number_of_different_names_is_named() -> None:
    others = {"b": Student("4001", "leebo"), "c": Student("4002", "ngcy")}

    assert noted(CLASS, a=Student("4000", "Participant 4000"), **others) == []
    assert noted(CLASS, a=Student("4000", "Dan Fox"), **others) == [
        (
            "Download and roster have the same number but different names for a (Ada Love on the roster). "
            "Check whose number it is, and correct the roster if it is wrong."
        )
    ]


def test_submissions_of_groups_are_named() -> None:
    """Canvas writes the name of the group and the number of one member."""
    groups = {f"team{n}": Student(student.id, f"team{n}") for n, student in enumerate(CLASS)}
    foreign = Student("4005", "王 小明")
    groups["team5"] = Student("4005", "team5")
    [note] = noted([*CLASS, foreign, Student("4009", "Di Nix")], **groups)

    assert note == (
        "Download and roster have the same number but different names for team0 (Ada Love on the "
        "roster), team1 (Bo Lee on the roster), team2 (Cy Ng on the roster). If they are groups, Canvas "
        "lists one member of each: let Canvas give the grade to the whole group, and do not use "
        "--zero-missing. Otherwise check the numbers on the roster."
    )


@pytest.mark.parametrize(
    ("first", "second", "differ"),
    [
        ("Lovelace, Ada", "lovelaceada", False),
        ("J\u00f6rg M\u00fcller", "Muller", False),
        ("Wang Wei", "王伟", None),
        (None, "Ada", None),
        ("Ada Lovelace", "Bob Smith", True),
        ("李娜", "王伟", True),
    ],
)
def test_names_differ_if_they_share_no_word(
    first: str | None, second: str, *, differ: bool | None
) -> None:
    assert names_differ(first, second) is differ
