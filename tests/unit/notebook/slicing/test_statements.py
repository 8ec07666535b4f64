"""A slice has the statements that a function needs, on the student's own lines, and no others."""

from __future__ import annotations

import ast
import textwrap

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.notebook.slicing import slices
from tests.unit.notebook.slicing.cells import UNHURRIED, kept, notebook, slice_of


def code(text: str) -> str:
    return textwrap.dedent(text).lstrip("\n")


# ------------------------------------------------------------------ what is needed


def test_plots_prints_and_trainings_fall_away() -> None:
    assert kept(
        "import numpy as np\nimport matplotlib.pyplot as plt\n",
        "parameters = train()\nplt.plot(parameters)\n",
        "def f(x):\n    return np.sum(x)\n",
        "print(f(3))\nassert f(3) == 3\nf(4)\n",
    ) == ["import numpy as np\n", "def f(x):\n    return np.sum(x)\n"]


def test_cells_keep_their_numbers() -> None:
    """A cell without a needed line is not in the slice."""
    slice_ = slice_of("K = 1\n", "print(2)\n", "", "def f(x):\n    return K\n")

    assert [cell.number for cell in slice_.cells] == [1, 4]
    assert (slice_.cell, slice_.line) == (4, 1)


def test_lines_that_are_not_needed_are_left_blank() -> None:
    cell = "K = 1\nprint(K)\n\nL = 2\ndef f(x):\n    return K\n"

    assert kept(cell) == ["K = 1\n\n\n\ndef f(x):\n    return K\n"]


@pytest.mark.parametrize(
    "source",
    [
        "def g(x):\n    return x\ndef f(x):\n    return g(x)\n",
        "class G:\n    K = 3\ndef f(x):\n    return G().K\n",
        "H = 3\nclass G:\n    def h(self):\n        return H\ndef f(x):\n    return G().h()\n",
        "D = 3\ndef f(x, y=D):\n    return y\n",
        "T = int\ndef f(x: T) -> T:\n    return x\n",
        "import functools\n@functools.cache\ndef f(x):\n    return x\n",
        "G = lambda x: x\nf = lambda x: G(x)\n",
        "f, g = (lambda x: x), 3\n",
        "def g(f):\n    return f\n@g\ndef f(x):\n    return x\n",
        "def f(x):\n    return x\ndef g(h):\n    return h\nf = g(f)\n",
        "def f(x):\n    return x\nf.__doc__ = 'mine'\n",
        "K: int = 3\ndef f(x):\n    return K\n",
        "K = 0\nK += 1\ndef f(x):\n    return K\n",
        "K = L = 3\ndef f(x):\n    return K\n",
        "print(K := 3)\ndef f(x):\n    return K\n",
        "for K in range(3):\n    pass\ndef f(x):\n    return K\n",
        "with open('a') as K:\n    pass\ndef f(x):\n    return K\n",
        "match 3:\n    case K:\n        pass\ndef f(x):\n    return K\n",
        "K = 2\ndef f(x):\n    def g():\n        return [K for _ in x]\n    return g()\n",
        "import os.path\ndef f(x):\n    return os.path.join(x)\n",
        "from os import path as p\ndef f(x):\n    return p.join(x)\n",
        "def f(x):\n    global K\n    K = x\n    return K\nK = 3\n",
        "async def f(x):\n    return x\n",
        "from solution import f\n",
    ],
)
def test_uses_in_any_form_are_needed(source: str) -> None:
    assert kept(source) == [source]


def test_a_chain_of_needs_is_followed_to_its_end() -> None:
    assert kept(
        "import numpy as np\nmy = np\n",
        "E = my.exp\nprint(E)\n",
        "def s(z):\n    return E(z)\n",
        "def f(x):\n    return s(x)\n",
    ) == [
        "import numpy as np\nmy = np\n",
        "E = my.exp\n",
        "def s(z):\n    return E(z)\n",
        "def f(x):\n    return s(x)\n",
    ]


