"""Hostile notebooks from the file to the window: graded as a class, and their pages opened.

Nothing here is made up for the pages: what they say came out of notebooks by `grader batch`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Dialog, Page

from grader.model import Tier
from tests.browser import hostile
from tests.browser.pages import HTML, too_wide, unfold
from tests.support.command_line import run

PHONE = 360
WATCH = """window.seen = [];
document.addEventListener('securitypolicyviolation', e => seen.push(e.violatedDirective));"""
PARTS = "[...document.querySelectorAll('body *')].map(e => [e.tagName, ...e.getAttributeNames()])"
SHOWN = "selector => [...document.querySelectorAll(selector)].map(e => e.innerText).join(' ')"
HIDDEN = """wanted => wanted.filter(selector => ![...document.querySelectorAll(selector)].some(
  e => e.checkVisibility({ visibilityProperty: true, opacityProperty: true })))"""
COMMON = ("h1", "main", "footer")
FUNCTIONS = tuple(f"#function-{number}" for number in range(1, 5))
STUDENT_PARTS = (*COMMON, ".score", ".next", "#glance", *FUNCTIONS)
CLASS_PARTS = (*COMMON, ".tiles", "#ungraded", ".filters", "#all")
GRADED = [f"{name}-{kind}" for name in hostile.TEXTS for kind in ("values", "lines")]


@pytest.fixture(scope="module")
def graded(tier: Tier, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of the graded class; it is run in a box or not at all."""
    folder = tmp_path_factory.mktemp("hostile")
    (folder / "inbox").mkdir()
    hostile.write(folder / "inbox")
    done = run("batch", folder / "inbox", "--out", folder / "out", "--workers", 2)
    assert (tier, done.status) == (tier, 0), done.err
    return folder / "out"


@dataclass(frozen=True, slots=True)
class CaseVerdict:
    """What was seen of an opened page: harm, what is too wide or hidden, its elements, its text."""

    harm: list[str]
    wide: list[str]
    hidden: list[str]
    parts: set[tuple[str, ...]]
    text: str
    said: str
    marked: str


class Window:
    """A window of a phone's width, which notes whatever a page asks for, says or tries."""

    def __init__(self, browser: Browser) -> None:
        self.context = browser.new_context(viewport={"width": PHONE, "height": 800}, offline=True)
        self.noted: list[str] = []
        self.page = self.context.new_page()
        self.page.add_init_script(WATCH)
        self.page.on("dialog", self._dismiss)
        self.page.on("request", lambda request: self.noted.append(request.url))
        self.page.on("console", lambda message: self.noted.append(message.text))
        self.page.on("pageerror", lambda error: self.noted.append(error.message))

    def _dismiss(self, dialog: Dialog) -> None:
        self.noted.append(dialog.type)
        dialog.dismiss()

    def look(self, file: Path) -> CaseVerdict:
        """Open a page with all its folded parts unfolded, and look at it."""
        self.noted.clear()
        self.page.goto(file.as_uri())
        unfold(self.page)
        self.page.wait_for_timeout(10)
        wanted = CLASS_PARTS if file.name == "index.html" else STUDENT_PARTS
        return CaseVerdict(
            harm=_harm(self.page, self.noted),
            wide=too_wide(self.page),
            hidden=self.page.evaluate(HIDDEN, wanted),
            parts={tuple(part) for part in self.page.evaluate(PARTS)},
            text=self.page.evaluate("document.documentElement.textContent"),
            said=self.page.evaluate(SHOWN, ".hint, .check .message"),
            marked=self.page.evaluate(SHOWN, "mark.line"),
        )


def _harm(page: Page, noted: list[str]) -> list[str]:
    """Return what a page did beyond being shown."""
    told = [one for one in noted if one != page.url]
    ran = ["a script"] if page.evaluate("typeof window.ran") != "undefined" else []
    return told + ran + page.evaluate("window.seen")


@pytest.fixture(scope="module")
def window(browser: Browser) -> Iterator[Window]:
    one = Window(browser)
    yield one
    one.context.close()


@pytest.fixture(scope="module")
def seen(graded: Path, window: Window) -> dict[str, CaseVerdict]:
    """Return what is seen of each student's page, by submission, and of the page of the class."""
    files = [*graded.glob("submissions/*/report.html"), graded / "index.html"]
    return {file.parent.name: window.look(file) for file in files}


