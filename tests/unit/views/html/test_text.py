"""What the pages say, word for word; every sentence of the catalogue is in a golden text."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from grader.model.result import CheckStatus, FunctionStatus, Status
from grader.views.html import class_page, proofs_page, student_page
from grader.views.html.render import share
from grader.views.html.strings import ENGLISH
from tests.support import samples
from tests.support.html_reader import read
from tests.support.languages import CHINESE

GOLDEN = Path(__file__).parent / "golden"

PAGES: dict[str, Callable[[], str]] = {
    "student_rich": lambda: student_page(samples.rich()),
    "student_stopped": lambda: student_page(samples.stopped()),
    "student_done": lambda: student_page(samples.result(samples.function(FunctionStatus.PASSED))),
    "student_ungraded": lambda: student_page(replace(samples.rich(), functions=(), score=None)),
    **{
        f"student_{status}": partial(student_page, samples.ungraded(status))
        for status in Status
        if status is not Status.GRADED
    },
    "student_whole": lambda: student_page(samples.whole()),
    "student_whole_to_the_end": lambda: student_page(
        samples.whole(ran=20, message="", steps=None, cells=(), max_score=0.0)
    ),
    "class": lambda: class_page(samples.classroom()),
    "class_of_runs": lambda: class_page(samples.class_of_runs()),
    "class_without_hints": lambda: class_page(
        [samples.result(samples.function(FunctionStatus.PASSED))]
    ),
    "student_zh-Hans": lambda: student_page(samples.rich(), CHINESE),
    "student_zh-Hans_whole": lambda: student_page(samples.whole(), CHINESE),
    "student_zh-Hans_invalid": lambda: student_page(samples.ungraded(Status.INVALID), CHINESE),
    "class_zh-Hans": lambda: class_page(samples.classroom(), CHINESE),
    "class_empty": lambda: class_page([]),
    "proofs": lambda: proofs_page(samples.proven()),
    "proofs_empty": lambda: proofs_page(
        replace(samples.proven(), kill_matrices=(), pair_matrices=())
    ),
}


@pytest.mark.parametrize("page", PAGES)
def test_a_page_reads_word_for_word_as_recorded(page: str) -> None:
    """Set UPDATE_GOLDEN=1 to record the text anew, then read the difference."""
    recorded, text = GOLDEN / f"{page}.txt", read(PAGES[page]()).text
    if os.environ.get("UPDATE_GOLDEN"):
        recorded.write_text(text, encoding="utf-8", newline="\n")
    assert text == recorded.read_text(encoding="utf-8")


STEPS = {
    FunctionStatus.PARTIAL: "Go on with cost: it is right in some of the tests, but not in all.",
    FunctionStatus.FAILED: "Go on with cost: it runs, but what it returns is not right yet.",
    FunctionStatus.ERROR: "Go on with cost: remove the error that stops it.",
    FunctionStatus.TIMEOUT: "Go on with cost: find out why it does not end in time.",
    FunctionStatus.MISSING: "Go on with cost: the grader found no function of exactly this name.",
    FunctionStatus.NOT_ATTEMPTED: "Go on with cost: it is still to be written.",
}


@pytest.mark.parametrize("status", STEPS)
def test_the_next_step_names_the_first_function_that_is_not_right(status: FunctionStatus) -> None:
    right = samples.function(FunctionStatus.PASSED, "forward")
    later = samples.function(FunctionStatus.MISSING, "later")
    page = read(student_page(samples.result(right, samples.function(status), later)))
    assert page.one("p", **{"class": "next"}).text == STEPS[status]


@pytest.mark.parametrize("status", ["partial", "failed", "error"])
def test_the_next_step_is_the_hint_where_there_is_one(status: str) -> None:
    told = replace(samples.rich().functions[0], status=FunctionStatus(status))
    page = read(student_page(samples.result(told)))
    assert page.one("p", **{"class": "next"}).text == (
        "Go on with compute_cost: the hint in its section says what is probably wrong."
    )


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
def test_a_share_is_rounded_but_few_are_not_told_as_none_nor_most_as_all(few: int, of: int) -> None:
    assert share(few, of) == SHARES[few, of]


PAPER = "On paper a function is told in short; its other numbers and lines are on the page."


@pytest.mark.parametrize(("failing", "body", "told"), [(2, "", ""), (3, " crowded", PAPER)])
def test_paper_tells_less_of_a_function_where_three_have_failing_checks_and_says_so(
    failing: int, body: str, told: str
) -> None:
    wrong = samples.function(FunctionStatus.FAILED, checks=(samples.check(CheckStatus.FAILED),))
    skipped = (samples.check(CheckStatus.SKIPPED),)
    blank = samples.function(FunctionStatus.NOT_ATTEMPTED, checks=skipped)
    page = read(student_page(samples.result(*[wrong] * failing, blank)))
    assert page.one("body").get("class") == f"student{body}"
    assert page.one("section", id="glance").get("data-paper") == told
    assert PAPER not in page.text


@pytest.mark.parametrize("key", sorted(set(ENGLISH) - {"lang"}))
def test_every_sentence_is_pinned(key: str) -> None:
    said = [path.read_text(encoding="utf-8") for path in GOLDEN.glob("*.txt")]
    pattern = re.sub(r"\\\{\w+\\\}", ".+", re.escape(ENGLISH[key]))
    assert re.search(pattern, "\n".join([*said, *STEPS.values(), *SHARES.values(), PAPER]))
