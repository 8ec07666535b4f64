"""`pytest NOTEBOOK --grader-assignment NAME`: a test for each graded function."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from grader import grading, sandbox
from grader.errors import BoxError
from grader.model import Tier
from grader.sandbox import speed
from tests.submissions import FUNCTIONS
from tests.support.command_line import hand_in, run
from tests.support.sandbox_tier import strongest

pytest_plugins = ["pytester"]

HALVED, PDF = "wrong-l2-not-halved", "malformed-pdf"
COST = FUNCTIONS[0]
HINT = "Your penalty (line 12 of the cell) is twice as large as it should be"
NOT_A_NOTEBOOK = (
    "This file is a PDF, not a notebook: submit the .ipynb file itself, not a printout."
)
NO_BOX = "There is no sandbox."
Pytest = Callable[..., pytest.RunResult]


@pytest.fixture
def here(pytester: pytest.Pytester, any_tier: Tier, monkeypatch: pytest.MonkeyPatch) -> Pytest:
    """Return a function that runs pytest in a folder with notebooks, in the test's own process."""
    if chosen := strongest():
        monkeypatch.setattr(sandbox, "choose_tier", lambda _: chosen)
    monkeypatch.setattr(speed, "slowness", lambda: 1.0)
    monkeypatch.delenv("CI", raising=False)
    hand_in(pytester.path, "right", HALVED, PDF)

    def call(*arguments: str, assignment: str = "regularization") -> pytest.RunResult:
        options = ("--grader-assignment", assignment, "-p", "no:xdist", "-W", "default")
        return pytester.runpytest_inprocess(*arguments, *options)

    return call


@pytest.fixture
def without_sandbox(here: Pytest, monkeypatch: pytest.MonkeyPatch) -> None:
    def choose_tier(_: object) -> None:
        raise BoxError(NO_BOX)

    monkeypatch.setattr(sandbox, "choose_tier", choose_tier)


def text(result: pytest.RunResult) -> str:
    return "\n".join((*result.outlines, *result.errlines))


def test_a_function_is_a_test_with_the_feedback_of_check(
    here: Pytest, pytester: pytest.Pytester, boxed: None
) -> None:
    result = here("--junitxml", "report.xml", "right.ipynb", f"{HALVED}.ipynb")

    result.assert_outcomes(passed=7, failed=1)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    shown = text(result)
    assert f"\n{HINT}" in shown and "Traceback" not in shown and ".py:" not in shown
    assert "It fails 7 of 8 hidden tests." in shown
    assert f"\nFAILED {HALVED}.ipynb::{COST} - Your pe" in shown

    cases = {
        (case.get("classname"), case.get("name")): case
        for case in ET.parse(pytester.path / "report.xml").iter("testcase")
    }
    assert {*cases} == {(f"{stem}.ipynb", name) for stem in ("right", HALVED) for name in FUNCTIONS}
    failed = cases[f"{HALVED}.ipynb", COST]
    [failure] = failed.findall("failure")
    assert failure.attrib["message"].startswith(HINT)
    properties = {p.get("name"): p.get("value") for p in failed.iter("property")}
    assert properties == {"score": "0.0", "max_score": "25.0"}


def test_a_test_knows_the_line_of_its_function(here: Pytest, pytester: pytest.Pytester) -> None:
    """Plugins that annotate files use it. It is the line of the notebook's JSON, from 0."""
    lines = (pytester.path / "right.ipynb").read_text("utf-8").splitlines()
    items, _ = pytester.inline_genitems(
        "--grader-assignment", "regularization", "right.ipynb", f"{PDF}.ipynb"
    )
    located = {item.nodeid: item.location[1] for item in items}

    for name in FUNCTIONS:
        assert f"def {name}(" in lines[located[f"right.ipynb::{name}"] or 0]
        assert located[f"{PDF}.ipynb::{name}"] is None