@pytest.fixture(scope="module")
def tame(window: Window, tmp_path_factory: pytest.TempPathFactory) -> dict[str, CaseVerdict]:
    """Return what is seen of pages that no submission has any part in."""
    folder = tmp_path_factory.mktemp("tame")
    for name in ("typical", "rich", "stopped"):
        (folder / f"{name}.html").write_text(HTML[name], "utf-8")
    (folder / "index.html").write_text(HTML["class"], "utf-8")
    return {file.stem: window.look(file) for file in folder.glob("*.html")}


# ------------------------------------------------------------------ every page


def test_every_file_of_a_hostile_class_has_a_page(
    graded: Path, seen: dict[str, CaseVerdict]
) -> None:
    handed_in = list((graded.parent / "inbox").rglob("*.ipynb"))
    assert len(handed_in) == 4 * len(hostile.TEXTS) + 4 == len(seen) - 1


def test_nothing_runs_and_nothing_is_asked_for(seen: dict[str, CaseVerdict]) -> None:
    assert {name: one.harm for name, one in seen.items() if one.harm} == {}


def test_no_page_is_wider_than_a_phone(seen: dict[str, CaseVerdict]) -> None:
    wide = {}
    for name, one in seen.items():
        # A pile of marks is one letter, which cannot be wrapped: it is enough that headings cut it.
        piled = "\u0300" in one.text
        wide[name] = [part for part in one.wide if not piled or part.startswith("the page")]
    assert {name: parts for name, parts in wide.items() if parts} == {}


def test_what_would_mislead_a_reader_is_on_no_page(seen: dict[str, CaseVerdict]) -> None:
    assert [name for name, one in seen.items() if hostile.UNSEEN.search(one.text)] == []


def test_every_part_of_a_page_can_be_seen(seen: dict[str, CaseVerdict]) -> None:
    graded = {name: seen[name].hidden for name in (*GRADED, "out")}
    assert {name: hidden for name, hidden in graded.items() if hidden} == {}


def test_a_page_has_no_elements_and_attributes_but_those_of_a_tame_one(
    seen: dict[str, CaseVerdict], tame: dict[str, CaseVerdict]
) -> None:
    known = set().union(*(one.parts for one in (seen["tame-values"], *tame.values())))
    odd = {name: one.parts - known for name, one in seen.items()}
    assert {name: parts for name, parts in odd.items() if parts} == {}


def test_what_looks_at_the_pages_sees_each_kind_of_harm(window: Window, tmp_path: Path) -> None:
    file = tmp_path / "page.html"
    let_in = "<img src=x><script>window.ran = 1</script><p style='width: 900px'>x</p>"
    file.write_text(HTML["typical"].replace("</main>", f"{let_in}</main>"), "utf-8")
    harm = window.look(file).harm
    assert {"img-src", "script-src-elem", "style-src-attr"} <= {*harm}
    unguarded = re.sub("<meta http-equiv=[^>]*>", "<script>alert(1)</script>", file.read_text())
    file.write_text(unguarded.replace(' id="glance"', " hidden"), "utf-8")
    told = window.look(file)
    assert {"alert", "a script", (tmp_path / "x").as_uri()} <= {*told.harm}
    assert "P." in told.wide and ("P", "style") in told.parts and told.hidden == ["#glance"]


def test_links_of_the_class_page_lead_to_the_pages_of_students(
    graded: Path, window: Window, seen: dict[str, CaseVerdict]
) -> None:
    window.look(graded / "index.html")
    links = window.page.evaluate("[...document.querySelectorAll('#all a')].map(e => e.href)")
    assert sorted(links) == sorted(f.as_uri() for f in graded.glob("submissions/*/report.html"))


# ------------------------------------------------------------------ what is said


@pytest.mark.parametrize("name", hostile.TEXTS)
def test_the_texts_do_reach_the_page_by_every_way(seen: dict[str, CaseVerdict], name: str) -> None:
    values, lines = seen[f"{name}-values"], seen[f"{name}-lines"]
    assert [sign for sign in ("qwords", "qkind", "qtype", "qname") if sign not in values.said] == []
    assert "qmodule" in lines.said and "qline" in lines.marked


@pytest.mark.parametrize("name", ["braces", "formats", "script", "mathml"])
def test_a_text_is_shown_as_it_was_written(seen: dict[str, CaseVerdict], name: str) -> None:
    assert f"# qline {hostile.TEXTS[name]}" in seen[f"{name}-lines"].marked
