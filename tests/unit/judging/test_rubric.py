"""Points are for checks that passed, and a function's status follows from its checks."""

from __future__ import annotations

import itertools

import pytest

from grader.judging.compare import scalar
from grader.judging.rubric import status_of, with_points
from grader.model import Check, Function
from grader.model.findings import CheckResult, CheckStatus, FunctionStatus

PASSED, FAILED, ERROR = CheckStatus.PASSED, CheckStatus.FAILED, CheckStatus.ERROR
TIMEOUT, SKIPPED = CheckStatus.TIMEOUT, CheckStatus.SKIPPED

FUNCTION = Function(
    "f", (), scalar("y"), (Check("a", 5, "fixed", ("y",)), Check("b", 20, "random", ("y",)))
)


def graded(*statuses: CheckStatus) -> tuple[CheckResult, ...]:
    expected = [
        CheckResult(name, status, "why") for name, status in zip("ab", statuses, strict=True)
    ]
    return with_points(FUNCTION, expected)


@pytest.mark.parametrize("statuses", list(itertools.product(CheckStatus, repeat=2)))
def test_only_a_passed_check_earns_points(
    statuses: tuple[CheckStatus, CheckStatus],
) -> None:
    checks = graded(*statuses)

    assert [check.max_score for check in checks] == [5, 20]
    assert [check.score for check in checks] == [
        points if status is PASSED else 0 for points, status in zip((5, 20), statuses, strict=True)
    ]
    assert [(check.name, check.status, check.message) for check in checks] == [
        ("a", statuses[0], "why"),
        ("b", statuses[1], "why"),
    ]


def test_every_check_needs_a_verdict() -> None:
    with pytest.raises(ValueError, match="zip"):
        with_points(FUNCTION, [CheckResult("a", PASSED, "")])


@pytest.mark.parametrize(
    ("statuses", "expected"),
    [
        ((PASSED, PASSED), FunctionStatus.PASSED),
        ((PASSED, FAILED), FunctionStatus.PARTIAL),
        ((PASSED, ERROR), FunctionStatus.PARTIAL),
        ((PASSED, TIMEOUT), FunctionStatus.PARTIAL),
        ((PASSED, SKIPPED), FunctionStatus.PARTIAL),
        ((FAILED, PASSED), FunctionStatus.PARTIAL),
        ((FAILED, FAILED), FunctionStatus.FAILED),
        ((FAILED, ERROR), FunctionStatus.FAILED),
        ((FAILED, SKIPPED), FunctionStatus.FAILED),
        ((ERROR, FAILED), FunctionStatus.FAILED),
        ((TIMEOUT, SKIPPED), FunctionStatus.TIMEOUT),
        ((FAILED, TIMEOUT), FunctionStatus.TIMEOUT),
        ((ERROR, TIMEOUT), FunctionStatus.TIMEOUT),
        ((ERROR, ERROR), FunctionStatus.ERROR),
        ((ERROR, SKIPPED), FunctionStatus.ERROR),
        ((SKIPPED, SKIPPED), FunctionStatus.ERROR),
    ],
)
def test_status_of_a_function(
    statuses: tuple[CheckStatus, CheckStatus], expected: FunctionStatus
) -> None:
    assert status_of(graded(*statuses)) is expected


def test_failed_check_prevents_passed() -> None:
    for statuses in itertools.product(CheckStatus, repeat=2):
        passed = status_of(graded(*statuses)) is FunctionStatus.PASSED

        assert passed == (statuses == (PASSED, PASSED))
