"""CSV cells: read without changing a byte, written so that no spreadsheet calculates them."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.views.export.cells import BOM, lines, own, parse, value

PLAIN = st.text(st.characters(blacklist_categories=["Cs", "Cc"]))


@given(st.text("a,;\"\r\n\t '=", max_size=40))
def test_a_table_is_written_as_it_was_read(text: str) -> None:
    try:
        table = parse(text)
    except ValueError as error:
        assert "a quote is not closed" in str(error)
        return
    assert table.with_rows(table.rows) == text


@given(st.lists(st.lists(st.text(max_size=8), min_size=2, max_size=3), min_size=1, max_size=3))
def test_cells_mean_what_the_csv_module_reads(rows: list[list[str]]) -> None:
    text = io.StringIO()
    csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\r\n").writerows(rows)

    assert [[value(cell) for cell in row] for row in parse(text.getvalue()).rows] == rows


@pytest.mark.parametrize(
    "text", ["a;b\n1,5;2\n", "a\tb\n1\t2", f"{BOM}a,b\r\n1,2\r\n", '"a\t\nb","c"\r\n1,2\r\n']
)
def test_delimiter_and_mark_are_kept(text: str) -> None:
    table = parse(text)

    assert [len(row) for row in table.rows] == [2, 2]
    assert table.with_rows(table.rows) == text


def test_a_quote_that_is_not_closed_names_the_line() -> None:
    with pytest.raises(ValueError, match=r"^Line 2 of the gradebook is not valid CSV: .*closed\.$"):
        parse('a,b\n"1,2\n')


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "＝", '"=', "'=", ' "+', "\t@"])
def test_no_cell_of_ours_is_a_formula(start: str) -> None:
    [[cell, _]] = csv.reader(io.StringIO(own(f"{start}cmd|' /C calc'!A0") + ",x"))

    assert cell.startswith("'")


@given(PLAIN)
def test_other_text_is_read_as_it_is(text: str) -> None:
    [[cell, _]] = csv.reader(io.StringIO(own(text) + ",x"))

    assert cell in (text, f"'{text}")


def test_a_cell_has_no_controls_of_a_terminal() -> None:
    assert own("\x1b[31mred\x00") == "red"


def test_a_byte_order_mark_is_written_for_other_letters_only() -> None:
    assert lines([["a", "1"]]) == "a,1\r\n"
    assert lines([["ü", "1"]]) == f"{BOM}ü,1\r\n"
