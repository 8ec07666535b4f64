"""The pages in the dark, on a phone, and without script or network."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, Request

from grader.views.html import class_page
from tests.browser.conftest import Open
from tests.browser.pages import (
    A4_INSIDE,
    HTML,
    STUDENTS,
    large_class,
    style,
    too_wide,
    unfold,
    unseen,
)
from tests.support.colours import luminance

WIDTHS = (320, 412, 768, 1280)
SPACED = """document.querySelectorAll('body *').forEach(e => {
  e.style.lineHeight = '1.5'; e.style.letterSpacing = '0.12em'; e.style.wordSpacing = '0.16em';
})"""

# ------------------------------------------------------------------ colours


def test_plane_has_the_colours_of_the_notebook(open_page: Open) -> None:
    """As in Matplotlib's colour map Spectral, 1 is blue and 0 red. The legend shows it."""
    page = open_page(HTML["whole"])
    channels = [
        [int(n) for n in re.findall(r"\d+", style(page, selector, "stroke")[0])[:3]]
        for selector in (".plane .one", ".plane .zero")
    ]
    (r1, _, b1), (r0, _, b0) = channels
    assert b1 > r1 and r0 > b0
    assert page.locator(".plane figcaption").first.inner_text().split("\n")[-1] == ("y = 1 y = 0")
    legend = "e => getComputedStyle(e, '::before').backgroundColor"
    for kind in ("one", "zero"):
        shown = page.locator(f".swatch.{kind}").first.evaluate(legend)
        assert shown == style(page, f".plane .{kind}", "stroke")[0]


# ------------------------------------------------------------------ dark mode


@pytest.mark.parametrize("name", ["typical", "class", "proofs"])
def test_the_page_is_dark_where_the_system_is(open_page: Open, name: str) -> None:
    shades = {}
    for scheme in ("light", "dark"):
        page = open_page(HTML[name], color_scheme=scheme)
        shades[scheme] = [luminance(c) for c in style(page, "body", "backgroundColor", "color")]
    (light_paper, light_ink), (dark_paper, dark_ink) = shades["light"], shades["dark"]
    assert light_paper > 0.8 and light_ink < 0.05
    assert dark_paper < 0.05 and dark_ink > 0.7


# ------------------------------------------------------------------ narrow and wide


@pytest.mark.parametrize("name", HTML)
def test_page_fits_asks_for_nothing_and_needs_no_script(open_page: Open, name: str) -> None:
    """Without a script it says the same, too."""
    requests: list[str] = []

    def note(request: Request) -> None:
        requests.append(request.url)

    page = open_page("")
    page.on("request", note)
    open_page(HTML[name], WIDTHS[0])
    page.remove_listener("request", note)
    assert requests == [page.url]
    page.set_viewport_size({"width": A4_INSIDE, "height": 800})
    page.emulate_media(media="print")
    paper = page.evaluate("document.documentElement.scrollWidth")
    assert paper <= A4_INSIDE or name == "hostile proofs"
    page.emulate_media(media="screen")
    unfold(page)
    for width in reversed(WIDTHS):
        page.set_viewport_size({"width": width, "height": 800})
        assert too_wide(page) == []
    without = open_page(HTML[name], WIDTHS[0], script=False)
    unfold(without)
    assert _read(page) == _read(without)


@pytest.mark.parametrize("name", ["rich", "hostile", "class", "proofs"])
def test_text_may_be_spaced_out_on_a_phone(open_page: Open, name: str) -> None:
    page = open_page(HTML[name], 320)
    page.evaluate(SPACED)
    assert too_wide(page) == []


def test_text_of_twice_the_size_still_fits(open_page: Open) -> None:
    page = open_page(HTML["rich"], 640)
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    assert too_wide(page) == []


def test_finding_values_are_labelled_on_a_phone(open_page: Open) -> None:
    page = open_page(HTML["typical"], 320)
    label = "e => getComputedStyle(e, '::before').content"
    row = page.locator(".findings tbody tr").first
    assert [row.locator("td").nth(i).evaluate(label) for i in range(5)] == [
        *('"Quantity"', '"Problem"', '"Yours"', '"Expected"', '"Size of the error"')
    ]


@pytest.mark.parametrize("width", [390, 1280])
def test_a_line_and_its_marker_are_in_sight(open_page: Open, width: int) -> None:
    """Long lines wrap."""
    page = open_page(HTML["rich"], width)
    long = "markers[0].before('  # ' + 'long '.repeat(60))"
    page.evaluate(f"() => {{ const markers = document.querySelectorAll('.why'); {long} }}")
    right = "e => e.getBoundingClientRect().right"
    for selector in ("mark.line", ".why"):
        for element in page.locator(selector).filter(visible=True).all():
            assert element.evaluate(right) <= width


def test_training_measures_are_labelled_on_a_phone(
    open_page: Open,
) -> None:
    page = open_page(HTML["long measures"], 320)
    row = page.locator(".measures tbody tr").first
    label = "e => getComputedStyle(e, '::before').content"
    assert [row.locator("td").nth(i).evaluate(label) for i in range(2)] == ['"Yours"', '"Expected"']
    assert row.locator("td").first.inner_text() == "≠ 0.1634876984"
    one_line = "e => e.getClientRects().length == 1 && e.clientHeight < 40"
    assert all(cell.evaluate(one_line) for cell in page.locator(".measures td").all())


# ------------------------------------------------------------------ no script, no network


def _read(page: Page) -> str:
    """Return the text of a page without the filters, which only the script can use."""
    text: str = page.evaluate(
        "document.querySelector('.filters')?.remove(), document.body.innerText"
    )
    return text


def test_the_hint_and_the_next_step_need_no_click(open_page: Open) -> None:
    page = open_page(HTML["typical"], script=False)
    texts = ["The penalty misses its 1/2", "compute_cost", "62.5"]
    assert unseen(page, texts) == []


def test_folded_parts_open_without_script(open_page: Open) -> None:
    page = open_page(HTML["rich"], script=False)
    page.locator("details:has(.findings) summary").first.click()
    assert page.locator("details .findings").first.is_visible()


# ------------------------------------------------------------------ size


@pytest.mark.parametrize("name", STUDENTS)
def test_page_without_drawings_is_under_150_kilobytes(name: str) -> None:
    assert len(HTML[name].encode()) < 150_000


IN_LAYOUT = """() => [...document.querySelectorAll('#all tbody tr')]
  .filter(e => e.checkVisibility({ contentVisibilityAuto: true })).length"""
"""Return the number of rows that the browser laid out."""


def test_class_of_2000_is_laid_out_near_the_window_only(open_page: Open) -> None:
    """A link reaches a row that is not laid out yet; the sticky heading does not cover it."""
    html = class_page(large_class())
    assert len(html.encode()) < 1_300_000
    page = open_page(html)
    assert page.locator(".all tbody tr").count() == 2000
    assert page.evaluate(IN_LAYOUT) <= 200
    page.goto(f"{page.url}#s1500")
    row, heading = (page.locator(part).bounding_box() for part in ("#s1500", "#all thead"))
    assert row and heading and heading["y"] + heading["height"] <= row["y"] < 800
    assert page.evaluate(IN_LAYOUT) <= 400


@pytest.mark.parametrize(("name", "media"), [("class", "screen"), ("large class", "print")])
def test_small_class_and_paper_have_all_rows(open_page: Open, name: str, media: str) -> None:
    page = open_page(HTML[name], media=media)
    assert page.evaluate(IN_LAYOUT) == page.locator("#all tbody tr").count()
    assert style(page, "#all", "display") == ("table",)
