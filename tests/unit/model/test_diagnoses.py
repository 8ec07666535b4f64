"""The catalogue of diagnoses: complete, used, and with an example for every row."""

from __future__ import annotations

import ast
import functools
from collections.abc import Iterator
from pathlib import Path
from string import Formatter
from typing import Any

import pytest

from grader.diagnosis import python_errors
from grader.messages import Message
from grader.model import diagnoses as catalogue
from grader.model.diagnoses import (
    CATALOGUE,
    KNOWN_BY_ERROR,
    KNOWN_BY_VALUES,
    MISSING_KEYS,
    NAME_ERROR,
    RAISES_ERROR,
    SYNTAX_ERROR,
    diagnosis,
    id_of,
    in_brackets,
    in_line,
    row_of,
)
from grader.model.findings import PLACES
from tests import ROOT
from tests.proofs.mistakes_page import examples, own_ids

EVERY_VARIANT = [(id, variant) for id, row in CATALOGUE.items() for variant in ("", *row.variants)]


@functools.cache
def nodes() -> tuple[tuple[str, ast.AST], ...]:
    """Return every node of the grader's and the assignments' code, without the catalogue's."""
    paths = [path for folder in ("grader", "testcases") for path in (ROOT / folder).rglob("*.py")]
    others = [path for path in sorted(paths) if path != Path(catalogue.__file__)]
    return tuple((str(p), n) for p in others for n in ast.walk(ast.parse(p.read_text("utf-8"))))


def first_arguments(function: str) -> Iterator[str]:
    """Yield the first argument of every call of a function, where it is written out."""
    for _, node in nodes():
        match node:
            case ast.Call(func=ast.Name(id=name), args=[ast.Constant(value=str(text)), *_]):
                if name == function:
                    yield text


def test_no_id_is_written_outside_the_catalogue() -> None:
    """Adding a diagnosis touches its row, its finder and its labelled example."""
    strings = [(path, n.value) for path, n in nodes() if isinstance(n, ast.Constant)]

    assert [(path, text) for path, text in strings if text in CATALOGUE] == []


def test_no_diagnosis_is_without_a_row() -> None:
    assert {*first_arguments("Diagnosis")} == set()


def test_every_row_and_variant_is_in_use() -> None:
    names = {node.id for _, node in nodes() if isinstance(node, ast.Name)}
    rows = {name for name, value in vars(catalogue).items() if isinstance(value, catalogue.Row)}
    strings = {node.value for _, node in nodes() if isinstance(node, ast.Constant)}

    assert {name for name in rows - names if not name.startswith("_")} == set()
    assert {variant for row in CATALOGUE.values() for variant in row.variants} <= strings


def test_every_row_is_named_by_its_id() -> None:
    by_name = {name.lower().replace("_", "-"): value for name, value in vars(catalogue).items()}

    assert all(by_name[id] is row for id, row in CATALOGUE.items())


def test_every_slip_has_its_words() -> None:
    """A slip in Python is a variant: of a syntax error, of an undefined name or of another error."""
    slips = {*first_arguments("Slip")}
    variants = {v for row in (SYNTAX_ERROR, NAME_ERROR, RAISES_ERROR) for v in row.variants}

    by_other_means = {"handed-out", "helper", "newer", "local", "input", "debugger"}
    by_other_means |= {"shadowed", "shadowed-module", "deleted", "function-deleted"}

    assert slips == variants - by_other_means
    assert python_errors.Slip("xor").values == {}


def test_every_row_has_a_labelled_example() -> None:
    assert [id for id in CATALOGUE if not examples(own_ids().get(id, id))] == []


@pytest.mark.parametrize(("id", "variant"), EVERY_VARIANT)
def test_words_are_complete_without_a_place(id: str, variant: str) -> None:
    """All three parts are sentences, also where the place in the notebook is left out."""
    row = CATALOGUE[id]
    words = row.variants[variant] if variant else row.words
    texts = (words.what, words.why, words.next)
    names = {n for text in texts for _, n, _, _ in Formatter().parse(text) if n}
    values: dict[str, Any] = {n: "" if n in PLACES else "x" for n in names}
    filled = diagnosis(row, variant, **values)

    assert filled.id == id
    for text in (filled.what, filled.why, filled.next, filled.message):
        assert text.endswith((".", "?", "`:")), text
        assert "  " not in text and " ." not in text and not text.startswith(" "), text


def test_causes_are_in_the_catalogue() -> None:
    known = {*CATALOGUE, KNOWN_BY_ERROR, KNOWN_BY_VALUES}

    assert [id for id, row in CATALOGUE.items() if not row.superseded_by <= known] == []


def test_id_of_an_assignment_replaces_that_of_the_row() -> None:
    filled = diagnosis(MISSING_KEYS, named="gradient-keys", names="dW1")

    assert (filled.id, filled.values) == ("gradient-keys", {"names": "dW1"})
    assert row_of("gradient-keys") == row_of("l2-not-halved")


def test_places_in_values_are_numbers() -> None:
    filled = diagnosis(
        RAISES_ERROR,
        "handed-out",
        name="f",
        error="KeyError",
        line=in_line(12, 7),
        origin=in_line(3, 7),
    )
    places = {"line": 12, "cell": 7, "origin_line": 3, "origin_cell": 7}

    assert filled.values == {"name": "f", "error": "KeyError", **places}
    assert diagnosis(NAME_ERROR, name="f", line="").values == {"name": "f"}


def test_a_text_has_the_values_of_its_own_names() -> None:
    filled = diagnosis(NAME_ERROR, "close", name="f", close="g", line=in_line(1, 2))

    assert isinstance(filled.what, Message) and {*filled.what.values} == {"name", "line"}
    assert isinstance(filled.next, Message) and {*filled.next.values} == {"close"}


def test_ids_of_variants_of_known_mistakes() -> None:
    assert id_of("l2_not_halved__twice") == "l2-not-halved"


def test_places() -> None:
    assert in_line(3, 5) == " in line 3 of code cell 5"
    assert in_brackets(3, 5) == " (line 3 of code cell 5)"
    assert in_line(None, 5) == in_brackets(None, 5) == ""
    assert in_line(3, None) == " in line 3 of the cell"