def test_definitions_below_the_function_are_needed() -> None:
    assert kept(
        "def f(x):\n    return g(x) + K\n", "K = 3\nL = 4\n", "def g(x):\n    return x\n"
    ) == [
        "def f(x):\n    return g(x) + K\n",
        "K = 3\n",
        "def g(x):\n    return x\n",
    ]


def test_last_definition_of_a_function_counts() -> None:
    """All definitions are in the slice, in order."""
    slice_ = slice_of("def f(x):\n    return 1\n", "f(3)\n", "\ndef f(x):\n    return 2\n")

    assert [(cell.number, cell.source) for cell in slice_.cells] == [
        (1, "def f(x):\n    return 1\n"),
        (3, "\ndef f(x):\n    return 2\n"),
    ]
    assert (slice_.cell, slice_.line) == (3, 2)


def test_parameter_does_not_need_an_equal_global() -> None:
    assert kept("x = expensive()\n", "def f(x):\n    y = x\n    return y\ny = expensive()\n") == [
        "def f(x):\n    y = x\n    return y\n"
    ]


# ------------------------------------------------------------------ objects that are changed


@pytest.mark.parametrize(
    "change",
    [
        "K[0] = 3",
        "K[0][1] += 3",
        "K.a = 3",
        "K.a.b[0]: int = 3",
        "K.append(3)",
        "K.a.sort()",
        "del K",
        "for i in range(3):\n    K.append(i)",
        "while len(K) < 3:\n    K[len(K)] = 3",
        "with open('a') as file:\n    K.extend(file)",
    ],
)
def test_modifications_of_a_needed_object_are_needed(change: str) -> None:
    source = f"K = []\n{change}\n"

    assert kept(source, "def f(x):\n    return K\n")[0] == source


def test_what_a_library_is_given_is_kept() -> None:
    assert kept("import numpy as np\nnp.int = int\n", "def f(x):\n    return np.int(x)\n") == [
        "import numpy as np\nnp.int = int\n",
        "def f(x):\n    return np.int(x)\n",
    ]


@pytest.mark.parametrize(
    "call", ["np.random.seed(3)", "np.set_printoptions(precision=3)", "np.seterr(all='raise')"]
)
def test_calls_on_a_library_fall_away(call: str) -> None:
    assert kept(f"import numpy as np\n{call}\n", "def f(x):\n    return np.sum(x)\n") == [
        "import numpy as np\n",
        "def f(x):\n    return np.sum(x)\n",
    ]


@pytest.mark.parametrize("statement", ["J.append(K)", "J[0] = K", "print(K)", "K", "assert K"])
def test_reads_of_a_needed_object_are_not_needed(statement: str) -> None:
    assert kept(f"K = []\nJ = []\n{statement}\n", "def f(x):\n    return K\n")[0] == "K = []\n"


def test_changes_inside_called_functions_are_ignored() -> None:
    assert kept("K = []\ndef g():\n    K.append(3)\n", "def f(x):\n    return K\n")[0] == "K = []\n"


# ------------------------------------------------------------------ star imports


def test_star_import_is_needed_for_an_unknown_name() -> None:
    sources = ("from reg_utils import *\nfrom testCases import *\n", "def f(x):\n    return g(x)\n")

    assert kept(*sources) == list(sources)


@pytest.mark.parametrize("body", ["x", "len(x)", "np.sum(x)", "__name__", "get_ipython()"])
def test_star_import_is_not_needed_without_one(body: str) -> None:
    """Every name is defined elsewhere."""
    function = f"def f(x):\n    return {body}\n"

    assert "star" not in "".join(kept("from star import *\nimport numpy as np\n", function))


# ------------------------------------------------------------------ under if and try


def test_function_is_sliced_out_of_an_if() -> None:
    cell = code("""
        if __name__ == "__main__":
            print(1)
            def f(x):
                return x
            plot(f)
        else:
            print(2)
            print(3)
    """)

    assert kept(cell) == [
        code("""
        if __name__ == "__main__":

            def f(x):
                return x

        else:
            pass
        """)
    ]


