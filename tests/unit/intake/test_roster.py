"""A roster is read from the CSV file of each platform, and from a plain one."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader.errors import UsageError
from grader.intake import roster
from grader.model.submission import Student

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


LOVE = Student("4001", "Ada Love", "ada@example.org")
LEE = Student("4002", "Bo Lee", "bo@example.org")


@pytest.mark.parametrize(
    "titles",
    [
        *("First name,Last name,Email address,Groups", "Vorname,Nachname,E-Mail-Adresse,Gruppen"),
        *("Prénom,Nom de famille,Adresse de courriel,Groupes", "Nome,Cognome,Indirizzo email,x"),
        *("Nombre,Apellido(s),Dirección de correo,Grupos", "Nome,Apelido(s),Endereço de email,x"),
        *("Voornaam,Achternaam,E-mailadres,Groepen", "Имя,Фамилия,Адрес электронной почты,Группы"),
        *("名,姓氏,电子邮件地址,小组", "名,姓,メールアドレス,グループ", "이름,성,이메일 주소,모둠"),
        *("Imię,Nazwisko,Adres e-mail,Grupy", "Adı,Soyadı,E-posta adresi,Gruplar"),
        *("Förnamn,Efternamn,E-postadress,Grupper", "Vorname,Name,Mailadresse (Uni),Gruppe"),
    ],
)
def test_moodles_participants_in_every_language(tmp_path: Path, titles: str) -> None:
    """First and last name are joined; titles that are not known are replaced by the content."""
    file = tmp_path / "roster.csv"
    file.write_text(
        f"{titles}\nAda,Love,ada@example.org,Group 1\nBo,Lee,bo@example.org,\n", "utf-8"
    )

    names = [(student.id, student.name, student.email) for student in roster.read_roster(file)]
    assert names == [(None, each.name, each.email) for each in (LOVE, LEE)]


@pytest.mark.parametrize(
    "text",
    [
        (
            "Nom,Prénom,Numéro d'inscription,Mél,Tél. mobile\n"
            "Love,Ada,4001,ada@example.org,33600001\nLee,Bo,4002,bo@example.org,33600002\n"
        ),
        (
            "ID,Name,E-Mail\nTeilnehmer/in4001,Ada Love,ada@example.org\n"
            "Teilnehmer/in4002,Bo Lee,bo@example.org\n"
        ),
        "编号,全名,电子邮件地址\n参与者4001,Ada Love,ada@example.org\n参与者4002,Bo Lee,bo@example.org\n",
        "ID,Navn,Epost\nDeltaker4001,Ada Love,ada@example.org\nDeltaker4002,Bo Lee,bo@example.org\n",
    ],
)
def test_numbers_beside_names_in_other_languages(tmp_path: Path, text: str) -> None:
    file = tmp_path / "roster.csv"
    file.write_text(text, "utf-8")

    assert roster.read_roster(file) == (LOVE, LEE)


@pytest.mark.parametrize(
    ("present", "number"),
    [((), "1234"), ({"ADA7", "Bo"}, "ada7"), ({"S007"}, "S007"), ({"1234", "x"}, "1234")],
)
def test_column_of_ids_is_that_of_the_submissions(
    tmp_path: Path, present: set[str], number: str
) -> None:
    """Canvas, Brightspace and Blackboard have a number, a user, and the university's number."""
    file = tmp_path / "Grades.csv"
    file.write_text('Student,ID,SIS User ID,SIS Login ID,Section\n"Love, Ada",1234,#S007,ada7,A\n')
    assert roster.read_roster(file, present) == (Student(number, "Love, Ada"),)


def test_student_with_two_addresses_is_one(tmp_path: Path) -> None:
    file = tmp_path / "roster.csv"
    file.write_text("id,name,email\n4001,Ada Love,ada@example.org\n4001,ADA LOVE,a2@example.org\n")

    assert roster.read_roster(file) == (LOVE,)


def test_chinese_names_and_numbers_with_letters_are_kept(tmp_path: Path) -> None:
    file = tmp_path / "roster.csv"
    file.write_text("学号,名,姓\ns20261,伟,王\ns20262,娜,李\n", "utf-8")

    assert roster.read_roster(file) == (Student("s20261", "王 伟"), Student("s20262", "李 娜"))


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
