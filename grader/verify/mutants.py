"""Run the mutants of a reference on its test cases, and examine those that no test case catches.

Most mutants are caught by the first case that they run on, and do not run on the others. A mutant that
survives must be listed in the assignment's file of equivalent mutants, with a reason. The claim of
equivalence is then checked on the cases of further seeds, with a tolerance near rounding.
"""

from __future__ import annotations

import dataclasses
import difflib
import json
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grader import assignments, judging, sandbox
from grader.assignments import known_mistakes, oracle
from grader.errors import AssignmentError
from grader.model import Assignment, Function, Observation, TestCase, Tier
from grader.model.findings import CheckStatus
from grader.model.submission import Program
from grader.verify import mutation
from grader.verify.mutation import Mutant, SizeOf

FURTHER_SEEDS = 2
"""The number of further seeds on whose cases an equivalent mutant must give the same values."""

_ROUNDING = 1e-12
_SECONDS_OF_A_CALL, _SECONDS_ALONE = 2.0, 2.0
"""Processor time for a call of a mutant, and wall-clock time for a program with one mutant."""
_TIMES, _PARTS = 6, 10
"""How much longer a program with many mutants may take than a function; its parts if it takes longer."""


@dataclass(frozen=True, slots=True)
class MutantReport:
    """The number of mutants, of those that survive, and the failures among the survivors.

    `same_size` is the number of survivors that only read an equal size from another parameter.
    """

    mutants: int
    surviving: int
    same_size: int
    failures: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Survivors:
    """The mutants of one graded function, and those of them that no test case catches.

    `distinguishable` are the survivors that give other values on the cases of further seeds, `same_size`
    those that only read an equal size from another parameter.
    """

    function: str
    every: tuple[Mutant, ...]
    survivors: tuple[Mutant, ...]
    distinguishable: tuple[Mutant, ...]
    same_size: tuple[Mutant, ...]


MutantValues = Mapping[Mutant, Observation]
"""The unchanged function and its mutants, and what each returns on the cases of one seed."""


def observe(assignment: Assignment, function: Function, *, tier: Tier) -> MutantValues:
    """Run the unchanged function and its mutants on the cases of the assignment's seed.

    Functions that the graded function calls are mutated, too. A mutant that one case catches, and that
    has the value of no known mistake there, has the values of the reference in the other cases. Raises
    AssignmentError or BoxError.
    """
    source, seed = assignment.files.reference.read_text(encoding="utf-8"), assignment.seed
    control = mutation.unchanged(source, function.name)
    mutants = (control, *mutation.mutants(source, function.name))
    screened = _on_one_case(assignment, function, mutants, tier)
    uncaught = {*_uncaught(assignment, function, screened, seed, tier), control}
    mistakes = oracle.mistake_observations(assignment, seed, function.name, tier=tier).values()
    position = _screening(oracle.consult(assignment, seed, tier=tier).cases[function.name])
    unclear = [
        mutant
        for mutant, actual in screened.items()
        if mutant in uncaught or _is_like(function, actual, mistakes, position)
    ]
    return {**screened, **_observe(assignment, function, unclear, seed, tier)}


