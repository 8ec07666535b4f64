"""What has to be translated: every sentence that can be said, collected from the source."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from string import Formatter
from typing import Any

from grader import assignments
from grader.assignments import misconceptions
from grader.messages import JOINED, Message
from grader.model.result import Result
from tests import ROOT

CHINESE = "zh-Hans"
OTHERS = [CHINESE]
"""Every language that is shipped beside English."""

FREE = {
    ("diagnoses.py", "text"): "the words of a diagnosis: a row of the catalogue, or a docstring",
    ("__init__.py", "template"): "the argument of `gettext`",
    ("__init__.py", "JOINED"): "two sentences",
}
"""The only templates that are not written down where they are said."""


def said_in(path: Path) -> Iterator[str]:
    """Yield the templates that a file says."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        match node:
            case ast.Call(
                func=ast.Name("gettext" | "N_" | "Message" | "_Unended"), args=[first, *_]
            ):
                if isinstance(first, ast.Constant):
                    yield str(first.value)
                else:
                    assert (path.name, ast.unparse(first)) in FREE, f"{path}: {ast.unparse(first)}"


def of_the_harness() -> set[str]:
    return {one for path in (ROOT / "grader").rglob("*.py") for one in said_in(path)} | {JOINED}


def of_the_assignment() -> set[str]:
    """Return what the assignment says: in its cases, and in the hints of its known mistakes."""
    said = {one for path in (ROOT / "testcases").rglob("*.py") for one in said_in(path)}
    loaded = assignments.load("regularization")
    for function in loaded.functions:
        hints = misconceptions.hints(loaded, function.name)
        said |= {text for w in hints.values() for text in (w.what, w.why, w.next) if text}
    return said


def own_file(language: str) -> Path:
    """Return where the assignment keeps what it says in a language."""
    files = assignments.load("regularization").files
    return files.languages[language]


@cache
def of_own_file(language: str) -> dict[str, str]:
    return json.loads(own_file(language).read_text("utf-8"))


def places(template: str) -> set[str]:
    """Return the names in braces."""
    return {name for _, name, _, _ in Formatter().parse(template) if name is not None}


FOREIGN = {
    "error": "what Python says of an error",
    "words": "what Python says of a failed import",
    "text": "a line of code",
    "lines": "lines of code",
    "kind": "the name of a type",
    "what": "what the box said, for whoever keeps the grader",
    "reason": "what the system says of a file",
    "names": "names of a student's files",
    "parameters": "names of parameters",
}
"""The values that may hold words of another language, whatever the page's is."""


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
