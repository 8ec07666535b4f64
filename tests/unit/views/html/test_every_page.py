"""How the pages are built: sound, self-contained, accessible, safe with any text, repeatable."""

from __future__ import annotations

import base64
import hashlib
import itertools
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.model.findings import Diagnosis, FunctionStatus
from grader.model.result import Result, Status
from grader.views.html import class_page, proofs_page, student_page, week_page
from grader.views.html.render import TEMPLATES
from tests.support import samples
from tests.support.colours import contrast
from tests.support.html_reader import Page, read
from tests.support.rendered import Rendered

STUDENTS = {
    "rich": samples.rich(),
    "adjusted": samples.adjusted(),
    "hostile adjusted": samples.adjusted(samples.HOSTILE),
    "stopped": samples.stopped(),
    "whole": samples.whole(),
    "hostile whole": samples.whole(samples.HOSTILE, trainings=samples.trainings(samples.HOSTILE)),
    "hostile": samples.hostile(),
    "empty": samples.result(),
    **{str(s): samples.ungraded(s) for s in samples.UNGRADED},
}
CLASSES = {
    "class": samples.classroom(),
    "class of runs": samples.class_of_runs(),
    "hostile class": [samples.hostile(), replace(samples.hostile(), status=Status.INVALID)],
    "empty class": [],
}
PROOFS = {
    "proofs": samples.proven(),
    "hostile proofs": samples.proven_with(samples.HOSTILE),
    "empty proofs": replace(samples.proven(), claims=(), kill_matrices=(), pair_matrices=()),
}
HTML = Rendered(
    {
        **{name: partial(student_page, result) for name, result in STUDENTS.items()},
        **{name: partial(class_page, results) for name, results in CLASSES.items()},
        **{name: partial(proofs_page, proven) for name, proven in PROOFS.items()},
        "week": partial(week_page, samples.week()),
        "hostile week": partial(week_page, samples.week(samples.HOSTILE)),
    }
)
ADDRESS = re.compile(
    r"#[a-z0-9-]+|(\w+/)?submissions/[\w.~%-]+/report\.html|\w+/index\.html", re.ASCII
)


@pytest.fixture(params=HTML)
def html(request: pytest.FixtureRequest) -> str:
    return HTML[request.param]


@pytest.fixture
def page(html: str) -> Page:
    return read(html)


# ------------------------------------------------------------------ sound and self-contained


def test_page_has_language_title_and_width(page: Page) -> None:
    assert page.one("html").get("lang") == "en"
    assert [e.text.strip() for e in page.all("title") if e.parents == ("html", "head")] != [""]
    assert page.one("meta", name="viewport").get("content").startswith("width=device-width")


def test_pages_load_nothing_and_only_class_has_a_script(page: Page) -> None:
    assert len(page.all("script")) == (page.one("body").get("class") == "class")
    assert not page.all("img", "iframe", "object", "embed", "form", "base")
    assert page.one("link").attributes == {"rel": "icon", "href": "data:,"}
    for element in page.elements:
        assert not {a for a in element.attributes if a.startswith("on") or a in {"src", "style"}}
    for address in (element.get("href") for element in page.all("a")):
        assert ADDRESS.fullmatch(address)
    assert "url(" not in page.one("style").text
    assert "@import" not in page.one("style").text


def test_policy_allows_only_our_style_and_script(
    page: Page,
) -> None:
    scripts = "".join(f"script-src '{_hash(e.text)}'; " for e in page.all("script"))
    assert page.one("meta", **{"http-equiv": "Content-Security-Policy"}).get("content") == (
        f"default-src 'none'; style-src '{_hash(page.one('style').text)}'; "
        f"{scripts}img-src data:; base-uri 'none'; form-action 'none'"
    )


