"""In a cell with a syntax error only that statement is lost, and the fault has its line."""

from __future__ import annotations

import ast
import sys
import warnings
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.model import Cell
from grader.notebook.slicing.parse import parse_cell, tree_of
from tests import ROOT
from tests.unit.notebook.slicing.cells import UNHURRIED, fault_of, kept, notebook, slice_of, tree

F = "def f(x):\n    return x\n"
G = "def g(x):\n    return x\n"

BROKEN = {
    "a colon is missing": ("def f(x)\n    return x\n", 1, "expected ':'", "def f(x)"),
    "a bracket is open": (
        "def f(x):\n    y = (x + 3\n    return y\n",
        2,
        "'(' was never closed",
        "y = (x + 3",
    ),
    "a bracket too many": ("def f(x):\n    return (x))\n", 2, "unmatched ')'", "return (x))"),
    "a quote is open": (
        "def f(x):\n    y = 'a\n    return y\n",
        2,
        "unterminated string literal (detected at line 2)",
        "y = 'a",
    ),
    "print as in Python 2": (
        "def f(x):\n    print 'a'\n    return x\n",
        2,
        "Missing parentheses in call to 'print'. Did you mean print(...)?",
        "print 'a'",
    ),
    "an indent too many": (
        "def f(x):\n    y = x\n      z = 3\n    return y\n",
        3,
        "unexpected indent",
        "z = 3",
    ),
    "an indent that fits nowhere": (
        "def f(x):\n    if x:\n        y = x\n  return y\n",
        4,
        "unindent does not match any outer indentation level",
        "return y",
    ),
    "tabs among spaces": (
        "def f(x):\n    y = x\n\treturn y\n",
        3,
        "inconsistent use of tabs and spaces in indentation",
        "return y",
    ),
    "a return without indent": (
        "def f(x):\n    y = x\nreturn y\n",
        3,
        "'return' outside function",
        "return y",
    ),
    "a hard space": (
        "def f(x):\n\xa0   return x\n",
        2,
        "invalid non-printable character U+00A0",
        "return x",
    ),
    "curly quotes": (
        "def f(x):\n    return x[\u2018a\u2019]\n",
        2,
        "invalid character '\u2018' (U+2018)",
        "return x[\u2018a\u2019]",
    ),
    "one equals sign": (
        "def f(x):\n    if x = 3:\n        return x\n",
        2,
        "invalid syntax. Maybe you meant '==' or ':=' instead of '='?",
        "if x = 3:",
    ),
    "a parameter twice": (
        "def f(x, x):\n    return x\n",
        1,
        "duplicate argument 'x' in function definition",
        "def f(x, x):",
    ),
    "a decorator above": ("@g\ndef f(x)\n    return x\n", 2, "expected ':'", "def f(x)"),
}
BROKEN_IDS = list(BROKEN)
BROKEN_CASES = list(BROKEN.values())
EXACT = sys.version_info[:2] == (3, 11)
"""Python's messages differ between versions; these are of one version."""


@pytest.mark.parametrize(("source", "line", "message", "text"), BROKEN_CASES, ids=BROKEN_IDS)
def test_fault_has_line_text_and_message(source: str, line: int, message: str, text: str) -> None:
    fault = fault_of("import numpy as np\n", source)

    assert (fault.cell, fault.line, fault.text) == (2, line, text)
    assert fault.functions == {"f"}
    assert fault.message == message or not EXACT
    assert not fault.unwritten


@pytest.mark.parametrize("source", [case[0] for case in BROKEN_CASES], ids=BROKEN_IDS)
@pytest.mark.parametrize("between", ["", "\n", "\n\n# a comment\n"])
def test_other_functions_of_a_cell_keep_their_lines(source: str, between: str) -> None:
    cell = f"def h(x):\n    return x\n{source}{between}{G}"

    above, below = slice_of(cell, name="h"), slice_of(cell, name="g")

    assert (above.is_defined, above.line) == (True, 1)
    assert (below.is_defined, below.line) == (True, cell[: cell.rindex("def g")].count("\n") + 1)
    assert below.cells[0].source.strip() == G.strip()


