"""Run right solutions, known mistakes and pairs of mistakes; judge and diagnose them as in grading."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from grader import diagnosis, judging
from grader.assignments import known_mistakes, oracle, place
from grader.diagnosis import FunctionRun, exceptions
from grader.judging.compare import UnexpectedStructure, numbers
from grader.model import Assignment, Function, Observation, Returned, TestCase, Tier, Value
from grader.model.diagnoses import id_of, row_of
from grader.model.findings import CheckStatus, Diagnosis
from grader.model.proofs import (
    MISLEADING,
    Detection,
    KillMatrix,
    MatrixCase,
    MistakePair,
    MistakeRow,
    PairMatrix,
    Recognition,
)
from grader.notebook.slicing import Slice
from grader.verify.differences import solution_fault

_Names = tuple[str, str]


@dataclass(frozen=True, slots=True)
class ExaminedFunction:
    """A graded function with its cases, and the reference's observation on them."""

    assignment: Assignment
    function: Function
    cases: Sequence[TestCase]
    expected: Observation
    tier: Tier

    def mistake_observations(self) -> Mapping[str, Observation]:
        """Return the observation of each known mistake, by name."""
        seed = self.assignment.seed
        return oracle.mistake_observations(
            self.assignment, seed, self.function.name, tier=self.tier
        )

    def ids(self, actual: Observation) -> tuple[str, ...]:
        """Return the ids of the diagnoses of a known mistake."""
        source = known_mistakes.as_slice(self.assignment, self.function.name)
        return tuple(d.id for d in self.diagnose(self.run(source, actual)))

    def run(self, slice_: Slice, actual: Observation) -> FunctionRun:
        """Return the run of a version of the function on the cases."""
        return FunctionRun(self.function, slice_, self.cases, self.expected, actual)

    def diagnose(self, run: FunctionRun) -> tuple[Diagnosis, ...]:
        """Return the diagnoses of a run.

        Values are compared with those of known mistakes only if nothing else recognises them. Each
        mistake is then found in itself, unless an earlier one has the same values.
        """
        _, structural = judging.judge(self.function, self.cases, self.expected, run.actual)
        earlier = (*exceptions.from_errors(run.slice_, self.function, run.actual), *structural)
        hints = known_mistakes.hints(self.assignment, self.function.name)
        observe = dict if self.function.computation else self._known_combinations
        return diagnosis.diagnose(run, earlier, hints, observe)

    def _known_combinations(self) -> Mapping[tuple[str, ...], Observation]:
        seed = self.assignment.seed
        return oracle.known_combinations(self.assignment, seed, self.function, tier=self.tier)


def examined_functions(assignment: Assignment, tier: Tier) -> Iterator[ExaminedFunction]:
    """Yield the graded functions in assignment order. Raises AssignmentError or BoxError."""
    expectations = oracle.consult(assignment, assignment.seed, tier=tier)
    for function in assignment.functions:
        cases, reference = expectations.cases[function.name], expectations.reference[function.name]
        expected = Observation(reference.outcomes[: len(cases)], reference.ending)
        yield ExaminedFunction(assignment, function, cases, expected, tier)


# ------------------------------------------------------------------ right solutions


def judge_right_solutions(assignment: Assignment, tier: Tier) -> list[str]:
    """Return for each right solution why it does not pass every check without a diagnosis, or ""."""
    faults = []
    for graded in examined_functions(assignment, tier):
        name = graded.function.name
        solutions = oracle.observe_right_solutions(assignment, name, graded.cases, tier=tier)
        for number, actual in enumerate(solutions):
            fault = solution_fault(graded.function, graded.cases, graded.expected, actual)
            path = place(assignment.files.equivalents[name])
            faults.append(f"{path}, VARIANTS[{number}]: {fault}" if fault else "")
    return faults


# ------------------------------------------------------------------ the kill matrix


def kill_matrices(assignment: Assignment, tier: Tier) -> tuple[KillMatrix, ...]:
    """Return the kill matrix of each function that has known mistakes."""
    matrices = map(_kill_matrix, examined_functions(assignment, tier))
    return tuple(matrix for matrix in matrices if matrix.mistakes)


def _kill_matrix(graded: ExaminedFunction) -> KillMatrix:
    return KillMatrix(
        graded.function.name,
        cases=tuple(MatrixCase(case.name, case.about, case.public) for case in graded.cases),
        checks=tuple(check.name for check in graded.function.checks),
        mistakes=tuple(_row(graded, *item) for item in graded.mistake_observations().items()),
        points=tuple(check.points for check in graded.function.checks),
    )


