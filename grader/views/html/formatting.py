"""Readings of a result that both pages share."""

from typing import Final

from grader.model.result import FunctionResult, Result, Status

_CLOSE: Final = 1e-9


def title(result: Result) -> str:
    """Return what the assignment is called."""
    return result.title or result.assignment


def shown_score(result: Result) -> float | None:
    """Return the score, None where the grader failed: that is never shown as 0."""
    return None if result.status is Status.INTERNAL else result.score


def share(score: float, max_score: float) -> float:
    """Return `score` as a fraction of `max_score` from 0 to 1, exactly 1 for full marks."""
    if score >= max_score - _CLOSE:
        return 1.0
    return max(score / max_score, 0.0)


def asked(result: Result, function: FunctionResult) -> bool:
    """Return whether anything is known about `function`, so that its status means something."""
    if result.status is Status.INTERNAL:
        return False
    return result.status is Status.GRADED or bool(function.checks or function.diagnoses)
