"""Search for the small change after which a function is right in every test case.

Edits are tried in the order of their likelihood: the place first, then the kind. Many run in one
program on one or two cases. Those that are right there run alone on all cases, as a submission does.
Only such an edit is returned: it is a proof, not a guess.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from grader.diagnosis.repair import candidates
from grader.diagnosis.repair.candidates import Edit
from grader.diagnosis.repair.code import Code
from grader.diagnosis.repair.naming import named_by_difference
from grader.diagnosis.repair.places import Suspicion, suspicion, wrong_quantities
from grader.judging import judge, same_values
from grader.judging.compare import UnexpectedStructure, numbers
from grader.model import Cell, Ending, Function, Observation, Program, Raised, Returned, TestCase
from grader.model.result import CheckStatus
from grader.notebook.slicing import Slice

Execute = Callable[[Sequence[Program]], Sequence[Observation]]
"""Runs programs in a sandbox. Raises BoxError."""

_BATCHES = (40, *[100] * 5)
_SECOND = (100, 50)
"""Second edits that are tried after each of the best first ones."""
_FIRST = 2
_MOST_COMPARED = 40
_MOST_PROOFS = 6


@dataclass(frozen=True, eq=False)
class Problem:
    """A function that is wrong: its slice, its cases, the observations, and the access to a sandbox."""

    function: Function
    slice_: Slice
    cases: Sequence[TestCase]
    expected: Observation
    actual: Observation
    execute: Execute

    def code(self, source: str) -> Code:
        """Return the code of a version of the function's cell."""
        args = self.cases[0].args
        pairs = list(zip(self.function.parameters, args, strict=False))
        scalars = [name for name, value in pairs if isinstance(value, int | float)]
        keys = [key for arg in args if isinstance(arg, dict) for key in arg]
        keys += [name for check in self.function.checks for name in check.quantities]
        outside = sorted(self.slice_.names - {self.function.name})
        computation = self.function.computation
        return Code(
            source,
            self.slice_.function,
            tuple(scalars),
            tuple(outside),
            tuple(keys),
            computation.helpers if computation else (),
        )


@dataclass(frozen=True, slots=True)
class Repair:
    """The edits after which a function is right, and the code that each of them was made in."""

    edits: tuple[Edit, ...]
    source: str


@dataclass(slots=True)
class _Tried:
    """A version of the cell, the edits that led to it, and its outcomes on the screening cases.

    `before` is the version in which the last edit was made.
    """

    source: str
    edits: tuple[Edit, ...]
    before: str = ""
    outcomes: Observation = field(default_factory=lambda: Observation(()))


def find(problem: Problem) -> Repair | None:
    """Return the likeliest of the smallest repairs, or None if no small change makes it right."""
    source = problem.slice_.source
    if problem.actual.ending is not Ending.FINISHED or problem.code(source).definition is None:
        return None
    screen = _screening(problem)
    start = _Tried(source, (), outcomes=_pick(problem.actual, screen))
    tried: list[_Tried] = []
    suspects = suspicion(
        *(problem.code(source), problem.function, problem.cases, problem.expected, problem.actual)
    )
    try:
        for batch in _batches(problem, start, suspects):
            repair = _try(problem, batch, screen)
            if repair:
                return repair
            tried += batch
        repeated = candidates.repeated_edits(problem.code(source), suspects.costs)
        batch = list(itertools.islice(_versions(start, repeated), candidates.BATCH))
        repair = _try(problem, batch, screen) if batch else None
        return repair or _second_edits(problem, start, tried, screen)
    except TimeoutError:
        return None


def _second_edits(
    problem: Problem, start: _Tried, tried: Sequence[_Tried], screen: Sequence[int]
) -> Repair | None:
    """Try a second edit after each of the first edits that made the function better."""
    cases = [problem.cases[i] for i in screen]
    expected = _pick(problem.expected, screen)
    for first in _better(problem, start, tried, screen)[:_FIRST]:
        code = problem.code(first.source)
        suspects = suspicion(code, problem.function, cases, expected, first.outcomes)
        for batch in _batches(problem, first, suspects, sizes=_SECOND):
            repair = _try(problem, batch, screen)
            if repair:
                return repair
    return None


def _batches(
    problem: Problem, start: _Tried, suspects: Suspicion, *, sizes: Sequence[int] = _BATCHES
) -> Iterator[list[_Tried]]:
    """Yield versions with one edit more, the likeliest first; no two have the same text."""
    edits = candidates.edits_of(problem.code(start.source), suspects)
    versions = _versions(start, edits)
    for size in sizes:
        batch = list(itertools.islice(versions, size))
        if not batch:
            return
        yield batch