def _hash(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def test_ids_are_unique_and_references_resolve(page: Page) -> None:
    ids = [element.get("id") for element in page.elements if element.get("id")]
    assert len(set(ids)) == len(ids)
    assert set(_references(page)) <= set(ids)


def _references(page: Page) -> Iterator[str]:
    for element in page.elements:
        yield from element.get("aria-labelledby").split()
        if element.get("for"):
            yield element.get("for")
        if element.get("href").startswith("#"):
            yield element.get("href")[1:]


# ------------------------------------------------------------------ accessible


def test_headings_start_at_one_and_skip_no_level(page: Page) -> None:
    levels = [int(e.tag[1]) for e in page.all("h1", "h2", "h3", "h4", "h5", "h6")]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(below - above <= 1 for above, below in itertools.pairwise(levels))


def test_tables_have_captions_and_scopes(page: Page) -> None:
    tables = page.all("table")
    assert len(page.all("caption")) == len(tables)
    assert all(caption.text.strip() for caption in page.all("caption"))
    assert {cell.get("scope") for cell in page.all("th")} <= {"col", "row"}


def test_status_is_a_word_not_only_a_colour(page: Page) -> None:
    badges = [e for e in page.elements if e.get("class").startswith("badge")]
    assert all(badge.text.strip() for badge in badges)


def test_pictures_have_a_name_or_are_decoration(page: Page) -> None:
    for picture in page.all("svg"):
        has_name = picture.get("role") == "img" and picture.get("aria-labelledby")
        assert has_name or picture.get("aria-hidden") == "true"


def test_scrolling_parts_have_a_name_and_take_focus(page: Page) -> None:
    for part in (e for e in page.elements if e.get("class").startswith("scroll")):
        assert part.get("tabindex") == "0"
        assert part.get("aria-labelledby")


def test_fields_are_labelled_and_hidden_without_script(page: Page) -> None:
    labelled = {label.get("for") for label in page.all("label")}
    assert {field.get("id") for field in page.all("input", "select")} == labelled
    for field in page.all("input", "select", "button"):
        assert "hidden" in page.one("section", **{"class": "filters"}).attributes
        assert field.parents.count("section") == 2


INKS = {"page": ["text", "quiet", "link"], "card": ["text", "quiet", "link"]} | {
    "soft": ["text", "quiet", "good", "fair", "hint"],
    "fair-soft": ["fair", "text", "quiet", "good", "hint"],
    "good-soft": ["good"],
    "bad-soft": ["bad"],
    "hint-soft": ["hint", "text", "quiet", "link"],
}


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_text_stands_out_from_its_background(theme: int) -> None:
    sheet = (TEMPLATES / "report.css").read_text(encoding="utf-8")
    root = re.findall(r":root \{(.*?)\}", sheet, re.DOTALL)[theme]
    colours = dict(re.findall(r"--([\w-]+): (#\w{6});", root))

    ratios = {
        (paper, ink): contrast(colours[ink], colours[paper])
        for paper, inks in INKS.items()
        for ink in inks
    }
    assert {pair: ratio for pair, ratio in ratios.items() if ratio < 4.5} == {}


# ------------------------------------------------------------------ hostile text

TAGS = {
    *("html", "head", "meta", "title", "link", "style", "body", "header", "main", "section"),
    *(
        "footer",
        "nav",
        "h1",
        "h2",
        "h3",
        "h4",
        "p",
        "pre",
        "div",
        "span",
        "strong",
        "small",
        "code",
        "bdi",
    ),
    *("wbr", "br", "a", "ul", "li", "dl", "dt", "dd", "details", "summary", "figure"),
    *("figcaption", "table", "caption", "thead", "tbody", "tfoot", "tr", "th", "td"),
    *("svg", "g", "rect", "text", "desc", "mark", "path"),
    *("math", "mrow", "mi", "mn", "mo", "mtext", "mfrac", "msup", "msub"),
    *("ol", "label", "input", "select", "option", "button", "script"),
}
RAW = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def _assert_tame(html: str) -> None:
    assert {element.tag for element in read(html).elements} <= TAGS
    assert not [c for c in html if c != "\n" and unicodedata.category(c) in RAW]
    html.encode("utf-8")


def test_hostile_text_adds_no_markup_or_controls(html: str) -> None:
    _assert_tame(html)


def test_only_script_is_ours() -> None:
    ours = (TEMPLATES / "class.js").read_text(encoding="utf-8")
    for name in CLASSES:
        assert [element.text for element in read(HTML[name]).all("script")] == [ours]


def test_hostile_text_is_shown_as_text(html: str) -> None:
    if "alert(1)" in html:
        assert "<script>alert(1)</script>{{7*7}}{% raw %}{#x#}" in read(html).text
        assert "[31m gnp.exe" in read(html).text


def test_an_overlong_name_is_cut() -> None:
    name = "n" * 5000
    page = read(student_page(samples.result(samples.function(FunctionStatus.FAILED, name))))
    assert page.one("h2", id="function-1-title").text == "n" * 198 + " …"


def test_text_between_backticks_is_code() -> None:
    hint = Diagnosis("x", "Use `np.dot(W, A)` or ``<b>``, not `")
    function = samples.function(FunctionStatus.FAILED, diagnoses=(hint,))
    assert "Use <code>np.dot(W, A)</code> or <code>&lt;b&gt;</code>, not `" in student_page(
        samples.result(function)
    )


@settings(deadline=None, derandomize=True, max_examples=60)
@given(st.text(), st.text(max_size=12))
def test_any_text_makes_a_sound_page(text: str, name: str) -> None:
    _assert_tame(student_page(_with_text(text, name)))
    _assert_tame(class_page([_with_text(text, name)]))
    _assert_tame(proofs_page(samples.proven_with(text)))


def _with_text(text: str, name: str) -> Result:
    function = samples.function(FunctionStatus.FAILED, name, diagnoses=(Diagnosis(name, text),))
    return samples.result(function, submission=name, message=text, notes=(text,), title=text)


# ------------------------------------------------------------------ repeatable


def test_same_result_makes_the_same_page() -> None:
    assert student_page(samples.rich()) == student_page(samples.rich())
    assert class_page(samples.classroom()) == class_page(samples.classroom())
    assert proofs_page(samples.proven()) == proofs_page(samples.proven())


def test_duration_does_not_change_a_page() -> None:
    slow = replace(samples.rich(), duration_s=1234.5)
    assert student_page(slow) == student_page(samples.rich())


def test_class_page_ignores_the_order_of_results() -> None:
    assert class_page(samples.classroom()[::-1]) == class_page(samples.classroom())
