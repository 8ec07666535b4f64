"""Search for the small change after which a function is right in every test case.

Edits are tried in the order of their likelihood: the place first, then the kind. Many run in one
program on one case. Those that are right there run alone on all cases, as a submission does, one
after the other. Only such an edit is returned: it is a proof, not a guess.
"""

from __future__ import annotations

import ast
import dataclasses
import functools
import heapq
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from grader.diagnosis.general import computation_of
from grader.diagnosis.repair import candidates
from grader.diagnosis.repair.candidates import Edit
from grader.diagnosis.repair.code import Code, Deadline
from grader.diagnosis.repair.naming import named_by_difference
from grader.diagnosis.repair.places import (
    Suspicion,
    is_unreadable,
    suspicion,
    wrong_quantities,
)
from grader.judging import is_right, same_values
from grader.judging.compare import numbers
from grader.model import Ending, Function, Observation, Raised, Returned, TestCase
from grader.model.record import record

_BATCH = 100
"""Candidates that run together; the return values of more would exceed the limit of a sandbox."""

_BATCHES, _BEFORE_PAIRS = (20, 40, 60, 80, *[_BATCH] * 6), 4
"""The sizes of batches, and the number of them that are tried before pairs of edits are."""

_REPEATED = (_BATCH, _BATCH)
"""Edits in several places at once; the first of them after pairs, before the rest of the single edits."""

_NAMED = 0.2
"""What makes the line of a mistake likelier that has a name: its values are computed there."""

_SECOND = (60, _BATCH, _BATCH, _BATCH)
"""Second edits that are tried after the best first ones, the likeliest pairs first."""
_FIRST, _RANK = 6, 0.4
_MERGED, _CROSSED = 60, (_BATCH, _BATCH)
"""Pairs of first edits that are tried together, and pairs of a first and of a second one."""
_TELLING = 20
"""Numbers that no two wrong edits give by chance."""
_MOST_COMPARED = 24
_MOST_PROOFS = 8


class Runner(Protocol):
    """Runs versions of the function's cell."""

    def screen(self, sources: Sequence[str], case: TestCase) -> Sequence[Observation]:
        """Run many versions on one case, as many as there is time for."""

    def run(self, source: str) -> Observation:
        """Run a version on all cases."""


@dataclass(frozen=True, eq=False)
class Problem:
    """A function that is wrong: its cell, its cases, the observations, and what runs other versions.

    `outside` are the names that the notebook defines for the function. `named_line` is the line of a
    mistake that has a name already, 0 if it is unknown. Then only likely edits are tried.
    """

    function: Function
    source: str
    cell: int | None
    outside: Sequence[str]
    cases: Sequence[TestCase]
    expected: Observation
    actual: Observation
    runner: Runner
    deadline: Deadline = field(default_factory=Deadline)
    named_line: int | None = None

    @functools.cached_property
    def own_code(self) -> Code:
        """The code of the student's own cell."""
        return self.code(self.source)

    def code(self, source: str) -> Code:
        """Return the code of a version of the function's cell."""
        args = self.cases[0].args
        pairs = list(zip(self.function.parameters, args, strict=False))
        scalars = [name for name, value in pairs if isinstance(value, int | float)]
        several = [name for name, value in pairs if isinstance(value, dict | list | tuple)]
        keys = [key for arg in args if isinstance(arg, dict) for key in arg]
        keys += [name for check in self.function.checks for name in check.quantities]
        return Code(
            source,
            self.function.name,
            tuple(scalars),
            tuple(sorted({*self.outside} - {self.function.name})),
            tuple(keys),
            (*computation_of(self.function).helpers, *self.function.calls),
            self.deadline,
            tuple(several),
        )


@record
class Repair:
    """The edits after which a function is right, and the code that each of them was made in."""

    edits: tuple[Edit, ...]
    source: str


@dataclass(slots=True)
class _Tried:
    """A version of the cell, the edits that led to it, and its outcome on the screening case.

    `before` is the version in which the last edit was made.
    """

    source: str
    edits: tuple[Edit, ...]
    before: str = ""
    observation: Observation = field(default_factory=lambda: Observation(()))


