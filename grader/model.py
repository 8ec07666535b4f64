"""The nouns that cross a boundary, all frozen: submission, assignment, test case, verdict, result.

`Result` is the one artefact of grading; `result_to_dict` gives the JSON object that scripts rely on.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from types import ModuleType
from typing import Any, TypeVar

SCHEMA_VERSION = 1
VERSION = "0.1.0"

_T = TypeVar("_T")

Value = Any
"""What travels over the wire: None, bool, int, float, str, complex, ndarray, list, tuple, dict, Opaque."""


@dataclass(frozen=True, slots=True)
class Opaque:
    """Stand-in for a returned object that is no plain data; only the name of its type left the box."""

    type_name: str


# ------------------------------------------------------------------ what is handed in


@dataclass(frozen=True, slots=True)
class Submission:
    """Bytes as found, under an ID unique in its batch.

    `problem` is one sentence when the bytes could not even be fetched (an encrypted zip member, say).
    """

    id: str
    data: bytes
    problem: str = ""

    @property
    def sha256(self) -> str:
        """Hex digest of the submitted bytes."""
        return hashlib.sha256(self.data).hexdigest()


@dataclass(frozen=True, slots=True)
class Cell:
    """A code cell: its place among the code cells, from 1, and its source."""

    number: int
    source: str


@dataclass(frozen=True, slots=True)
class Notebook:
    """The code cells of a submission in order, and a note for every repair made while reading it."""

    cells: tuple[Cell, ...]
    notes: tuple[str, ...] = ()


# ------------------------------------------------------------------ what is asked of the box


@dataclass(frozen=True, slots=True)
class Call:
    """Positional arguments of one call, and the seed of both random generators just before it."""

    args: tuple[Value, ...]
    seed: int


@dataclass(frozen=True, slots=True)
class Program:
    """The slice of a notebook that one function needs, and the calls to make once it has run.

    For a module in `stand_ins` that cannot be found the box gives the helper modules' names.
    """

    function: str
    cells: tuple[Cell, ...]
    calls: tuple[Call, ...]
    stand_ins: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Returned:
    """A call that came back; `mutated` are the positions of arguments it changed in place."""

    value: Value
    mutated: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Raised:
    """An exception, and the innermost line of the student's own cells it passed through."""

    kind: str
    message: str
    cell: int | None = None
    line: int | None = None
    missing_name: str | None = None


class Ending(StrEnum):
    """How a program ended, as seen from outside the box."""

    FINISHED = "finished"
    TIMEOUT = "timeout"
    CRASHED = "crashed"
    BROKEN_WIRE = "broken wire"


