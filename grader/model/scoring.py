"""Compute the score that counts from a result as it was graded.

Three steps, in this order: the points that a person has given to a function, functions that were
dropped, the late penalty. A late penalty is a rule such as `10%/day,max=50%,grace=15min`: it takes 10 %
of the maximum for each begun day after the due time and the grace period, at most 50 %.
"""

from __future__ import annotations

import dataclasses
import functools
import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple

from grader.errors import UsageError
from grader.model.result import (
    Adjustment,
    AdjustmentKind,
    FunctionResult,
    LatePenalty,
    Result,
    Status,
)
from grader.model.summary import Row

_SECONDS = {"min": 60, "h": 3600, "hour": 3600, "d": 86_400, "day": 86_400}
_RATE = re.compile(r"(?P<percent>\d+(?:\.\d+)?)%/(?P<unit>hour|h|day|d)")
_MAX = re.compile(r"max=(?P<percent>\d+(?:\.\d+)?)%")
_GRACE = re.compile(r"grace=(?P<number>\d+(?:\.\d+)?)(?P<unit>min|h|hour|d|day)")
_WHOLE = 100.0
_DIGITS = 6
"""Points are rounded to this many decimals, so that 0.1 + 0.2 is 0.3."""


@dataclass(frozen=True, slots=True)
class LateRule:
    """A late penalty: `percent` of the maximum for each begun unit of time, `most` percent at most.

    `unit` and `grace` are seconds.
    """

    percent: float
    unit: float
    most: float = _WHOLE
    grace: float = 0.0

    def points(self, late_s: float, max_score: float) -> float:
        """Return the penalty of a submission that came so many seconds after the due time."""
        units = math.ceil(max(0.0, late_s - self.grace) / self.unit)
        return round(min(self.percent * units, self.most) * max_score / _WHOLE, _DIGITS)


@functools.lru_cache(maxsize=16)
def parse_rule(text: str) -> LateRule:
    """Return the late penalty that a rule describes. Raises UsageError."""
    rate, *options = text.replace(" ", "").split(",")
    match = _RATE.fullmatch(rate)
    if not match:
        raise _no_rule(text)
    rule = LateRule(float(match["percent"]), _SECONDS[match["unit"]])
    for option in options:
        if limit := _MAX.fullmatch(option):
            rule = dataclasses.replace(rule, most=float(limit["percent"]))
        elif grace := _GRACE.fullmatch(option):
            seconds = float(grace["number"]) * _SECONDS[grace["unit"]]
            rule = dataclasses.replace(rule, grace=seconds)
        else:
            raise _no_rule(text)
    if max(rule.percent, rule.most) > _WHOLE:
        raise UsageError(f"The late penalty {text} takes more than 100 % of the maximum.")
    return rule


def _no_rule(text: str) -> UsageError:
    return UsageError(
        f"{text!r} is not a late penalty. Write for example 10%/day or 10%/day,max=50%,grace=15min."
    )


@dataclass(frozen=True, slots=True)
class Policy:
    """How the results of a gradebook count.

    `without` are dropped functions, `due` is the due time (ISO 8601 with zone), `late_penalty` a rule
    for `parse_rule`.
    """

    without: tuple[str, ...] = ()
    due: str | None = None
    late_penalty: str | None = None

    @property
    def rule(self) -> LateRule | None:
        """The late penalty, if there is one. Raises UsageError."""
        return parse_rule(self.late_penalty) if self.late_penalty else None


AS_GRADED: Final = Policy()
"""The policy of a gradebook in which nothing was set."""


