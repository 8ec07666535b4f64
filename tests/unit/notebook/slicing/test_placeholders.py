"""A function that is still the template's is recognised in every form of template."""

from __future__ import annotations

import pytest

from tests.unit.notebook.slicing.cells import fault_of, slice_of

MARKERS = {
    "2017": ("### START CODE HERE ### (approx. 1 line)", "### END CODE HERE ###"),
    "2017 with a typo": ("### START CODE HERE ###", "### END CODER HERE ###"),
    "2017, few signs": ("# START CODE HERE", "# END CODE HERE"),
    "2017, no blank": ("###START CODE HERE###", "###END CODE HERE###"),
    "2021": ("# (approx. 1 line)\n    # YOUR CODE STARTS HERE", "# YOUR CODE ENDS HERE"),
    "nbgrader": ("### BEGIN SOLUTION", "### END SOLUTION"),
    "Spanish": ("### EMPIEZA EL CÓDIGO AQUÍ ### (≈ 1 línea)", "### TERMINA EL CÓDIGO AQUÍ ###"),
    "open at the end": ("### START CODE HERE ###", "# that is all"),
}
FORMS = pytest.mark.parametrize(("begin", "end"), MARKERS.values(), ids=MARKERS)


def unwritten(body: str) -> bool:
    slice_ = slice_of(f"def f(x):\n{body}")
    assert slice_.is_defined
    return slice_.unwritten


def marked(begin: str, inside: str, end: str) -> str:
    return f"    y = x + 1\n    {begin}\n{inside}    {end}\n    return y\n"


# ------------------------------------------------------------------ marked places


@FORMS
@pytest.mark.parametrize(
    "inside",
    [
        "",
        "\n\n",
        "    # your line\n",
        "    y = None\n",
        "    y = x + None\n",
        "    y = None * x / None\n",
        "    y: float = None\n",
        "    y: float\n",
        "    y = ...\n",
        "    pass\n",
        "    ...\n",
        "    'write here'\n",
        "    raise NotImplementedError\n",
        "    raise NotImplementedError()\n",
        "    raise NotImplementedError('your turn')\n",
        "    y = None\n    z = None\n    pass\n",
    ],
)
def test_placeholder_in_a_region_is_unwritten(begin: str, end: str, inside: str) -> None:
    """An empty region too."""
    if "that is all" in end:
        body = f"    y = x + 1\n    {begin}\n{inside}    {end}\n"
    else:
        body = marked(begin, inside, end)

    assert unwritten(body)


@FORMS
@pytest.mark.parametrize(
    "inside",
    [
        "    y = x * 2\n",
        "    y = None\n    y = x * 2\n",
        "    y = None\n    return y\n",
        "    raise ValueError\n",
        "    print(y)\n",
        "    y += 1\n",
        "    if x:\n        pass\n",
        "    y = None if x else 3\n",
    ],
)
def test_own_line_in_a_region_is_written(begin: str, end: str, inside: str) -> None:
    assert not unwritten(marked(begin, inside, end))


def test_one_written_place_of_several_is_enough() -> None:
    begin, end = MARKERS["2017"]
    empty, full = marked(begin, "    y = None\n", end), marked(begin, "    y = 2\n", end)

    assert unwritten(empty.replace("    return y\n", "") + empty)
    assert not unwritten(empty.replace("    return y\n", "") + full)


def test_a_return_in_the_last_open_place_counts() -> None:
    assert not unwritten("    ### START CODE HERE ###\n    return x\n")
    assert unwritten("    return x\n    ### START CODE HERE ###\n")


def test_lines_outside_the_regions_do_not_count() -> None:
    begin, end = MARKERS["2017"]
    body = f"    {begin}\n    y = None\n    {end}\n    y = x * 2\n    return y\n"

    assert unwritten(body)


@pytest.mark.parametrize(
    "line",
    [
        "s = '### START CODE HERE ###'",
        "s = 1  # START CODE HERE ###",
        "# start code here",
        "# the code starts here",
        "# START of the sum",
        "# END CODE HERE",
    ],
)
def test_similar_comments_are_not_markers(line: str) -> None:
    assert not unwritten(f"    {line}\n    return x\n")


def test_markers_count_inside_the_function_only() -> None:
    cell = "### START CODE HERE ###\ndef f(x):\n    return x\n### END CODE HERE ###\n"

    assert not slice_of(cell).unwritten


