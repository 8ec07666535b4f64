"""The changes of people in a gradebook: points, comments, extensions, the policy, the roster.

Nothing here touches a result as it was graded. `Terms` applies the changes to it. The rows of
`adjustments` are only added: taking one back, and removing a submission, are rows too. Only their ID
changes, from that of a roster entry to that of the submission that takes its place.
"""

from __future__ import annotations

import dataclasses
import json
import re
import sqlite3
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final, NamedTuple

import msgspec

from grader.errors import DiskError, UsageError
from grader.messages import gettext
from grader.messages.sanitize import one_line
from grader.model.findings import FunctionStatus
from grader.model.gradebook import FORGET, UNDO, Change
from grader.model.result import Adjustment, FunctionResult, Result, Status
from grader.model.scoring import AS_GRADED, Policy, counted, parse_rule
from grader.model.submission import Student

_NUMBER = re.compile(r"\d{4,}")
LONGEST_TEXT = 2000
"""Characters of a reason or a comment; the rest is cut off."""


def now() -> str:
    """Return the time as the gradebook stores it: ISO 8601 with zone, to the second."""
    return datetime.now().astimezone().isoformat(timespec="seconds")


def damaged(connection: sqlite3.Connection, table: str, submission: str = "") -> DiskError:
    """Return the error for rows of a table that cannot be read, of one submission if it is known."""
    file = Path(connection.execute("PRAGMA database_list").fetchone()[2])
    row = f" at {submission}" if submission else ""
    return DiskError(
        f"The gradebook in {file.parent} is damaged: its table {table} cannot be read{row}. "
        f"{restore(file)}"
    )


def restore(file: Path) -> str:
    """Return the sentence after one about a damaged gradebook: what to do, and which copy exists."""
    sentence = (
        f"Restore {file.name} from a backup, or start a new gradebook with 'grader batch' and another "
        "folder for --out."
    )
    copies = sorted(copy.name for copy in file.parent.glob(f"{file.stem}-v*{file.suffix}"))
    if copies:
        sentence += f" A copy from before the update of grader is in {copies[-1]}."
    return sentence


def setting(connection: sqlite3.Connection, key: str) -> str | None:
    """Return a value of the table `meta`, None if it is not set."""
    row = connection.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
    return None if row is None else str(row[0])


def set_setting(connection: sqlite3.Connection, key: str, value: str | None) -> None:
    """Set a value of the table `meta`; None removes it. The caller commits."""
    connection.execute("DELETE FROM meta WHERE key = ?", (key,))
    if value is not None:
        connection.execute("INSERT INTO meta VALUES (?, ?)", (key, value))


@dataclass(frozen=True, slots=True)
class Described:
    """The assignment of a gradebook: its name, its title, and the points of each function."""

    name: str = ""
    title: str = ""
    functions: Mapping[str, float] = dataclasses.field(default_factory=dict)


def assignment_of(connection: sqlite3.Connection) -> Described:
    """Return the assignment of a gradebook, without a name in a new one. Raises DiskError."""
    try:
        functions = msgspec.json.decode(
            setting(connection, "functions") or "{}", type=dict[str, float]
        )
    except ValueError as error:
        raise damaged(connection, "meta") from error
    name, title = (setting(connection, key) or "" for key in ("assignment", "title"))
    return Described(name, title, functions)


def described(result: Result) -> Described:
    """Return the assignment of a result."""
    functions = {function.name: function.max_score for function in result.functions}
    return Described(result.assignment, f"{result.title}", functions)


def set_assignment(connection: sqlite3.Connection, described: Described) -> None:
    """Store the assignment of a gradebook. The caller commits."""
    set_setting(connection, "assignment", described.name)
    set_setting(connection, "title", described.title)
    set_setting(connection, "functions", json.dumps(dict(described.functions)))


# ------------------------------------------------------------------ the policy


