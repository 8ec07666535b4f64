"""The sheet: the published part of an assignment, as a JSON file in the students' folder.

It has the public test cases with their expected values, the values of known mistakes and of the template
on these cases, and the words of the hints. It contains no reference, no hidden case and no seed of one.
"""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from grader.judging.compare import unpacker
from grader.model import (
    Check,
    Computation,
    Function,
    Mistake,
    Observation,
    Opaque,
    Raised,
    Returned,
    TestCase,
    Value,
)
from grader.model.diagnoses import Words
from grader.model.record import record

FILE_NAME = "public_checks.json"
LINES_NAME = "lines.py"
"""A file of the assignment beside the sheet: mistakes that a line of the code shows."""

Sheet = Mapping[str, Any]


@record
class KnownMistake:
    """What explains a known mistake, and the values that it gives on the public cases."""

    causes: tuple[Mistake, ...]
    observation: Observation


@record
class PublicFunction:
    """The published part of a graded function.

    `template` is what the function of the template does, and `template_reads` are the positions of the
    parameters that it reads. `hidden_checks` is the number of the checks that are not published, and
    `hidden_points` are their points.
    """

    function: Function
    cases: tuple[TestCase, ...]
    expected: Observation
    mistakes: tuple[KnownMistake, ...]
    hints: Mapping[str, Words]
    template: Observation
    template_reads: frozenset[int]
    trainers: frozenset[str]
    hidden_checks: int
    hidden_points: float


def lines_module(path: Path) -> ModuleType | None:
    """Return the file of the assignment with the mistakes that a line shows, if there is one."""
    spec = importlib.util.spec_from_file_location("_lines", path) if path.is_file() else None
    if spec is None or spec.loader is None:
        return None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def read_function(entry: Sheet, lines: ModuleType | None = None) -> PublicFunction:
    """Return a function of a sheet. Its only check compares the published quantities."""
    check = Check("the published example", entry["points"], "fixed", tuple(entry["quantities"]))
    function = Function(
        name=entry["name"],
        parameters=tuple(entry["parameters"]),
        unpack=unpacker(entry["form"]),
        checks=(check,),
        rtol=entry["rtol"],
        atol=entry["atol"],
        computation=_computation(entry, lines),
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
        expected=_observation([[case["expected"]] for case in entry["cases"]]),
        mistakes=tuple(
            KnownMistake(_causes(item["causes"]), _observation(item["values"]))
            for item in entry["mistakes"]
        ),
        hints={name: Words(*words) for name, words in entry["hints"].items()},
        template=_observation(entry["template"]),
        template_reads=frozenset(entry["template_reads"]),
        trainers=frozenset(entry["trainers"]),
        hidden_checks=entry["hidden_checks"],
        hidden_points=entry["hidden_points"],
    )


def _causes(causes: list[list[Any]]) -> tuple[Mistake, ...]:
    return tuple(
        Mistake(id, quantity, where, tuple(reads), hint)
        for id, quantity, where, reads, hint in causes
    )


def _computation(entry: Sheet, lines: ModuleType | None) -> Computation:
    """Return the names of the quantities in their order, and what the lines of the code show.

    There are no rules here: they would be the solution. So no quantity follows from another one.
    """
    return Computation(
        inputs=lambda _: {},
        rules=dict.fromkeys(entry["order"], lambda _: np.array(np.nan)),
        explain=lambda _: (),
        stopped=getattr(lines, "STOPPED", {}).get(entry["name"]),
        variants=getattr(lines, "VARIANTS", {}).get(entry["name"], {}),
    )


def encode_outcomes(outcomes: Iterable[Returned | Raised]) -> list[list[Any]]:
    """Return outcomes in a form that JSON can store: a list with the value, an empty one for an error."""
    return [[encode(o.value)] if isinstance(o, Returned) else [] for o in outcomes]


def _observation(outcomes: list[list[Any]]) -> Observation:
    return Observation(
        tuple(Returned(decode(o[0])) if o else Raised("Exception", "") for o in outcomes)
    )


def encode(value: Value) -> Any:
    """Return a value in a form that JSON can store; `decode` restores it exactly.

    The numbers of an array are a text of their own: a check reads those of its function only.

    >>> encode((1, {"a": None}))
    {'tuple': [1, {'dict': [['a', None]]}]}
    >>> encode(Opaque("module"))
    {'opaque': 'module'}
    >>> encode(np.array([1.5, 2.0]))
    {'array': '[1.5, 2.0]', 'dtype': '<f8', 'shape': (2,)}
    """
    if isinstance(value, np.ndarray):
        numbers = json.dumps(value.ravel().tolist())
        return {"array": numbers, "dtype": value.dtype.str, "shape": value.shape}
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, dict):
        return {"dict": [[key, encode(item)] for key, item in value.items()]}
    if isinstance(value, tuple | list):
        return {type(value).__name__: [encode(item) for item in value]}
    if isinstance(value, Opaque):  # what a template returns can be of any type
        return {"opaque": value.type_name}
    return value


def decode(encoded: Any) -> Value:
    """Return the value that `encode` was given; a NumPy scalar becomes a Python number."""
    if not isinstance(encoded, dict):
        return encoded
    (kind, content), *array = encoded.items()
    if kind == "array":
        numbers = np.array(json.loads(content), dtype=dict(array)["dtype"])
        return numbers.reshape(dict(array)["shape"])
    if kind == "dict":
        return {key: decode(item) for key, item in content}
    if kind == "opaque":
        return Opaque(content)
    return tuple(map(decode, content)) if kind == "tuple" else list(map(decode, content))
