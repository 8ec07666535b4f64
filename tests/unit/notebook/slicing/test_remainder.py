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
        "check(f)",
        "from grader import check\ndef check(g): TOOLS['a'] = g\ncheck(f)",
        "exec('TOOLS = {}')",
        "np.save('a.npy', 1)",
        "shutil.copy('a.npy', 'b.npy')",
        "with open('a') as file: pass",
        "await start()",
        "globals()['TOOLS'] = {}",
        "@register\ndef tool(x): pass",
        "%run helpers.py",
        "from IPython import get_ipython\nip = get_ipython()\nip.run_line_magic('run', 'helpers.py')",
        "alias = TOOLS\nalias['a'] = len",
        "for tools in (TOOLS,): tools.a = len",
        "views = H[:1]\nviews += 2",
        "list(map(TOOLS.append, [len]))",
        "registry << len",
        "np.add(1, 1, out=H)",
        "def fill(tools): tools['a'] = len\nfill(TOOLS)",
        "def fill(tools): tools += [len]\nfill(TOOLS)",
        "def fill():\n    tools = TOOLS\n    return tools.update(a=len)\nfill()",
        "def inner():\n    global T\n    T = 1\ndef outer(): inner()\nouter()",
        "def fill(tools): pass\ndef outer(): np.save('a', TOOLS)\nouter()",
        "def write(text): Path('a').write_text(text)\nwrite('1')",
        "def fill(): TOOLS['a'] = len\nif fill():\n    pass",
        "def fill(): TOOLS['a'] = len\ndef other(x=fill()): pass",
        *(
            f"class Tools:\n    def {method}(self, *_):\n        TOOLS['a'] = len\n"
            f"tools = Tools()\nothers = {{'a': tools}}\n{use}"
            for method, use in {
                "__len__": "size = len(tools)",
                "__repr__": "print(f'{tools}')",
                "__iter__": "first, *_ = tools",
                "__add__": "total = others['a'] + 1",
                "__lt__": "assert tools < 3",
                "__bool__": "if tools:\n    print()",
                "__contains__": "is_there = 3 in tools",
                "__getattr__": "shape = tools.shape",
                "__getitem__": "tools[0]",
                "__enter__": "def use():\n    with tools: pass\nuse()",
                "__del__": "del tools",
            }.items()
        ),
        "numbers = iter([1, 2])\nnumbers = [*numbers]",
        "def numbers():\n    yield TOOLS\nall_numbers = list(numbers())",
        "from collections import defaultdict\nTOOLS = defaultdict(int)\nTOOLS['a']",
    ],
)
def test_statement_with_a_possible_effect_runs(effect: str) -> None:
    assert with_remainder(effect, "TOOLS = {}", F).remainder is not None


@pytest.mark.parametrize(
    "harmless",
    [
        "print(len('abc'))",
        "from grader import check\ncheck(f)\ncheck()",
        "from grader import check as test\ntest(f)",
        "y = np.random.randn(3)",
        "def other(x): return x",
        "print(other(3))\ndef other(x):\n    y = {}\n    y['a'] = x\n    return y",
        "plt.plot([1])\nimport matplotlib.pyplot as plt",
        "import matplotlib.pyplot as plt\naxes = plt.gca()\naxes.set_xlim(1)",
        "parameters = model(1, 2)",
        "parameters = train(1, num_iterations=3)",
        "print(f(1), g(2))",
        "def g(x): return TOOLS.update(x)\nprint(g(2))",
        "def other(x):\n    y = [0]\n    y.append(x)\n    y[0] += np.sum(x)\n    return y\nother(3)",
        "%matplotlib inline",
        "class Tools:\n    def __len__(self): return len(self.all)\nprint(len(3))",
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


def test_method_of_the_notebook_may_have_an_effect() -> None:
    """A `get` of a dictionary has none."""
    tools = "class Tools:\n    def get(self): TOOLS['a'] = len"

    assert "x = tools.get()" in lines(tools, "TOOLS = {}", "tools = Tools()", "x = tools.get()", F)


def test_names_in_texts_may_be_any_definition() -> None:
    """A function that reads names by `globals` runs again with all of them."""
    assert lines("def square(x): return x", "def f(x): return globals()['square'](x)") == [
        "def square(x): return x",
        "def f(x): return globals()['square'](x)",
    ]


def test_slices_have_no_remainder_unless_requested() -> None:
    assert slices(notebook("register()", F), [("f", ("x",))])[0].remainder is None
