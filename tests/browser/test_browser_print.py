"""The pages on paper: the number of sheets, and the parts that are printed."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page

from grader.model import Tier
from grader.model.findings import FunctionStatus
from grader.model.result import Result
from grader.views.html import student_page
from tests.browser.conftest import Open, written
from tests.browser.pages import A4_INSIDE, HTML, style, unfold, visible
from tests.submissions import FUNCTIONS
from tests.submissions.corpus import mixed
from tests.support.colours import luminance
from tests.support.command_line import labelled, run
from tests.support.course import Class

BODY, LEAST = 9, 8  # points
POINTS = 3 / 4  # of a pixel
SEED = 20270601
LONG = (
    *("wrong-l2-integer-division", "wrong-grad-l2-doubled"),
    *("wrong-mask-all-ones-unscaled", "wrong-global-data"),
)
LONGER = (
    *("wrong-l2-subtracted", "wrong-global-lambda"),
    *("wrong-mask-normal", "wrong-backward-keep-prob-hard-coded"),
)
SIZES = """() => [...document.querySelectorAll('body *')]
  .filter(e => e.checkVisibility() && !e.closest('svg, math'))
  .filter(e => [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim()))
  .map(e => parseFloat(getComputedStyle(e).fontSize))"""
NOTE = "getComputedStyle(document.querySelector('#glance'), '::after').content"

# ------------------------------------------------------------------ sheets


def _sheets(page: Page) -> int:
    return len(re.findall(rb"/Type\s*/Page\b", page.pdf(format="A4")))


def test_typical_page_prints_on_two_sheets(open_page: Open) -> None:
    assert _sheets(open_page(HTML["typical"])) in (1, 2)


@pytest.mark.parametrize("name", ["stopped", "crashed", "internal"])
def test_short_page_prints_on_two_sheets(open_page: Open, name: str) -> None:
    assert _sheets(open_page(HTML[name])) <= 2


def test_one_wrong_function_prints_on_two_sheets(
    open_page: Open, course: Class, tmp_path: Path
) -> None:
    wrong = [result for result in course.results.values() if _wrong_functions(result) == 1]
    page = open_page("")
    sheets = {}
    for result in wrong:
        page.goto(written(student_page(result), tmp_path))
        sheets[result.submission] = _sheets(page)
    assert len(sheets) >= 3
    assert {name: number for name, number in sheets.items() if number > 2} == {}


def _wrong_functions(result: Result) -> int:
    return sum(function.status is not FunctionStatus.PASSED for function in result.functions)


def _mixes() -> Iterator[tuple[str, ...]]:
    """Yield labelled mistakes, each in a function of its own: in all four, in three, in two."""
    pool = {
        name: [s.name for s in labelled().values() if _is_of(name, s.name)] for name in FUNCTIONS
    }
    draw = random.Random(SEED)
    yield from (LONG, LONGER)
    for many in (4, 3, 2):
        chosen = sorted(draw.sample(FUNCTIONS, many), key=FUNCTIONS.index)
        yield tuple(draw.choice(pool[name]) for name in chosen)


def _is_of(function: str, name: str) -> bool:
    """Return True if a labelled submission is wrong in this function only."""
    statuses = labelled()[name].statuses
    wrong = [function for function, status in statuses.items() if status != {"passed"}]
    return name.startswith("wrong-") and wrong == [function]


@pytest.fixture(scope="module")
def mixes(tier: Tier, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the graded folder of notebooks in which several functions are wrong."""
    inbox, out = tmp_path_factory.mktemp("mixes"), tmp_path_factory.mktemp("graded") / "out"
    for number, names in enumerate(_mixes()):
        (inbox / f"{len(names)}-wrong-{number}.ipynb").write_bytes(mixed(*names))
    assert run("batch", inbox, "--out", out).status == 0
    return out


@pytest.mark.parametrize("language", ["en", "zh-Hans"])
def test_several_wrong_functions_print_on_two_sheets(
    open_page: Open, mixes: Path, language: str
) -> None:
    if language != "en":
        assert run("report", mixes, "--lang", language).status == 0
    page = open_page("")
    sheets, failing = {}, set()
    for file in mixes.glob("submissions/*/report.html"):
        page.goto(file.as_uri())
        sheets[file.parent.name] = _sheets(page)
        failing.add(page.locator(".function:not(.done)").count())
    assert (len(sheets), failing) == (5, {2, 3, 4})
    assert {name: number for name, number in sheets.items() if number > 2} == {}


# ------------------------------------------------------------------ what a crowded sheet holds


