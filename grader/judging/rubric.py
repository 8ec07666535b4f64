"""Turn verdicts into scores: a check that passed earns its points, all others earn none."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from grader.model import Function
from grader.model.result import CheckResult, CheckStatus, FunctionStatus


def with_points(function: Function, checks: Sequence[CheckResult]) -> tuple[CheckResult, ...]:
    """Return the checks with the points of each, and its maximum."""
    return tuple(
        dataclasses.replace(
            result,
            max_score=float(check.points),
            score=float(check.points) if result.status is CheckStatus.PASSED else 0.0,
        )
        for check, result in zip(function.checks, checks, strict=True)
    )


def status_of(checks: Sequence[CheckResult]) -> FunctionStatus:
    """Return the status of a function from those of its checks."""
    statuses = [check.status for check in checks]
    if all(status is CheckStatus.PASSED for status in statuses):
        return FunctionStatus.PASSED
    if any(check.score for check in checks):
        return FunctionStatus.PARTIAL
    if CheckStatus.TIMEOUT in statuses:
        return FunctionStatus.TIMEOUT
    if CheckStatus.FAILED in statuses:
        return FunctionStatus.FAILED
    return FunctionStatus.ERROR
