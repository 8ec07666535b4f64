"""Hostile notebooks, graded as a class with `grader batch`, and their pages opened in a browser."""

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
WATCH = """window.violations = [];
document.addEventListener('securitypolicyviolation', e => violations.push(e.violatedDirective));"""
PARTS = "[...document.querySelectorAll('body *')].map(e => [e.tagName, ...e.getAttributeNames()])"
TEXTS = "selector => [...document.querySelectorAll(selector)].map(e => e.innerText).join(' ')"
HIDDEN = """parts => parts.filter(selector => ![...document.querySelectorAll(selector)].some(
  e => e.checkVisibility({ visibilityProperty: true, opacityProperty: true })))"""
COMMON = ("h1", "main", "footer")
FUNCTIONS = tuple(f"#function-{number}" for number in range(1, 5))
STUDENT_PARTS = (*COMMON, ".score", ".next", "#glance", *FUNCTIONS)
CLASS_PARTS = (*COMMON, ".tiles", "#ungraded", ".filters", "#all")
OF_TYPES = ("qkind", "qtype")
POSSIBLE_NAMES = ("surrogate", "marks")
"""Texts that are part of a name in Python. A type with another name is shown without it."""
GRADED = [f"{name}-{kind}" for name in hostile.GRADED for kind in ("values", "lines")]


