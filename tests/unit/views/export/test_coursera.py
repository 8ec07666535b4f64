"""Coursera's feedback, read again as coursera_autograder (commands/grade.py) does."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from grader.model.findings import FunctionStatus
from grader.model.result import LatePenalty, Status
from tests.support import samples
from tests.support.html_reader import read as read_html
from tests.unit.views.export.students import SCORES, course, export, notes, submission


def imported(data: bytes) -> float | None:
    """Return the share that Coursera takes, or None if it takes none and counts no attempt."""
    plain = json.loads(data)
    assert isinstance(plain["feedback"], str)
    assert plain["feedbackType"] == "HTML"
    if "fractionalScore" not in plain:
        return None
    share = plain["fractionalScore"]
    assert not isinstance(share, bool) and isinstance(share, int | float)
    assert 0 <= share <= 1
    return float(share)


def shares(*results: Any, **options: Any) -> dict[str, float | None]:
    """Return the share of each part."""
    files = export("coursera", [*results] or course(), **options)
    parts = {name.rpartition("/")[0] for name in files}
    assert {*files} == {f"{p}/{n}" for p in parts for n in ("feedback.json", "htmlFeedback.html")}
    return {
        name.removesuffix("/feedback.json"): imported(data)
        for name, data in files.items()
        if name.endswith(".json")
    }


def test_coursera_reads_a_share_of_every_part() -> None:
    found = shares()

    for number, score in SCORES.items():
        parts = [found[f"s{number}/{name}"] for name in ("compute_cost", "forward")]
        total = None if None in parts else sum(25.0 * (part or 0.0) for part in parts)
        assert total == (None if score is None else pytest.approx(score, abs=1e-4))
    assert len(notes("coursera")) == 3


def test_zero_for_missing() -> None:
    found = shares(*course()[4:6], zero_missing=True)

    assert found == {
        "s1044/compute_cost": 0.0,
        "s1044/forward": 0.0,
        "s1045/compute_cost": None,
        "s1045/forward": None,
    }


def test_a_penalty_lowers_every_part() -> None:
    penalty = LatePenalty(10.0, "20%/day", "2026-11-01T00:00:00+00:00")
    late = submission(1040, score=40.0, late_penalty=penalty)

    assert shares(late) == {"s1040/compute_cost": 0.8, "s1040/forward": 0.8}
    feedback = json.loads(export("coursera", [late])["s1040/forward/feedback.json"])["feedback"]
    assert feedback == "forward: 25 of 25 points.\nLate penalty: 10 points."


def test_points_by_hand_without_points_of_functions_are_shared() -> None:
    assert shares(submission(1042, score=25.0)) == {"s1042/compute_cost": 0.5, "s1042/forward": 0.5}


def test_dropped_functions_are_no_part() -> None:
    dropped = replace(samples.function(FunctionStatus.FAILED, "forward"), max_score=0.0)
    results = [samples.result(samples.function(FunctionStatus.PASSED), dropped)]

    assert shares(*results) == {"alice/cost": 1.0}
    missing = submission(1040, status=Status.NOT_SUBMITTED)
    assert shares(*results, missing) == {"alice/cost": 1.0}


def test_html_has_the_hints_of_its_part_without_live_markup() -> None:
    page = export("coursera")["s1041/compute_cost/htmlFeedback.html"].decode()

    assert page == (
        "<p>compute_cost: 12.5 of 25 points.</p>\n"
        "<p>The penalty misses its `1/2`. Compare &lt;b&gt;it&lt;/b&gt;.</p>\n"
    )
    files = export("coursera", [samples.hostile()])
    [name] = [name for name in files if name.endswith(".html")]
    assert read_html(files[name].decode()).all("script", "img") == []
    assert b"&lt;script&gt;" in files[name]
