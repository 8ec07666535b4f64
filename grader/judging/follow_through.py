"""Follow-through marks: a mistake costs the points of the quantity in which it was made, no others.

A wrong quantity is accepted if the rules give it from the student's own earlier quantities, in every
case of the check. Zeros follow from zeros, and the smallest numbers round to zero; beside huge numbers
a missing term is lost in rounding. So a quantity of quite another size than the right one is never
accepted.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np

from grader.judging.intermediates import Array, CaseValues, Intermediates, agreed, follows
from grader.messages import comma_list, gettext, join_sentences
from grader.model import Check, Function, TestCase
from grader.model.findings import CheckResult, CheckStatus

SMALLEST_SHARE, LARGEST_SHARE = 1e-6, 1e4
"""The sizes of a quantity that follows, as shares of the right one's largest value."""


def carried(
    function: Function,
    cases: Sequence[TestCase],
    results: Sequence[CheckResult],
    intermediates: Intermediates,
) -> tuple[CheckResult, ...]:
    """Return the results of all checks after follow-through.

    `results` are those of `judge`, in the order of `function.checks`, before they have points. A check
    whose wrong quantities all follow has passed. Nothing changes unless every case returned a value.
    """
    returned = {row.case.name for row in intermediates.rows}
    if any(case.name not in returned for case in cases):
        return tuple(results)
    with np.errstate(all="ignore"):
        return tuple(
            _carried(function, check, result, intermediates.rows)
            for check, result in zip(function.checks, results, strict=True)
        )


def _carried(
    function: Function, check: Check, result: CheckResult, rows: Sequence[CaseValues]
) -> CheckResult:
    if result.status is not CheckStatus.FAILED or not check.follow_through:
        return result
    group = [row for row in rows if row.case.group == check.group]
    off = [
        name
        for name in check.quantities
        if any(
            name not in row.got or not agreed(function, row.want[name], row.got[name])
            for row in group
        )
    ]
    following = [name for name in off if follows(function, group, name) and _has_size(group, name)]
    if not following:
        return result
    names = comma_list(following)
    if following == off and group:
        message: str = gettext(
            "This check passes: {names} follow correctly from your own earlier values.",
            names=names,
        )
        return dataclasses.replace(result, status=CheckStatus.PASSED, message=message, findings=())
    more = gettext("Of these, {names} follow correctly from your own earlier values.", names=names)
    return dataclasses.replace(result, message=join_sentences(result.message, more))


def _has_size(rows: Sequence[CaseValues], name: str) -> bool:
    """Return True if a quantity has about the size of the right one in every row."""
    sizes = ((_largest(row.got[name]), _largest(row.want[name])) for row in rows)
    return all(
        SMALLEST_SHARE * want <= got and (not want or got <= LARGEST_SHARE * want)
        for got, want in sizes
    )


def _largest(values: Array) -> float:
    return float(np.max(np.abs(values), initial=0.0))
