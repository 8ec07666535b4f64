"""Explain values for any assignment, from its cases alone: laws that need no knowledge of the task.

An assignment without rules of its own gets a computation in which no quantity follows from another.
"""

from __future__ import annotations

import functools
import itertools
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from grader.diagnosis import fitting
from grader.judging.intermediates import Array, CaseValues, Intermediates
from grader.messages import Text, gettext
from grader.model import Computation, Function
from grader.model.diagnoses import OTHER_RANDOM_NUMBERS, WRONG_SCALE

_POWERS = (1, -1, 2, -2, 0.5, -0.5)
_RANDOM = re.compile(r"\brand|\brng\b|\bnormal\(")
_FEWEST_NUMBERS = 40
"""Random numbers whose size is compared: fewer can be large or small by chance."""
_SAME_SIZE = (0.6, 1.6)
"""Bounds of the ratio of two mean squares. It is 1, with a deviation of 0.3 for 40 numbers."""
_UNRELATED = 0.5
"""Bound of the correlation of two sets of random numbers, and of their magnitudes."""


class Law(NamedTuple):
    """A law that wrong quantities obey: its id and variant in the catalogue, and values for its words."""

    id: str
    variant: str = ""
    factor: str = ""
    size: Text = ""


class _Size(NamedTuple):
    """A number that differs between cases, and the words for it."""

    name: Text
    values: Array


def computation_of(function: Function) -> Computation:
    """Return the computation of a function: its assignment's, or one without rules and mistakes."""
    return function.computation or _plain(function)


@functools.lru_cache(maxsize=64)
def _plain(function: Function) -> Computation:
    quantities = [name for check in function.checks for name in check.quantities]
    rules = {name: functools.partial(_right, name) for name in dict.fromkeys(quantities)}
    return Computation(
        lambda args: dict(zip(function.parameters, args, strict=False)), rules, _none
    )


def _right(name: str, row: CaseValues) -> Array:
    return row.want[name]


def _none(_: Intermediates) -> tuple[()]:
    return ()


def laws(intermediates: Intermediates, source: str) -> Iterator[tuple[Law, list[str]]]:
    """Yield each law that wrong quantities obey, with their names, in the order of the computation.

    `source` is the code of the function. Only code that draws random numbers can draw wrong ones, and
    an assignment with rules explains its random numbers itself.
    """
    by_law: dict[Law, list[str]] = {}
    others: list[str] = []
    for name in intermediates.wrong:
        law = _scale(intermediates, name)
        if law:
            by_law.setdefault(law, []).append(name)
        elif any(row.want[name].any() for row in intermediates.rows if name in row.want):
            others.append(name)
    draws = intermediates.computation.explain is _none and _RANDOM.search(source)
    if not by_law and draws and _are_other_draws(intermediates, others):
        by_law[Law(OTHER_RANDOM_NUMBERS.id)] = others
    yield from by_law.items()


def _scale(intermediates: Intermediates, name: str) -> Law | None:
    """Return the law of the factor by which a quantity of the right shape is off, if there is one."""
    rows = [row for row in intermediates.rows if name in row.got]
    if not rows or intermediates.rows_of_wrong_shape(name):
        return None
    factors = fitting.measured(rows, lambda row: fitting.share(row.got[name], row.want[name]))
    if factors is None:
        return None
    constant = fitting.fit(factors, np.ones(len(rows)))
    if constant is not None:
        variant = {0.0: "zero", -1.0: "sign"}.get(round(constant, 6), "")
        return Law(WRONG_SCALE.id, variant, factor=f"{constant:.4g}")
    for size in _sizes(rows, name):
        laws = ((size.name, np.power(size.values, power)) for power in _POWERS)
        if fitting.first_fit(factors, laws):
            return Law(WRONG_SCALE.id, "size", size=size.name)
    return None


def _sizes(rows: Sequence[CaseValues], name: str) -> Iterator[_Size]:
    """Yield the numbers that a factor can depend on: scalar arguments, then the sizes of arrays."""
    for argument, first in rows[0].inputs.items():
        values = [row.inputs[argument] for row in rows]
        if isinstance(first, int | float) and all(value > 0 for value in values):
            yield _Size(argument, np.array(values, dtype=float))
    shapes = {name: [row.want[name].shape for row in rows]}
    for argument, first in rows[0].inputs.items():
        if isinstance(first, np.ndarray):
            shapes[argument] = [row.inputs[argument].shape for row in rows]
    for array, of_rows in shapes.items():
        if all(len(shape) == 2 and min(shape) > 0 for shape in of_rows):
            down, across = np.array(of_rows, dtype=float).T
            yield _Size(gettext("the number of rows of {name}", name=array), down)
            yield _Size(gettext("the number of columns of {name}", name=array), across)
            yield _Size(gettext("the shape of {name}", name=array), down / across)


def _are_other_draws(intermediates: Intermediates, names: Sequence[str]) -> bool:
    """Return True if quantities have the size of the right ones, but are not related to them.

    Each array is divided by the root mean square of the right one, so that all count alike.
    """
    got, want = [], []
    for name, row in itertools.product(names, intermediates.rows):
        right = row.want.get(name, np.zeros(0))
        size = float(np.sqrt(np.vdot(right, right) / (right.size or 1)))
        if size and name in row.got and row.got[name].shape == right.shape:
            got.append(row.got[name].ravel() / size)
            want.append(right.ravel() / size)
    first, second = (np.concatenate(parts) if parts else np.zeros(0) for parts in (got, want))
    if first.size < _FEWEST_NUMBERS or not first.any():
        return False
    ratio = float(np.vdot(first, first) / np.vdot(second, second))
    related = (np.corrcoef(first, second)[0, 1], np.corrcoef(abs(first), abs(second))[0, 1])
    return _SAME_SIZE[0] < ratio < _SAME_SIZE[1] and all(abs(r) < _UNRELATED for r in related)
