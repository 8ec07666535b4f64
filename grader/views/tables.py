"""Convert a result to JSON and back, and a class to CSV.

Beside each text that is a message, the JSON has its template and values: `message_source` beside
`message`. So one format serves as the file, in any language, and in the gradebook.
"""

from __future__ import annotations

import csv
import dataclasses
import functools
import io
import json
from collections.abc import Iterable, Sequence
from typing import Any, TypeVar

import msgspec

from grader.messages import UNTRANSLATED, Message, Translator
from grader.messages.sanitize import one_line
from grader.model.findings import CheckResult, Diagnosis
from grader.model.result import FunctionResult, Result
from grader.model.submission import Student
from grader.model.summary import Row

_Kind = TypeVar("_Kind")
_SOURCE = "_source"
_MOST_FUNCTIONS, _MOST_CHECKS = 512, 2048
_LONGEST_CELL = 1000
_FORMULA = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20", "'")
"""Characters that begin a formula, full-width ones too, or hide the next character."""

BOM = "\ufeff"


# ------------------------------------------------------------------ to JSON


def to_json(result: Result, translator: Translator = UNTRANSLATED, *, indented: bool = True) -> str:
    """Return the result object of the contract, its texts in a language.

    Letters of every script appear as they are, characters that control a terminal as escapes.
    """
    plain = _object(dataclasses.replace(result, functions=()), translator)
    head = {"schema_version": plain.pop("schema_version"), "language": translator.language}
    functions = (_function_json(function, translator) for function in result.functions)
    text = _with_list(head | plain, "functions", functions)
    if not text.isprintable():
        text = "".join(c if c.isprintable() else _escaped(c) for c in text)
    return msgspec.json.format(text, indent=1) if indented else text


# A class repeats itself: most functions are right, and most checks are equal word for word.


@functools.lru_cache(maxsize=_MOST_FUNCTIONS)
def _function_json(function: FunctionResult, translator: Translator) -> str:
    plain = _object(dataclasses.replace(function, checks=()), translator)
    checks = (_check_json(check, translator) for check in function.checks)
    return _with_list(plain, "checks", checks)


@functools.lru_cache(maxsize=_MOST_CHECKS)
def _check_json(check: CheckResult, translator: Translator) -> str:
    return _dumps(_object(check, translator))


def _with_list(plain: dict[str, Any], name: str, items: Iterable[str]) -> str:
    """Return an object as JSON, with items in its empty list of this name."""
    return _dumps(plain).replace(f'"{name}": []', f'"{name}": [{", ".join(items)}]', 1)


def _dumps(plain: dict[str, Any]) -> str:
    return json.dumps(plain, ensure_ascii=False, allow_nan=False)


def _escaped(character: str) -> str:
    """Return the escape of a character in JSON; half of a surrogate pair, which is no text, as U+FFFD."""
    return json.dumps("\ufffd" if "\ud800" <= character <= "\udfff" else character)[1:-1]


def _object(value: Any, translator: Translator) -> dict[str, Any]:
    plain: dict[str, Any] = {}
    for name in _names(type(value)):  # type: ignore[arg-type]  # mypy: classes are not Hashable
        item = getattr(value, name)
        plain[name] = _plain(item, translator)
        if type(item) is Message or (type(item) is tuple and Message in map(type, item)):
            plain[name + _SOURCE] = _source(item)
    if isinstance(value, Diagnosis):
        values = {name: _plain(item, translator) for name, item in value.values.items()}
        return {"id": value.id, "message": translator(value.message), **plain, "values": values}
    return plain


@functools.cache
def _names(kind: type[Any]) -> tuple[str, ...]:
    """Return the fields of a dataclass that its JSON has."""
    return tuple(field.name for field in dataclasses.fields(kind) if field.compare)


def _plain(value: Any, translator: Translator) -> Any:
    kind = type(value)
    if kind is Message:
        return translator(value)
    if kind is tuple:
        return [_plain(item, translator) for item in value]
    return value if isinstance(value, _ATOMS) else _object(value, translator)


