"""The result for GitHub Classroom, read again as its reporter does.

The rules: src/main.js, src/notify-classroom.js and src/aggregate-results.js of
github-education-resources/autograding-grading-reporter.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from grader.model.findings import Diagnosis, FunctionStatus
from grader.model.result import LatePenalty, Status
from tests.support import samples
from tests.unit.views.export.students import (
    SCORES,
    course,
    export,
    notes,
    same_as_golden,
    submission,
)


def read(**options: Any) -> dict[str, dict[str, Any]]:
    return {name: json.loads(data) for name, data in export("classroom", **options).items()}


def imported(results: Mapping[str, Any]) -> tuple[float, float] | None:
    """Return points and maximum as the reporter adds them up, or None if it leaves them out."""
    assert results["status"] in ("pass", "fail", "error")
    assert len(results["tests"]) > 0  # the reporter divides by it
    for test in results["tests"]:
        assert test["status"] in ("pass", "fail", "error") and isinstance(test["name"], str)
        assert len(test["message"]) <= 500
    if not results["max_score"]:
        return None
    return sum(test["score"] for test in results["tests"]), results["max_score"]


def test_classroom_reads_every_grade() -> None:
    files = read()

    assert [*files] == [f"s{number}.json" for number in SCORES]
    found = [*map(imported, files.values())]
    assert [points and points[0] for points in found] == pytest.approx([*SCORES.values()])
    assert [f["status"] for f in files.values()] == ["pass", *["fail"] * 3, *["error"] * 3]
    assert same_as_golden("classroom.json", export("classroom")["s1041.json"])
    assert len(notes("classroom")) == 3


def test_zero_for_missing() -> None:
    scores = [*map(imported, read(zero_missing=True).values())]

    assert scores[4:] == [(0.0, 50.0), None, (0.0, 50.0)]
    assert read()["s1044.json"]["message"] == "This is a PDF, =not a notebook."


def test_a_late_penalty_is_a_test_of_its_own() -> None:
    penalty = LatePenalty(10.0, "20%/day", "2026-11-01T00:00:00+00:00")
    [results] = read(results=[submission(1040, score=40.0, late_penalty=penalty)]).values()

    assert imported(results) == (40.0, 50.0)
    last = results["tests"][-1]
    assert (last["name"], last["score"], last["status"]) == ("late penalty", -10.0, "fail")


def test_output_is_cut_at_500_characters() -> None:
    hint = Diagnosis("x", "ä" * 900)
    long = samples.function(FunctionStatus.FAILED, diagnoses=(hint,))
    results = [samples.result(long), submission(1044, status=Status.INVALID, message="b" * 900)]
    graded, invalid = read(results=results).values()

    assert graded["tests"][0]["message"] == "ä" * 498 + " …"
    assert len(invalid["message"]) <= 500


def test_hostile_names_are_files_of_their_own() -> None:
    results = [samples.hostile(), *(samples.result(submission=s) for s in ("../x", "..\\x"))]

    assert [*read(results=[*results, *course()])][1:3] == ["_x.json", "_x-2.json"]
