"""Texts that do not parse: the kind of the edit and its line."""

from __future__ import annotations

import pytest

from grader.model import Cell, Notebook
from grader.notebook import syntax_edits
from grader.notebook.slicing import Slice, slices

HEAD = "def f(x, y):\n    z = 2\n"


@pytest.mark.parametrize(
    ("line", "kind", "odd"),
    [
        ("    return (x + y", "unclosed", "("),
        ("    return x + y)", "extra-bracket", ")"),
        ("    return x[0)", "bracket-kind", ")"),
        ("    return 2x", "missing-operator", "2x"),
        ("    return f(x y)", "missing-comma", "x y"),
        ("    return x \u2212 y", "minus-sign", "\u2212"),
        ("    return\u00a0x", "invisible-character", "return"),
        ("    return f\uff08x, y)", "wide-character", "\uff08"),
        ("    return x \u00d7 y", "times-sign", "\u00d7"),
        ("    return x[\u201ca\u201d]", "curly-quotes", "\u201c"),
        ("    retrun x", "keyword-spelling", "retrun"),
        ("    print x", "print-statement", "print"),
        ("      return x", "indent", "return x"),
        ("```\n    return x", "fence", "```"),
        ("Here is the code that you need\n    return x", "prose", "Here is the code that you need"),
        ("    if x\n        return y", "colon", "if x"),
        ("    return x['a]", "quote", "'"),
        ("    return x * y > 0)", "extra-bracket", ")"),
        ("    return {'a': x,\n        'b': y", "unclosed", "{"),
        ("    return x{1}", "braces", "{1}"),
        ("    int z = x", "declaration", "int"),
        ("    z = x // the first one", "comment-sign", "// the first one"),
        ("    z = x the first one", "comment-sign", "the first one"),
        ("    return x *^ y", "operator-spelling", "*^"),
        ("    return x\u00b2", "times-sign", "\u00b2"),
        ("    return |x|", "times-sign", "|"),
        ("    my z = f(my_z)", "bad-name", "my z"),
        ("    return 2 x", "missing-operator", "2 x"),
        ("    return f(x; y)", "semicolon", ";"),
        ("    return x +", "no-operand", "+"),
        ("    return x +\n        y", "open-line", "return x +"),
        (">>> z = x", "prompt", ">>>"),
        ("    z / = y", "operator-spelling", "/ ="),
        ("    return x \\ y", "operator-spelling", "\\"),
        ("    return f(x; y; 0)", "semicolon", ";"),
        ("    return {'a': x\n        'b': y}", "missing-comma", "x 'b'"),
        ("    for i = 1:x:\n        z += i", "foreign-loop", "for i = 1:x:"),
        ("    z = x keep the first 1 of them", "comment-sign", "keep the first 1 of them"),
    ],
)
def test_likeliest_edit_of_a_line(line: str, kind: str, odd: str) -> None:
    ((edit, *_), *_) = syntax_edits.repairs(HEAD + line + "\n")

    assert (edit.kind, edit.line, edit.odd) == (kind, 3, odd)
    assert syntax_edits.fault_of(edit.text) is None


def test_two_slips_in_two_lines_are_both_found() -> None:
    (edits, *_) = syntax_edits.repairs("def f(x, y):\n    z = (2\n    return x \u2212 y\n")

    assert {edit.line for edit in edits} == {2, 3}


def test_text_that_parses_has_no_repairs() -> None:
    assert syntax_edits.repairs(HEAD) == []


def test_function_is_cut_from_its_cell_and_put_back() -> None:
    source = "import a\n" + HEAD + "\ndef g():\n    pass\n"

    assert syntax_edits.function_text(source, "f") == (1, HEAD)
    assert syntax_edits.function_text(source, "h") is None
    assert syntax_edits.with_function(source, "f", HEAD) == source


def _repairs(source: str) -> syntax_edits.SyntaxRepairs:
    def slice_of(notebook: Notebook) -> Slice:
        return slices(notebook, [("f", ("x", "y"))])[0]

    notebook = Notebook((Cell(1, "z = 3"), Cell(2, source)))
    return syntax_edits.repairs_of(notebook, "f", 2, slice_of)


def test_repairs_of_a_cell_have_the_slices_after_them() -> None:
    repairs = _repairs("import a\n" + HEAD + "    return (x + z\n")

    assert repairs.first == 1
    assert [edit.kind for edit in repairs.series[0]] == ["unclosed"]
    assert all(slice_.is_defined for slice_ in repairs.slices)
    assert repairs.slices[0].source.endswith("    return (x + z)\n")


@pytest.mark.parametrize(
    "source",
    [HEAD + "    x = 1\n" * 101 + "    return (x", HEAD + "    x = " + "([{" * 200, "x = (1 2"],
    ids=["long", "many brackets", "not found"],
)
def test_no_repairs_of_long_or_lost_functions(source: str) -> None:
    assert _repairs(source).series == ()