def _row(graded: ExaminedFunction, name: str, actual: Observation) -> MistakeRow:
    detections = tuple(
        detect(graded.function, *observed)
        for observed in zip(graded.cases, graded.expected.outcomes, actual.outcomes, strict=True)
    )
    hidden = (
        detection.error
        for case, detection in zip(graded.cases, detections, strict=True)
        if not case.public
    )
    margin = max(hidden, default=0.0)
    return MistakeRow(name, id_of(name), detections, margin, graded.ids(actual))


def detect(function: Function, case: TestCase, expected: Value, actual: Value) -> Detection:
    """Judge a mistake on one case, as a submission is judged, and measure its error."""
    checks, _ = judging.judge(function, [case], Observation((expected,)), Observation((actual,)))
    fine = (CheckStatus.PASSED, CheckStatus.SKIPPED)
    failed = tuple(at for at, check in enumerate(checks) if check.status not in fine)
    return Detection(failed, *_largest_error(function, expected, actual))


class _Error(NamedTuple):
    """An error in units of the tolerance; if it is infinite, also a reason."""

    tolerances: float
    reason: str = ""


def _largest_error(function: Function, expected: Value, actual: Value) -> _Error:
    """Return the largest error of any quantity."""
    if not isinstance(actual, Returned):
        return _Error(np.inf, "error")
    try:
        values = function.unpack(actual.value)
    except UnexpectedStructure:
        return _Error(np.inf, "structure")
    return max(
        _error(function, right, values.get(name))
        for name, right in function.unpack(expected.value).items()
    )


def _error(function: Function, expected: Value, actual: Value) -> _Error:
    right, own = numbers(expected), numbers(actual)
    if right is None or own is None or right.shape != own.shape:
        return _Error(np.inf, "structure")
    if not np.isfinite(own).all():
        return _Error(np.inf, "not finite")
    scale = float(np.max(np.abs(right), initial=0.0)) or 1.0
    tolerance = function.atol * scale + function.rtol * np.abs(right)
    return _Error(float(np.max(np.abs(own - right) / tolerance, initial=0.0)))


# ------------------------------------------------------------------ pairs of mistakes


def pair_matrices(assignment: Assignment, tier: Tier) -> tuple[PairMatrix, ...]:
    """Return the pair matrix of each function that has two known mistakes or more."""
    matrices = map(_pair_matrix, examined_functions(assignment, tier))
    return tuple(matrix for matrix in matrices if matrix.pairs)


def _pair_matrix(graded: ExaminedFunction) -> PairMatrix:
    name, singles = graded.function.name, graded.mistake_observations()
    plain = [mistake for mistake in singles if "__" not in mistake]
    pairs = list(itertools.combinations(plain, 2))
    observations = oracle.observe_mistakes(
        graded.assignment, name, pairs, graded.cases, tier=graded.tier
    )
    actual = dict(zip(pairs, observations, strict=True))
    return PairMatrix(name, tuple(plain), tuple(_pair(graded, pair, actual) for pair in pairs))


def _pair(
    graded: ExaminedFunction, names: _Names, observations: Mapping[_Names, Observation]
) -> MistakePair:
    """Diagnose a pair. If another pair gives the same values, the names of either pair are right."""

    def same_as(other: Observation) -> bool:
        return judging.same_values(graded.function, actual, other)

    actual, singles = observations[names], graded.mistake_observations()
    if any(map(same_as, (graded.expected, *(singles[name] for name in names)))):
        return MistakePair(names, Recognition.UNDECIDABLE)
    ids = graded.ids(actual)
    recognition = recognise({*map(id_of, names)}, ids)
    if recognition in MISLEADING:
        equal = [{*map(id_of, pair)} for pair, other in observations.items() if same_as(other)]
        if not graded.function.computation:  # values alone name a mistake
            equal += [{id_of(name)} for name, other in singles.items() if same_as(other)]
        if {*ids} in equal:
            recognition = Recognition.AS_EQUAL_PAIR
    return MistakePair(names, recognition, ids)


def recognise(mistakes: set[str], diagnoses: Collection[str]) -> Recognition:
    """Compare the ids of two mistakes with the ids of the diagnoses."""
    specific = {id for id in diagnoses if row_of(id).names_mistake}
    if specific == mistakes:
        return Recognition.BOTH
    if specific & mistakes:
        return Recognition.ONE if specific < mistakes else Recognition.ONE_AND_WRONG
    return Recognition.WRONG if specific else Recognition.NONE
