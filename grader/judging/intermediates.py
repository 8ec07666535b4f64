"""What a function returned, one row an answered case, read by name and worked out where it is missing.

Whatever is looked up in a row is an array of finite floats of the right shape: the student's own where
that is so, else what the rules of the assignment make of what stands before it. So a mistake is seen
where it is made, and what follows from it correctly is seen to follow.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from grader.judging.compare import UnexpectedStructure, agree, numbers
from grader.model import Function, Observation, Returned, TestCase, Value

Array = NDArray[np.float64]

_FEWEST_FINITE = 4
_LARGEST = 50_000
"""Numbers in an array; larger ones are no answer to what is asked, and would take time."""


@dataclass(slots=True)
class CaseValues:
    """One answered case: its arguments by name, what came back, what is right, and by what rules.

    `row[name]` prefers what came back over an argument of that name.
    """

    inputs: Mapping[str, Value]
    got: Mapping[str, Array]
    want: Mapping[str, Array]
    rules: Mapping[str, Rule]
    case: TestCase
    _known: dict[str, Array] = field(default_factory=dict)

    @property
    def public(self) -> bool:
        """Say whether the values of this row may be shown."""
        return self.case.public

    @property
    def seed(self) -> int:
        """Return the seed of the random generators just before the call."""
        return self.case.seed

    def __getitem__(self, name: str) -> Any:
        """Return a quantity or an argument. Raises KeyError for a name that is neither."""
        if name not in self._known:
            self._known[name] = self._find(name)
        return self._known[name]

    def _find(self, name: str) -> Any:
        own = self.got.get(name)
        if own is not None and own.shape == self.want[name].shape and np.isfinite(own).all():
            return own
        return self.inputs[name] if name not in self.rules else self.rules[name](self)


Rule = Callable[[CaseValues], Array]
"""Makes the right value of a quantity from what stands before it in a row."""


@dataclass(frozen=True, slots=True)
class Intermediates:
    """The rows of a function, and what is to be explained in them.

    `wrong` are the quantities that are neither right in every row nor follow from the student's own;
    `following` are not right, but follow. Both are in the order in which quantities are computed.
    """

    rows: tuple[CaseValues, ...]
    wrong: tuple[str, ...]
    following: tuple[str, ...]

    def per_row(self, of: Callable[[CaseValues], float]) -> Array:
        """Return one number a row."""
        return np.array([of(row) for row in self.rows], dtype=np.float64)

    def misfits(self, name: str) -> tuple[CaseValues, ...]:
        """Return the rows in which a quantity came back in another shape than is right."""
        return tuple(
            row
            for row in self.rows
            if name in row.got and row.got[name].shape != row.want[name].shape
        )

    def finite(self, name: str) -> Intermediates:
        """Return the evidence of those rows in which a quantity came back and holds finite numbers."""
        kept = (row for row in self.rows if name in row.got and np.isfinite(row.got[name]).all())
        return Intermediates(tuple(kept), self.wrong, self.following)

    def public(self) -> CaseValues | None:
        """Return the first row whose values may be shown."""
        return next((row for row in self.rows if row.public), None)


def gather(
    function: Function, cases: Sequence[TestCase], expected: Observation, actual: Observation
) -> Intermediates:
    """Return the evidence in what a function did. The function must have an anatomy."""
    assert function.computation is not None
    rows = []
    for case, right, outcome in zip(cases, expected.outcomes, actual.outcomes, strict=False):
        got = _taken_apart(function, outcome)
        if got is not None:
            want = _taken_apart(function, right)
            assert want is not None
            inputs = function.computation.inputs(case.args)
            rows.append(CaseValues(inputs, got, want, function.computation.rules, case))
    finite = [row for row in rows if all(np.isfinite(own).all() for own in row.got.values())]
    told = sorted_out(function, finite) if len(finite) >= _FEWEST_FINITE else None
    return told if told and told.wrong else sorted_out(function, rows)


def exchanged(function: Function, evidence: Intermediates, name: str, other: str) -> Intermediates:
    """Return the evidence with two quantities in each other's places."""
    rows = []
    for row in evidence.rows:
        pair = {name: row.got.get(other), other: row.got.get(name)}
        got = {**row.got, **{key: value for key, value in pair.items() if value is not None}}
        rows.append(CaseValues(row.inputs, got, row.want, row.rules, row.case))
    return sorted_out(function, rows)


def _taken_apart(function: Function, outcome: Value) -> Mapping[str, Array] | None:
    """Return the numeric quantities of an outcome, or None where there is none."""
    if not isinstance(outcome, Returned):
        return None
    try:
        parts = function.unpack(outcome.value)
    except UnexpectedStructure:
        return None
    arrays = {name: numbers(value) for name, value in parts.items()}
    return {name: a for name, a in arrays.items() if a is not None and a.size <= _LARGEST}


def sorted_out(function: Function, rows: Sequence[CaseValues]) -> Intermediates:
    """Return the evidence in rows."""
    assert function.computation is not None
    rules = function.computation.rules
    off = [name for name in rules if not _all_right(function, rows, name)]
    following = [name for name in off if follows(function, rows, name)]
    wrong = (name for name in off if name not in following)
    return Intermediates(tuple(rows), tuple(wrong), tuple(following))


def _all_right(function: Function, rows: Iterable[CaseValues], name: str) -> bool:
    present = (row for row in rows if name in row.got)
    return all(agreed(function, row.want[name], row.got[name]) for row in present)


def follows(function: Function, rows: Iterable[CaseValues], name: str) -> bool:
    """Say whether a quantity is what the rules make of the student's own earlier ones, in every row."""
    return all(
        name in row.got and agreed(function, row.rules[name](row), row.got[name]) for row in rows
    )


def agreed(function: Function, want: Array, got: Array) -> bool:
    """Say whether two arrays agree within the tolerance of a function."""
    return agree(want, got, rtol=function.rtol, atol=function.atol)
