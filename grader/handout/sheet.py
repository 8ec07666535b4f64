"""The sheet: the published part of an assignment, as a JSON file in the students' folder.

It has the public test cases with their expected values, and the values and hints of known mistakes on
these cases. It contains no reference, no hidden case and no seed of a hidden case.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from grader.judging.compare import unpacker
from grader.model import Check, Function, Observation, Returned, TestCase, Value

FILE_NAME = "public_checks.json"

Sheet = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class KnownMistake:
    """The hint of a known mistake, and the values that it gives on the public cases."""

    hint: str
    observation: Observation


@dataclass(frozen=True, slots=True)
class PublicFunction:
    """The published part of a graded function; `hidden_checks` is the number of the other checks."""

    function: Function
    cases: tuple[TestCase, ...]
    expected: Observation
    mistakes: tuple[KnownMistake, ...]
    hidden_checks: int


def read_function(entry: Sheet) -> PublicFunction:
    """Return a function of a sheet. Its only check compares the published quantities."""
    check = Check("the published example", 0, "fixed", tuple(entry["quantities"]))
    function = Function(
        name=entry["name"],
        parameters=tuple(entry["parameters"]),
        unpack=unpacker(entry["form"]),
        checks=(check,),
        rtol=entry["rtol"],
        atol=entry["atol"],
    )
    return PublicFunction(
        function,
        cases=tuple(
            TestCase(
                name="the published example",
                function=function.name,
                args=decode(case["args"]),
                about=case["about"],
                public=True,
                seed=case["seed"],
                snippet=tuple(case["snippet"]),
            )
            for case in entry["cases"]
        ),
        expected=_observation([case["expected"] for case in entry["cases"]]),
        mistakes=tuple(
            KnownMistake(mistake["hint"], _observation(mistake["values"]))
            for mistake in entry["mistakes"]
        ),
        hidden_checks=entry["hidden_checks"],
    )


def _observation(values: list[Any]) -> Observation:
    return Observation(tuple(Returned(decode(value)) for value in values))


def encode(value: Value) -> Any:
    """Return a value in a form that JSON can store; `decode` restores it exactly.

    >>> encode((1, {"a": None}))
    {'tuple': [1, {'dict': [['a', None]]}]}
    """
    if isinstance(value, np.ndarray):
        return {"array": value.ravel().tolist(), "dtype": value.dtype.str, "shape": value.shape}
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, dict):
        return {"dict": [[key, encode(item)] for key, item in value.items()]}
    if isinstance(value, tuple | list):
        return {type(value).__name__: [encode(item) for item in value]}
    return value


def decode(encoded: Any) -> Value:
    """Return the value that `encode` was given; a NumPy scalar becomes a Python number."""
    if not isinstance(encoded, dict):
        return encoded
    (kind, content), *array = encoded.items()
    if kind == "array":
        return np.array(content, dtype=dict(array)["dtype"]).reshape(dict(array)["shape"])
    if kind == "dict":
        return {key: decode(item) for key, item in content}
    return tuple(map(decode, content)) if kind == "tuple" else list(map(decode, content))
