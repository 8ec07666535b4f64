"""`grader new` makes an assignment that grades at once, from a solved notebook or from heads of functions."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from grader import assignments
from grader.assignments import oracle
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


def snippets(course: Path, name: str) -> dict[str, tuple[str, ...]]:
    cases = oracle.cases_by_function(assignments.load(name, course), 1)
    return {function: cases[function][0].snippet for function in cases}


def test_a_snippet_makes_the_call_and_prints_the_result(
    here: Here, solved: Path, tmp_path: Path
) -> None:
    """It does not depend on variables of the notebook, which later cells may change."""
    here("new", "logistic", tmp_path / "course", "--from", solved)

    assert snippets(tmp_path / "course", "logistic")["propagate"] == (
        "w = np.array([[1.0], [2.0]])",
        "b = 2.0",
        "X = np.array([[1.0, 2.0, -1.0], [3.0, 4.0, -3.2]])",
        "Y = np.array([[1.0, 0.0, 0.0]])",
        "print(propagate(w, b, X, Y))",
    )


def test_large_arguments_are_made_by_the_statements_of_the_notebook(
    here: Here, tmp_path: Path
) -> None:
    cells = (
        "import numpy as np\ncolumns = 2",
        (
            "def total(x, scale):\n    ### START CODE HERE ###\n    t = scale * x.sum(axis=0)\n"
            "    ### END CODE HERE ###\n    return t"
        ),
        "x = np.arange(200.0).reshape(-1, columns)\nunused = 3",
        "scale = 2.5\nt = total(x, scale)\nx = None",
    )
    path = tmp_path / "solved.ipynb"
    path.write_bytes(notebook([Cell(source) for source in cells]))
    here("new", "total", tmp_path, "--from", path)

    assert snippets(tmp_path, "total")["total"] == (
        "columns = 2",
        "x = np.arange(200.0).reshape(-1, columns)",
        "scale = 2.5",
        "t = total(x, scale)",
        "print(t)",
    )


def test_large_numbers_have_a_check_of_their_own(here: Here, solved: Path, tmp_path: Path) -> None:
    """The reference must be finite there. Students read which numbers are large, or 0, or 1."""
    here("new", "logistic", tmp_path, "--from", solved)
    assignment = assignments.load("logistic", tmp_path)
    cases = oracle.cases_by_function(assignment, 1)

    edges = {
        name: [case.about for case in cases[name] if "numbers" not in case.name][9:]
        for name in cases
    }
    assert edges == {
        "sigmoid": ["arrays with one element", "large numbers in z"],
        "propagate": ["b = 0", "b = 1", "arrays with one element"],
        "steps": [],
    }
    assert [(c.points, c.group) for c in assignment.functions[0].checks] == [
        *((7, "fixed"), (24, "random"), (3, "large"))
    ]


def test_the_title_is_that_of_the_notebook_or_the_name(here: Here, tmp_path: Path) -> None:
    """Students get no file with the name of the author's."""
    stub = (
        "def f(x):\n    ### START CODE HERE ###\n    y = x\n    ### END CODE HERE ###\n    return y"
    )
    path = tmp_path / "solved.ipynb"
    path.write_bytes(notebook([Cell(stub), Cell("f(3)")]))

    made = here("new", "two_steps", tmp_path / "course", "--from", path)

    assert "/student_template/two_steps/Two_steps.ipynb\n" in made.out
    assert assignments.load("two_steps", tmp_path / "course").title == "Two steps"


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
