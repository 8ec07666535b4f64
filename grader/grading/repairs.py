"""Name a mistake by the small change of the student's code after which every test passes.

A function that does not parse is repaired in two steps: first the edit after which it parses, then it
runs. A likely edit is shown without a proof; it is proven if the function is right then. These edits
are made in the reader's process. The functions of a submission share the time of the search.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from grader import judging
from grader.assignments import notebooks, oracle
from grader.diagnosis import MOST_DIAGNOSES, exceptions, repair, syntax_repair
from grader.diagnosis.repair import Deadline, with_repair
from grader.diagnosis.repair.boxed import problem_of
from grader.grading.function import GradingContext
from grader.grading.settings import FUNCTION_SECONDS, SEARCH_SECONDS
from grader.model import Function, Notebook, Observation
from grader.model.findings import Diagnosis, FunctionStatus
from grader.model.result import FunctionResult
from grader.notebook import syntax_edits
from grader.notebook.reader import ReadingLimit
from grader.notebook.slicing import Slice
from grader.notebook.syntax_edits import SyntaxRepairs, TextEdit

_SETTLED = {FunctionStatus.PASSED, FunctionStatus.NOT_ATTEMPTED, FunctionStatus.MISSING}
_WALL_SECONDS = 20.0
"""On the wall clock, for all functions of a notebook: processor time ends most searches earlier."""


class GradedFunction(NamedTuple):
    """A function with its slice and its result; the observation is None if it did not run."""

    function: Function
    slice_: Slice
    observation: Observation | None
    result: FunctionResult


@dataclasses.dataclass(frozen=True, slots=True)
class _Version:
    """The edits of a function that now parses, its slice, and its observation."""

    edits: tuple[TextEdit, ...]
    slice_: Slice
    observation: Observation


@dataclasses.dataclass(frozen=True)
class Repairs:
    """The search for repairs of the functions of one submission, and the end of its time."""

    context: GradingContext
    notebook: Notebook
    slices: Sequence[Slice]

    @functools.cached_property
    def deadline(self) -> Deadline:
        """The end of the search, which the other notebooks of the student may bring nearer."""
        time = self.context.time
        return Deadline(
            cpu_seconds=min(SEARCH_SECONDS, time.search.left),
            wall_seconds=min(_WALL_SECONDS, time.functions.left),
        )

    @functools.cached_property
    def of_syntax(self) -> Mapping[str, SyntaxRepairs]:
        """The repairs of all functions that do not parse. Raises ReaderError."""
        faults = [(s.function, s.fault.cell) for s in self.slices if s.fault and _can_parse(s)]
        try:
            context = self.context
            repairs = notebooks.syntax_repairs(
                context.assignment, self.notebook, faults, context.time.reading
            )
        except ReadingLimit:
            return {}
        return {item.function: item for item in repairs}

    def diagnose(self, graded: GradedFunction) -> tuple[Diagnosis, ...]:
        """Return the diagnoses of a function, with those of a repair in the place of symptoms.

        A known mistake that is named keeps its words, and is at the line of the repair. Raises BoxError
        or ReaderError.
        """
        function, slice_, observation, result = graded
        reordered = any(True for _ in exceptions.from_parameters(slice_, function))
        if result.status in _SETTLED or reordered or syntax_edits.is_long(slice_.source):
            return result.diagnoses
        if observation is not None:
            run = self.context.function_run(function, slice_, observation)
            with self.context.box_for(slice_) as execute:
                problem = problem_of(run, execute, self.deadline.part(FUNCTION_SECONDS))
                return with_repair(
                    run, result.diagnoses, problem, lambda p: repair.find_repair(p, run.slice_)
                )
        if slice_.fault and _can_parse(slice_) and slice_.function in self.of_syntax:
            return self._of_fault(function, slice_.fault.cell, result.diagnoses[0])
        return result.diagnoses

    def _of_fault(self, function: Function, cell: int, before: Diagnosis) -> tuple[Diagnosis, ...]:
        """Return the diagnoses of a function that does not parse; `before` is that of the error itself."""
        repairs = self.of_syntax[function.name]
        first, versions = repairs.first, self._versions(repairs)
        for version in versions:
            if _is_right(function, version.observation, self.context):
                return syntax_repair.diagnoses_of(version.edits, first, cell, before, is_right=True)
        edits = syntax_repair.likeliest(repairs)
        if not edits:
            return (before,)
        words = syntax_repair.diagnoses_of(edits, first, cell, before, is_right=False)
        if edits[-1].kind == "no-operand":  # the value in its place is our guess
            return words
        return (*words, *self._further(function, versions))[:MOST_DIAGNOSES]

    def _versions(self, repairs: SyntaxRepairs) -> list[_Version]:
        """Return the versions of a function that parse, each with its observation."""
        pairs = zip(repairs.series, repairs.slices, strict=True)
        slices = [(edits, slice_) for edits, slice_ in pairs if slice_.is_defined]
        programs = oracle.programs([s for _, s in slices], self.context.expectations.cases)
        observations = self.context.execute(programs) if programs else ()
        return [_Version(*pair, o) for pair, o in zip(slices, observations, strict=True)]

    def _further(self, function: Function, versions: Sequence[_Version]) -> tuple[Diagnosis, ...]:
        """Return the diagnosis of a second slip: the repair of the function after the first edit."""
        if not versions:
            return ()
        context, version = self.context, versions[0]
        run = context.function_run(function, version.slice_, version.observation)
        with context.box_for(version.slice_) as execute:
            problem = problem_of(run, execute, self.deadline.part(FUNCTION_SECONDS))
            proof = repair.find_repair(problem, run.slice_)
        return repair.diagnoses_of(proof, problem, None) if proof else ()


def _can_parse(slice_: Slice) -> bool:
    """Return True if the syntax error of a function may be a slip of the student's."""
    fault = slice_.fault
    return bool(fault and not (slice_.unwritten or fault.version or fault.is_of_ours))


def _is_right(function: Function, observation: Observation, context: GradingContext) -> bool:
    expectations = context.expectations
    cases, expected = expectations.cases[function.name], expectations.reference[function.name]
    return judging.is_right(function, cases, expected, observation)
