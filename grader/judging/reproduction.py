"""Which check of a function shows lines to paste: one is enough, and a public one is better."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from grader.model import Function
from grader.model.result import CheckResult, CheckStatus


def with_steps_once(function: Function, checks: Sequence[CheckResult]) -> tuple[CheckResult, ...]:
    """Return checks of which one hidden one has steps, and that only where the public ones are right.

    What a published example shows is better looked at there, and one call to try is enough.
    """
    paired = list(zip(function.checks, checks, strict=True))
    told = any(check.group == "fixed" and _is_off(result) for check, result in paired)
    kept = []
    for check, result in paired:
        hidden = check.group != "fixed"
        unsaid = hidden and (told or not _is_off(result))
        kept.append(dataclasses.replace(result, steps=()) if unsaid else result)
        told = told or (hidden and bool(kept[-1].steps))
    return tuple(kept)


def _is_off(result: CheckResult) -> bool:
    return result.status not in (CheckStatus.PASSED, CheckStatus.SKIPPED)
