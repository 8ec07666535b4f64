"""A second run has the statements with effects that no name shows, and what these need."""

from __future__ import annotations

import pytest

from grader.notebook.slicing import Slice, slices
from tests.unit.notebook.slicing.cells import notebook

F = "def f(x):\n    return TOOLS['a'](x)\n"


def with_remainder(*sources: str) -> Slice:
    functions = [("f", ("x",)), ("g", ("x",))]
    trainers = frozenset({"model"})
    return slices(notebook(*sources), functions, with_remainder=True, trainers=trainers)[0]


def lines(*sources: str) -> list[str]:
    """Return the lines of the remainder of `f`."""
    remainder = with_remainder(*sources).remainder
    assert remainder is not None
    return [line for cell in remainder.cells for line in cell.source.split("\n") if line]


@pytest.mark.parametrize(
    "effect",
    [
        "register(TOOLS)",
        "exec('TOOLS = {}')",
        "np.save('a.npy', 1)",
        "with open('a') as file: pass",
        "await start()",
        "globals()['TOOLS'] = {}",
        "@register\ndef tool(x): pass",
        "%run helpers.py",
    ],
)
def test_statement_with_a_possible_effect_runs(effect: str) -> None:
    assert with_remainder(effect, "TOOLS = {}", F).remainder is not None


@pytest.mark.parametrize(
    "harmless",
    [
        "print(len('abc'))",
        "y = np.random.randn(3)",
        "def other(x): return x",
        "print(other(3))\ndef other(x):\n    y = {}\n    y['a'] = x\n    return y",
        "plt.plot([1])\nimport matplotlib.pyplot as plt",
        "import matplotlib.pyplot as plt\naxes = plt.gca()\naxes.set_xlim(1)",
        "parameters = model(1, 2)",
        "parameters = train(1, num_iterations=3)",
        "print(f(1), g(2))",
        "%matplotlib inline",
    ],
)
def test_without_effects_nothing_runs_again(harmless: str) -> None:
    assert with_remainder(harmless, "TOOLS = {}", F).remainder is None


def test_remainder_has_what_an_effect_needs_in_order() -> None:
    add = "def add(name):\n    TOOLS[name] = SIZE\n"
    sources = ("SIZE = 3", "unused = 4", add, "TOOLS = {}", "add('a')", F)

    assert lines(*sources) == [
        *("SIZE = 3", *add.rstrip().split("\n"), "TOOLS = {}", "add('a')"),
        *F.rstrip().split("\n"),
    ]


def test_slices_have_no_remainder_unless_requested() -> None:
    assert slices(notebook("register()", F), [("f", ("x",))])[0].remainder is None
