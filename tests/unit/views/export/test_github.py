"""Annotations and job summary, with the limits of GitHub Actions.

Commands are read as `packages/core/src/command.ts` of actions/toolkit writes them.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any, NamedTuple

import pytest

from grader.model.findings import Diagnosis, FunctionStatus
from grader.model.result import Result, Status
from grader.views.export import FORMATS, Request
from grader.views.export.github import MOST_OF_A_KIND, SUMMARY_BYTES
from tests.support import samples
from tests.support.languages import CHINESE
from tests.unit.views.export.students import course, same_as_golden, submission

COMMAND = re.compile(r"::(error|warning|notice)(?: ([^:]*))?::(.*)")


class Annotation(NamedTuple):
    kind: str
    properties: dict[str, str]
    message: str


def printed(results: list[Result], **options: Any) -> str:
    return FORMATS["github"].write(Request(results, **options)).printed


def shown(results: list[Result], **options: Any) -> list[Annotation]:
    """Return the annotations as GitHub reads them from standard output."""
    found = []
    for line in printed(results, **options).splitlines():
        command = COMMAND.fullmatch(line)
        assert command
        pairs = [pair.split("=", 1) for pair in (command[2] or "").split(",") if pair]
        plain = {name: _unescaped(text, ":,") for name, text in pairs}
        found.append(Annotation(command[1], plain, _unescaped(command[3])))
    return found


def _unescaped(text: str, more: str = "") -> str:
    assert not set(text) & {"\r", "\n", *more}
    for character in ("\r", "\n", *more, "%"):
        text = text.replace(f"%{ord(character):02X}", character)
    return text


def summary(results: list[Result], **options: Any) -> str:
    [file] = FORMATS["github"].write(Request(results, **options)).files
    return file.data.decode()


def test_annotations_and_summary_of_a_class_are_as_recorded() -> None:
    assert same_as_golden("github.txt", printed(course()).encode())
    assert same_as_golden("github.md", summary(course()).encode())


def test_an_annotation_names_submission_file_points_and_hints() -> None:
    [_, _, _, warning, *_, notice] = shown(course())

    assert warning.kind == "warning"
    assert warning.properties == {"title": "s1041", "file": "class.zip/s1041/work.ipynb"}
    assert warning.message.startswith(
        "33.33 of 50 points. compute_cost: 12.5 of 25 points. The pen"
    )
    assert notice.message == "Mean 30.21 of 50 points. Graded: 4 of 7 submissions."


def test_one_submission_has_an_annotation_for_each_wrong_function() -> None:
    found = shown([submission(1041, score=37.5)])

    assert [(a.kind, a.properties["title"]) for a in found] == [
        ("warning", "compute_cost"),
        ("notice", "Regularization"),
    ]
    assert found[-1].message == "37.5 of 50 points."
    assert [a.kind for a in shown(course()[:1])] == ["notice"]


@pytest.mark.parametrize("status", [Status.INVALID, Status.INTERNAL])
def test_one_submission_without_a_grade(status: Status) -> None:
    [error, notice] = shown([submission(1044, status=status, message="So.")])

    assert (error.kind, error.message, notice.message) == ("error", "So.", "No grade.")


def test_at_most_ten_annotations_of_a_kind() -> None:
    results = [replace(r, submission=f"{r.submission}-{n}") for n in range(20) for r in course()]
    found = shown([*results, submission(1040, status=Status.NOT_SUBMITTED)])

    for kind in ("error", "warning"):
        ours = [annotation for annotation in found if annotation.kind == kind]
        assert len(ours) == MOST_OF_A_KIND
        assert ours[-1].message == "51 more are in the summary."


def test_hostile_text_makes_no_command_and_no_markup() -> None:
    evil = "::error::x\n::set-output name=a::b,c%0A|<img src=x>[a](javascript:1) https://a.b www.c.d $x$"
    hint = Diagnosis("x", evil)
    wrong = samples.function(FunctionStatus.FAILED, evil, diagnoses=(hint,))
    results = [samples.result(wrong, submission=evil, source=evil, title=evil), samples.hostile()]
    lines = printed(results).splitlines()

    assert len(lines) == 3 and all(map(COMMAND.fullmatch, lines))
    assert shown(results)[0].properties["title"] == " ".join(evil.split())
    [row] = [line for line in summary(results).splitlines() if line.startswith(r"| ::error")]
    assert len(re.findall(r"(?<!\\)\|", row)) == 4
    assert "<img" not in row and r"\[a\]\(javascript:1\)" in row
    assert r"https\://a.b www\.c.d \$x\$" in row


def test_a_message_is_short() -> None:
    long = samples.function(FunctionStatus.FAILED, diagnoses=(Diagnosis("x", "w" * 900),))

    assert len(shown([samples.result(long)])[0].message) == 500


def test_the_summary_fits_into_what_github_takes() -> None:
    hint = Diagnosis("x", "ü" * 900)
    wrong = samples.function(FunctionStatus.FAILED, diagnoses=(hint,))
    text = summary([samples.result(wrong, submission=f"s{n}") for n in range(700)])

    assert SUMMARY_BYTES - 4000 < len(text.encode()) <= SUMMARY_BYTES
    shown = len(re.findall(r"^\| s\d", text, re.MULTILINE))
    assert text.endswith(f"\n{700 - shown} more submissions are not shown.\n")


def test_texts_are_in_the_language_of_the_gradebook() -> None:
    assert "平均 30.21 分" in printed(course(), translator=CHINESE)
    assert "| 提交 | 得分 | 反馈 |" in summary(course(), translator=CHINESE)
