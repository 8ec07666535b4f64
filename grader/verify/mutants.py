"""Which mutants of a reference survive its test cases, and which of those are known to be equivalent."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from grader import judging, sandbox
from grader.assignments import misconceptions, oracle
from grader.errors import AssignmentError
from grader.model import Assignment, Function, Limits, Observation, Program, TestCase, Tier
from grader.model.proofs import Proof
from grader.model.result import CheckStatus
from grader.verify import mutation
from grader.verify.mutation import Mutant

OTHER_SEEDS = 2
"""On the cases of how many more seeds a mutant that is stated to be equivalent must be so."""

_ROUNDING = 1e-12
_SECONDS_ALONE = 2.0


@dataclass(frozen=True, slots=True)
class Survivors:
    """Of one graded function: how many mutants there are, and which no case catches.

    `apart` are those of them that are told from the reference by cases of other seeds.
    """

    function: str
    mutants: int
    names: tuple[str, ...]
    apart: tuple[str, ...]


def mutants_are_caught(assignment: Assignment, tier: Tier) -> Proof:
    """Mutants of the reference are caught, or are listed as equivalent and proved so."""
    stated = equivalents(assignment)
    found = {f.name: survivors(assignment, f, tier=tier) for f in assignment.functions}
    ungraded = {name: Survivors(name, 0, (), ()) for name in stated if name not in found}
    wrong = [
        complaint
        for name, one in (found | ungraded).items()
        for complaint in _complaints(one, stated.get(name, {}))
    ]
    mutants = sum(one.mutants for one in found.values())
    surviving = sum(len(one.names) for one in found.values())
    caught = f"{mutants} mutants, {mutants - surviving} caught, {surviving} equivalent"
    return Proof("mutants of the reference are caught", not wrong, "; ".join(wrong) or caught)


def equivalents(assignment: Assignment) -> Mapping[str, Mapping[str, str]]:
    """Return the reason why each mutant that is stated to be equivalent is so, by graded function."""
    path = assignment.files.mutants if assignment.files else None
    stated = json.loads(path.read_text(encoding="utf-8")) if path else {}
    return {
        function: {name: reason for reason, names in reasons.items() for name in names}
        for function, reasons in stated.items()
    }


def _complaints(found: Survivors, stated: Mapping[str, str]) -> Iterator[str]:
    """Yield what is wrong with the survivors of a function, and with what is stated of them."""
    for name in found.names:
        if not stated.get(name, "").strip():
            yield f"{found.function}: no case catches {name}"
        elif name in found.apart:
            yield (f"{found.function}: listed as equivalent, but gives other values: {name}")
    for name in stated:
        if name not in found.names:
            yield (
                f"{found.function}: listed as equivalent, but is caught or does not exist: {name}"
            )


def survivors(assignment: Assignment, function: Function, *, tier: Tier) -> Survivors:
    """Return which mutants of what a graded function consists of no case catches.

    What does not change runs among them. Raises AssignmentError where even that is caught.
    """
    assert assignment.files is not None
    source = assignment.files.reference.read_text(encoding="utf-8")
    mutants = mutation.mutants(source, function.name)
    right = mutation.unchanged(source, function.name)
    alive = _alive(assignment, function, (right, *mutants), assignment.seed, tier)
    strict = dataclasses.replace(function, rtol=_ROUNDING, atol=_ROUNDING)
    same = alive
    for seed in range(assignment.seed + 1, assignment.seed + 1 + OTHER_SEEDS):
        same = _alive(assignment, strict, same, seed, tier)
    if right not in same:
        raise AssignmentError(
            f"The unchanged reference of {function.name} gives "
            "other values when it runs among its mutants."
        )
    apart = [mutant for mutant in alive if mutant not in same]
    return Survivors(function.name, len(mutants), _names(alive[1:]), _names(apart))


def _names(mutants: Iterable[Mutant]) -> tuple[str, ...]:
    return tuple(map(str, mutants))


def _alive(
    assignment: Assignment, function: Function, mutants: Sequence[Mutant], seed: int, tier: Tier
) -> list[Mutant]:
    """Return the mutants with which a function is judged as the reference is, in the cases of a seed."""
    expected = oracle.consult(assignment, seed, tier=tier)
    cases, right = expected.cases[function.name], expected.reference[function.name]
    seen = _Runs(assignment, function.name, cases, tier).observe(mutants)

    def verdicts(one: Observation) -> list[CheckStatus]:
        return [check.status for check in judging.judge(function, cases, right, one)[0]]

    earned = verdicts(right)
    return [mutant for mutant, one in zip(mutants, seen, strict=True) if verdicts(one) == earned]


# ------------------------------------------------------------------ running them


@dataclass(frozen=True, slots=True)
class _Runs:
    """A graded function and the calls that are made of it in every mutant."""

    assignment: Assignment
    function: str
    cases: Sequence[TestCase]
    tier: Tier

    def observe(self, mutants: Sequence[Mutant]) -> list[Observation]:
        """Return what each mutant does, many in one program; those that do not come back are tried alone."""
        parts = misconceptions.in_parts(mutants)
        together = self._run(parts, self.assignment.limits)
        found: list[Observation] = []
        for part, seen in zip(parts, together, strict=True):
            found += self._apart(part, seen) or self._alone(part)
        return found

    def _alone(self, mutants: Sequence[Mutant]) -> list[Observation]:
        limits = dataclasses.replace(self.assignment.limits, function_seconds=_SECONDS_ALONE)
        parts = [[mutant] for mutant in mutants]
        together = self._run(parts, limits)
        return [
            (self._apart(part, seen) or [Observation((), seen.ending, seen.detail)])[0]
            for part, seen in zip(parts, together, strict=True)
        ]

    def _apart(self, part: Sequence[Mutant], seen: Observation) -> list[Observation] | None:
        """Return what each mutant of a program did, or None where one of them ended it."""
        if len(seen.outcomes) < len(self.cases):
            return None
        try:
            return misconceptions.taken_apart(seen, len(part))
        except TypeError:
            return None

    def _run(self, parts: Sequence[Sequence[Mutant]], limits: Limits) -> tuple[Observation, ...]:
        programs = [self._program(part) for part in parts]
        enough = limits.function_seconds * len(parts)
        longer = dataclasses.replace(limits, submission_seconds=enough)
        contents = oracle.contents(self.assignment)
        return sandbox.run(programs, contents, longer, tier=self.tier)

    def _program(self, part: Sequence[Mutant]) -> Program:
        assert self.assignment.files is not None
        reference = self.assignment.files.reference
        return mutated(reference, self.function, part, self.cases)


_CHANGED = """
def _mutant(name, source):
    own = {{}}

    def made(*arguments):
        own or exec(source, globals(), own)
        right = globals()[name]
        globals()[name] = own[name]
        try:
            return globals()[{graded!r}](*arguments)
        finally:
            globals()[name] = right

    return made
"""


def mutated(
    reference: Path, graded: str, changed: Iterable[Mutant], cases: Sequence[TestCase]
) -> Program:
    """Return the program of a graded function in each of several mutants, one call a case for all."""
    made = [f"_mutant({mutant.function!r}, {mutant.source!r})" for mutant in changed]
    return misconceptions.program_of(
        reference, f"[{', '.join(made)}]", cases, before=_CHANGED.format(graded=graded)
    )
