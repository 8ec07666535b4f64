"""The part of a result that the table, the page and the terminal of a class use.

A result can take 200 KiB of memory, its summary takes less than 2. Equal parts are shared by all
submissions of a class.
"""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import math
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import TypeAlias, TypeVar

from grader.messages import JOINED, Message, Text
from grader.model.diagnoses import REPAIR, UNEXPLAINED, is_concept, row_of
from grader.model.findings import PLACES, Diagnosis, Finding, FunctionStatus
from grader.model.result import (
    Environment,
    FunctionResult,
    Result,
    Status,
    UngradedState,
    was_tested,
)
from grader.model.run_report import RunReport
from grader.model.submission import Student

_DIGEST_LENGTH = 16
_CODE = frozenset({"call", "new", "own", "text"})
"""Names of values that quote the student's code."""
_T = TypeVar("_T")
_SHARED = (
    *("assignment", "title", "message", "to_look_at", "sandbox", "environment", "run"),
    "ungraded",
)


@dataclass(frozen=True, slots=True)
class DiagnosisSummary:
    """A diagnosis: its id, and its message without the places in one student's notebook.

    Diagnoses of a function with the same id and `kind` need the same change. A known mistake and a
    proven repair are of one kind. Any other has the kind of its first sentence, such as the quantity
    and its shape, without the student's code.
    """

    id: str
    message: Text
    kind: str = ""


@dataclass(frozen=True, slots=True)
class FunctionSummary:
    """A graded function; `status` comes from a test of this submission if it was `tested`.

    `finding` is a wrong value that two students hardly return by chance, and that no diagnosis
    explains. `answer` is then a digest of all values that the function returned.
    """

    name: str
    status: FunctionStatus
    score: float | None
    max_score: float
    tested: bool = True
    diagnoses: tuple[DiagnosisSummary, ...] = ()
    finding: Finding | None = None
    answer: str = ""


@dataclass(frozen=True, slots=True)
class TrainingSummary:
    """A training of a whole notebook: its name, the sentence about it, and its status."""

    name: str
    about: Text
    status: str


@dataclass(frozen=True, slots=True)
class RunSummary:
    """A run of a whole notebook, `finished` if every cell did."""

    finished: bool
    trainings: tuple[TrainingSummary, ...]


@dataclass(frozen=True, slots=True)
class ResultSummary:
    """A row of a class. Fields have the meaning of those of `Result`.

    `codes` are the digests of the functions' code, in the order of `functions`. `others` is a number.
    """

    submission: str
    status: Status
    score: float | None
    max_score: float
    functions: tuple[FunctionSummary, ...]
    codes: tuple[str, ...] = ()
    ungraded: tuple[UngradedState, ...] = ()
    assignment: str = ""
    title: Text = ""
    sha256: str | None = None
    message: Text = ""
    raw_score: float | None = None
    late_penalty: float = 0.0
    adjusted: bool = False
    student: Student | None = None
    source: str = ""
    submitted_at: str | None = None
    due: str | None = None
    late: bool | None = None
    others: int = 0
    to_look_at: tuple[Text, ...] = ()
    duration_s: float = 0.0
    seed: int = 0
    sandbox: str = ""
    environment: Environment = dataclasses.field(default_factory=Environment)
    run: RunSummary | None = None
    schema_version: int = 1


Row: TypeAlias = Result | ResultSummary
"""A submission, in full or as a summary."""


def summaries(rows: Iterable[Row]) -> list[ResultSummary]:
    """Return the summaries of results, in their order. Results can be let go one by one."""
    shared: dict[object, object] = {}
    return [row if isinstance(row, ResultSummary) else _summary(row, shared) for row in rows]


def _share(value: _T, shared: dict[object, object]) -> _T:
    """Return an equal value of an earlier row, if there is one, instead of this one."""
    return shared.setdefault((type(value), value), value)  # type: ignore[return-value]


def _summary(result: Result, shared: dict[object, object]) -> ResultSummary:
    functions = tuple(_share(_function(result, f), shared) for f in result.functions)
    failed = result.status is Status.INTERNAL and not result.adjustments
    summary = ResultSummary(
        submission=result.submission,
        status=result.status,
        score=None if failed else result.score,
        max_score=result.max_score,
        functions=_share(functions, shared),
        codes=tuple(function.code for function in result.functions),
        ungraded=result.ungraded,
        assignment=result.assignment,
        title=result.title,
        sha256=result.sha256,
        message=result.message,
        raw_score=result.raw_score,
        late_penalty=result.late_penalty.points if result.late_penalty else 0.0,
        adjusted=bool(result.adjustments),
        student=result.student,
        source=result.source,
        submitted_at=result.submitted_at,
        due=result.due,
        late=result.late,
        others=len(result.others),
        to_look_at=result.to_look_at,
        duration_s=result.duration_s,
        seed=result.seed,
        sandbox=result.sandbox,
        environment=result.environment,
        run=_run(result.run) if result.run else None,
        schema_version=result.schema_version,
    )
    common = {name: _share(getattr(summary, name), shared) for name in _SHARED}
    return dataclasses.replace(summary, **common)


def _function(result: Result, function: FunctionResult) -> FunctionSummary:
    finding = _unusual_finding(function)
    return FunctionSummary(
        name=function.name,
        status=function.status,
        score=function.score,
        max_score=function.max_score,
        tested=was_tested(result, function),
        diagnoses=tuple(
            DiagnosisSummary(diagnosis.id, without_place(diagnosis.message), _kind(diagnosis))
            for diagnosis in function.diagnoses
        ),
        finding=dataclasses.replace(finding, grid=None) if finding else None,
        answer=_digest(function) if finding else "",
    )


def _digest(function: FunctionResult) -> str:
    """Return a digest of all values that a function returned."""
    checks = tuple((check.name, check.status, check.findings) for check in function.checks)
    return hashlib.sha256(repr(checks).encode("utf-8", "replace")).hexdigest()[:_DIGEST_LENGTH]


def _run(run: RunReport) -> RunSummary:
    trainings = tuple(TrainingSummary(t.name, t.about, t.status) for t in run.trainings)
    return RunSummary(not run.cells and run.ran == run.total, trainings)


def _kind(diagnosis: Diagnosis) -> str:
    if is_concept(diagnosis.id) or row_of(diagnosis.id) is REPAIR:
        return ""
    sentence: object = diagnosis.what
    while isinstance(sentence, Message) and sentence.id == JOINED:
        sentence = sentence.values["text"]
    return _without(str(sentence), {*PLACES, *_CODE})


def without_place(text: str) -> str:
    """Return a message without the places in one student's notebook that it mentions."""
    return _without(text, PLACES)


def _without(text: Text, left_out: Collection[str]) -> Text:
    """Return a message in which some values are empty."""
    if not isinstance(text, Message):
        return text

    def reduced(name: str, value: str | int) -> str | int:
        if name in left_out:
            return ""
        return _without(value, left_out) if isinstance(value, str) else value

    values = {name: reduced(name, value) for name, value in text.values.items()}
    return Message(text.id, values, text.plural)


def _unusual_finding(function: FunctionResult) -> Finding | None:
    """Return the first value that two students hardly return by chance, if no diagnosis explains it.

    Whole numbers are left out, because zeros and ones are common.
    """
    if any(diagnosis.id != UNEXPLAINED.id for diagnosis in function.diagnoses):
        return None
    for finding in (finding for check in function.checks for finding in check.findings):
        with contextlib.suppress(ValueError):
            value = math.nan if finding.max_abs is None else float(finding.got)
            if math.isfinite(value) and not value.is_integer():
                return finding
    return None
