"""The keys and value sets of `result.json` that other programs rely on."""

from __future__ import annotations

import json
from typing import Any

import pytest

from grader.model.result import (
    Result,
)
from grader.views.tables import to_json

TOP = {
    *("schema_version", "assignment", "submission", "sha256", "status", "score", "max_score"),
    *("functions", "duration_s"),
}


OF_FUNCTION = {"name", "status", "score", "max_score", "checks", "diagnoses"}


OF_CHECK = {"name", "status", "message"}


OF_DIAGNOSIS = {"id", "message", "what", "why", "next", "values"}


def assert_as_promised(result: Result) -> dict[str, Any]:
    """Assert that the JSON of a result has the keys and words that scripts rely on; return it."""
    plain: dict[str, Any] = json.loads(to_json(result), parse_constant=pytest.fail)
    assert next(iter(plain)) == "schema_version"
    assert plain["schema_version"] == 1
    assert plain.keys() >= TOP
    assert plain["status"] in {"graded", "invalid", "timeout", "crashed", "internal"}
    for item in plain["functions"]:
        assert item.keys() >= OF_FUNCTION
        assert item["status"] in {
            *("passed", "partial", "failed", "error", "timeout", "missing", "not_attempted"),
        }
        for check in item["checks"]:
            assert check.keys() >= OF_CHECK
            assert check["status"] in {"passed", "failed", "error", "timeout", "skipped"}
        for diagnosis in item["diagnoses"]:
            assert diagnosis.keys() >= OF_DIAGNOSIS
    return plain
