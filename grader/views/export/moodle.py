"""Moodle's grading worksheet, and a zip of feedback files.

The rules are those of moodle/moodle: `mod/assign/feedback/offline/importgradeslib.php` reads the
worksheet, `mod/assign/gradingtable.php` writes it, `mod/assign/feedback/file/importziplib.php` reads the
zip. The titles of the columns are in the language of the site, so the columns are found by their
cells. A folder of the zip ends in the number of the participant, as in the download.
"""

from __future__ import annotations

import html
import io
import re
import zipfile
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from grader.model.result import Result, Status
from grader.model.students import is_participants, participant_number
from grader.views.export import cells
from grader.views.export.cells import CsvTable, own, value
from grader.views.export.grades import cell_grade, comment, number, student_name
from grader.views.export.matching import Identity, Matching, match, without_grade
from grader.views.export.request import Export, ExportFile, Request
from grader.views.html.student_page import student_page

_WORKSHEET: Final = "worksheet.csv"
_ZIP: Final = "feedback.zip"
_PAGE: Final = "feedback.html"
_NUMBER: Final = re.compile(r"\d+(?:[.,]\d+)?")
_TIME: Final = re.compile(r"-|.*\d{1,2}[:.h]\d{2}.*", re.DOTALL)
_FOLDER: Final = re.compile(r"(.+_\d+_assignsubmission_[a-z]+)(_.*)?", re.DOTALL)
_UNSAFE: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\\:*?\"<>|]")
_EPOCH: Final = (2000, 1, 1, 0, 0, 0)
_NO_WORKSHEET: Final = (
    "Without --gradebook there is no worksheet.csv. Download it in Moodle: the assignment, Download "
    "grading worksheet."
)
_NOT_MOODLE: Final = (
    "This is not a grading worksheet of Moodle: it needs a first column of participants, and a column "
    "of grades before that of the maximum grade. Download it again, or choose the grades with --column."
)


class _Columns(NamedTuple):
    """The positions of the columns; that of the comments is None if the site has no such feedback."""

    participant: int
    grade: int
    comments: int | None


def moodle(request: Request) -> Export:
    """Return worksheet and zip. Raises ValueError if the worksheet is not Moodle's."""
    notes = without_grade(request)
    if request.gradebook is None:
        return Export(_files(request, None), [*notes, _NO_WORKSHEET])
    table = cells.parse(request.gradebook)
    columns = _columns(table, request.column)
    matching = match([_identity(row, columns) for row in table.rows], request.results)
    notes += [*_points_differ(table, columns, request.max_score), *matching.notes]
    if columns.comments is None:
        notes.append("The worksheet has no column for comments, so only grades are exported.")
    return Export(_files(request, _worksheet(table, columns, matching, request)), notes)


def _files(request: Request, worksheet: str | None) -> Iterator[ExportFile]:
    if worksheet is not None:
        yield ExportFile(_WORKSHEET, worksheet.encode())
    yield ExportFile(_ZIP, _feedback(request))


# ------------------------------------------------------------------ the worksheet


def _columns(table: CsvTable, title: str | None) -> _Columns:
    """Return the positions of the columns. Raises ValueError if participants or grades are missing."""
    header = [value(cell).strip() for cell in table.rows[0]] if table.rows else []
    rows = [[value(cell).strip() for cell in row] for row in table.rows[1:] if any(row)]
    full = [row for row in rows if len(row) == len(header)]
    by_column = [*zip(*full, strict=True)] if full else []
    people = [at for at, column in enumerate(by_column) if is_participants(column)]
    pairs = (at for at in range(1, len(by_column) - 1) if _is_grade(by_column, at))
    grades = header.index(title) if title in header else next(pairs, None)
    if not people or grades is None or (title and title not in header):
        raise ValueError(_NOT_MOODLE)
    last = by_column[-1]
    is_time = all(map(_TIME.fullmatch, last)) and grades < len(header) - 1
    return _Columns(people[0], grades, None if is_time else len(header) - 1)