def test_branches_keep_their_needed_statements() -> None:
    """Those of `elif` and `else` too."""
    cell = code("""
        k = 1
        if k == 0:
            K = 0
            print(0)
        elif k == 1:
            print(1)
        elif k == 2:
            print(2)
            K = 2
        else:
            # nothing of this
            print(3)
            print(4)
        def f(x):
            return K
    """)

    assert kept(cell) == [
        code("""
        k = 1
        if k == 0:
            K = 0

        elif k == 1:
            pass
        elif k == 2:

            K = 2
        else:
            # nothing of this
            pass

        def f(x):
            return K
        """)
    ]


def test_an_if_inside_else_is_no_elif() -> None:
    cell = code("""
        k = 1
        if k:
            pass
        else:
            if k > 2:
                print(k)
            if k > 3:
                K = 3
        def f(x):
            return K
    """)

    assert kept(cell) == [
        code("""
        k = 1
        if k:
            pass
        else:


            if k > 3:
                K = 3
        def f(x):
            return K
        """)
    ]


def test_try_is_one_statement() -> None:
    """An error in its body decides which handler runs."""
    cell = code("""
        try:
            import google.colab
            K = 1
        except ImportError as error:
            K = 2
        def f(x):
            return K
    """)

    assert kept(cell) == [cell]


def test_columns_count_bytes() -> None:
    """As Python's syntax tree does."""
    cell = "if 0:\n    K = 2\nelif 'ж': print(1)\nelse: print(2)\n"

    assert kept(cell, "def f(x):\n    return K\n")[0] == (
        "if 0:\n    K = 2\nelif 'ж': pass\nelse: pass\n"
    )


def test_what_changes_the_compiler_is_always_kept() -> None:
    assert kept("from __future__ import annotations\nprint(1)\n", "def f(x):\n    return x\n") == [
        "from __future__ import annotations\n",
        "def f(x):\n    return x\n",
    ]


def test_names_that_magics_bind_are_known() -> None:
    assert kept("%time K = 2", "def f(x):\n    return K\n")[0] == (
        "get_ipython().run_line_magic('time', 'K = 2')\n"
    )
    assert kept("%pylab inline", "def f(x):\n    return dot(x, x)\n")[0] == "from pylab import *\n"


def test_if_without_needed_statements_is_blank() -> None:
    assert kept("if 1:\n    print(1)\nelse:\n    print(2)\ndef f(x):\n    return x\n") == [
        "\n\n\n\ndef f(x):\n    return x\n"
    ]


def test_names_in_a_condition_are_needed() -> None:
    source = "A = 1\nB = KeyError\nif A:\n    K = 1\ntry:\n    L = 2\nexcept B:\n    L = 3\n"

    assert kept(source, "def f(x):\n    return K + L\n")[0] == source


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("if 1: a = 1\nelse: K = 2\n", "if 1: a = 1\nelse: K = 2\n"),
        ("if 1:\n    K = 2\nelse: a = 3\n", "if 1:\n    K = 2\nelse: pass\n"),
        (
            "if 0:\n    K = 2\nelif 1: a = 3\nelse: b = 4\n",
            "if 0:\n    K = 2\nelif 1: pass\nelse: pass\n",
        ),
        ("try:\n    K = 2\nexcept: a = 3\n", "try:\n    K = 2\nexcept: a = 3\n"),
        ("if 1:\n    a = 3; K = 2\n", "if 1:\n    a = 3; K = 2\n"),
        ("a = 1; K = [\n  1]\n", "a = 1; K = [\n  1]\n"),
        ("if (1 and\n    2):\n    a = 1\n    K = 2\n", "if (1 and\n    2):\n\n    K = 2\n"),
        ("if 1:\n    a = '''\nb'''\n    K = 2\n", "if 1:\n\n\n    K = 2\n"),
        (
            "if 1:\n    K = 2\nelse:\n    @a\n    def g(): pass\n",
            "if 1:\n    K = 2\nelse:\n    pass\n",
        ),
    ],
)
def test_slices_of_odd_layouts_parse(cell: str, expected: str) -> None:
    assert kept(cell, "def f(x):\n    return K\n")[0] == expected
    ast.parse(expected)


