"""The gradebook for Canvas, read again by the rules of its importer.

They are those of lib/gradebook_importer.rb in instructure/canvas-lms (2025): the header, the number of
identity columns, titles with an ID, the rows that are no students, numbers with a decimal comma.
"""

from __future__ import annotations

import csv
import io
import re

import pytest

from grader.model.submission import Student
from grader.views.export.cells import BOM
from tests.unit.views.export.students import (
    NAMES,
    SCORES,
    course,
    export,
    notes,
    same_as_golden,
    submission,
)

HEADER = (
    "Student,ID,SIS User ID,SIS Login ID,Section,Notes,Quiz (7),Regularization (815),Current Score"
)
PEOPLE = {
    1040: '"Lovelace, Ada"',
    1041: '"O\'Neil, ""Zoë"""',
    1042: "=cmd|' /C calc'!A0",
    1043: "山田 太郎",
    1044: "'gnp.exe",
    1045: '"../../etc/passwd\n-x"',
    1046: '"Müller, Jürgen"',
    1047: "Hopper",
}


def gradebook(cells: dict[int, str] | None = None, *, end: str = "\r\n", bom: str = "") -> str:
    """Return the instructor's export; `cells` are the grades that it has."""
    cells = cells or {}
    students = [
        f"{name},{number},0{number},login{number},Section A,,5.00,{cells.get(number, '')},50.00"
        for number, name in PEOPLE.items()
    ]
    lines = [
        HEADER,
        ",,,,,,,Manual Posting,",
        "    Points Possible,,,,,,10.00,50.00,(read only)",
        *students,
        '"Student, Test",999,,test,Section A,,,,',
        "",
    ]
    return bom + end.join(lines)


def imported(data: bytes) -> dict[int, str]:
    """Return the grades by the ID of the student, as Canvas's importer reads the file."""
    text = data.decode().removeprefix(BOM)
    counts = {d: {len(r) for r in csv.reader(text.splitlines()[:3], delimiter=d)} for d in ";,"}
    semicolon = len(counts[";"]) == 1 and max(counts[";"]) > max(counts[","])
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=";" if semicolon else ",")
    header, *rest = [row for row in rows if row and not re.fullmatch("[;, ]+", ",".join(row))]
    assert len(header) > 3 and "Student" in header[0] and "ID" in header[1]
    width = 3
    if re.search(r"SIS\s+Login\s+ID", header[2]):
        width = 4
    elif "SIS User ID" in header[2] and "SIS Login ID" in header[3]:
        width = 5 + ("Integration ID" in header[4])
        width += "Root Account" in header[width - 1]
    assert "Section" in header[width - 1]
    [title] = header[width:]
    assert re.fullmatch(r"Regularization( \(815\))?", title)
    grades = {}
    for row in rest:
        if "Points Possible" in row[0]:
            assert float(_with_point(row[width])) == 50.0
        elif not all(re.fullmatch(r"(?i)\s*(Muted|Manual Posting.*)?\s*", cell) for cell in row):
            grades[int(row[1])] = _with_point(row[width].strip())
    return grades


def _with_point(cell: str) -> str:
    """Convert a number as the importer's `decimal_comma_to_period` does."""
    if not re.fullmatch(r"-?[0-9.,]+%?", cell):
        return cell
    *head, last = re.split("[,.]", cell)
    return f"{''.join(head)}.{last}" if head else last


EXPECTED = {n: "" if s is None else f"{s:.2f}".rstrip("0").rstrip(".") for n, s in SCORES.items()}
OTHERS = {1047: "", 999: ""}


@pytest.mark.parametrize("end", ["\r\n", "\n"])
@pytest.mark.parametrize("bom", ["", BOM])
def test_canvas_reads_every_grade(end: str, bom: str) -> None:
    data = export("canvas", gradebook=gradebook(end=end, bom=bom))["canvas.csv"]

    assert imported(data) == EXPECTED | OTHERS
    assert data.decode().startswith(bom + "Student,ID")


def test_identity_cells_are_kept_byte_for_byte() -> None:
    after = export("canvas", gradebook=gradebook())["canvas.csv"].decode()
    start = "Student,ID,SIS User ID,SIS Login ID,Section,"

    assert after.startswith(f"{start}Regularization (815)\r\n,,,,,Manual Posting\r\n")
    for number, name in PEOPLE.items():
        assert f"\r\n{name},{number},0{number},login{number},Section A," in after
    assert after.endswith('\r\n"Student, Test",999,,test,Section A,\r\n')
    assert same_as_golden("canvas.csv", after.encode())


def test_canvas_with_semicolons_and_decimal_commas() -> None:
    text = (
        "Student;ID;SIS Login ID;Section;Regularization (815)\n"
        "    Points Possible;;;;50,00\n"
        "Lovelace, Ada;1040;ada;A;\nO'Neil;1041;zoe;A;12,50\n山田;1043;y;A;\n"
    )
    data = export("canvas", gradebook=text)["canvas.csv"]

    assert data.decode().splitlines()[2:] == [
        "Lovelace, Ada;1040;ada;A;50",
        "O'Neil;1041;zoe;A;33,33",
        "山田;1043;y;A;37,5",
    ]
    assert imported(data) == {n: EXPECTED[n] for n in (1040, 1041, 1043)}


