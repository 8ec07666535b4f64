"""Run programs in the sandbox of an assignment: submissions, the reference, the template, known mistakes.

All but submissions run once for an assignment, a seed and a tier.
"""

from __future__ import annotations

import functools
import itertools
import re
import threading
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace

from grader import assignments, notebook, sandbox
from grader.assignments import known_mistakes, sharing
from grader.assignments.notebooks import slices_of
from grader.errors import AssignmentError, AuthorError
from grader.judging.compare import UnexpectedStructure, numbers
from grader.messages.sanitize import one_line
from grader.model import (
    GROUPS,
    Assignment,
    Call,
    Cell,
    Ending,
    Function,
    Limits,
    Notebook,
    Observation,
    Raised,
    Returned,
    TestCase,
    Tier,
)
from grader.model.submission import Program
from grader.notebook.slicing import Slice
from grader.notebook.slicing.code_digest import NO_CODE, CodeDigest

_FEWEST_OWN_STATEMENTS = 2
"""Equal code with at least this many own statements is hardly ever chance."""

_lock = threading.Lock()


@dataclass(frozen=True, slots=True)
class KnownCode:
    """The code of each graded function in the template, and its digest in the reference."""

    template: Mapping[str, CodeDigest]
    reference: Mapping[str, str]

    def own(self, slice_: Slice) -> str:
        """Return the digest of a student's code, or "" if many students write the same.

        That is the template's code, the reference's, and code with one statement of the student's own.
        """
        name, code = slice_.function, slice_.code
        template = self.template.get(name, NO_CODE)
        is_short = len(code.statements - template.statements) < _FEWEST_OWN_STATEMENTS
        is_known = code.function in (template.function, self.reference.get(name))
        return "" if is_short or is_known else code.function


@dataclass(frozen=True, slots=True)
class Expectations:
    """For each graded function: its cases, and the observations of the reference and the template.

    `alternatives` are those of further functions of the reference, FUNCTION__WAY, by FUNCTION and WAY.
    A function is right, too, if it agrees with one of them in every case. `template_reads` and
    `reference_reads` are the positions of the parameters that are read there. `known_code` is the
    code of both. `order` has the functions that may run in one process, in a safe order (`sharing`).
    """

    cases: Mapping[str, tuple[TestCase, ...]]
    reference: Mapping[str, Observation]
    template: Mapping[str, Observation]
    template_reads: Mapping[str, frozenset[int]]
    known_code: KnownCode
    alternatives: Mapping[str, Mapping[str, Observation]] = field(default_factory=dict)
    order: tuple[str, ...] = ()
    reference_reads: Mapping[str, frozenset[int]] = field(default_factory=dict)


def consult(assignment: Assignment, seed: int, *, tier: Tier) -> Expectations:
    """Return the expectations of an assignment. Raises AssignmentError or BoxError."""
    with _lock:
        return _consult(assignment, seed, tier)


@functools.lru_cache(maxsize=8)
def _consult(assignment: Assignment, seed: int, tier: Tier) -> Expectations:
    cases = cases_by_function(assignment, seed)
    source = assignment.files.reference.read_text(encoding="utf-8")
    solved = Notebook((Cell(1, source),))
    answers = observe(assignment, solved, cases, tier=tier)
    untouched = notebook.read(assignment.files.template.read_bytes())
    template = observe(assignment, untouched, cases, tier=tier)
    for function in assignment.functions:
        _require_values(assignment, function, answers.get(function.name), cases[function.name])
    slices, solutions = slices_of(assignment, untouched), slices_of(assignment, solved)
    known = KnownCode(
        {slice_.function: slice_.code for slice_ in slices},
        {slice_.function: slice_.code.function for slice_ in solutions},
    )
    return Expectations(
        cases,
        answers,
        template,
        {slice_.function: slice_.reads for slice_ in slices},
        known,
        _alternatives(assignment, source, cases, tier),
        sharing.safe_order(cases, answers),
        {slice_.function: slice_.reads for slice_ in solutions},
    )


def _alternatives(
    assignment: Assignment, source: str, cases: Mapping[str, Sequence[TestCase]], tier: Tier
) -> dict[str, dict[str, Observation]]:
    names = re.findall(r"^def ((\w+?)__(\w+))\(", source, re.MULTILINE)
    functions = {function.name: function for function in assignment.every_function}
    others: dict[str, dict[str, Observation]] = {}
    for name, of, way in names:
        if of in functions:
            program = Program(name, (Cell(1, source),), calls(cases[of]))
            (observed,) = execute(assignment, [program], assignment.limits, tier=tier)
            _require_values(assignment, replace(functions[of], name=name), observed, cases[of])
            others.setdefault(of, {})[way] = observed
    return others


def mistake_observations(
    assignment: Assignment, seed: int, function: str, *, tier: Tier
) -> Mapping[str, Observation]:
    """Return the observation of each known mistake of a function. They run on the first call."""
    with _lock:
        return _mistake_observations(assignment, seed, function, tier)