_ATOMS = (str, int, float, type(None))


def _source(value: Any) -> Any:
    """Return the template and values of a message, those of each message in a tuple, or None."""
    if type(value) is tuple:
        return [_source(item) for item in value]
    if type(value) is not Message:
        return None
    values = {
        name: _source(item) if type(item) is Message else item
        for name, item in value.values.items()
    }
    source = {"id": value.id, "values": values}
    return source | {"plural": value.plural} if value.plural else source


# ------------------------------------------------------------------ from JSON


def from_json(text: str | bytes) -> Result:
    """Return the result of a JSON object that `to_json` made; unknown keys are ignored.

    Raises ValueError for any other text.
    """
    try:
        plain, functions = _without_list(text, "functions")
        result = _typed(plain, Result)
        return dataclasses.replace(result, functions=tuple(map(_function, functions)))
    except (LookupError, TypeError, AttributeError) as error:
        raise ValueError("this is not a result") from error


@functools.lru_cache(maxsize=_MOST_FUNCTIONS)
def _function(text: bytes) -> FunctionResult:
    plain, checks = _without_list(text, "checks")
    return dataclasses.replace(_typed(plain, FunctionResult), checks=tuple(map(_check, checks)))


@functools.lru_cache(maxsize=_MOST_CHECKS)
def _check(text: bytes) -> CheckResult:
    return _typed(text, CheckResult)


def _without_list(text: str | bytes, name: str) -> tuple[bytes, list[bytes]]:
    """Return an object whose list of this name is empty, and the items of the list, all as JSON."""
    plain = msgspec.json.decode(text, type=dict[str, msgspec.Raw])
    items = msgspec.json.decode(plain[name], type=list[msgspec.Raw])
    return msgspec.json.encode(plain | {name: ()}), list(map(bytes, items))


def _typed(text: bytes, kind: type[_Kind]) -> _Kind:
    return msgspec.convert(json.loads(text, object_hook=_with_messages), kind)


_MESSAGE_KEYS = {"id", "values", "plural"}


def _with_messages(plain: dict[str, Any]) -> Any:
    """Return an object with messages in place of texts that have a source; a source as its message."""
    if "id" in plain and plain.keys() <= _MESSAGE_KEYS:
        return Message(plain["id"], plain["values"], plain.get("plural", ""))
    for key in [key for key in plain if key.endswith(_SOURCE)]:
        source, name = plain.pop(key), key.removesuffix(_SOURCE)
        if isinstance(source, list):
            source = [message or text for message, text in zip(source, plain[name], strict=True)]
        plain[name] = source
    return plain


# ------------------------------------------------------------------ CSV


def to_csv(rows: Iterable[Row], functions: Sequence[str]) -> str:
    """Return the table of a class: a row for each submission, the points that count, the student.

    A spreadsheet shows the cells and calculates none. The byte-order mark is for Excel.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    head = ("submission", "score", "max_score", "status")
    writer.writerow([*head, *functions, "student", "student_id", "email", "late", "source"])
    for row in rows:
        scores = {function.name: _number(function.score) for function in row.functions}
        points = (_number(row.score), _number(row.max_score), str(row.status))
        student = row.student or Student()
        people = (student.name, student.id, student.email)
        late = "" if row.late is None else str(row.late).lower()
        cells = (*(scores.get(name, "") for name in functions), *map(_cell, people), late)
        writer.writerow([row.submission, *points, *cells, _cell(row.source)])
    return BOM + text.getvalue()


def _cell(text: str | None) -> str:
    """Return text on one line that a spreadsheet does not take for a formula."""
    plain = one_line(text or "", limit=_LONGEST_CELL)
    return f"'{plain}" if plain[:1] in _FORMULA else plain


def _number(score: float | None) -> str:
    """Return `75.0` whether the points are whole or not, and nothing where there is no score."""
    return "" if score is None else str(float(score))
