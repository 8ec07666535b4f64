"""What the instructor reads: how the class did, frequent mistakes, and every submission."""

from __future__ import annotations

import re
import statistics
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from grader.report import facts
from grader.report.render import render, report_link
from grader.result import FunctionResult, FunctionStatus, Result, Status

_EXAMPLES = 3
_BINS = 10
_CLOSE = 1e-9
_DIGITS = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar of the histogram: from `low` percent to below `high`; full marks if `high` is None."""

    low: int
    high: int | None
    count: int
    height: float


@dataclass(frozen=True, slots=True)
class FunctionRow:
    """A graded function and how many submissions have which status."""

    name: str
    counts: tuple[int, ...]
    passed: int
    total: int


@dataclass(frozen=True, slots=True)
class MistakeRow:
    """A named mistake in one function: in how many submissions, with its most frequent message."""

    id: str
    function: str
    message: str
    count: int
    examples: tuple[Result, ...]


@dataclass(frozen=True, slots=True)
class SubmissionRow:
    """A submission and the status of each function, None where it could not be asked."""

    result: Result
    score: float | None
    statuses: tuple[FunctionStatus | None, ...]


@dataclass(frozen=True, slots=True)
class ClassView:
    """Everything the class page shows."""

    title: str
    max_score: float
    submissions: tuple[SubmissionRow, ...]
    graded: int
    ungraded: tuple[SubmissionRow, ...]
    mean: float | None
    median: float | None
    full: int
    bars: tuple[Bar, ...]
    functions: tuple[FunctionRow, ...]
    mistakes: tuple[MistakeRow, ...]


def class_page(results: Sequence[Result]) -> str:
    """Return the page about all submissions, sorted by ID whatever the order of `results`."""
    ordered = sorted(results, key=lambda result: (_natural(result.submission), result.sha256))
    return render(
        "class.html.j2", page=_view(ordered), statuses=tuple(FunctionStatus), link=report_link
    )


def _natural(submission: str) -> tuple[str, str]:
    """Return a sort key that puts s2 before s10."""
    return _DIGITS.sub(lambda run: run.group().zfill(12), submission.casefold()), submission


def _view(results: Sequence[Result]) -> ClassView:
    names = _function_names(results)
    rows = tuple(_submission_row(result, names) for result in results)
    graded = [row for row in rows if _is_graded(row.result)]
    scores = [row.score for row in graded if row.score is not None]
    shares = [facts.share(row.score or 0.0, row.result.max_score) for row in graded]
    return ClassView(
        title=next(map(facts.title, results), ""),
        max_score=max((result.max_score for result in results), default=0.0),
        submissions=rows,
        graded=len(graded),
        ungraded=tuple(row for row in rows if not _is_graded(row.result)),
        mean=statistics.fmean(scores) if scores else None,
        median=statistics.median(scores) if scores else None,
        full=shares.count(1.0),
        bars=_bars(shares),
        functions=tuple(_function_row(graded, names, i) for i in range(len(names))),
        mistakes=_mistakes([row.result for row in graded]),
    )


def _is_graded(result: Result) -> bool:
    return result.status is Status.GRADED and result.score is not None


# ------------------------------------------------------------------ distribution


def _bars(shares: Sequence[float]) -> tuple[Bar, ...]:
    """Count `shares` in ten bins of ten percent, and full marks in a bin of their own."""
    counts = Counter(int(share * _BINS + _CLOSE) for share in shares)
    tallest = max(counts.values(), default=1)
    return tuple(_bar(i, counts[i], tallest) for i in range(_BINS + 1))


def _bar(position: int, number: int, tallest: int) -> Bar:
    width = 100 // _BINS
    high = None if position == _BINS else (position + 1) * width
    return Bar(position * width, high, number, round(100 * number / tallest, 2))


# ------------------------------------------------------------------ functions and mistakes


def _function_names(results: Sequence[Result]) -> tuple[str, ...]:
    """Return the graded functions in assignment order."""
    return tuple(dict.fromkeys(f.name for result in results for f in result.functions))


def _submission_row(result: Result, names: Sequence[str]) -> SubmissionRow:
    status = {f.name: f.status for f in result.functions if facts.asked(result, f)}
    return SubmissionRow(
        result, facts.shown_score(result), tuple(status.get(name) for name in names)
    )


def _function_row(
    rows: Sequence[SubmissionRow], names: Sequence[str], position: int
) -> FunctionRow:
    tally = Counter(row.statuses[position] for row in rows)
    counts = tuple(tally[status] for status in FunctionStatus)
    return FunctionRow(names[position], counts, tally[FunctionStatus.PASSED], len(rows))


def _mistakes(results: Sequence[Result]) -> tuple[MistakeRow, ...]:
    """Rank named mistakes by the number of submissions that make them."""
    made: dict[tuple[str, str], dict[int, str]] = {}
    for position, result in enumerate(results):
        for function in result.functions:
            _note_mistakes(made, position, function)
    rows = [_mistake_row(key, by, results) for key, by in made.items()]
    return tuple(sorted(rows, key=lambda row: (-row.count, row.id, row.function)))


def _note_mistakes(
    made: dict[tuple[str, str], dict[int, str]], position: int, function: FunctionResult
) -> None:
    for diagnosis in function.diagnoses:
        made.setdefault((diagnosis.id, function.name), {})[position] = diagnosis.message


def _mistake_row(
    key: tuple[str, str], messages: dict[int, str], results: Sequence[Result]
) -> MistakeRow:
    tally = Counter(messages.values())
    return MistakeRow(
        id=key[0],
        function=key[1],
        message=min(tally, key=lambda text: (-tally[text], text)),
        count=len(messages),
        examples=tuple(results[position] for position in list(messages)[:_EXAMPLES]),
    )