def _versions(start: _Tried, edits: Iterator[Edit]) -> Iterator[_Tried]:
    sources = {start.source}
    for edit in edits:
        source = edit.render()
        if source not in sources:
            sources.add(source)
            yield _Tried(source, (*start.edits, edit), start.source)


# ------------------------------------------------------------------ running them


def _screening(problem: Problem) -> list[int]:
    """Return the positions of at most two wrong cases, a small one and one of middle size."""
    wrong = [
        i
        for i, case in enumerate(problem.cases)
        if not same_values(
            problem.function, _pick(problem.expected, [i]), _pick(problem.actual, [i])
        )
    ]
    by_size = sorted(wrong, key=lambda i: problem.cases[i].size)
    return list(dict.fromkeys([*by_size[:1], *by_size[len(by_size) // 2 :][:1]]))


def _pick(observation: Observation, positions: Sequence[int]) -> Observation:
    outcomes = observation.outcomes
    return Observation(tuple(outcomes[i] for i in positions if i < len(outcomes)))


def _try(problem: Problem, batch: Sequence[_Tried], screen: Sequence[int]) -> Repair | None:
    """Run some versions on the screening cases; return the first that is right in all cases.

    Raises TimeoutError if they did not return, for example because a loop does not end.
    """
    calls = [problem.cases[i].call for i in screen]
    program = candidates.program(problem.slice_, [v.source for v in batch], calls)
    (run,) = problem.execute([program])
    cell = problem.slice_.cell or 0
    outcomes = candidates.split_by_candidate(run, len(batch), cell)
    if outcomes is None or len(run.outcomes) < len(calls):
        raise TimeoutError
    expected = _pick(problem.expected, screen)
    right = []
    for version, observation in zip(batch, outcomes, strict=True):
        version.outcomes = observation
        if same_values(problem.function, expected, observation):
            right.append(version)
    return _proven(problem, right[:_MOST_PROOFS]) if right else None


def _proven(problem: Problem, versions: Sequence[_Tried]) -> Repair | None:
    """Return the first version that is right in every case, run as a submission is run."""
    slice_ = problem.slice_
    calls = tuple(case.call for case in problem.cases)
    programs = [
        Program(slice_.function, _with_source(slice_, version.source), calls, slice_.stand_ins)
        for version in versions
    ]
    for version, observation in zip(versions, problem.execute(programs), strict=True):
        checks, _ = judge(problem.function, problem.cases, problem.expected, observation)
        if all(check.status is CheckStatus.PASSED for check in checks):
            return Repair(_named(problem, version), version.source)
    return None


def _named(problem: Problem, version: _Tried) -> tuple[Edit, ...]:
    *earlier, last = version.edits
    before, after = problem.code(version.before), problem.code(version.source)
    return (*earlier, named_by_difference(last, before, after))


def _with_source(slice_: Slice, source: str) -> tuple[Cell, ...]:
    number = slice_.cell
    return tuple(Cell(number, source) if c.number == number else c for c in slice_.cells)


# ------------------------------------------------------------------ progress


def _better(
    problem: Problem, start: _Tried, tried: Sequence[_Tried], screen: Sequence[int]
) -> list[_Tried]:
    """Return the versions that are nearer to right than the start in every case, the best first."""
    expected = _pick(problem.expected, screen)

    def progress(version: _Tried) -> list[tuple[int, int]]:
        pairs = zip(expected.outcomes, version.outcomes.outcomes, strict=False)
        return [_progress(problem.function, want, got) for want, got in pairs]

    base = progress(start)
    scored = []
    for version in tried:
        own = progress(version)
        if own != base and all(a >= b for a, b in zip(own, base, strict=False)):
            scored.append((sum(a for _, a in own) + 1000 * sum(a for a, _ in own), version))
    scored.sort(key=lambda item: (-item[0], item[1].edits[-1].cost))
    best = [version for _, version in scored[:_MOST_COMPARED]]
    cases = [problem.cases[i] for i in screen]

    def causes(version: _Tried) -> int:
        return len(wrong_quantities(problem.function, cases, expected, version.outcomes))

    return sorted(best, key=causes)


def _progress(
    function: Function, want: Returned | Raised, got: Returned | Raised
) -> tuple[int, int]:
    """Return how far a call came: it raised at a line, returned something, or so many right values."""
    if isinstance(got, Raised):
        return 0, got.line or 0
    assert isinstance(want, Returned)
    try:
        own, right = function.unpack(got.value), function.unpack(want.value)
    except UnexpectedStructure:
        return 1, 0
    return 2, sum(_is_close(value, own.get(name)) for name, value in right.items())


def _is_close(want: object, got: object) -> bool:
    a, b = numbers(want), numbers(got)
    if a is None or b is None or a.shape != b.shape:
        return False
    with np.errstate(all="ignore"):
        return bool(np.allclose(a, b, rtol=1e-6, atol=1e-9))
