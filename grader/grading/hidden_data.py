"""Keep the inputs of hidden cases out of the text of exceptions, which a student reads.

A student's code can write its inputs into a message, as digits, letters or words, into the name of a
class, a line number or the shape of an array. So a hidden case shows only messages that a public case has
too, but for numbers, and Python's and NumPy's own, with names that occur in the student's code. Its
numbers are small, or sizes of its arrays. Public cases need no such care: they are answered first.
"""

from __future__ import annotations

import builtins
import dataclasses
import functools
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np

from grader.grading.error_messages import names_in
from grader.model import Call, Observation, Opaque, Raised, Returned, TestCase, Value
from grader.notebook.slicing import Slice

_NUMBER = r"[-+]?(?:\d+\.\d*|\.\d+|\d{4,}|\d+(?=e[-+]?\d))(?:e[-+]?\d+)?"
_SEQUENCE = r"(?:[-+]?\d+[\s,;\[\]]+){3,}[-+]?\d+"
_LONG_WORD = r"[^\s'\"`()\[\]]{32,}"
_DATA = re.compile(f"{_SEQUENCE}|{_NUMBER}|{_LONG_WORD}", re.IGNORECASE)
_INTEGER = re.compile(r"(?<!\w)\d+(?!\w)")
_DIGITS = re.compile(r"\d+|\.\.\.")
_WORD = re.compile(r"\w+")
_ARRAY = re.compile(
    r"ndarray of (?:object|bool|u?int\d+|float\d+|complex\d+|[<>|]?[US]\d{1,2}) with shape \([\d, ]*\)"
)
_LONGEST, _LONGEST_NAME, _MOST_DIGITS = 160, 40, 3
_SMALL, _MOST_AXES = 20, 4
_LEFT_OUT = "..."
_COMMON = frozenset({"numpy", "ndarray", "module", "function", "method", "NoneType", "unsafe"}) | {
    *dir(builtins),
    *dir(np),
    *dir(np.exceptions),
    *(
        "LinAlgError",
        "generator",
        "coroutine",
        "same_kind",
        "safe",
        "builtin_function_or_method",
        "<lambda>",
    ),
    *("AxisError", "_ArrayMemoryError", "_UFuncNoLoopError", "_UFuncOutputCastingError"),
}


@dataclasses.dataclass(frozen=True)
class _Known:
    """The text that a student knows: the errors of public cases, and the words of the code."""

    public: Sequence[Raised]
    slice_: Slice
    sizes: frozenset[int] = frozenset()

    @functools.cached_property
    def messages(self) -> frozenset[str]:
        return frozenset(_without_digits(error.message) for error in self.public)

    @functools.cached_property
    def kinds(self) -> frozenset[str]:
        return frozenset(error.kind for error in self.public)

    @functools.cached_property
    def words(self) -> frozenset[str]:
        words = (word for cell in self.slice_.cells for word in _WORD.findall(cell.source))
        return frozenset(map(_without_digits, words)) | _COMMON

    def allows(self, *numbers: int) -> bool:
        """Return True if numbers are small, or sizes of the case's arrays, or products of two of them."""
        return all(number <= _SMALL or number in self.sizes for number in numbers)

    def has(self, names: Iterable[str]) -> bool:
        """Return True if the names are the student's, Python's or NumPy's, but for a few digits."""
        return all(
            len(name) <= _LONGEST_NAME
            and sum(map(str.isdigit, name)) <= _MOST_DIGITS
            and (name in _COMMON or all(self._has(word) for word in name.split(".")))
            for name in names
        )

    def _has(self, word: str) -> bool:
        return not word or word in _COMMON or _without_digits(word) in self.words


def without_inputs(
    observation: Observation, cases: Sequence[TestCase], slice_: Slice
) -> Observation:
    """Return an observation without the inputs of hidden cases in its error messages and type names.

    Shapes, names of the student's, and messages that a public case has too, stay.
    """
    pairs = list(zip(observation.outcomes, cases, strict=False))
    known = _Known([o for o, case in pairs if case.public and isinstance(o, Raised)], slice_)
    outcomes = [
        o if case.public else _reduced(o, dataclasses.replace(known, sizes=_sizes(case.call)))
        for o, case in pairs
    ]
    # The call after the last case repeats the first one, but the function has seen hidden cases. Its
    # value is only compared.
    outcomes += [
        _reduced(o, known) if isinstance(o, Raised) else o
        for o in observation.outcomes[len(pairs) :]
    ]
    return dataclasses.replace(observation, outcomes=tuple(outcomes))


@functools.lru_cache(maxsize=256)
def _sizes(call: Call) -> frozenset[int]:
    """Return the sizes of the arrays among the arguments of a call, and their products in pairs."""
    sizes = {number for shape in _shapes(call.args) for number in shape}
    return frozenset(sizes | {first * second for first in sizes for second in sizes})


def _shapes(value: Value) -> Iterator[tuple[int, ...]]:
    if isinstance(value, Mapping):
        value = tuple(value.values())
    if isinstance(value, tuple | list):
        for item in value:
            yield from _shapes(item)
    else:
        yield np.shape(value)


def _reduced(outcome: Returned | Raised, known: _Known) -> Returned | Raised:
    if isinstance(outcome, Returned):
        value = _with_known_types(outcome.value, known)
        return outcome if value is outcome.value else dataclasses.replace(outcome, value=value)
    if outcome in known.public:
        return outcome
    kind = outcome.kind
    if kind not in known.kinds and not known.has([kind]):
        kind = "Exception"
    message = outcome.message
    if not any(message == error.message for error in known.public):
        message = _DATA.sub(_LEFT_OUT, message[:_LONGEST])
        message = _INTEGER.sub(
            lambda match: match[0] if known.allows(int(match[0])) else _LEFT_OUT, message
        )
        message = _shown(message, known)
    name = outcome.missing_name
    missing_name = name if name is None or known.has([name]) else None
    source = known.slice_.source_of(outcome.cell)
    line = outcome.line if (outcome.line or 0) <= source.count("\n") + 1 and source else None
    return Raised(kind, message, outcome.cell if line else None, line, missing_name)


def _shown(message: str, known: _Known) -> str:
    names = names_in(message)
    if names is not None and known.has(names):
        return message
    if _without_digits(message) in known.messages:
        return _DIGITS.sub(_LEFT_OUT, message)
    return _LEFT_OUT if message else ""


def _without_digits(text: str) -> str:
    return _DIGITS.sub("", _DATA.sub("", text[:_LONGEST]))


def _with_known_types(value: Value, known: _Known) -> Value:
    """Return a value in which objects have the names of known types, and arrays a plausible shape.

    It is the same if all have.
    """
    match value:
        case np.ndarray(shape=shape):
            is_known = len(shape) <= _MOST_AXES and known.allows(*shape)
            return value if is_known else Opaque("ndarray")
        case Opaque(name) if _ARRAY.fullmatch(name):
            return value if known.allows(*map(int, _INTEGER.findall(name))) else Opaque("ndarray")
        case Opaque(name):
            return value if known.has([name]) else Opaque("object")
        case dict():
            parts = [_with_known_types(item, known) for item in value.values()]
            same = all(a is b for a, b in zip(parts, value.values(), strict=True))
            return value if same else dict(zip(value, parts, strict=True))
        case list() | tuple():
            if not known.allows(len(value)):
                return Opaque(type(value).__name__)
            parts = [_with_known_types(item, known) for item in value]
            same = all(a is b for a, b in zip(parts, value, strict=True))
            return value if same else type(value)(parts)
    return value
