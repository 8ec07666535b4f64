"""A course has assignments of its own; a mistake in one of their files is one sentence with the line."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest

from grader import assignments
from grader.assignments import oracle
from grader.errors import AuthorError
from grader.verify import mutants
from tests.support.toy_assignment import lay_out

TESTCASES, REFERENCE = "testcases/toy.py", "reference/toy.py"


@pytest.fixture
def course(tmp_path: Path) -> Path:
    return lay_out(tmp_path)


def test_a_course_has_its_own_assignments(course: Path) -> None:
    assert assignments.names(course) == ("toy",)
    assert assignments.load("toy", course).files.course == course
    assert "toy" not in assignments.names()


def test_two_courses_may_use_the_same_name(tmp_path: Path) -> None:
    first, second = (lay_out(tmp_path / name) for name in ("first", "second"))
    file = second / TESTCASES
    file.write_text(file.read_text("utf-8").replace('title="A toy"', 'title="Another"'), "utf-8")

    titles = [assignments.load("toy", folder).title for folder in (first, second)]

    assert titles == ["A toy", "Another"]


def test_an_assignment_is_pickled_with_its_course(course: Path) -> None:
    assignment = assignments.load("toy", course)

    assert pickle.loads(pickle.dumps(assignment)) is assignment


@pytest.mark.parametrize(
    ("file", "old", "new", "sentence"),
    [
        (
            TESTCASES,
            "ASSIGNMENT =",
            "SPEC =",
            "defines no ASSIGNMENT. It must be an AssignmentSpec.",
        ),
        (
            *(TESTCASES, 'name="toy"', 'name="toys"'),
            ", line 36: the name of the assignment must be that of the file, 'toy', not 'toys'.",
        ),
        (TESTCASES, "scalar(", "skalar(", ", line 12: NameError: name 'skalar' is not defined."),
        (
            TESTCASES,
            "FUNCTIONS = (",
            "FUNCTIONS = ((",
            ", line 8: SyntaxError: '(' was never closed.",
        ),
        (
            *(TESTCASES, '40, "random", ("y",)', '40, "hidden", ("y",)'),
            (
                ", line 13: the check 'others' of double has the group 'hidden', but no test case of "
                "double has it (they have fixed, random)."
            ),
        ),
        (
            *(
                TESTCASES,
                "    random = np",
                '    yield TestCase("", "double", (3,), "", group="large")\n    random = np',
            ),
            ", line 25: test cases of double have the group 'large', but no check of double has it.",
        ),
        (
            *(TESTCASES, "public=True, published={", 'group="fixed", published={'),
            (
                ", line 26: the group of the test case 'example' cannot be 'fixed': public cases are in "
                "'fixed', hidden ones in another group."
            ),
        ),
        (
            *(TESTCASES, '40, "random", ("y",)', '40, "random", ("y")'),
            (
                ", line 13: the quantities of the check 'others' must be a tuple of names, such as "
                "('cost',)."
            ),
        ),
        (
            *(TESTCASES, '40, "random", ("y",)', '-4, "random", ("y",)'),
            ", line 13: the points of the check 'others' must be 0 or more, not -4.",
        ),
        (
            *(TESTCASES, '"sides",\n', '"double",\n'),
            ", line 35: the function double is listed twice.",
        ),
        (
            *(TESTCASES, "functions=FUNCTIONS", "functions=()"),
            ", line 35: the assignment has no functions to grade.",
        ),
        (
            *(TESTCASES, "np.random.default_rng(seed)", "np.random.default_rng(sed)"),
            ", line 25: NameError: name 'sed' is not defined.",
        ),
        (
            *(TESTCASES, '"double", (x,)', '"dubble", (x,)'),
            ", line 31: the test case 'case 0' is for dubble, which is not graded.",
        ),
        (
            *(TESTCASES, "range(4)", "range(0)"),
            (
                ", line 13: the check 'others' of double has the group 'random', but no test case of "
                "double is hidden."
            ),
        ),
        (
            *(TESTCASES, "public=True, published={", "published={"),
            (
                ", line 13: the check 'example' of double has the group 'fixed', but no test case of "
                "double is public."
            ),
        ),
        (
            REFERENCE,
            "return 2 * x",
            "return 2 * y",
            ", line 6: NameError: name 'y' is not defined.",
        ),
        (REFERENCE, "return 2 * x", "return 2 *", ", line 6: SyntaxError: invalid syntax."),
    ],
)
def test_a_mistake_is_named_with_its_line(
    course: Path, file: str, old: str, new: str, sentence: str
) -> None:
    text = (course / file).read_text("utf-8")
    assert old in text
    (course / file).write_text(text.replace(old, new, 1), "utf-8")

    with pytest.raises(AuthorError) as error:
        oracle.cases_by_function(assignments.load("toy", course), 3)

    separator = "" if sentence.startswith(",") else " "
    assert str(error.value) == f"{file}{separator}{sentence}"


@pytest.mark.parametrize("missing", [REFERENCE, "student_template/toy/toy_utils.py"])
def test_a_missing_file_is_named(course: Path, missing: str) -> None:
    (course / missing).unlink()

    with pytest.raises(AuthorError) as error:
        assignments.load("toy", course)

    assert str(error.value) == f"The assignment 'toy' has no file {missing}."


def test_damaged_json_is_named_with_its_line(course: Path) -> None:
    (course / "reference" / "toy_mutants.json").write_text('{\n"double" 3}', "utf-8")

    with pytest.raises(AuthorError) as error:
        mutants.equivalents(assignments.load("toy", course))

    assert str(error.value) == (
        "reference/toy_mutants.json, line 2: JSONDecodeError: Expecting ':' delimiter."
    )
