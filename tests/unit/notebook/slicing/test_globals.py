"""What a function reads of the notebook in the place of its own parameter is seen, and nothing else is."""

from __future__ import annotations

import pytest

from grader.notebook.slicing import GlobalUse
from tests.unit.notebook.slicing.cells import slice_of


def outside(*sources: str) -> tuple[GlobalUse, ...]:
    return slice_of(*sources, parameters=("x", "keep_prob")).global_uses


@pytest.mark.parametrize(
    ("name", "header", "parameter"),
    [
        ("keep_prob", "x, p", "p"),
        ("keep_prop", "x, keep_prob", "keep_prob"),
        ("keep", "x, keep_prob", "keep_prob"),
        ("Keep_Prob", "x, keep_prob", "keep_prob"),
        ("train_x", "data, keep_prob", ""),
        ("p", "x, keep_prob", ""),
        ("eps", "x, keep_prob", ""),
    ],
)
def test_a_name_of_the_notebook_stands_for_a_parameter_that_is_never_read(
    name: str, header: str, parameter: str
) -> None:
    first = header.split(",", maxsplit=1)[0]
    found = outside(f"{name} = 0.5", f"def f({header}):\n    y = {first}\n    return y * {name}")

    assert found == ((GlobalUse(name, 3, parameter),) if parameter else ())


def test_a_part_of_a_name_is_enough() -> None:
    found = outside("train_x, y = 1, 2", "def f(x, keep_prob):\n    return train_x * keep_prob")

    assert found == (GlobalUse("train_x", 2, "x"),)


def test_a_misspelt_parameter_is_seen_though_it_is_read_elsewhere() -> None:
    source = "def f(x, keep_prob):\n    x = x * keep_prob\n    return x / keep_prop"

    assert outside("keep_prop = 0.5", source) == (GlobalUse("keep_prop", 3, "keep_prob"),)


@pytest.mark.parametrize(
    ("above", "body"),
    [
        ("", "return x * keep"),
        ("keep = 0.5", "return x * keep_prob + keep"),
        ("keep = 0.5", "keep = 0.7\n    return x * keep"),
        ("keep = 0.5", "return sum(keep for keep in x)"),
        ("keep = 0.5", "return (lambda keep: keep)(x)"),
        ("keep = 0.5", "return x"),
        ("from m import keep", "return x * keep"),
        ("def keep(x): return x", "return keep(x)"),
        ("keep = 0.5\nfor keep in (0.1, 0.2): pass", "return x * keep"),
        ("class keep: pass", "return keep(x)"),
    ],
)
def test_what_is_the_functions_own_or_is_no_value_of_the_notebook_is_left_alone(
    above: str, body: str
) -> None:
    assert outside(above, f"def f(x, keep_prob):\n    {body}") == ()


def test_a_function_bound_by_an_assignment_has_no_lines_to_look_at() -> None:
    assert outside("keep = 1", "f = lambda x, keep_prob: x * keep") == ()
