"""The page for the instructor: key numbers of the class, frequent mistakes, and every submission."""

from __future__ import annotations

import operator
import re
import statistics
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from grader.messages import UNTRANSLATED, Message, Translator, gettext
from grader.model.diagnoses import UNEXPLAINED, row_of
from grader.model.findings import Finding, FunctionStatus
from grader.model.result import Status
from grader.model.summary import ResultSummary, Row, TrainingSummary, summaries
from grader.views import presentation
from grader.views.html import same_code
from grader.views.html.render import render, report_link

MOST_REVISITED: Final = 5
TRAINING_STATUSES: Final = ("right", "wrong", "missing")
_BINS: Final = 10
_LARGE_CLASS: Final = 200
_BLOCK: Final = 50
_ROUNDING: Final = 1e-9
_LISTED_APART: Final = {FunctionStatus.NOT_ATTEMPTED, FunctionStatus.TIMEOUT}
_DIGITS: Final = re.compile(r"\d+")
_Answer: TypeAlias = tuple[str, int, str]
"""Everything that is equal in a group: the function, its inputs (by the seed), its values (a digest)."""


@dataclass(frozen=True, slots=True)
class SubmissionRow:
    """A submission with the status and score of each function, None for one that was not tested."""

    anchor: str
    result: ResultSummary
    score: float | None
    statuses: tuple[FunctionStatus | None, ...]
    scores: tuple[float | None, ...]

    @property
    def graded(self) -> bool:
        """Return True if the submission counts in the mean, the shares and the rankings."""
        return self.result.status is Status.GRADED and self.result.score is not None

    @property
    def is_untouched(self) -> bool:
        """Return True if the student wrote none of the functions."""
        statuses = {*self.statuses} - {None}
        return bool(statuses) and statuses <= {FunctionStatus.NOT_ATTEMPTED, FunctionStatus.MISSING}

    @property
    def fraction(self) -> float:
        """Return the score as a fraction of the maximum."""
        return presentation.fraction(self.score or 0.0, self.result.max_score)


