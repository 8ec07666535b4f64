"""The gradebook of Canvas: a CSV file for Grades > Import.

The rules are those of `lib/gradebook_importer.rb` in instructure/canvas-lms. Rows are students by the
column ID. The identity columns end with Section. The column of an assignment has its title and, in
brackets, its ID. The row "Points Possible" and "(read only)" columns are not grades. An empty cell
removes a grade, so a student without a new grade keeps the old cell.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Sequence
from typing import Final

from grader.messages.sanitize import one_line
from grader.model.result import Result
from grader.model.students import names_differ
from grader.views.export import cells
from grader.views.export.cells import CsvTable, own, value
from grader.views.export.grades import cell_grade, grade, number, student_name
from grader.views.export.matching import Identity, Matching, match, without_grade
from grader.views.export.request import Export, ExportFile, Request

_ID: Final = re.compile(r"\s*\(\d+\)\s*$")
_KEPT: Final = {"EX", "N/A"}
_COMMA: Final = re.compile(r"\d+,\d{1,2}")
_POINTS_POSSIBLE: Final = "Points Possible"
_TEST_STUDENT: Final = "Student, Test"
_NAMED: Final = 3
_COLUMNS: Final = ("Student", "ID", "SIS User ID", "SIS Login ID", "Section")
_NO_CANVAS: Final = (
    "This is not a gradebook of Canvas: its first row has no columns Student, ID and Section. "
    "Download it in Canvas: Grades, Export."
)


def canvas(request: Request) -> Export:
    """Return the file for Canvas. Raises ValueError if the gradebook or its column does not fit."""
    notes = without_grade(request)
    if request.gradebook is None:
        return Export([ExportFile("canvas.csv", _from_results(request).encode())], notes)
    table = cells.parse(request.gradebook)
    header = [value(cell).strip() for cell in table.rows[0]] if table.rows else []
    if not {"ID", "Section"} <= {*header[1:]}:
        raise ValueError(_NO_CANVAS)
    identity = header.index("Section") + 1
    column = _column(header, identity, request.titles)
    notes += _points_differ(table, column, request.max_score)
    people = [_identity(row, header) for row in table.rows]
    matching = match(people, request.results)
    notes += _groups(people, matching)
    comma = any(_COMMA.fullmatch(value(row[column])) for row in table.rows if column < len(row))
    rows = []
    for at, row in enumerate(table.rows):
        old = row[column] if column < len(row) else ""
        score = _new_grade(row, value(old).strip(), matching.by_row.get(at), request)
        new = old if score is None else own(number(score, comma=comma), table.delimiter)
        rows.append((*row[:identity], new))
    data = table.with_rows(rows).encode()
    return Export([ExportFile("canvas.csv", data)], [*notes, *matching.notes])


def _column(header: Sequence[str], identity: int, titles: Sequence[str]) -> int:
    """Return the position of the assignment's column. Raises ValueError if none or several fit."""
    exact = [at for at in range(identity, len(header)) if header[at] in titles]
    folded = {_folded(title) for title in titles}
    alike = exact or [at for at in range(identity, len(header)) if _folded(header[at]) in folded]
    names = [one_line(title) for title in header[identity:]]
    if len(alike) == 1:
        return alike[0]
    if alike:
        several = ", ".join(repr(one_line(header[at])) for at in alike)
        raise ValueError(f"Several columns have this title. Choose one with --column: {several}.")
    near = difflib.get_close_matches(titles[0], names, n=1, cutoff=0.5)
    hint = f"did you mean {near[0]!r}?" if near else f"the columns are {', '.join(names)}."
    raise ValueError(
        f"No column of the gradebook has the title {titles[0]!r}. Choose it with --column; {hint}"
    )


def _folded(title: str) -> str:
    return " ".join(_ID.sub("", title).split()).casefold()


def _identity(row: Sequence[str], header: Sequence[str]) -> Identity:
    """Return who a row is; a row that is not a student has no ID and no name."""
    texts = {} if _is_no_student(row) else dict(zip(header, map(value, row), strict=False))
    ids = (texts.get(title, "").strip() for title in ("ID", "SIS User ID", "SIS Login ID"))
    name = texts.get("Student") or f"{texts.get('FirstName', '')} {texts.get('LastName', '')}"
    return Identity(tuple(ids), name.strip())


def _is_no_student(row: Sequence[str]) -> bool:
    """Return True for the header, the points possible, and rows without name and number.

    One of the last kind lists hidden assignments.
    """
    return (
        value(row[1] if len(row) > 1 else "").strip() in ("", "ID", "FirstName")
        and (_POINTS_POSSIBLE in value(row[0]) or value(row[0]) in ("Student", "LastName"))
    ) or not any(value(cell).strip() for cell in row[:3])


def _new_grade(
    row: Sequence[str], old: str, result: Result | None, request: Request
) -> float | None:
    """Return the new grade of a row, or None if its cell stays as it is."""
    if _is_no_student(row) or old.upper() in _KEPT:
        return None
    is_student = result is not None or value(row[0]).strip() != _TEST_STUDENT
    return cell_grade(result, old, zero_missing=request.zero_missing and is_student)


def _groups(people: Sequence[Identity], matching: Matching) -> Iterator[str]:
    """Yield a sentence if most students found by number have another name, as groups have in a download."""
    by_number = [
        (result, result.student.name, people[row].name)
        for row, result in matching.by_row.items()
        if result.student and result.student.id in people[row].ids and result.student.name
    ]
    answers = [(result, names_differ(name, listed)) for result, name, listed in by_number]
    differing = [result for result, differ in answers if differ]
    if len(differing) > max(sum(differ is False for _, differ in answers), 1):
        examples = ", ".join(one_line(result.submission) for result in differing[:_NAMED])
        yield (
            f"{len(differing)} submissions have the number of a student but another name, for example "
            f"{examples}. If they are groups, the download has one member of each, who alone gets the "
            "grade here: let Canvas give it to the whole group, and do not use --zero-missing."
        )


def _points_differ(table: CsvTable, column: int, max_score: float) -> Iterator[str]:
    """Yield a sentence if Canvas gives other points. Raises ValueError if the column is read only."""
    for row in table.rows[1:]:
        if _POINTS_POSSIBLE not in value(row[0]) or column >= len(row):
            continue
        possible = value(row[column]).strip().replace(",", ".")
        if "read only" in possible.casefold():
            raise ValueError("Canvas calculates this column itself. Choose another with --column.")
        if re.fullmatch(r"\d+(?:\.\d+)?", possible) and float(possible) != max_score:
            yield (
                f"Canvas gives {possible} points for this assignment, the grader {number(max_score)}. "
                "The grades are not converted."
            )


def _from_results(request: Request) -> str:
    """Return a gradebook without the instructor's own export, from the students of the results."""
    points = (f"    {_POINTS_POSSIBLE}", "", "", "", "", number(request.max_score))
    rows: list[tuple[str, ...]] = [(*_COLUMNS, request.titles[0]), points]
    for result in request.results:
        student = result.student
        score = grade(result, zero_missing=request.zero_missing)
        ids = (student.id or "", "", student.email or "") if student else ("", "", "")
        rows.append((student_name(result), *ids, "", "" if score is None else number(score)))
    return cells.lines(rows)