@pytest.fixture(scope="module")
def graded(tier: Tier, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of the graded class. Without a sandbox nothing is run."""
    folder = tmp_path_factory.mktemp("hostile")
    (folder / "inbox").mkdir()
    hostile.write(folder / "inbox")
    finished = run("batch", folder / "inbox", "--out", folder / "out", "--workers", 2)
    assert (tier, finished.status) == (tier, 0), finished.err
    return folder / "out"


@dataclass(frozen=True, slots=True)
class Inspection:
    """An opened page: harm, parts that are too wide or hidden, its elements, its text."""

    harm: list[str]
    wide: list[str]
    hidden: list[str]
    parts: set[tuple[str, ...]]
    text: str
    messages: str
    marked: str


class Window:
    """A window as wide as a phone. It records requests, console messages and dialogs of a page."""

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

    def inspect(self, file: Path) -> Inspection:
        """Open a page, unfold all its parts, and inspect it."""
        self.noted.clear()
        self.page.goto(file.as_uri())
        unfold(self.page)
        self.page.wait_for_timeout(10)
        parts = CLASS_PARTS if file.name == "index.html" else STUDENT_PARTS
        return Inspection(
            harm=_harm(self.page, self.noted),
            wide=too_wide(self.page),
            hidden=self.page.evaluate(HIDDEN, parts),
            parts={tuple(part) for part in self.page.evaluate(PARTS)},
            text=self.page.evaluate("document.documentElement.textContent"),
            messages=self.page.evaluate(TEXTS, ".hint, .check .message"),
            marked=self.page.evaluate(TEXTS, "mark.line"),
        )


def _harm(page: Page, noted: list[str]) -> list[str]:
    """Return the requests and scripts of a page; a tame page has none."""
    requests = [url for url in noted if url != page.url]
    ran = ["a script"] if page.evaluate("typeof window.ran") != "undefined" else []
    return requests + ran + page.evaluate("window.violations")


@pytest.fixture(scope="module")
def window(browser: Browser) -> Iterator[Window]:
    opened = Window(browser)
    yield opened
    opened.context.close()


@pytest.fixture(scope="module")
def inspections(graded: Path, window: Window) -> dict[str, Inspection]:
    """Return an inspection of each student's page, by submission, and of the class page (`out`)."""
    files = [*graded.glob("submissions/*/report.html"), graded / "index.html"]
    return {file.parent.name: window.inspect(file) for file in files}


@pytest.fixture(scope="module")
def tame(window: Window, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Inspection]:
    """Return inspections of pages that contain no text of a submission."""
    folder = tmp_path_factory.mktemp("tame")
    for name in ("typical", "rich", "stopped"):
        (folder / f"{name}.html").write_text(HTML[name], "utf-8")
    (folder / "index.html").write_text(HTML["class"], "utf-8")
    return {file.stem: window.inspect(file) for file in folder.glob("*.html")}


# ------------------------------------------------------------------ every page


def test_every_file_of_a_hostile_class_has_a_page(
    graded: Path, inspections: dict[str, Inspection]
) -> None:
    notebooks = list((graded.parent / "inbox").rglob("*.ipynb"))
    assert len(notebooks) == 4 * len(hostile.GRADED) + 4 == len(inspections) - 1


def test_nothing_runs_and_nothing_is_requested(inspections: dict[str, Inspection]) -> None:
    assert {name: page.harm for name, page in inspections.items() if page.harm} == {}


def test_no_page_is_wider_than_a_phone(inspections: dict[str, Inspection]) -> None:
    wide = {}
    for name, page in inspections.items():
        # Stacked marks are one letter, which cannot wrap; it is enough that headings cut it.
        piled = "\u0300" in page.text
        wide[name] = [part for part in page.wide if not piled or part.startswith("the page")]
    assert {name: parts for name, parts in wide.items() if parts} == {}


def test_no_page_has_misleading_characters(inspections: dict[str, Inspection]) -> None:
    misleading = [n for n, page in inspections.items() if hostile.UNSEEN.search(page.text)]
    assert misleading == []


def test_every_part_of_a_page_can_be_seen(inspections: dict[str, Inspection]) -> None:
    graded = {name: inspections[name].hidden for name in (*GRADED, "out")}
    assert {name: hidden for name, hidden in graded.items() if hidden} == {}


def test_hostile_page_has_the_elements_of_a_tame_one(
    inspections: dict[str, Inspection], tame: dict[str, Inspection]
) -> None:
    pages = (inspections["tame-values"], *tame.values())
    tame_parts = set().union(*(page.parts for page in pages))
    odd = {name: page.parts - tame_parts for name, page in inspections.items()}
    assert {name: parts for name, parts in odd.items() if parts} == {}


def test_inspection_detects_each_kind_of_harm(window: Window, tmp_path: Path) -> None:
    file = tmp_path / "page.html"
    let_in = "<img src=x><script>window.ran = 1</script><p style='width: 900px'>x</p>"
    file.write_text(HTML["typical"].replace("</main>", f"{let_in}</main>"), "utf-8")
    harm = window.inspect(file).harm
    assert {"img-src", "script-src-elem", "style-src-attr"} <= {*harm}
    unguarded = re.sub("<meta http-equiv=[^>]*>", "<script>alert(1)</script>", file.read_text())
    file.write_text(unguarded.replace(' id="glance"', " hidden"), "utf-8")
    inspection = window.inspect(file)
    assert {"alert", "a script", (tmp_path / "x").as_uri()} <= {*inspection.harm}
    assert "P." in inspection.wide and ("P", "style") in inspection.parts
    assert inspection.hidden == ["#glance"]


def test_class_page_links_to_student_pages(
    graded: Path, window: Window, inspections: dict[str, Inspection]
) -> None:
    window.inspect(graded / "index.html")
    links = window.page.evaluate("[...document.querySelectorAll('#all a')].map(e => e.href)")
    assert sorted(links) == sorted(f.as_uri() for f in graded.glob("submissions/*/report.html"))


# ------------------------------------------------------------------ the texts


@pytest.mark.parametrize("name", hostile.GRADED)
def test_texts_reach_the_page_by_every_route(inspections: dict[str, Inspection], name: str) -> None:
    """The names of types that student code chooses are shown only if they are names in Python."""
    values, lines = inspections[f"{name}-values"], inspections[f"{name}-lines"]
    shown = {sign for sign in ("qwords", "qname", *OF_TYPES) if sign in values.messages}
    assert shown == {"qwords", "qname", *(OF_TYPES if name in POSSIBLE_NAMES else ())}
    assert "qmodule" in lines.messages and "qline" in lines.marked


@pytest.mark.parametrize("name", ["braces", "formats", "script", "mathml"])
def test_text_is_shown_unchanged(inspections: dict[str, Inspection], name: str) -> None:
    assert f"# qline {hostile.TEXTS[name]}" in inspections[f"{name}-lines"].marked
