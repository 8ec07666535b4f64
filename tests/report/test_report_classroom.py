"""The page about the class: figures, ranks, links, size."""

from __future__ import annotations

from dataclasses import replace

import pytest

from grader.report import class_page
from grader.result import Diagnosis, FunctionResult, FunctionStatus, Result, Status

from . import samples
from .reading import Page, read

RIGHT = samples.function(FunctionStatus.PASSED)
HALF = samples.function(FunctionStatus.PARTIAL)
WRONG = samples.function(FunctionStatus.FAILED)


def _table(page: Page, caption: str) -> list[list[str]]:
    """Return the texts of the body cells of the table with this caption, row by row."""
    rows: list[list[str]] = []
    inside = False
    for element in page.elements:
        inside = element.text == caption if element.tag == "caption" else inside
        if inside and element.tag == "tr" and "tbody" in element.parents:
            rows.append([])
        if inside and element.tag in {"td", "th"} and "tbody" in element.parents:
            rows[-1].append(" ".join(element.text.split()))
    return rows


def _tiles(results: list[Result]) -> dict[str, str]:
    page = read(class_page(results))
    return {
        name.text: value.text for name, value in zip(page.all("dt"), page.all("dd"), strict=True)
    }


def test_the_figures_are_those_of_the_graded_submissions() -> None:
    results = [samples.result(RIGHT, f) for f in (RIGHT, RIGHT, HALF)]
    assert _tiles(
        [*results, samples.ungraded(Status.INVALID), samples.ungraded(Status.INTERNAL)]
    ) == {
        "Submissions": "5",
        "Graded": "3",
        "Not graded": "2",
        "Mean score": "45.83 of 50",
        "Median score": "50 of 50",
        "Full score": "2 66%",
    }


def test_a_class_without_a_graded_submission_has_no_mean() -> None:
    assert "Mean score" not in _tiles([samples.ungraded(Status.INVALID)])


def test_full_scores_have_a_bar_of_their_own_and_the_table_says_the_same() -> None:
    points = [0.0, 9.99, 10.0, 30.0, 70.0, 99.99, 100.0, 100.0]
    results = [samples.result(WRONG, score=p, max_score=100.0) for p in points]
    page = read(class_page(results))
    counts = [
        row[1] for row in _table(page, "Graded submissions by score, in percent of 100 points")
    ]
    assert counts == ["2", "1", "0", "1", "0", "0", "0", "1", "0", "1", "2"]
    bars = [e.text for e in page.all("title") if "g" in e.parents]
    assert bars[0] == "0 to below 10 %: 2 submissions"
    assert bars[1] == "10 to below 20 %: 1 submission"
    assert bars[10] == "100 %: 2 submissions"


def test_the_statuses_of_a_function_are_counted() -> None:
    page = read(class_page([samples.result(f) for f in (RIGHT, RIGHT, HALF, WRONG)]))
    assert _table(page, "Graded submissions by the status of each function") == [
        ["cost", "50%", "2", "1", "1", "0", "0", "0", "0"]
    ]


def test_mistakes_are_ranked_by_the_number_of_submissions_that_make_them() -> None:
    def wrong(submission: str, *ids: str) -> Result:
        hints = tuple(Diagnosis(id, f"Hint on {id}.") for id in ids)
        return samples.result(replace(WRONG, diagnoses=hints), submission=submission)

    results = [wrong("a", "rare", "often", "often"), *(wrong(s, "often") for s in "bcde")]
    assert _table(read(class_page(results)), "Hints given, the most frequent first") == [
        ["often Hint on often.", "cost", "5", "100%", "a, b, c"],
        ["rare Hint on rare.", "cost", "1", "20%", "a"],
    ]


def test_a_mistake_is_shown_with_its_most_frequent_message() -> None:
    told = [
        samples.result(replace(WRONG, diagnoses=(Diagnosis("x", text),)), submission=text)
        for text in ("W1 is left out.", "W2 is left out.", "W2 is left out.")
    ]
    rows = _table(read(class_page(told)), "Hints given, the most frequent first")
    assert rows[0][0] == "x W2 is left out."


def test_every_submission_is_listed_in_natural_order_with_score_and_statuses() -> None:
    half = samples.function(FunctionStatus.PARTIAL, "backward")
    graded = [samples.result(RIGHT, half, submission=f"s{i}") for i in (10, 2)]
    failed = replace(graded[0], status=Status.INTERNAL, score=None, submission="internal-one")
    page = read(class_page([*graded, failed]))
    assert _table(page, "Every submission, linked to its report") == [
        ["internal-one", "not graded", "the grader failed", "not checked", "not checked"],
        ["s2", "37.5", "graded", "right", "partly right"],
        ["s10", "37.5", "graded", "right", "partly right"],
    ]


def test_submissions_that_could_not_be_graded_stand_apart_with_the_reason() -> None:
    page = read(class_page(samples.classroom()))
    assert _table(page, "Submissions that were not graded, and why") == [
        ["crashed-one", "0", "ended Python", "Found: crashed."],
        ["crashed-two", "0", "ended Python", "no reason was recorded"],
        ["internal-one", "not graded", "the grader failed", "Found: internal."],
        ["invalid-one", "0", "no readable notebook", "Found: invalid."],
        ["timeout-one", "0", "used up its time", "Found: timeout."],
    ]


@pytest.mark.parametrize(
    ("submission", "address"),
    [
        ("alice", "submissions/alice/report.html"),
        ("Łucja_1", "submissions/%C5%81ucja_1/report.html"),
        ("a/../b?c#d", "submissions/a%2F..%2Fb%3Fc%23d/report.html"),
        ("javascript:x", "submissions/javascript%3Ax/report.html"),
        ("\ud800", "submissions/%3F/report.html"),
    ],
)
def test_a_report_is_linked_by_the_quoted_id(submission: str, address: str) -> None:
    page = read(class_page([samples.result(RIGHT, submission=submission)]))
    assert [link.get("href") for link in page.all("a")] == [address]


def test_two_thousand_submissions_stay_below_three_megabytes() -> None:
    page = class_page([_long(i) for i in range(2000)])
    assert len(page.encode("utf-8")) < 3_000_000
    assert page.count('<tr><th scope="row"><a href="submissions/') == 2500


def _long(position: int) -> Result:
    """Return a result with a long name in four-function assignment; each fourth one is invalid."""
    functions = tuple(_told(position, i) for i in range(4))
    graded = samples.result(*functions, submission=f"{'Фамилия_имя_' * 4}{position}")
    if position % 4:
        return graded
    return replace(graded, status=Status.INVALID, score=0.0, message="What is wrong here. " * 12)


def _told(position: int, place: int) -> FunctionResult:
    status = list(FunctionStatus)[(position + place) % 7]
    hint = Diagnosis(f"mistake-{position % 40}", "A hint of the usual length. " * 8)
    return samples.function(
        status, f"a_graded_function_with_a_long_name_{place}", diagnoses=(hint,)
    )
