"""What a student reads where a notebook has a cause that the failing line does not show."""

from __future__ import annotations

import pytest

from grader import grading
from grader.grading import Settings
from grader.model import Assignment, Tier
from grader.model.result import Result
from grader.model.submission import Submission
from tests.submissions import FUNCTIONS
from tests.submissions.corpus import Cell, notebook
from tests.support.honest import ALL_SQUARES, IMPORTS, OF_WEIGHTS, REST, cost

NAME = FUNCTIONS[0]
RIGHT = cost(OF_WEIGHTS, squares=ALL_SQUARES)
TEMPLATE = cost(
    "### START CODE HERE ###", "penalty = None", "### END CODE HERE ###", squares="penalty"
).replace("    penalty = lambd / (2 * Y.shape[1]) * penalty\n", "")

WRONG = {
    "a helper that does not parse": (
        [
            "def square(w):\n    return np.sum(w * w",
            IMPORTS,
            cost(squares="square(parameters['W1'])"),
        ],
        (
            "Your code uses `square`, but Python found a syntax error in its definition in line 2 of "
            "the cell that begins `def square(w):` (code cell 1): '(' was never closed. The line is "
            "`return np.sum(w * w`. Fix that line first."
        ),
    ),
    "a later cell takes a helper's name": (
        [IMPORTS, RIGHT, "compute_cost = 3.5"],
        (
            "Your function stops in line 4 of the cell with TypeError: 'float' object is not "
            "callable. The assignment in line 1 of the cell that begins `compute_cost = 3.5` (code cell "
            "3) gives the name `compute_cost` another value, so the function of that name is not "
            "available. Use another name in that assignment."
        ),
    ),
    "a helper without def that does not parse": (
        [
            "square = lambda w: np.sum((w * w)",
            IMPORTS,
            cost(squares="square(parameters['W1'])"),
        ],
        (
            "Your code uses `square`, but Python found a syntax error in its definition in line 1 of "
            "the cell that begins `square = lambda w: np.sum((w * w)` (code cell 1): '(' was never "
            "closed. The line is `square = lambda w: np.sum((w * w)`. Fix that line first."
        ),
    ),
    "a loop in a later cell takes a module's name": (
        [IMPORTS, RIGHT, "for np in (1, 2):\n    pass"],
        (
            "Your function stops in line 3 of the cell with AttributeError: 'int' object has no "
            "attribute 'sum'. The assignment in line 1 of the cell that begins `for np in (1, 2):` "
            "(code cell 3) gives the name `np` another "
            "value, so the module of that name is not available. Use another name in that assignment."
        ),
    ),
    "a variable takes a builtin's name": (
        [IMPORTS, cost("sum = 0", OF_WEIGHTS, squares=ALL_SQUARES)],
        (
            "Your function stops in line 4 of the cell with TypeError: 'int' object is not "
            "callable. The assignment in line 2 of the cell gives the name `sum` another value, so "
            "the function of that name is not available. Use another name in that assignment."
        ),
    ),
    "a variable takes a helper's name": (
        [IMPORTS, cost("compute_cost = compute_cost(A3, Y)", squares="1")],
        (
            "Your code uses `compute_cost` in line 2 of the cell before it has a value. The "
            "assignment in line 2 of the cell makes it a variable of this function, so the function "
            "of that name is not available. Use another name for the variable."
        ),
    ),
    "a function inside a function": (
        [IMPORTS, "def solution():\n    " + RIGHT.rstrip().replace("\n", "\n    ")],
        (
            f"{NAME} is defined inside solution in line 2 of the cell that begins `def "
            "solution():` (code cell 2). Move its definition out of solution, to the left margin."
        ),
    ),
    "a function inside a class": (
        [IMPORTS, "class Costs:\n    " + RIGHT.rstrip().replace("\n", "\n    ")],
        (
            f"{NAME} is defined inside Costs in line 2 of the cell that begins `class "
            "Costs:` (code cell 2). Move its definition out of Costs, to the left margin."
        ),
    ),
    "parameters in another order": (
        [IMPORTS, RIGHT.replace("(A3, Y, parameters, lambd)", "(Y, A3, parameters, lambd)")],
        (
            f"The definition of {NAME} (line 1 of the cell) has its parameters in another order: "
            f"Y, A3, parameters, lambd. Start the definition with `def {NAME}(A3, Y, parameters, "
            "lambd):`."
        ),
    ),
    "an annotation without its import": (
        [IMPORTS, RIGHT.replace("parameters,", "parameters: Dict,")],
        (
            "Your code uses the name `Dict` in line 1 of the cell, but this name is not defined. "
            "Check its spelling, and assign it before you use it."
        ),
    ),
    "a decorator that is not defined": (
        [IMPORTS, "@timer\n" + RIGHT],
        (
            "Your code uses the name `timer` in line 1 of the cell, but this name is not defined. "
            "Check its spelling, and assign it before you use it."
        ),
    ),
    "type parameters": (
        [IMPORTS, RIGHT.replace("(A3, Y", "[T](A3, Y")],
        (
            "The syntax in line 1 of the cell needs Python 3.12. The grader has Python 3.11: "
            f"expected '('. The line is `def {NAME}[T](A3, Y, parameters, lambd):`. Write that line in "
            "an older form, or ask your instructor to look at it."
        ),
    ),
}


