"""The history of a gradebook: its runs, and the differences between two moments of a class.

A moment is computed from rows that stay as they are: the last grading of each submission up to a number,
the adjustments up to a number, and the policy at that time.
"""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from grader.batch import changes
from grader.batch.changes import Terms
from grader.batch.journal import Gradebook
from grader.errors import UsageError
from grader.messages import and_list
from grader.model.findings import CheckResult
from grader.model.gradebook import FORGET, Move, ScoreDifference
from grader.model.result import AdjustmentKind, FunctionResult, Result
from grader.model.scoring import Policy

_UNKNOWN = "the assignment, the settings or the grader"
_LATENESS = {True: "late", False: "in time", None: "not known if late"}


# ------------------------------------------------------------------ runs


@dataclass(frozen=True, slots=True)
class Run:
    """A row of `runs`. The parts of its conditions are None if an earlier version recorded it."""

    number: int
    fingerprint: str
    assignment_sha256: str | None = None
    settings: str | None = None
    grader: str | None = None
    python: str | None = None
    numpy: str | None = None
    dropped: str | None = None
    due: str | None = None
    late_penalty: str | None = None
    last_grading: int | None = None
    last_adjustment: int | None = None
    started: str = ""
    finished: str | None = None


_RUN_COLUMNS = (
    "number, fingerprint, assignment_sha256, settings, grader, python, numpy, dropped, due, "
    "late_penalty, last_grading, last_adjustment, started, finished"
)


def begin_run(book: Gradebook) -> None:
    """Record that a run begins. Its gradings get its number."""
    c = book.conditions
    with book.connection:
        book.run = book.connection.execute(
            "INSERT INTO runs (started, fingerprint, assignment_sha256, settings, grader, python, numpy) "
            "VALUES (?, ?, ?, ?, ?, ?, ?)",
            (
                changes.now(),
                c.fingerprint,
                c.assignment_sha256,
                c.settings,
                c.grader,
                c.python,
                c.numpy,
            ),
        ).lastrowid


def finish_run(book: Gradebook) -> None:
    """Record that the run has ended, and the policy and the last rows at that time."""
    policy = [changes.setting(book.connection, key) for key in ("dropped", "due", "late_penalty")]
    with book.connection:
        book.connection.execute(
            "UPDATE runs SET finished = ?, dropped = ?, due = ?, late_penalty = ?, "
            "last_grading = ?, last_adjustment = ? WHERE number = ?",
            (changes.now(), *policy, book.last("gradings"), book.last("adjustments"), book.run),
        )


def runs(book: Gradebook) -> list[Run]:
    """Return all runs, the first one first. Raises DiskError for a damaged row."""
    rows = book.rows(f"SELECT {_RUN_COLUMNS} FROM runs ORDER BY number")  # noqa: S608  # names of ours
    names = _RUN_COLUMNS.split(", ")
    try:
        return [msgspec.convert(dict(zip(names, row, strict=True)), Run) for row in rows]
    except (ValueError, TypeError) as error:
        raise changes.damaged(book.connection, "runs") from error


# ------------------------------------------------------------------ moments


@dataclass(frozen=True, slots=True)
class Moment:
    """A moment of a gradebook: its terms, and the number of the last grading of each submission."""

    book: Gradebook
    terms: Terms
    gradings: Mapping[str, int]
    runs: Mapping[int, Run]
    functions: tuple[str, ...]

    def graded(self, submission: str) -> Standing | None:
        """Return a submission at this moment. Raises DiskError for a damaged row."""
        number = self.gradings.get(submission)
        try:
            graded = _grading(self.book, number) if number else None
        except (ValueError, TypeError) as error:
            raise changes.damaged(self.book.connection, "gradings", submission) from error
        if not graded:
            return None
        by_name = {function.name: function for function in graded.result.functions}
        functions = tuple(by_name[name] for name in (*self.functions, *by_name) if name in by_name)
        raw = dataclasses.replace(graded.result, functions=tuple(dict.fromkeys(functions)))
        return dataclasses.replace(graded, result=self.terms.counted(raw))