@dataclass(frozen=True, slots=True)
class Observation:
    """What happened when a program ran: one outcome a call, in order, as far as it came.

    `raised_before` are errors of statements that ran before the calls; they matter only if a call
    then misses what they should have made. `notes` say what the box did for the program (a removed
    NumPy name supplied, a helper module found under another name).
    """

    outcomes: tuple[Returned | Raised, ...]
    ending: Ending = Ending.FINISHED
    detail: str = ""
    raised_before: tuple[Raised, ...] = ()
    notes: tuple[tuple[str, str], ...] = ()
    never_asked: bool = False


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of a box; wall clocks are watched from outside."""

    function_seconds: float = 10.0
    submission_seconds: float = 60.0
    memory_bytes: int = 1 << 30
    disk_bytes: int = 64 << 20
    processes: int = 64


# ------------------------------------------------------------------ what an assignment is


@dataclass(frozen=True, slots=True)
class TestCase:
    """One call of a graded function; public cases may be shown to students with their values."""

    __test__ = False

    name: str
    function: str
    args: tuple[Value, ...]
    about: str
    public: bool = False
    seed: int = 1
    figures: Mapping[str, Value] | None = None

    @property
    def group(self) -> str:
        """Return the group that checks refer to: `fixed` for public cases, `random` for the others."""
        return "fixed" if self.public else "random"


@dataclass(frozen=True, slots=True)
class Check:
    """Points for quantities that must be right in every case of a group."""

    name: str
    points: float
    group: str
    quantities: tuple[str, ...]


Unpack = Callable[[Value], Mapping[str, Value]]
"""Turns a return value into named quantities, or raises `compare.Misshapen`."""


@dataclass(frozen=True, slots=True)
class Function:
    """A graded function: what it takes, how its return value is taken apart, what earns points.

    Two numbers agree when |got - expected| <= atol * scale + rtol * |expected|, where scale is the
    largest finite magnitude in the expected tensor (1 if that is smaller than 1e-300).
    """

    name: str
    parameters: tuple[str, ...]
    unpack: Unpack
    checks: tuple[Check, ...]
    rtol: float = 1e-6
    atol: float = 1e-9

    @property
    def max_score(self) -> float:
        """Sum of the points of its checks."""
        return sum(check.points for check in self.checks)


@dataclass(frozen=True, slots=True)
class AssignmentFiles:
    """Where the three folders keep an assignment; filled in by `assignment.load`."""

    reference: Path
    testcases: Path
    template: Path
    helpers: tuple[tuple[str, Path], ...]


@dataclass(frozen=True, slots=True)
class Assignment:
    """An assignment as its author states it; everything the harness knows about it is here."""

    name: str
    title: str
    functions: tuple[Function, ...]
    cases: Callable[[int, ModuleType], Sequence[TestCase]]
    helpers: tuple[str, ...]
    packages: tuple[str, ...]
    seed: int
    limits: Limits = Limits()
    files: AssignmentFiles | None = None

    @property
    def max_score(self) -> float:
        """Sum over the functions."""
        return sum(function.max_score for function in self.functions)


# ------------------------------------------------------------------ what comes out


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
class Finding:
    """One quantity of one case that is not right. `got` and `expected` are filled for public cases only."""

    case: str
    about: str
    public: bool
    quantity: str
    message: str
    index: str = ""
    got: str = ""
    expected: str = ""
    mismatched: int = 0
    total: int = 0
    max_abs: float | None = None
    max_rel: float | None = None


@dataclass(frozen=True, slots=True)
class CheckResult:
    """A check with its verdict; `findings` hold the numbers behind the message."""

    name: str
    status: CheckStatus
    message: str
    score: float = 0.0
    max_score: float = 0.0
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """A named mistake, in one or two sentences for the student. Ids are stable."""

    id: str
    message: str


@dataclass(frozen=True, slots=True)
class FunctionResult:
    """Everything a student is told about one function; `cell` and `line` say where it stands."""

    name: str
    status: FunctionStatus
    score: float | None
    max_score: float
    checks: tuple[CheckResult, ...] = ()
    diagnoses: tuple[Diagnosis, ...] = ()
    cell: int | None = None
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """The one artefact: every view (page, table, CSV) is made from it."""

    assignment: str
    submission: str
    sha256: str
    status: Status
    score: float | None
    max_score: float
    functions: tuple[FunctionResult, ...]
    duration_s: float = 0.0
    message: str = ""
    notes: tuple[str, ...] = ()
    seed: int = 0
    sandbox: str = ""
    title: str = ""
    grader_version: str = VERSION
    schema_version: int = SCHEMA_VERSION


def result_to_dict(result: Result) -> dict[str, Any]:
    """Return the JSON object of the contract, keys in a fixed order, tuples as lists."""
    plain: dict[str, Any] = _plain(dataclasses.asdict(result))
    return {"schema_version": plain.pop("schema_version"), **plain}


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    return str(value) if isinstance(value, StrEnum) else value


def result_from_dict(plain: dict[str, Any]) -> Result:
    """Return the result that `result_to_dict` made the object of; keys it does not know are left out."""
    functions = tuple(
        _made(
            FunctionResult,
            {**item, "status": FunctionStatus(item["status"])},
            checks=tuple(map(_check_from_dict, item["checks"])),
            diagnoses=tuple(_made(Diagnosis, d) for d in item["diagnoses"]),
        )
        for item in plain["functions"]
    )
    whole = {**plain, "status": Status(plain["status"]), "notes": tuple(plain["notes"])}
    return _made(Result, whole, functions=functions)


def _check_from_dict(plain: dict[str, Any]) -> CheckResult:
    findings = tuple(_made(Finding, finding) for finding in plain["findings"])
    return _made(CheckResult, {**plain, "status": CheckStatus(plain["status"])}, findings=findings)


def _made(kind: type[_T], plain: dict[str, Any], **fields: Any) -> _T:
    known = {f.name for f in dataclasses.fields(kind)}  # type: ignore[arg-type]
    return kind(**{key: value for key, value in plain.items() if key in known} | fields)


@dataclass(frozen=True, slots=True)
class Proof:
    """A named thing that must hold, whether it does, and what was seen (or what to do)."""

    name: str
    holds: bool
    detail: str
