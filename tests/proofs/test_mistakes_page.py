"""The page of mistakes says what the grader says, and leaves none of them out."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest

from grader.model import Tier
from grader.model.diagnoses import id_of
from tests import ROOT
from tests.proofs import mistakes_page
from tests.submissions import FUNCTIONS
from tests.support.diagnosing import every_mistake

NAMED_IN_CODE = re.compile(
    r'(?:Diagnosis|UnexpectedStructure|Difference)\(\s*"([a-z-]+)"|\bid="([a-z-]+)"'
)


def rows(text: str) -> Iterator[list[str]]:
    """Yield the cells of every row that is about a mistake."""
    for line in text.splitlines():
        if line.startswith("| `"):
            yield re.split(r"(?<!\\)\|", line)[1:-1]


def ids(section: str) -> set[str]:
    """Return the ids in a section of the page."""
    text = (
        mistakes_page.PAGE.read_text("utf-8").partition(f"## {section}\n")[2].partition("\n## ")[0]
    )
    return {cells[0].strip(" `") for cells in rows(text)}


def test_the_page_is_up_to_date(any_tier: Tier) -> None:
    assert mistakes_page.PAGE.read_text("utf-8") == mistakes_page.page(any_tier), (
        "run python3 dev.py tidy"
    )


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_known_mistake_of_a_function_has_a_row(name: str) -> None:
    assert ids(name) == {id_of(mistake) for of, mistake in every_mistake() if of == name}


def test_every_mistake_that_the_grader_itself_names_has_a_row() -> None:
    sources = (path.read_text("utf-8") for path in (ROOT / "grader").rglob("*.py"))
    named = {"".join(found) for source in sources for found in NAMED_IN_CODE.findall(source)}

    assert len(named) > 10
    assert ids("Any function") >= named | {"removed-numpy-name"}


def test_no_cell_of_a_row_is_empty() -> None:
    for cells in rows(mistakes_page.PAGE.read_text("utf-8")):
        assert len(cells) == 4, cells
        assert all(cell.strip() for cell in cells), cells


def test_few_words_are_kept_for_known_mistakes_only() -> None:
    words = json.loads(mistakes_page.WORDS.read_text("utf-8"))
    known = {(name, id_of(mistake)) for name, mistake in every_mistake()}

    assert {(name, id) for name, all_words in words.items() for id in all_words} == known


def test_a_page_that_is_old_is_told_with_what_differs(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(
        mistakes_page, "page", lambda tier: mistakes_page.PAGE.read_text("utf-8") + "new\n"
    )
    monkeypatch.setattr("sys.argv", ["page", "--check"])

    assert mistakes_page.main() == 1
    said = capsys.readouterr()
    assert "+new" in said.out
    assert said.err == "docs/reference/mistakes.md is old: run python3 dev.py tidy.\n"


def test_a_page_that_is_up_to_date_is_passed_over_in_silence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(mistakes_page, "page", lambda tier: mistakes_page.PAGE.read_text("utf-8"))
    monkeypatch.setattr("sys.argv", ["page", "--check"])

    assert mistakes_page.main() == 0
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("said", "short"),
    [
        ([" All tests passed."], "**All tests passed.**"),
        (["Error: Wrong output", " 1  Tests passed"], "Wrong output"),
        (["Error: Wrong output for variable dW1."], "Wrong output: dW1"),
        (
            [
                "Error: Wrong shape for variable 6.",
                *(f"Error: Wrong output for variable in position {place}." for place in range(5)),
            ],
            "Wrong shape: position 6; Wrong output: position 0, 1, 2 and 2 more",
        ),
    ],
)
def test_what_the_tests_of_the_course_print_is_shortened(said: list[str], short: str) -> None:
    assert mistakes_page.condensed(said) == short


def test_what_is_neither_an_error_nor_a_pass_is_not_taken_for_one() -> None:
    with pytest.raises(AssertionError):
        mistakes_page.condensed(["AssertionError: Not all tests were passed"])


def test_a_mistake_that_nobody_makes_is_unexplained() -> None:
    (found,) = mistakes_page.unknown()

    assert found.id == "unexplained"