def find(problem: Problem) -> Repair | None:
    """Return the likeliest of the smallest repairs, or None if no small change makes it right."""
    source = problem.source
    if problem.actual.ending is not Ending.FINISHED or problem.own_code.definition is None:
        return None
    if _has_array_as_condition(problem):
        return None
    screen = _screening(problem)
    actual = _with_own_line(problem, screen)
    start = _Tried(source, (), observation=_at(actual, screen))
    suspects = suspicion(
        *(problem.own_code, problem.function, problem.cases, problem.expected, actual)
    )
    if problem.named_line is not None:
        suspects.costs[problem.named_line] = suspects.costs.get(problem.named_line, 0.0) - _NAMED
    try:
        edits = candidates.edits_of(problem.own_code, suspects)
        batches = _batches(_versions(start, edits, suspects), _BATCHES)
        tried: list[_Tried] = []
        for batch in itertools.islice(batches, _BEFORE_PAIRS):
            if repair := _try(problem, batch, screen):
                return repair
            tried += batch
        if problem.named_line is not None:
            return None
        repeated = candidates.repeated_edits(problem.own_code, suspects.costs)
        again = _batches(_versions(start, repeated, suspects), _REPEATED)
        repair = None if _may_be_chance(problem) else _of_two_edits(problem, start, tried, screen)
        rest = itertools.chain(itertools.islice(again, 1), batches, again)
        return repair or _first_right(problem, rest, screen)
    except TimeoutError:
        return None


def _with_own_line(problem: Problem, screen: int) -> Observation:
    """Return the outcomes; those that stop in another cell have the line of the function's own cell."""
    actual = problem.actual
    stops = [isinstance(o, Raised) and o.cell not in (None, problem.cell) for o in actual.outcomes]
    if stops[screen : screen + 1] != [True]:
        return actual
    own = problem.runner.screen([problem.source], problem.cases[screen])
    pairs = zip(actual.outcomes, stops, strict=True)
    outcomes = [own[0].outcomes[0] if own and stops else o for o, stops in pairs]
    return dataclasses.replace(actual, outcomes=tuple(outcomes))


def _of_two_edits(
    problem: Problem, start: _Tried, tried: Sequence[_Tried], screen: int
) -> Repair | None:
    """Return a repair that consists of two edits, of which the first makes the function better."""
    better = _better(problem, start, tried, screen)
    merged = _merged(problem, better, screen)
    repair = _try(problem, merged, screen) if merged else None
    return repair or _second_edits(problem, better, screen)


def _may_be_chance(problem: Problem) -> bool:
    """Return True if two wrong edits could give all expected values: those are few, of one case."""
    (first, *others) = problem.expected.outcomes
    values = problem.function.unpack(first.value) if isinstance(first, Returned) else {}
    return not others and sum(np.size(value) for value in values.values()) < _TELLING


def _has_array_as_condition(problem: Problem) -> bool:
    """Return True if a call stops at an `if` with an array: no small change makes it a step for all items."""
    raised = (o for o in problem.actual.outcomes if isinstance(o, Raised))
    lines = {outcome.line for outcome in raised if "is ambiguous" in outcome.message}
    statements = problem.own_code.statements
    return any(isinstance(s, ast.If | ast.While) and s.lineno in lines for s in statements)


def _merged(problem: Problem, better: Sequence[_Tried], screen: int) -> list[_Tried]:
    """Return versions with two edits in different lines, each of which made other values right."""
    expected = _at(problem.expected, screen)
    returned = [v for v in better if isinstance(v.observation.outcomes[0], Returned)]
    right = {id(v): _right_parts(expected, v.observation) for v in returned}
    pairs = [
        (-len(right[id(a)] | right[id(b)]), a.edits[0].cost + b.edits[0].cost, number, a, b)
        for number, (a, b) in enumerate(itertools.combinations(returned, 2))
        if not right[id(a)] <= right[id(b)] and not right[id(b)] <= right[id(a)]
    ]
    versions = []
    for *_, a, b in heapq.nsmallest(_MERGED, pairs):
        source = with_both(problem.source, a.source, b.source)
        if source is not None:
            versions.append(_Tried(source, (*a.edits, *b.edits), a.source))
    return versions


