"""An assignment is three files of one name; the grader itself knows of none."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from grader import assignments
from grader.errors import AuthorError, UsageError
from grader.views.html.render import formula
from tests import ROOT

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
def test_a_similar_name_is_suggested(name: str) -> None:
    with pytest.raises(UsageError) as error:
        assignments.load(name)

    assert str(error.value) == (f"There is no assignment {name!r}. Did you mean 'regularization'?")


@pytest.mark.parametrize("name", ["", "xyz", "__init__", "../xyz", "/", "x\n"])
def test_an_unknown_name_lists_all_assignments(name: str) -> None:
    with pytest.raises(UsageError) as error:
        assignments.load(name)

    there_are = ", ".join(assignments.names())
    assert str(error.value) == f"There is no assignment {name!r}. The assignments are: {there_are}."


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

    assert str(error.value) == f"{tmp_path / 'text.txt'} cannot be imported as a Python module."


# ------------------------------------------------------------------ another assignment


def test_a_second_assignment_is_three_files_and_found_by_its_name(toy: Path) -> None:
    assert assignments.names() == ("toy",)
    assert assignments.load("toy").max_score == 100


def test_an_assignment_without_a_notebook_is_reported(toy: Path) -> None:
    (toy / "student_template" / "toy" / "Toy.ipynb").unlink()

    with pytest.raises(AuthorError) as error:
        assignments.load("toy")

    assert (
        str(error.value) == "The assignment 'toy' has no notebook. Add one to student_template/toy."
    )


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


def test_every_graded_function_has_a_formula_that_a_page_shows() -> None:
    for function in assignments.load("regularization").functions:
        assert formula(function.formula), function.name


def test_a_function_may_have_no_formula(toy: Path) -> None:
    assert {function.formula for function in assignments.load("toy").functions} == {""}