def test_markers_below_magic_and_if_are_found() -> None:
    body = marked(*("### START CODE HERE ###", "    y = None\n", "### END CODE HERE ###"))
    indented = "".join(f"    {line}\n" for line in f"def f(x):\n{body}".splitlines())

    assert slice_of(f"%%time\ndef f(x):\n{body}").unwritten
    assert slice_of(f"if True:\n{indented}").unwritten


# ------------------------------------------------------------------ without markers


@pytest.mark.parametrize(
    "body",
    [
        "    pass\n",
        "    ...\n",
        "    '''Return x.'''\n",
        "    '''Return x.'''\n    pass\n",
        "    raise NotImplementedError\n",
        "    y = None\n    z = None\n",
        "    y = None\n    return y\n",
        "    z = x + 1\n    y = None\n    return z, y\n",
        "    z = x + 1\n    y = z / None\n    return y\n",
    ],
)
def test_lasting_placeholder_is_unwritten(body: str) -> None:
    """Without markers."""
    assert unwritten(body)


@pytest.mark.parametrize(
    "body",
    [
        "    return x\n",
        "    return None\n",
        "    '''Return x.'''\n    return x\n",
        "    y = None\n    y = x\n    return y\n",
        "    y = None\n    for z in x:\n        y = z\n    return y\n",
        "    y = None\n    y += x\n    return y\n",
        "    x.y = None\n    return x\n",
        "    y, z = None, None\n    return y\n",
    ],
)
def test_function_with_own_code_is_written(body: str) -> None:
    """Without markers."""
    assert not unwritten(body)


def test_functions_without_def_are_written() -> None:
    assert not slice_of("f = lambda x: None\n").unwritten
    assert not slice_of("from solution import f\n").unwritten


def test_a_template_below_the_written_function_does_not_count() -> None:
    empty, full = "def f(x):\n    pass\n", "def f(x):\n    return x\n"

    below, above = slice_of(full, empty), slice_of(empty, full)

    assert (below.unwritten, below.cell, below.template_below) == (False, 1, 2)
    assert (above.unwritten, above.cell, above.template_below) == (False, 2, None)


def test_branches_of_an_if_are_no_later_definitions() -> None:
    """Which one runs is decided when the cell runs."""
    source = "if FAST:\n    def f(x):\n        return x\nelse:\n    def f(x):\n        pass\n"

    slice_ = slice_of("FAST = 1", source)

    assert (slice_.cell, slice_.line, slice_.template_below) == (2, 2, None)
    assert slice_.cells[1].source == source


def test_of_two_written_definitions_the_last_one_counts() -> None:
    slice_ = slice_of("def f(x):\n    return x\n", "def f(x):\n    return 2 * x\n")

    assert (slice_.cell, slice_.template_below) == (2, None)


@pytest.mark.parametrize("gap", ["pass", "..."])
def test_a_gap_in_a_function_without_return_is_not_written(gap: str) -> None:
    assert slice_of(f"def f(x):\n    m = x\n    {gap}\n").unwritten
    assert not slice_of(f"def f(x):\n    {gap}\n    return x\n").unwritten


# ------------------------------------------------------------------ lines without a value


@pytest.mark.parametrize("mark", ["### START CODE HERE ###", "### AQUÍ ###"])
@pytest.mark.parametrize("line", ["y =", "y[0], _ =   # step 1", "y['W' + str(x)] = "])
def test_assignment_without_a_value_is_not_written(mark: str, line: str) -> None:
    end = mark.replace("START", "END")
    assert fault_of(f"def f(x):\n    {mark}\n    {line}\n    {end}\n    return y\n").unwritten


@pytest.mark.parametrize("line", ["y = x\n    z =", "y ==", "y = x +", "y = (", "if y = 3:"])
def test_other_broken_lines_are_written(line: str) -> None:
    begin, end = MARKERS["2017"]
    assert not fault_of(f"def f(x):\n    {begin}\n    {line}\n    {end}\n    return y\n").unwritten


@pytest.mark.parametrize(
    ("body", "line"),
    [
        ("    z = x\n    y = None\n    return y\n", 3),
        ("    y = None\n    if x:\n        y = None\n    return y\n", 2),
        ("    y = z = 1\n    return y\n", None),
        ("    y = None\n    y = x\n    return y\n", None),
        ("    y = None\n    if x:\n        return x\n    return y\n", None),
        ("    y = None\n    return x, y\n", None),
        ("    y = None\n", None),
    ],
)
def test_placeholder_that_is_returned(body: str, line: int | None) -> None:
    assert slice_of(f"def f(x):\n{body}").blank_result == line
