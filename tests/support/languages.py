"""The catalogues of the languages, and the parts of a result that stay untranslated."""

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
    listed: list[Entry] = []
    for domain in domains():
        for path in sorted(domain.folder.rglob("*.po")):
            with path.open("rb") as stream:
                listed += [entry for entry in read_po(stream) if entry.id]
    return tuple(listed)


def translations(entry: Entry) -> tuple[str, ...]:
    """Return the forms of a translation."""
    return (entry.string,) if isinstance(entry.string, str) else tuple(entry.string or ())


FOREIGN = {
    "error": "Python's message of an error",
    "words": "Python's message of a failed import",
    "text": "a line of code",
    "lines": "lines of code",
    "kind": "the name of a type",
    "what": "a message of the sandbox, for the maintainers",
    "reason": "the system's message about a file",
    "names": "names of a student's files",
    "name": "as above",
    "parameters": "names of parameters",
}
"""The values that may contain words of another language, whatever the page's is."""


def foreign(value: Any) -> Iterator[str]:
    """Yield the texts within a result that stay untranslated."""
    match value:
        case Message():
            for name, inner in value.values.items():
                if name in FOREIGN and not isinstance(inner, Message):
                    yield str(inner)
                yield from foreign(inner)
        case Result():
            yield from foreign([value.message, *value.notes])
            for function in value.functions:
                yield from foreign([d.message for d in function.diagnoses])
                for check in function.checks:
                    yield from foreign([check.name, check.message])
                    yield from foreign([finding.message for finding in check.findings])
        case list():
            for item in value:
                yield from foreign(item)