def with_both(base: str, first: str, second: str) -> str | None:
    """Return a text with the changed lines of two others, or None if both change a line."""
    lines = [text.split("\n") for text in (base, first, second)]
    if len({len(own) for own in lines}) > 1:
        return None
    merged = []
    for old, a, b in zip(*lines, strict=True):
        if old not in (a, b):
            return None
        merged.append(a if a != old else b)
    return "\n".join(merged)


def _second_edits(problem: Problem, better: Sequence[_Tried], screen: int) -> Repair | None:
    """Try a second edit after each of the first edits that made the function better in another way."""
    cases, expected = [problem.cases[screen]], _at(problem.expected, screen)
    pairs, seconds = [], []
    different: dict[str, _Tried] = {}
    for first in better:
        different.setdefault(_digest(first.observation), first)
    for rank, first in enumerate(itertools.islice(different.values(), _FIRST)):
        code = problem.code(first.source)
        suspects = suspicion(code, problem.function, cases, expected, first.observation)
        versions = _versions(first, candidates.edits_of(code, suspects), suspects)
        pairs.append(zip(itertools.repeat(rank * _RANK), versions, strict=False))
    likeliest = heapq.merge(*pairs, key=lambda pair: pair[0] + pair[1].edits[-1].cost)
    firsts = {first.source: _progress(expected, first.observation) for first in better}
    for batch in _batches((version for _, version in likeliest), _SECOND):
        if repair := _try(problem, batch, screen):
            return repair
        seconds += [v for v in batch if _progress(expected, v.observation) > firsts[v.before]]
    return _first_right(problem, _batches(_crossed(problem, better, seconds), _CROSSED), screen)


def _crossed(
    problem: Problem, firsts: Sequence[_Tried], seconds: Sequence[_Tried]
) -> Iterator[_Tried]:
    """Yield versions with each first edit and each second one that made another first one better.

    Where the first mistake stops a function, its right repair seems no better than others: all get
    as far as the second mistake.
    """
    pairs = sorted(
        itertools.product(firsts, seconds),
        key=lambda pair: pair[0].edits[0].cost + pair[1].edits[-1].cost,
    )
    for first, second in pairs:
        alone = with_both(second.before, problem.source, second.source)
        source = alone and with_both(problem.source, first.source, alone)
        if source:
            yield _Tried(source, (*first.edits, second.edits[-1]), first.source)


def _batches(versions: Iterator[_Tried], sizes: Sequence[int]) -> Iterator[list[_Tried]]:
    """Yield versions in batches; no two have the same text."""
    sources = set()

    def is_new(version: _Tried) -> bool:
        known = version.source in sources
        sources.add(version.source)
        return not known

    different = filter(is_new, versions)
    for size in sizes:
        if batch := list(itertools.islice(different, size)):
            yield batch


def _versions(start: _Tried, edits: Iterator[Edit], suspects: Suspicion) -> Iterator[_Tried]:
    for edit in edits:
        source = edit.render()
        if source != start.source and suspects.allows(edit.kind, edit.name, start.source, source):
            yield _Tried(source, (*start.edits, edit), start.source)


# ------------------------------------------------------------------ running them