def test_grades_that_are_not_ours_stay() -> None:
    """EX and N/A are no grades. The PDF may have been read by a person."""
    cells = {1040: "EX", 1041: "N/A", 1044: "12.00", 1045: "13.00", 1047: "14.00"}
    data = export("canvas", gradebook=gradebook(cells), zero_missing=True)["canvas.csv"]

    assert imported(data) == {
        1040: "EX",
        1041: "N/A",
        1042: "0",
        1043: "37.5",
        1044: "12.00",
        1045: "13.00",
        1046: "0",
        1047: "14.00",
        999: "",
    }


def test_zero_for_missing() -> None:
    data = export("canvas", gradebook=gradebook(), zero_missing=True)["canvas.csv"]

    assert imported(data) == EXPECTED | {1044: "0", 1045: "", 1046: "0", 1047: "0", 999: ""}


def test_row_without_a_student_gets_no_zero() -> None:
    text = gradebook().replace("Manual Posting,\r\n", "Manual Posting,(read only)\r\n")
    data = export("canvas", gradebook=text, zero_missing=True)["canvas.csv"]
    assert data.decode().splitlines()[1] == ",,,,,Manual Posting"


def test_without_a_gradebook_the_students_of_the_download_are_rows() -> None:
    data = export("canvas")["canvas.csv"]

    assert imported(data) == EXPECTED
    assert data.startswith(BOM.encode())
    assert "'=cmd|' /C calc'!A0,1042" in data.decode()
    assert same_as_golden("canvas_without_gradebook.csv", data)


def test_submissions_of_groups_are_named() -> None:
    """The download has the name of the group and the number of one member."""
    groups = [
        submission(number, submission=f"team{number}", student=Student(str(number), "team"))
        for number in (1040, 1046, 1041)
    ]
    [note] = (text for text in notes("canvas", groups, gradebook=gradebook()) if "groups" in text)

    assert note == (
        "3 submissions have the number of a student but another name, for example team1040, team1046, "
        "team1041. If they are groups, the download has one member of each, who alone gets the grade "
        "here: let Canvas give it to the whole group, and do not use --zero-missing."
    )
    assert not any("groups" in text for text in notes("canvas", gradebook=gradebook()))


def test_the_form_with_two_columns_for_names() -> None:
    text = "LastName,FirstName,ID,SIS Login ID,Section,Regularization\nLovelace,Ada,7,x,A,\n"
    results = [submission(1040, student=None, submission="ada_lovelace")]

    assert export("canvas", results, gradebook=text)["canvas.csv"].decode().endswith(",A,50\n")


# ------------------------------------------------------------------ the column


def test_another_title_is_chosen_with_column() -> None:
    text = gradebook().replace("Regularization (815)", "Week 1, task 2 (815)")
    text = text.replace("Week 1, task 2 (815)", '"Week 1, task 2 (815)"')
    data = export("canvas", gradebook=text, column="week 1, task 2")["canvas.csv"]

    assert '"Week 1, task 2 (815)"\r\n' in data.decode()
    assert ",1040,01040,login1040,Section A,50\r\n" in data.decode()


@pytest.mark.parametrize(
    ("before", "after", "sentence"),
    [
        ("Regularization (815)", "Regularisation (815)", "did you mean 'Regularisation (815)'?"),
        ("Regularization (815)", "x", "the columns are Notes, Quiz (7), x, Current Score."),
        ("Quiz (7)", "Regularization (7)", "Choose one with --column: 'Regularization (7)', 'Reg"),
        ("Section", "Sektion", "Download it in Canvas: Grades, Export."),
        ("10.00,50.00", "10.00,(read only)", "Canvas calculates this column itself."),
        ("Student,ID", '"Student,ID', "Line 1 of the gradebook is not valid CSV"),
    ],
)
def test_a_gradebook_that_does_not_fit(before: str, after: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=re.escape(sentence)):
        export("canvas", gradebook=gradebook().replace(before, after, 1))


def test_one_of_two_equal_titles_is_chosen_by_its_id() -> None:
    text = gradebook().replace("Quiz (7)", "Regularization (7)")
    data = export("canvas", gradebook=text, column="Regularization (815)")["canvas.csv"]

    assert imported(data) == EXPECTED | OTHERS


# ------------------------------------------------------------------ notes


def test_notes_name_who_has_no_grade_or_no_row() -> None:
    text = gradebook().replace(f"{PEOPLE[1040]},1040,", "X,2040,").replace("01040,login1040", ",")

    assert notes("canvas", gradebook=text) == [
        "No grade for s1044: This is a PDF, =not a notebook.",
        "No grade for s1045: The grader failed.",
        "No grade for s1046: It did not finish.",
        "No row of the gradebook belongs to s1040. Their grades are not exported.",
    ]


def test_a_note_says_that_the_points_differ() -> None:
    text = gradebook().replace("10.00,50.00", "10.00,20.00")

    assert notes("canvas", course()[:1], gradebook=text) == [
        "Canvas gives 20.00 points for this assignment, the grader 50. The grades are not converted."
    ]


def test_every_student_of_the_class_is_in_the_gradebook() -> None:
    assert {*NAMES} < {*PEOPLE}
