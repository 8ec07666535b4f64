"""Compare the repair of a function with the known mistake that is in it.

A mutant of the reference that returns the values of a known mistake is a function with this mistake in
one known line. The hint of the mistake and the repair must both point to this line, or to one that
shares a variable with it. Else students with the same mistake are sent to two places.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from grader.assignments import notebooks, oracle
from grader.diagnosis import FunctionRun
from grader.diagnosis.repair import Deadline
from grader.diagnosis.repair.boxed import problem_of
from grader.diagnosis.repair.code import Code
from grader.diagnosis.repair.search import find, with_both
from grader.judging import same_values
from grader.model import Assignment, Cell, Notebook, Observation, Tier
from grader.model.diagnoses import id_of, row_of
from grader.model.submission import Program
from grader.verify.mistakes import ExaminedFunction, examined_functions
from grader.verify.mutants import MutantValues

_SECONDS = 0.2
"""Processor time for the search of one repair. If it is too short, there is no repair to compare."""


class RepairReport(NamedTuple):
    """The number of versions with one known mistake and with two, of their repairs, and the failures."""

    mistakes: int
    pairs: int
    repaired: int
    failures: tuple[str, ...]


class _Version(NamedTuple):
    """A version of a graded function with one known mistake or two."""

    names: tuple[str, ...]
    source: str
    actual: Observation


class _Comparison(NamedTuple):
    """What came of a version: whether it was repaired, and the hints at lines that were not changed."""

    names: tuple[str, ...]
    is_repaired: bool
    failures: tuple[str, ...]


def examine(assignment: Assignment, values: Sequence[MutantValues], tier: Tier) -> RepairReport:
    """Repair one mutant for each known mistake that mutants make, and each two neighbours together.

    Raises AssignmentError or BoxError.
    """
    functions = zip(examined_functions(assignment, tier), values, strict=True)
    versions = [_Versions(*function) for function in functions]
    compared = [own.compare(version) for own in versions for version in own.with_mistakes()]
    pairs = sum(len(comparison.names) > 1 for comparison in compared)
    return RepairReport(
        mistakes=len(compared) - pairs,
        pairs=pairs,
        repaired=sum(comparison.is_repaired for comparison in compared),
        failures=tuple(failure for comparison in compared for failure in comparison.failures),
    )


@dataclass(frozen=True)
class _Versions:
    """The unchanged version of a graded function, and those with known mistakes."""

    graded: ExaminedFunction
    values: MutantValues

    def with_mistakes(self) -> Iterator[_Version]:
        """Yield a version for each known mistake, then those with two mistakes in different lines."""
        singles = list(self._singles())
        yield from singles
        for first, second in itertools.pairwise(singles):
            source = with_both(self._original, first.source, second.source)
            if source is not None:
                actual = self._observe(source)
                if not any(self._are_equal(actual, single.actual) for single in singles):
                    yield _Version((*first.names, *second.names), source, actual)

    def _singles(self) -> Iterator[_Version]:
        """Yield one version for each id of a known mistake: in another layer the search is the same."""
        mistakes, ids = self.graded.mistake_observations().items(), set()
        for mutant, actual in self.values.items():
            same = (name for name, values in mistakes if self._are_equal(actual, values))
            name = next(same, None) if mutant.function == self._name else None
            if name and id_of(name) not in ids:
                ids.add(id_of(name))
                yield _Version((name,), mutant.source, actual)

    def compare(self, version: _Version) -> _Comparison:
        """Diagnose and repair a version; compare the lines of both with those that were changed."""
        run = self._run(version.source, version.actual)
        named = [d.line for d in self.graded.diagnose(run) if row_of(d.id).names_mistake]
        problem = problem_of(run, self._execute, Deadline(cpu_seconds=_SECONDS))
        proof = find(problem)
        code = problem.code(version.source)
        changed = _changed_lines(self._original, version.source)
        lines = [("named", line) for line in named if line]
        lines += [("repaired", edit.line) for edit in (proof.edits if proof else ())]
        return _Comparison(
            version.names,
            proof is not None,
            tuple(
                f"{self._name}: {' + '.join(version.names)} is {how} in "
                f"`{code.lines[line - 1].strip()}`"
                for how, line in dict.fromkeys(lines)
                if not any(_are_joined(code, line, change) for change in changed)
            ),
        )

    @property
    def _original(self) -> str:
        return next(iter(self.values)).source

    @property
    def _name(self) -> str:
        return self.graded.function.name

    def _are_equal(self, first: Observation, second: Observation) -> bool:
        return same_values(self.graded.function, first, second)

    def _observe(self, source: str) -> Observation:
        run = self._run(source, Observation(()))
        return problem_of(run, self._execute, Deadline()).runner.run(source)

    def _run(self, source: str, actual: Observation) -> FunctionRun:
        """Return the run of a version below the rest of the reference, as in a notebook."""
        assignment = self.graded.assignment
        rest = assignment.files.reference.read_text(encoding="utf-8")
        slices = notebooks.slices_of(assignment, Notebook((Cell(1, rest), Cell(2, source))))
        (slice_,) = (slice_ for slice_ in slices if slice_.function == self._name)
        return self.graded.run(slice_, actual)

    def _execute(self, programs: Sequence[Program]) -> tuple[Observation, ...]:
        assignment = self.graded.assignment
        return oracle.execute(assignment, programs, assignment.limits, tier=self.graded.tier)


def _changed_lines(original: str, changed: str) -> list[int]:
    pairs = zip(original.split("\n"), changed.split("\n"), strict=False)
    return [number for number, (old, new) in enumerate(pairs, 1) if old != new]


def _are_joined(code: Code, first: int, second: int) -> bool:
    """Return True if two lines are one, or if one assigns a variable that the other reads."""
    a, b = ([s for s in code.statements if s.lineno == line] for line in (first, second))
    handed_on = any(
        code.stores[writer] & code.loads[reader] or code.stores[reader] & code.loads[writer]
        for writer in a
        for reader in b
    )
    return first == second or handed_on