@pytest.mark.parametrize("blank", ["\n", "\n\n", "# first\n\n", "x = 1\n"])
def test_lines_above_a_broken_function_count(blank: str) -> None:
    assert fault_of(blank + "def f(x)\n    return x\n").line == blank.count("\n") + 1


@pytest.mark.parametrize(
    "statement",
    [
        "x = = 3",
        "print 'a'",
        "print(3",
        "return 3",
        "break",
        "yield 3",
        "nonlocal x",
        "for",
        "a b c",
    ],
)
def test_fault_spares_the_functions_around_it(statement: str) -> None:
    cell = f"K = 1\n{statement}\ndef f(x):\n    return K\n"

    assert kept(cell) == ["K = 1\n\ndef f(x):\n    return K\n"]


@pytest.mark.parametrize(
    ("rest", "line"),
    [
        ("return y\n", 3),
        ("if y:\n    return y\n", 4),
        ("z = 3\n    return y\n", 4),
        ("\n\nreturn y\n", 5),
    ],
)
def test_function_without_indent_is_lost_as_a_whole(rest: str, line: int) -> None:
    cell = f"{G}def f(x):\n    y = x\n{rest}"

    fault = fault_of(cell)

    assert fault.functions == {"f"}
    assert fault.line == line + 2
    assert slice_of(cell, name="g").is_defined


def test_each_broken_statement_is_a_fault() -> None:
    cell = parse_cell(Cell(7, f"x = = 3\n{F}def g(x)\n    return x\n\ny = (\n"))

    assert [(fault.cell, fault.line) for fault in cell.faults] == [(7, 1), (7, 4), (7, 7)]
    assert ast.unparse(cell.tree) == F.strip()


def test_long_statements_survive_a_fault() -> None:
    statements = (
        "K = dict(\na=3,\nb=4,\n)\nL = '''\ndef q:\n'''\nif K:\n    M = 1\nelse:\n    M = 2\n"
    )

    assert kept(f"{statements}x = = 3\ndef f(x):\n    return K, L, M\n")[0].startswith(statements)


@pytest.mark.parametrize(
    "source",
    [
        "a = 1\nfrom __future__ import annotations\n",
        "a = 1\nglobal a\n",
    ],
)
def test_rules_for_a_cell_lose_no_statement(source: str) -> None:
    """A late `from __future__`, for example."""
    assert kept(f"{source}def f(x):\n    return a\n")[0].startswith("a = 1\n")


def test_merge_markers_leave_one_version() -> None:
    slice_ = slice_of(f"<<<<<<< HEAD\n{G}=======\n{G}>>>>>>> theirs\n{F}")

    assert slice_.is_defined
    assert slice_.line == 8


def test_valid_definition_wins_over_a_broken_copy() -> None:
    for cells in ((F, "def f(x)\n    return 1\n"), ("def f(x)\n    return 1\n", F)):
        slice_ = slice_of(*cells)

        assert (slice_.is_defined, slice_.fault) == (True, None)


def test_last_broken_definition_is_the_fault() -> None:
    assert fault_of("def f(x)\n    return 1\n", "def f(x):\n    return (\n").cell == 2


# ------------------------------------------------------------------ a header without a body


@pytest.mark.parametrize(
    "source",
    [
        "def f(x):\n",
        "def f(x):",
        "def f(x):\n    # YOUR CODE HERE\n",
        "def f(x):\n\n\n",
        f"def f(x):\n    # YOUR CODE HERE\n\n{G}",
        f"def f(x):\n{G}",
    ],
)
def test_a_def_without_a_body_is_not_written_yet(source: str) -> None:
    slice_ = slice_of(source)

    assert (slice_.is_defined, slice_.unwritten) == (False, True)
    assert slice_.fault is not None and slice_.fault.unwritten