def _is_grade(columns: Sequence[Sequence[str]], at: int) -> bool:
    """Return True for numbers or nothing, left of a column with the same number in each row."""
    grades, maximum = columns[at], {*columns[at + 1]}
    return (
        all(not cell or _NUMBER.fullmatch(cell) for cell in grades)
        and len(maximum) == 1
        and all(map(_NUMBER.fullmatch, maximum))
    )


def _identity(row: Sequence[str], columns: _Columns) -> Identity:
    """Return the number of the participant, then the address and other cells before the grade."""
    texts = [value(cell).strip() for cell in row[: columns.grade]]
    person = participant_number(texts[columns.participant]) if _is_full(row, columns) else ""
    if not person:
        return Identity(("",) * (columns.grade - columns.participant))
    more = texts[columns.participant + 1 :]
    return Identity((person, *more), more[0] if more else "")


def _is_full(row: Sequence[str], columns: _Columns) -> bool:
    return len(row) > max(columns.grade, columns.comments or 0)


def _worksheet(table: CsvTable, columns: _Columns, matching: Matching, request: Request) -> str:
    comma = any(
        "," in value(cell) and _NUMBER.fullmatch(value(cell))
        for row in table.rows
        for cell in row[columns.grade : columns.grade + 2]
    )
    rows = [[*row] for row in table.rows]
    for at, row in enumerate(rows):
        if at == 0 or not _is_full(row, columns):
            continue
        result = matching.by_row.get(at)
        old = value(row[columns.grade])
        score = cell_grade(result, old, zero_missing=request.zero_missing)
        if score is not None:
            row[columns.grade] = own(number(score, comma=comma), table.delimiter)
        if result is None or columns.comments is None:
            continue
        text = value(row[columns.comments])
        if not text.strip() or any(f"{f.name}: " in text for f in result.functions):  # ours
            texts = (html.escape(t, quote=False) for t in comment(result, request.translator))
            row[columns.comments] = own("<br>".join(texts), table.delimiter)
    return table.with_rows(rows)


def _points_differ(table: CsvTable, columns: _Columns, max_score: float) -> Iterator[str]:
    """Yield a sentence if Moodle's maximum is another; it skips grades that are higher."""
    maxima = {
        value(row[columns.grade + 1]) for row in table.rows[1:] if len(row) > columns.grade + 1
    }
    maximum = next((text for text in maxima if _NUMBER.fullmatch(text)), None)
    if maximum and float(maximum.replace(",", ".")) != max_score:
        yield (
            f"Moodle gives {maximum} points for this assignment, the grader {number(max_score)}. The "
            "grades are not converted, and Moodle skips grades above its maximum."
        )


# ------------------------------------------------------------------ the feedback


def _feedback(request: Request) -> bytes:
    """Return a zip with the page of each student, in the folders of the download."""
    pages = {
        name: result
        for result in request.results
        if result.status is not Status.NOT_SUBMITTED
        for name in [_entry(result)]
        if name
    }
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, result in pages.items():
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, student_page(result, request.translator))
    return data.getvalue()


def _entry(result: Result) -> str | None:
    """Return the name of a page in the zip, or None if the student has no number on Moodle."""
    *folders, file = result.source.split("/")
    for part in folders:
        if _FOLDER.fullmatch(part):
            return f"{_safe(part)}/{_PAGE}"
    if match := _FOLDER.fullmatch(file):
        return f"{_safe(match[1])}_{_PAGE}"
    identifier = result.student.id if result.student else None
    if identifier and identifier.isdecimal():
        name = student_name(result).replace("_", " ").replace("/", " ")
        return f"{_safe(name)}_{identifier}_assignsubmission_file_/{_PAGE}"
    return None


def _safe(folder: str) -> str:
    """Return a folder of the download without characters that reorder text or end a path.

    They become spaces, because Moodle reads the number behind the first underscore.
    """
    return _UNSAFE.sub(" ", folder).lstrip(".~ ")
