"""One student, one row: which notebook counts, why the others do not, and when to look at the row."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from grader.grading.best_notebook import contenders, grade_best
from grader.grading.results import with_circumstances
from grader.grading.settings import Budget
from grader.intake import Source, search
from grader.model.allowance import Allowance
from grader.model.result import Result, Status
from grader.model.submission import Student, Submission
from grader.notebook import reader
from tests.support.samples import rich

FUNCTIONS = ["f", "g"]
CELL: dict[str, object] = {
    "cell_type": "code",
    "metadata": {},
    "outputs": [],
    "execution_count": None,
}


def notebook(*lines: str) -> str:
    cells = [{**CELL, "source": [line]} for line in lines]
    return json.dumps({"nbformat": 4, "nbformat_minor": 4, "metadata": {}, "cells": cells})


BOTH = notebook("def f(x):\n    return x", "    def g(x): pass")
SCRATCH = notebook("x = 1")
WEEK = notebook("def other(x):\n    return x")


def source(tmp_path: Path, **files: str) -> Source:
    """Return the hand-in of `ada`; a double underscore stands for the dot of an ending."""
    folder = tmp_path / "class" / "ada"
    folder.mkdir(parents=True)
    for name, text in files.items():
        (folder / name.replace("__", ".")).write_text(text)
    (tmp_path / "class" / "bob").mkdir()
    (tmp_path / "class" / "bob" / "x.ipynb").write_text("")
    return next(s for s in search([tmp_path / "class"]).sources if s.id == "ada")


def others(submissions: list[Submission]) -> dict[str, str]:
    (only,) = submissions
    return {other.source.rpartition("/")[2]: other.why for other in only.others}


def grade(submission: Submission, _: object = None) -> Result:
    """Return a result whose score is the length of the notebook."""
    result = replace(rich(), submission=submission.id, score=float(len(submission.data)), notes=())
    return with_circumstances(result, submission)


def budget(seconds: float = 60.0) -> Budget:
    return Budget(*(Allowance(seconds) for _ in range(4)))


# ------------------------------------------------------------------ which notebook counts


def test_notebook_that_defines_a_graded_function_counts(tmp_path: Path) -> None:
    submissions = contenders(
        source(tmp_path, a__ipynb=WEEK, b__ipynb=BOTH, c__ipynb="{"), FUNCTIONS
    )

    assert submissions[0].source == "class/ada/b.ipynb"
    assert others(submissions) == {
        "a.ipynb": "it defines no graded function",
        "c.ipynb": "it could not be read as a notebook",
    }
    assert grade_best(submissions, grade, budget()).to_look_at == ()


def test_a_copy_is_listed_and_nothing_to_look_at(tmp_path: Path) -> None:
    submissions = contenders(source(tmp_path, a__ipynb=BOTH, b__ipynb=BOTH), FUNCTIONS)

    assert others(submissions) == {"b.ipynb": "it has the same content as the notebook that counts"}


def test_best_of_several_counts_and_is_to_be_looked_at(tmp_path: Path) -> None:
    longer = notebook("def f(x):\n    return x", f"y = {10**99}")
    submissions = contenders(
        source(tmp_path, a__ipynb=BOTH, b__ipynb=longer, c__ipynb=SCRATCH), FUNCTIONS
    )
    result = grade_best(submissions, grade, budget())

    assert result.source == "class/ada/b.ipynb"
    assert {(other.source[-7:], other.why, other.score) for other in result.others} == {
        (
            "a.ipynb",
            "another notebook of this student has a higher score",
            float(len(BOTH)),
        ),
        ("c.ipynb", "it defines no graded function", None),
    }
    assert result.to_look_at == (
        "2 notebooks define graded functions. The one with the highest score counts.",
    )


def test_failure_of_the_grader_counts_until_it_is_retried(tmp_path: Path) -> None:
    """Else another notebook with fewer points would stay for ever."""
    submissions = contenders(
        source(tmp_path, a__ipynb=BOTH, b__ipynb=BOTH.replace("return", "yield")), FUNCTIONS
    )

    def failing(submission: Submission, _: Budget) -> Result:
        result = grade(submission)
        is_first = submission.source.endswith("a.ipynb")
        return replace(result, status=Status.INTERNAL, score=None) if is_first else result

    assert grade_best(submissions, failing, budget()).status is Status.INTERNAL


@pytest.mark.parametrize(
    ("files", "counting"),
    [
        ({"a__ipynb": SCRATCH, "b__ipynb": WEEK}, "a.ipynb"),
        ({"a__ipynb": "{", "b__ipynb": WEEK}, "b.ipynb"),
        ({"a__txt": "I could not finish.", "b__json": BOTH}, "b.json"),
        ({"a__txt": BOTH, "b__pdf": "%PDF"}, "a.txt"),
        ({"work": BOTH}, "work"),
        ({"a__py": "def f(x):\n    return x\n", "b__py": "import x\n"}, "a.py"),
    ],
)
def test_without_a_definition_the_first_notebook_counts(
    tmp_path: Path, files: dict[str, str], counting: str
) -> None:
    submissions = contenders(source(tmp_path, **files), FUNCTIONS)

    assert submissions[0].source == f"class/ada/{counting}"
    assert submissions[0].problem == ""


def test_files_that_are_no_notebooks_share_a_sentence(tmp_path: Path) -> None:
    submissions = contenders(
        source(tmp_path, a__txt="I could not finish.", b__json="[]", c__pdf="%PDF"), FUNCTIONS
    )

    assert submissions[0].problem == (
        "This submission contains no notebook (.ipynb), only a.txt, b.json and c.pdf. "
        "Submit your notebook."
    )


# ------------------------------------------------------------------ the time for one submission


def test_notebooks_after_the_end_of_the_time_are_listed(tmp_path: Path) -> None:
    """Each may use half of the time that is left, the last one all of it."""
    files = {f"hw{number}__ipynb": notebook(f"def f(x): return {number}") for number in range(9)}
    submissions = contenders(source(tmp_path, **files), FUNCTIONS)
    shares = []

    def endless(submission: Submission, part: Budget) -> Result:
        shares.append(part.functions.left)
        part.functions.spend(99)
        return grade(submission)

    result = grade_best(submissions, endless, budget())

    assert shares == [30, 15, 7.5, 3.75, 1.875]
    assert [o.why for o in result.others if o.score is None] == [
        "it was not graded: the time for one submission was used up"
    ] * 4
    assert result.to_look_at[-1].startswith("9 notebooks")


def test_file_that_is_not_read_in_time_is_listed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read(_: bytes, __: object, allowance: Allowance) -> None:
        allowance.spend(allowance.left)
        raise reader.ReadingLimit

    monkeypatch.setattr(reader, "read_with_limits", read)
    reading = Allowance(2)

    submissions = contenders(source(tmp_path, a__ipynb=BOTH, b__ipynb=WEEK), FUNCTIONS, reading)

    assert others(submissions) == {
        "b.ipynb": "it was not read: the time for one submission was used up"
    }
    assert reading.left == 1


# ------------------------------------------------------------------ notes, and a later download


def test_reason_to_look_is_also_a_note(tmp_path: Path) -> None:
    submission = Submission("ada", b"x", to_look_at=("Look.",))

    assert grade_best([submission], grade, budget()).notes == ("Look.",)


def test_later_download_renews_student_and_times() -> None:
    submission = Submission(
        "ada",
        b"x",
        source="late.zip/x.ipynb",
        student=Student("1", "Ada"),
        submitted_at="2026-11-08T21:10:03+00:00",
        late=True,
    )
    result = with_circumstances(rich(), submission)

    assert (result.source, result.student, result.late) == (
        submission.source,
        submission.student,
        True,
    )
    assert result.submitted_at == submission.submitted_at
    assert result.functions == rich().functions
