"""The first value in which a right solution differs from the reference, in a sentence with the tolerance."""

from __future__ import annotations

import json
from collections.abc import Sequence

from grader import judging
from grader.judging.compare import UnexpectedStructure, compare, numbers
from grader.messages.sanitize import one_line
from grader.model import Function, Observation, Raised, Returned, TestCase, Value
from grader.model.findings import CheckStatus, Finding


def solution_fault(
    function: Function, cases: Sequence[TestCase], expected: Observation, actual: Observation
) -> str:
    """Return why a right solution does not pass without a diagnosis, "" if it does."""
    checks, diagnoses = judging.judge(function, cases, expected, actual)
    failed = [str(check.message) for check in checks if check.status is not CheckStatus.PASSED]
    reasons = [*failed, *(str(diagnosis.message) for diagnosis in diagnoses)]
    if not failed:
        return "".join(reasons[:1])
    outcomes = zip(cases, expected.outcomes, actual.outcomes, strict=False)
    faults = (
        f"{fault} in the test case {case.name!r}{_tolerance(function, fault)}"
        for case, right, own in outcomes
        if (fault := _fault(function, right, own))
    )
    return next(faults, reasons[0])


def _fault(function: Function, right: Returned | Raised, own: Returned | Raised) -> str:
    """Return how an outcome differs from that of the reference, "" if it does not."""
    if isinstance(own, Raised):
        return f"raises {own.kind} ({one_line(own.message)})"
    assert isinstance(right, Returned)
    try:
        values = function.unpack(own.value)
    except UnexpectedStructure as error:
        return f"{one_line(str(error.diagnosis.what)).rstrip('.')}"
    used = {quantity for check in function.checks for quantity in check.quantities}
    for name, want in function.unpack(right.value).items():
        got = values.get(name)
        finding = compare(want, got, rtol=function.rtol, atol=function.atol)
        if finding and name in used:
            return f"{name} {_numbers(finding, want, got)}"
    return ""


def _numbers(finding: Finding, want: Value, got: Value) -> str:
    right, own = numbers(want), numbers(got)
    if not finding.got or right is None or own is None:
        return str(finding.message)
    at = tuple(json.loads(finding.index or "[]"))
    place = f"at {finding.index} " if at else ""
    return f"{place}is {float(own[at])!r} instead of {float(right[at])!r}"


def _tolerance(function: Function, fault: str) -> str:
    """Return the tolerances of a function, "" for a fault without a value."""
    if " instead of " not in fault:
        return ""
    return f": the relative tolerance is {function.rtol:g}, the absolute one {function.atol:g}"
