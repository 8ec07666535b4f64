"""Test a wrong function with right versions of the functions that it calls.

These are graded on their own, or handed out. A mistake in one of them costs its points once. Only checks
that pass count, and nothing else is taken from this run: the code of the reference is in it, so its
values and messages could show that code.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping, Sequence

from grader import judging
from grader.assignments import notebooks, oracle
from grader.grading.function import GradingContext, score
from grader.judging import rubric
from grader.messages import comma_list, gettext, join_sentences
from grader.model import Function, Observation
from grader.model.findings import CheckResult, CheckStatus, FunctionStatus
from grader.model.result import FunctionResult
from grader.model.submission import Program
from grader.notebook.slicing import Slice

_SETTLED = {FunctionStatus.PASSED, FunctionStatus.NOT_ATTEMPTED, FunctionStatus.MISSING}


def with_right_calls(
    context: GradingContext, slices: Sequence[Slice], graded: Mapping[str, FunctionResult]
) -> dict[str, FunctionResult]:
    """Return the results of the functions that pass more checks if what they call is right."""
    functions = {function.name: function for function in context.assignment.functions}
    used = {
        s.function: names
        for s in slices
        if s.is_defined
        and graded[s.function].status not in _SETTLED
        and (names := _called(functions[s.function], s))
    }
    if not used or not context.time.functions.left:
        return {}
    wrong = [slice_ for slice_ in slices if slice_.function in used]
    observations = context.observe_programs([_program(s, context, used[s.function]) for s in wrong])
    better = {}
    for slice_ in wrong:
        name = slice_.function
        checks = _checks(functions[name], slice_, context, observations[name])
        result = _merged(graded[name], checks, used[name])
        if result.score != graded[name].score:
            better[name] = result
    return better


def _called(function: Function, slice_: Slice) -> tuple[str, ...]:
    words = {word for cell in slice_.cells for word in re.findall(r"\w+", cell.source)}
    return tuple(name for name in function.calls if name in words)


def _program(slice_: Slice, context: GradingContext, names: tuple[str, ...]) -> Program:
    calls = oracle.calls(context.expectations.cases[slice_.function])
    return Program(
        *(slice_.function, slice_.cells, calls, slice_.stand_ins),
        supplied=notebooks.sources_of(context.assignment, names),
    )


def _checks(
    function: Function, slice_: Slice, context: GradingContext, observation: Observation
) -> Sequence[CheckResult]:
    run = context.function_run(function, slice_, observation)
    return score(run, judging.judge(function, run.cases, run.expected, run.actual).checks).checks


def _merged(
    result: FunctionResult, checks: Sequence[CheckResult], names: Sequence[str]
) -> FunctionResult:
    """Return a result with the checks that pass in the second run, too."""
    replaced = gettext(
        "For this check a right version of {names} was used in place of yours.",
        names=comma_list(names),
    )
    merged = [
        dataclasses.replace(again, message=join_sentences(again.message, replaced))
        if again.status is CheckStatus.PASSED and first.status is not CheckStatus.PASSED
        else first
        for first, again in zip(result.checks, checks, strict=True)
    ]
    status = rubric.status_of(merged)
    diagnoses = () if status is FunctionStatus.PASSED else result.diagnoses
    points = sum(check.score for check in merged)
    return dataclasses.replace(
        result, status=status, score=points, checks=tuple(merged), diagnoses=diagnoses
    )
