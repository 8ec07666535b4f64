"""The worksheet and the feedback for Moodle, read again by the rules of its importers.

They are those of moodle/moodle (4.x): mod/assign/feedback/offline/importgradeslib.php and locallib.php for
the worksheet, lib/csvlib.class.php for its text, mod/assign/feedback/file/importziplib.php for the zip.
"""

from __future__ import annotations

import csv
import io
import zipfile
from dataclasses import dataclass, field, replace
from typing import Final

import pytest

from grader.model.result import Status
from grader.views.export.cells import BOM
from tests.support.languages import CHINESE
from tests.unit.views.export.students import (
    NAMES,
    SCORES,
    course,
    export,
    notes,
    same_as_golden,
    submission,
)


@dataclass(frozen=True)
class Site:
    """The words of a site's language, and its decimal point."""

    identifier: str = "Identifier"
    grade: str = "Grade"
    maximum: str = "Maximum Grade"
    modified: str = "Last modified (grade)"
    comments: str = "Feedback comments"
    hidden_user: str = "Participant "
    point: str = "."
    others: tuple[str, ...] = ("Full name", "Email address", "Status")
    rest: tuple[str, ...] = ("Grade can be changed", "Last modified (submission)")
    grades: dict[int, str] = field(default_factory=dict)

    def worksheet(self, *, end: str = "\r\n", bom: str = "") -> str:
        """Return the worksheet that the site gives to the instructor."""
        header = [
            self.identifier,
            *self.others,
            self.grade,
            self.maximum,
            *self.rest,
            self.modified,
        ]
        text = io.StringIO()
        writer = csv.writer(text, lineterminator=end)
        writer.writerow([*header, self.comments])
        for number, name in {**NAMES, 1047: "Grace Hopper"}.items():
            cells = [f"{self.hidden_user}{number}", name, f"s{number}@uni.example", "Submitted"]
            grade = self.grades.get(number, "")
            cells += [
                grade,
                f"50{self.point}00",
                "Yes",
                "Sunday, 8 November 2026, 9:10 PM",
                "-",
                "",
            ]
            writer.writerow(cells)
        return bom + text.getvalue()

    def imported(self, data: bytes) -> dict[int, tuple[str, str]]:
        """Return grade and comment by participant, as `importgradeslib.php` reads them."""
        text = data.decode().removeprefix(BOM).replace("\r\n", "\n").replace("\r", "\n")
        header, *rows = csv.reader(io.StringIO(text, newline=""))
        columns = {title.strip(): at for at, title in enumerate(header)}
        assert {self.identifier, self.grade, self.modified, self.comments} <= {*columns}
        return {
            int(row[columns[self.identifier]][len(self.hidden_user) :]): (
                row[columns[self.grade]],
                row[columns[self.comments]],
            )
            for row in rows
        }

    def numbers(self, data: bytes) -> dict[int, float | None]:
        """Return the grades as `unformat_float` converts them: spaces removed, the site's point."""
        return {
            number: float(text.replace(" ", "").replace(self.point, ".")) if text else None
            for number, (text, _) in self.imported(data).items()
        }


ENGLISH: Final = Site()
GERMAN: Final = Site(
    *("ID", "Bewertung", "Bestwertung", "Zuletzt geändert (Bewertung)", "Feedback als Kommentar"),
    *("Teilnehmer/in", ","),
    others=("Vollständiger Name", "E-Mail-Adresse", "Status"),
    rest=("Bewertung kann geändert werden", "Zuletzt geändert (Abgabe)"),
)
CHINESE_SITE: Final = Site(
    *("编号", "成绩", "最高分", "最后修改 (成绩)", "反馈评语", "参与者 "),
    others=("全名", "Email地址", "状态"),
    rest=("成绩可以修改", "最后修改 (提交)"),
)
EXPECTED: Final = {n: s if s is None else round(s, 2) for n, s in SCORES.items()} | {1047: None}


