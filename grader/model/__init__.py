"""The nouns that go into grading, all frozen: submission, notebook, program, test case, assignment."""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from types import ModuleType
from typing import Any

from grader.model.failure import Failure

Value = Any
"""What travels over the wire: None, bool, int, float, str, complex, ndarray, list, tuple, dict, Opaque."""


@dataclass(frozen=True, slots=True)
class Opaque:
    """Stand-in for a returned object that is no plain data; only the name of its type left the box."""

    type_name: str


# ------------------------------------------------------------------ what is handed in


@dataclass(frozen=True, slots=True)
class Submission:
    """The submitted bytes, under an ID that is unique in the batch.

    If the bytes could not be read (from an encrypted zip file, for example), `problem` is a sentence
    with the reason. `failure` is set where the grader's machine is the reason: its disk, or rights.
    """

    id: str
    data: bytes
    problem: str = ""
    failure: Failure | None = None

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


@dataclass(frozen=True, slots=True, eq=False)
class Call:
    """Positional arguments of one call, and the seed of both random generators just before it.

    A call equals none but itself, so that what is made of its arguments can be kept for a whole class.
    """

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
    """An exception, and the innermost line of the student's own cells it passed through, `cell` if known."""

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

    `raised_before` are errors of statements that ran before the calls; they matter only if a call then
    misses what they should have made. `notes` say what the box did for the program (a removed NumPy name
    supplied, a helper module under another name). `started`: the function could be asked.
    """

    outcomes: tuple[Returned | Raised, ...]
    ending: Ending = Ending.FINISHED
    detail: str = ""
    raised_before: tuple[Raised, ...] = ()
    notes: tuple[tuple[str, str], ...] = ()
    started: bool = False


class Tier(StrEnum):
    """How strongly student code is isolated.

    `full` uses namespaces. `light` uses Landlock, seccomp and rlimits, for machines without
    namespaces. `none` has limits only: for one's own notebook.
    """

    FULL = "full"
    LIGHT = "light"
    NONE = "none"


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
    """One call of a graded function; public cases may be shown to students with their values.

    `steps` are lines that make the same call in the notebook, or one like a hidden case without its numbers.
    """

    __test__ = False

    name: str
    function: str
    args: tuple[Value, ...]
    about: str
    public: bool = False
    seed: int = 1
    figures: Mapping[str, Value] | None = None
    steps: tuple[str, ...] = ()
    call: Call = field(init=False, repr=False, compare=False)
    size: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Make the one call that this case stands for, and count the numbers that it is called with."""
        object.__setattr__(self, "call", Call(self.args, self.seed))
        object.__setattr__(self, "size", _numbers_in(self.args))

    @property
    def group(self) -> str:
        """Return the group that checks refer to: `fixed` for public cases, `random` for the others."""
        return "fixed" if self.public else "random"


def _numbers_in(value: Value) -> int:
    if isinstance(value, Mapping):
        return sum(map(_numbers_in, value.values()))
    if isinstance(value, tuple | list):
        return sum(map(_numbers_in, value))
    return int(getattr(value, "size", 1))


@dataclass(frozen=True, slots=True)
class Check:
    """Points for quantities that must be right in every case of a group.

    With `follow_through` a quantity is right also where it is what the rules of the function make of
    the student's own earlier quantities: a mistake costs the points of the place where it is made.
    """

    name: str
    points: float
    group: str
    quantities: tuple[str, ...]
    follow_through: bool = False


Unpack = Callable[[Value], Mapping[str, Value]]
"""Turns a return value into named quantities, or raises `compare.UnexpectedStructure`."""


@dataclass(frozen=True, slots=True)
class Mistake:
    """A mistake that numbers give away.

    `where` are the things it is about (W1, layer 2), `quantity` is the returned value in which it
    shows, `reads` what to look for where that is made: names, `.attributes`, `0.5` for any fraction.
    `hint` is the variant of the mistake whose words fit best, if it is not the plain one.
    """

    id: str
    quantity: str
    where: str = ""
    reads: tuple[str, ...] = ()
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Computation:
    """How the quantities of a function follow from each other, and what wrong ones say.

    `inputs` names the arguments of a call and what is inside them. `rules` makes each quantity, in
    the order in which they are computed, from a row (`evidence.Row`) that holds what stands before
    it. `explain` yields the mistakes that evidence (`evidence.Evidence`) gives away, first ones first.
    `stopped` yields those that an exception gives away, with the line that raised it. `misplaced` is
    the id for quantities that have changed places. `variants` tell apart mistakes that give the same
    values: the words of a variant are used if a statement at fault has a node that it matches.
    """

    inputs: Callable[[tuple[Value, ...]], Mapping[str, Value]]
    rules: Mapping[str, Callable[[Any], Any]]
    explain: Callable[[Any], Iterable[Mistake]]
    stopped: Callable[[Raised, str], Iterable[Mistake]] | None = None
    misplaced: str = ""
    variants: Mapping[str, Callable[[ast.AST], bool]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Function:
    """A graded function: what it takes, how its return value is taken apart, what earns points.

    Two numbers agree when |got - expected| <= atol * scale + rtol * |expected|, where scale is the
    largest finite magnitude in the expected tensor (1 if that is smaller than 1e-300). `formula` is
    what it is to compute as the assignment's text has it, in MathML.
    """

    name: str
    parameters: tuple[str, ...]
    unpack: Unpack
    checks: tuple[Check, ...]
    rtol: float = 1e-6
    atol: float = 1e-9
    computation: Computation | None = field(default=None, compare=False)
    formula: str = field(default="", compare=False)

    @property
    def max_score(self) -> float:
        """Sum of the points of its checks."""
        return float(sum(check.points for check in self.checks))


@dataclass(frozen=True, slots=True)
class AssignmentFiles:
    """Where the three folders keep an assignment; filled in by `assignment.load`.

    For each function that has one, `misconceptions` has a file of known mistakes, `equivalents` one of
    right answers written otherwise; `languages` one a language. `mutants` has the equivalent ones.
    """

    reference: Path
    testcases: Path
    template: Path
    helpers: tuple[tuple[str, Path], ...]
    misconceptions: Mapping[str, Path] = field(default_factory=dict, compare=False)
    equivalents: Mapping[str, Path] = field(default_factory=dict, compare=False)
    mutants: Path | None = field(default=None, compare=False)
    languages: Mapping[str, Path] = field(default_factory=dict, compare=False)


@dataclass(frozen=True, slots=True)
class AssignmentSpec:
    """An assignment as its author writes it, in `testcases/NAME.py`.

    `cases` takes a seed and the reference module and returns the test cases of all functions.
    `helpers` are files of the template's folder that the sandbox holds, `packages` what a student
    has to install.
    """

    name: str
    title: str
    functions: tuple[Function, ...]
    cases: Callable[[int, ModuleType], Sequence[TestCase]]
    helpers: tuple[str, ...]
    packages: tuple[str, ...]
    seed: int
    limits: Limits = Limits()

    @property
    def max_score(self) -> float:
        """Sum over the functions."""
        return float(sum(function.max_score for function in self.functions))


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment(AssignmentSpec):
    """An assignment as it was loaded: the spec, its functions complete, and its files."""

    files: AssignmentFiles
