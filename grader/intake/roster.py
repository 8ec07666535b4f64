"""Read the roster of a class from a CSV file: a platform's own, or plain `id,name,email`."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Collection, Sequence
from pathlib import Path

from grader.errors import UsageError
from grader.intake import roster_columns
from grader.intake.names import decode_names
from grader.intake.roster_columns import Columns, Row, is_header
from grader.intake.zips import is_zip
from grader.messages.sanitize import one_line
from grader.model.students import participant_number
from grader.model.submission import Student

_HEADER_ROWS = 8
_NO_STUDENT = re.compile(r"\s*(?:points possible|student, test|test student)\s*", re.IGNORECASE)
_FAMILY_FIRST = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_MAX_BYTES = 16 << 20


def read_roster(path: Path, present: Collection[str] = ()) -> tuple[Student, ...]:
    """Return the students of a roster. Raises UsageError if the file is none, or has an ID twice.

    `present` are the IDs of students and submissions. They decide which of several columns has the IDs.
    """
    rows = _rows(path)
    number = next((n for n, row in enumerate(rows[:_HEADER_ROWS]) if is_header(row)), None)
    if number is None:
        columns = roster_columns.find(rows)  # without addresses it may be any table
        body = [row for row in rows if columns.email is not None and "@" in ",".join(row)]
    else:
        body = rows[number + 1 :]
        ids = {word.casefold() for word in present}
        columns = roster_columns.find(body, rows[number], ids)
    students = [student for row in body if (student := _student(row, columns))]
    if not students:
        raise UsageError(
            f"No students were found in {one_line(str(path))}. Its first line must name the columns, "
            "for example id,name,email."
        )
    return _each_once(path, students)


def _each_once(path: Path, students: Sequence[Student]) -> tuple[Student, ...]:
    """Return each student once, with the first address of several.

    Raises UsageError if two names have one ID: whose a submission is would be a guess.
    """
    by_id: dict[str | Student, Student] = {}
    for student in students:
        first = by_id.setdefault(student.id or student, student)
        if first.name and student.name and _folded(first.name) != _folded(student.name):
            raise UsageError(
                f"{one_line(str(path))} has two students with the ID {student.id}: {first.name} and "
                f"{student.name}. Correct one of them."
            )
        by_id[student.id or student] = Student(
            first.id, first.name or student.name, first.email or student.email
        )
    return tuple(by_id.values())


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()


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


def _student(row: Row, columns: Columns) -> Student | None:
    """Return the student of a row, None for one of the course's staff, of points, or without a name."""

    def cell(number: int | None) -> str:
        return one_line(row[number], limit=200) if number is not None and number < len(row) else ""

    name = _full_name(cell(columns.name), cell(columns.first), cell(columns.last))
    role, email = cell(columns.role), cell(columns.email)
    if _NO_STUDENT.fullmatch(name) or (role and "student" not in role.casefold()):
        return None
    email = email if "@" in email else ""
    number = cell(columns.id).removeprefix("#")
    if columns.has_participants:
        number = participant_number(number) or number
    if not (number or name or email):
        return None
    if columns.email is None and columns.name is None and "@" in number:
        return Student(None, None, number)
    return Student(number or None, name or None, email or None)


def _full_name(name: str, first: str, last: str) -> str:
    """Return the name of a student from the cells that a roster has.

    "Name" beside a first name is the family name. Chinese, Japanese and Korean names begin with it.
    """
    if name and (last or first.casefold() in name.casefold()):
        return name
    words = [last or name, first] if _FAMILY_FIRST.match(first) else [first, last or name]
    return " ".join(filter(None, words))
