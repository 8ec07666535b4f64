"""Read the files about students in a download: Gradescope's list, receipts, times of submission."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, tzinfo
from typing import Any, NamedTuple

from grader.errors import GraderError
from grader.intake.files import File
from grader.intake.times import parse
from grader.messages.sanitize import one_line
from grader.model.submission import Student

METADATA = "submission_metadata.yml"
_RECEIPT = re.compile(
    r"^[^:\n]{1,40}:[ \t]*(?P<name>[^\n]*?)[ \t]*\((?P<id>[^()\s]+)\)[ \t]*\r?$", re.MULTILINE
)


class Record(NamedTuple):
    """One submission in Gradescope's list; a group has several students."""

    students: tuple[Student, ...]
    time: datetime | None


def gradescope(file: File, zone: tzinfo | None) -> dict[str, Record]:
    """Return the records of `submission_metadata.yml` by folder. Raises Unreadable; ValueError if damaged."""
    import yaml  # slow, and only this platform needs it

    # This loader makes text, lists and dictionaries only, whatever the tags say.
    loader: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
    try:
        tree = yaml.load(file.fetch(), Loader=loader)  # noqa: S506
    except (yaml.YAMLError, RecursionError) as error:
        raise ValueError("it is not valid YAML") from error
    if not isinstance(tree, dict):
        raise ValueError("it is not a list of submissions")
    return {
        str(folder): Record(tuple(_students(value)), _created(_get(value, "created_at"), zone))
        for folder, value in tree.items()
        if isinstance(value, dict)
    }


def _get(mapping: dict[str, Any], key: str) -> Any:
    """Return the value of a key, which Ruby writes with a colon in front."""
    return mapping.get(f":{key}", mapping.get(key))


def _students(submission: dict[str, Any]) -> Iterator[Student]:
    submitters = _get(submission, "submitters")
    for entry in submitters if isinstance(submitters, list) else ():
        if isinstance(entry, dict):
            fields = (_text(_get(entry, key)) for key in ("sid", "name", "email"))
            yield Student(*fields)


def _text(value: object) -> str | None:
    return (one_line(value, limit=200) or None) if isinstance(value, str) else None


def _created(value: object, zone: tzinfo | None) -> datetime | None:
    if isinstance(value, dict):
        value = value.get("time") or value.get("utc")
    return parse(value, zone) if isinstance(value, str) else None


def stamp(file: File, zone: tzinfo | None) -> datetime | None:
    """Return the time in a file that contains only that, or None."""
    return parse(_beginning(file), zone)


def receipt(file: File, user: str) -> Student | None:
    """Return the student in a receipt of Blackboard if `user`, part of its file name, ends with the id."""
    for match in _RECEIPT.finditer(_beginning(file)):
        if f"_{user}".endswith(f"_{match['id']}"):
            return Student(match["id"], _text(match["name"]))
    return None


def _beginning(file: File) -> str:
    try:
        return file.fetch()[:4000].decode("utf-8-sig", "replace")
    except GraderError:
        return ""
