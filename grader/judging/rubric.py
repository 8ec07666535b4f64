"""Turn verdicts into scores: a check that passed earns its points. One wrong check shows a snippet."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from grader.model import Function
from grader.model.findings import CheckResult, CheckStatus, FunctionStatus


def with_points(function: Function, checks: Sequence[CheckResult]) -> tuple[CheckResult, ...]:
    """Return the checks with the points of each, and its maximum.

    `checks` are the results of `function.checks`, in that order. Raises ValueError for another number.

    >>> from grader.judging.compare import scalar
    >>> from grader.model import Check
    >>> function = Function("f", ("x",), scalar("y"), (Check("the example", 5, "fixed", ("y",)),))
    >>> passed = CheckResult("the example", CheckStatus.PASSED, "Passes 1 test.")
    >>> [(check.score, check.max_score) for check in with_points(function, [passed])]
    [(5.0, 5.0)]
    """
    return tuple(
        dataclasses.replace(
            result,
            max_score=float(check.points),
            score=float(check.points) if result.status is CheckStatus.PASSED else 0.0,
        )
        for check, result in zip(function.checks, checks, strict=True)
    )


def status_of(checks: Sequence[CheckResult]) -> FunctionStatus:
    """Return the status of a function from its checks, which must have their points.

    All passed: PASSED. Some points: PARTIAL. Otherwise the first that applies: TIMEOUT if any check
    timed out, FAILED if any failed, ERROR.

    >>> right = CheckResult("layer 1", CheckStatus.PASSED, "", score=7.0, max_score=7.0)
    >>> wrong = CheckResult("layer 2", CheckStatus.FAILED, "", score=0.0, max_score=7.0)
    >>> status_of([right, wrong])
    <FunctionStatus.PARTIAL: 'partial'>
    """
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


def with_one_snippet(function: Function, checks: Sequence[CheckResult]) -> tuple[CheckResult, ...]:
    """Keep the snippet of one hidden check at most, and of none if a public check is wrong.

    `checks` are in the order of `function.checks`. A failure in the published example is easier to
    examine there, and one call to try is enough.
    """
    pairs = list(zip(function.checks, checks, strict=True))
    public = [result for check, result in pairs if check.group == "fixed"]
    shown = any(map(_is_off, public))
    results = []
    for check, result in pairs:
        hidden = check.group != "fixed"
        if hidden and (shown or not _is_off(result)):
            results.append(dataclasses.replace(result, steps=()))
        else:
            shown = shown or (hidden and bool(result.steps))
            results.append(result)
    return tuple(results)


def _is_off(result: CheckResult) -> bool:
    return result.status not in (CheckStatus.PASSED, CheckStatus.SKIPPED)
