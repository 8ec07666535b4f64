"""Cells with magics, shell lines and prompts are read as Jupyter runs them, on their own lines."""

from __future__ import annotations

import ast

import pytest
from IPython.core.inputtransformer2 import TransformerManager

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
def test_function_below_cell_magics_keeps_its_line(above: str, lines: int) -> None:
    slice_ = slice_of(above + F)

    assert (slice_.is_defined, slice_.cell, slice_.line) == (True, 1, lines + 1)
    assert [cell.source for cell in slice_.cells] == ["\n" * lines + F]


@pytest.mark.parametrize(
    "source",
    [
        "%matplotlib inline",
        "\n\n%load_ext autoreload\n%autoreload 2\nx = 1\n\n",
        "%cd a/b-c.d\nx = 1",
        "%config InlineBackend.figure_format='retina'\n",
        'text = """\n%matplotlib inline\n"""\n%precision\n',
        "%matplotlib inline # for plots\n",
        "%time x = 1\n",
        "%precision?\n",
        "%matplotlib  inline\n%precision \n",
        "%matplotlib inline\n!ls\n",
        "%matplotlib inline; x = 1\n",
        "%größe 1\nx = 1\n",
        "In [3]: K = 7",
        "%matplotlib inline\nIn [1]: x = 1\n",
        "# a comment \\\n%matplotlib inline\n",
    ],
)
def test_line_magics_become_what_ipython_makes_of_them(source: str) -> None:
    text = source.lstrip("\n")
    translation = "\n" * (len(source) - len(text)) + TransformerManager().transform_cell(text)
    parsed = parse_cell(Cell(1, source))

    assert (parsed.source, parsed.faults) == (translation, ())


def test_magic_after_a_continued_line_is_no_magic() -> None:
    assert [fault.line for fault in parse_cell(Cell(1, "x = 1; \\\n%precision\n")).faults] == [2]


def test_line_of_a_cell_magic_is_not_code() -> None:
    assert kept("%%timeit n = 3\ndef f(x):\n    return n\n") == ["\ndef f(x):\n    return n\n"]


def test_definitions_below_a_cell_magic_are_needed() -> None:
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
def test_magic_and_shell_lines_are_not_needed(line: str) -> None:
    assert kept(f"{line}\n{F}{line}\n") == ["\n" + F]


def test_magic_lines_become_calls_on_their_lines() -> None:
    source = "def f(x):\n    !echo {x}\n    %time y = x\n    return x\n"

    (kept_source,) = kept(source)

    assert kept_source.split("\n") == [
        "def f(x):",
        "    get_ipython().system('echo {x}')",
        "    get_ipython().run_line_magic('time', 'y = x')",
        "    return x",
        "",
    ]


def test_assigned_shell_line_may_be_needed() -> None:
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
def test_prompts_and_common_indent_are_removed(source: str) -> None:
    assert kept(source) == [F]


@pytest.mark.parametrize("magic", ["%%html", "%%bash", "%%javascript", "%%latex"])
def test_cell_in_another_language_is_ignored(magic: str) -> None:
    assert kept(f'{magic}\n<b class="x">it\'s</b> && echo $HOME\n', F) == [F]


@pytest.mark.parametrize("blank", ["\n", "\n\n\n", "   \n\t\n", "# a comment\n\n"])
def test_blank_lines_on_top_keep_line_numbers(blank: str) -> None:
    slice_ = slice_of(blank + F)

    assert slice_.line == blank.count("\n") + 1
    assert slice_.cells[0].source == "\n" * blank.count("\n") + F


def test_fault_below_a_cell_magic_keeps_its_line() -> None:
    fault = fault_of("%%time\n\ndef f(x)\n    return x\n")

    assert (fault.line, fault.text) == (3, "def f(x)")


def test_fault_below_a_magic_spares_the_function() -> None:
    assert kept(f"%%time\nx = = 3\n{F}") == ["\n\n" + F]
    assert kept(f"%matplotlib inline\nx = = 3\n{F}") == ["\n\n" + F]


def test_nested_magics_have_a_limit() -> None:
    slice_ = slice_of("%%time\n" * 6 + F)

    assert not slice_.is_defined
    assert slice_.fault is None


def test_very_many_magics_are_not_translated() -> None:
    """The plain statements of the cell stay."""
    slice_ = slice_of("!ls\n" * 600 + F)

    assert (slice_.is_defined, slice_.line) == (True, 601)


def test_valid_cell_is_not_translated() -> None:
    source = "x = 5\nx %time\n"

    cell = parse_cell(Cell(1, source.replace("%time", "% 2")))

    assert ast.unparse(cell.tree) == "x = 5\nx % 2"
    assert cell.source == "x = 5\nx % 2\n"