def test_def_with_a_docstring_only_is_unwritten() -> None:
    slice_ = slice_of('def f(x):\n    """Return x."""\n')

    assert (slice_.is_defined, slice_.unwritten) == (True, True)


def test_a_broken_header_is_more_than_nothing() -> None:
    assert not fault_of("def f(x)\n").unwritten


# ------------------------------------------------------------------ words for a page


def test_fault_has_no_control_characters() -> None:
    fault = fault_of("def f(x):\n    return \x1b[31m\u202ex <b>\n")

    assert fault.text == "return [31m x <b>"
    assert fault.message.isprintable()


def test_text_of_a_fault_is_short() -> None:
    assert len(fault_of("def f(x): return (" + "1, " * 10_000 + "\n").text) == 300


# ------------------------------------------------------------------ hostile code

MANY, SOME = 100_000, 10_000
BOMBS = {
    "brackets": "(" * MANY + "1" + ")" * MANY,
    "open brackets": "(" * MANY,
    "lists": "[" * SOME + "]" * SOME,
    "minus": "-" * MANY + "1",
    "not": "not " * SOME + "1",
    "a sum": "+".join(["1"] * SOME),
    "attributes": "y" + ".y" * SOME,
    "calls": "y" + "()" * SOME,
    "indices": "y" + "[0]" * SOME,
    "lambdas": "lambda: " * SOME + "1",
    "digits": "9" * MANY,
    "a power": "9 ** 9 ** 9 ** 9",
    "a long text": "'a' * 10 ** 12",
    "comprehensions": "[y for y in " * 300 + "y" + "]" * 300,
    "formats": "f'{" * 200 + "}'" * 200,
    "line ends": "\\\n" * MANY + "1",
    "a null": "'\0'",
    "half a character": "'\ud800'",
}


@pytest.mark.parametrize("bomb", BOMBS.values(), ids=BOMBS)
def test_deep_nesting_spares_the_function_below(bomb: str) -> None:
    slice_ = slice_of(f"y = {bomb}\n{F}")

    assert slice_.is_defined
    assert slice_.cells[0].source.strip() == F.strip()


DEPTHS = [290, 900, 2_900]
DEEP = {
    "a sum": lambda n: f"K = {'+'.join(['1'] * n)}\n",
    "a sum inside": lambda n: f"def f(x):\n    y = {'+'.join(['1'] * n)}\n    return y\n",
    "a sum with None": lambda n: f"def f(x):\n    y = None{' + 1' * n}\n    return y\n",
    "lambdas": lambda n: f"K = {'lambda: ' * n}1\n",
    "lambdas inside": lambda n: f"def f(x):\n    return {'lambda: ' * n}1\n",
    "elif": lambda n: "if 1:\n    K = 1\n" + "elif 1:\n    K = 2\n" * n,
    "attributes": lambda n: f"K = y{'.y' * n}\n",
    "targets": lambda n: f"K{'.y' * n} = 3\n",
    "calls": lambda n: f"K{'.y()' * n}\n",
    "indents": lambda n: "".join(f"{' ' * i}if 1:\n" for i in range(n)) + f"{' ' * n}K = 1\n",
}


@pytest.mark.parametrize("depth", DEPTHS)
@pytest.mark.parametrize("make", DEEP.values(), ids=DEEP)
def test_no_depth_is_too_deep_to_be_read(make, depth: int) -> None:
    slice_ = slice_of(make(depth), "def g(x):\n    return K\n", name="g")

    assert slice_.is_defined


def test_deep_nesting_has_a_message() -> None:
    fault = fault_of(f"def f(x):\n    return {'-' * 2_000}1\n")

    assert (fault.line, fault.message) == (1, "the code is nested too deeply")


