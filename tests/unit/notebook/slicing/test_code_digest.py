"""Equal code has an equal digest, whatever its names, comments and layout; other code has another."""

from __future__ import annotations

import ast

import pytest

from grader.notebook.slicing.code_digest import CodeDigest, code_digest

CODE = '''
def cost(A, lambd):
    """Return the cost."""
    total = 0
    for W in A["W"]:
        total += np.sum(W ** 2)  # the squares
    return lambd * total
'''


def digest(source: str) -> CodeDigest:
    (function,) = ast.parse(source).body
    assert isinstance(function, ast.FunctionDef)
    return code_digest(function)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("total", "s"),
        ("lambd", "A3"),
        ("W in", "w in"),
        ('    """Return the cost."""\n', ""),
        ("# the squares", "# THE squares"),
        ("    total = 0\n", '    total = 0\n\n    "a remark"\n'),
        ("lambd * total", "(lambd\n        * total)"),
        ("A, lambd)", "A: dict, lambd: float) -> float"),
        ("def cost", "def other"),
    ],
)
def test_names_comments_and_layout_do_not_count(old: str, new: str) -> None:
    changed = CODE.replace(old, new)
    if old == "W in":
        changed = changed.replace("(W **", "(w **")
    assert changed != CODE
    assert digest(changed).function == digest(CODE).function


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("** 2", "** 3"),
        ('"W"', '"b"'),
        ("np.sum", "np.mean"),
        ("np.sum", "jnp.sum"),
        ("lambd * total", "total * lambd"),
        ("total += ", "total = "),
        ("total = 0", "total = 0.0"),
        ("for W", "for total"),
    ],
)
def test_other_code_has_another_digest(old: str, new: str) -> None:
    assert digest(CODE.replace(old, new)).function != digest(CODE).function


def test_names_that_are_not_local_count() -> None:
    one, other = "def f(x):\n    return g(x)", "def f(x):\n    return h(x)"
    assert digest(one).function != digest(other).function
    one, other = (f"def f(x):\n    global {n}\n    {n} = x" for n in "ab")
    assert digest(one).function != digest(other).function


def test_inner_names_are_local() -> None:
    one, other = (
        f"def f(x):\n    def {n}(y):\n        return y\n    import numpy as {m}\n"
        f"    try:\n        return {n}({m}.sum(x))\n    except E as {e}:\n        raise {e}\n"
        for n, m, e in (("inner", "np", "error"), ("helper", "numpy", "problem"))
    )
    assert digest(one).function == digest(other).function


def test_statements_keep_their_names() -> None:
    ours, other = digest(CODE).statements, digest(CODE.replace("total", "s")).statements
    assert len(ours) == 3
    assert ours & other == set()
    assert digest(CODE.replace("lambd", "lam")).statements & ours != set()


def test_deep_code_is_no_obstacle() -> None:
    deep = "x" + " + x" * 900
    assert digest(f"def f(x):\n    return {deep}").function