def test_form_feed_between_functions_is_accepted() -> None:
    assert kept("\fdef g(x):\n    return x\n\fdef f(x):\n    return g(x)\n") == [
        "\fdef g(x):\n    return x\n\fdef f(x):\n    return g(x)\n"
    ]


# ------------------------------------------------------------------ further facts about a slice


def test_slice_has_global_and_local_names() -> None:
    slice_ = slice_of(
        "import numpy as np\nK = 1\nL = 2\n", "def f(x):\n    y = np.sum(x) + K\n    return y\n"
    )

    assert slice_.names == {"np", "K", "f"}
    assert slice_.local_names == {"y"}


@pytest.mark.parametrize(
    ("body", "reads"),
    [
        ("return x", {0}),
        ("return [y for _ in x]", {0, 1}),
        ("x = 1\n    return z", set()),
        ("def g():\n        return y\n    return g", {1}),
    ],
)
def test_slice_has_the_parameters_that_are_read(body: str, reads: set[int]) -> None:
    assert slice_of(f"def f(x, y):\n    {body}\n").reads == reads


def test_line_of_a_decorated_function_is_its_def() -> None:
    slice_ = slice_of("import functools\n@functools.cache\ndef f(x):\n    return x\n")

    assert slice_.line == 3


@pytest.mark.parametrize(
    "source",
    [
        "",
        "def g(x, y):\n    return x\n",
        "def g():\n    def f(x):\n        return x\n    return f\n",
        "class G:\n    def f(self, x):\n        return x\n",
        "# def f(x): return x\n",
        "'''\ndef f(x):\n    return x\n'''\n",
        "f\n",
        "f(3)\n",
    ],
)
def test_inner_function_is_missing(source: str) -> None:
    slice_ = slice_of(source)

    assert (slice_.is_defined, slice_.fault, slice_.other_name, slice_.cells) == (
        False,
        None,
        "",
        (),
    )


def test_function_with_equal_parameters_is_named() -> None:
    """It may be the missing one, renamed."""
    first = "def compute(x, y):\n    return x\n"
    last = "def calculate(x, y):\n    return x\n"

    assert slice_of(first, parameters=("x", "y")).other_name == "compute"
    assert slice_of(first, last, parameters=("x", "y")).other_name == "calculate"
    assert slice_of(first, parameters=("y", "x")).other_name == ""
    assert slice_of(first, parameters=("x",)).other_name == ""


def test_slices_have_the_order_of_the_functions() -> None:
    cells = notebook("def g(x):\n    return x\n", "def f(x):\n    return g(x)\n")

    found_slices = slices(cells, [("f", ("x",)), ("h", ("x",)), ("g", ("x",))])

    assert [slice_.function for slice_ in found_slices] == ["f", "h", "g"]
    assert [len(slice_.cells) for slice_ in found_slices] == [2, 0, 1]


# ------------------------------------------------------------------ modules that others may stand in for


HELPERS = frozenset({"sigmoid", "relu"})


@pytest.mark.parametrize(
    ("imports", "body", "modules"),
    [
        ("from reg_utils_v2 import sigmoid", "sigmoid(x)", ("reg_utils_v2",)),
        ("from reg_utils_v2 import sigmoid as s", "s(x)", ("reg_utils_v2",)),
        ("from reg_utils_v2 import *", "sigmoid(x)", ("reg_utils_v2",)),
        (
            "from course.week1.utils import relu",
            "relu(x)",
            ("course", "course.week1", "course.week1.utils"),
        ),
        ("import utils", "utils.relu(utils.sigmoid(x))", ("utils",)),
        ("import utils as u", "u.relu(x)", ("utils",)),
        ("from utils import sigmoid, other", "sigmoid(x)", ()),
        ("import utils", "utils.other(x)", ()),
        ("import utils", "utils.relu(utils.other(x))", ()),
        ("from . import relu", "relu(x)", ()),
        ("from utils import sigmoid", "x", ()),
    ],
)
def test_helpers_stand_in_for_a_renamed_module(
    imports: str, body: str, modules: tuple[str, ...]
) -> None:
    """Only if the helpers have every name that is imported from it."""
    function = f"def f(x):\n    return {body}\n"

    assert slice_of(f"{imports}\n", function, helper_names=HELPERS).stand_ins == modules