@dataclass(frozen=True, slots=True)
class PolicyChange:
    """Changes of a policy. None keeps a part as it is; an empty text or tuple removes it."""

    without: tuple[str, ...] | None = None
    due: str | None = None
    late_penalty: str | None = None

    def applied(self, policy: Policy) -> Policy:
        """Return the policy after the changes. Raises UsageError for a rule that cannot be read."""
        if self.late_penalty:
            parse_rule(self.late_penalty)
        return Policy(
            policy.without if self.without is None else self.without,
            policy.due if self.due is None else self.due or None,
            policy.late_penalty if self.late_penalty is None else self.late_penalty or None,
        )


UNCHANGED: Final = PolicyChange()


def policy_of(connection: sqlite3.Connection) -> Policy:
    """Return the policy of a gradebook. Raises DiskError if it is damaged."""
    return policy_from(
        connection, *(setting(connection, key) for key in ("dropped", "due", "late_penalty"))
    )


def policy_from(
    connection: sqlite3.Connection, dropped: str | None, due: str | None, late_penalty: str | None
) -> Policy:
    """Return the policy that a row has. Raises DiskError if it is damaged."""
    try:
        without = msgspec.json.decode(dropped or "[]", type=tuple[str, ...])
        if due:
            datetime.fromisoformat(due)
        if late_penalty:
            parse_rule(late_penalty)
    except (ValueError, TypeError, UsageError) as error:
        raise damaged(connection, "meta") from error
    return Policy(without, due, late_penalty)


def set_policy(connection: sqlite3.Connection, policy: Policy) -> None:
    """Store the policy of a gradebook."""
    values = {
        "dropped": json.dumps(policy.without) if policy.without else None,
        "due": policy.due,
        "late_penalty": policy.late_penalty,
    }
    with connection:
        for key, value in values.items():
            set_setting(connection, key, value)


# ------------------------------------------------------------------ adjustments


def changes(connection: sqlite3.Connection) -> list[Change]:
    """Return all rows of `adjustments`, the first one first. Raises DiskError for a damaged row."""
    rows = connection.execute(
        "SELECT number, submission, kind, author, at, undoes, last_grading, function, points, due, why "
        "FROM adjustments ORDER BY number"
    )
    try:
        return [_change(*row) for row in rows]
    except (ValueError, TypeError) as error:
        raise damaged(connection, "adjustments") from error


def _change(*row: Any) -> Change:
    names = ("number", "submission", "kind", "author", "at", "undoes", "last_grading")
    plain = dict(zip(names, row, strict=False))
    function, points, due, why = row[len(names) :]
    if plain["kind"] not in (UNDO, FORGET):
        if due:
            datetime.fromisoformat(due)
        plain["adjustment"] = {
            "kind": plain["kind"],
            "why": why,
            "by": plain["author"],
            "at": plain["at"],
            "function": function,
            "points": points,
            "due": due,
        }
    return msgspec.convert(plain, Change)


def add_change(
    connection: sqlite3.Connection,
    submission: str,
    adjustment: Adjustment,
    *,
    kind: str = "",
    undoes: int | None = None,
) -> None:
    """Add a row to `adjustments`; `kind` is `UNDO` or `FORGET` if it is no adjustment."""
    columns = "submission, kind, function, points, due, why, author, at, undoes, last_grading"
    row = (
        *(submission, kind or str(adjustment.kind), adjustment.function, adjustment.points),
        *(adjustment.due, *map(_line, (adjustment.why, adjustment.by)), adjustment.at, undoes),
    )
    with connection:
        connection.execute(
            f"INSERT INTO adjustments ({columns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, "  # noqa: S608  # names of ours
            "(SELECT coalesce(max(number), 0) FROM gradings))",
            row,
        )


def move_changes(connection: sqlite3.Connection, old: str, new: str) -> None:
    """Give the changes under one ID to another ID of the same student. The caller commits."""
    connection.execute("UPDATE adjustments SET submission = ? WHERE submission = ?", (new, old))


def _line(text: str) -> str:
    return one_line(text, limit=LONGEST_TEXT)


