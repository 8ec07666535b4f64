"""The rows of students on a roster."""

from __future__ import annotations

from collections.abc import Sequence

from grader.batch.changes import Entry
from grader.intake.ids import safe
from grader.model import Student


def entries(students: Sequence[Student]) -> list[Entry]:
    """Return an entry with an ID for each student: name and id, as in the downloads of platforms."""
    by_id: dict[str, Entry] = {}
    for student in students:
        parts = [part for part in (student.name, student.id) if part] or [student.email or ""]
        name = safe("_".join(parts))
        number = 1
        while name.casefold() in by_id:
            number += 1
            name = safe(f"{'_'.join(parts)}-{number}")
        by_id[name.casefold()] = Entry(name, student)
    return list(by_id.values())