@dataclass(frozen=True, slots=True)
class Standing:
    """The result that counts, without texts, and the fingerprint and the run of its grading.

    `is_marked` is the download's mark that it was late, None if the download has no such marks.
    """

    result: Result
    fingerprint: str = ""
    run: int | None = None
    is_marked: bool | None = None

    @property
    def time(self) -> tuple[str | None, bool | None]:
        """The time of submission and the mark, as in the download."""
        return self.result.submitted_at, self.is_marked


def present(book: Gradebook) -> Moment:
    """Return the present moment. Raises DiskError for damaged rows."""
    policy = changes.policy_of(book.connection)
    return _moment(book, policy, book.last("gradings"), book.last("adjustments"))


def after(book: Gradebook, run: Run) -> Moment:
    """Return the moment when a run ended. Raises DiskError for damaged rows."""
    policy = changes.policy_from(book.connection, run.dropped, run.due, run.late_penalty)
    return _moment(book, policy, run.last_grading or 0, run.last_adjustment or 0)


def before_last_run(book: Gradebook) -> Moment:
    """Return the moment when the last run but one ended, or the only run. Raises UsageError, DiskError."""
    ended = [run for run in runs(book) if run.finished is not None]
    if not ended:
        raise UsageError(f"No run into {book.folder} has finished yet. Run 'grader batch' again.")
    return after(book, ended[-2:][0])


def _moment(book: Gradebook, policy: Policy, last_grading: int, last_change: int) -> Moment:
    rows = [row for row in changes.changes(book.connection) if row.number <= last_change]
    forgotten = {row.submission: row.last_grading for row in rows if row.kind == FORGET}
    gradings = book.rows(
        "SELECT submission, max(number) FROM gradings WHERE number <= ? AND status IS NOT NULL "
        "GROUP BY submission",
        (last_grading,),
    )
    return Moment(
        book,
        Terms(policy, changes.in_effect(rows), book.entries()),
        {name: number for name, number in gradings if number > forgotten.get(name, 0)},
        {run.number: run for run in runs(book)},
        tuple(book.assignment.functions),
    )


def _grading(book: Gradebook, number: int) -> Standing:
    """Return a grading, its result with points and statuses only. Raises ValueError."""
    checks: dict[str, list[tuple[Any, ...]]] = {}
    for function, *row in book.rows(
        "SELECT function, check_name, status, score, max_score FROM points WHERE grading = ?",
        (number,),
    ):
        checks.setdefault(function, []).append(tuple(row))
    ((fingerprint, run, *row),) = book.rows(
        "SELECT fingerprint, run, submission, sha256, status, score, max_score, submitted_at, late "
        "FROM gradings WHERE number = ?",
        (number,),
    )
    names = ("submission", "sha256", "status", "score", "max_score", "submitted_at", "late")
    plain = dict(zip(names, row, strict=True))
    plain |= {"late": None if plain["late"] is None else bool(plain["late"]), "assignment": ""}
    functions = tuple(_function(name, rows) for name, rows in checks.items())
    result = msgspec.convert(plain | {"functions": ()}, Result)
    result = dataclasses.replace(result, functions=functions)
    return Standing(result, fingerprint, run, result.late)


def _function(name: str, rows: Sequence[tuple[Any, ...]]) -> FunctionResult:
    total, *checks = sorted(rows)  # the function's own row has no name
    keys = ("name", "status", "score", "max_score")
    plain = [dict(zip(keys, row, strict=True)) | {"message": ""} for row in checks]
    function = dict(zip(keys, (name, *total[1:]), strict=True))
    return dataclasses.replace(
        msgspec.convert(function, FunctionResult),
        checks=msgspec.convert(plain, tuple[CheckResult, ...]),
    )


# ------------------------------------------------------------------ differences


