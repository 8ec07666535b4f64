"""Recognise functions of another task, which only share their names with the graded ones.

Other people's frameworks have functions of the same names, such as `forward_propagation(X, parameters)`.
A student who submits such a file needs the right notebook, not advice about parameters.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence

from grader.grading import results
from grader.messages.sanitize import one_line
from grader.model import Assignment, Function
from grader.model.diagnoses import FAILED_IMPORT, MISSING_FUNCTION, WRONG_ARGUMENTS, diagnosis
from grader.model.findings import FunctionStatus
from grader.model.result import FunctionResult
from grader.notebook.slicing import Slice

_WRONG = {FunctionStatus.ERROR, FunctionStatus.FAILED}
_FEWEST_REFUSED = 2
"""One function with wrong parameters is a mistake, several are another task."""


def as_missing(
    assignment: Assignment, slices: Sequence[Slice], graded: Mapping[str, FunctionResult]
) -> dict[str, FunctionResult]:
    """Return the results, as missing if all functions that the notebook defines are of another task.

    These are wrong and have other parameters: fewer than half of the names of the assignment's, or,
    for two functions and more, too many or too few. Or they only come from an import that failed,
    such as that of another assignment's helpers, and the notebook lacks the other functions.
    """
    functions = {function.name: function for function in assignment.functions}
    defined = [slice_ for slice_ in slices if slice_.is_defined or slice_.fault]
    wrong = all(graded[slice_.function].status in _WRONG for slice_ in defined)
    if not defined or not wrong or graded.keys() < functions.keys():
        return dict(graded)
    lacking = any(result.status is FunctionStatus.MISSING for result in graded.values())
    if lacking and all(_is_imported(graded[slice_.function]) for slice_ in defined):
        imported = {s.function: _absent(functions[s.function], s) for s in defined}
        return {**graded, **imported}
    renamed = [_has_other_names(functions[slice_.function], slice_) for slice_ in defined]
    refused = [_refuses_calls(graded[slice_.function]) for slice_ in defined]
    if all(renamed) or (
        len(defined) >= _FEWEST_REFUSED
        and all(either or other for either, other in zip(renamed, refused, strict=True))
    ):
        missing = {s.function: _missing(functions[s.function], s) for s in defined}
        return {**graded, **missing}
    return dict(graded)


def _has_other_names(function: Function, slice_: Slice) -> bool:
    own = set(slice_.parameters)
    return bool(own) and 2 * len(own.intersection(function.parameters)) < len(function.parameters)


def _refuses_calls(result: FunctionResult) -> bool:
    return any(entry.id == WRONG_ARGUMENTS.id for entry in result.diagnoses)


def _is_imported(result: FunctionResult) -> bool:
    """Return True if a function is a name that a failed import would define."""
    failed = [entry for entry in result.diagnoses if entry.id == FAILED_IMPORT.id]
    return any(entry.values.get("name") == result.name for entry in failed)


def _absent(function: Function, slice_: Slice) -> FunctionResult:
    why = diagnosis(MISSING_FUNCTION, name=function.name)
    nowhere = dataclasses.replace(slice_, cell=None, line=None)
    return results.unjudged(function, nowhere, FunctionStatus.MISSING, why)


def _missing(function: Function, slice_: Slice) -> FunctionResult:
    why = diagnosis(
        *(MISSING_FUNCTION, "other-task"),
        name=function.name,
        own=_listed(slice_.parameters),
        parameters=_listed(function.parameters),
    )
    return results.unjudged(function, slice_, FunctionStatus.MISSING, why)


def _listed(names: Iterable[str]) -> str:
    return one_line(", ".join(names), limit=120)