@pytest.mark.parametrize("name", ["rich", "crowded", "whole", "chinese"])
def test_print_is_large_enough_to_be_read(open_page: Open, name: str) -> None:
    page = open_page(HTML[name], A4_INSIDE)
    page.emulate_media(media="print")
    assert min(page.evaluate(SIZES)) * POINTS >= LEAST
    for part in (".hint", ".next", ".function .check > .message", ".check > p:has(+ pre)"):
        assert float(style(page, part, "fontSize")[0].removesuffix("px")) * POINTS >= BODY


def test_crowded_print_has_every_hint_and_first_values(
    open_page: Open,
) -> None:
    page = open_page(HTML["crowded"], A4_INSIDE)
    page.emulate_media(media="print")
    needed = (".score", ".next", ".hint", ".function > .lines > code > mark", ".place")
    parts = (".check > .message", ".check > p:has(+ pre)", ".check > pre")
    for part in needed + parts:
        elements = page.locator(part)
        assert elements.count() >= 3 or part in needed[:2]
        assert all(visible(elements)), part
    rows = page.locator(".check > .findings:not(.unshown) tbody tr")
    first = page.locator(".check > .findings:not(.unshown) tbody tr:first-child")
    assert visible(first) == [True] * first.count()
    assert sum(visible(rows)) == first.count() < rows.count()
    assert all(visible(first.locator(".value")))


def test_crowded_print_leaves_out_pictures_and_far_lines(
    open_page: Open,
) -> None:
    page = open_page(HTML["crowded"], A4_INSIDE)
    left_out = page.locator(".pictures, .function > .lines > code > span.line:first-child")
    assert page.evaluate(NOTE) == "none"
    assert left_out.count() and all(visible(left_out))
    page.emulate_media(media="print")
    assert not any(visible(left_out))
    assert "are on the web page" in page.evaluate(NOTE)
    lines = page.locator(".function > .lines").first.locator("code > .line")
    assert visible(lines) == [*[False] * 2, *[True] * 3, *[False] * 2]


def test_unfolded_parts_of_a_crowded_page_are_printed(open_page: Open) -> None:
    page = open_page(HTML["crowded"], A4_INSIDE)
    unfold(page)
    page.emulate_media(media="print")
    tables = page.locator(".check:has(> details .findings) .findings tbody tr")
    assert tables.count() and all(visible(tables))
    assert all(visible(page.locator("details .lines .line")))


def test_page_with_two_wrong_functions_is_not_crowded(open_page: Open) -> None:
    page = open_page(HTML["rich"], A4_INSIDE)
    page.emulate_media(media="print")
    assert page.evaluate(NOTE) == "none"
    assert all(visible(page.locator(".pictures, .check > .facts")))


# ------------------------------------------------------------------ any sheet


def test_hidden_tests_print_without_their_table(
    open_page: Open,
) -> None:
    page = open_page(HTML["rich"])
    page.emulate_media(media="print")
    tables = page.locator(".check .findings.unshown")
    assert tables.count() and not any(visible(tables))
    assert all(visible(page.locator(".check > .message")))
    unfold(page)
    assert any(visible(tables))


def test_folded_parts_are_printed_only_if_unfolded(open_page: Open) -> None:
    page = open_page(HTML["rich"])
    page.emulate_media(media="print")
    folded = page.locator("details .findings, details .lines, details .values")
    assert set(visible(folded)) == {False}
    unfold(page)
    assert set(visible(folded)) == {True}


def test_score_and_overview_print_side_by_side(
    open_page: Open,
) -> None:
    page = open_page(HTML["typical"], A4_INSIDE)
    page.emulate_media(media="print")
    verdict, glance, first = (
        page.locator(part).bounding_box() for part in (".verdict", "#glance", "#function-1")
    )
    assert verdict and glance and first
    assert verdict["y"] == glance["y"] and verdict["x"] + verdict["width"] < glance["x"]
    assert first["y"] >= max(box["y"] + box["height"] for box in (verdict, glance))


def test_a_dark_screen_prints_on_white(open_page: Open) -> None:
    page = open_page(HTML["typical"], color_scheme="dark")
    page.emulate_media(media="print")
    assert style(page, "body", "backgroundColor") == ("rgb(255, 255, 255)",)
    assert luminance(style(page, "body", "color")[0]) < 0.05


def test_no_page_break_within_rows_hints_or_headings(open_page: Open) -> None:
    page = open_page(HTML["rich"])
    page.emulate_media(media="print")
    for part in ("tbody tr", ".hints", ".verdict", ".check > .findings"):
        assert style(page, part, "breakInside") == ("avoid",)
    for part in ("h2", "h3", "h4"):
        assert style(page, part, "breakAfter") == ("avoid",)
    for part in (".lead", ".hints", ".lines", ".check > .findings", ".check > p + pre"):
        assert style(page, part, "breakBefore") == ("avoid",)
