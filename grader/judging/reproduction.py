"""Choose the check that shows lines to reproduce a failure: one is enough, a public one is best."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from grader.model import Function
from grader.model.findings import CheckResult, CheckStatus


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