def in_effect(rows: Sequence[Change], last: int | None = None) -> dict[str, dict[int, Adjustment]]:
    """Return the adjustments that hold, by submission and number; `last` is the last row to look at."""
    rows = [row for row in rows if last is None or row.number <= last]
    undone = {row.undoes for row in rows}
    effective: defaultdict[str, dict[int, Adjustment]] = defaultdict(dict)
    for row in rows:
        if row.kind == FORGET:
            effective.pop(row.submission, None)
        elif row.adjustment and row.number not in undone:
            effective[row.submission][row.number] = row.adjustment
    return dict(effective)


# ------------------------------------------------------------------ the roster


@dataclass(frozen=True, slots=True)
class Entry:
    """A student on the roster, and the ID of the row if the student hands in nothing."""

    submission: str
    student: Student


@dataclass(frozen=True, slots=True)
class Terms:
    """The terms on which results count: the policy, adjustments and roster entries by submission."""

    policy: Policy = AS_GRADED
    adjustments: Mapping[str, Mapping[int, Adjustment]] = dataclasses.field(default_factory=dict)
    entries: Mapping[str, Entry] = dataclasses.field(default_factory=dict)

    def of(self, submission: str) -> Terms:
        """Return the part that one submission needs."""
        entry, rows = self.entries.get(submission), self.adjustments.get(submission)
        return Terms(
            self.policy,
            {submission: rows} if rows else {},
            {submission: entry} if entry else {},
        )

    def counted(self, raw: Result) -> Result:
        """Return the result that counts, with the name and the missing parts that the roster knows."""
        terms = self.of(raw.submission)
        if entry := terms.entries.get(raw.submission):
            listed, student = entry.student, raw.student or Student()
            student = Student(
                student.id or listed.id, listed.name or student.name, student.email or listed.email
            )
            raw = dataclasses.replace(raw, student=student)
        rows = terms.adjustments.get(raw.submission, {})
        return counted(raw, self.policy, tuple(rows.values()))


def roster_of(connection: sqlite3.Connection) -> list[Entry]:
    """Return the roster, sorted by ID. Raises DiskError for a damaged row."""
    rows = connection.execute(
        "SELECT submission, student_id, student, email FROM roster ORDER BY submission"
    )
    try:
        return [
            msgspec.convert(
                {"submission": key, "student": {"id": number, "name": name, "email": email}}, Entry
            )
            for key, number, name, email in rows
        ]
    except (ValueError, TypeError) as error:
        raise damaged(connection, "roster") from error


def set_roster(connection: sqlite3.Connection, entries: Sequence[Entry]) -> None:
    """Replace the roster. Changes of a student whose entry has another ID by now move to that."""
    rows = [(e.submission, e.student.name, e.student.id, e.student.email) for e in entries]
    present = {entry.submission for entry in entries}
    present |= {name for (name,) in connection.execute("SELECT submission FROM results")}
    former = {e.submission: e.student for e in roster_of(connection) if e.submission not in present}
    with connection:
        for old, entry in matches(entries, former).items():
            move_changes(connection, old, entry.submission)
        connection.execute("DELETE FROM roster")
        connection.executemany("INSERT INTO roster VALUES (?, ?, ?, ?)", rows)


def matches(entries: Sequence[Entry], students: Mapping[str, Student | None]) -> dict[str, Entry]:
    """Return the entry on the roster of each submission that has one.

    `students` are those of the downloads by submission. A student is found by id, e-mail address or
    name, in this order, else by the ID of the submission. A word that two entries share is not used. If
    the class has the IDs of the roster, names do not join different IDs: they can be of two people.
    """
    students = dict(sorted(students.items()))
    by_submission: dict[str, Entry] = {}
    used: set[str] = set()
    own = {student.id for student in students.values() if student and student.id}
    have_ids = any(entry.student.id in own for entry in entries)
    for key in _KEYS:
        index: dict[str, Entry | None] = {}
        for entry in entries:
            for word in key.of_entry(entry):
                index[word] = None if word in index else entry
        for submission, plain in students.items():
            student = plain or Student()
            words = key.of_submission(submission, student)
            match = next((entry for entry in map(index.get, words) if entry), None)
            if not match or submission in by_submission or match.submission in used:
                continue
            if not (key.is_name and have_ids and student.id and match.student.id):
                by_submission[submission] = match
                used.add(match.submission)
    rest = [entry for entry in entries if entry.submission not in used]
    names = [n for n, s in students.items() if n not in by_submission and not (s and s.id)]
    of_clones = _of_clones(rest, names)
    rest = [entry for entry in rest if entry not in of_clones.values()]
    return by_submission | of_clones | _by_number(rest, [n for n in names if n not in of_clones])


