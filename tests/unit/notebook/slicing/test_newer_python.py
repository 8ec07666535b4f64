"""Syntax of a newer Python is read in an older form with the same meaning, or its version is named."""

from __future__ import annotations

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.notebook.slicing.newer_python import older_form
from tests.unit.notebook.slicing.cells import UNHURRIED, fault_of, slice_of


@pytest.mark.parametrize(
    ("newer", "older"),
    [
        ('x = f"{d["a"]}"', 'x = f"""{d["a"]}"""'),
        ("x = f'{a['b']!r:>{w['c']}}'", 'x = f"""{a[\'b\']!r:>{w[\'c\']}}"""'),
        ('x = "f" + f"{{}} {d["a"]}" # f"', 'x = "f" + f"""{{}} {d["a"]}""" # f"'),
        ('x = f"{"1"}"\ny = ""', 'x = f"""{"1"}"""\ny = ""'),
        ("type A = list[int]", "A = list[int]"),
        ("try: pass\nexcept A, b.C: pass", "try: pass\nexcept (A, b.C): pass"),
    ],
)
def test_older_form_has_the_same_meaning(newer: str, older: str) -> None:
    form = older_form(newer)

    assert form is not None
    assert form.source == older
    ast.parse(older)


@pytest.mark.parametrize(
    "source",
    ['x = "a', "x = 1 +", '"""\nx = f"{d["a"]}"', "type = 3", "f'{a}' \"{b}\""],
)
def test_other_errors_have_no_older_form(source: str) -> None:
    assert older_form(source) is None


@UNHURRIED
@given(st.text(alphabet="f\"'{}\\#\n ax=:", max_size=60))
def test_older_form_of_any_text_keeps_its_lines(source: str) -> None:
    form = older_form(source)

    assert form is None or form.source.count("\n") == source.count("\n")


def test_slice_has_the_version_of_its_cells() -> None:
    assert slice_of('def f(x):\n    return f"{x["a"]}"\n').version == "3.12"
    assert slice_of("def f(x):\n    return x\n", 'f"{x["a"]}"').version == ""


def test_fault_has_the_version_where_there_is_no_older_form() -> None:
    assert fault_of("def f[T](x: T):\n    return x\n").version == "3.12"
    assert fault_of("def f(x):\n    return f\"{'\\n'.join(x)}\"\n").version == "3.12"
    assert fault_of("def f(x)\n    return x\n").version == ""
