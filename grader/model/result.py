"""The result of one submission, with those of its functions. All types are immutable.

Every view (page, table, CSV) is made from a `Result`. Its texts are messages, which the view
translates.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from enum import StrEnum

from grader.messages import Text
from grader.model.failure import Failure
from grader.model.findings import CheckResult, Diagnosis, FunctionStatus
from grader.model.run_report import RunReport
from grader.model.submission import Other, Student
from grader.version import VERSION

SCHEMA_VERSION = 1


class Status(StrEnum):
    """The status of a submission."""

    GRADED = "graded"
    INVALID = "invalid"
    TIMEOUT = "timeout"
    CRASHED = "crashed"
    INTERNAL = "internal"
    NOT_SUBMITTED = "not_submitted"


@dataclass(frozen=True, slots=True)
class FunctionSource:
    """The source of a function in the notebook, without control characters.

    `first` is the number of its first line in the cell. `marked` has for each diagnosis of the function
    the number of the line at fault, or None.
    """

    first: int
    lines: tuple[str, ...]
    marked: tuple[int | None, ...] = ()


@dataclass(frozen=True, slots=True)
class FunctionResult:
    """The result of one function, which `cell` (counted from 1) and `line` locate in the notebook.

    `begins` is the first line of that cell, by which a student can find it.
    `source` and `formula` (MathML, from the assignment) are present unless the function is right.
    `code` is a digest of the student's code, "" if many students write the same (`views.html.same_code`).
    `failure` is an exception of the grader during diagnosis. It is not part of the JSON.
    """

    name: str
    status: FunctionStatus
    score: float | None
    max_score: float
    checks: tuple[CheckResult, ...] = ()
    diagnoses: tuple[Diagnosis, ...] = ()
    cell: int | None = None
    line: int | None = None
    source: FunctionSource | None = None
    formula: str = ""
    code: str = ""
    begins: str = ""
    failure: Failure | None = dataclasses.field(default=None, compare=False)


RIGHT, OTHERWISE = "right", "otherwise"
"""The states of a function with the values of the reference, and with those of no known state."""


@dataclass(frozen=True, slots=True)
class UngradedState:
    """The state of a function without points: `RIGHT`, `OTHERWISE`, or a word of the assignment."""

    name: str
    state: str
    message: Text


class AdjustmentKind(StrEnum):
    """The kinds of changes that a person makes to a result."""

    POINTS = "points"
    DUE = "due"
    COMMENT = "comment"


@dataclass(frozen=True, slots=True)
class Adjustment:
    """A change that a person (`by`) made to a result at a time (`at`, ISO 8601 with zone).

    `points` replace the score of `function`, which was `raw_points` when it was graded. `due` is an
    extension: the time until which this submission is not late. `why` is the reason or, of a comment,
    the text for the student.
    """

    kind: AdjustmentKind
    why: str
    by: str
    at: str
    function: str | None = None
    points: float | None = None
    raw_points: float | None = None
    due: str | None = None


@dataclass(frozen=True, slots=True)
class LatePenalty:
    """The points that `rule` takes off a submission which came after `due`."""

    points: float
    rule: str
    due: str


@dataclass(frozen=True, slots=True)
class Environment:
    """The versions of the programs that graded a submission; empty where they are not known."""

    grader: str = VERSION
    python: str = ""
    numpy: str = ""


@dataclass(frozen=True, slots=True)
class Result:
    """The result of one submission, from which every view is made.

    `score` is the score that counts. `raw_score` is the score as graded: before the `adjustments` of a
    person, dropped functions and the `late_penalty` (`grader.model.scoring`). Both are None if the
    grader failed. `sha256` is None if the file could not be read. `due` is the time after which the
    submission is late, if it is known. `source`, `student`, `submitted_at`, `late`, `others` and
    `to_look_at` are those of the submission. `environment` has the versions that graded it,
    `graded_at` the time (ISO 8601 with a zone). `ungraded` are functions without points. `run` is
    present after a run of the whole notebook. `executed`, the notebook with its outputs, and
    `failure`, an exception of the grader, are not part of the JSON.
    """

    assignment: str
    submission: str
    sha256: str | None
    status: Status
    score: float | None
    max_score: float
    functions: tuple[FunctionResult, ...]
    duration_s: float = 0.0
    message: Text = ""
    ungraded: tuple[UngradedState, ...] = ()
    notes: tuple[Text, ...] = ()
    seed: int = 0
    sandbox: str = ""
    title: Text = ""
    run: RunReport | None = None
    source: str = ""
    student: Student | None = None
    submitted_at: str | None = None
    late: bool | None = None
    others: tuple[Other, ...] = ()
    to_look_at: tuple[Text, ...] = ()
    environment: Environment = Environment()
    raw_score: float | None = None
    due: str | None = None
    late_penalty: LatePenalty | None = None
    adjustments: tuple[Adjustment, ...] = ()
    graded_at: str | None = None
    executed: str = dataclasses.field(default="", compare=False)
    failure: Failure | None = dataclasses.field(default=None, compare=False)
    schema_version: int = SCHEMA_VERSION

    @property
    def failures(self) -> list[Failure]:
        """Failures of the grader: that of the submission, then those of its functions."""
        failures = (self.failure, *(function.failure for function in self.functions))
        return [failure for failure in failures if failure]


def was_tested(result: Result, function: FunctionResult) -> bool:
    """Return True if the status of `function` comes from a test of this submission.

    A submission that stopped early can still have checks or hints for some functions.
    """
    if result.status is Status.INTERNAL:
        return False
    return result.status is Status.GRADED or bool(function.checks or function.diagnoses)
