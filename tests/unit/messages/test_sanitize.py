"""Text from a submission becomes one line without control characters, cut to a length."""

from __future__ import annotations

import time
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from grader.messages.sanitize import code_line, first_line, keep_colours, one_line, strip_controls

HIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}

any_text = st.text(st.characters(), max_size=80)


@pytest.mark.parametrize(
    ("text", "line"),
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
def test_invisible_characters_become_a_blank(text: str, line: str) -> None:
    assert one_line(text) == line


def test_longer_text_ends_in_dots() -> None:
    assert one_line("x" * 300) == "x" * 300
    assert one_line("x" * 301) == "x" * 298 + " …"
    assert one_line("word " * 10, limit=12) == "word word …"


def test_text_cut_unread_ends_in_dots() -> None:
    assert one_line("\n" * 2_000 + "late") == " …"
    assert one_line("early" + "\n" * 2_000) == "early …"


def test_only_the_beginning_is_read() -> None:
    assert one_line("ab\x00" * 10_000_000, limit=10) == "ab ab ab …"


@given(any_text, st.integers(2, 60))
@example("\ud800", 2)
def test_the_line_is_short_and_visible(text: str, limit: int) -> None:
    line = one_line(text, limit=limit)
    assert len(line) <= limit
    assert not {unicodedata.category(c) for c in line} & HIDDEN
    assert len(line.splitlines()) <= 1
    line.encode("utf-8")


@given(any_text)
def test_one_line_is_idempotent(text: str) -> None:
    line = one_line(text)
    assert one_line(line) == line


@pytest.mark.parametrize(
    ("source", "line"),
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
def test_a_line_of_code_keeps_its_spaces(source: str, line: str) -> None:
    assert code_line(source) == line


@given(any_text)
@example("\ud800\u202e")
def test_a_line_of_code_is_visible(text: str) -> None:
    line = code_line(text, limit=20)

    assert not [c for c in line if unicodedata.category(c) in HIDDEN]
    assert len(line) <= 20
    assert line == line.rstrip()


COMMANDS = {
    "\x1b[31mred\x1b[39;00m, \x1b[38;5;28;01mbold\x1b[m": (
        "\x1b[31mred\x1b[39;00m, \x1b[38;5;28;01mbold\x1b[m"
    ),
    "\x1b]8;;http://x\x1b\\a link\x1b]8;;\x1b\\": "a link",
    "\x1b]8;;http://x\x07a link\x1b]8;;\x07": "a link",
    "\x1b]0;a title without an end": "0;a title without an end",
    "\x1bPq#0\x1b\\a picture\x1b_x\x07": "a picture",
    "\x1bcreset \x1b(0set \x1b7": "reset set ",
    "\x1b[2J\x1b[1;1Hover \x1b[?25lthere\x9b31m": "over there",
    "a\x00b\x07c\x08d\x7fe\x85f\ud800g": "abcdefg",
    "\x1b\x1b[31mred\x1b\x00]8;;x\x07": "\x1b[31mred]8;;x",
    "10%\r20%\n\ttab\n": "10%\r20%\n\ttab\n",
    "ćwiczenie, 练习, 🎓": "ćwiczenie, 练习, 🎓",
}


@pytest.mark.parametrize("text", COMMANDS)
def test_colours_tabs_and_lines_stay(text: str) -> None:
    assert keep_colours(text) == COMMANDS[text]


@given(any_text)
@example("\x1b\x1b[31m[31m\x1b")
def test_no_control_character_stays(text: str) -> None:
    controls = {
        c for c in strip_controls(keep_colours(text)) if unicodedata.category(c) in {"Cc", "Cs"}
    }
    assert controls <= set("\n\r\t")


@pytest.mark.parametrize(
    "text", ["\x1b]" * 300_000, "\x1b[" + "1" * 600_000, "\x1b" + " " * 600_000]
)
def test_endless_commands_take_linear_time(text: str) -> None:
    began = time.monotonic()
    keep_colours(text)
    assert time.monotonic() - began < 5


@pytest.mark.parametrize(
    ("cell", "line"),
    [
        ("", ""),
        ("\n \n# Ex`ercise`\ndef f(): ...", "# Ex'ercise'"),
        ("\x1b]0;title\x07<b>\u202e`\n", "]0;title <b> '"),
        (100 * "#", 62 * "#" + " …"),
    ],
)
def test_first_line_of_a_cell_is_printable_and_short(cell: str, line: str) -> None:
    assert first_line(cell) == line
