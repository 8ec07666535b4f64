"""From a platform's download through the gradebook to the files that go back to the platform.

The rules of the platforms' importers are those of the unit tests of `grader export`.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final, NamedTuple

import pytest

from tests.cli.conftest import Here
from tests.support.command_line import rows
from tests.unit.intake.downloads import packed
from tests.unit.views.export import test_canvas as canvas
from tests.unit.views.export import test_gradescope as gradescope
from tests.unit.views.export import test_moodle as moodle

pytestmark = pytest.mark.usefixtures("quick_grading")

GRADES: Final = {1040: 75.0, 1041: 50.0, 1042: None, 1043: 100.0}
"""The class by number: graded (the second attempt), late, a PDF, and a zip file."""


PDF: Final = ""
"""The stand-in for grading accepts numbers and nothing."""

ZIP: Final = "a zip file"

CANVAS: Final = {
    "lovelaceada_1040_50001_Regularization.ipynb": "1",
    "lovelaceada_1040_50007_Regularization-1.ipynb": "3",
    "o'neilzoë_LATE_1041_50002_Regularization.ipynb": "2",
    "cmdx_1042_50003_my_report.pdf": PDF,
    "山田太郎_1043_50004_work.zip": ZIP,
}
MOODLE: Final = {
    "Ada Lovelace_1040_assignsubmission_file_/Regularization.ipynb": "3",
    "Ada Lovelace_1040_assignsubmission_onlinetext_/onlinetext.html": "<p>Second attempt.</p>",
    "O'Neil, Zoë_1041_assignsubmission_file_/Regularization.ipynb": "2",
    "cmd x_1042_assignsubmission_file_/report.pdf": PDF,
    "山田 太郎_1043_assignsubmission_file_/work.zip": ZIP,
}
GRADESCOPE: Final = {
    "assignment_9_export/submission_metadata.yml": "---\n"
    + "".join(
        f"submission_{number}:\n  :submitters:\n  - :name: {name}\n    :sid: '0{number}'\n"
        f"    :email: s{number}@uni.example\n  :created_at: 2026-11-08 20:10:03.123456000 Z\n"
        for number, name in enumerate(("Ada Lovelace", "Zoë O'Neil", '"=cmd x"', "太郎 山田"), 1040)
    ),
    "assignment_9_export/submission_1040/Regularization.ipynb": "3",
    "assignment_9_export/submission_1041/Regularization.ipynb": "2",
    "assignment_9_export/submission_1042/report.pdf": PDF,
    "assignment_9_export/submission_1043/work.zip": ZIP,
}


def of_canvas(here: Here, graded: Path) -> dict[int, float | None]:
    """Return the grades that Canvas's importer reads, from a copy of its own gradebook."""
    export = graded.parent / "Grades.csv"
    export.write_bytes(canvas.gradebook().encode())
    upload = graded.parent / "upload.csv"
    assert here("export", "canvas", graded, "--gradebook", export, "--out", upload).status == 0
    grades = canvas.imported(upload.read_bytes())
    return {number: float(text) if text else None for number, text in grades.items()}


def of_moodle(here: Here, graded: Path) -> dict[int, float | None]:
    """Return the grades that Moodle's importer reads; each student has a page in their folder."""
    export = graded.parent / "worksheet.csv"
    export.write_bytes(moodle.ENGLISH.worksheet().replace("50.00", "100.00").encode())
    out = graded.parent / "moodle"
    assert here("export", "moodle", graded, "--gradebook", export, "--out", out).status == 0
    pages = moodle.feedback((out / "feedback.zip").read_bytes())
    assert {*pages} == {*GRADES}
    with zipfile.ZipFile(out / "feedback.zip") as archive:
        assert {n.split("/")[0] for n in archive.namelist()} <= {n.split("/")[0] for n in MOODLE}
    return moodle.ENGLISH.numbers((out / "worksheet.csv").read_bytes())


def of_gradescope(here: Here, graded: Path) -> dict[int, float | None]:
    """Return the scores in `results.json`, which equal the grades for Canvas by student ID."""
    assert here("export", "gradescope", graded).status == 0
    results = {
        int(path.parent.name[-4:]): gradescope.imported(json.loads(path.read_bytes()))
        for path in (graded / "exports" / "gradescope").glob("*/results.json")
    }
    assert results == {n: of_canvas(here, graded)[n] for n in GRADES}
    return results


class Platform(NamedTuple):
    """A download, and the function that exports the grades and reads them as the platform does."""

    files: Mapping[str, str]
    imported: Callable[[Here, Path], dict[int, float | None]]


@pytest.mark.parametrize(
    "platform",
    [
        pytest.param(Platform(CANVAS, of_canvas), id="canvas"),
        pytest.param(Platform(MOODLE, of_moodle), id="moodle"),
        pytest.param(Platform(GRADESCOPE, of_gradescope), id="gradescope"),
    ],
)
def test_grades_return_to_the_platform(here: Here, tmp_path: Path, platform: Platform) -> None:
    own = packed(tmp_path / "work.zip", {"work.ipynb": "4", "data.csv": "1,2"}).read_bytes()
    files = {n: own if text == ZIP else text.encode() for n, text in platform.files.items()}
    download, graded = packed(tmp_path / "submissions.zip", files), tmp_path / "graded"
    assert here("batch", download, "--out", graded, "--workers", 1).status == 0
    assert len(rows(graded)) == len(GRADES)

    imported = platform.imported(here, graded)
    assert {number: imported[number] for number in GRADES} == GRADES
    assert {score for number, score in imported.items() if number not in GRADES} <= {None}
