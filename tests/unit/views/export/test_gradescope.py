"""Gradescope's results.json, read again by the rules of its specification.

The rules: https://gradescope-autograders.readthedocs.io/en/latest/specs/, and what gradescope-utils
(`json_test_runner.py`) and otter-grader (`to_gradescope_dict`) write.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from grader.model.findings import FunctionStatus
from grader.model.result import Adjustment, AdjustmentKind, LatePenalty, Status
from tests.support import samples
from tests.support.languages import CHINESE
from tests.unit.views.export.students import (
    SCORES,
    course,
    export,
    notes,
    same_as_golden,
    submission,
)

FORMATS = {"text", "html", "simple_format", "md", "ansi"}
VISIBILITIES = {"hidden", "after_due_date", "after_published", "visible"}
FIELDS = {
    *("score", "execution_time", "output", "output_format", "test_output_format"),
    *("test_name_format", "visibility", "stdout_visibility", "extra_data", "tests", "leaderboard"),
}
TEST_FIELDS = {
    *("score", "max_score", "status", "name", "name_format", "number", "output"),
    *("output_format", "tags", "visibility", "extra_data"),
}


def imported(results: Mapping[str, Any]) -> float | None:
    """Return the score that Gradescope takes: the total, else the sum of the tests, else none."""
    assert {*results} <= FIELDS
    assert {
        results.get(f"{n}_format", "text") for n in ("output", "test_output", "test_name")
    } <= FORMATS
    assert {results["visibility"], results["stdout_visibility"]} <= VISIBILITIES
    for test in results["tests"]:
        assert {*test} <= TEST_FIELDS
        assert test["status"] in ("passed", "failed") and test["visibility"] in VISIBILITIES
        assert isinstance(test["name"], str) and isinstance(test["output"], str)
        assert isinstance(test.get("number", ""), str)
        assert ("score" in test) == ("max_score" in test)
    if "score" in results:
        return float(results["score"])
    scores = [test["score"] for test in results["tests"] if "score" in test]
    return float(sum(scores)) if scores else None


def read(**options: Any) -> dict[str, dict[str, Any]]:
    return {name: json.loads(data) for name, data in export("gradescope", **options).items()}


def test_gradescope_reads_every_grade() -> None:
    files = read()

    assert [*files] == [f"s{number}/results.json" for number in SCORES]
    assert [*map(imported, files.values())] == [*SCORES.values()]


def test_zero_for_missing() -> None:
    scores = [*map(imported, read(zero_missing=True).values())]

    assert scores == [50.0, 100 / 3, 0.0, 37.5, 0.0, None, 0.0]


def test_files_are_as_recorded() -> None:
    files = export("gradescope")

    assert same_as_golden("gradescope_graded.json", files["s1041/results.json"])
    assert same_as_golden("gradescope_invalid.json", files["s1044/results.json"])


def test_adjusted_and_late_scores_are_the_total() -> None:
    late = submission(
        1040,
        score=40.0,
        late_penalty=LatePenalty(10.0, "20%/day", "2026-11-01T00:00:00+00:00"),
        adjustments=(Adjustment(AdjustmentKind.COMMENT, "Well done.", "me", "now"),),
    )
    [results] = read(results=[late]).values()

    assert imported(results) == 40.0
    assert sum(test["score"] for test in results["tests"]) == 50.0
    assert results["output"] == "Late penalty: 10 points.\nWell done."


def test_status_is_not_named_beside_points_by_hand() -> None:
    change = Adjustment(AdjustmentKind.POINTS, "a loop", "me", "now", "compute_cost", 20.0)
    [results] = read(results=[submission(1040, adjustments=(change,))]).values()

    names = [test["name"] for test in results["tests"]]
    assert names == ["compute_cost: points given by hand", "forward: right"]


def test_dropped_functions_are_left_out() -> None:
    dropped = replace(samples.function(FunctionStatus.FAILED, "forward"), max_score=0.0)
    right = samples.function(FunctionStatus.PASSED)
    [results] = read(results=[samples.result(dropped, right)]).values()

    assert [test["number"] for test in results["tests"]] == ["2"]
    assert results["output"] == ""


def test_the_reason_is_visible_where_there_is_no_grade() -> None:
    results = read()["s1044/results.json"]

    assert "score" not in results
    assert results["tests"] == [
        {
            "name": "not a readable notebook",
            "status": "failed",
            "output": "This is a PDF, =not a notebook.",
            "visibility": "visible",
        }
    ]
    assert notes("gradescope")[0] == "No grade for s1044: This is a PDF, =not a notebook."


def test_hostile_text_is_plain_and_in_one_file_each() -> None:
    results = [
        samples.hostile(),
        replace(samples.hostile(), submission="../../etc/passwd"),
        samples.result(submission="A", functions=()),
        samples.result(submission="a"),
        submission(1040, status=Status.NOT_SUBMITTED),
    ]
    files = export("gradescope", results)
    text = "".join(data.decode() for data in files.values())

    assert [*files][1:] == ["_._etc_passwd/results.json", "A/results.json", "a-2/results.json"]
    assert not any(character in text for character in "\x1b\x00\u202e\u2028")
    assert {results["test_output_format"] for results in map(json.loads, files.values())} == {
        "text"
    }


@pytest.mark.parametrize("result", course())
def test_every_text_is_in_the_language_of_the_gradebook(result: Any) -> None:
    [results] = read(results=[result], translator=CHINESE).values()

    assert not {"right", "not a readable notebook", "the grader failed"} & {
        test["name"].rpartition(": ")[2] for test in results["tests"]
    }
