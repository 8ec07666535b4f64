"""The page of mistakes is up to date, complete, and shortens the quotes of other graders."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from grader.model.diagnoses import CATALOGUE, id_of
from tests.proofs import mistakes_page
from tests.submissions import FUNCTIONS
from tests.support.diagnosing import every_mistake


def rows(section: str) -> Iterator[list[str]]:
    """Yield the cells of every row in a section of the page."""
    text = mistakes_page.PAGE.read_text("utf-8").partition(f"## {section}\n")[2]
    for line in text.partition("\n## ")[0].splitlines():
        if line.startswith("| `"):
            yield [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]


def ids(section: str) -> set[str]:
    return {re.split("[`/]", cells[0])[1] for cells in rows(section)}


def test_page_is_up_to_date() -> None:
    assert mistakes_page.PAGE.read_text("utf-8") == mistakes_page.page(), "run python3 dev.py tidy"


@pytest.mark.parametrize("name", FUNCTIONS)
def test_page_has_every_known_mistake(name: str) -> None:
    assert ids(name) == {id_of(mistake) for of, mistake in every_mistake() if of == name}


def test_page_has_every_row_of_the_catalogue() -> None:
    assert ids("Any function") == CATALOGUE.keys()


@pytest.mark.parametrize("section", [*FUNCTIONS, "Any function"])
def test_no_cell_is_empty(section: str) -> None:
    """Every row has all parts of its hint and the output of the course's tests."""
    for cells in rows(section):
        assert len(cells) == len(mistakes_page.COLUMNS), cells
        assert all(cells), cells


@pytest.mark.parametrize("text", ["", "new\n"])
def test_check_shows_the_difference(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], text: str
) -> None:
    monkeypatch.setattr(mistakes_page, "page", lambda: mistakes_page.PAGE.read_text("utf-8") + text)
    monkeypatch.setattr("sys.argv", ["page", "--check"])

    assert mistakes_page.main() == int(bool(text))
    output = capsys.readouterr()
    assert ("+new" in output.out) == bool(text)
    assert output.err == (
        "docs/reference/mistakes.md is out of date: run python3 dev.py tidy.\n" if text else ""
    )


@pytest.mark.parametrize(
    ("output", "short"),
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
def test_output_of_the_course_is_shortened(output: list[str], short: str) -> None:
    assert mistakes_page.condensed(output) == short


def test_unknown_output_is_refused() -> None:
    with pytest.raises(AssertionError):
        mistakes_page.condensed(["AssertionError: Not all tests were passed"])