def _screening(problem: Problem) -> int:
    """Return the position of a wrong case, that of middle size: where sizes are 1, more seems right."""
    wrong = [
        i
        for i, case in enumerate(problem.cases)
        if not same_values(problem.function, _at(problem.expected, i), _at(problem.actual, i))
    ]
    by_size = sorted(wrong, key=lambda i: problem.cases[i].size)
    return by_size[len(by_size) // 2] if by_size else 0


def _at(observation: Observation, position: int) -> Observation:
    return Observation(observation.outcomes[position : position + 1])


def _first_right(problem: Problem, batches: Iterator[list[_Tried]], screen: int) -> Repair | None:
    return next(filter(None, (_try(problem, batch, screen) for batch in batches)), None)


def _try(problem: Problem, batch: Sequence[_Tried], screen: int) -> Repair | None:
    """Run some versions on the screening case; return the first that is right in all cases.

    Raises TimeoutError if not all of them ran, for example because they are slow, or after the deadline.
    """
    problem.deadline.check()
    observations = problem.runner.screen([v.source for v in batch], problem.cases[screen])
    expected = _at(problem.expected, screen)
    right = []
    for version, observation in zip(batch, observations, strict=False):
        version.observation = observation
        if same_values(problem.function, expected, observation):
            right.append(version)
    proven = (version for version in right[:_MOST_PROOFS] if _is_right(problem, version))
    for version in proven:
        return Repair(_named(problem, version), version.source)
    if len(observations) < len(batch):
        raise TimeoutError
    return None


def _is_right(problem: Problem, version: _Tried) -> bool:
    observation = problem.runner.run(version.source)
    return is_right(problem.function, problem.cases, problem.expected, observation)


def _named(problem: Problem, version: _Tried) -> tuple[Edit, ...]:
    *earlier, last = version.edits
    before, after = problem.code(version.before), problem.code(version.source)
    last = named_by_difference(last, before, after)
    inserted = len(before.lines) - len(problem.own_code.lines)
    if any(
        last.line > edit.line for edit in earlier
    ):  # the line's number in the student's own cell
        last = last._replace(line=last.line - inserted)
    return (*earlier, last)


# ------------------------------------------------------------------ progress


def _better(problem: Problem, start: _Tried, tried: Sequence[_Tried], screen: int) -> list[_Tried]:
    """Return the versions that are nearer to right than the start, the best first."""
    expected = _at(problem.expected, screen)

    def progress(version: _Tried) -> tuple[int, int, int]:
        return _progress(expected, version.observation)

    base = progress(start)
    nearer = [version for version in tried if progress(version) > base]
    nearer.sort(key=progress, reverse=True)
    cases = [problem.cases[screen]]

    def causes(version: _Tried) -> tuple[bool, bool, int]:
        own = version.observation
        raised = isinstance(own.outcomes[0], Raised)
        wrong = () if raised else wrong_quantities(problem.function, cases, expected, own)
        return raised, is_unreadable(problem.function, own.outcomes[0]), len(wrong)

    return sorted(nearer[:_MOST_COMPARED], key=causes)


def _digest(observation: Observation) -> str:
    """Return a text that is equal for equal outcomes."""
    (outcome,) = observation.outcomes
    if isinstance(outcome, Raised):
        return f"{outcome.line} {outcome.kind} {outcome.message}"
    return repr(outcome.value)


def _progress(expected: Observation, actual: Observation) -> tuple[int, int, int]:
    """Return how far a call came: it raised at a line, or returned so many values of the right form.

    Last is the number of right values.
    """
    (want,), (got,) = expected.outcomes, actual.outcomes
    if isinstance(got, Raised):
        return 0, got.line or 0, 0
    assert isinstance(want, Returned)
    own = dict(_parts(got.value))
    formed = sum(_form(value) == _form(own.get(place)) for place, value in _parts(want.value))
    return 1, formed, len(_right_parts(expected, actual))


def _form(value: object) -> tuple[int, ...] | None:
    """Return the shape of an array or number, None for anything else."""
    array = numbers(value)
    return None if array is None else array.shape


def _right_parts(expected: Observation, actual: Observation) -> set[object]:
    """Return the places of the right arrays and numbers in a returned value."""
    (want,), (got,) = expected.outcomes, actual.outcomes
    assert isinstance(want, Returned) and isinstance(got, Returned)
    own = dict(_parts(got.value))
    wanted = _parts(want.value)
    return {place for place, value in wanted if _is_close(value, own.get(place))}


def _parts(value: object, place: tuple[object, ...] = ()) -> Iterator[tuple[object, object]]:
    """Yield the arrays and numbers in a value, each with its keys and positions."""
    if isinstance(value, dict | list | tuple):
        items = value.items() if isinstance(value, dict) else enumerate(value)
        for key, item in items:
            yield from _parts(item, (*place, key))
    else:
        yield place, value


def _is_close(want: object, got: object) -> bool:
    a, b = numbers(want), numbers(got)
    if a is None or b is None or a.shape != b.shape:
        return False
    with np.errstate(all="ignore"):
        return bool(np.allclose(a, b, rtol=1e-6, atol=1e-9))
