"""Whether known mistakes are caught and named, alone and in pairs, and right answers pass in any hand."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from grader import diagnosis, judge, misconceptions, oracle
from grader.compare import Misshapen, numbers
from grader.diagnosis import Asked
from grader.extract import Slice
from grader.misconceptions import id_of
from grader.model import Assignment, Function, Observation, Returned, TestCase, Value
from grader.result import CheckStatus, Proof

MARGIN = 1_000
"""How many times the tolerance a known mistake must be off by in at least one random case."""

FULLY = 0.9
"""The share of pairs of mistakes of which both must be named."""

BOTH, LIKE = "both named", "named as two others that give the same values"
BESIDE, OTHERWISE = "one named beside another", "named otherwise"
WRONGLY = (BESIDE, OTHERWISE)
"""What may not happen: a wrong name sends a student to a line that is right."""


@dataclass(frozen=True, slots=True)
class _Bench:
    """A function, its cases, and what the reference did on them."""

    assignment: Assignment
    function: Function
    cases: Sequence[TestCase]
    right: Observation
    wall: str

    def known(self) -> Mapping[str, Observation]:
        """Return what each known mistake does, by its name."""
        seed = self.assignment.seed
        return oracle.mistaken(self.assignment, seed, self.function.name, wall=self.wall)

    def ids(self, seen: Observation) -> list[str]:
        """Return the mistakes that structure and numbers name, without looking for the like."""
        asked = Asked(self.function, Slice(self.function.name), self.cases, self.right, seen)
        _, told = judge.judge(self.function, self.cases, self.right, seen)
        hints = misconceptions.hints(self.assignment, self.function.name)
        return [found.id for found in diagnosis.diagnose(asked, told, hints, dict)]

    def same(self, one: Observation, other: Observation) -> bool:
        """Say whether two answers cannot be told apart."""
        return judge.same_values(self.function, one, other)


def _benches(assignment: Assignment, wall: str) -> Iterator[_Bench]:
    expectations = oracle.consult(assignment, assignment.seed, wall=wall)
    for function in assignment.functions:
        cases, seen = expectations.cases[function.name], expectations.reference[function.name]
        right = Observation(seen.outcomes[: len(cases)], seen.ending)
        yield _Bench(assignment, function, cases, right, wall)


# ------------------------------------------------------------------ right answers


def right_answers_pass(assignment: Assignment, wall: str) -> Proof:
    """Right answers that are written otherwise pass without a word."""
    passed, not_passed = 0, []
    for bench in _benches(assignment, wall):
        name = bench.function.name
        written = oracle.observe_right_answers(assignment, name, bench.cases, wall=wall)
        for number, seen in enumerate(written):
            checks, told = judge.judge(bench.function, bench.cases, bench.right, seen)
            right = not told and all(check.status is CheckStatus.PASSED for check in checks)
            passed += right
            not_passed += [] if right else [f"{name} {number}"]
    detail = f"{passed} right answers" if not not_passed else "not " + ", ".join(not_passed)
    return Proof("right answers pass, however they are written", not not_passed, detail)


# ------------------------------------------------------------------ single mistakes


def mistakes_are_caught(assignment: Assignment, wall: str) -> Proof:
    """Every known mistake is far off in at least one random case."""
    margins = {
        f"{bench.function.name} {name}": _margin(bench, seen)
        for bench in _benches(assignment, wall)
        for name, seen in bench.known().items()
    }
    near = [name for name, margin in margins.items() if margin < MARGIN]
    least = min(margins.values(), default=np.inf)
    detail = f"{len(margins)} mistakes, each off by {least:.0f} tolerances or more"
    detail = detail if not near else "not " + ", ".join(near)
    return Proof("every known mistake is caught by a wide margin", not near, detail)


def _margin(bench: _Bench, seen: Observation) -> float:
    """Return the largest number of tolerances by which any quantity is off in a random case."""
    found = zip(bench.cases, bench.right.outcomes, seen.outcomes, strict=True)
    return max(
        _tolerances(bench.function, right, got)
        for case, right, got in found
        if not case.public and isinstance(right, Returned)
    )


def _tolerances(function: Function, right: Returned, got: Value) -> float:
    if not isinstance(got, Returned):
        return np.inf
    try:
        answer = function.unpack(got.value)
    except Misshapen:
        return np.inf
    wanted = function.unpack(right.value)
    return max(_off(function, value, answer.get(name)) for name, value in wanted.items())


def _off(function: Function, want: Value, got: Value) -> float:
    """Return by how many tolerances a quantity is off, infinitely many where its structure is wrong."""
    right, own = numbers(want), numbers(got)
    if right is None or own is None or right.shape != own.shape or not np.isfinite(own).all():
        return np.inf
    scale = float(np.max(np.abs(right), initial=0.0)) or 1.0
    bound = function.atol * scale + function.rtol * np.abs(right)
    return float(np.max(np.abs(own - right) / bound, initial=0.0))


def mistakes_are_named(assignment: Assignment, wall: str) -> Proof:
    """Every known mistake is named by its numbers as what it is."""
    named, not_named = 0, []
    for bench in _benches(assignment, wall):
        for name, seen in bench.known().items():
            ids = bench.ids(seen)
            right = ids[:1] == [id_of(name)]
            named += right
            not_named += [] if right else [f"{bench.function.name} {name} ({', '.join(ids)})"]
    detail = f"{named} mistakes" if not not_named else "not " + ", ".join(not_named)
    return Proof("every known mistake is named as itself", not not_named, detail)


# ------------------------------------------------------------------ pairs


def pairs_are_named(assignment: Assignment, wall: str) -> Proof:
    """Two mistakes at once are both named, for most pairs, and no pair has a wrong name."""
    count: Counter[str] = Counter()
    wrongly = []
    for bench in _benches(assignment, wall):
        for how, told in _pairs(bench):
            count[how] += 1
            wrongly += [f"{bench.function.name} {told}"] if how in WRONGLY else []
    total = sum(count.values())
    detail = f"{total} pairs: " + ", ".join(f"{n} {how}" for how, n in count.most_common())
    detail += f"; not {', '.join(wrongly)}" if wrongly else ""
    holds = not total or (not wrongly and count[BOTH] + count[LIKE] >= FULLY * total)
    return Proof("two mistakes at once are both named", holds, detail)


def _pairs(bench: _Bench) -> Iterator[tuple[str, str]]:
    """Yield how each pair of mistakes that can be seen in the values was named, and as what.

    Where two pairs give the very same values, nobody can tell them apart by these: then the names of
    either are right.
    """
    alone = bench.known()
    plain = [name for name in alone if "__" not in name]
    pairs = list(itertools.combinations(plain, 2))
    name, wall = bench.function.name, bench.wall
    seen = oracle.observe_mistakes(bench.assignment, name, pairs, bench.cases, wall=wall)
    for pair, one in zip(pairs, seen, strict=True):
        others = (bench.right, *(alone[name] for name in pair))
        if not any(bench.same(one, other) for other in others):
            named = set(bench.ids(one))
            how = _how_named({id_of(name) for name in pair}, named)
            if how in WRONGLY:
                alike = (like for like, o in zip(pairs, seen, strict=True) if bench.same(one, o))
                how = LIKE if any({*map(id_of, like)} == named for like in alike) else how
            yield how, f"{' + '.join(pair)} ({', '.join(sorted(named))})"


def _how_named(made: set[str], named: set[str]) -> str:
    if named == made:
        return BOTH
    if named & made:
        return "one named" if named < made else BESIDE
    return "not explained" if named <= {"unexplained"} else OTHERWISE
