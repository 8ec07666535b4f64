"""A global that a function reads instead of its own parameter is found, and no other name."""

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
def test_global_replaces_an_unread_parameter(name: str, header: str, parameter: str) -> None:
    first = header.split(",", maxsplit=1)[0]
    uses = outside(f"{name} = 0.5", f"def f({header}):\n    y = {first}\n    return y * {name}")

    assert uses == ((GlobalUse(name, 3, parameter),) if parameter else ())


def test_a_part_of_a_name_is_enough() -> None:
    uses = outside("train_x, y = 1, 2", "def f(x, keep_prob):\n    return train_x * keep_prob")

    assert uses == (GlobalUse("train_x", 2, "x"),)


def test_global_that_a_training_sets_has_no_parameter() -> None:
    """Also if all parameters are read."""
    source = "def f(x, keep_prob):\n    return x * keep_prob * learned['W1']"

    own = slice_of("learned = model(1)", source, trainers=frozenset({"model"})).global_uses
    by_iterations = slice_of("learned = fitted(1, num_iterations=9)", source).global_uses

    assert own == by_iterations == (GlobalUse("learned", 2, ""),)
    assert slice_of("learned = load(1)", source).global_uses == ()


def test_misspelt_parameter_is_a_global_use() -> None:
    """Also if the parameter itself is read elsewhere."""
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
def test_other_names_are_not_global_uses(above: str, body: str) -> None:
    """Locals, and globals that are not assigned."""
    assert outside(above, f"def f(x, keep_prob):\n    {body}") == ()


def test_assigned_function_has_no_global_uses() -> None:
    assert outside("keep = 1", "f = lambda x, keep_prob: x * keep") == ()