@functools.lru_cache(maxsize=32)
def _mistake_observations(
    assignment: Assignment, seed: int, function: str, tier: Tier
) -> Mapping[str, Observation]:
    names = known_mistakes.names(assignment, function)
    cases = _consult(assignment, seed, tier).cases[function]
    alone = [(name,) for name in names]
    observations = observe_mistakes(assignment, function, alone, cases, tier=tier)
    return dict(zip(names, observations, strict=True))


def known_combinations(
    assignment: Assignment, seed: int, function: Function, *, tier: Tier
) -> Mapping[tuple[str, ...], Observation]:
    """Return the observations of known mistakes that diagnosis compares with a student's.

    Pairs are among them if the assignment has no code that recognises each mistake by its values.
    """
    singles = mistake_observations(assignment, seed, function.name, tier=tier)
    combinations: dict[tuple[str, ...], Observation] = {
        (name,): observation for name, observation in singles.items()
    }
    if function.computation:
        return combinations
    with _lock:
        return combinations | _pairs(assignment, seed, function, tier)


@functools.lru_cache(maxsize=32)
def _pairs(
    assignment: Assignment, seed: int, function: Function, tier: Tier
) -> dict[tuple[str, ...], Observation]:
    names = known_mistakes.names(assignment, function.name)
    pairs = list(itertools.combinations((name for name in names if "__" not in name), 2))
    cases = _consult(assignment, seed, tier).cases[function.name]
    observations = observe_mistakes(assignment, function.name, pairs, cases, tier=tier)
    return dict(zip(pairs, observations, strict=True))


def observe_mistakes(
    assignment: Assignment,
    function: str,
    combinations: Sequence[Sequence[str]],
    cases: Sequence[TestCase],
    *,
    tier: Tier,
) -> list[Observation]:
    """Return the observation of each combination of known mistakes of a function."""
    path = assignment.files.mistakes.get(function)
    if path is None:
        return []
    batches = known_mistakes.batches(combinations)
    programs = [known_mistakes.mistakes_program(path, batch, cases) for batch in batches]
    return _observe_batches(assignment, programs, [len(batch) for batch in batches], tier=tier)


def observe_right_solutions(
    assignment: Assignment, function: str, cases: Sequence[TestCase], *, tier: Tier
) -> list[Observation]:
    """Return the observations of the further right solutions of a function."""
    path = assignment.files.equivalents.get(function)
    if path is None:
        return []
    numbers = known_mistakes.batches(range(len(assignments.module(path).VARIANTS)))
    slices = [slice(batch[0], batch[-1] + 1) for batch in numbers]
    programs = [known_mistakes.right_solutions_program(path, part, cases) for part in slices]
    return _observe_batches(assignment, programs, [len(batch) for batch in numbers], tier=tier)


def _observe_batches(
    assignment: Assignment, programs: Sequence[Program], sizes: Sequence[int], *, tier: Tier
) -> list[Observation]:
    runs = sandbox.run(programs, contents(assignment), assignment.limits, tier=tier)
    observations: list[Observation] = []
    for program, size, run in zip(programs, sizes, runs, strict=True):
        if len(run.outcomes) < len(program.calls):
            raise AssignmentError(f"The known solutions did not run: {run.detail or run.ending}.")
        observations += known_mistakes.split_by_answer(run, size)
    return observations


def cases_by_function(assignment: Assignment, seed: int) -> dict[str, tuple[TestCase, ...]]:
    """Return the test cases of each function, fixed ones first. Raises AuthorError."""
    path = assignment.files.testcases
    with assignments.explained(path):
        cases = list(assignment.cases(seed, assignments.reference(assignment)))
    ordered = sorted(cases, key=lambda case: not case.public)
    by_function = {
        function.name: tuple(case for case in ordered if case.function == function.name)
        for function in assignment.every_function
    }
    for case in cases:
        if case.function not in by_function:
            raise AuthorError(
                f"{assignments.place(path, case.function)}: the test case {case.name!r} is for "
                f"{case.function}, which is not graded."
            )
    _require_groups(assignment, by_function)
    return by_function


_IN_GROUP = dict(zip(GROUPS, ("is public", "is hidden"), strict=True))
"""The words for a test case in one of the groups that need no name."""


def _require_groups(assignment: Assignment, cases: Mapping[str, Sequence[TestCase]]) -> None:
    """Raise AuthorError for a check without a test case, or a named group without a check."""
    path = assignment.files.testcases
    for function in assignment.functions:
        groups = dict.fromkeys(case.group for case in cases[function.name])
        for check in function.checks:
            if check.group not in groups:
                has_it = _IN_GROUP.get(check.group, f"has it (they have {', '.join(groups)})")
                raise AuthorError(
                    f"{assignments.place(path, check.name)}: the check "
                    f"{check.name!r} of {function.name} has the group {check.group!r}, but no test "
                    f"case of {function.name} {has_it}."
                )
        checked = {*GROUPS, *(check.group for check in function.checks)}
        for group in groups:
            if group not in checked:
                raise AuthorError(
                    f"{assignments.place(path, group)}: test cases of {function.name} have the group "
                    f"{group!r}, but no check of {function.name} has it."
                )


