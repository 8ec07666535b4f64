"""The rows of students on a roster, and sentences about submissions that do not fit it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from grader.batch.changes import Entry
from grader.intake.ids import safe
from grader.messages.sanitize import one_line
from grader.model.students import names_differ, participant_number
from grader.model.submission import Student

_NAMED: Final = 3
_CHECK: Final = "Check whose number it is, and correct the roster if it is wrong."
_IF_GROUPS: Final = (
    "If they are groups, Canvas lists one member of each: let Canvas give the grade to the whole group, "
    "and do not use --zero-missing. Otherwise check the numbers on the roster."
)


def entries(students: Sequence[Student]) -> list[Entry]:
    """Return an entry with an ID for each student: name and id, as in the downloads of platforms."""
    by_id: dict[str, Entry] = {}
    for student in students:
        parts = [part for part in (student.name, student.id) if part] or [student.email or ""]
        label = "_".join(parts).replace(", ", "_")
        name = safe(label)
        number = 1
        while name.casefold() in by_id:
            number += 1
            name = safe(f"{label}-{number}")
        by_id[name.casefold()] = Entry(name, student)
    return list(by_id.values())


def notes(matches: Mapping[str, Entry], students: Mapping[str, Student], listed: int) -> list[str]:
    """Return sentences for the instructor about a roster that does not fit the submissions.

    `matches` has the entry of each submission that has one, `students` all submissions with their
    students, and `listed` is the number of students on the roster.
    """
    return [*_few(len(matches), len(students), listed), *_names(matches, students)]


def _few(matching: int, submissions: int, listed: int) -> Iterator[str]:
    if 2 * matching < min(submissions, listed):
        yield (
            f"{matching} of {listed} students on the roster have a submission. If that is too few, "
            "check that its columns of numbers, names or e-mail addresses are those of the platform, "
            "and name them in its first line, for example id,name,email."
        )


def _names(matches: Mapping[str, Entry], students: Mapping[str, Student]) -> Iterator[str]:
    """Yield a sentence about students whom only the number joins: their names share no word."""
    joined = {
        submission: entry
        for submission, entry in matches.items()
        if (own := students[submission]).id and own.id == entry.student.id and own.name
    }
    differ = {
        submission: names_differ(students[submission].name, entry.student.name)
        for submission, entry in joined.items()
        if participant_number(students[submission].name or "") != entry.student.id
    }
    differing = {submission: joined[submission] for submission, answer in differ.items() if answer}
    equal = len(joined) - len(differ) + [*differ.values()].count(False)
    if not differing:
        return
    examples = ", ".join(
        f"{submission} ({one_line(entry.student.name or '')} on the roster)"
        for submission, entry in [*differing.items()][:_NAMED]
    )
    more = f" and {len(differing) - _NAMED} more" if len(differing) > _NAMED else ""
    yield (
        f"Download and roster have the same number but different names for {examples}{more}. "
        f"{_IF_GROUPS if len(differing) > max(equal, 1) else _CHECK}"
    )
