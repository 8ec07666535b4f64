"""Make the pages and tables of a gradebook again, without grading or running anything."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from grader.batch import changes, journal, roster
from grader.batch.changes import UNCHANGED, PolicyChange, Terms
from grader.batch.folder import write_all
from grader.batch.journal import Gradebook
from grader.batch.workers import collecting_rarely
from grader.errors import UsageError
from grader.messages import Translator
from grader.model import scoring
from grader.model.scoring import lacks_time
from grader.model.submission import Student
from grader.model.summary import ResultSummary


class Remade(NamedTuple):
    """The rows of a gradebook by ID, and what a person should know about them, as in `Outcome`."""

    rows: list[ResultSummary]
    without_time: tuple[str, ...]
    above_maximum: tuple[str, ...]
    roster_notes: tuple[str, ...] = ()


def remake(
    folder: Path,
    language: str | None = None,
    policy: PolicyChange = UNCHANGED,
    students: Sequence[Student] | None = None,
) -> Remade:
    """Write every page, JSON file and table of a folder again.

    Without a language it is the one in which the folder was last written. `students` replace the
    roster. Raises UsageError if the
    folder has no gradebook or is in use, and DiskError if the gradebook is damaged or a file cannot
    be written.
    """
    with journal.existing(folder) as book, collecting_rarely():
        translator = translator_of(book, language)
        refuse_unknown(policy.without or (), book.assignment.functions)
        refuse_all(policy.without or (), book.assignment.functions)
        changes.set_policy(book.connection, policy.applied(changes.policy_of(book.connection)))
        book.join_roster()
        if students is not None:
            changes.set_roster(book.connection, roster.entries(students))
            book.join_roster()
        rows = write_all(book, translator)
        terms = book.terms()
        book.language = translator.language
        book.set("views", None)
        notes = book.roster_notes() if students else ()
    without_time = tuple(row.submission for row in rows if lacks_time(row, terms.policy))
    return Remade(rows, without_time, above_maximum(rows, terms), notes)


def above_maximum(rows: Iterable[ResultSummary], terms: Terms) -> tuple[str, ...]:
    """Return the functions that have more points by hand than their maximum is by now, with the ID."""
    return tuple(
        f"{row.submission} ({name})"
        for row in rows
        for name in scoring.above_maximum(row, terms.adjustments.get(row.submission, {}).values())
    )


def translator_of(
    book: Gradebook, language: str | None = None, *, empty: bool = False
) -> Translator:
    """Return the translator into a language, or into that of the last run.

    Raises UsageError if the gradebook has no results, unless it may be `empty` because all submissions
    were removed.
    """
    if not book.submissions() and not (empty and book.assignment.name):
        raise UsageError(f"The gradebook in {book.folder} has no submissions. Run 'grader batch'.")
    if book.language is None:
        raise UsageError(
            f"The gradebook in {book.folder} was written by an earlier version of grader. Run "
            "'grader batch' again first."
        )
    return book.translator(language or book.language)


def refuse_all(without: Sequence[str], functions: Collection[str]) -> None:
    """Raise UsageError if all functions would be dropped: then every score would be 0 of 0."""
    if functions and set(functions) <= {*without}:
        raise UsageError("--without drops every function, so nothing would count. Leave one.")


def refuse_unknown(names: Iterable[str], functions: Iterable[str]) -> None:
    """Raise UsageError for the name of a function that the assignment does not grade."""
    known = list(functions)
    for name in names:
        if name not in known:
            raise UsageError(f"There is no graded function {name}. There are {', '.join(known)}.")