def test_each_import_decides_on_its_stand_in() -> None:
    cells = ("from a import relu\nfrom b import other\n", "def f(x):\n    return relu(other(x))\n")

    assert slice_of(*cells, helper_names=HELPERS).stand_ins == ("a",)


# ------------------------------------------------------------------ for every notebook

NAMES = st.sampled_from(["f", "g", "h", "K", "L", "np"])
SIMPLE = st.one_of(
    st.builds("{} = {}".format, NAMES, NAMES),
    st.builds("{}[0] = {}".format, NAMES, NAMES),
    st.builds("{}.append({})".format, NAMES, NAMES),
    st.builds("{} = [\n  {},\n]".format, NAMES, NAMES),
    st.builds("print({}); {} = '''\n{}'''".format, NAMES, NAMES, NAMES),
    st.builds("import numpy as {}".format, NAMES),
    st.builds("from {} import *".format, NAMES),
    st.builds("def {}(x):\n    return {}".format, NAMES, NAMES),
    st.builds("@{}\ndef {}(x):\n    y = 1\n\n    return {} + y".format, NAMES, NAMES, NAMES),
    st.builds("for i in {}:\n    {}.append(i)".format, NAMES, NAMES),
    st.sampled_from(["", "# a comment", "'''\ntext\n'''", "pass"]),
)


def indented(text: str) -> str:
    lines = text.split("\n")
    return "\n".join(f"    {line}" if line else "" for line in lines)


def block(statements: list[str]) -> str:
    return indented("\n".join(statements)) + "\n    pass"


BLOCKS = st.lists(SIMPLE, max_size=3).map(block)
FRAMED = st.one_of(
    st.builds("if {}:\n{}".format, NAMES, BLOCKS),
    st.builds("if {}:\n{}\nelse:\n{}".format, NAMES, BLOCKS, BLOCKS),
    st.builds("if {}:\n{}\nelif {}:\n{}\nelse:\n{}".format, NAMES, BLOCKS, NAMES, BLOCKS, BLOCKS),
    st.builds("try:\n{}\nexcept {}:\n{}".format, BLOCKS, NAMES, BLOCKS),
    st.builds(
        "try:\n{}\nexcept:\n{}\nelse:\n{}\nfinally:\n{}".format, BLOCKS, BLOCKS, BLOCKS, BLOCKS
    ),
)
NESTED = FRAMED.flatmap(lambda inner: st.just(f"if K:\n{block([inner])}\nelse:\n    L = 1"))
CELLS = st.lists(st.one_of(SIMPLE, FRAMED, NESTED), max_size=6).map("\n".join)


@UNHURRIED
@given(st.lists(CELLS, min_size=1, max_size=4))
def test_slice_of_any_notebook_parses(cells: list[str]) -> None:
    """Every line stays on its own line."""
    slice_ = slice_of(*cells, "def f(x):\n    return g(x) + K\n")

    assert slice_.is_defined
    for cell in slice_.cells:
        ast.parse(cell.source)
        original = [*cells, "def f(x):\n    return g(x) + K\n"][cell.number - 1].split("\n")
        for number, line in enumerate(cell.source.split("\n")):
            if line.strip() not in ("", "pass"):
                assert line == original[number]


@UNHURRIED
@given(st.lists(CELLS, min_size=1, max_size=4))
def test_slicing_a_slice_changes_nothing(cells: list[str]) -> None:
    once = slice_of(*cells, "def f(x):\n    return g(x) + K\n")
    numbered = {cell.number: cell.source for cell in once.cells}

    again = slice_of(*(numbered.get(number + 1, "") for number in range(len(cells) + 1)))

    assert again.cells == once.cells
