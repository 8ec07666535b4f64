"""The intermediate values of a function, case by case: the student's own, or computed by the rules.

A lookup returns the student's own value if it is finite and has the right shape. Otherwise the rules
of the assignment compute it from the earlier values. So a mistake shows only in the quantity in
which it was made, and not in those that follow from it correctly. A row is one test case.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from grader.judging.compare import UnexpectedStructure, agree, numbers
from grader.model import Computation, Function, Observation, Returned, TestCase, Value
from grader.model.record import record

Array = NDArray[np.float64]

_FEWEST_FINITE = 4
_LARGEST = 50_000
"""Numbers in an array. Larger arrays are left out, because they are wrong and take time."""


@dataclass(slots=True)
class CaseValues:
    """The values of one case: `inputs` of the call, those that the function returned, the right ones.

    `got` and `want` are the returned and the right quantities by name, arrays of the quantity's shape;
    `got` may lack some. `rules` compute a quantity. `row[name]` is the returned value if it is usable,
    or else the value by its rule, or else an argument of that name.
    """

    inputs: Mapping[str, Value]
    got: Mapping[str, Array]
    want: Mapping[str, Array]
    rules: Mapping[str, Rule]
    case: TestCase
    _cache: dict[str, Array] = field(default_factory=dict)

    @property
    def public(self) -> bool:
        """True if the values of this row may be shown."""
        return self.case.public

    @property
    def seed(self) -> int:
        """Seed of the random generators just before the call."""
        return self.case.seed

    def __getitem__(self, name: str) -> Any:
        """Return a quantity or an argument. Raises KeyError for a name that is neither."""
        if name not in self._cache:
            own = self.got.get(name)
            if own is not None and own.shape == self.want[name].shape and np.isfinite(own).all():
                self._cache[name] = own
            else:
                rule = self.rules.get(name)
                self._cache[name] = rule(self) if rule else self.inputs[name]
        return self._cache[name]


Rule = Callable[[CaseValues], Array]
"""Computes the right value of a quantity, in its shape, from the earlier values in a row."""


@record
class Intermediates:
    """The rows of a function, and the quantities that are to be explained.

    `wrong` quantities are neither right in every row nor follow from the student's own earlier ones;
    `following` quantities are not right, but follow. Both are in the order of the computation.
    """

    computation: Computation
    rows: tuple[CaseValues, ...]
    wrong: tuple[str, ...]
    following: tuple[str, ...]

    def per_row(self, measure: Callable[[CaseValues], float]) -> Array:
        """Return one number per row: an array of shape (rows,)."""
        return np.array([measure(row) for row in self.rows], dtype=np.float64)

    def rows_of_wrong_shape(self, name: str) -> tuple[CaseValues, ...]:
        """Return the rows in which a quantity has a wrong shape."""
        return tuple(
            row
            for row in self.rows
            if name in row.got and row.got[name].shape != row.want[name].shape
        )

    def finite(self, name: str) -> Intermediates:
        """Return the intermediates of those rows in which a quantity is present and finite."""
        rows = (row for row in self.rows if name in row.got and np.isfinite(row.got[name]).all())
        return dataclasses.replace(self, rows=tuple(rows))

    def first_public_row(self) -> CaseValues | None:
        """Return the first row whose values may be shown."""
        return next((row for row in self.rows if row.public), None)


def gather(
    function: Function,
    computation: Computation,
    cases: Sequence[TestCase],
    expected: Observation,
    actual: Observation,
) -> Intermediates:
    """Return the intermediates of a function by its computation.

    A case is a row if its call returned a value that can be taken apart. Rows with NaN or infinity are
    left out if at least four others have something to explain.
    """
    rows = []
    for case, reference, outcome in zip(cases, expected.outcomes, actual.outcomes, strict=False):
        got, want = _quantities(function, outcome), _quantities(function, reference)
        if got is not None and want is not None:
            got = {name: value for name, value in got.items() if name in want}
            inputs = computation.inputs(case.args)
            rows.append(CaseValues(inputs, got, want, computation.rules, case))
    finite = [row for row in rows if all(np.isfinite(own).all() for own in row.got.values())]
    if len(finite) >= _FEWEST_FINITE:
        intermediates = from_rows(function, computation, finite)
        if intermediates.wrong:
            return intermediates
    return from_rows(function, computation, rows)


def exchanged(
    function: Function, intermediates: Intermediates, first: str, second: str
) -> Intermediates:
    """Return the intermediates with two returned quantities in each other's places."""
    rows = []
    for row in intermediates.rows:
        pair = {first: row.got.get(second), second: row.got.get(first)}
        got = {**row.got, **{name: value for name, value in pair.items() if value is not None}}
        rows.append(CaseValues(row.inputs, got, row.want, row.rules, row.case))
    return from_rows(function, intermediates.computation, rows)


def _quantities(function: Function, outcome: Value) -> Mapping[str, Array] | None:
    """Return the numeric quantities of an outcome, or None for one that has none."""
    if not isinstance(outcome, Returned):
        return None
    try:
        values = function.unpack(outcome.value)
    except UnexpectedStructure:
        return None
    arrays = {name: numbers(value) for name, value in values.items()}
    return {name: a for name, a in arrays.items() if a is not None and a.size <= _LARGEST}


def from_rows(
    function: Function, computation: Computation, rows: Sequence[CaseValues]
) -> Intermediates:
    """Return the intermediates in rows: which quantities are wrong, and which only follow.

    A quantity that no row has counts as right: its absence is a diagnosis of structure.
    """
    wrong: list[str] = []
    following: list[str] = []
    for name in computation.rules:
        present = [row for row in rows if name in row.got]
        if not all(agreed(function, row.want[name], row.got[name]) for row in present):
            (following if follows(function, rows, name) else wrong).append(name)
    return Intermediates(computation, tuple(rows), tuple(wrong), tuple(following))


def follows(function: Function, rows: Iterable[CaseValues], name: str) -> bool:
    """Return True if the rules give a quantity from the student's own earlier ones, in every row.

    False if any row lacks it. The tolerances are those of the function.
    """
    return all(
        name in row.got and agreed(function, row.rules[name](row), row.got[name]) for row in rows
    )


def differs(function: Function, row: CaseValues, name: str) -> bool:
    """Return True if a quantity was returned in a row and is not right."""
    return name in row.got and not agreed(function, row.want[name], row.got[name])


def agreed(function: Function, want: Array, got: Array) -> bool:
    """Return True if two arrays have one shape and agree within the tolerances of a function."""
    return agree(want, got, rtol=function.rtol, atol=function.atol)
