"""The folder of pages to send by mail."""

from __future__ import annotations

from dataclasses import replace

from grader.model.result import Status
from grader.model.submission import Student
from tests.support import samples
from tests.support.html_reader import read
from tests.unit.views.export.students import course, export, submission


def test_a_page_is_named_after_the_student() -> None:
    files = export("pages", [*course(), submission(1040, status=Status.NOT_SUBMITTED)])

    assert [*files] == [
        "Ada Lovelace_1040.html",
        "O_Neil_ _Zoë__1041.html",
        "_cmd__ _C calc__A0_1042.html",
        "山田 太郎_1043.html",
        "gnp.exe_1044.html",
        "_._etc_passwd -x_1045.html",
        "Müller_ Jürgen_1046.html",
    ]
    assert read(files["Ada Lovelace_1040.html"].decode()).text


def test_students_of_equal_names_have_a_page_each() -> None:
    ada = replace(samples.result(submission="x"), student=Student(None, "Ada"))
    results = [ada, replace(ada, student=Student(None, "ADA")), samples.result(submission="x")]

    assert [*export("pages", results)] == ["Ada.html", "ADA-2.html", "x.html"]
