"""The stages of one function: its points, and why its values are wrong."""

from __future__ import annotations

import contextlib
import dataclasses
import functools
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from grader import diagnosis, sandbox
from grader.assignments import known_mistakes, oracle
from grader.assignments.oracle import Expectations
from grader.diagnosis import FunctionRun, exceptions, in_place
from grader.grading import hidden_data
from grader.grading.settings import Budget, Settings
from grader.judging import follow_through, is_right, rubric
from grader.model import Assignment, Function, Limits, Observation
from grader.model.failure import Failure, failure_of
from grader.model.findings import CheckResult, CheckStatus, Diagnosis, FunctionStatus
from grader.model.submission import Module, Program
from grader.notebook.slicing import Slice
from grader.sandbox import Together

if TYPE_CHECKING:
    from grader.diagnosis.repair.boxed import Execute  # loads the search


@dataclasses.dataclass(frozen=True)
class GradingContext:
    """What all submissions of a class share, and the modules and the time of this one."""

    assignment: Assignment
    settings: Settings
    expectations: Expectations
    modules: tuple[Module, ...] = ()
    budget: Budget | None = None

    @functools.cached_property
    def time(self) -> Budget:
        """The time that is left for this submission."""
        return self.budget or Budget.of(self.assignment, self.settings)

    def observe(
        self, slices: Sequence[Slice], *, together: Together | None = None
    ) -> dict[str, Observation]:
        """Run the functions of the slices in one sandbox. Raises BoxError."""
        limits = self.settings.limits(self.assignment)
        programs = oracle.programs(slices, self.expectations.cases)
        return self._observe(programs, limits, limits.submission_seconds, together=together)

    def together(
        self, slices: Sequence[Slice], accepts: Callable[[Slice, Observation], bool]
    ) -> Together | None:
        """Return the confined functions of some slices, to run in one process; None for fewer than two.

        Their observations count if `accepts` returns True.
        """
        by_name = {slice_.function: slice_ for slice_ in slices}
        order = [by_name[name] for name in self.expectations.order if name in by_name]
        if len(order) < 2 or self.modules:  # a helper may import a module of the student's
            return None
        programs = oracle.programs(order, self.expectations.cases)
        return Together(tuple(programs), lambda p, o: accepts(by_name[p.function], o))

    def observe_programs(self, programs: Sequence[Program]) -> dict[str, Observation]:
        """Run programs in one sandbox, all within the time of one function. Raises BoxError."""
        limits = self.settings.limits(self.assignment)
        return self._observe(programs, limits, limits.function_seconds)

    def function_run(
        self, function: Function, slice_: Slice, observation: Observation
    ) -> FunctionRun:
        """Return a run of a function with its test cases and the reference's values.

        If the function agrees with another right solution, the values are those.
        """
        cases = self.expectations.cases[function.name]
        reference = self.expectations.reference[function.name]
        for other in self.expectations.alternatives.get(function.name, {}).values():
            if is_right(function, cases, other, observation):
                reference = other
        shown = hidden_data.without_inputs(observation, cases, slice_)
        needed = self.expectations.reference_reads.get(function.name, frozenset())
        return FunctionRun(function, slice_, cases, reference, shown, needed)

    def execute(self, programs: Sequence[Program]) -> tuple[Observation, ...]:
        """Run programs in one sandbox, as `observe` does. Raises BoxError."""
        limits = self.settings.limits(self.assignment)
        tier = self.settings.tier
        return self._run(
            lambda *request: oracle.execute(self.assignment, *request, tier=tier), programs, limits
        )

    @contextlib.contextmanager
    def box_for(self, slice_: Slice) -> Iterator[Execute]:
        """Yield a function that runs versions of a slice as `execute` does, all in one sandbox."""
        limits, tier = self.settings.limits(self.assignment), self.settings.tier
        with oracle.open_box(self.assignment, slice_, limits, tier=tier) as run:
            yield lambda programs: self._run(run, programs, limits)

    def _run(
        self, run: sandbox.Run, programs: Sequence[Program], limits: Limits
    ) -> tuple[Observation, ...]:
        limits = self._within_budget(limits, limits.submission_seconds)
        with self.time.functions.timed():
            return run(self._with_modules(programs), limits)

    def _observe(
        self,
        programs: Sequence[Program],
        limits: Limits,
        seconds: float,
        *,
        together: Together | None = None,
    ) -> dict[str, Observation]:
        """Run programs within some seconds, and within those that the submission has left."""
        limits = self._within_budget(limits, seconds)
        programs, tier = self._with_modules(programs), self.settings.tier
        with self.time.functions.timed():
            return oracle.observe_programs(
                self.assignment, programs, limits, tier=tier, together=together
            )

    def _within_budget(self, limits: Limits, seconds: float) -> Limits:
        left = min(seconds, self.time.functions.left)
        return dataclasses.replace(limits, submission_seconds=left)

    def _with_modules(self, programs: Sequence[Program]) -> list[Program]:
        return [dataclasses.replace(program, modules=self.modules) for program in programs]

    def known_combinations(self, function: Function) -> Mapping[tuple[str, ...], Observation]:
        """Return the observations of a function's known mistakes on its test cases."""
        seed, tier = self.settings.seed, self.settings.tier
        return oracle.known_combinations(self.assignment, seed, function, tier=tier)


