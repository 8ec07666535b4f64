"""Read the roster of a class from a CSV file: a platform's own, or plain `id,name,email`."""

from __future__ import annotations

import csv
import io
import itertools
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from grader.errors import UsageError
from grader.intake.names import decode_names
from grader.intake.zips import is_zip
from grader.messages.sanitize import one_line
from grader.model import Student

_ID = (
    *("github_username", "display id", "identifier", "username", "user name", "sid", "id"),
    *("student id", "student_id", "studentid", "orgdefinedid", "user id", "user_id", "userid"),
    *("login", "sis user id", "student number", "id number", "matrikelnummer", "学号"),
)
_NAME = ("name", "full name", "fullname", "student", "student name", "display name", "姓名")
_FIRST = ("first name", "first_name", "firstname", "given name", "vorname", "prénom", "nombre")
_LAST = ("last name", "last_name", "lastname", "surname", "family name", "nachname", "nom")
_EMAIL = ("email", "email address", "e-mail", "e-mail address", "mail", "sis login id", "邮箱")
_ROLE = ("role",)
_KNOWN = {*_ID, *_NAME, *_FIRST, *_LAST, *_EMAIL}
"""In order of preference. Canvas, Moodle, Gradescope, Blackboard, Brightspace, Sakai, nbgrader, GitHub."""

_HEADER_ROWS = 8
_PARTICIPANT = re.compile(r"[^\W\d][^\d]*?(\d+)")
_NO_STUDENT = re.compile(r"\s*(?:points possible|student, test|test student)\s*", re.IGNORECASE)
_MAX_BYTES = 16 << 20

Row = Sequence[str]


class _Columns(NamedTuple):
    """The numbers of the columns, None for one that is missing."""

    id: int | None
    name: int | None
    first: int | None = None
    last: int | None = None
    email: int | None = None
    role: int | None = None


def read_roster(path: Path) -> tuple[Student, ...]:
    """Return the students of a roster. Raises UsageError if the file is none, or has an ID twice."""
    rows = _rows(path)
    number = next((n for n, row in enumerate(rows[:_HEADER_ROWS]) if _is_header(row)), None)
    if number is None:
        columns = _by_content(rows)  # without addresses it may be any table
        body = [row for row in rows if columns.email is not None and "@" in ",".join(row)]
    else:
        columns, body = _by_header(rows[number]), rows[number + 1 :]
    students = [student for row in body if (student := _student(row, columns))]
    if not students:
        raise UsageError(
            f"No students were found in {one_line(str(path))}. Its first line must name the columns, "
            "for example id,name,email."
        )
    _refuse_namesakes(path, students)
    return tuple(dict.fromkeys(students))


def _refuse_namesakes(path: Path, students: Sequence[Student]) -> None:
    """Raise UsageError if two students have one ID: whose a submission is would be a guess."""
    names: dict[str | None, str | None] = {}
    for student in students:
        first = names.setdefault(student.id, student.name)
        if student.id and first != student.name:
            raise UsageError(
                f"{one_line(str(path))} has two students with the ID {student.id}: {first} and "
                f"{student.name}. Correct one of them."
            )


def _rows(path: Path) -> list[list[str]]:
    try:
        with path.open("rb") as file:
            data = file.read(_MAX_BYTES)
    except OSError as error:
        raise UsageError(
            f"The roster {one_line(str(path))} could not be read: {error.strerror}."
        ) from None
    if is_zip(data) or (b"\0" in data.removeprefix(b"\xff\xfe")[1::2] and not _is_utf16(data)):
        raise UsageError(
            f"{one_line(str(path))} is no CSV file. In a spreadsheet choose Save as and CSV UTF-8."
        )
    text = data.decode("utf-16", "replace") if _is_utf16(data) else decode_names([data]).names[0]
    text = text.removeprefix("\ufeff")
    head = text[:4000]
    delimiter = max(",;\t", key=head.count)
    try:
        lines = io.StringIO(text, newline=None)
        return [row for row in csv.reader(lines, delimiter=delimiter, strict=True) if any(row)]
    except csv.Error as error:
        raise UsageError(f"{one_line(str(path))} is not valid CSV: {error}.") from None


def _is_utf16(data: bytes) -> bool:
    return data.startswith((b"\xff\xfe", b"\xfe\xff"))


def _is_header(row: Row) -> bool:
    cells = {cell.strip().casefold() for cell in row}
    return len(cells & _KNOWN) > 1 or (bool(cells & _KNOWN) and len(row) == 1)


def _by_header(row: Row) -> _Columns:
    cells = [cell.strip().casefold() for cell in row]

    def first(names: Sequence[str]) -> int | None:
        return next((cells.index(name) for name in names if name in cells), None)

    return _Columns(*(first(names) for names in (_ID, _NAME, _FIRST, _LAST, _EMAIL, _ROLE)))


def _by_content(rows: Sequence[Row]) -> _Columns:
    """Return the columns of a file in another language, or without a header, by their content."""
    columns = [list(column) for column in itertools.zip_longest(*rows, fillvalue="")]

    def first(matches: Callable[[str], bool], used: Sequence[int | None] = ()) -> int | None:
        counts = [
            (sum(map(matches, cells)), -n) for n, cells in enumerate(columns) if n not in used
        ]
        best, number = max(counts, default=(0, 0))
        return -number if 2 * best > len(rows) - 1 > 0 or (best and len(rows) == 1) else None

    email = first(lambda cell: "@" in cell)
    number = first(lambda cell: bool(re.fullmatch(r"\D*\d+", cell.strip())), [email])
    name = first(lambda cell: bool(re.search(r"[^\W\d]", cell)), [email, number])
    return _Columns(number, name, email=email)


def _student(row: Row, columns: _Columns) -> Student | None:
    """Return the student of a row, None for one of the course's staff, of points, or without a name."""

    def cell(number: int | None) -> str:
        return one_line(row[number], limit=200) if number is not None and number < len(row) else ""

    name = cell(columns.name) or " ".join(filter(None, (cell(columns.first), cell(columns.last))))
    role, email = cell(columns.role), cell(columns.email)
    if _NO_STUDENT.fullmatch(name) or (role and "student" not in role.casefold()):
        return None
    email = email if "@" in email else ""
    number = cell(columns.id).removeprefix("#")
    participant = _PARTICIPANT.fullmatch(number)
    if participant and " " in number:  # Moodle writes "Participant 12"
        number = participant[1]
    if not (number or name or email):
        return None
    if columns.email is None and columns.name is None and "@" in number:
        return Student(None, None, number)
    return Student(number or None, name or None, email or None)
