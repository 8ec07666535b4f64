"""The nouns of grading, all frozen: notebook, observation, test case, assignment.

`model.submission` has the submission and the program.
"""

from __future__ import annotations

import ast
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from types import ModuleType
from typing import Any

from grader.errors import AssignmentError
from grader.model.record import record

Value = Any
"""A value on the wire: None, bool, int, float, str, complex, ndarray, list, tuple, dict or Opaque."""


@record
class Opaque:
    """Placeholder for a value that cannot be serialised. It carries the type name only."""

    type_name: str


# ------------------------------------------------------------------ notebooks, observations


@record
class Cell:
    """A code cell: its number among the code cells, from 1, and its source."""

    number: int
    source: str


@record
class Notebook:
    """The code cells of a submission in order, and a note for every repair of the file."""

    cells: tuple[Cell, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Call:
    """Positional arguments of one call, and the seed of both random generators just before it.

    Calls compare by identity, so values computed from their arguments can be cached for a whole class.
    """

    args: tuple[Value, ...]
    seed: int


@record
class Returned:
    """A call that returned; `mutated` are the positions of arguments that it changed in place."""

    value: Value
    mutated: tuple[int, ...] = ()


@record
class Raised:
    """An exception, with the innermost line of the student's own cells that it passed through.

    `missing_name` is the name that a NameError is about.
    """

    kind: str
    message: str
    cell: int | None = None
    line: int | None = None
    missing_name: str | None = None


class Ending(StrEnum):
    """The end of a program, observed from outside the sandbox."""

    FINISHED = "finished"
    TIMEOUT = "timeout"
    CRASHED = "crashed"
    BROKEN_WIRE = "broken wire"


@record
class Observation:
    """The run of a program: one outcome for each call, in order, until the program ended.

    `detail` is the reason for an ending other than `FINISHED`, as a part of a sentence.
    `raised_before` are errors of statements before the calls; they matter only if a call then lacks a
    name. `notes` are the repairs of the sandbox: a removed NumPy name, a helper module under another
    name. `started` is True if the statements finished, so the calls could begin.
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
    """Limits of a sandbox for one submission."""

    function_seconds: float = 10.0
    """Wall-clock seconds for the cells and calls of one function.

    The grader measures them from outside and kills the process: `Ending.TIMEOUT`. The kernel limits
    the processor time of the process to two seconds more (`launch.cpu_seconds`). A process that uses
    no processor time for more than 5 seconds ends earlier.
    """
    submission_seconds: float = 60.0
    """Wall-clock seconds for all functions of a submission, without the start of boxes.

    Measured like `function_seconds`. Functions that had no time left end with `Ending.TIMEOUT`.
    """
    memory_bytes: int = 1 << 30
    """Private memory of each process (RLIMIT_DATA); Python raises MemoryError at the limit.

    Where cgroups work, the kernel also limits the sum over all processes of a box, and kills one of
    them above it: `Ending.CRASHED`.
    """
    disk_bytes: int = 64 << 20
    """Largest file (RLIMIT_FSIZE), and in the tier `full` also the size of /tmp.

    The kernel enforces both: a write beyond them raises OSError. In `light` no file can be written.
    """
    processes: int = 64
    """Processes and threads of a box in the tier `full` (RLIMIT_NPROC, pids.max).

    At the limit the kernel refuses another thread, and Python raises RuntimeError. Student code may
    start no process in `full` and `light`, and no thread in `light`. `none` has no such limit.
    """


# ------------------------------------------------------------------ what an assignment is


@record
class TestCase:
    """One call of a graded function; students see the values of public cases only.

    `about` describes the arguments in a phrase, such as "layers 2, 3, 1". `published` are the values
    that the course publishes for this call, by quantity. `size` is the number of values in `args`.
    Checks refer to `group`: `fixed` for public cases, `random` for the others, or a name
    for hidden cases that have a check of their own.
    `snippet` has lines for the notebook: the same call for a public case, a similar call with random
    numbers for a hidden one.
    """

    __test__ = False

    name: str
    function: str
    args: tuple[Value, ...]
    about: str
    public: bool = False
    seed: int = 1
    published: Mapping[str, Value] | None = None
    snippet: tuple[str, ...] = ()
    group: str = ""
    call: Call = field(init=False, repr=False, compare=False)
    size: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Set the group, the call, and the number of values in its arguments.

        Raises AssignmentError for a public case in a group of hidden ones, or a hidden one in `fixed`.
        """
        object.__setattr__(self, "group", self.group or GROUPS[not self.public])
        if self.public != (self.group == GROUPS[0]):
            raise AssignmentError(
                f"the group of the test case {self.name!r} cannot be {self.group!r}: public cases are "
                "in 'fixed', hidden ones in another group"
            )
        object.__setattr__(self, "call", Call(self.args, self.seed))
        object.__setattr__(self, "size", _numbers_in(self.args))


def _numbers_in(value: Value) -> int:
    if isinstance(value, Mapping):
        return sum(map(_numbers_in, value.values()))
    if isinstance(value, tuple | list):
        return sum(map(_numbers_in, value))
    return int(getattr(value, "size", 1))


GROUPS = ("fixed", "random")
"""The groups of the public test cases, and of the hidden ones that name no group."""


@record
class Check:
    """Points for quantities that must be right in every case of a group of test cases.

    With `follow_through` a quantity is also right if it follows, by the rules of the function, from
    the student's own earlier quantities. So a mistake costs points only where it is made.
    """

    name: str
    points: float
    group: str
    quantities: tuple[str, ...]
    follow_through: bool = False

    def __post_init__(self) -> None:
        """Raise AssignmentError for values that an author cannot mean."""
        if not self.quantities or tuple(self.quantities) != self.quantities:
            raise AssignmentError(
                f"the quantities of the check {self.name!r} must be a tuple of names, such as ('cost',)"
            )
        if not (self.points >= 0 and math.isfinite(self.points)):
            raise AssignmentError(
                f"the points of the check {self.name!r} must be 0 or more, not {self.points}"
            )


Unpack = Callable[[Value], Mapping[str, Value]]
"""Returns the quantities of a return value by name. Raises `compare.UnexpectedStructure`."""


@record
class Mistake:
    """A mistake that the values show.

    `quantity` is the returned value that is wrong, `where` the part that the mistake concerns (W1,
    layer 2). `reads` are names to look for in the wrong line: variables, `.attributes`, `0.5` for any
    decimal number. `hint` is the variant whose hint fits best, empty for the plain mistake.
    """

    id: str
    quantity: str
    where: str = ""
    reads: tuple[str, ...] = ()
    hint: str = ""


@record
class Computation:
    """The rules by which the quantities of a function follow from each other, and their mistakes.

    `inputs` returns the arguments of a call, and their parts, by name. `rules` computes each quantity
    in order from the earlier ones (`intermediates.CaseValues`). `explain` yields the mistakes that
    follow from all values (`intermediates.Intermediates`), earliest first. `stopped` yields those that
    follow from an exception and its line. `misplaced` is the id for exchanged quantities. `variants`
    distinguish mistakes with equal values: a variant applies if a statement at fault has a node that
    it matches. `helpers` are functions of the helper modules that an answer may call.
    """

    inputs: Callable[[tuple[Value, ...]], Mapping[str, Value]]
    rules: Mapping[str, Callable[[Any], Any]]
    explain: Callable[[Any], Iterable[Mistake]]
    stopped: Callable[[Raised, str], Iterable[Mistake]] | None = None
    misplaced: str = ""
    variants: Mapping[str, Callable[[ast.AST], bool]] = field(default_factory=dict)
    helpers: tuple[str, ...] = ()


@record
class Function:
    """A graded function: its parameters, the parts of its return value, its checks.

    A value may differ from the expected one by `atol` times the largest finite magnitude of the expected
    array (1 if that is 0) plus `rtol` times the expected value: see `judging.compare.compare`. `formula`
    is the assignment's, in MathML.
    `calls` are functions that it may call and that are graded on their own or handed out. If the
    student's versions are wrong, this function is tested with right ones (`grading.right_calls`).
    """

    name: str
    parameters: tuple[str, ...]
    unpack: Unpack
    checks: tuple[Check, ...]
    rtol: float = 1e-6
    atol: float = 1e-9
    calls: tuple[str, ...] = field(default=(), compare=False)
    computation: Computation | None = field(default=None, compare=False)
    formula: str = field(default="", compare=False)

    @property
    def max_score(self) -> float:
        """Sum of the points of its checks."""
        return float(sum(check.points for check in self.checks))


@record
class UngradedFunction:
    """A function that students are asked to change for no points. A result reports its state.

    The `function` has no checks. Its state is found by comparing its values with those of definitions in
    the reference: NAME__STATE, or NAME for the state "right". `states` has a sentence for each,
    `otherwise` is the sentence for other values and for errors.
    """

    function: Function
    states: Mapping[str, str]
    otherwise: str


@record
class AssignmentFiles:
    """The files of an assignment in the three folders; `assignments.load` finds them.

    `mistakes` has a file of known mistakes for each function, `equivalents` a file of right
    answers in other forms, `languages` a catalogue for each language. `mutants` lists the equivalent
    mutants. `submissions` are labelled notebooks: the names begin with the points, as in 75-no-seed.ipynb.
    """

    reference: Path
    testcases: Path
    template: Path
    helpers: tuple[tuple[str, Path], ...]
    mistakes: Mapping[str, Path] = field(default_factory=dict, compare=False)
    equivalents: Mapping[str, Path] = field(default_factory=dict, compare=False)
    mutants: Path | None = field(default=None, compare=False)
    languages: Mapping[str, Path] = field(default_factory=dict, compare=False)
    submissions: tuple[Path, ...] = field(default=(), compare=False)

    @property
    def course(self) -> Path:
        """The folder that contains the three folders."""
        return self.testcases.parents[1]


FULL_SCORE = 100
"""The points of an assignment."""


@dataclass(frozen=True, slots=True)
class AssignmentSpec:
    """An assignment as its author writes it, in `testcases/NAME.py`.

    `cases` takes a seed and the reference module and returns the test cases of all functions.
    `helpers` are files of the template's folder that the sandbox holds, `packages` what a student
    has to install. `cases` has the cases of `ungraded` functions, too.
    """

    name: str
    title: str
    functions: tuple[Function, ...]
    cases: Callable[[int, ModuleType], Sequence[TestCase]]
    helpers: tuple[str, ...]
    packages: tuple[str, ...]
    seed: int
    limits: Limits = Limits()
    ungraded: tuple[UngradedFunction, ...] = field(default=(), compare=False)

    def __post_init__(self) -> None:
        """Raise AssignmentError unless there are functions, each with a name of its own."""
        names = [function.name for function in self.functions]
        if not names:
            raise AssignmentError("the assignment has no functions to grade")
        for name in names:
            if names.count(name) > 1:
                raise AssignmentError(f"the function {name} is listed twice")

    @property
    def every_function(self) -> tuple[Function, ...]:
        """The graded functions, then the ungraded ones."""
        return (*self.functions, *(entry.function for entry in self.ungraded))

    @property
    def max_score(self) -> float:
        """Sum over the functions."""
        return float(sum(function.max_score for function in self.functions))


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignment(AssignmentSpec):
    """An assignment as it was loaded: the spec, its functions complete, and its files."""

    files: AssignmentFiles
