"""Run a wrong function once more, with the statements of its notebook that may have an effect.

A slice may leave out a statement whose effect no name shows. The better verdict on the function as a
whole counts, never check by check. A function that is right at first does not run again.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence

from grader.assignments import notebooks, oracle
from grader.grading.function import GradingContext
from grader.model import Ending, Notebook, Observation, Raised
from grader.model.findings import FunctionStatus
from grader.model.result import FunctionResult
from grader.model.submission import Program
from grader.notebook.reader import ReadingLimit
from grader.notebook.slicing import Slice
from grader.sandbox.box.compat import NO_THREAD, OLD_BEHAVIOURS

_SETTLED = {FunctionStatus.PASSED, FunctionStatus.NOT_ATTEMPTED, FunctionStatus.MISSING}
_LEFTOVERS = {"OSError", "PermissionError", "FileNotFoundError", "Error", "BdbQuit"}
"""Errors that a working folder or an ignored debugger can prevent; `Error` is that of shutil."""
_RETURNED_VALUES = (FunctionStatus.PASSED, FunctionStatus.PARTIAL, FunctionStatus.FAILED)


def slices_again(
    context: GradingContext,
    notebook: Notebook,
    graded: Mapping[str, FunctionResult],
    observations: Mapping[str, Observation],
) -> list[Slice]:
    """Return slices for the functions that were wrong, where a second run can differ.

    Their cells have all statements with a possible effect.
    """
    wrong = {
        name
        for name, observation in observations.items()
        if graded[name].status not in _SETTLED and observation.ending is Ending.FINISHED
    }
    if not wrong or not context.time.functions.left:
        return []
    supplied = {  # the sandbox can supply what these stopped at
        name
        for name in wrong
        if needs_old_numpy(observations[name])
        or any(
            error.kind in _LEFTOVERS or error.message == NO_THREAD
            for error in _errors(observations[name])
        )
    }
    try:
        slices = notebooks.slices_with_remainder(context.assignment, notebook, context.time.reading)
    except ReadingLimit:  # the first verdict counts
        return []
    return [
        _with_remainder(slice_)
        for slice_ in slices
        if slice_.function in wrong and (slice_.remainder or slice_.function in supplied)
    ]


def _with_remainder(slice_: Slice) -> Slice:
    if slice_.remainder is None:
        return slice_
    cells, stand_ins = slice_.remainder.cells, slice_.remainder.stand_ins
    return dataclasses.replace(slice_, cells=cells, stand_ins=stand_ins)


def observe_again(
    context: GradingContext, slices: Sequence[Slice], observations: Mapping[str, Observation]
) -> dict[str, Observation]:
    """Run slices a second time, and return the observations by function. Raises BoxError."""
    cases = context.expectations.cases
    return context.observe_programs(
        [
            Program(
                function=s.function,
                cells=s.cells,
                calls=oracle.calls(cases[s.function]),
                stand_ins=s.stand_ins,
                again=True,
                old_numpy=needs_old_numpy(observations[s.function]),
            )
            for s in slices
        ]
    )


def is_better(second: FunctionResult, first: FunctionResult) -> bool:
    """Return True if the second verdict has more points, or values where the first has an error."""
    if second.score != first.score:
        return (second.score or 0) > (first.score or 0)
    return second.status in _RETURNED_VALUES and first.status not in _RETURNED_VALUES


def _errors(observation: Observation) -> list[Raised]:
    raised = (outcome for outcome in observation.outcomes if isinstance(outcome, Raised))
    return [*raised, *observation.raised_before]


def needs_old_numpy(observation: Observation) -> bool:
    """Return True if a program stopped at something that NumPy before 2.4 allowed."""
    messages = [error.message for error in _errors(observation)]
    return any(part in message for part in OLD_BEHAVIOURS.values() for message in messages)
