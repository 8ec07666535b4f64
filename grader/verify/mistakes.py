"""Whether known mistakes are caught and named, alone and in pairs, and right answers pass in any hand."""

from __future__ import annotations

import functools
import itertools
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from grader import diagnosis, judging
from grader.assignments import misconceptions, oracle
from grader.diagnosis import FunctionRun, exceptions
from grader.judging.compare import UnexpectedStructure, numbers
from grader.model import Assignment, Function, Observation, Returned, TestCase, Tier, Value
from grader.model.diagnoses import id_of, row_of
from grader.model.proofs import (
    FAULTS,
    WRONGLY,
    Column,
    Kill,
    KillMatrix,
    Mistaken,
    Naming,
    Pair,
    PairMatrix,
    Proof,
    counted,
)
from grader.model.result import CheckStatus

MARGIN = 1_000
"""How many times the tolerance a known mistake must be off by in at least one random case."""

FULLY = 0.9
"""The share of pairs of mistakes of which both must be named."""

_FINE = (CheckStatus.PASSED, CheckStatus.SKIPPED)

_Two = tuple[str, str]
_Files = tuple[tuple[str, Path], ...]
"""The known mistakes, which are no part of what makes two assignments equal."""


@dataclass(frozen=True, slots=True)
class _Bench:
    """A function, its cases, and what the reference did on them."""

    assignment: Assignment
    function: Function
    cases: Sequence[TestCase]
    right: Observation
    tier: Tier

    def known(self) -> Mapping[str, Observation]:
        """Return what each known mistake does, by its name."""
        seed = self.assignment.seed
        return oracle.mistaken(self.assignment, seed, self.function.name, tier=self.tier)

    def ids(self, seen: Observation) -> list[str]:
        """Return the mistakes that errors, structure and numbers name, without looking for the like."""
        name = self.function.name
        piece = misconceptions.as_slice(self.assignment, name)
        asked = FunctionRun(self.function, piece, self.cases, self.right, seen)
        _, told = judging.judge(self.function, self.cases, self.right, seen)
        told = (*exceptions.from_errors(piece, self.function, seen), *told)
        hints = misconceptions.hints(self.assignment, name)
        return [one.id for one in diagnosis.diagnose(asked, told, hints, dict)]

    def same(self, one: Observation, other: Observation) -> bool:
        """Say whether two answers cannot be told apart."""
        return judging.same_values(self.function, one, other)


def _benches(assignment: Assignment, tier: Tier) -> Iterator[_Bench]:
    expectations = oracle.consult(assignment, assignment.seed, tier=tier)
    for function in assignment.functions:
        cases, seen = expectations.cases[function.name], expectations.reference[function.name]
        right = Observation(seen.outcomes[: len(cases)], seen.ending)
        yield _Bench(assignment, function, cases, right, tier)


# ------------------------------------------------------------------ right answers


def right_answers_pass(assignment: Assignment, tier: Tier) -> Proof:
    """Right solutions pass without a hint, however they are written."""
    passed, not_passed = 0, []
    for bench in _benches(assignment, tier):
        name = bench.function.name
        written = oracle.observe_right_answers(assignment, name, bench.cases, tier=tier)
        for number, seen in enumerate(written):
            checks, told = judging.judge(bench.function, bench.cases, bench.right, seen)
            right = not told and all(check.status is CheckStatus.PASSED for check in checks)
            passed += right
            not_passed += [] if right else [f"{name} {number}"]
    detail = f"{passed} right solutions" if not not_passed else "failed: " + ", ".join(not_passed)
    return Proof("right solutions pass, however they are written", not not_passed, detail)


# ------------------------------------------------------------------ single mistakes


def mistakes_are_caught(assignment: Assignment, tier: Tier) -> Proof:
    """Every known mistake has a large error in at least one random case."""
    margins = {
        f"{matrix.function} {mistake.name}": mistake.margin
        for matrix in kills(assignment, tier)
        for mistake in matrix.mistakes
    }
    near = [name for name, margin in margins.items() if margin < MARGIN]
    least = min(margins.values(), default=np.inf)
    detail = f"{len(margins)} mistakes, each with an error of at least {least:.0f} tolerances"
    detail = detail if not near else "failed: " + ", ".join(near)
    return Proof("every known mistake is caught with a clear margin", not near, detail)


def mistakes_are_named(assignment: Assignment, tier: Tier) -> Proof:
    """Every known mistake is recognised by its values."""
    named, not_named = 0, []
    for matrix in kills(assignment, tier):
        for mistake in matrix.mistakes:
            ids = ", ".join(mistake.named)
            named += mistake.right
            not_named += [] if mistake.right else [f"{matrix.function} {mistake.name} ({ids})"]
    detail = f"{named} mistakes" if not not_named else "failed: " + ", ".join(not_named)
    return Proof("every known mistake is recognised", not not_named, detail)


def kills(assignment: Assignment, tier: Tier) -> tuple[KillMatrix, ...]:
    """Return where the known mistakes of each function that has any are caught; made once."""
    return _kills(assignment, _files(assignment), tier)


def _files(assignment: Assignment) -> _Files:
    return tuple(assignment.files.misconceptions.items()) if assignment.files else ()


@functools.lru_cache(maxsize=8)
def _kills(assignment: Assignment, _: _Files, tier: Tier) -> tuple[KillMatrix, ...]:
    made = (_kill_matrix(bench) for bench in _benches(assignment, tier))
    return tuple(matrix for matrix in made if matrix.mistakes)