@pytest.mark.parametrize("site", [ENGLISH, GERMAN, CHINESE_SITE])
def test_moodle_reads_every_grade(site: Site) -> None:
    files = export("moodle", gradebook=site.worksheet())

    assert [*files] == ["worksheet.csv", "feedback.zip"]
    assert site.numbers(files["worksheet.csv"]) == EXPECTED


def test_cells_of_the_worksheet_stay_byte_for_byte() -> None:
    before = GERMAN.worksheet(end="\n", bom=BOM)
    after = export("moodle", gradebook=before)["worksheet.csv"].decode()

    assert after.startswith(before.partition("\n")[0] + "\n")
    for start in ('Teilnehmer/in1041,"O\'Neil, ""Zoë""",s1041@uni', "Teilnehmer/in1042,=cmd|"):
        assert f"\n{start}" in before and f"\n{start}" in after
    assert ',Submitted,"33,33","50,00",Yes,"Sunday, 8 November 2026, 9:10 PM",-,' in after
    assert same_as_golden("moodle_worksheet.csv", after.encode())


def test_comments_are_html_with_the_reason_or_the_hints() -> None:
    read = ENGLISH.imported(export("moodle", gradebook=ENGLISH.worksheet())["worksheet.csv"])

    assert read[1044] == ("", "This is a PDF, =not a notebook.")
    assert read[1041][1] == (
        "compute_cost: 12.5 of 25 points. The penalty misses its `1/2`. Compare &lt;b&gt;it&lt;/b&gt;."
        "<br>forward: 25 of 25 points."
    )
    assert read[1047] == ("", "")


def test_a_comment_that_is_a_formula_is_made_text() -> None:
    results = [submission(1044, status=Status.INVALID, message="=HYPERLINK(1)")]
    read = ENGLISH.imported(
        export("moodle", results, gradebook=ENGLISH.worksheet())["worksheet.csv"]
    )

    assert read[1044] == ("", "'=HYPERLINK(1)")


def test_a_comment_of_the_instructor_stays_and_ours_is_renewed() -> None:
    once = export("moodle", gradebook=ENGLISH.worksheet())["worksheet.csv"].decode()
    typed = once.replace("This is a PDF, =not a notebook.", "Come and see me.")
    better = [submission(1041, score=50.0, functions=()), *course()[4:]]
    better[0] = replace(course()[0], student=submission(1041).student)
    read = ENGLISH.imported(export("moodle", better, gradebook=typed)["worksheet.csv"])

    assert read[1044] == ("", '"Come and see me."'.strip('"'))
    assert read[1041] == ("50", "compute_cost: 25 of 25 points.<br>forward: 25 of 25 points.")


def test_zero_for_missing() -> None:
    site = replace(ENGLISH, grades={1045: "7.00"})
    data = export("moodle", gradebook=site.worksheet(), zero_missing=True)["worksheet.csv"]

    assert site.numbers(data) == EXPECTED | {1044: 0.0, 1045: 7.0, 1046: 0.0, 1047: 0.0}


def test_a_worksheet_without_comments_gets_grades_only() -> None:
    rows = [row[:-1] for row in csv.reader(io.StringIO(ENGLISH.worksheet(), newline=""))]
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    data = export("moodle", gradebook=text.getvalue())["worksheet.csv"].decode()

    assert [row[4] for row in csv.reader(io.StringIO(data, newline=""))][1:3] == ["50", "33.33"]
    assert (
        "has no column for comments, so only grades"
        in notes("moodle", gradebook=text.getvalue())[-1]
    )


def test_the_column_of_grades_can_be_chosen() -> None:
    text = ENGLISH.worksheet().replace("50.00", "")
    data = export("moodle", gradebook=text, column="Grade")["worksheet.csv"]

    assert ENGLISH.numbers(data) == EXPECTED
    for column in (None, "Points"):
        with pytest.raises(ValueError, match=r"^This is not a grading worksheet of Moodle"):
            export("moodle", gradebook=text, column=column)


