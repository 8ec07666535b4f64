"""The page of proofs contains every known mistake and every pair of them."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from grader.model.proofs import Claim, Detection, MistakeRow, Recognition
from grader.views.html import proofs_page
from tests.support import samples
from tests.support.html_reader import Element, Page, read

LETTERS = dict(zip(Recognition, "BLOANWS", strict=True))


def tables(page: Page, marked: str) -> list[list[list[Element]]]:
    """Return the body cells of every table of one class, row by row."""
    rows: list[list[list[Element]]] = []
    inside = False
    for element in page.elements:
        if element.tag == "table":
            inside = element.get("class") == marked
            rows += [[]] if inside else []
        elif inside and element.tag == "tr" and "tbody" in element.parents:
            rows[-1].append([])
        elif inside and element.tag in {"td", "th"} and "tbody" in element.parents:
            rows[-1][-1].append(element)
    return rows


def texts(row: list[Element]) -> list[str]:
    return [" ".join(cell.text.split()) for cell in row]


def test_every_known_mistake_has_a_row() -> None:
    proven = samples.proven()
    matrices = tables(read(proofs_page(proven)), "matrix")
    assert [[texts(row)[0] for row in table] for table in matrices] == [
        ["l2-not-halved", "l2-not-halved/twice", "l2-odd", "l2-even"],
        ["l2-not-halved"],
    ]


def test_row_has_cases_margins_and_recognition() -> None:
    table, _ = tables(read(proofs_page(samples.proven())), "matrix")
    assert [texts(row)[1:] for row in table] == [
        ["4e4", "error", "fails", "fails", "25", "4e4", "inf", "itself"],
        ["-", "4e4", "fails", "fails", "25", "4e4", "2e9", "itself, x"],
        ["-", "-", "-", "-", "0", "-", "2e-1", "l2-not-halved, l2-odd"],
        ["error", "-", "-", "fails", "20", "error", "2e-1", "not recognised"],
    ]


def test_uncaught_and_unrecognised_mistakes_stand_out() -> None:
    table, _ = tables(read(proofs_page(samples.proven())), "matrix")
    assert [[cell.get("class") for cell in row[-3:]] for row in table] == [
        ["", "", "passed"],
        ["", "", "passed"],
        ["failed", "", "failed"],
        ["", "", "failed"],
    ]


def test_each_catch_has_one_cell() -> None:
    proven = samples.proven()
    matrices = tables(read(proofs_page(proven)), "matrix")
    for table, matrix in zip(matrices, proven.kill_matrices, strict=True):
        cases = slice(1, 1 + len(matrix.cases))
        cells = sum(text != "-" for row in table for text in texts(row)[cases])
        assert cells == sum(kill.caught for m in matrix.mistakes for kill in m.detections)


def test_pair_matrix_is_symmetric() -> None:
    proven = samples.proven()
    table, _ = tables(read(proofs_page(proven)), "matrix pairs")
    letters = [texts(row)[1:] for row in table]
    assert letters == [list(column) for column in zip(*letters, strict=True)]
    assert [letters[i][i] for i in range(len(letters))] == [""] * len(letters)
    tally = Counter(letter for row in letters for letter in row if letter)
    assert tally == Counter(
        LETTERS[pair.recognition] for pair in proven.pair_matrices[0].pairs for _ in range(2)
    )


def test_legend_explains_each_letter_and_counts_pairs() -> None:
    page = read(proofs_page(samples.proven()))
    terms = [" ".join(item.text.split()) for item in page.all("li")]
    assert [line[0] for line in terms] == list(LETTERS.values()) * 2
    first, second = ["(2)"] * 3 + ["(1)"] * 4, ["(0)"] * 2 + ["(1)"] + ["(0)"] * 4
    assert [line[-3:] for line in terms] == first + second


def test_function_without_pairs_has_no_pair_matrix() -> None:
    page = read(proofs_page(replace(samples.proven(), pair_matrices=())))
    assert len(tables(page, "matrix")) == 2
    assert tables(page, "matrix pairs") == [] and page.all("li") == []


def test_footer_has_seed_sandbox_and_versions() -> None:
    page = read(proofs_page(samples.proven()))
    terms = dict(
        zip((e.text for e in page.all("dt")), (e.text for e in page.all("dd")), strict=True)
    )
    assert terms == {
        "Assignment": "toy",
        "Seed of the random tests": "3",
        "Sandbox": "full",
        "grader": "0.1.0",
        "NumPy": "2.0.0",
    }


def test_all_failures_of_a_claim_are_listed() -> None:
    failures = tuple(f"line {number}: no case catches it" for number in range(30))
    claims = (
        Claim("mutants are caught", False, "the first", failures),
        Claim("pairs", True, "nothing to check", examined=False),
        Claim("points", True, "100"),
    )
    page = read(proofs_page(replace(samples.proven(), claims=claims, pair_matrices=())))
    assert tuple(item.text for item in page.all("li")) == failures
    cells = [cell.text.strip() for cell in page.all("td")][:6]
    assert (cells[0], *cells[2:]) == ("no", "-", "nothing to check", "yes", "100")
    assert "1 of 2 checks passed" in page.text


def test_infinite_margins_are_shown_as_inf() -> None:
    matrix = samples.proven().kill_matrices[0]
    endless = MistakeRow("x", "x", (Detection((0,), float("inf")),) * 2, float("nan"), ("x",))
    kills = (replace(matrix, mistakes=(endless,)),)
    ((row,),) = tables(read(proofs_page(replace(samples.proven(), kill_matrices=kills))), "matrix")
    assert texts(row)[1:] == ["inf", "inf", "fails", "-", "5", "inf", "inf", "itself"]