def _kill_matrix(bench: _Bench) -> KillMatrix:
    columns = tuple(Column(case.name, case.about, case.public) for case in bench.cases)
    checks = tuple(check.name for check in bench.function.checks)
    mistakes = tuple(_mistaken(bench, name, seen) for name, seen in bench.known().items())
    return KillMatrix(bench.function.name, columns, checks, mistakes)


def _mistaken(bench: _Bench, name: str, seen: Observation) -> Mistaken:
    made = tuple(
        _kill(bench.function, case, right, got)
        for case, right, got in zip(bench.cases, bench.right.outcomes, seen.outcomes, strict=True)
    )
    hidden = (
        kill.tolerances for case, kill in zip(bench.cases, made, strict=True) if not case.public
    )
    return Mistaken(name, id_of(name), made, max(hidden, default=0.0), tuple(bench.ids(seen)))


def _kill(function: Function, case: TestCase, right: Value, got: Value) -> Kill:
    """Return what a mistake does on one case, judged as a submission is."""
    told, _ = judging.judge(function, [case], Observation((right,)), Observation((got,)))
    failing = tuple(at for at, check in enumerate(told) if check.status not in _FINE)
    return Kill(failing, *_tolerances(function, right, got))


def _tolerances(function: Function, right: Value, got: Value) -> tuple[float, str]:
    """Return by how many tolerances any quantity is off at most, and a word where that is no number."""
    if not isinstance(got, Returned):
        return np.inf, "error"
    try:
        answer = function.unpack(got.value)
    except UnexpectedStructure:
        return np.inf, "structure"
    wanted = function.unpack(right.value)
    return max(_off(function, value, answer.get(name)) for name, value in wanted.items())


def _off(function: Function, want: Value, got: Value) -> tuple[float, str]:
    """Return by how many tolerances a quantity is off, infinitely many where its structure is wrong."""
    right, own = numbers(want), numbers(got)
    if right is None or own is None or right.shape != own.shape:
        return np.inf, "structure"
    if not np.isfinite(own).all():
        return np.inf, "not finite"
    scale = float(np.max(np.abs(right), initial=0.0)) or 1.0
    bound = function.atol * scale + function.rtol * np.abs(right)
    return float(np.max(np.abs(own - right) / bound, initial=0.0)), ""


# ------------------------------------------------------------------ pairs


def pairs_are_named(assignment: Assignment, tier: Tier) -> Proof:
    """Two mistakes at once: both are named for most pairs, one for every pair, and none wrongly."""
    count: Counter[Naming] = Counter()
    wrongly = []
    for matrix in pairs(assignment, tier):
        count.update(counted(matrix.pairs))
        wrongly += [_told(matrix, pair) for pair in matrix.pairs if pair.naming in FAULTS]
    del count[Naming.ALONE]
    total = sum(count.values())
    detail = f"{total} pairs: " + ", ".join(f"{n} {how}" for how, n in count.most_common())
    detail += f"; wrong: {', '.join(wrongly)}" if wrongly else ""
    right = count[Naming.BOTH] + count[Naming.LIKE]
    holds = not total or (not wrongly and right >= FULLY * total)
    return Proof("two mistakes at once are both recognised", holds, detail)


def _told(matrix: PairMatrix, pair: Pair) -> str:
    return f"{matrix.function} {' + '.join(pair.names)} ({', '.join(sorted(pair.named))})"


def pairs(assignment: Assignment, tier: Tier) -> tuple[PairMatrix, ...]:
    """Return how two mistakes at once are named, for each function that knows two; made once."""
    return _pairs(assignment, _files(assignment), tier)


@functools.lru_cache(maxsize=8)
def _pairs(assignment: Assignment, _: _Files, tier: Tier) -> tuple[PairMatrix, ...]:
    made = (_pair_matrix(bench) for bench in _benches(assignment, tier))
    return tuple(matrix for matrix in made if matrix.pairs)


def _pair_matrix(bench: _Bench) -> PairMatrix:
    name, tier = bench.function.name, bench.tier
    plain = [mistake for mistake in bench.known() if "__" not in mistake]
    both = list(itertools.combinations(plain, 2))
    seen = oracle.observe_mistakes(bench.assignment, name, both, bench.cases, tier=tier)
    found = dict(zip(both, seen, strict=True))
    return PairMatrix(name, tuple(plain), tuple(_pair(bench, names, found) for names in both))


def _pair(bench: _Bench, names: _Two, found: Mapping[_Two, Observation]) -> Pair:
    """Return how two mistakes are named.

    Where two pairs give the very same values, nobody can tell them apart by these: then the names of
    either are right.
    """
    alone, seen = bench.known(), found[names]
    if any(bench.same(seen, other) for other in (bench.right, *(alone[name] for name in names))):
        return Pair(names, Naming.ALONE)
    named = bench.ids(seen)
    how = _how_named({*map(id_of, names)}, set(named))
    if how in WRONGLY:
        alike = (like for like, other in found.items() if bench.same(seen, other))
        how = Naming.LIKE if any({*map(id_of, like)} == set(named) for like in alike) else how
    return Pair(names, how, tuple(named))


def _how_named(made: set[str], named: set[str]) -> Naming:
    named = {id for id in named if row_of(id).names_mistake}
    if named == made:
        return Naming.BOTH
    if named & made:
        return Naming.ONE if named < made else Naming.BESIDE
    return Naming.OTHERWISE if named else Naming.UNEXPLAINED
