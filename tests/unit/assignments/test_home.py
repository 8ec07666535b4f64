"""An assignment is three files of one name; the grader itself knows of none."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from grader import assignments, grading, verify
from grader.errors import UsageError
from grader.grading import Settings
from grader.model import Submission, Tier
from grader.model.result import Status
from grader.views.html.formula import formula
from tests import ROOT
from tests.submissions.corpus import Cell, notebook

# ------------------------------------------------------------------ by name


def test_our_assignment_is_found_with_all_its_files() -> None:
    loaded = assignments.load("regularization")

    assert "regularization" in assignments.names()
    assert (loaded.name, loaded.title) == ("regularization", "Regularization")
    files = loaded.files
    assert files.reference == ROOT / "reference" / "regularization.py"
    assert files.testcases == ROOT / "testcases" / "regularization.py"
    assert files.template == ROOT / "student_template" / "regularization" / "Regularization.ipynb"
    assert [name for name, _ in files.helpers] == list(loaded.helpers)
    assert all(path.is_file() for path in (files.reference, files.testcases, files.template))
    assert all(path.is_file() for _, path in files.helpers)


def test_an_assignment_is_loaded_once() -> None:
    assert assignments.load("regularization") is assignments.load("regularization")


def test_names_are_sorted_and_those_of_assignments_only() -> None:
    names = assignments.names()

    assert list(names) == sorted(names)
    assert all((ROOT / "reference" / f"{name}.py").is_file() for name in names)


@pytest.mark.parametrize("name", ["regularisation", "Regularization", "regularization.py"])
def test_a_name_that_is_nearly_right_is_asked_about(name: str) -> None:
    with pytest.raises(UsageError) as error:
        assignments.load(name)

    assert str(error.value) == (f"There is no assignment {name!r}. Did you mean 'regularization'?")


@pytest.mark.parametrize("name", ["", "xyz", "__init__", "../xyz", "/", "x\n"])
def test_for_a_name_that_is_none_all_there_are_are_told(name: str) -> None:
    with pytest.raises(UsageError) as error:
        assignments.load(name)

    there_are = ", ".join(assignments.names())
    assert str(error.value) == f"There is no assignment {name!r}. There are: {there_are}."


def test_a_module_is_loaded_by_its_path_and_takes_no_place_among_modules(tmp_path: Path) -> None:
    path = tmp_path / "odd_name.py"
    path.write_text("K = []\n", "utf-8")
    before = set(sys.modules)

    loaded = assignments.module(path)

    assert loaded.K == []
    assert assignments.module(path) is loaded
    assert not {name for name in set(sys.modules) - before if "odd_name" in name}


def test_a_file_that_is_no_module_cannot_be_loaded(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as error:
        assignments.module(tmp_path / "text.txt")

    assert str(error.value) == f"{tmp_path / 'text.txt'} cannot be loaded."


# ------------------------------------------------------------------ another assignment

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
    yield TestCase("example", "double", (3,), "x = 3", public=True, figures={"y": 6})
    figures = {"a": 4.0, "b": 1.0}
    yield TestCase("example", "sides", (4.0, 4.0), "a = 4", public=True, figures=figures)
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


@pytest.fixture
def toy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Lay out a second assignment, and nothing else, in a folder of its own."""
    template = tmp_path / "student_template" / "toy"
    (template / "data").mkdir(parents=True)
    (template / "Toy.ipynb").write_bytes(handed_in("None", "None"))
    (template / "toy_utils.py").write_text(HELPERS, "utf-8")
    (template / "data" / "areas.txt").write_text("4.0\n", "utf-8")
    for folder, text in (("reference", REFERENCE), ("testcases", TESTCASES)):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "toy.py").write_text(text.lstrip("\n"), "utf-8")
    (tmp_path / "testcases" / "_shared.py").write_text("", "utf-8")
    monkeypatch.setattr(assignments, "home", lambda: tmp_path)
    assignments.load.cache_clear()
    yield tmp_path
    assignments.load.cache_clear()