def observe(
    assignment: Assignment,
    document: Notebook,
    cases: Mapping[str, Sequence[TestCase]],
    *,
    tier: Tier,
) -> dict[str, Observation]:
    """Return the observation of each function that a notebook defines."""
    runs = programs(slices_of(assignment, document), cases)
    return observe_programs(assignment, runs, assignment.limits, tier=tier)


def programs(slices: Sequence[Slice], cases: Mapping[str, Sequence[TestCase]]) -> list[Program]:
    """Return a program for each slice that defines its function."""
    return [
        Program(s.function, s.cells, calls(cases[s.function]), s.stand_ins)
        for s in slices
        if s.is_defined
    ]


def observe_programs(
    assignment: Assignment,
    programs: Sequence[Program],
    limits: Limits,
    *,
    tier: Tier,
    together: sandbox.Together | None = None,
) -> dict[str, Observation]:
    """Run programs in one box, and return the observation of each by its function. Raises BoxError."""
    if not programs:
        return {}
    box = contents(assignment)
    observations = sandbox.run(programs, box, limits, tier=tier, together=together)
    return {program.function: o for program, o in zip(programs, observations, strict=True)}


def execute(
    assignment: Assignment, programs: Sequence[Program], limits: Limits, *, tier: Tier
) -> tuple[Observation, ...]:
    """Run programs in one box of an assignment. Raises BoxError."""
    return sandbox.run(programs, contents(assignment), limits, tier=tier)


def open_box(
    assignment: Assignment, slice_: Slice, limits: Limits, *, tier: Tier
) -> AbstractContextManager[sandbox.Run]:
    """Return a box for versions of a slice, which starts on first use. Raises BoxError."""
    program = Program(slice_.function, slice_.cells, (), slice_.stand_ins)
    return sandbox.open_box(contents(assignment).for_programs([program]), limits, tier=tier)


def calls(cases: Sequence[TestCase]) -> tuple[Call, ...]:
    """Return the call of every case, and the first one again to see whether it returns the same."""
    return tuple(case.call for case in (*cases, *cases[:1]))


def contents(assignment: Assignment) -> sandbox.BoxContents:
    """Return the files and packages of an assignment that a box holds."""
    return sandbox.BoxContents(assignment.files.helpers, assignment.packages)


def notebook_contents(assignment: Assignment) -> sandbox.BoxContents:
    """Return the contents of a box for a whole notebook: a kernel, and all files beside it."""
    folder = assignment.files.template.parent
    helpers = {name for name, _ in assignment.files.helpers}
    files = sorted(
        path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts
    )
    beside = ((path.relative_to(folder).as_posix(), path) for path in files)
    more = tuple(
        (name, path) for name, path in beside if path.suffix != ".ipynb" and name not in helpers
    )
    return contents(assignment).for_notebook_run(more)


def _require_values(
    assignment: Assignment,
    function: Function,
    observation: Observation | None,
    cases: Sequence[TestCase],
) -> None:
    """Raise AuthorError, or AssignmentError, unless the reference returned numbers for every case."""
    path, name = assignment.files.reference, function.name
    if observation is None:
        raise AuthorError(f"{assignments.place(path)} does not define {name}.")
    for case, outcome in zip(cases, observation.outcomes, strict=False):
        if fault := _fault(function, outcome):
            line = f", line {outcome.line}" if isinstance(outcome, Raised) and outcome.line else ""
            about = f" ({case.about})" if case.about else ""
            raise AuthorError(
                f"{assignments.place(path)}{line}: {name} {fault} in the test case "
                f"{case.name!r}{about}."
            )
    if observation.ending is not Ending.FINISHED or len(observation.outcomes) < len(cases):
        reason = ": ".join(filter(None, (observation.ending, observation.detail)))
        raise AssignmentError(
            f"{assignments.place(path)}: {name} returned a value for only "
            f"{len(observation.outcomes)} of {len(cases)} test cases ({reason})."
        )


def _fault(function: Function, outcome: Returned | Raised) -> str:
    """Return what is wrong with an outcome of the reference, "" if nothing is."""
    if isinstance(outcome, Raised):
        return f"raised {outcome.kind} ({one_line(outcome.message)})"
    try:
        values = function.unpack(outcome.value)
    except UnexpectedStructure as error:
        return f"returned something else ({one_line(str(error)).rstrip('.')})"
    wrong = [quantity for quantity, value in values.items() if numbers(value) is None]
    return f"returned no numbers for {wrong[0]}" if wrong else ""
