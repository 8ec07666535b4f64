"""Cells with magics, shell lines and prompts are read as Jupyter runs them, on their own lines."""

from __future__ import annotations

import ast

import pytest

from grader.model import Cell
from grader.notebook.slicing.parse import parse_cell
from tests.unit.notebook.slicing.cells import fault_of, kept, slice_of

F = "def f(x):\n    return x\n"


@pytest.mark.parametrize(
    ("above", "lines"),
    [
        ("%%time\n", 1),
        ("%%timeit -n 1 -r 1\n", 1),
        ("%%capture\n", 1),
        ("%%capture out --no-stderr\n", 1),
        ("%%time\n%%capture out\n", 2),
        ("%%time\n%%time\n%%time\n", 3),
        ("\n\n%%time\n", 3),
        ("%%time\n\n\n", 3),
        ("# my solution\n%%time\n", 2),
        ("%%prun\n# a comment\n", 2),
    ],
)
def test_a_function_below_cell_magics_is_found_on_its_own_line(above: str, lines: int) -> None:
    piece = slice_of(above + F)

    assert (piece.is_defined, piece.cell, piece.line) == (True, 1, lines + 1)
    assert [cell.source for cell in piece.cells] == ["\n" * lines + F]


def test_what_stands_beside_a_cell_magic_is_no_code_of_the_cell() -> None:
    assert kept("%%timeit n = 3\ndef f(x):\n    return n\n") == ["\ndef f(x):\n    return n\n"]


def test_imports_and_constants_below_a_cell_magic_are_kept() -> None:
    cell = "%%capture\nimport numpy as np\nprint(1)\nK = 2\ndef f(x):\n    return np.sum(x) + K\n"

    assert kept(cell) == [
        "\nimport numpy as np\n\nK = 2\ndef f(x):\n    return np.sum(x) + K\n",
    ]


@pytest.mark.parametrize(
    "line",
    [
        "%matplotlib inline",
        "% matplotlib inline",
        "%load_ext autoreload",
        "!pip install numpy",
        "!ls *.py | head -3",
        "files = !ls",
        "value = %pwd",
        "?help",
        "f?",
        "f??",
        "np.sum?",
        ",f a b",
    ],
)
def test_magic_and_shell_lines_around_a_function_fall_away(line: str) -> None:
    assert kept(f"{line}\n{F}{line}\n") == ["\n" + F]


def test_magic_lines_inside_a_function_become_calls_on_their_own_lines() -> None:
    source = "def f(x):\n    !echo {x}\n    %time y = x\n    return x\n"

    (kept_source,) = kept(source)

    assert kept_source.split("\n") == [
        "def f(x):",
        "    get_ipython().system('echo {x}')",
        "    get_ipython().run_line_magic('time', 'y = x')",
        "    return x",
        "",
    ]


def test_what_a_shell_line_is_assigned_to_is_kept_where_it_is_needed() -> None:
    assert kept("files = !ls\ndef f(x):\n    return files\n") == [
        "files = get_ipython().getoutput('ls')\ndef f(x):\n    return files\n"
    ]


@pytest.mark.parametrize(
    "source",
    [
        ">>> def f(x):\n...     return x\n",
        "In [3]: def f(x):\n   ...:     return x\n",
        "    def f(x):\n        return x\n",
    ],
)
def test_pasted_prompts_and_a_common_indent_are_taken_off(source: str) -> None:
    assert kept(source) == [F]


@pytest.mark.parametrize("magic", ["%%html", "%%bash", "%%javascript", "%%latex"])
def test_a_cell_in_another_language_does_not_disturb_the_others(magic: str) -> None:
    assert kept(f'{magic}\n<b class="x">it\'s</b> && echo $HOME\n', F) == [F]


@pytest.mark.parametrize("blank", ["\n", "\n\n\n", "   \n\t\n", "# a comment\n\n"])
def test_blank_lines_on_top_of_a_cell_keep_line_numbers(blank: str) -> None:
    piece = slice_of(blank + F)

    assert piece.line == blank.count("\n") + 1
    assert piece.cells[0].source == "\n" * blank.count("\n") + F


def test_a_syntax_error_below_a_cell_magic_has_the_line_of_the_cell() -> None:
    fault = fault_of("%%time\n\ndef f(x)\n    return x\n")

    assert (fault.line, fault.text) == (3, "def f(x)")


def test_a_broken_statement_below_a_magic_costs_the_function_nothing() -> None:
    assert kept(f"%%time\nx = = 3\n{F}") == ["\n\n" + F]
    assert kept(f"%matplotlib inline\nx = = 3\n{F}") == ["\n\n" + F]


def test_magics_nested_without_end_are_followed_three_deep_only() -> None:
    piece = slice_of("%%time\n" * 6 + F)

    assert not piece.is_defined
    assert piece.fault is None


def test_a_cell_with_more_magics_than_anybody_writes_keeps_its_plain_statements() -> None:
    piece = slice_of("!ls\n" * 600 + F)

    assert (piece.is_defined, piece.line) == (True, 601)


def test_a_cell_is_translated_only_where_it_does_not_parse() -> None:
    source = "x = 5\nx %time\n"

    piece = parse_cell(Cell(1, source.replace("%time", "% 2")))

    assert ast.unparse(piece.tree) == "x = 5\nx % 2"
    assert piece.source == "x = 5\nx % 2\n"