def test_a_second_assignment_is_three_files_and_found_by_its_name(toy: Path) -> None:
    assert assignments.names() == ("toy",)
    assert assignments.load("toy").max_score == 100


def test_a_second_assignment_is_proven_without_a_change_to_the_grader(
    toy: Path, any_tier: Tier
) -> None:
    verification = verify.verify(assignments.load("toy"), tier=any_tier)

    assert [(claim.name, claim.detail) for claim in verification.claims if not claim.holds] == []


@pytest.mark.parametrize(
    ("answers", "earned", "told"),
    [
        (("2 * x", "root(area / ratio)"), [("passed", 50), ("passed", 50)], []),
        (("6", "root(area / ratio)"), [("partial", 10), ("passed", 50)], ["hard-coded-answer"]),
        (("x", "rot(area / ratio)"), [("failed", 0), ("error", 0)], ["name-error"]),
        (("None", "None"), [("not_attempted", 0)] * 2, ["not-attempted"] * 2),
        (("x +", "1.0"), [("error", 0), ("partial", 10)], ["syntax-error", "hard-coded-answer"]),
        (("while", "[1, 2]"), [("error", 0), ("failed", 0)], ["syntax-error", "wrong-shape"]),
    ],
)
def test_submissions_of_a_second_assignment_are_graded_without_a_change_to_the_grader(
    toy: Path,
    any_tier: Tier,
    answers: tuple[str, str],
    earned: list[tuple[str, float]],
    told: list[str],
) -> None:
    settings = Settings(seed=3, tier=any_tier)
    submission = Submission("alice", handed_in(*answers))

    result = grading.grade(submission, assignments.load("toy"), settings)

    assert (result.assignment, result.title, result.status) == ("toy", "A toy", Status.GRADED)
    assert [(f.status, f.score) for f in result.functions] == earned
    assert (result.score, result.max_score) == (sum(points for _, points in earned), 100)
    assert [d.id for function in result.functions for d in function.diagnoses] == told


def test_an_assignment_without_a_notebook_to_hand_out_is_told(toy: Path) -> None:
    (toy / "student_template" / "toy" / "Toy.ipynb").unlink()

    with pytest.raises(UsageError) as error:
        assignments.load("toy")

    assert str(error.value) == "The assignment 'toy' has no notebook in student_template/toy."


def test_where_nothing_is_laid_out_there_is_no_assignment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(assignments, "home", lambda: tmp_path)

    assert assignments.names() == ()


# ------------------------------------------------------------------ where the files are


def test_an_installed_package_has_its_assignments_inside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(assignments, "_HERE", tmp_path / "grader" / "assignments")
    assert assignments.home() == tmp_path

    (tmp_path / "grader" / "assignments" / "testcases").mkdir(parents=True)
    assert assignments.home() == tmp_path / "grader" / "assignments"


# ------------------------------------------------------------------ no line names an assignment


def test_no_line_of_the_grader_names_an_assignment_but_defaults_and_examples_of_the_command_line() -> (
    None
):
    named = {
        (path.name, line.strip())
        for path in (ROOT / "grader").rglob("*")
        if path.suffix in {".py", ".html", ".css", ".jinja", ".txt", ".json", ".toml"}
        for line in path.read_text("utf-8").splitlines()
        for name in assignments.names()
        if name in line.lower()
    }

    assert {file for file, _ in named} == {"__init__.py", "options.py"}
    for _, line in named:
        is_default = 'default="regularization"' in line
        assert is_default or line.startswith(("Example:  grader ", "grader "))


def test_every_graded_function_has_a_formula_that_a_page_shows() -> None:
    for function in assignments.load("regularization").functions:
        assert formula(function.formula), function.name


def test_a_function_without_a_formula_has_none(toy: Path) -> None:
    assert {function.formula for function in assignments.load("toy").functions} == {""}
