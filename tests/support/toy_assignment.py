"""A second assignment of two functions, written into a folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader import assignments
from tests.submissions.corpus import Cell, notebook

REFERENCE = '''
"""Answers to the toy assignment."""


def double(x):
    """Return twice x."""
    return 2 * x


def sides(area, ratio):
    """Return the sides of a rectangle."""
    return {"a": (area * ratio) ** 0.5, "b": (area / ratio) ** 0.5}
'''


TESTCASES = '''
"""The toy assignment."""

import numpy as np

from grader.judging.compare import mapping, scalar
from grader.model import AssignmentSpec, Check, Function, TestCase

FUNCTIONS = (
    Function(
        "double",
        ("x",),
        scalar("y"),
        (Check("example", 10, "fixed", ("y",)), Check("others", 40, "random", ("y",))),
    ),
    Function(
        "sides",
        ("area", "ratio"),
        mapping("a", "b"),
        (Check("example", 10, "fixed", ("a", "b")), Check("others", 40, "random", ("a", "b"))),
    ),
)


def cases(seed, reference):
    random = np.random.default_rng(seed)
    yield TestCase("example", "double", (3,), "x = 3", public=True, published={"y": 6})
    published = {"a": 4.0, "b": 1.0}
    yield TestCase("example", "sides", (4.0, 4.0), "a = 4", public=True, published=published)
    for number in range(4):
        x, y = random.uniform(1, 9, 2)
        yield TestCase(f"case {number}", "double", (x,), f"x = {x:.2g}")
        yield TestCase(f"case {number}", "sides", (reference.double(x), y), f"area = {2 * x:.2g}")


ASSIGNMENT = AssignmentSpec(
    name="toy",
    title="A toy",
    functions=FUNCTIONS,
    cases=cases,
    helpers=("toy_utils.py", "data/areas.txt"),
    packages=("numpy",),
    seed=3,
)
'''


HELPERS = """
def root(x):
    return x ** 0.5
"""


IMPORTS = "from toy_utils import root\n%matplotlib inline\n"


DOUBLE = """
def double(x):
    ### START CODE HERE ### (1 line)
    y = {answer}
    ### END CODE HERE ###
    return y
"""


SIDES = """
def sides(area, ratio):
    a = root(area * ratio)
    b = {answer}
    return {{"a": a, "b": b}}
"""


def handed_in(double: str, sides: str) -> bytes:
    cells = (IMPORTS, DOUBLE.format(answer=double), SIDES.format(answer=sides))
    return notebook([Cell(text.strip("\n")) for text in cells])


def lay_out(course: Path) -> Path:
    """Write the assignment, and nothing else, into a folder, and return it."""
    template = course / "student_template" / "toy"
    (template / "data").mkdir(parents=True)
    (template / "Toy.ipynb").write_bytes(handed_in("None", "None"))
    (template / "toy_utils.py").write_text(HELPERS, "utf-8")
    (template / "data" / "areas.txt").write_text("4.0\n", "utf-8")
    for folder, text in (("reference", REFERENCE), ("testcases", TESTCASES)):
        (course / folder).mkdir()
        (course / folder / "toy.py").write_text(text.lstrip("\n"), "utf-8")
    (course / "testcases" / "_shared.py").write_text("", "utf-8")
    return course


@pytest.fixture
def toy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Take the place of the included assignments."""
    monkeypatch.setattr(assignments, "home", lambda: tmp_path)
    return lay_out(tmp_path)