class Scored(NamedTuple):
    """The checks of a function with their points, and the status that follows from them."""

    checks: tuple[CheckResult, ...]
    status: FunctionStatus


class Diagnosed(NamedTuple):
    """The diagnoses of a function, and the failure of the grader if it could not look for all."""

    diagnoses: tuple[Diagnosis, ...]
    failure: Failure | None = None


def score(run: FunctionRun, checks: Sequence[CheckResult]) -> Scored:
    """Return the checks with points, after follow-through, and with a snippet where one helps."""
    checks = rubric.with_one_snippet(run.function, follow_through_of(run, checks))
    checks = rubric.with_points(run.function, checks)
    return Scored(tuple(checks), rubric.status_of(checks))


def follow_through_of(run: FunctionRun, checks: Sequence[CheckResult]) -> Sequence[CheckResult]:
    """Return the checks after follow-through, if one failed and intermediate values are known."""
    failed = any(check.status is CheckStatus.FAILED for check in checks)
    intermediates = run.intermediates if failed else None
    return (
        follow_through.carried(run.function, run.cases, checks, intermediates)
        if intermediates
        else checks
    )


def is_untouched(run: FunctionRun, scored: Scored, context: GradingContext) -> bool:
    """Return True if a function is wrong, and looks and behaves like the template's."""
    name, expectations = run.function.name, context.expectations
    template, reads = expectations.template.get(name), expectations.template_reads[name]
    return scored.status is not FunctionStatus.PASSED and diagnosis.is_untouched(
        run, template, reads
    )


def diagnose(
    run: FunctionRun, scored: Scored, structural: Sequence[Diagnosis], context: GradingContext
) -> Diagnosed:
    """Return why a function is wrong; `structural` are the diagnoses that judging has made.

    A failure of the grader costs the function diagnoses, not its result.
    """
    try:
        return Diagnosed(_diagnoses(run, scored, structural, context))
    except Exception as error:
        failure = failure_of(error, stage=f"diagnosis of {run.function.name}")
        return Diagnosed(tuple(structural[: diagnosis.MOST_DIAGNOSES]), failure)


def _diagnoses(
    run: FunctionRun, scored: Scored, structural: Sequence[Diagnosis], context: GradingContext
) -> tuple[Diagnosis, ...]:
    by_error = exceptions.from_errors(run.slice_, run.function, run.actual)
    diagnoses = (*by_error, *in_place.quoted(structural, run.slice_, run.actual))
    if scored.status is FunctionStatus.PASSED:
        return diagnoses
    reordered = tuple(exceptions.from_parameters(run.slice_, run.function))
    if reordered:
        return reordered
    diagnoses = tuple(exceptions.from_outside(run.slice_, diagnoses))
    hints = known_mistakes.hints(context.assignment, run.function.name)
    return diagnosis.diagnose(
        run, diagnoses, hints, lambda: context.known_combinations(run.function)
    )
