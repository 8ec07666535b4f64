"""Whole results: of functions that were graded, of a file that is no notebook, of a failure of ours."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from grader.model import Assignment, Submission
from grader.model.result import FunctionResult, FunctionStatus, Result, Status


def result(
    submission: Submission,
    assignment: Assignment,
    status: Status,
    functions: Sequence[FunctionResult],
) -> Result:
    """Return the result of a submission, its score the sum over the functions if all have one."""
    scores = [function.score for function in functions]
    known = [score for score in scores if score is not None]
    return Result(
        assignment=assignment.name,
        submission=submission.id,
        sha256=submission.sha256,
        status=status,
        score=sum(known) if len(known) == len(scores) else None,
        max_score=assignment.max_score,
        functions=tuple(functions),
    )


def invalid(submission: Submission, assignment: Assignment, message: str) -> Result:
    """Return the result of a file that is no notebook: zero points, and what to hand in instead."""
    functions = [
        FunctionResult(f.name, FunctionStatus.MISSING, 0.0, f.max_score)
        for f in assignment.functions
    ]
    whole = result(submission, assignment, Status.INVALID, functions)
    return dataclasses.replace(whole, message=message)


def internal(submission: Submission, assignment: Assignment, message: str) -> Result:
    """Return the result of a submission that we failed: no score, which is not the same as zero."""
    functions = [
        FunctionResult(f.name, FunctionStatus.ERROR, None, f.max_score)
        for f in assignment.functions
    ]
    whole = result(submission, assignment, Status.INTERNAL, functions)
    return dataclasses.replace(whole, message=message)