def _of_clones(entries: Sequence[Entry], submissions: Iterable[str]) -> dict[str, Entry]:
    """Return the entries of clones of GitHub Classroom, `task-user`, if several have the same task."""
    users = {entry.student.id.casefold(): entry for entry in entries if entry.student.id}
    by_task: defaultdict[str, dict[str, Entry]] = defaultdict(dict)
    for submission in submissions:
        words = submission.casefold().split("-")
        for n in range(1, len(words)):
            if entry := users.get("-".join(words[n:])):
                by_task["-".join(words[:n])][submission] = entry
    clones = max(by_task.values(), key=len, default={})
    return clones if len(clones) > 1 else {}


def _by_number(entries: Sequence[Entry], submissions: Iterable[str]) -> dict[str, Entry]:
    """Return the entries of files with a student's number in their name: `ada_1040` has that of 1040.

    Short numbers are not used, and none that two files have: it can be that of the task or a year.
    """
    words = {submission: {*re.findall(r"[^\W_]+", submission)} for submission in submissions}
    counts = Counter(word for own in words.values() for word in own)
    numbers = {
        number: entry
        for entry in entries
        if _NUMBER.fullmatch(number := entry.student.id or "") and counts[number] == 1
    }
    matching = {submission: own & numbers.keys() for submission, own in words.items()}
    return {name: numbers[own.pop()] for name, own in matching.items() if len(own) == 1}


def _id(student: Student) -> set[str]:
    return {student.id} if student.id else set()


def _email(student: Student) -> set[str]:
    return {student.email.casefold()} if student.email else set()


def _name(student: Student) -> set[str]:
    """Return the words of a name in alphabetical order, so that "Lovelace, Ada" is Ada Lovelace."""
    return {" ".join(sorted(_words(student)))} - {""}


def _words(student: Student) -> list[str]:
    return re.findall(r"[^\W_]+", unicodedata.normalize("NFC", student.name or "").casefold())


def _joined(entry: Entry) -> set[str]:
    """Return the words of a name without spaces, from each on: Canvas writes `lovelaceada`."""
    words = _words(entry.student)
    return {"".join(words[n:] + words[:n]) for n in range(len(words))}


def _any(entry: Entry) -> set[str]:
    """Return the texts that a file named after a student can have as its name."""
    student, email = entry.student, entry.student.email or ""
    words = (student.id or "", email, email.partition("@")[0], entry.submission)
    name = (student.name or "").replace(" ", "_")
    return {word.casefold() for word in (*words, name)} - {""}


class _Key(NamedTuple):
    """The words by which an entry and a submission are the same student."""

    of_entry: Callable[[Entry], set[str]]
    of_submission: Callable[[str, Student], set[str]]
    is_name: bool = True


_KEYS = (
    _Key(lambda entry: _id(entry.student), lambda _, student: _id(student), is_name=False),
    _Key(lambda entry: _email(entry.student), lambda _, student: _email(student), is_name=False),
    _Key(lambda entry: _name(entry.student), lambda _, student: _name(student)),
    _Key(_any, lambda submission, _: {submission.casefold()}),
    _Key(_joined, lambda name, student: {"".join(_words(student)), name.casefold()} - {""}),
)


def not_submitted(entry: Entry, assignment: Described) -> Result:
    """Return the row of a student who handed in nothing. It has no score and no page."""
    return Result(
        assignment=assignment.name,
        submission=entry.submission,
        sha256=None,
        status=Status.NOT_SUBMITTED,
        score=None,
        max_score=sum(assignment.functions.values()),
        functions=tuple(
            FunctionResult(name, FunctionStatus.MISSING, None, max_score)
            for name, max_score in assignment.functions.items()
        ),
        message=gettext("Nothing was submitted."),
        title=assignment.title,
        student=entry.student,
    )