def differences(before: Moment, later: Moment) -> Iterator[ScoreDifference]:
    """Yield the submissions whose points, status or presence differ, sorted by ID."""
    same_book = before.book is later.book
    for submission in sorted({*before.gradings, *later.gradings}):
        same_grading = before.gradings.get(submission) == later.gradings.get(submission)
        if same_book and same_grading and before.terms.of(submission) == later.terms.of(submission):
            continue
        old, new = before.graded(submission), later.graded(submission)
        if moves := list(_moves(old, new)):
            reasons = (
                *_reasons_of_grading(before, later, old, new),
                *_reasons_of_time(before, later, old, new),
                *_reasons_of_terms(old, new),
            )
            yield ScoreDifference(
                submission,
                old.result.score if old else None,
                new.result.score if new else None,
                tuple(moves),
                reasons or ("graded again",),
            )


def _moves(old: Standing | None, new: Standing | None) -> Iterator[Move]:
    """Yield the parts of a submission that differ: checks, functions without checks, the whole.

    A function that only one version of the assignment has is one of them.
    """
    if old is None or new is None:
        yield Move("", "", None, None)
        return
    if old.result.status is not new.result.status:
        yield Move("", f"{old.result.status} → {new.result.status}", None, None)
    earlier, later = (
        {function.name: function for function in standing.result.functions}
        for standing in (old, new)
    )
    for name in {**earlier, **later}:
        if name in earlier and name in later:
            yield from _moves_of_function(earlier[name], later[name])
        elif points := (earlier.get(name) or later[name]).score:
            yield Move(name, "", *((points, None) if name in earlier else (None, points)))
    if old.time != new.time and old.result.late is not new.result.late:
        lateness = [_LATENESS[standing.result.late] for standing in (old, new)]
        yield Move("", " → ".join(lateness), None, None)
    penalties = [r.late_penalty.points if r.late_penalty else 0.0 for r in (old.result, new.result)]
    if penalties[0] != penalties[1]:
        yield Move("", "late penalty", -penalties[0], -penalties[1])


def _moves_of_function(old: FunctionResult, new: FunctionResult) -> Iterator[Move]:
    if old.score == new.score:  # a dropped function without points moves nothing
        return
    points = {check.name: check.score for check in new.checks}
    moves = [
        Move(old.name, check.name, check.score, points[check.name])
        for check in old.checks
        if check.name in points and check.score != points[check.name]
    ]
    by_checks = sum((m.after or 0.0) - (m.before or 0.0) for m in moves)
    explained = by_checks == (new.score or 0.0) - (old.score or 0.0)
    yield from moves if explained and moves else [Move(old.name, "", old.score, new.score)]


def _reasons_of_grading(
    before: Moment, later: Moment, old: Standing | None, new: Standing | None
) -> Iterator[str]:
    """Yield why grading gave other points."""
    if old is None or new is None:
        yield "a new submission" if new else "no longer in the gradebook"
        return
    if _graded_points(old.result) == _graded_points(new.result):
        return
    if old.result.sha256 != new.result.sha256:
        yield "the file changed"
    if old.fingerprint != new.fingerprint:
        runs_of_both = (before.runs.get(old.run or 0), later.runs.get(new.run or 0))
        yield f"{and_list(changed_conditions(*runs_of_both))} changed"


def _graded_points(result: Result) -> tuple[Any, ...]:
    checks = [[(c.name, c.score) for c in function.checks] for function in result.functions]
    return result.status, result.raw_score, checks


def _reasons_of_time(
    before: Moment, later: Moment, old: Standing | None, new: Standing | None
) -> Iterator[str]:
    """Yield why the late penalty or the mark is another: the time of submission, or the policy."""
    if old is None or new is None:
        return
    is_other = old.result.late_penalty != new.result.late_penalty
    if old.time != new.time and (is_other or old.result.late is not new.result.late):
        yield "another time of submission"
        policies = [dataclasses.replace(m.terms.policy, without=()) for m in (before, later)]
        is_other = policies[0] != policies[1]
    if is_other:
        yield "the late penalty changed"


def _reasons_of_terms(old: Standing | None, new: Standing | None) -> Iterator[str]:
    """Yield the changes of people: dropped functions, adjustments."""
    if old is None or new is None:
        return
    maximum = {function.name: function.max_score for function in old.result.functions}
    for function in new.result.functions:
        if not function.max_score and maximum.get(function.name):
            yield f"{function.name} was dropped"
        elif function.max_score and maximum.get(function.name) == 0.0:
            yield f"{function.name} counts again"
    before, later = (
        [
            dataclasses.replace(change, raw_points=None)
            for change in standing.result.adjustments
            if change.kind is not AdjustmentKind.COMMENT
        ]
        for standing in (old, new)
    )
    yield from (f"changed by {change.by}: {change.why}" for change in later if change not in before)
    if set(before) - set(later) and set(later) <= set(before):
        yield "a change by a person was taken back, or is missing"


