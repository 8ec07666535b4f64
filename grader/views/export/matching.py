"""Find the row of each result in the instructor's own export."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from grader.messages import UNTRANSLATED
from grader.messages.sanitize import one_line
from grader.model.result import Result, Status
from grader.model.submission import Student
from grader.views.export.grades import grade, reason
from grader.views.export.request import Request

_NAMED: Final = 10


class Identity(NamedTuple):
    """The student of a row: IDs, the platform's own first, and the name. Unknown values are empty."""

    ids: tuple[str, ...]
    name: str = ""


class Matching(NamedTuple):
    """The result of each row, by its position, and sentences about results without a row."""

    by_row: dict[int, Result]
    notes: tuple[str, ...]


class _Indexes(NamedTuple):
    """The row of each unique value: for every kind of ID, for the kind of the class, for names.

    `own` is the kind of ID that the results have. It is empty if none of them is found by its ID.
    """

    kinds: tuple[Mapping[str, int], ...]
    own: Mapping[str, int]
    names: Mapping[str, int]


def match(rows: Sequence[Identity], results: Sequence[Result]) -> Matching:
    """Return the result of each row.

    An ID decides before an address, and an address before a name. A value that several rows have
    decides nothing. If the class is found by its IDs, a student with an ID that is in no row is not
    found by name, which may be that of another student. If two results belong to one row, the row
    gets neither.
    """
    indexes = _indexes(rows, results)
    candidates: dict[int, list[Result]] = {}
    lost: list[Result] = []
    for result in results:
        row = next(_rows_of(result, indexes), None)
        if row is None:
            lost.append(result)
        else:
            candidates.setdefault(row, []).append(result)
    rivals = {row: _submitted(group) for row, group in candidates.items()}
    by_row = {row: group[0] for row, group in rivals.items() if len(group) == 1}
    notes = [_twice(group) for group in rivals.values() if len(group) > 1]
    if lost:
        names = _names(lost)
        notes.append(f"No row of the gradebook belongs to {names}. Their grades are not exported.")
    return Matching(by_row, tuple(notes))


def _submitted(results: list[Result]) -> list[Result]:
    """Return the results of submissions. If there are none, return all."""
    return [r for r in results if r.status is not Status.NOT_SUBMITTED] or results


def _indexes(rows: Sequence[Identity], results: Sequence[Result]) -> _Indexes:
    kinds = tuple(_unique(map(_fold, ids)) for ids in zip(*(row.ids for row in rows), strict=True))
    students = [_fold(r.student.id) for r in results if r.student and r.student.id]
    counts = [sum(student in kind for student in students) for kind in kinds]
    own = kinds[counts.index(max(counts))] if any(counts) else {}
    return _Indexes(kinds, own, _unique(_fold_name(row.name) for row in rows))


def _unique(values: Iterable[str]) -> dict[str, int]:
    """Return the position of each value that is not empty and occurs once."""
    column = [*values]
    counts = Counter(column)
    return {value: row for row, value in enumerate(column) if value and counts[value] == 1}


def _rows_of(result: Result, indexes: _Indexes) -> Iterator[int]:
    """Yield the rows that a result may belong to, the most certain first."""
    student = result.student or Student()
    if student.id and _fold(student.id) in indexes.own:
        yield indexes.own[_fold(student.id)]
    for key in filter(None, (student.email, None if student.id else result.submission)):
        yield from (index[_fold(key)] for index in indexes.kinds if _fold(key) in index)
    if not (student.id and indexes.own):
        names = map(_fold_name, (student.name or "", result.submission))
        yield from (indexes.names[name] for name in names if name in indexes.names)


def _fold(text: str) -> str:
    return unicodedata.normalize("NFC", text).strip().casefold()


def _fold_name(name: str) -> str:
    """Return the words of a name in one order, so that "Lovelace, Ada" equals "Ada Lovelace"."""
    return " ".join(sorted(_fold(name).replace(",", " ").replace("_", " ").split()))


# ------------------------------------------------------------------ sentences


def _twice(results: Sequence[Result]) -> str:
    return (
        f"{_names(results)} belong to the same row of the gradebook, which gets no grade. Remove all "
        "but one with 'grader forget'."
    )


def without_grade(request: Request) -> list[str]:
    """Return sentences, in English, about the submissions that get no grade, with their reasons."""
    no_grade = [r for r in request.results if grade(r, zero_missing=request.zero_missing) is None]
    ungraded = [result for result in no_grade if result.status is not Status.NOT_SUBMITTED]
    sentences = [
        f"No grade for {one_line(result.submission)}: {reason(result, UNTRANSLATED).rstrip('.')}."
        for result in ungraded[:_NAMED]
    ]
    if len(ungraded) > _NAMED:
        sentences.append(f"No grade for {len(ungraded) - _NAMED} more submissions.")
    if missing := len(no_grade) - len(ungraded):
        sentences.append(f"No grade for students who submitted nothing: {missing}.")
    return sentences


def _names(results: Sequence[Result]) -> str:
    names = ", ".join(one_line(result.submission) for result in results[:_NAMED])
    return f"{names} and {len(results) - _NAMED} more" if len(results) > _NAMED else names
