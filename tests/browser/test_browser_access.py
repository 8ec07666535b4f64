"""Everybody can read the pages: an audit with axe-core, and a walk through them with the keyboard."""

from __future__ import annotations

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.browser.conftest import Open
from tests.browser.pages import HTML, contrast, style, unfold, wait_until

STANDARDS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
STOPS = "a[href], summary, input, select, button:not([hidden]), [tabindex='0']"
FOCUSED = f"[...document.querySelectorAll(`{STOPS}`)].indexOf(document.activeElement)"


def _audit(page: Page) -> dict[str, list[dict[str, Any]]]:
    options = {"runOnly": list(STANDARDS)}
    audited: dict[str, list[dict[str, Any]]] = Axe().run(page, options=options).response
    return audited


@pytest.mark.parametrize(("width", "scheme"), [(320, "light"), (1280, "dark")])
@pytest.mark.parametrize("name", HTML)
def test_axe_finds_nothing_against_wcag_2_2_aa(
    open_page: Open, name: str, width: int, scheme: str
) -> None:
    page = open_page(HTML[name], width, color_scheme=scheme)
    unfold(page)
    told = _audit(page)["violations"]
    assert [(one["id"], [node["target"] for node in one["nodes"]]) for one in told] == []


def test_axe_looked_at_what_matters_most(open_page: Open) -> None:
    page = open_page(HTML["rich"])
    passed = {one["id"] for one in _audit(page)["passes"]}
    assert passed >= {
        *("color-contrast", "document-title", "heading-order", "html-has-lang", "html-lang-valid"),
        *("landmark-one-main", "landmark-unique", "region", "scope-attr-valid", "target-size"),
        *("td-headers-attr", "th-has-data-cells", "meta-viewport", "page-has-heading-one"),
    }


@pytest.mark.parametrize(
    ("name", "lang"), [("rich", "en"), ("chinese", "zh-Hans"), ("chinese class", "zh-Hans")]
)
def test_a_page_says_which_language_it_is_in_and_chinese_has_fonts_for_it(
    open_page: Open, name: str, lang: str
) -> None:
    page = open_page(HTML[name])
    assert page.evaluate("document.documentElement.lang") == lang
    (fonts,) = style(page, "body", "fontFamily")
    assert ("Noto Sans CJK SC" in fonts) == (lang == "zh-Hans")
    (breaks,) = style(page, "thead th", "wordBreak")
    assert (breaks == "keep-all") == (lang == "zh-Hans")


# ------------------------------------------------------------------ with the keyboard


@pytest.mark.parametrize("name", ["rich", "class", "proofs"])
def test_tab_goes_through_all_there_is_to_use_in_the_order_of_the_page(
    open_page: Open, name: str
) -> None:
    page = open_page(HTML[name])
    unfold(page)
    total = page.locator(STOPS).count()
    assert total > 2
    assert [_tab(page) for _ in range(total)] == list(range(total))


def _tab(page: Page) -> int:
    page.keyboard.press("Tab")
    position: int = page.evaluate(FOCUSED)
    return position


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_what_has_the_focus_is_framed_in_a_colour_that_stands_out(
    open_page: Open, scheme: str
) -> None:
    page = open_page(HTML["rich"], color_scheme=scheme)
    page.keyboard.press("Tab")
    line, width, colour = style(page, ":focus", "outlineStyle", "outlineWidth", "outlineColor")
    (paper,) = style(page, ".card", "backgroundColor")
    assert (line, width) == ("solid", "3px")
    assert contrast(colour, paper) >= 3


def test_enter_unfolds_the_further_findings_and_folds_them_again(open_page: Open) -> None:
    page = open_page(HTML["rich"])
    table = page.locator("details .findings").first
    page.locator("details:has(.findings) summary").first.focus()
    shown = [table.is_visible()]
    for _ in range(2):
        page.keyboard.press("Enter")
        shown.append(table.is_visible())
    assert shown == [False, True, False]


def test_enter_on_the_next_step_goes_to_the_function_and_reading_goes_on_there(
    open_page: Open,
) -> None:
    page = open_page(HTML["rich"])
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    wait_until(page, "scrollY > 0")
    top = page.locator("#function-1").evaluate("e => e.getBoundingClientRect().top")
    assert 0 <= top < 400
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('#function-1') !== null")


def test_a_wide_table_scrolls_with_the_arrow_keys(open_page: Open) -> None:
    page = open_page(HTML["class"], 320)
    frame = page.locator(".scroll").last
    frame.focus()
    page.keyboard.press("ArrowRight")
    wait_until(page, "[...document.querySelectorAll('.scroll')].at(-1).scrollLeft > 0")
    assert page.evaluate("scrollX") == 0


# ------------------------------------------------------------------ without colour


def test_the_bar_of_points_can_be_read_where_the_system_sets_the_colours(open_page: Open) -> None:
    page = open_page(HTML["typical"], forced_colors="active")
    assert style(page, ".verdict .bar .fill", "fill") == style(page, "body", "color")
    assert style(page, ".verdict .bar .track", "fill", "stroke") == (
        *style(page, "body", "backgroundColor"),
        *style(page, "body", "color"),
    )


def test_the_line_at_fault_is_marked_as_a_whole_where_the_system_sets_the_colours(
    open_page: Open,
) -> None:
    page = open_page(HTML["rich"], forced_colors="active")
    paper, ink = style(page, "mark.line", "backgroundColor", "color")
    assert contrast(paper, ink) >= 4.5 and paper != style(page, ".card", "backgroundColor")[0]
    for part in (".gutter", ".why"):
        assert style(page, f"mark.line {part}", "color") == (ink,)


def test_a_link_is_underlined_so_that_it_needs_no_colour(open_page: Open) -> None:
    page = open_page(HTML["typical"])
    assert style(page, ".next a", "textDecorationLine") == ("underline",)


def test_a_table_read_aloud_says_the_header_of_each_cell(open_page: Open) -> None:
    page = open_page(HTML["typical"])
    table = page.get_by_role("table", name="function", exact=False).first
    assert table.get_by_role("columnheader").count() == 3
    assert table.get_by_role("rowheader").count() == 5
