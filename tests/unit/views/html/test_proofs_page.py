"""The page of what was proven: every known mistake and every pair of them stands in it as it is."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from grader.model.proofs import Detection, MistakeRow, Recognition
from grader.views.html import proofs_page
from tests.support import samples
from tests.support.html_reader import Element, Page, read

LETTERS = dict(zip(Recognition, "BLOANWS", strict=True))


def tables(page: Page, marked: str) -> list[list[list[Element]]]:
    """Return the body cells of every table of one class, row by row."""
    found: list[list[list[Element]]] = []
    inside = False
    for element in page.elements:
        if element.tag == "table":
            inside = element.get("class") == marked
            found += [[]] if inside else []
        elif inside and element.tag == "tr" and "tbody" in element.parents:
            found[-1].append([])
        elif inside and element.tag in {"td", "th"} and "tbody" in element.parents:
            found[-1][-1].append(element)
    return found


def texts(row: list[Element]) -> list[str]:
    return [" ".join(cell.text.split()) for cell in row]


def test_every_known_mistake_is_a_row_of_its_function() -> None:
    proven = samples.proven()
    shown = tables(read(proofs_page(proven)), "matrix")
    assert [[texts(row)[0] for row in table] for table in shown] == [
        ["l2-not-halved", "l2-not-halved/twice", "l2-odd", "l2-even"],
        ["l2-not-halved"],
    ]


def test_a_row_says_where_it_is_caught_by_what_margin_and_how_it_is_named() -> None:
    table, _ = tables(read(proofs_page(samples.proven())), "matrix")
    assert [texts(row)[1:] for row in table] == [
        ["4e4", "error", "fails", "fails", "4e4", "inf", "itself"],
        ["-", "4e4", "fails", "fails", "4e4", "2e9", "itself, x"],
        ["-", "-", "-", "-", "-", "2e-1", "l2-not-halved, l2-odd"],
        ["error", "-", "-", "fails", "error", "2e-1", "not recognised"],
    ]


def test_what_is_not_caught_or_named_stands_out_beside_its_words() -> None:
    table, _ = tables(read(proofs_page(samples.proven())), "matrix")
    assert [[cell.get("class") for cell in row[-3:]] for row in table] == [
        ["", "", "passed"],
        ["", "", "passed"],
        ["failed", "", "failed"],
        ["", "", "failed"],
    ]


def test_as_many_cells_are_caught_as_there_are_catches() -> None:
    proven = samples.proven()
    shown = tables(read(proofs_page(proven)), "matrix")
    for table, matrix in zip(shown, proven.kill_matrices, strict=True):
        cases = slice(1, 1 + len(matrix.cases))
        cells = sum(text != "-" for row in table for text in texts(row)[cases])
        assert cells == sum(kill.caught for m in matrix.mistakes for kill in m.detections)


def test_a_pair_has_one_letter_in_the_row_of_either_and_none_stands_beside_itself() -> None:
    proven = samples.proven()
    table, _ = tables(read(proofs_page(proven)), "matrix pairs")
    letters = [texts(row)[1:] for row in table]
    assert letters == [list(column) for column in zip(*letters, strict=True)]
    assert [letters[i][i] for i in range(len(letters))] == [""] * len(letters)
    seen = Counter(letter for row in letters for letter in row if letter)
    assert seen == Counter(
        LETTERS[pair.recognition] for pair in proven.pair_matrices[0].pairs for _ in range(2)
    )


def test_every_letter_is_explained_with_the_number_of_its_pairs() -> None:
    page = read(proofs_page(samples.proven()))
    told = [" ".join(item.text.split()) for item in page.all("li")]
    assert [line[0] for line in told] == list(LETTERS.values()) * 2
    first, second = ["(2)"] * 3 + ["(1)"] * 4, ["(0)"] * 2 + ["(1)"] + ["(0)"] * 4
    assert [line[-3:] for line in told] == first + second


def test_a_function_without_pairs_has_no_pair_matrix() -> None:
    page = read(proofs_page(replace(samples.proven(), pair_matrices=())))
    assert len(tables(page, "matrix")) == 2
    assert tables(page, "matrix pairs") == [] and page.all("li") == []


def test_the_page_says_with_what_it_was_proven() -> None:
    page = read(proofs_page(samples.proven()))
    told = dict(
        zip((e.text for e in page.all("dt")), (e.text for e in page.all("dd")), strict=True)
    )
    assert told == {
        "Assignment": "toy",
        "Seed of the random tests": "3",
        "Sandbox": "full",
        "grader": "0.1.0",
        "NumPy": "2.0.0",
    }


def test_what_is_off_by_no_number_at_all_is_told_without_one() -> None:
    matrix = samples.proven().kill_matrices[0]
    endless = MistakeRow("x", "x", (Detection((0,), float("inf")),) * 2, float("nan"), ("x",))
    kills = (replace(matrix, mistakes=(endless,)),)
    ((row,),) = tables(read(proofs_page(replace(samples.proven(), kill_matrices=kills))), "matrix")
    assert texts(row)[1:] == ["inf", "inf", "fails", "-", "inf", "inf", "itself"]
