"""The catalogues of the shipped languages, and the parts of a result that nobody can translate."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

from babel.messages.catalog import Message as Entry
from babel.messages.pofile import read_po

from grader import assignments
from grader.messages import Message
from grader.messages.catalog import LANGUAGES
from grader.messages.extract import domains
from grader.model.result import Result

TAG = "zh-Hans"
CHINESE = assignments.translator(assignments.load("regularization"), TAG)
OTHERS = [language.tag for language in LANGUAGES[1:]]
"""Every language that is shipped beside English."""


@cache
def entries() -> tuple[Entry, ...]:
    """Return the entries of all catalogues."""
    found: list[Entry] = []
    for domain in domains():
        for path in sorted(domain.folder.rglob("*.po")):
            with path.open("rb") as stream:
                found += [entry for entry in read_po(stream) if entry.id]
    return tuple(found)


def translations(entry: Entry) -> tuple[str, ...]:
    """Return the forms of a translation."""
    return (entry.string,) if isinstance(entry.string, str) else tuple(entry.string or ())


FOREIGN = {
    "error": "what Python says of an error",
    "words": "what Python says of a failed import",
    "text": "a line of code",
    "lines": "lines of code",
    "kind": "the name of a type",
    "what": "what the box said, for whoever keeps the grader",
    "reason": "what the system says of a file",
    "names": "names of a student's files",
    "name": "as above",
    "parameters": "names of parameters",
}
"""The values that may contain words of another language, whatever the page's is."""


def foreign(value: Any) -> Iterator[str]:
    """Yield the texts within a result that nobody translates."""
    match value:
        case Message():
            for name, inner in value.values.items():
                if name in FOREIGN and not isinstance(inner, Message):
                    yield str(inner)
                yield from foreign(inner)
        case Result():
            yield from foreign([value.message, *value.notes])
            for function in value.functions:
                yield from foreign([one.message for one in function.diagnoses])
                for check in function.checks:
                    yield from foreign([check.name, check.message])
                    yield from foreign([finding.message for finding in check.findings])
        case list():
            for one in value:
                yield from foreign(one)
