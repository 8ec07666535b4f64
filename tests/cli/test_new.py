"""`grader new` makes an assignment that grades at once, from a solved notebook or from heads of functions."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Here
from tests.submissions.corpus import Cell, notebook
from tests.support import solved_notebook
from tests.support.toy_assignment import lay_out


@pytest.fixture
def solved(tmp_path: Path) -> Path:
    return solved_notebook.write(tmp_path)


def sources(path: Path) -> list[str]:
    return ["".join(cell["source"]) for cell in json.loads(path.read_text("utf-8"))["cells"]]


def failed(report: str) -> list[str]:
    return [line for line in report.splitlines() if "\u2502 NO " in line]


def test_a_solved_notebook_becomes_an_assignment(here: Here, solved: Path, tmp_path: Path) -> None:
    """Its solution earns all points, the students' notebook none."""
    course = tmp_path / "my course"

    made = here("new", "logistic", course, "--from", solved)

    assert (made.status, made.err) == (
        0,
        f"grader: Edit testcases/logistic.py, then run: grader verify logistic --course '{course}'\n",
    )
    assert [Path(line).relative_to(course).as_posix() for line in made.out.splitlines()] == [
        "reference/logistic.py",
        "testcases/logistic.py",
        "student_template/logistic/Logistic_regression.ipynb",
        "student_template/logistic/lr_utils.py",
        "testcases/logistic_submissions/100-solved.ipynb",
    ]
    template = course / "student_template/logistic/Logistic_regression.ipynb"
    assert here("check", solved, "--course", course).status == 0
    assert here("check", template, "--course", course, "--fail-under", 1).status == 1
    released = here("release", tmp_path / "handout", "--course", course)
    assert (released.status, released.err) == (0, "")
    cells = sources(template)
    assert cells[3] == "from grader import check\n\ncheck(sigmoid)"
    assert "the answer" not in "".join(cells)
    assert "    # YOUR CODE STARTS HERE\n    A = None\n    cost = None\n    dw = None\n" in cells[5]
    assert cells[10] == (
        "def steps(n, name):\n    ### BEGIN SOLUTION\n    pass\n    ### END SOLUTION"
    )


def test_verify_lists_what_an_author_has_to_do(here: Here, solved: Path, tmp_path: Path) -> None:
    """Only mutants that no case catches are left; a wrong label is named."""
    course = tmp_path / "course"
    here("new", "logistic", course, "--from", solved)
    labelled = course / "testcases" / "logistic_submissions"
    (labelled / "100-solved.ipynb").rename(labelled / "90-solved.ipynb")

    report = here("verify", "--course", course)

    assert report.status == 1
    assert [line.split("\u2502")[1].strip() for line in failed(report.out)] == [
        "labelled submissions get their points",
        "mutants of the reference are caught",
    ]


def test_large_arrays_are_in_a_file_beside_the_cases(here: Here, tmp_path: Path) -> None:
    cells = (
        "import numpy as np",
        (
            "def total(x):\n    ### START CODE HERE ###\n    t = x.sum(axis=0)\n    ### END CODE HERE ###\n"
            "    return t"
        ),
        "print(total(np.arange(200.0).reshape(100, 2)))",
    )
    path = tmp_path / "solved.ipynb"
    path.write_bytes(notebook([Cell(source) for source in cells]))

    assert here("new", "total", tmp_path, "--from", path).status == 0

    assert (tmp_path / "testcases" / "total_example.npz").is_file()
    assert here("check", path, "--course", tmp_path).status == 0


def test_functions_without_a_notebook_are_stubs(here: Here, tmp_path: Path) -> None:
    """`verify` then names the line of the solution that is missing."""
    call = ("new", "two_means", tmp_path, "--function", "mean(x, weights)", "--function", "g()")
    assert here(*call).status == 0

    outcome = here("verify", "--course", tmp_path)

    assert (outcome.status, outcome.out) == (2, "")
    assert outcome.err == (
        "grader: reference/two_means.py, line 8: mean raised NotImplementedError (write the solution "
        "here) in the test case 'the example' (from the notebook).\n"
    )
    cells = sources(tmp_path / "student_template/two_means/Two_means.ipynb")
    assert 'def mean(x, weights):\n    """Say here' in cells[2]


def test_an_example_that_does_not_run_is_a_comment(here: Here, tmp_path: Path) -> None:
    stub = "def {}(x):\n    ### START CODE HERE ###\n    y = x\n    ### END CODE HERE ###\n    return y"
    cells = (*map(stub.format, "abcd"), "b(1 / 0)", "c(lambda: 0)", "[d(x) for x in []]")
    path = tmp_path / "solved.ipynb"
    path.write_bytes(notebook([Cell(source) for source in cells]))

    here("new", "four", tmp_path, "--from", path)

    text = (tmp_path / "testcases" / "four.py").read_text("utf-8")
    comments = [line.strip(" #") for line in text.splitlines() if " # " in line]
    assert comments == [
        "The notebook has no example of a: no cell calls it. Write the arguments here.",
        (
            "The notebook has no example of b: its call did not run (ZeroDivisionError: division by zero). "
            "Write the arguments here."
        ),
        (
            "The notebook has no example of c: its call has an argument of type function. Write the "
            "arguments here."
        ),
        "The notebook has no example of d: its call was not reached. Write the arguments here.",
    ]


MARKED = (
    "No function in {0} has lines between '### START CODE HERE ###' and '### END CODE HERE ###'. Mark "
    "the lines that students write, or give the names of the functions with --function."
)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["x", "{1}"], "Give a solved notebook with --from, or functions with --function."),
        (["Two words", "{1}", "--function", "f()"], ("An assignment cannot have the name 'Two words'. "
         "Use small letters, digits and underscores.")),
        (["toy", "{1}", "--function", "f()"], "{1} already has an assignment toy. Choose another name."),
        (["x", "{1}", "--function", "f"], ("--function: 'f' is not the head of a function. Write it as in "
         "'mean(x, weights)'.")),
        (["x", "{1}", "--from", "{0}"], MARKED),
        (["x", "{1}", "--from", "{0}", "--function", "f"], "{0} does not define f."),
        (["x", "{1}", "--from", "{1}"], "{1} cannot be read: Is a directory."),
        (["x", "{1}", "--from", "{1}/reference/toy.py"], "{1}/reference/toy.py is not a Jupyter notebook."),
    ],
)  # fmt: skip
def test_what_cannot_be_made_is_one_sentence(
    here: Here, tmp_path: Path, arguments: list[Any], sentence: str
) -> None:
    empty, course = tmp_path / "empty.ipynb", lay_out(tmp_path / "course")
    empty.write_bytes(notebook([Cell("x = 1")]))

    outcome = here("new", *(str(a).format(empty, course) for a in arguments))

    assert (outcome.status, outcome.out) == (2, "")
    assert outcome.err == f"grader: {sentence.format(empty, course)}\n"
    assert not list(course.glob("*/x*"))
