"""Find swapped quantities: two to four with each other's right values, or two swapped and also wrong."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from grader.diagnosis.locate import RETURNED
from grader.judging.intermediates import Intermediates, agreed, differs, exchanged
from grader.messages import gettext
from grader.model import Computation, Function, Mistake

_FEWEST_MISFITS = 4
_MOST_MISPLACED = 4


class Swap(NamedTuple):
    """Two quantities in each other's places, and the intermediates with both where they belong."""

    mistake: Mistake
    exchanged: Intermediates


def misplaced(function: Function, intermediates: Intermediates) -> Iterator[Mistake]:
    """Yield a mistake for each of two to four quantities that have each other's right values."""
    computation, rows = intermediates.computation, intermediates.rows
    off = [n for n in computation.rules if any(differs(function, r, n) for r in rows)]
    if not computation.misplaced or not 2 <= len(off) <= _MOST_MISPLACED:
        return
    sources = {name: _source(function, intermediates, name, off) for name in off}
    if set(sources.values()) == set(off):
        for name, source in sources.items():
            yield _mistake(computation, source, name)


def _source(
    function: Function, intermediates: Intermediates, name: str, others: Sequence[str]
) -> str:
    """Return the quantity whose right values are in the place of another in every row, if any."""
    for source in others:
        if source != name and all(
            name in row.got and agreed(function, row.want[source], row.got[name])
            for row in intermediates.rows
        ):
            return source
    return ""


def swapped(function: Function, intermediates: Intermediates) -> Swap | None:
    """Return two wrong quantities in each other's places, by their shapes or by the rules, or None.

    By their shapes: each has the shape of the other in every row, and the shapes differ in at least
    four. By the rules: one follows in the place of the other, and exchanging them corrects two or more.
    """
    if not intermediates.computation.misplaced:
        return None
    for name, source in itertools.permutations(intermediates.wrong, 2):
        by_shape = len(intermediates.rows_of_wrong_shape(name)) >= _FEWEST_MISFITS and all(
            a in row.got and row.got[a].shape == row.want[b].shape
            for row in intermediates.rows
            for a, b in ((name, source), (source, name))
        )
        if by_shape or _follows_in_place_of(function, intermediates, name, source):
            corrected = exchanged(function, intermediates, name, source)
            if by_shape or len(corrected.wrong) <= len(intermediates.wrong) - 2:
                return Swap(_mistake(intermediates.computation, source, name), corrected)
    return None


def _follows_in_place_of(
    function: Function, intermediates: Intermediates, name: str, source: str
) -> bool:
    """Return True if a quantity that follows by the rules is in the place of another, in every row."""
    return all(
        source in row.got
        and row.got[source].any()
        and agreed(function, row.rules[name](row), row.got[source])
        for row in intermediates.rows
    )


def _mistake(computation: Computation, source: str, name: str) -> Mistake:
    where = gettext("{other} in place of {name}", other=source, name=name)
    return Mistake(computation.misplaced, name, where, (RETURNED,))
