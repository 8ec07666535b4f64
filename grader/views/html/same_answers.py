"""Groups of submissions with the very same wrong numbers, where no name of a mistake explains them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from grader.model.diagnoses import UNEXPLAINED
from grader.model.result import CheckStatus, Finding, FunctionResult
from grader.views.html.rows import SubmissionRow

_Answer: TypeAlias = tuple[str, int, tuple[tuple[str, CheckStatus, tuple[Finding, ...]], ...]]


@dataclass(frozen=True, slots=True)
class AlikeRow:
    """Submissions that agree in every finding about `functions`, with one of these findings."""

    functions: tuple[str, ...]
    finding: Finding
    who: tuple[SubmissionRow, ...]


def alike(rows: Sequence[SubmissionRow]) -> tuple[AlikeRow, ...]:
    """Return the groups, the largest first; one that agrees in several functions is one group."""
    functions: dict[tuple[int, ...], list[tuple[str, Finding]]] = {}
    for (name, *_), (finding, members) in _by_answer(rows).items():
        if len(members) > 1:
            functions.setdefault(tuple(members), []).append((name, finding))
    groups = [_alike_row(told, members, rows) for members, told in functions.items()]
    return tuple(sorted(groups, key=lambda g: (-len(g.who), -len(g.functions), g.functions)))


def _by_answer(rows: Sequence[SubmissionRow]) -> dict[_Answer, tuple[Finding, list[int]]]:
    """Return for each wrong answer a telling number and the positions of who gave it."""
    given: dict[_Answer, tuple[Finding, list[int]]] = {}
    for position, row in enumerate(rows):
        for function in row.result.functions:
            for finding in _telling(function):
                answer = _answer(row.result.seed, function)
                given.setdefault(answer, (finding, []))[1].append(position)
    return given


def _answer(seed: int, function: FunctionResult) -> _Answer:
    """Return what has to be equal: the same function, asked the same, with the same numbers."""
    checks = tuple((check.name, check.status, check.findings) for check in function.checks)
    return function.name, seed, checks


def _telling(function: FunctionResult) -> Iterator[Finding]:
    """Yield the first number that hardly two would get by chance, unless a name explains it."""
    if {diagnosis.id for diagnosis in function.diagnoses} <= {UNEXPLAINED}:
        findings = (finding for check in function.checks for finding in check.findings)
        yield from [finding for finding in findings if _is_unusual(finding)][:1]


def _is_unusual(finding: Finding) -> bool:
    """Say whether a value is known and is no whole number: zeros and ones come to many."""
    if finding.max_abs is None:
        return False
    try:
        value = float(finding.got)
    except ValueError:
        return False
    return math.isfinite(value) and not value.is_integer()


def _alike_row(
    told: Sequence[tuple[str, Finding]], members: Sequence[int], rows: Sequence[SubmissionRow]
) -> AlikeRow:
    names = tuple(name for name, _ in told)
    return AlikeRow(names, told[0][1], tuple(rows[position] for position in members))