def counted(
    raw: Result, policy: Policy = AS_GRADED, adjustments: Sequence[Adjustment] = ()
) -> Result:
    """Return the result that counts. `adjustments` are in the order in which they were made."""
    by_subject = {(change.kind, change.function): change for change in adjustments}
    points = {c.function: c for c in by_subject.values() if c.kind is AdjustmentKind.POINTS}
    functions = tuple(_counted_function(f, points.get(f.name), policy) for f in raw.functions)
    score, max_score = _totals(raw, functions)
    extension = by_subject.get((AdjustmentKind.DUE, None))
    lateness = _lateness(raw, policy, extension.due if extension else policy.due)
    penalty = _penalty(score, max_score, policy, lateness)
    if score is not None and penalty:
        score = round(score - penalty.points, _DIGITS)
    return dataclasses.replace(
        raw,
        functions=functions,
        score=score,
        raw_score=raw.score,
        max_score=max_score,
        late=lateness.late,
        due=lateness.due,
        late_penalty=penalty,
        adjustments=_in_effect(raw, adjustments, set(by_subject.values())),
    )


def _in_effect(
    raw: Result, adjustments: Sequence[Adjustment], latest: set[Adjustment]
) -> tuple[Adjustment, ...]:
    """Return the adjustments that no later one replaces, with the points as graded; all comments."""
    graded = {function.name: function.score for function in raw.functions}
    return tuple(
        dataclasses.replace(change, raw_points=graded.get(change.function or ""))
        for change in dict.fromkeys(adjustments)
        if change.kind is AdjustmentKind.COMMENT or change in latest
    )


def _counted_function(
    function: FunctionResult, change: Adjustment | None, policy: Policy
) -> FunctionResult:
    if function.name in policy.without:
        return dataclasses.replace(function, score=0.0, max_score=0.0)
    if change is None or change.points is None:
        return function
    # The maximum may have been higher when the change was made.
    return dataclasses.replace(function, score=min(change.points, function.max_score))


class _Totals(NamedTuple):
    score: float | None
    max_score: float


def _totals(raw: Result, functions: Sequence[FunctionResult]) -> _Totals:
    """Return score and maximum; points beyond the functions, those of trainings, stay as they are."""
    max_score = raw.max_score + sum(f.max_score for f in functions)
    max_score -= sum(f.max_score for f in raw.functions)
    scores = [function.score for function in functions if function.score is not None]
    if not functions or len(scores) < len(functions):
        return _Totals(raw.score, max_score)
    graded = [function.score for function in raw.functions if function.score is not None]
    beyond = 0.0 if raw.score is None else raw.score - sum(graded)
    return _Totals(round(sum(scores) + beyond, _DIGITS), max_score)


# ------------------------------------------------------------------ late submissions


class _Lateness(NamedTuple):
    """The due time, whether a submission is late, and by how many seconds if that is known."""

    due: str | None
    late: bool | None
    seconds: float | None


def _lateness(raw: Result, policy: Policy, due: str | None) -> _Lateness:
    """Return how late a submission is. Without a due time or its own time, the download decides."""
    if due is None or raw.submitted_at is None:
        return _Lateness(due, raw.late, None)
    seconds = (_time(raw.submitted_at) - _time(due)).total_seconds()
    return _Lateness(due, seconds > (policy.rule.grace if policy.rule else 0.0), seconds)


def _time(text: str) -> datetime:
    """Return a time; one without a zone is that of this machine."""
    time = datetime.fromisoformat(text)
    return time if time.tzinfo else time.astimezone()


def _penalty(
    score: float | None, max_score: float, policy: Policy, lateness: _Lateness
) -> LatePenalty | None:
    if not policy.rule or not score or lateness.seconds is None or lateness.due is None:
        return None
    points = min(score, policy.rule.points(lateness.seconds, max_score))
    return LatePenalty(points, policy.late_penalty or "", lateness.due) if points else None


def above_maximum(row: Row, adjustments: Iterable[Adjustment]) -> list[str]:
    """Return the functions to which a person gave more points than their maximum is by now."""
    points = {change.function: change.points or 0.0 for change in adjustments}
    return [f.name for f in row.functions if 0 < f.max_score < points.get(f.name, 0.0)]


def lacks_time(row: Row, policy: Policy) -> bool:
    """Return True if a late penalty cannot be computed for a graded submission that may be late."""
    known = row.due is not None and row.submitted_at is not None
    return bool(policy.rule and row.status is Status.GRADED and not known and row.late is not False)
