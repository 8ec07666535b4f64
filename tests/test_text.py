"""Text out of a submission is fit to be shown anywhere: one line, nothing hidden in it, not too long."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from grader.text import printable, printable_code

HIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}

any_text = st.text(st.characters(), max_size=80)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("", ""),
        ("as it was", "as it was"),
        ("two\nlines\r\n\tand a tab", "two lines and a tab"),
        ("  blanks \xa0\u2003 around  ", "blanks around"),
        ("\x1b[31mred\x1b[0m", "[31mred [0m"),
        ("bell\x07 null\x00 delete\x7f", "bell null delete"),
        ("abc\u202edef\u2066ghi", "abc def ghi"),
        ("zero\u200bwidth \ufeffmark", "zero width mark"),
        ("half a pair \ud800!", "half a pair !"),
        ("private \ue000 unassigned \u0378", "private unassigned"),
        ("line\u2028paragraph\u2029", "line paragraph"),
        ("Übung, ćwiczenie, تمرين, 练习, 🎓", "Übung, ćwiczenie, تمرين, 练习, 🎓"),
        ("<b>markup is for the page to escape</b>", "<b>markup is for the page to escape</b>"),
    ],
)
def test_what_cannot_be_seen_becomes_a_blank(text: str, shown: str) -> None:
    assert printable(text) == shown


def test_text_of_just_the_length_is_whole_and_longer_text_ends_in_dots() -> None:
    assert printable("x" * 300) == "x" * 300
    assert printable("x" * 301) == "x" * 298 + " …"
    assert printable("word " * 10, limit=12) == "word word …"


def test_what_was_cut_before_it_was_looked_at_ends_in_dots_too() -> None:
    assert printable("\n" * 2_000 + "late") == " …"
    assert printable("early" + "\n" * 2_000) == "early …"


def test_megabytes_cost_no_more_than_their_beginning() -> None:
    assert printable("ab\x00" * 10_000_000, limit=10) == "ab ab ab …"


@given(any_text, st.integers(2, 60))
@example("\ud800", 2)
def test_the_result_is_one_short_line_without_anything_hidden(text: str, limit: int) -> None:
    shown = printable(text, limit=limit)
    assert len(shown) <= limit
    assert not {unicodedata.category(c) for c in shown} & HIDDEN
    assert len(shown.splitlines()) <= 1
    shown.encode("utf-8")


@given(any_text)
def test_text_that_fits_is_shown_alike_a_second_time(text: str) -> None:
    shown = printable(text)
    assert printable(shown) == shown


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("", ""),
        ("    a  =  1   ", "    a  =  1"),
        ("\tif x:\ty", "    if x:   y"),
        ("\x1b[31mred\u202e \ud800!\r", " [31mred   !"),
        ("a" * 200, "a" * 200),
        ("a" * 201, "a" * 198 + " …"),
        (" " * 10_000 + "a", " " * 198 + " …"),
    ],
)
def test_a_line_of_code_keeps_its_spaces(line: str, shown: str) -> None:
    assert printable_code(line) == shown


@given(any_text)
@example("\ud800\u202e")
def test_no_line_of_code_holds_what_cannot_be_seen(text: str) -> None:
    line = printable_code(text, limit=20)

    assert not [c for c in line if unicodedata.category(c) in HIDDEN]
    assert len(line) <= 20
    assert line == line.rstrip()
