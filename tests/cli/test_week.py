"""`--assignment auto`: a student hands in the notebooks of a week, each is graded by its assignment."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from tests.cli.conftest import Here
from tests.submissions.corpus import mixed, notebook
from tests.submissions.siblings import load_siblings, solved

EMPTY = b'{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}'


@pytest.fixture(scope="module")
def inbox(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Five students: all notebooks, two under other names, one beside an empty one, a damaged one, none."""
    changed = {labelled.name: labelled.data for labelled in load_siblings()}
    hand_ins = {
        "ada/Initialization.ipynb": notebook(solved("initialization")),
        "ada/Regularization.ipynb": mixed(),
        "ada/Gradient Checking.ipynb": notebook(solved("gradient_checking")),
        "bob/a.ipynb": changed["gradient_checking-squares"],
        "bob/b.ipynb": changed["initialization-xavier"],
        "cy/Untitled.ipynb": mixed("wrong-l2-not-halved"),
        "cy/notes.ipynb": EMPTY,
        "dee/my Initialization v2.ipynb": b"damaged",
        "eve/hello.ipynb": EMPTY,
    }
    folder = tmp_path_factory.mktemp("week")
    for name, data in hand_ins.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(data)
    return folder


def scores(book: Path) -> dict[str, str]:
    with (book / "grades.csv").open(encoding="utf-8-sig") as stream:
        return {
            row["submission"]: row["score"].removesuffix(".0") for row in csv.DictReader(stream)
        }


def test_each_notebook_is_graded_by_its_assignment(here: Here, inbox: Path, tmp_path: Path) -> None:
    week = tmp_path / "graded"

    outcome = here("batch", inbox, "--assignment", "auto", "--out", week)

    assert outcome.status == 0
    assert {book.name: scores(book) for book in sorted(week.iterdir()) if book.is_dir()} == {
        "gradient_checking": {"ada": "100", "bob": "76"},
        "initialization": {"ada": "100", "bob": "62", "dee": "0"},
        "regularization": {"ada": "100", "cy": "75"},
    }
    assert outcome.out.splitlines()[-1] == f"All assignments: {week / 'index.html'}"
    assert outcome.err.splitlines()[0] == (
        "grader: 1 submission not graded, because no notebook defines a function of these assignments: "
        "eve."
    )
    page = (week / "index.html").read_text("utf-8")
    assert 'href="regularization/submissions/cy/report.html">75</a>' in page
    assert "eve" not in page

    again = here("report", week, "--lang", "zh-Hans")

    assert again.out.splitlines()[-1] == f"All assignments: {week / 'index.html'}"
    chinese = (week / "index.html").read_text("utf-8")
    assert "正则化" in chinese and "正则化" not in page
    assert here("batch", inbox, "--assignment", "auto", "--out", week, "--only", "bob").status == 0
    assert here("batch", inbox, "--out", week).err == (
        f"grader: {week} already exists and is neither an empty folder nor a gradebook. Choose another "
        "folder for --out.\n"
    )


def test_an_option_applies_where_it_fits(here: Here, inbox: Path, tmp_path: Path) -> None:
    """`--without` names a function of one assignment, `--fail-under` compares all scores."""
    call = ("batch", inbox, "--assignment", "auto", "--out", tmp_path, "--only", "bob")

    outcome = here(*call, "--without", "gradient_check", "--fail-under", 65)
    unknown = here(*call, "--without", "f")

    assert outcome.status == 1
    assert outcome.err.splitlines()[-1] == "grader: Below 65 points: bob."
    assert scores(tmp_path / "gradient_checking") == {"bob": "70"}
    assert unknown.err.startswith("grader: There is no graded function f. There are forward_prop")


@pytest.mark.parametrize(
    ("file", "sentence"),
    [
        (
            "gradebook.sqlite",
            "{} is the gradebook of one assignment. Choose another folder for --out.",
        ),
        ("index.html", "{}/index.html would be replaced. Choose another folder for --out."),
    ],
)
def test_a_folder_of_something_else_is_refused(
    here: Here, inbox: Path, tmp_path: Path, file: str, sentence: str
) -> None:
    (tmp_path / file).write_text("", "utf-8")

    outcome = here("batch", inbox, "--assignment", "auto", "--out", tmp_path)

    assert (outcome.status, outcome.out) == (2, "")
    assert outcome.err == f"grader: {sentence.format(tmp_path)}\n"
