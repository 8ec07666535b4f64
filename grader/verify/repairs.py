"""Compare the repair of a function with the known mistake that is in it.

A mutant of the reference that returns the values of a known mistake is a function with this mistake in
one known line. The hint of the mistake and the repair must both point to this line, or to one that
shares a variable with it. Else students with the same mistake are sent to two places.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from grader.assignments import notebooks, oracle, place
from grader.diagnosis import FunctionRun
from grader.diagnosis.repair import Deadline
from grader.diagnosis.repair.boxed import Execute, problem_of
from grader.diagnosis.repair.code import Code
from grader.diagnosis.repair.search import find, with_both
from grader.judging import same_values
from grader.model import Assignment, Cell, Notebook, Observation, Tier
from grader.model.diagnoses import id_of, row_of
from grader.verify.mistakes import ExaminedFunction, examined_functions
from grader.verify.mutants import MutantValues
from grader.verify.mutation import Mutant

_SECONDS = {1: 0.2, 2: 0.1}
"""Processor time for the search, by the number of mistakes. If it is too short, nothing is compared."""


class RepairReport(NamedTuple):
    """The number of versions with one known mistake and with two, of their repairs, and the failures.

    `unversioned` is the number of known mistakes that no single mutant makes.
    """

    mistakes: int
    pairs: int
    repaired: int
    unversioned: int
    failures: tuple[str, ...]


class _Version(NamedTuple):
    """A version of a graded function with one known mistake or two; `line` of the reference has the first."""

    names: tuple[str, ...]
    line: int
    source: str
    actual: Observation


class _Comparison(NamedTuple):
    """What came of a version: whether it was repaired, and the hints at lines that were not changed."""

    names: tuple[str, ...]
    is_repaired: bool
    failures: tuple[str, ...]


def examine(assignment: Assignment, values: Sequence[MutantValues], tier: Tier) -> RepairReport:
    """Repair one mutant for each known mistake that mutants make, and each two in different lines.

    Raises AssignmentError or BoxError.
    """
    functions = zip(examined_functions(assignment, tier), values, strict=True)
    versions = [_Versions(*function) for function in functions]
    compared = [comparison for own in versions for comparison in own.compare_all()]
    pairs = sum(len(comparison.names) > 1 for comparison in compared)
    return RepairReport(
        mistakes=len(compared) - pairs,
        pairs=pairs,
        repaired=sum(comparison.is_repaired for comparison in compared),
        unversioned=sum(own.unversioned for own in versions),
        failures=tuple(failure for comparison in compared for failure in comparison.failures),
    )


@dataclass(frozen=True)
class _Versions:
    """The unchanged version of a graded function, and those with known mistakes."""

    graded: ExaminedFunction
    values: MutantValues

    def compare_all(self) -> Iterator[_Comparison]:
        """Compare a version for each known mistake, then those with two mistakes in different lines."""
        graded = self.graded
        slice_, limits = self._run(self._original, Observation(())).slice_, graded.assignment.limits
        with oracle.open_box(graded.assignment, slice_, limits, tier=graded.tier) as run:
            for version in self._with_mistakes(lambda programs: run(programs, limits)):
                yield self._compare(version, lambda programs: run(programs, limits))

    def _with_mistakes(self, execute: Execute) -> Iterator[_Version]:
        singles = self._singles
        yield from singles
        for first, second in itertools.combinations(singles, 2):
            source = with_both(self._original, first.source, second.source)
            if source is not None:
                run = self._run(source, Observation(()))
                actual = problem_of(run, execute, Deadline()).runner.run(source)
                if not any(self._are_equal(actual, single.actual) for single in singles):
                    names = (*first.names, *second.names)
                    yield _Version(names, first.line, source, actual)

    @functools.cached_property
    def _singles(self) -> list[_Version]:
        """One version for each id of a known mistake: in another layer the search is the same."""
        versions: dict[str, _Version] = {}
        for name, mutant, actual in self._made:
            version = _Version((name,), mutant.line, mutant.source, actual)
            versions.setdefault(id_of(name), version)
        return list(versions.values())

    @property
    def unversioned(self) -> int:
        """The number of known mistakes whose values no mutant returns."""
        return len(self.graded.mistake_observations().keys() - {name for name, *_ in self._made})

    @functools.cached_property
    def _made(self) -> list[tuple[str, Mutant, Observation]]:
        """The known mistakes, each with a mutant that makes it and its values."""
        mistakes = self.graded.mistake_observations().items()
        own = [item for item in self.values.items() if item[0].function == self._name]
        return [
            (name, mutant, actual)
            for mutant, actual in own
            for name, values in mistakes
            if self._are_equal(actual, values)
        ]

    def _compare(self, version: _Version, execute: Execute) -> _Comparison:
        """Diagnose and repair a version; compare the lines of both with those that were changed."""
        run = self._run(version.source, version.actual)
        named = [d.line for d in self.graded.diagnose(run) if row_of(d.id).names_mistake]
        problem = problem_of(run, execute, Deadline(cpu_seconds=_SECONDS[len(version.names)]))
        proof = find(problem)
        code = problem.code(version.source)
        changed = _changed_lines(self._original, version.source)
        where = f"{place(self.graded.assignment.files.reference)}, line {version.line}"
        lines = [("named", line) for line in named if line]
        lines += [("repaired", edit.line) for edit in (proof.edits if proof else ())]
        return _Comparison(
            version.names,
            proof is not None,
            tuple(
                f"{where}: {' + '.join(version.names)} is {how} in `{code.lines[line - 1].strip()}`"
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

    def _run(self, source: str, actual: Observation) -> FunctionRun:
        """Return the run of a version below the rest of the reference, as in a notebook."""
        assignment = self.graded.assignment
        rest = assignment.files.reference.read_text(encoding="utf-8")
        slices = notebooks.slices_of(assignment, Notebook((Cell(1, rest), Cell(2, source))))
        (slice_,) = (slice_ for slice_ in slices if slice_.function == self._name)
        return self.graded.run(slice_, actual)


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