def test_last_failed_and_names_choose_tests(here: Pytest, boxed: None) -> None:
    here("right.ipynb", f"{HALVED}.ipynb")
    again, chosen = here("--lf"), here("-k", "dropout and forward", f"{HALVED}.ipynb")

    again.assert_outcomes(failed=1)
    chosen.assert_outcomes(passed=1, deselected=3)
    assert chosen.ret == pytest.ExitCode.OK


def test_a_file_that_is_no_notebook_fails(here: Pytest) -> None:
    result = here(f"{PDF}.ipynb")

    result.assert_outcomes(failed=4)
    assert text(result).count(f"\n{NOT_A_NOTEBOOK}") == 4


def test_xdist_and_two_notebooks(tmp_path: Path, boxed: None) -> None:
    """As a process; the workers of xdist are processes of their own."""
    folder = hand_in(tmp_path, "right", HALVED)
    options = ("--grader-assignment", "regularization", "-n", "2", "-q", "-k", COST)

    result = run(folder, *options, cwd=tmp_path, program=["pytest"])

    assert (result.status, result.err) == (1, "")
    assert "1 failed, 1 passed" in result.out
    assert f"\n{HINT}" in result.out


# ------------------------------------------------------------------ our own failures


def test_a_failure_of_the_grader_is_an_error(here: Pytest, monkeypatch: pytest.MonkeyPatch) -> None:
    def grade(submission, assignment, settings, **_):
        return grading.failed(submission, assignment, settings, ZeroDivisionError())

    monkeypatch.setattr(grading, "grade", grade)
    result = here("right.ipynb")

    result.assert_outcomes(errors=4)
    assert "\ngrader: The grader failed with ZeroDivisionError." in text(result)
    assert "Traceback" not in text(result)


@pytest.mark.usefixtures("without_sandbox")
def test_in_ci_nothing_runs_without_a_sandbox(
    here: Pytest, monkeypatch: pytest.MonkeyPatch
) -> None:
    required = here("--grader-require-sandbox", "right.ipynb")
    monkeypatch.setenv("CI", "true")
    ci = here("right.ipynb")

    required.assert_outcomes(errors=4)
    ci.assert_outcomes(errors=4)
    reason = "CI is set in the environment, so nothing runs without a sandbox."
    assert f"\ngrader: {NO_BOX} {reason}\n" in text(ci)


@pytest.mark.usefixtures("without_sandbox")
def test_elsewhere_a_missing_sandbox_is_a_warning(here: Pytest) -> None:
    for option in ("--grader-no-sandbox", "-v"):
        result = here(option, "-k", COST, "right.ipynb")

        result.assert_outcomes(passed=1, deselected=3, warnings=1)
        assert (
            "PytestWarning: Notebooks are graded WITHOUT a sandbox. "
            "This is safe only for your own notebook." in text(result)
        )


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--grader-assignment", "regularisation"], "Did you mean 'regularization'?"),
        (["--grader-course", "missing"], "missing has no assignments."),
        (["--grader-lang", "xx"], "xx"),
        (["--grader-no-sandbox", "--grader-require-sandbox"], "exclude each other. Choose one."),
    ],
)
def test_a_usage_error_is_one_sentence(
    pytester: pytest.Pytester, options: list[str], sentence: str
) -> None:
    result = pytester.runpytest_inprocess("--grader-assignment", "regularization", *options)

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert sentence in text(result) and "Traceback" not in text(result)


# ------------------------------------------------------------------ other tests


def test_without_the_option_nothing_is_collected_or_imported(tmp_path: Path) -> None:
    hand_in(tmp_path, "right")
    (tmp_path / "test_own.py").write_text(
        "import sys\n"
        "def test_modules():\n"
        "    ours = {m for m in sys.modules if m.split('.')[0] in ('grader', 'click', 'numpy')}\n"
        "    assert ours == {'grader', 'grader.pytest_plugin'}\n"
    )
    options = ("-q", "-p", "no:hypothesispytest", "-p", "no:axe_playwright_python")

    result = run(*options, cwd=tmp_path, program=["pytest"])

    assert (result.status, result.err) == (0, "")
    assert result.out.startswith(".") and "1 passed" in result.out
