"""Named mistakes, the most frequent first, and those of them worth an hour in class."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from grader.messages import Message
from grader.model.diagnoses import PLACES, UNEXPLAINED, row_of
from grader.model.result import FunctionResult
from grader.views.html.render import translated
from grader.views.html.rows import SubmissionRow

REVISITED: Final = 5


@dataclass(frozen=True, slots=True)
class MistakeRow:
    """A named mistake in one function: who makes it, with its most frequent message, placed nowhere.

    `varied` tells that others of them have another message, so that this one is an example.
    """

    number: int
    id: str
    function: str
    message: str
    varied: bool
    who: tuple[SubmissionRow, ...]


def mistakes(rows: Sequence[SubmissionRow]) -> tuple[MistakeRow, ...]:
    """Rank named mistakes by the number of submissions that make them."""
    made: dict[tuple[str, str], dict[int, str]] = {}
    for position, row in enumerate(rows):
        for function in row.result.functions:
            _note(made, position, function)
    ranked = sorted(made, key=lambda key: (-len(made[key]), key))
    return tuple(_mistake_row(i, key, made[key], rows) for i, key in enumerate(ranked, 1))


def to_revisit(ranked: Sequence[MistakeRow]) -> tuple[MistakeRow, ...]:
    """Return the few most frequent mistakes that a name explains and more than one submission makes."""
    common = (
        row
        for row in ranked
        if len(row.who) > 1 and row.id != UNEXPLAINED and not row_of(row.id).personal
    )
    return tuple(common)[:REVISITED]


def _without_place(text: str) -> str:
    """Return a message without the line of one student's notebook."""
    if not isinstance(text, Message):
        return text
    values = {
        name: "" if name in PLACES else _without_place(value) if isinstance(value, str) else value
        for name, value in text.values.items()
    }
    return Message(text.id, values, text.plural)


def _note(
    made: dict[tuple[str, str], dict[int, str]], position: int, function: FunctionResult
) -> None:
    for diagnosis in function.diagnoses:
        hint = translated(_without_place(diagnosis.message))
        made.setdefault((diagnosis.id, function.name), {})[position] = hint


def _mistake_row(
    number: int, key: tuple[str, str], messages: dict[int, str], rows: Sequence[SubmissionRow]
) -> MistakeRow:
    tally = Counter(messages.values())
    message = min(tally, key=lambda text: (-tally[text], text))
    who = tuple(rows[position] for position in messages)
    return MistakeRow(number, *key, message, len(tally) > 1, who)
