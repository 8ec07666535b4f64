"""What judging and diagnosis found in a function: wrong values, checks, diagnoses. All types are immutable.

Their texts are messages, which a view translates.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from enum import StrEnum

from grader.messages import JOINED, Message, Text, gettext, join_sentences
from grader.model.record import record


class FunctionStatus(StrEnum):
    """The status of one graded function."""

    PASSED = "passed"
    PARTIAL = "partial"
    FAILED = "failed"
    ERROR = "error"
    TIMEOUT = "timeout"
    MISSING = "missing"
    NOT_ATTEMPTED = "not_attempted"


class CheckStatus(StrEnum):
    """The status of one check. A `skipped` check did not run; its message has the reason."""

    PASSED = "passed"
    FAILED = "failed"
    ERROR = "error"
    TIMEOUT = "timeout"
    SKIPPED = "skipped"


@record
class Grid:
    """The differences between a vector or matrix of a public case and the expected one, row by row.

    `shape` is that of the array. `wrong` has a digit for each cell, from 0 (every value of the cell is
    right) to 9 (every value is wrong). In a small array a cell is one value. Then `got` and `expected`
    have the values, a string for each row, separated by blanks.
    """

    shape: tuple[int, ...]
    wrong: tuple[str, ...]
    got: tuple[str, ...] = ()
    expected: tuple[str, ...] = ()


@record
class Finding:
    """One wrong quantity of one test case; `message` contains no expected value.

    `mismatched` of `total` values are wrong. `index` is the position of the largest error ("[0, 2]", or
    "" for a single number), `got` and `expected` are the numbers there. `max_abs` is the largest
    |got - expected|, `max_rel` the largest |got - expected| / |expected|, both over the mismatched
    values, None if not finite. These four are present for public cases only. `structure` is the id of
    the diagnosis of a missing quantity, a wrong type or a wrong shape; it is not part of the JSON.
    """

    case: Text = ""
    about: Text = ""
    public: bool = False
    quantity: str = ""
    message: Text = ""
    index: str = ""
    got: str = ""
    expected: str = ""
    mismatched: int = 0
    total: int = 0
    max_abs: float | None = None
    max_rel: float | None = None
    grid: Grid | None = None
    structure: str = dataclasses.field(default="", compare=False)


PLACES: Mapping[str, str] = {"line": "", "origin": "origin_"}
"""Names of values that are a place in one student's notebook, with the prefix of its numbers.

Each may be left empty.
"""

PUBLIC_SNIPPET_INTRO = gettext("To see this in your notebook, run:")
"""Introduces the snippet of a check with a public case."""

HIDDEN_SNIPPET_INTRO = gettext(
    "Try a call with arrays of the same shapes in your notebook. The numbers are "
    "random, so there are no expected values. The last line describes the result of a right function:"
)
"""Introduces the snippet of a check whose cases are hidden."""


def finding_sentence(finding: Finding) -> str:
    """Return the wrong value as a sentence, with the expected value if the case is public."""
    quantity, got, expected = finding.quantity, finding.got, finding.expected
    if not got:
        return gettext("{quantity} {message}.", quantity=quantity, message=finding.message)
    values = {"quantity": quantity, "got": got, "expected": expected}
    if not finding.index:
        return gettext("{quantity} is {got} instead of {expected}.", **values)
    return gettext(
        "{quantity} at {index} is {got} instead of {expected}.", **values, index=finding.index
    )


@record
class CheckResult:
    """A check with its verdict and points; `findings` are the differences behind the message.

    `steps` is the snippet: lines of code for the student's notebook. They reproduce the error of a
    public case, or call the function with random arrays of the shapes of a hidden case.
    """

    name: Text
    status: CheckStatus
    message: Text
    score: float = 0.0
    max_score: float = 0.0
    findings: tuple[Finding, ...] = ()
    steps: tuple[Text, ...] = ()


def snippet_intro(check: CheckResult) -> str:
    """Return the sentence that introduces the snippet of a check."""
    return (
        PUBLIC_SNIPPET_INTRO
        if any(finding.public for finding in check.findings)
        else HIDDEN_SNIPPET_INTRO
    )


@record
class Diagnosis:
    """A mistake and its hint: `what` is wrong, `why` it matters, and the `next` thing to do.

    Ids are stable. `line` is the line at fault in the function's cell, if known. It is not part of the
    JSON, which has it in `FunctionSource.marked`.
    """

    id: str
    what: Text
    why: Text = ""
    next: Text = ""
    line: int | None = dataclasses.field(default=None, compare=False)

    @property
    def message(self) -> str:
        """The first and the last part of the hint."""
        return join_sentences(self.what, self.next)

    @property
    def values(self) -> dict[str, str | int]:
        """The values of its sentences by their names in the templates.

        A place is numbers: `line` and `cell`, and `origin_line` and `origin_cell` for a second one.
        """
        return dict(item for text in (self.what, self.why, self.next) for item in _values_in(text))


def _values_in(text: str) -> Iterator[tuple[str, str | int]]:
    if not isinstance(text, Message):
        return
    for name, value in text.values.items():
        if text.id == JOINED:
            yield from _values_in(str(value))
        elif name not in PLACES:
            yield name, value
        elif isinstance(value, Message):
            yield from ((f"{PLACES[name]}{part}", number) for part, number in value.values.items())
