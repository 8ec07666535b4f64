"""What comes out of grading, all frozen: statuses, findings, check results, the result, proofs.

`Result` is the one artefact: every view (page, table, CSV) is made from it. It is language-neutral:
its texts are messages, which a view translates.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from enum import StrEnum

from grader.messages import JOINED, Message, Text, gettext, join_sentences
from grader.model.failure import Failure
from grader.model.run_report import RunReport

SCHEMA_VERSION = 1
VERSION = "0.1.0"


class Status(StrEnum):
    """Of a submission as a whole."""

    GRADED = "graded"
    INVALID = "invalid"
    TIMEOUT = "timeout"
    CRASHED = "crashed"
    INTERNAL = "internal"


class FunctionStatus(StrEnum):
    """Of one graded function."""

    PASSED = "passed"
    PARTIAL = "partial"
    FAILED = "failed"
    ERROR = "error"
    TIMEOUT = "timeout"
    MISSING = "missing"
    NOT_ATTEMPTED = "not_attempted"


class CheckStatus(StrEnum):
    """Of one check; `skipped` could not be asked, and its message says why."""

    PASSED = "passed"
    FAILED = "failed"
    ERROR = "error"
    TIMEOUT = "timeout"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Grid:
    """Where a vector or matrix of a public case differs, row by row.

    `wrong` has a digit for each cell, from 0 (all of it is right) to 9 (none is). A small array has a
    cell for each value; `got` and `expected` are its values then, those of a row set apart by blanks.
    """

    shape: tuple[int, ...]
    wrong: tuple[str, ...]
    got: tuple[str, ...] = ()
    expected: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """One quantity of one case that is not right. Its values are told for public cases only."""

    case: Text
    about: Text
    public: bool
    quantity: str
    message: Text
    index: str = ""
    got: str = ""
    expected: str = ""
    mismatched: int = 0
    total: int = 0
    max_abs: float | None = None
    max_rel: float | None = None
    grid: Grid | None = None


TO_SEE_IT = gettext("To see this in your notebook, run:")
"""What stands before the `steps` of a public check."""

TO_TRY_IT = gettext(
    "Try a call with arrays of the same shapes in your notebook. The numbers are "
    "random, so there are no expected values. The last line says what to look for:"
)
"""What stands before those of a hidden one."""


def in_words(finding: Finding) -> str:
    """Return a number that is not right, beside the right one where that may be told."""
    quantity, got, expected = finding.quantity, finding.got, finding.expected
    if not got:
        return gettext("{quantity} {message}.", quantity=quantity, message=finding.message)
    told = {"quantity": quantity, "got": got, "expected": expected}
    if not finding.index:
        return gettext("{quantity} is {got} instead of {expected}.", **told)
    return gettext(
        "{quantity} at {index} is {got} instead of {expected}.", **told, index=finding.index
    )


@dataclass(frozen=True, slots=True)
class CheckResult:
    """A check with its verdict; `findings` hold the numbers behind the message.

    `steps` are lines that show in the notebook what is wrong in a public case, or make a call of the same
    shapes as in a hidden one, from numbers of the student's own.
    """

    name: Text
    status: CheckStatus
    message: Text
    score: float = 0.0
    max_score: float = 0.0
    findings: tuple[Finding, ...] = ()
    steps: tuple[Text, ...] = ()


def before_steps(check: CheckResult) -> str:
    """Return what stands before the steps of a check."""
    return TO_SEE_IT if any(finding.public for finding in check.findings) else TO_TRY_IT


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """A named mistake in words for the student: what is wrong, why it matters, what to do next.

    Ids are stable. `line` is the line at fault in the function's cell, if known; `Source` keeps it.
    """

    id: str
    what: Text
    why: Text = ""
    next: Text = ""
    line: int | None = dataclasses.field(default=None, compare=False)

    @property
    def message(self) -> str:
        """What is wrong and what to do next."""
        return join_sentences(self.what, self.next)

    @property
    def values(self) -> dict[str, str | int]:
        """The values in its sentences, by their names in the templates."""
        return {**_values_in(self.what), **_values_in(self.why), **_values_in(self.next)}


def _values_in(text: str) -> dict[str, str | int]:
    if not isinstance(text, Message):
        return {}
    if text.id == JOINED:
        return {k: v for part in text.values.values() for k, v in _values_in(str(part)).items()}
    return dict(text.values)


@dataclass(frozen=True, slots=True)
class Source:
    """The student's own lines of a function, made printable; `first` is the number of the first.

    `marked` has for each diagnosis of the function the line at fault, or None.
    """

    first: int
    lines: tuple[str, ...]
    marked: tuple[int | None, ...] = ()


@dataclass(frozen=True, slots=True)
class FunctionResult:
    """Everything a student is told about one function; `cell` and `line` say where it stands.

    `source` are its lines, where something in them is not right, and `formula` is what it is to
    compute, in MathML. `failure` is the grader's own in looking for diagnoses; it is not in the JSON.
    """

    name: str
    status: FunctionStatus
    score: float | None
    max_score: float
    checks: tuple[CheckResult, ...] = ()
    diagnoses: tuple[Diagnosis, ...] = ()
    cell: int | None = None
    line: int | None = None
    source: Source | None = None
    formula: str = ""
    failure: Failure | None = dataclasses.field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Result:
    """The one artefact: every view (page, table, CSV) is made from it.

    `run` is there if the notebook was run whole; `executed` is then the notebook with its outputs, if
    it is to be kept, which is no part of the JSON. `failure` is the grader's own, which is not in the
    JSON either.
    """

    assignment: str
    submission: str
    sha256: str
    status: Status
    score: float | None
    max_score: float
    functions: tuple[FunctionResult, ...]
    duration_s: float = 0.0
    message: Text = ""
    notes: tuple[Text, ...] = ()
    seed: int = 0
    sandbox: str = ""
    title: Text = ""
    run: RunReport | None = None
    executed: str = dataclasses.field(default="", compare=False)
    failure: Failure | None = dataclasses.field(default=None, compare=False)
    grader_version: str = VERSION
    schema_version: int = SCHEMA_VERSION

    @property
    def failures(self) -> list[Failure]:
        """Failures of the grader on this submission: of the whole of it, then of its functions."""
        failures = (self.failure, *(function.failure for function in self.functions))
        return [failure for failure in failures if failure]
