"""The texts of the pages, word for word; every sentence is in a recorded text."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from grader.messages.extract import domains
from grader.model.findings import CheckStatus, Diagnosis, FunctionStatus
from grader.model.result import Status
from grader.views.html import class_page, proofs_page, student_page, week_page
from grader.views.html.render import share
from tests.support import samples
from tests.support.html_reader import read
from tests.support.languages import CHINESE

GOLDEN = Path(__file__).parent / "golden"

PAGES: dict[str, Callable[[], str]] = {
    "student_rich": lambda: student_page(samples.rich()),
    "student_adjusted": lambda: student_page(samples.adjusted()),
    "student_zh-Hans_adjusted": lambda: student_page(samples.adjusted(), CHINESE),
    "student_stopped": lambda: student_page(samples.stopped()),
    "student_done": lambda: student_page(samples.result(samples.function(FunctionStatus.PASSED))),
    "student_ungraded": lambda: student_page(replace(samples.rich(), functions=(), score=None)),
    **{
        f"student_{status}": partial(student_page, samples.ungraded(status))
        for status in samples.UNGRADED
    },
    "student_whole": lambda: student_page(samples.whole()),
    "student_whole_to_the_end": lambda: student_page(
        samples.whole(ran=20, message="", steps=None, cells=(), max_score=0.0)
    ),
    "class": lambda: class_page(samples.classroom()),
    "class_of_runs": lambda: class_page(samples.class_of_runs()),
    "class_with_names": lambda: class_page(samples.class_with_names()),
    "class_without_hints": lambda: class_page(
        [samples.result(samples.function(FunctionStatus.PASSED))]
    ),
    "student_zh-Hans": lambda: student_page(samples.rich(), CHINESE),
    "student_zh-Hans_whole": lambda: student_page(samples.whole(), CHINESE),
    "student_zh-Hans_invalid": lambda: student_page(samples.ungraded(Status.INVALID), CHINESE),
    "class_zh-Hans": lambda: class_page(samples.classroom(), CHINESE),
    "class_empty": lambda: class_page([]),
    "week": lambda: week_page(samples.week()),
    "week_zh-Hans": lambda: week_page(samples.week(), CHINESE),
    "proofs": lambda: proofs_page(samples.proven()),
    "proofs_empty": lambda: proofs_page(
        replace(samples.proven(), kill_matrices=(), pair_matrices=())
    ),
}


@pytest.mark.parametrize("page", PAGES)
def test_page_text_is_as_recorded(page: str) -> None:
    """Set UPDATE_GOLDEN=1 to record the texts, then read the difference."""
    recorded, text = GOLDEN / f"{page}.txt", read(PAGES[page]()).text
    if os.environ.get("UPDATE_GOLDEN"):
        recorded.write_text(text, encoding="utf-8", newline="\n")
    assert text == recorded.read_text(encoding="utf-8")


STEPS = {
    FunctionStatus.PARTIAL: "Continue with cost: it passes some tests, but not all.",
    FunctionStatus.FAILED: "Continue with cost: it runs, but its result is not right yet.",
    FunctionStatus.ERROR: "Continue with cost: fix the error that stops it.",
    FunctionStatus.TIMEOUT: "Continue with cost: find out why it does not finish in time.",
    FunctionStatus.MISSING: "Continue with cost: your notebook has no function with exactly this name.",
    FunctionStatus.NOT_ATTEMPTED: "Continue with cost: it is not written yet.",
}


@pytest.mark.parametrize("status", STEPS)
def test_next_step_names_the_first_wrong_function(status: FunctionStatus) -> None:
    right = samples.function(FunctionStatus.PASSED, "forward")
    later = samples.function(FunctionStatus.MISSING, "later")
    page = read(student_page(samples.result(right, samples.function(status), later)))
    assert page.one("p", **{"class": "next"}).text == STEPS[status]


@pytest.mark.parametrize("status", ["partial", "failed", "error"])
def test_next_step_is_the_hint(status: str) -> None:
    function = replace(samples.rich().functions[0], status=FunctionStatus(status))
    page = read(student_page(samples.result(function)))
    assert page.one("p", **{"class": "next"}).text == (
        "Continue with compute_cost: the hint in its section explains what is probably wrong."
    )


DONE = {
    "": "Every graded function is right. There is nothing left to do.",
    "hint": (
        "You have all the points. Your code can still be better: see the hint in the section of "
        "forward."
    ),
    "given": "You have all the points. There is nothing left to do.",
}


@pytest.mark.parametrize("state", DONE)
def test_next_step_with_all_points(state: str) -> None:
    """A right function can have a hint, and a person can give the points of a wrong one."""
    hints = (Diagnosis("inputs-mutated", "`X *= w` changes X."),) if state == "hint" else ()
    status = FunctionStatus.FAILED if state == "given" else FunctionStatus.PASSED
    right = samples.function(FunctionStatus.PASSED, "forward", diagnoses=hints)
    second = samples.function(status, score=25.0)
    page = read(student_page(samples.result(right, second)))
    assert page.one("p", **{"class": "next"}).text == DONE[state]


def test_only_a_known_mistake_has_its_name_on_the_page() -> None:
    ids = ("l2-not-halved", "repair-literal", "unexplained", "wrong-shape", "inputs-mutated")
    hints = tuple(Diagnosis(id, "What is wrong.") for id in ids)
    page = read(
        student_page(samples.result(samples.function(FunctionStatus.FAILED, diagnoses=hints)))
    )
    names = [element.text for element in page.all("span") if element.get("class") == "hint-id"]
    assert names == ["Name of this mistake: l2-not-halved"]


SHARES = {
    (0, 200): "0%",
    (1, 200): "under 1%",
    (1, 101): "under 1%",
    (2, 200): "1%",
    (0, 0): "0%",
    (3, 19): "16%",
    (1, 8): "13%",
    (2, 3): "67%",
    (199, 200): "99%",
    (200, 200): "100%",
}


@pytest.mark.parametrize(("few", "of"), SHARES)
def test_shares_are_rounded_but_never_to_none_or_all(few: int, of: int) -> None:
    assert share(few, of) == SHARES[few, of]


PAPER = "The printed page is a summary. All values and lines are on the web page."


@pytest.mark.parametrize(("failing", "body", "summary"), [(2, "", ""), (3, " crowded", PAPER)])
def test_crowded_page_prints_a_summary_and_says_so(failing: int, body: str, summary: str) -> None:
    wrong = samples.function(FunctionStatus.FAILED, checks=(samples.check(CheckStatus.FAILED),))
    skipped = (samples.check(CheckStatus.SKIPPED),)
    blank = samples.function(FunctionStatus.NOT_ATTEMPTED, checks=skipped)
    page = read(student_page(samples.result(*[wrong] * failing, blank)))
    assert page.one("body").get("class") == f"student{body}"
    assert page.one("section", id="glance").get("data-paper") == summary
    assert PAPER not in page.text


JUMP_LINKS = "Sections and groups"


def test_jump_links_have_a_label() -> None:
    page = read(class_page(samples.classroom()))
    assert JUMP_LINKS in [nav.get("aria-label") for nav in page.all("nav")]


VIEWS = ("grader/views/html/", "grader/views/presentation.py")


def sentences() -> list[str]:
    """Return the templates of all sentences on pages; of a sentence with a plural, both forms."""
    (grader, *_) = domains()
    found = [m for m in grader.template() if any(f.startswith(VIEWS) for f, _ in m.locations)]
    ids = ([m.id] if isinstance(m.id, str) else m.id for m in found)
    return sorted(text for forms in ids for text in forms)


def test_every_sentence_is_recorded() -> None:
    recorded = [path.read_text(encoding="utf-8") for path in GOLDEN.glob("*.txt")]
    text = "\n".join(
        [*recorded, *STEPS.values(), *DONE.values(), *SHARES.values(), PAPER, JUMP_LINKS]
    )
    # Backticks become a font.
    patterns = {s: re.sub(r"\\\{\w+\\\}", ".+", re.escape(s.replace("`", ""))) for s in sentences()}

    assert [s for s, pattern in patterns.items() if not re.search(pattern, text)] == []