def graded(cells: list[str], assignment: Assignment, tier: Tier) -> Result:
    data = notebook([Cell(source) for source in cells])
    return grading.grade(Submission("ada", data), assignment, Settings(assignment.seed, tier))


@pytest.mark.parametrize("name", WRONG)
def test_message_names_the_cause(name: str, regularization: Assignment, any_tier: Tier) -> None:
    cells, message = WRONG[name]

    result = graded(cells, regularization, any_tier)

    assert [d.message for d in result.functions[0].diagnoses][:1] == [message]


def test_input_is_named_as_such(regularization: Assignment, any_tier: Tier) -> None:
    cells = [IMPORTS, cost("lambd = float(input())", OF_WEIGHTS, squares=ALL_SQUARES)]

    (first, *_) = graded(cells, regularization, any_tier).functions[0].diagnoses

    assert first.what.startswith(
        "Your function calls `input` in line 2 of the cell, but grading has no keyboard input."
    )


def test_syntax_that_is_too_new_is_for_the_instructor(
    regularization: Assignment, any_tier: Tier
) -> None:
    cells, _ = WRONG["type parameters"]

    result = graded(cells, regularization, any_tier)

    assert result.to_look_at == ("The code needs Python 3.12, the grader has Python 3.11.",)


@pytest.mark.parametrize(
    ("line", "version"),
    [
        ("""print(f"kept {parameters["W1"]!r:>{len("x")}} {{}} of {"1"}")""", "3.12"),
        ("try: pass\n    except KeyError, ValueError: pass", "3.14"),
    ],
)
def test_newer_syntax_is_read_in_an_older_form(
    line: str, version: str, regularization: Assignment, any_tier: Tier
) -> None:
    cells = [IMPORTS, cost(line, OF_WEIGHTS, squares=ALL_SQUARES), REST]

    result = graded(cells, regularization, any_tier)

    assert result.score == 100
    assert result.notes == (
        (
            f"Your code uses syntax of Python {version}. The grader has Python 3.11 and read it in an "
            "older form."
        ),
    )


def test_type_statement_is_read_in_an_older_form(
    regularization: Assignment, any_tier: Tier
) -> None:
    typed = RIGHT.replace("parameters,", "parameters: Params,")
    cells = [IMPORTS, f"type Params = dict[str, np.ndarray]\n{typed}", REST]

    assert graded(cells, regularization, any_tier).score == 100


def test_template_below_does_not_replace_the_solution(
    regularization: Assignment, any_tier: Tier
) -> None:
    result = graded([IMPORTS, RIGHT, REST, TEMPLATE], regularization, any_tier)

    assert result.score == 100
    assert result.notes == (
        (
            f"{NAME} is defined twice. The later definition, in the cell that begins "
            f"`{TEMPLATE.splitlines()[0]}` (code cell 4), does not have your code, so the grader used "
            "the earlier one (code cell 2). Delete the later definition."
        ),
    )


def test_another_assignment_has_one_sentence(regularization: Assignment, any_tier: Tier) -> None:
    result = graded(["def initialize(): pass"], regularization, any_tier)

    assert result.message == (
        "This notebook defines none of the graded functions. Is it the notebook of "
        "Regularization? Submit the notebook of this assignment."
    )
    assert [f.diagnoses for f in result.functions] == [()] * 4
