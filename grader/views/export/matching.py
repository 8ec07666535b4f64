"""Find the row of each result in the instructor's own export."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from grader.messages import UNTRANSLATED
from grader.messages.sanitize import one_line
from grader.model.result import Result, Status
from grader.views.export.grades import grade, reason
from grader.views.export.request import Request

_NAMED: Final = 10


class Identity(NamedTuple):
    """Who a row is: the IDs, the platform's own first, and the name. Empty for what is not known."""

    ids: tuple[str, ...]
    name: str = ""


class Matching(NamedTuple):
    """The result of each row, by its position, and sentences about results without a row."""

    by_row: dict[int, Result]
    notes: tuple[str, ...]


def match(rows: Sequence[Identity], results: Sequence[Result]) -> Matching:
    """Return the result of each row.

    An ID decides before a name, and the platform's own ID before others. A value that several rows
    have decides nothing. If two results belong to one row, the row gets neither.
    """
    indexes = _indexes(rows)
    candidates: dict[int, list[Result]] = {}
    lost: list[Result] = []
    for result in results:
        row = next(_rows_of(result, indexes), None)
        if row is None:
            lost.append(result)
        else:
            candidates.setdefault(row, []).append(result)
    by_row = {row: found[0] for row, found in candidates.items() if len(found) == 1}
    twice = [found for found in candidates.values() if len(found) > 1]
    return Matching(by_row, (*_lost(lost), *map(_twice, twice)))


def _indexes(rows: Sequence[Identity]) -> list[dict[str, int]]:
    """Return for each kind of ID, and then for the name, the row of every value that is unique."""
    kinds = [*zip(*(row.ids for row in rows), strict=True), [row.name for row in rows]]
    indexes = []
    for number, column in enumerate(kinds):
        fold = _fold_name if number == len(kinds) - 1 else _fold
        folded = [fold(text) for text in column]
        counts = Counter(folded)
        indexes.append({t: row for row, t in enumerate(folded) if t and counts[t] == 1})
    return indexes


def _rows_of(result: Result, indexes: Sequence[dict[str, int]]) -> Iterator[int]:
    """Yield the rows that a result may belong to, the most certain first."""
    student = result.student
    ids = (student.id, student.email) if student else ()
    for index in indexes[:-1]:
        for key in filter(None, (*ids, result.submission)):
            if _fold(key) in index:
                yield index[_fold(key)]
    for name in filter(None, (student.name if student else None, result.submission)):
        if _fold_name(name) in indexes[-1]:
            yield indexes[-1][_fold_name(name)]


def _fold(text: str) -> str:
    return unicodedata.normalize("NFC", text).strip().casefold()


def _fold_name(name: str) -> str:
    """Return the words of a name in one order, so that "Lovelace, Ada" equals "Ada Lovelace"."""
    return " ".join(sorted(_fold(name).replace(",", " ").replace("_", " ").split()))


# ------------------------------------------------------------------ sentences


def _lost(results: Sequence[Result]) -> list[str]:
    if not results:
        return []
    return [f"No row of the gradebook belongs to {_names(results)}. Their grades are not exported."]


def _twice(results: Sequence[Result]) -> str:
    return (
        f"{_names(results)} belong to the same row of the gradebook, which gets no grade. Remove all "
        "but one with 'grader forget'."
    )


def without_grade(request: Request) -> list[str]:
    """Return sentences, in English, about the submissions that get no grade, with their reasons."""
    left = [r for r in request.results if grade(r, zero_missing=request.zero_missing) is None]
    ungraded = [result for result in left if result.status is not Status.NOT_SUBMITTED]
    sentences = [
        f"No grade for {one_line(result.submission)}: {reason(result, UNTRANSLATED).rstrip('.')}."
        for result in ungraded[:_NAMED]
    ]
    if len(ungraded) > _NAMED:
        sentences.append(f"No grade for {len(ungraded) - _NAMED} more submissions.")
    if missing := len(left) - len(ungraded):
        sentences.append(f"No grade for students who submitted nothing: {missing}.")
    return sentences


def _names(results: Sequence[Result]) -> str:
    names = [one_line(result.submission) for result in results[:_NAMED]]
    if len(results) > _NAMED:
        names.append(f"{len(results) - _NAMED} more")
    return ", ".join(names)
