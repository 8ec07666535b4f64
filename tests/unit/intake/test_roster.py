"""A roster is read from the CSV file of each platform, and from a plain one."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.errors import UsageError
from grader.intake import roster
from grader.model import Student

CANVAS = """\
Student,ID,SIS User ID,SIS Login ID,Section,Regularization (77)
,,,,,Manual Posting
    Points Possible,,,,,100.0
"Lovelace, Ada",1234,007,ada@example.org,A,
"Student, Test",9,,,A,
"""
MOODLE = """\
\ufeffIdentifier,Full name,Email address,Status,Grade,Maximum Grade
Participant 1234,Ada Lovelace,ada@example.org,No submission,,100.00
"""
MOODLE_GERMAN = """\
\ufeffID,Vollständiger Name,E-Mail-Adresse,Status
Teilnehmer/in 1234,Ada Lovelace,ada@example.org,Keine Abgabe
"""
MOODLE_POLISH = """\
Identyfikator,Imię i nazwisko,Adres e-mail
Uczestnik 1234,Ada Lovelace,ada@example.org
Uczestnik 1235,George Boole,george@example.org
"""
GRADESCOPE = """\
First Name,Last Name,SID,Email,Role
Ada,Lovelace,1234,ada@example.org,Student
George,Boole,1,george@example.org,Instructor
"""
BLACKBOARD = (
    '"Last Name"\t"First Name"\t"Username"\t"Student ID"\n"Lovelace"\t"Ada"\t"1234"\t"77"\n'
)
BRIGHTSPACE = """\
OrgDefinedId,Last Name,First Name,Email,End-of-Line Indicator
#1234,Lovelace,Ada,ada@example.org,#
"""
SAKAI = """\
"Regularization","SCORE_GRADE_TYPE"
""
"Display ID","ID","Last Name","First Name","grade"
"1234","1234","Lovelace","Ada",""
"""
NBGRADER = """\
id,first_name,last_name,email
1234,Ada,Lovelace,ada@example.org
"""
ADA = Student("1234", "Ada Lovelace", "ada@example.org")


@pytest.mark.parametrize(
    ("data", "student"),
    [
        (CANVAS.encode(), Student("1234", "Lovelace, Ada", "ada@example.org")),
        (MOODLE.encode(), ADA),
        (MOODLE_GERMAN.encode(), ADA),
        (GRADESCOPE.encode(), ADA),
        (BLACKBOARD.encode("utf-16"), Student("1234", "Ada Lovelace", None)),
        (BRIGHTSPACE.encode(), ADA),
        (SAKAI.encode(), Student("1234", "Ada Lovelace", None)),
        (NBGRADER.encode(), ADA),
        (b"id,name,email\r\n1234,Ada Lovelace,ada@example.org\r\n", ADA),
        (b"id;name;email\n1234;Ada Lovelace;ada@example.org\n", ADA),
        (b"Name,Email\nAda Lovelace,ada@example.org\n", Student(None, "Ada Lovelace", ADA.email)),
        (b"1234,Ada Lovelace,ada@example.org\n", ADA),
        (b"id,name\r1234,Ada Lovelace\r1234,Ada Lovelace\r", Student("1234", "Ada Lovelace", None)),
        (b"Email\nada@example.org\n", Student(None, None, "ada@example.org")),
        ("学号,姓名\n1234,张伟\n".encode("gbk"), Student("1234", "张伟", None)),
        (
            b'"identifier","github_username","github_id","name"\n"x","ada-l","5",""\n',
            Student("ada-l", None, None),
        ),
    ],
)
def test_the_students_of_a_roster(tmp_path: Path, data: bytes, student: Student) -> None:
    file = tmp_path / "roster.csv"
    file.write_bytes(data)

    assert roster.read_roster(file) == (student,)


def test_header_in_another_language_is_read_by_content(tmp_path: Path) -> None:
    file = tmp_path / "roster.csv"
    file.write_text(MOODLE_POLISH, "utf-8")

    assert roster.read_roster(file) == (ADA, Student("1235", "George Boole", "george@example.org"))


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "No students were found in "),
        (b"id,name\n", "No students were found in "),
        (b"question,points\nq1,3\nq2,4\n", "No students were found in "),
        (b"PK\x03\x04", "is no CSV file. In a spreadsheet choose Save as and CSV UTF-8."),
        (b"a\0b\0", "is no CSV file"),
        (b'id,name\n1,"Ada\n2,George\n', "is not valid CSV: unexpected end of data."),
        (
            b"id,name\n1,Ada\n2,George\n1,Kurt\n",
            "has two students with the ID 1: Ada and Kurt. Correct one of them.",
        ),
    ],
)
def test_other_files_are_a_usage_error(tmp_path: Path, data: bytes, message: str) -> None:
    file = tmp_path / "roster.csv"
    file.write_bytes(data)

    with pytest.raises(UsageError) as caught:
        roster.read_roster(file)
    assert message in str(caught.value)


def test_missing_roster_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"roster .*x\.csv could not be read: No such file"):
        roster.read_roster(tmp_path / "x.csv")