@pytest.mark.parametrize("text", ["", "a,b\n1,2\n", "Student,ID,Section,X\n,1,,\n"])
def test_another_file_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a grading worksheet of Moodle"):
        export("moodle", gradebook=text)


def test_notes() -> None:
    site = ENGLISH.worksheet().replace("50.00", "20.00")

    assert notes("moodle", course()[:1], gradebook=site) == [
        (
            "Moodle gives 20.00 points for this assignment, the grader 50. The grades are not converted, "
            "and Moodle skips grades above its maximum."
        )
    ]
    assert notes("moodle", course()[:1]) == [
        (
            "Without --gradebook there is no worksheet.csv. Download it in Moodle: the assignment, "
            "Download grading worksheet."
        )
    ]


# ------------------------------------------------------------------ the feedback


def feedback(data: bytes) -> dict[int, tuple[str, str]]:
    """Return plugin and file of each participant, as `importziplib.php` reads the zip."""
    found = {}
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for entry in archive.namelist():
            assert not entry.split("/")[-1].startswith((".", "~"))
            for at, part in enumerate(entry.split("/")):
                info = part.split("_", 4)
                if len(info) >= 4 and info[1].isdecimal():
                    rest = "/".join([*info[4:], *entry.split("/")[at + 1 :]])
                    found[int(info[1])] = (f"{info[2]}_{info[3]}", rest.lstrip("/"))
                    break
    return found


FOLDERS: Final = {
    1040: "class.zip/Ada Lovelace_1040_assignsubmission_file_/work.ipynb",
    1041: 'class.zip/O\'Neil, "Zoë"_1041_assignsubmission_file/deep/er/work.ipynb',
    1042: "class.zip/=cmd_1042_assignsubmission_file_work.ipynb",
    1043: "class.zip/山田 太郎_1043_assignsubmission_onlinetext_/text.html",
    1044: "class.zip/\u202egnp.exe_1044_assignsubmission_file_/work.pdf",
    1045: "class.zip/....\\x_1045_assignsubmission_file_/work.ipynb",
}


def test_every_student_gets_a_page_in_the_folder_of_the_download() -> None:
    results = [
        replace(result, source=FOLDERS.get(n, ""))
        for n, result in zip(NAMES, course(), strict=True)
    ]
    data = export("moodle", results)["feedback.zip"]
    plugins = dict.fromkeys(NAMES, ("assignsubmission_file", "feedback.html"))

    assert feedback(data) == plugins | {1043: ("assignsubmission_onlinetext", "feedback.html")}
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.namelist() == [
            "Ada Lovelace_1040_assignsubmission_file_/feedback.html",
            "O'Neil,  Zoë _1041_assignsubmission_file/feedback.html",
            "=cmd_1042_assignsubmission_file_feedback.html",
            "山田 太郎_1043_assignsubmission_onlinetext_/feedback.html",
            "gnp.exe_1044_assignsubmission_file_/feedback.html",
            "x_1045_assignsubmission_file_/feedback.html",
            "Müller, Jürgen_1046_assignsubmission_file_/feedback.html",
        ]
        assert b"Ada" not in archive.read(archive.namelist()[1])
        assert archive.read(archive.namelist()[0]).lower().startswith(b"<!doctype html>")


def test_a_group_has_one_page_and_a_student_without_a_number_none() -> None:
    source = "class.zip/Group A_12_assignsubmission_file_/work.ipynb"
    members = [replace(result, source=source) for result in course()[:2]]
    unknown = replace(course()[2], student=None)
    missing = submission(1043, status=Status.NOT_SUBMITTED, score=None)

    assert [*feedback(export("moodle", [*members, unknown, missing])["feedback.zip"])] == [12]


def test_the_zip_is_the_same_each_time_and_in_the_language_of_the_gradebook() -> None:
    one, two = (export("moodle", translator=CHINESE)["feedback.zip"] for _ in range(2))

    assert one == two
    with zipfile.ZipFile(io.BytesIO(one)) as archive:
        assert b'lang="zh-Hans"' in archive.read(archive.namelist()[0])