def test_null_bytes_are_a_fault() -> None:
    assert fault_of("def f(x):\n    return '\0'\n").functions == {"f"}


def test_thousands_of_broken_lines_are_read() -> None:
    assert slice_of("(\n" * 1_000 + F).line == 1_001


def test_long_chains_of_uses_are_followed_quickly() -> None:
    """In both directions."""
    upwards = "".join(f"a{i} = a{i + 1}\n" for i in range(2_000))
    downwards = "".join(f"a{i} = a{i + 1}\n" for i in reversed(range(2_000)))

    for chain in (upwards, downwards):
        assert kept(chain, "def f(x):\n    return a0\n")[0] == chain


def test_warnings_of_python_are_suppressed() -> None:
    source = "def f(x):\n    y = '\\d'\n    return x is 1\n"

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        slices = [kept(source), kept(f"x = = 3\n{source}"), kept(f"%time\n{source}")]

    assert not caught
    assert slices == [[source], [f"\n{source}"], [f"\n{source}"]]


# ------------------------------------------------------------------ for any text

TOKENS = st.sampled_from(
    [
        *("def f(x):", "def f(x)", "\n", "\n", "\n    ", "\n\t", " ", "x", "=", "(", ")", "[", "]"),
        *("'", '"""', "%", "!", "?", "return", "if 1:", "else:", "elif 1:", "try:", "except:"),
        *("finally:", "\\", "@", "#", "\f", "global x", "from __future__ import annotations"),
        *("import a", "class A:", "pass", "%%time", "%%capture\n", "...", ">>>", ":", ",", ";"),
        *("lambda", "é", "\xa0", "\0", "async ", "await ", "yield", "match x:", "case 1:", "f'{"),
        *("}", "*", "-", "In [1]: ", "   ...: ", "=%x", "=!ls", "a = 1", "\u2028", "\r"),
    ]
)
TEXTS = st.one_of(st.text(max_size=60), st.lists(TOKENS, max_size=25).map("".join))


@UNHURRIED
@given(TEXTS)
def test_slice_of_any_text_parses(text: str) -> None:
    cell = parse_cell(Cell(1, text))

    assert tree(cell.source) == ast.dump(cell.tree)
    assert all(fault.line >= 1 for fault in cell.faults)


@UNHURRIED
@given(st.lists(TEXTS, max_size=3))
def test_a_slice_of_any_texts_parses(texts: list[str]) -> None:
    slice_ = slice_of(*texts, F)

    assert slice_.is_defined
    assert {cell.number for cell in slice_.cells} <= {c.number for c in notebook(*texts, F).cells}
    for cell in slice_.cells:
        tree(cell.source)


def test_body_without_indent_counts_as_written() -> None:
    assert not fault_of("def f(x):\ny = x\nreturn y\n").unwritten


def test_a_loop_with_empty_places_is_not_written_yet() -> None:
    """As the course hands it out since 2021: the loop has comments only."""
    places = "        # YOUR CODE STARTS HERE\n\n        # YOUR CODE ENDS HERE\n"
    cell = f"def f(n):\n    for i in range(n):\n{places}    return n\n"

    assert fault_of(cell).unwritten
    assert not fault_of(cell.replace("\n\n", "\n        n = (i\n")).unwritten


class Finalized:
    """An object in a cycle: the collector runs this code, and threads take turns in it."""

    def __init__(self) -> None:
        self.cycle = self

    def __del__(self) -> None:
        sum(range(50))


def test_two_threads_may_parse() -> None:
    """Without a lock, some of these calls raise a SystemError."""
    source = (ROOT / "reference/gradient_checking_solved.py").read_text("utf-8")
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(2) as threads:
            trees = [*threads.map(lambda _: (Finalized(), tree_of(source))[1], range(40))]
    finally:
        sys.setswitchinterval(interval)
    assert len({len(tree.body) for tree in trees}) == 1