@dataclass(frozen=True, slots=True)
class Summary:
    """The key numbers. Scores include only graded submissions; times, in seconds, include all.

    `absent` are students on the roster who submitted nothing; they are in no other number.
    """

    max_score: float
    submissions: int
    absent: int
    graded: int
    ungraded: int
    mean: float | None
    median: float | None
    full: int
    median_time: float
    longest_time: float
    total_time: float


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar of the histogram, from `low` up to `high` percent; `height` is in percent of the tallest."""

    low: int
    high: int
    count: int
    height: float


@dataclass(frozen=True, slots=True)
class FunctionRow:
    """A graded function and the number of submissions for each status."""

    name: str
    counts: Mapping[FunctionStatus | None, int]

    @property
    def passed(self) -> int:
        """Return the number of submissions in which the function is right."""
        return self.counts[FunctionStatus.PASSED]

    @property
    def total(self) -> int:
        """Return the number of submissions."""
        return sum(self.counts.values())


@dataclass(frozen=True, slots=True)
class FrequentMistake:
    """A diagnosis of a function, its most frequent message, and the submissions that have it.

    `varied` is True if some of these submissions have another message, so that this is an example.
    """

    number: int
    id: str
    function: str
    message: str
    varied: bool
    submissions: tuple[SubmissionRow, ...]


@dataclass(frozen=True, slots=True)
class SameAnswersRow:
    """Submissions that agree in every finding about `functions`, and one of these findings."""

    functions: tuple[str, ...]
    finding: Finding
    submissions: tuple[SubmissionRow, ...]


@dataclass(frozen=True, slots=True)
class SameCodeRow:
    """Submissions with the same code in `functions`, or with the same file if that is empty."""

    functions: tuple[str, ...]
    submissions: tuple[SubmissionRow, ...]


@dataclass(frozen=True, slots=True)
class StatusRow:
    """The submissions with a certain status in one function, or in all functions if it is empty."""

    function: str
    submissions: tuple[SubmissionRow, ...]


@dataclass(frozen=True, slots=True)
class SubmissionGroup:
    """Submissions that an instructor looks for, such as the late ones; `id` is an anchor."""

    id: str
    title: Message
    submissions: tuple[SubmissionRow, ...]


@dataclass(frozen=True, slots=True)
class TrainingRow:
    """A training and the number of notebooks for each of `TRAINING_STATUSES`."""

    about: str
    counts: Mapping[str, int]

    @property
    def total(self) -> int:
        """Return the number of notebooks."""
        return sum(self.counts.values())


@dataclass(frozen=True, slots=True)
class NotebookRuns:
    """The notebooks that were run with `--run-all`, and those in which every cell finished."""

    total: int
    finished: int
    trainings: tuple[TrainingRow, ...]


@dataclass(frozen=True, slots=True)
class ClassView:
    """Everything the class page shows.

    `without_points` has a sentence for each function without points. `stopped` are submissions that ran
    out of time as a whole. `names_students` is True if the name of a student is known.
    """

    title: str
    summary: Summary
    submissions: tuple[SubmissionRow, ...]
    bars: tuple[Bar, ...]
    functions: tuple[FunctionRow, ...]
    without_points: tuple[Message, ...]
    groups: tuple[SubmissionGroup, ...]
    mistakes: tuple[FrequentMistake, ...]
    same_answers: tuple[SameAnswersRow, ...]
    same_code: tuple[SameCodeRow, ...]
    not_attempted: tuple[StatusRow, ...]
    timeouts: tuple[StatusRow, ...]
    stopped: tuple[SubmissionRow, ...]
    unreadable: tuple[SubmissionRow, ...]
    runs: NotebookRuns | None
    names_students: bool

    @property
    def revisit(self) -> tuple[FrequentMistake, ...]:
        """Return the most frequent mistakes that several submissions share and a lesson can address."""
        shared = (row for row in self.mistakes if len(row.submissions) > 1)
        named = [row for row in shared if row.id != UNEXPLAINED.id and not row_of(row.id).personal]
        return tuple(named[:MOST_REVISITED])

    @property
    def blocks(self) -> list[tuple[SubmissionRow, ...]]:
        """Return the submissions as a single block, or in blocks of equal size if they are many.

        A browser lays out only the blocks near the window.
        """
        number = len(self.submissions)
        size = _BLOCK if number > _LARGE_CLASS else max(number, 1)
        return [self.submissions[start : start + size] for start in range(0, number, size)]

    def origins(self, field: str) -> list[Any]:
        """Return the values of a field, such as `environment.python`; several if runs differ."""
        value = operator.attrgetter(field)
        submitted = (
            row.result for row in self.submissions if row.result.status is not Status.NOT_SUBMITTED
        )
        return sorted({*map(value, submitted)} - {""})


def class_page(results: Iterable[Row], translator: Translator = UNTRANSLATED) -> str:
    """Return the page about all submissions, sorted by ID whatever the order of `results`."""
    return render(
        "class.html.j2",
        translator,
        page=_view(summaries(results)),
        statuses=tuple(FunctionStatus),
        training_statuses=TRAINING_STATUSES,
        results=tuple(Status),
        link=report_link,
    )


def _view(results: Sequence[ResultSummary]) -> ClassView:
    by_id = sorted(results, key=lambda row: (row.submission, row.sha256 or ""))
    names = tuple(dict.fromkeys(f.name for result in by_id for f in result.functions))
    rows = _submission_rows(results, names)
    graded = [row for row in rows if row.graded]
    submitted = [row for row in rows if row.result.status is not Status.NOT_SUBMITTED]
    ungraded = [row for row in submitted if not row.graded]
    return ClassView(
        title=rows[0].result.title or rows[0].result.assignment if rows else "",
        summary=_summary(rows, graded),
        submissions=rows,
        bars=_bars([row.fraction for row in graded]),
        functions=tuple(
            FunctionRow(name, Counter(row.statuses[i] for row in graded))
            for i, name in enumerate(names)
        ),
        without_points=tuple(presentation.without_points(row.result for row in graded)),
        groups=_groups(rows),
        mistakes=_mistakes(graded),
        same_answers=_same_answers(graded),
        same_code=_same_code(rows),
        not_attempted=_status_rows(graded, names, FunctionStatus.NOT_ATTEMPTED),
        timeouts=_status_rows(graded, names, FunctionStatus.TIMEOUT),
        stopped=tuple(row for row in ungraded if row.result.status is Status.TIMEOUT),
        unreadable=tuple(row for row in ungraded if row.result.status is not Status.TIMEOUT),
        runs=_runs(rows),
        names_students=any(r.student and r.student.name for r in results),
    )


# ------------------------------------------------------------------ rows


def _submission_rows(
    results: Sequence[ResultSummary], names: Sequence[str]
) -> tuple[SubmissionRow, ...]:
    def natural(result: ResultSummary) -> tuple[str, str, str]:
        """Return a sort key that puts s2 before s10."""
        padded = _DIGITS.sub(lambda run: run.group().zfill(12), result.submission.casefold())
        return padded, result.submission, result.sha256 or ""

    rows = []
    for position, result in enumerate(sorted(results, key=natural), 1):
        tested = {f.name: f for f in result.functions if f.tested}
        functions = [tested.get(name) for name in names]
        row = SubmissionRow(
            anchor=f"s{position}",
            result=result,
            score=result.score,
            statuses=tuple(f.status if f else None for f in functions),
            scores=tuple(f.score if f else None for f in functions),
        )
        rows.append(row)
    return tuple(rows)


def _status_rows(
    rows: Sequence[SubmissionRow], names: Sequence[str], status: FunctionStatus
) -> tuple[StatusRow, ...]:
    everywhere = tuple(row for row in rows if {*row.statuses} - {None} == {status})
    by_function = [
        StatusRow(name, tuple(row for row in rows if row.statuses[i] is status))
        for i, name in enumerate(names)
    ]
    return tuple(row for row in (StatusRow("", everywhere), *by_function) if row.submissions)


def _groups(rows: Sequence[SubmissionRow]) -> tuple[SubmissionGroup, ...]:
    """Return the groups that have members; a submission can be in several."""
    candidates = (
        ("look", gettext("To look at"), lambda row: row.result.to_look_at),
        (
            "below",
            gettext("Below half of the points"),
            lambda row: row.graded and row.fraction < 0.5,
        ),
        ("nothing", gettext("Tried nothing"), lambda row: row.graded and row.is_untouched),
        ("late", gettext("Late"), lambda row: row.result.late),
        (
            "absent",
            gettext("Not submitted"),
            lambda row: row.result.status is Status.NOT_SUBMITTED,
        ),
    )
    groups = (SubmissionGroup(i, title, tuple(filter(fits, rows))) for i, title, fits in candidates)
    return tuple(group for group in groups if group.submissions)


# ------------------------------------------------------------------ summary


def _summary(rows: Sequence[SubmissionRow], graded: Sequence[SubmissionRow]) -> Summary:
    scores = [row.score for row in graded if row.score is not None]
    submitted = [row for row in rows if row.result.status is not Status.NOT_SUBMITTED]
    times = [row.result.duration_s for row in submitted] or [0.0]
    return Summary(
        max_score=max((row.result.max_score for row in rows), default=0.0),
        submissions=len(submitted),
        absent=len(rows) - len(submitted),
        graded=len(graded),
        ungraded=len(submitted) - len(graded),
        mean=statistics.fmean(scores) if scores else None,
        median=statistics.median(scores) if scores else None,
        full=sum(row.fraction == 1.0 for row in graded),
        median_time=statistics.median(times),
        longest_time=max(times),
        total_time=sum(times),
    )


def _bars(fractions: Sequence[float]) -> tuple[Bar, ...]:
    """Count fractions in ten bins of ten percent, and full marks in a bin of their own."""
    counts = Counter(int(fraction * _BINS + _ROUNDING) for fraction in fractions)
    tallest = max(counts.values(), default=1)
    width = 100 // _BINS
    return tuple(
        Bar(i * width, min((i + 1) * width, 100), counts[i], round(100 * counts[i] / tallest, 2))
        for i in range(_BINS + 1)
    )


def _runs(rows: Sequence[SubmissionRow]) -> NotebookRuns | None:
    runs = [row.result.run for row in rows if row.result.run]
    if not runs:
        return None
    by_name: dict[str, list[TrainingSummary]] = {}
    for report in (report for run in runs for report in run.trainings):
        by_name.setdefault(report.name, []).append(report)
    trainings = (
        TrainingRow(reports[0].about, Counter(report.status for report in reports))
        for reports in by_name.values()
    )
    return NotebookRuns(len(runs), sum(run.finished for run in runs), tuple(trainings))


# ------------------------------------------------------------------ frequent mistakes


def _mistakes(rows: Sequence[SubmissionRow]) -> tuple[FrequentMistake, ...]:
    """Return the diagnoses, the most frequent first: one row for each function and kind.

    Functions that are listed in other sections, because nothing was written or time ran out, are left
    out.
    """
    messages: dict[tuple[str, str, str], dict[int, str]] = {}
    for position, row in enumerate(rows):
        for function in row.result.functions:
            for diagnosis in function.diagnoses if function.status not in _LISTED_APART else ():
                key = (diagnosis.id, function.name, diagnosis.kind)
                messages.setdefault(key, {})[position] = diagnosis.message
    ranked = sorted(messages, key=lambda key: (-len(messages[key]), key))
    return tuple(
        _mistake(number, id_, function, messages[id_, function, kind], rows)
        for number, (id_, function, kind) in enumerate(ranked, 1)
    )


def _mistake(
    number: int,
    id_: str,
    function: str,
    messages: Mapping[int, str],
    rows: Sequence[SubmissionRow],
) -> FrequentMistake:
    """Return a row; `messages` are those of the submissions, by their position in `rows`."""
    tally = Counter(messages.values())
    message = min(tally, key=lambda text: (-tally[text], text))
    submissions = tuple(rows[position] for position in messages)
    return FrequentMistake(number, id_, function, message, len(tally) > 1, submissions)


# ------------------------------------------------------------------ identical wrong results


def _same_answers(rows: Sequence[SubmissionRow]) -> tuple[SameAnswersRow, ...]:
    """Return groups of submissions with identical wrong values, the largest group first.

    Submissions that agree in several functions are one group.
    """
    by_answer: dict[_Answer, tuple[Finding, list[int]]] = {}
    for position, row in enumerate(rows):
        for function in row.result.functions:
            if finding := function.finding:
                answer = (function.name, row.result.seed, function.answer)
                by_answer.setdefault(answer, (finding, []))[1].append(position)
    by_members: dict[tuple[int, ...], list[tuple[str, Finding]]] = {}
    for (name, *_), (finding, members) in by_answer.items():
        if len(members) > 1:
            by_members.setdefault(tuple(members), []).append((name, finding))
    groups = [
        SameAnswersRow(
            functions=tuple(name for name, _ in answers),
            finding=answers[0][1],
            submissions=tuple(rows[position] for position in members),
        )
        for members, answers in by_members.items()
    ]
    groups.sort(key=lambda g: (-len(g.submissions), -len(g.functions), g.functions))
    return tuple(groups)


def _same_code(rows: Sequence[SubmissionRow]) -> tuple[SameCodeRow, ...]:
    """Return groups with the same file, then those with the same code."""
    results = [row.result for row in rows]
    return tuple(
        SameCodeRow(match.functions, tuple(rows[position] for position in match.members))
        for match in (*same_code.same_file(results), *same_code.same_code(results))
    )