def _screening(cases: Sequence[TestCase]) -> int:
    """Return the position of a rather small case, on which all mutants run first."""
    return sorted(range(len(cases)), key=lambda i: cases[i].size)[len(cases) // 4]


def _on_one_case(
    assignment: Assignment, function: Function, mutants: Sequence[Mutant], tier: Tier
) -> MutantValues:
    """Return the outcome of each mutant on one case, among the values of the reference on the others."""
    expectations = oracle.consult(assignment, assignment.seed, tier=tier)
    cases = expectations.cases[function.name]
    position = _screening(cases)
    reference = expectations.reference[function.name]
    before, after = reference.outcomes[:position], reference.outcomes[position + 1 : len(cases)]
    runs = _MutantRuns(assignment, function.name, cases[position : position + 1], tier)
    return {
        mutant: dataclasses.replace(actual, outcomes=(*before, *actual.outcomes, *after))
        if actual.outcomes
        else actual
        for mutant, actual in zip(mutants, runs.observe(mutants), strict=True)
    }


def _is_like(
    function: Function, actual: Observation, mistakes: Iterable[Observation], position: int
) -> bool:
    """Return True if one outcome is that of a known mistake."""

    def at(observation: Observation) -> Observation:
        return Observation(observation.outcomes[position : position + 1])

    return any(judging.same_values(function, at(actual), at(mistake)) for mistake in mistakes)


def examine(assignment: Assignment, values: Sequence[MutantValues], tier: Tier) -> MutantReport:
    """Compare the survivors of every graded function with the list of equivalent mutants."""
    listed = equivalents(assignment)
    survivors = [
        find_survivors(assignment, function, own, tier=tier)
        for function, own in zip(assignment.functions, values, strict=True)
    ]
    graded = {function.name for function in assignment.functions}
    ungraded = [Survivors(name, (), (), (), ()) for name in listed if name not in graded]
    return MutantReport(
        mutants=sum(len(function.every) for function in survivors),
        surviving=sum(len(function.survivors) for function in survivors),
        same_size=sum(len(function.same_size) for function in survivors),
        failures=tuple(
            failure
            for function in (*survivors, *ungraded)
            for failure in _failures(assignment, function, listed.get(function.function, {}))
        ),
    )


def equivalents(assignment: Assignment) -> Mapping[str, Mapping[str, str]]:
    """Return the listed equivalent mutants: by graded function, the name and the reason of each.

    Raises AuthorError for a file in another form.
    """
    path = assignment.files.mutants
    if path is None:
        return {}
    with assignments.explained(path):
        return {
            function: {name: reason for reason, names in reasons.items() for name in names}
            for function, reasons in json.loads(path.read_text(encoding="utf-8")).items()
        }


def _failures(
    assignment: Assignment, survivors: Survivors, listed: Mapping[str, str]
) -> Iterator[str]:
    """Yield a sentence for each survivor that is not equivalent, and each entry that is out of date.

    A mutant is written as a JSON string, so that an author can copy it into the list.
    """
    graded, files = survivors.function, assignment.files
    path = files.mutants or files.reference
    entries = {_plain(name): name for name in listed if listed[name].strip()}
    for mutant in survivors.survivors:
        entry = entries.get(_plain(str(mutant)))
        if entry is None and mutant not in survivors.same_size:
            where = f"{assignments.place(files.reference)}, line {mutant.line}"
            yield f"{where}: no case of {graded} catches {_json(str(mutant))}"
        elif entry and mutant in survivors.distinguishable:
            where = assignments.place(path, _json(entry)[1:-1])
            yield f"{where}: listed as equivalent in {graded}, but gives other values: {_json(entry)}"
    yield from _outdated(survivors, entries, path)


def _outdated(survivors: Survivors, entries: Mapping[str, str], path: Path) -> Iterator[str]:
    """Yield a sentence for each entry whose mutant is caught, or that is the name of no mutant."""
    graded = survivors.function
    names = {_plain(str(mutant)): str(mutant) for mutant in survivors.every}
    surviving = {_plain(str(mutant)) for mutant in survivors.survivors}
    for plain, entry in entries.items():
        where = (
            f"{assignments.place(path, _json(entry)[1:-1])}: listed as equivalent in {graded}, but "
        )
        if plain in names and plain not in surviving:
            yield f"{where}a case catches it: {_json(entry)}"
        elif plain not in names:
            close = difflib.get_close_matches(plain, names, n=1)
            hint = f". Did you mean {_json(names[close[0]])}?" if close else ""
            yield f"{where}no mutant has this name: {_json(entry)}{hint}"


def _plain(name: str) -> str:
    """Return the name of a mutant without backticks, and with single spaces."""
    return " ".join(name.replace("`", "").split())


def _json(name: str) -> str:
    return json.dumps(name, ensure_ascii=False)


def find_survivors(
    assignment: Assignment, function: Function, values: MutantValues, *, tier: Tier
) -> Survivors:
    """Return the mutants of a graded function, and of the functions it calls, that no case catches.

    Those that are listed as equivalent, or only read another size, run on the cases of further seeds,
    too. The unchanged function runs among the mutants as a control. Raises AssignmentError if it is caught.
    """
    control, *mutants = values
    survivors = _uncaught(assignment, function, values, assignment.seed, tier)
    strict = dataclasses.replace(function, rtol=_ROUNDING, atol=_ROUNDING)
    listed = {_plain(name) for name in equivalents(assignment).get(function.name, {})}
    claimed = [m for m in survivors[1:] if m.same_size or _plain(str(m)) in listed]
    equal, seeds = survivors[:1] + claimed, FURTHER_SEEDS if claimed else 0
    for seed in range(assignment.seed + 1, assignment.seed + 1 + seeds):
        further = _observe(assignment, function, equal, seed, tier)
        equal = _uncaught(assignment, strict, further, seed, tier)
    if control not in equal:
        raise AssignmentError(
            f"The unchanged reference of {function.name} gives "
            "other values when it runs among its mutants."
        )
    cases = oracle.consult(assignment, assignment.seed, tier=tier).cases[function.name]
    return Survivors(
        function.name,
        tuple(mutants),
        tuple(survivors[1:]),
        distinguishable=tuple(mutant for mutant in claimed if mutant not in equal),
        same_size=tuple(
            m for m in equal if m.same_size and _is_equal(m.same_size, function, cases)
        ),
    )


def _is_equal(size: SizeOf, function: Function, cases: Sequence[TestCase]) -> bool:
    """Return True if both variables are parameters whose sizes are equal in every case, but not fixed."""
    try:
        first, second = map(function.parameters.index, size.variables)
        sizes = [tuple(_size(case.args[at], size.axis) for at in (first, second)) for case in cases]
    except (ValueError, LookupError, AttributeError):
        return False
    return all(a == b for a, b in sizes) and len({*sizes}) > 1


def _size(array: Any, axis: int | None) -> tuple[int, ...]:
    shape: tuple[int, ...] = array.shape
    return shape if axis is None else (shape[axis],)


def _uncaught(
    assignment: Assignment, function: Function, values: MutantValues, seed: int, tier: Tier
) -> list[Mutant]:
    """Return the mutants that pass every check that the reference passes, on the cases of a seed."""
    expectations = oracle.consult(assignment, seed, tier=tier)
    cases = expectations.cases[function.name]
    reference = expectations.reference[function.name]

    judged, _ = judging.judge(function, cases, reference, reference)
    passed = {check.name for check in judged if check.status is CheckStatus.PASSED}
    checks = tuple(check for check in function.checks if check.name in passed)
    function = dataclasses.replace(function, checks=checks)
    return [
        mutant
        for mutant, actual in values.items()
        if judging.is_right(function, cases, reference, actual)
    ]


# ------------------------------------------------------------------ running mutants


def _observe(
    assignment: Assignment, function: Function, mutants: Sequence[Mutant], seed: int, tier: Tier
) -> MutantValues:
    cases = oracle.consult(assignment, seed, tier=tier).cases[function.name]
    observations = _MutantRuns(assignment, function.name, cases, tier).observe(mutants)
    return dict(zip(mutants, observations, strict=True))


@dataclass(frozen=True, slots=True)
class _MutantRuns:
    """The runs of one graded function in its mutants, on the cases of one seed."""

    assignment: Assignment
    function: str
    cases: Sequence[TestCase]
    tier: Tier

    def observe(self, mutants: Sequence[Mutant]) -> list[Observation]:
        """Run many mutants in each program; if one of them ends the program, run fewer, then each alone."""
        seconds = self.assignment.limits.function_seconds * _TIMES
        return self._observe(known_mistakes.batches(mutants), seconds)

    def _observe(self, batches: Sequence[Sequence[Mutant]], seconds: float) -> list[Observation]:
        observations: list[Observation] = []
        for batch, run in zip(batches, self._run(batches, seconds), strict=True):
            if own := self._split(batch, run):
                observations += own
            elif len(batch) == 1:
                observations.append(Observation((), run.ending, run.detail))
            else:
                size = math.ceil(len(batch) / _PARTS)
                fewer = [batch[at : at + size] for at in range(0, len(batch), size)]
                observations += self._observe(fewer, seconds if size > 1 else _SECONDS_ALONE)
        return observations

    def _split(self, batch: Sequence[Mutant], run: Observation) -> list[Observation] | None:
        """Return one observation for each mutant, or None if the program ended early."""
        if len(run.outcomes) < len(self.cases):
            return None
        try:
            return known_mistakes.split_by_answer(run, len(batch))
        except TypeError:
            return None

    def _run(self, batches: Sequence[Sequence[Mutant]], seconds: float) -> tuple[Observation, ...]:
        reference = self.assignment.files.reference
        programs = [
            mutant_program(reference, self.function, batch, self.cases) for batch in batches
        ]
        limits = dataclasses.replace(
            self.assignment.limits,
            function_seconds=seconds,
            submission_seconds=seconds * len(batches),
        )
        return sandbox.run(programs, oracle.contents(self.assignment), limits, tier=self.tier)


_MUTANT_FACTORY = """
_reference = compile({source!r}, "<reference>", "exec")

def _mutant(source):
    import signal

    names = {{}}

    def stop(*_):
        raise TimeoutError("it takes too long")

    def call(*arguments):
        if not names:
            names["__name__"] = __name__
            exec(_reference, names)
            exec(source, names)
        signal.signal(signal.SIGPROF, stop)
        signal.setitimer(signal.ITIMER_PROF, {seconds})
        try:
            return names[{graded!r}](*arguments)
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)

    return call
"""
"""Code for the box: a callable that runs the graded function with one function replaced.

Each mutant has the whole reference for itself, so that it does not read what another one has stored.
"""


def mutant_program(
    reference: Path, graded: str, mutants: Iterable[Mutant], cases: Sequence[TestCase]
) -> Program:
    """Return the program that runs a graded function in each of several mutants, on every case."""
    answers = ", ".join(f"_mutant({mutant.source!r})" for mutant in mutants)
    source = reference.read_text(encoding="utf-8")
    setup = _MUTANT_FACTORY.format(source=source, graded=graded, seconds=_SECONDS_OF_A_CALL)
    return known_mistakes.batch_program(reference, f"[{answers}]", cases, setup=setup)
