"""Whatever submissions contain: nothing runs, nothing is requested, and the page keeps its form."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route

from grader.model.findings import CheckStatus, Diagnosis, FunctionStatus
from grader.model.result import Result
from grader.views.html import class_page, proofs_page, student_page
from tests.browser.conftest import Open, Windows, written
from tests.browser.hostile import TEXTS, UNSEEN
from tests.browser.pages import HTML, too_wide, unfold
from tests.support import samples

LINKS = "[...document.links].map(e => e.protocol + (e.host || ''))"
HEIGHTS = "[...document.querySelectorAll('.next, h1')].map(e => e.scrollHeight - e.clientHeight)"
SKELETON = """[...document.querySelectorAll('body *')].map(e => e.tagName.toLowerCase())
  .filter(tag => !['wbr', 'code', 'bdi', 'br'].includes(tag))"""


def _result(text: str) -> Result:
    """Return a result that says `text` wherever a submission may have a say."""
    finding = replace(samples.PUBLIC, message=text, got=text, quantity=text, index=text)
    function = samples.function(
        FunctionStatus.FAILED,
        checks=(samples.check(CheckStatus.FAILED, message=text, findings=(finding,)),),
        diagnoses=(Diagnosis("id", text),),
    )
    return samples.result(function, submission=text, message=text, notes=(text,), title=text)


PAGES: dict[str, Callable[[str], str]] = {
    "student": lambda text: student_page(_result(text)),
    "class": lambda text: class_page([_result(text), replace(_result(text), score=None)]),
    "proofs": lambda text: proofs_page(samples.proven_with(text)),
}


def _opened(open_page: Open, kind: str, text: str) -> Page:
    return open_page(PAGES[kind](text), 320)


@pytest.fixture(scope="module")
def tame(windows: Windows, tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """Return the elements of each page that contains a harmless word in the place of the text."""
    folder = tmp_path_factory.mktemp("tame")
    forms = {}
    for kind, html in PAGES.items():
        page = windows.open(written(html("tame"), folder), 320)
        forms[kind] = page.evaluate(SKELETON)
    return forms


KINDS = pytest.mark.parametrize("kind", PAGES)


@KINDS
@pytest.mark.parametrize("name", TEXTS)
def test_hostile_text_neither_runs_nor_changes_a_page(
    open_page: Open, kind: str, name: str, tame: dict[str, list[str]]
) -> None:
    page = _opened(open_page, kind, TEXTS[name])
    unfold(page)
    assert page.evaluate("typeof window.ran") == "undefined"
    # Stacked marks are one letter, which cannot wrap; it is enough that headings cut it.
    wide = [
        element for element in too_wide(page) if name != "marks" or element.startswith("the page")
    ]
    assert wide == []
    assert UNSEEN.findall(page.evaluate("document.documentElement.textContent")) == []
    assert set(page.evaluate(LINKS)) <= {"file:"}
    if name == "braces":
        assert TEXTS[name] in page.evaluate("document.body.innerText")
    if name == "marks" and kind == "student":  # they stay within their line
        assert max(page.evaluate(HEIGHTS)) <= 4
    assert page.evaluate(SKELETON) == tame[kind]


# ------------------------------------------------------------------ were escaping to fail

RUNS = {
    "script": "<script>window.ran = 1</script>",
    "handler": '<img src="data:," onerror="window.ran = 1">',
    "frame": "<iframe srcdoc='<script>parent.ran = 1</script>'></iframe>",
    "style": "<style>main { display: none }</style>",
    "attribute": '<p style="position: fixed; inset: 0" id="cover">x</p>',
}
ASKS = {
    "image": '<img src="http://grader.invalid/x.png">',
    "sheet": '<link rel="stylesheet" href="http://grader.invalid/x.css">',
    "script": '<script src="http://grader.invalid/x.js"></script>',
    "frame": '<iframe src="http://grader.invalid/"></iframe>',
    "object": '<object data="http://grader.invalid/x"></object>',
    "media": '<video src="http://grader.invalid/x.mp4" autoplay></video>',
}
POLICY = re.compile(r'<meta http-equiv="Content-Security-Policy"[^>]*>')
HARM = """(shown => [
  window.ran === 1, shown('main')?.display === 'none', shown('#cover')?.position === 'fixed'
])(s => document.querySelector(s) && getComputedStyle(document.querySelector(s)))"""


def _refuse(requests: list[str]) -> Callable[[Route], None]:
    """Return a handler that notes an address and answers nothing."""

    def refuse(route: Route) -> None:
        requests.append(route.request.url)
        route.abort()

    return refuse


def _infected(markup: str, policy: str) -> str:
    """Return a page into which markup was let unescaped."""
    page = HTML["typical"].replace("</main>", f"{markup}</main>")
    return page if policy == "with" else POLICY.sub("", page)


@pytest.mark.parametrize("policy", ["with", "without"])
@pytest.mark.parametrize("name", RUNS)
def test_policy_alone_blocks_injected_scripts(open_page: Open, name: str, policy: str) -> None:
    page = open_page(_infected(RUNS[name], policy))
    page.wait_for_timeout(100)
    assert any(page.evaluate(HARM)) is (policy == "without")


@pytest.mark.parametrize("policy", ["with", "without"])
@pytest.mark.parametrize("name", ASKS)
def test_policy_alone_blocks_the_network(
    open_page: Open, tmp_path: Path, name: str, policy: str
) -> None:
    page = open_page("")
    requests: list[str] = []
    page.route("http://**/*", _refuse(requests))
    written(_infected(ASKS[name], policy), tmp_path)
    page.reload()
    page.wait_for_timeout(100)
    assert bool(requests) is (policy == "without")
