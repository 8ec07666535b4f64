"""`verify` explains what fails in a small assignment whose files have one mistake."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from grader import assignments, grading
from grader.assignments import oracle
from grader.errors import AssignmentError
from grader.model import Observation, Returned, TestCase, Tier
from grader.verify import claims
from grader.verify.claims import Evidence, Subject
from grader.verify.differences import solution_fault
from tests.support.toy_assignment import lay_out

EQUIVALENTS = "reference/toy_equivalents/double.py"
REFERENCE = "reference/toy.py"
TESTCASES = "testcases/toy.py"

Change = tuple[str, str, str]
Break = Callable[..., Subject]


@pytest.fixture
def changed(tmp_path: Path, any_tier: Tier) -> Break:
    """Return a function that replaces a text in a file, for each change; "" writes a new file."""

    def change(*changes: Change) -> Subject:
        course = lay_out(tmp_path)
        for file, old, new in changes:
            path = course / file
            path.parent.mkdir(exist_ok=True)
            text = path.read_text("utf-8") if old else ""
            assert old in text
            path.write_text(text.replace(old, new, 1) if old else new, "utf-8")
        return Subject(assignments.load("toy", course), any_tier)

    return change


@pytest.mark.parametrize(
    ("variants", "sentence"),
    [
        (
            "lambda x: 2 * x, lambda x: 2 * x if x == 3 else 0 * x",
            (
                "VARIANTS[1]: y is 0.0 instead of {right} in the test case 'case 0': "
                "the relative tolerance is 1e-06, the absolute one 1e-09"
            ),
        ),
        (
            "lambda x: 1 / 0, lambda x: 3 * x",
            (
                "VARIANTS[0]: raises ZeroDivisionError (division by zero) in the test case 'example' "
                "(and 1 more)"
            ),
        ),
        (
            "lambda x: 'a',",
            (
                "VARIANTS[0]: Your function returns a str, but should return a single number "
                "in the test case 'example'"
            ),
        ),
    ],
)
def test_a_right_solution_that_fails(changed: Break, variants: str, sentence: str) -> None:
    subject = changed((EQUIVALENTS, "", f"VARIANTS = ({variants})\n"))
    first = subject.expectations.reference["double"].outcomes[1]
    assert isinstance(first, Returned)

    assert claims.right_solutions_pass(subject)[:2] == (
        False,
        f"{EQUIVALENTS}, {sentence.format(right=first.value)}",
    )


def test_a_right_solution_with_a_diagnosis_only(changed: Break) -> None:
    function, _ = changed().assignment.functions
    case = TestCase("case 0", "double", (3,), "x = 3")
    right, own = (Observation((Returned(6, mutated=by),)) for by in ((), (0,)))
    function = dataclasses.replace(function, checks=function.checks[1:])

    assert solution_fault(function, [case], right, right) == ""
    assert solution_fault(function, [case], right, own) == (
        "Your function changes arrays that the caller passed to it: x. Change a copy of each, and "
        "leave the argument as it is."
    )


def test_a_shape_has_no_tolerance(changed: Break) -> None:
    lines = "import numpy as np\n\nVARIANTS = (lambda x: np.zeros(2),)\n"

    evidence = claims.right_solutions_pass(changed((EQUIVALENTS, "", lines)))

    assert not evidence.holds
    assert evidence.detail.startswith(f"{EQUIVALENTS}, VARIANTS[0]: ")
    assert "in the test case 'example'" in evidence.detail and "tolerance" not in evidence.detail


def test_a_reference_that_loses_points(changed: Break) -> None:
    """Its values depend on the time, so those of two runs differ."""
    new = "    import time\n\n    return 2 * x + time.time() % 1000"

    evidence = claims.reference_earns_all_points(changed((REFERENCE, "    return 2 * x", new)))

    number = r"\d+(\.\d+)?"
    assert not evidence.holds
    assert re.fullmatch(
        f"{REFERENCE}, line 4: double is failed with 0 of 10 points for 'example': "
        rf"y is {number} instead of {number}\. \(and 1 more\)",
        evidence.detail,
    )


def test_a_reference_without_a_graded_function(
    changed: Break, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(claims, "as_notebook", lambda _: b"{")

    evidence = claims.reference_earns_all_points(changed())

    assert evidence[:2] == (
        False,
        (
            f"{REFERENCE}: 0 of 100: This notebook is cut off at line 1, before its JSON ends. Save or "
            "download it again, and submit the complete .ipynb file."
        ),
    )


def test_a_failure_of_the_grader_is_no_lost_point(
    changed: Break, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise AssignmentError("The box is gone.")

    subject = changed()
    monkeypatch.setattr(grading, "_grade", fail)

    with pytest.raises(AssignmentError, match=r"^The box is gone\.$"):
        claims.template_earns_nothing(subject)


def test_examples_with_too_many_points(changed: Break) -> None:
    evidence = claims.public_share_is_a_minority(
        changed((TESTCASES, '10, "fixed", ("a", "b")', '60, "fixed", ("a", "b")'))
    )

    assert evidence == Evidence(False, f"{TESTCASES}, line 16: 60% of the points of sides")


def test_a_seed_that_gives_more_cases(changed: Break) -> None:
    subject = changed(
        (TESTCASES, "def cases(", "CALLS = []\n\n\ndef cases("),
        (TESTCASES, "range(4)", "range(CALLS.append(1) or len(CALLS))"),
    )

    assert claims.equal_seeds_give_equal_cases(subject)[:2] == (
        False,
        f"{TESTCASES}, line 27: seed 3 gives 4 cases, then 6",
    )


@pytest.mark.parametrize(
    ("claim", "absent"),
    [
        (claims.labelled_submissions_get_their_points, "no notebook in testcases/toy_submissions"),
        (claims.right_solutions_pass, "no right solution in reference/toy_equivalents"),
        (claims.mistakes_are_caught, "no known mistake in reference/toy_mistakes"),
        (claims.mistakes_are_recognised, "no known mistake in reference/toy_mistakes"),
        (
            claims.pairs_are_recognised,
            "no function has two known mistakes that differ when both are made",
        ),
        (
            claims.repairs_agree_with_known_mistakes,
            "no mutant of the reference makes a known mistake",
        ),
    ],
)
def test_what_is_absent_is_not_proven(
    changed: Break, claim: Callable[[Subject], Evidence], absent: str
) -> None:
    assert claim(changed()) == Evidence(True, f"nothing to check: {absent}", examined=False)


def test_hidden_cases_are_needed(changed: Break, monkeypatch: pytest.MonkeyPatch) -> None:
    public = [TestCase("example", "double", (3,), "x = 3", public=True)]
    monkeypatch.setattr(oracle, "cases_by_function", lambda *_: {"double": public})

    assert claims.other_seeds_give_other_cases(changed())[:2] == (
        False,
        f"{TESTCASES}, line 24: 0 of 0 hidden cases ignore the seed",
    )