def changed_conditions(old: Run | None, new: Run | None) -> list[str]:
    """Return the conditions that differ between two runs, as nouns; all of them if not known."""
    if old is None or new is None or None in (old.assignment_sha256, new.assignment_sha256):
        return [_UNKNOWN]
    nouns = ["the assignment"] * (old.assignment_sha256 != new.assignment_sha256)
    settings = [_settings(run) for run in (old, new)]
    nouns += [
        f"--{key.replace('_', '-')}"
        for key in settings[1]
        if settings[0].get(key) != settings[1][key]
    ]
    versions = {"grader": "grader", "python": "Python", "numpy": "NumPy"}
    for key, name in versions.items():
        if getattr(old, key) != getattr(new, key):
            nouns.append(f"the version of {name}")
    return nouns or [_UNKNOWN]


def _settings(run: Run) -> dict[str, Any]:
    with contextlib.suppress(ValueError):
        return msgspec.json.decode(run.settings or "{}", type=dict[str, Any])
    return {}


def regraded(before: Moment, later: Moment) -> str:
    """Return a sentence about submissions that were graded again without a change of theirs, or "".

    Another file can have another score for its own sake, so it is not counted. Both scores are on the
    later terms, so that changes of people since then are not counted.
    """
    nouns: dict[str, None] = {}
    moved: list[float] = []
    for old, new in _recorded_since(before, later):
        if {old.fingerprint, new.fingerprint} & {""} or old.fingerprint == new.fingerprint:
            continue
        if old.result.sha256 != new.result.sha256:
            continue
        runs_of_both = (before.runs.get(old.run or 0), later.runs.get(new.run or 0))
        nouns |= dict.fromkeys(changed_conditions(*runs_of_both))
        moved.append((new.result.score or 0.0) - (old.result.score or 0.0))
    if not moved:
        return ""
    verb = "has" if len(nouns) == 1 else "have"
    cause = f"{and_list(nouns)} {verb} changed since the last run"
    moves = [move for move in moved if move]
    return f"{cause[0].upper()}{cause[1:]}: {len(moved)} graded again, {_extent(moves)}."


def retimed(before: Moment, later: Moment) -> str:
    """Return a sentence about the same files with another time of submission or late mark, or "".

    Both scores are on the later terms. A file that was graded again with other points is not counted.
    """
    moved = [
        (new.result.score or 0.0) - (old.result.score or 0.0)
        for old, new in _recorded_since(before, later)
        if old.time != new.time
        and old.result.sha256 == new.result.sha256
        and _graded_points(old.result) == _graded_points(new.result)
    ]
    if not moved:
        return ""
    number = "1 submission has" if len(moved) == 1 else f"{len(moved)} submissions have"
    moves = [move for move in moved if move]
    return f"{number} another time of submission or late mark since the last run: {_extent(moves)}."


def _recorded_since(before: Moment, later: Moment) -> Iterator[tuple[Standing, Standing]]:
    """Yield the submissions of both moments that were recorded in between, on the later terms."""
    before = dataclasses.replace(before, terms=later.terms)
    for submission, number in later.gradings.items():
        if before.gradings.get(submission, number) != number:
            old, new = before.graded(submission), later.graded(submission)
            if old and new:
                yield old, new


def _extent(moves: Sequence[float]) -> str:
    """Return how many scores moved, and by how much."""
    if not moves:
        return "no score moved"
    low, high = min(moves), max(moves)
    number = "1 score" if len(moves) == 1 else f"{len(moves)} scores"
    if low < 0 < high:
        return f"{number} moved, by {low:+g} to {high:+g}"
    most = low if low < 0 else high
    return f"{number} moved, by {most:+g}{' at most' * (len(moves) > 1)}"
