"""The catalogue of diagnoses: complete, used, and with an example for every row."""

from __future__ import annotations

import ast
import functools
from collections.abc import Iterator
from string import Formatter
from typing import Any

import pytest

from grader.diagnosis import python_errors
from grader.messages import Message
from grader.model.diagnoses import (
    CATALOGUE,
    KNOWN_BY_ERROR,
    KNOWN_BY_VALUES,
    diagnosis,
    id_of,
    in_brackets,
    in_line,
    row_of,
)
from grader.model.result import PLACES
from tests import ROOT
from tests.proofs.mistakes_page import examples, own_ids

EVERY_NAME = [
    f"{id}__{variant}" if variant else id
    for id, row in CATALOGUE.items()
    for variant in ("", *row.variants)
]


@functools.cache
def constants() -> frozenset[str]:
    """Return the strings in the code of the grader, without those of the catalogue."""
    paths = (p for p in (ROOT / "grader").rglob("*.py") if p.name != "diagnoses.py")
    trees = (ast.parse(path.read_text("utf-8")) for path in paths)
    nodes = (node for tree in trees for node in ast.walk(tree))
    texts = (node.value for node in nodes if isinstance(node, ast.Constant))
    return frozenset(text for text in texts if isinstance(text, str))


def calls(function: str) -> Iterator[str]:
    """Yield the first argument of every call of a function, where it is written out."""
    for path in (ROOT / "grader").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            match node:
                case ast.Call(func=ast.Name(id=name), args=[ast.Constant(value=str(text)), *_]):
                    if name == function:
                        yield text


def test_every_id_in_use_has_a_row() -> None:
    assert {*calls("diagnosis")} <= {*EVERY_NAME}
    assert {*calls("Diagnosis")} == set()


def test_every_slip_has_its_words() -> None:
    """A slip in Python is a variant: of a syntax error, of an undefined name or of another error."""
    slips = {*calls("Slip")}
    variants = {v for id in SLIPPING for v in CATALOGUE[id].variants} - {"handed-out"}

    assert slips == variants
    assert python_errors.Slip("xor").values == {}


SLIPPING = ("syntax-error", "name-error", "raises-error")


def test_every_row_is_in_use() -> None:
    in_use = constants()

    assert [n for n in EVERY_NAME if not {n, n.partition("__")[2]} & in_use] == []


def test_every_row_has_a_labelled_example() -> None:
    assert [id for id in CATALOGUE if not examples(own_ids().get(id, id))] == []


@pytest.mark.parametrize("name", EVERY_NAME)
def test_words_are_complete_without_a_place(name: str) -> None:
    """All three parts are sentences, also where the place in the notebook is left out."""
    id, _, variant = name.partition("__")
    words = CATALOGUE[id].variants[variant] if variant else CATALOGUE[id].words
    texts = (words.what, words.why, words.next)
    names = {n for text in texts for _, n, _, _ in Formatter().parse(text) if n}
    values: dict[str, Any] = {n: "" if n in PLACES else "x" for n in names}
    found = diagnosis(name, **values)

    assert found.id == id_of(name) == id
    for text in (found.what, found.why, found.next, found.message):
        assert text.endswith((".", "?", "`:")), text
        assert "  " not in text and " ." not in text and not text.startswith(" "), text


def test_causes_are_in_the_catalogue() -> None:
    known = {*CATALOGUE, KNOWN_BY_ERROR, KNOWN_BY_VALUES}

    assert [id for id, row in CATALOGUE.items() if not row.superseded_by <= known] == []


def test_id_of_an_assignment_replaces_that_of_the_row() -> None:
    found = diagnosis("missing-keys", named="gradient-keys", names="dW1")

    assert (found.id, found.values) == ("gradient-keys", {"names": "dW1"})
    assert row_of("gradient-keys") == row_of("l2-not-halved")


def test_places_in_values_are_numbers() -> None:
    found = diagnosis(
        "raises-error__handed-out",
        name="f",
        error="KeyError",
        line=in_line(12, 7),
        origin=in_line(3, 7),
    )
    places = {"line": 12, "cell": 7, "origin_line": 3, "origin_cell": 7}

    assert found.values == {"name": "f", "error": "KeyError", **places}
    assert diagnosis("name-error", name="f", line="").values == {"name": "f"}


def test_a_text_has_the_values_of_its_own_names() -> None:
    found = diagnosis("name-error__close", name="f", close="g", line=in_line(1, 2))

    assert isinstance(found.what, Message) and {*found.what.values} == {"name", "line"}
    assert isinstance(found.next, Message) and {*found.next.values} == {"close"}


def test_places() -> None:
    assert in_line(3, 5) == " in line 3 of code cell 5"
    assert in_brackets(3, 5) == " (line 3 of code cell 5)"
    assert in_line(None, 5) == in_line(3, None) == in_brackets(None, 5) == ""
