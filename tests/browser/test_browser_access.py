"""Everybody can read the pages: an audit with axe-core, and a walk through them with the keyboard."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.browser.conftest import Open, Windows, written
from tests.browser.pages import HTML, style, unfold, wait_until
from tests.support.colours import contrast
from tests.support.html_reader import read

ALIKE = {
    *("long measures", "chinese whole", "hostile whole", "class of runs"),
    *("hostile class", "chinese class", "hostile proofs"),
}
"""Pages whose elements all occur on other pages, with the same parents and attributes."""
VARIED = ("rich", "crowded", "whole", "hostile", "chinese", "class", "proofs")
"""Pages that have every part between them."""
SCREENS = {"light": 320, "dark": 1280}
"""The width of the window in each scheme."""
COLOURFUL = ("rich", "hostile", "class", "proofs")
"""Pages with all colours between them; their contrast takes most of the time of an audit."""
LOOKED_AT = {
    *("color-contrast", "document-title", "heading-order", "html-has-lang", "html-lang-valid"),
    *("landmark-one-main", "landmark-unique", "region", "scope-attr-valid", "target-size"),
    *("td-headers-attr", "th-has-data-cells", "meta-viewport", "page-has-heading-one"),
}
STANDARDS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
STOPS = "a[href], summary, input, select, button:not([hidden]), [tabindex='0']"
COLOURS = """() => {
  const background = e => e ? getComputedStyle(e).backgroundColor : 'none';
  const solid = e => !e || !background(e).endsWith(', 0)') ? e : solid(e.parentElement);
  return [...document.body.querySelectorAll('*')]
    .filter(e => [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim()))
    .filter(e => e.checkVisibility()).map(e => [e, getComputedStyle(e)])
    .map(([e, s]) => [s.color, background(solid(e)), parseFloat(s.fontSize) < 24].join());
}"""
FOCUSED = f"[...document.querySelectorAll(`{STOPS}`)].indexOf(document.activeElement)"


def _audit(page: Page, *, contrast: bool) -> dict[str, list[dict[str, Any]]]:
    """Return the audit; of the rules that passed it holds one node each."""
    rules = {"color-contrast": {"enabled": contrast}}
    options = {"runOnly": list(STANDARDS), "resultTypes": ["violations"], "rules": rules}
    audited: dict[str, list[dict[str, Any]]] = Axe().run(page, options=options).response
    return audited


@pytest.fixture(scope="module")
def colours(windows: Windows, tmp_path_factory: pytest.TempPathFactory) -> dict[str, set[str]]:
    """Return the colours of text, each on its background, of the pages whose contrast is audited."""
    folder = tmp_path_factory.mktemp("colours")
    audited: dict[str, set[str]] = {scheme: set() for scheme in SCREENS}
    for (scheme, width), name in itertools.product(SCREENS.items(), COLOURFUL):
        page = windows.open(written(HTML[name], folder), width, color_scheme=scheme)
        unfold(page)
        audited[scheme] |= {*page.evaluate(COLOURS)}
    return audited


@pytest.mark.parametrize(
    ("name", "scheme"),
    [
        *((name, "light") for name in HTML if name not in ALIKE),
        *((name, "dark") for name in VARIED),
    ],
)
def test_axe_finds_nothing_against_wcag_2_2_aa(
    open_page: Open, name: str, scheme: str, colours: dict[str, set[str]]
) -> None:
    """The contrast of a page is not audited if other audited pages have all of its colours."""
    page = open_page(HTML[name], SCREENS[scheme], color_scheme=scheme)
    unfold(page)
    assert {*page.evaluate(COLOURS)} <= colours[scheme]
    audit = _audit(page, contrast=name in COLOURFUL)
    violations = audit["violations"]
    assert [(rule["id"], [node["target"] for node in rule["nodes"]]) for rule in violations] == []
    if name == "rich":
        assert {rule["id"] for rule in audit["passes"]} >= LOOKED_AT


def test_pages_without_an_audit_have_the_elements_of_the_others() -> None:
    audited = set().union(*(_elements(name) for name in HTML if name not in ALIKE))
    assert {name: _elements(name) - audited for name in ALIKE if _elements(name) - audited} == {}


def _elements(name: str) -> set[tuple[str, ...]]:
    """Return the elements of a page: each with its parent, its classes and its attributes' names."""
    return {
        (*element.parents[-1:], element.tag, element.get("class"), *sorted(element.attributes))
        for element in read(HTML[name]).elements
    }


@pytest.mark.parametrize(
    ("name", "lang"), [("rich", "en"), ("chinese", "zh-Hans"), ("chinese class", "zh-Hans")]
)
def test_language_is_declared_and_chinese_has_fonts(open_page: Open, name: str, lang: str) -> None:
    page = open_page(HTML[name])
    assert page.evaluate("document.documentElement.lang") == lang
    (fonts,) = style(page, "body", "fontFamily")
    assert ("Noto Sans CJK SC" in fonts) == (lang == "zh-Hans")
    (breaks,) = style(page, "thead th", "wordBreak")
    assert (breaks == "keep-all") == (lang == "zh-Hans")


# ------------------------------------------------------------------ with the keyboard


@pytest.mark.parametrize("name", ["rich", "class", "proofs"])
def test_tab_follows_the_order_of_the_page(open_page: Open, name: str) -> None:
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
def test_focus_has_a_visible_outline(open_page: Open, scheme: str) -> None:
    page = open_page(HTML["rich"], color_scheme=scheme)
    page.keyboard.press("Tab")
    line, width, colour = style(page, ":focus", "outlineStyle", "outlineWidth", "outlineColor")
    (paper,) = style(page, ".card", "backgroundColor")
    assert (line, width) == ("solid", "3px")
    assert contrast(colour, paper) >= 3


def test_enter_unfolds_and_folds_more_findings(open_page: Open) -> None:
    page = open_page(HTML["rich"])
    table = page.locator("details .findings").first
    page.locator("details:has(.findings) summary").first.focus()
    visible = [table.is_visible()]
    for _ in range(2):
        page.keyboard.press("Enter")
        visible.append(table.is_visible())
    assert visible == [False, True, False]


def test_enter_on_next_step_goes_to_the_function(
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


def test_score_bar_is_visible_in_forced_colours(open_page: Open) -> None:
    page = open_page(HTML["typical"], forced_colors="active")
    assert style(page, ".verdict .bar .fill", "fill") == style(page, "body", "color")
    assert style(page, ".verdict .bar .track", "fill", "stroke") == (
        *style(page, "body", "backgroundColor"),
        *style(page, "body", "color"),
    )


def test_marked_line_is_visible_in_forced_colours(
    open_page: Open,
) -> None:
    page = open_page(HTML["rich"], forced_colors="active")
    paper, ink = style(page, "mark.line", "backgroundColor", "color")
    assert contrast(paper, ink) >= 4.5 and paper != style(page, ".card", "backgroundColor")[0]
    for part in (".gutter", ".why"):
        assert style(page, f"mark.line {part}", "color") == (ink,)


def test_links_are_underlined(open_page: Open) -> None:
    page = open_page(HTML["typical"])
    assert style(page, ".next a", "textDecorationLine") == ("underline",)


def test_cells_have_headers_for_screen_readers(open_page: Open) -> None:
    page = open_page(HTML["typical"])
    table = page.get_by_role("table", name="function", exact=False).first
    assert table.get_by_role("columnheader").count() == 3
    assert table.get_by_role("rowheader").count() == 5
