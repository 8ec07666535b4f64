"""Marks for what follows: a mistake costs the points of the place where it is made, and no others.

A quantity that is not right is accepted where it is what the rules make of the student's own earlier
quantities, in every case of the check. An answer of zeros follows from zeros: where a quantity should
be alive and is not, nothing is accepted.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np

from grader.judging.intermediates import CaseValues, Intermediates, agreed, follows
from grader.messages import comma_list, gettext, join_sentences
from grader.model import Check, Function, TestCase
from grader.model.result import CheckResult, CheckStatus


def carried(
    function: Function,
    cases: Sequence[TestCase],
    results: Sequence[CheckResult],
    evidence: Intermediates,
) -> tuple[CheckResult, ...]:
    """Return the results, those passed whose quantities are right or follow, and others told what follows."""
    answered = {row.case.name for row in evidence.rows}
    if any(case.name not in answered for case in cases):
        return tuple(results)
    with np.errstate(all="ignore"):
        return tuple(
            _carried(function, check, result, evidence)
            for check, result in zip(function.checks, results, strict=True)
        )


def _carried(
    function: Function, check: Check, result: CheckResult, evidence: Intermediates
) -> CheckResult:
    if result.status is not CheckStatus.FAILED or not check.follow_through:
        return result
    rows = [row for row in evidence.rows if row.case.group == check.group]
    off = [q for q in check.quantities if not _is_right(function, rows, q)]
    following = [q for q in off if follows(function, rows, q) and _alive(rows, q)]
    if not following:
        return result
    names = comma_list(following)
    if following == off and rows:
        message: str = gettext(
            "This check passes: {names} follow correctly from your own earlier values.",
            names=names,
        )
        return dataclasses.replace(result, status=CheckStatus.PASSED, message=message, findings=())
    more = gettext("Of these, {names} follow correctly from your own earlier values.", names=names)
    return dataclasses.replace(result, message=join_sentences(result.message, more))


def _is_right(function: Function, rows: Sequence[CaseValues], name: str) -> bool:
    return all(name in row.got and agreed(function, row.want[name], row.got[name]) for row in rows)


def _alive(rows: Sequence[CaseValues], name: str) -> bool:
    """Say whether a quantity is other than zero wherever it should be."""
    return all(row.got[name].any() or not row.want[name].any() for row in rows)
