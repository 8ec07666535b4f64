"""What the instructor reads: how the class did, what to teach again, and every submission."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from grader.messages import UNTRANSLATED, Translator
from grader.model.result import FunctionStatus, Result, Status
from grader.views.html import formatting
from grader.views.html.frequent_mistakes import MistakeRow, mistakes, to_revisit
from grader.views.html.not_graded import Apart, apart
from grader.views.html.render import render, report_link, translated_by
from grader.views.html.rows import SubmissionRow, function_names, rows_of
from grader.views.html.runs import Runs, runs
from grader.views.html.same_answers import AlikeRow, alike

_BINS = 10
_CLOSE = 1e-9


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
class Figures:
    """The key figures; scores are those of the graded submissions, times those of all."""

    max_score: float
    graded: int
    ungraded: int
    mean: float | None
    median: float | None
    full: int
    median_time: float
    longest_time: float
    whole_time: float


@dataclass(frozen=True, slots=True)
class Origins:
    """What the results were made with; several values if they are of different runs."""

    assignments: tuple[str, ...]
    seeds: tuple[int, ...]
    versions: tuple[str, ...]
    forms: tuple[int, ...]
    sandboxes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ClassView:
    """Everything the class page shows."""

    title: str
    figures: Figures
    submissions: tuple[SubmissionRow, ...]
    bars: tuple[Bar, ...]
    functions: tuple[FunctionRow, ...]
    mistakes: tuple[MistakeRow, ...]
    revisit: tuple[MistakeRow, ...]
    alike: tuple[AlikeRow, ...]
    apart: Apart
    runs: Runs | None
    origins: Origins


def class_page(results: Sequence[Result], translator: Translator = UNTRANSLATED) -> str:
    """Return the page about all submissions in a language, sorted by ID whatever the order of `results`."""
    with translated_by(translator):
        return render(
            "class.html.j2",
            page=_view(results),
            statuses=tuple(FunctionStatus),
            results=tuple(Status),
            link=report_link,
        )


def _view(results: Sequence[Result]) -> ClassView:
    names = function_names(sorted(results, key=lambda result: (result.submission, result.sha256)))
    rows = rows_of(results, names)
    graded = [row for row in rows if row.graded]
    ranked = mistakes(graded)
    return ClassView(
        title=next((formatting.title(row.result) for row in rows), ""),
        figures=_figures(rows, graded),
        submissions=rows,
        bars=_bars([_share(row) for row in graded]),
        functions=tuple(_function_row(graded, names, i) for i in range(len(names))),
        mistakes=ranked,
        revisit=to_revisit(ranked),
        alike=alike(graded),
        apart=apart(rows, names),
        runs=runs(rows),
        origins=_origins([row.result for row in rows]),
    )


# ------------------------------------------------------------------ figures


def _figures(rows: Sequence[SubmissionRow], graded: Sequence[SubmissionRow]) -> Figures:
    scores = [row.score for row in graded if row.score is not None]
    times = [row.result.duration_s for row in rows] or [0.0]
    return Figures(
        max_score=max((row.result.max_score for row in rows), default=0.0),
        graded=len(graded),
        ungraded=len(rows) - len(graded),
        mean=statistics.fmean(scores) if scores else None,
        median=statistics.median(scores) if scores else None,
        full=sum(_share(row) == 1.0 for row in graded),
        median_time=statistics.median(times),
        longest_time=max(times),
        whole_time=sum(times),
    )


def _share(row: SubmissionRow) -> float:
    return formatting.share(row.score or 0.0, row.result.max_score)


def _origins(results: Sequence[Result]) -> Origins:
    return Origins(
        assignments=tuple(sorted({result.assignment for result in results})),
        seeds=tuple(sorted({result.seed for result in results})),
        versions=tuple(sorted({result.grader_version for result in results})),
        forms=tuple(sorted({result.schema_version for result in results})),
        sandboxes=tuple(sorted({result.sandbox for result in results if result.sandbox})),
    )


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


def _function_row(
    rows: Sequence[SubmissionRow], names: Sequence[str], position: int
) -> FunctionRow:
    tally = Counter(row.statuses[position] for row in rows)
    counts = tuple(tally[status] for status in FunctionStatus)
    return FunctionRow(names[position], counts, tally[FunctionStatus.PASSED], len(rows))
