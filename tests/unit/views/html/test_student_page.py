"""The page of one student: scores, order, and what is kept back."""

from __future__ import annotations

import re
from dataclasses import replace
from html import unescape

import pytest

from grader.model.findings import (
    HIDDEN_SNIPPET_INTRO,
    PUBLIC_SNIPPET_INTRO,
    CheckStatus,
    Diagnosis,
    Finding,
    FunctionStatus,
    Grid,
)
from grader.model.result import FunctionSource, Status
from grader.views.html import student_page
from grader.views.html.render import difference, formula, number, percent
from grader.views.html.source_listing import highlighted
from tests.support import samples
from tests.support.html_reader import Page, read


@pytest.mark.parametrize(
    ("value", "text"), [(75.0, "75"), (12.5, "12.5"), (0.0, "0"), (100 / 3, "33.33"), (100, "100")]
)
def test_scores_have_no_trailing_zeros(value: float, text: str) -> None:
    assert number(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.23441, "0.234"), (1e-9, "1e-09"), (float("inf"), "inf"), (float("nan"), "nan")],
)
def test_differences_have_three_significant_digits(value: float, text: str) -> None:
    assert difference(value) == text


@pytest.mark.parametrize(
    ("part", "total", "text"),
    [(199, 200, "99%"), (200, 200, "100%"), (0, 0, "0%"), (29, 100, "29%")],
)
def test_shares_are_rounded_down(part: int, total: int, text: str) -> None:
    assert percent(part, total) == text


def test_score_is_on_top_and_in_the_title() -> None:
    page = read(student_page(replace(samples.rich(), score=75.0, max_score=100.0)))
    assert page.one("p", **{"class": "score"}).text == "75 / 100"
    assert page.all("title")[0].text == "75 / 100 | alice | Regularization"
    assert page.one("rect", **{"class": "fill"}).get("width") == "75.0%"


def test_missing_score_has_words_and_no_bar() -> None:
    page = read(student_page(replace(samples.rich(), score=None)))
    assert page.one("p", **{"class": "score"}).text == "not graded"
    assert "bar" not in {e.get("class") for e in page.all("svg")}


@pytest.mark.parametrize("score", [None, 0.0])
def test_internal_failure_is_never_shown_as_zero(score: float | None) -> None:
    page = read(student_page(samples.ungraded(Status.INTERNAL, score=score)))
    assert page.one("p", **{"class": "score"}).text == "not graded"
    assert {c.text for c in page.all("td") if c.get("class") == "number"} == {"not graded"}


def test_unreadable_submission_has_its_score() -> None:
    page = read(student_page(samples.ungraded(Status.INVALID)))
    assert page.one("p", **{"class": "score"}).text == "0 / 50"


def test_crashed_submission_shows_tested_functions() -> None:
    crashed = replace(samples.rich(), status=Status.CRASHED, score=0.0)
    assert (
        len([e for e in read(student_page(crashed)).all("section") if "function" in e.get("class")])
        == 3
    )


def test_internal_failure_shows_no_functions() -> None:
    page = read(student_page(replace(samples.rich(), status=Status.INTERNAL)))
    assert not [e for e in page.all("section") if "function" in e.get("class")]


def test_every_function_is_linked_to_its_section() -> None:
    page = read(student_page(samples.rich()))
    links = {e.text: e.get("href") for e in page.all("a") if "table" in e.parents}
    assert links == {
        "compute_cost": "#function-1",
        "backward": "#function-2",
        "forward": "#function-3",
    }


def test_hints_then_failing_then_passed_checks() -> None:
    text = read(student_page(samples.result(samples.rich().functions[0]))).text
    order = ["misses its 1/2", "What is not right yet", "1 check is right"]
    assert sorted(order, key=text.index) == order


def test_values_of_hidden_tests_are_never_shown() -> None:
    leaky = replace(samples.HIDDEN, got="17.25", expected="23.75")
    for findings in ((leaky,), (leaky, samples.PUBLIC)):
        failed = samples.check(CheckStatus.FAILED, findings=findings)
        function = samples.function(FunctionStatus.FAILED, checks=(failed,))
        html = student_page(samples.result(function))
        assert "17.25" not in html
        assert "23.75" not in html


def test_the_values_of_a_public_test_are_shown() -> None:
    failed = samples.check(CheckStatus.FAILED, findings=(samples.PUBLIC,))
    page = read(
        student_page(samples.result(samples.function(FunctionStatus.FAILED, checks=(failed,))))
    )
    row = {cell.get("data-label"): cell.text.split("\n") for cell in page.all("td")}
    assert row["Yours"] == ["-0.25604646"]
    assert row["Expected"] == ["0.12298827"]


def findings_of(finding: Finding, number: int) -> list[bool]:
    """Return for each row of differences whether it is folded."""
    failed = samples.check(CheckStatus.FAILED, findings=(finding,) * number)
    page = read(
        student_page(samples.result(samples.function(FunctionStatus.FAILED, checks=(failed,))))
    )
    rows = [e for e in page.all("th") if e.get("scope") == "row" and "section" in e.parents]
    return ["details" in e.parents for e in rows if finding.case in e.text.split()]


def test_only_three_differences_of_an_example_are_unfolded() -> None:
    assert findings_of(samples.PUBLIC, 12) == [False] * 3 + [True] * 9


def test_all_differences_of_hidden_tests_are_folded() -> None:
    assert findings_of(samples.HIDDEN, 4) == [True] * 4


def test_a_single_number_needs_no_table() -> None:
    """The message of the check has both numbers."""
    assert findings_of(replace(samples.PUBLIC, mismatched=1, total=1), 1) == []


def test_checks_with_the_same_message_are_one() -> None:
    stopped = samples.check(CheckStatus.ERROR, "first", max_score=2.0, findings=(samples.CASE,))
    checks = (stopped, replace(stopped, name="second", max_score=3.0))
    function = samples.function(FunctionStatus.ERROR, checks=checks)
    page = read(student_page(samples.result(function)))

    assert [heading.text for heading in page.all("h4")] == ["2 checks"]
    assert "0 / 5 points" in page.text
    assert page.text.count(stopped.message) == 1


def test_a_sentence_of_a_hint_is_not_repeated_in_a_check() -> None:
    stopped = samples.check(CheckStatus.ERROR, findings=(samples.CASE,))
    hint = Diagnosis("raises-error", f"{stopped.message} Look at this line.")
    function = samples.function(FunctionStatus.ERROR, checks=(stopped,), diagnoses=(hint,))
    page = read(student_page(samples.result(function)))

    assert page.text.count(stopped.message) == 1


def test_findings_that_repeat_their_check_are_only_cases() -> None:
    bare = replace(samples.CASE, message="it is no array.")
    message = "Not right in 2 of 8 cases. First: it is no array (3 hidden units)."
    for findings, tables in (((bare, bare), 0), ((bare, samples.PUBLIC), 1)):
        failed = samples.check(CheckStatus.FAILED, message=message, findings=findings)
        function = samples.function(FunctionStatus.FAILED, checks=(failed,))
        page = read(student_page(samples.result(function)))
        assert len([e for e in page.all("table") if e.get("class") == "findings"]) == tables
        cases = [" ".join(e.text.split()) for e in page.all("li") if "section" in e.parents]
        assert cases == ["random-1 hidden 3 hidden units, 7 examples"] * 2 * (not tables)


def test_skipped_checks_are_folded_and_not_wrong() -> None:
    skipped = samples.check(CheckStatus.SKIPPED)
    function = samples.function(FunctionStatus.MISSING, checks=(skipped,) * 2)
    page = read(student_page(samples.result(function)))
    assert [e.text for e in page.all("summary")] == ["2 checks did not run", "For your instructor"]
    assert "What is not right yet" not in page.text


def test_a_check_without_points_shows_none() -> None:
    failed = samples.check(CheckStatus.FAILED, max_score=0.0)
    page = read(
        student_page(samples.result(samples.function(FunctionStatus.FAILED, checks=(failed,))))
    )
    assert [e.text for e in page.all("span") if e.get("class") == "points"] == ["0 / 25 points"]


def test_assignment_without_title_has_its_name() -> None:
    assert read(student_page(replace(samples.rich(), title=""))).one("h1").text == "regularization"


def test_snippet_is_lines_to_paste() -> None:
    failed = samples.check(CheckStatus.FAILED, steps=("a = 1", "print(a)"))
    page = read(
        student_page(samples.result(samples.function(FunctionStatus.FAILED, checks=(failed,))))
    )
    assert page.one("pre").text.split("\n") == ["a = 1", "print(a)", ""]


@pytest.mark.parametrize(
    ("finding", "before"),
    [(samples.PUBLIC, PUBLIC_SNIPPET_INTRO), (samples.HIDDEN, HIDDEN_SNIPPET_INTRO)],
)
def test_snippet_says_if_its_call_is_the_tested_one(finding: Finding, before: str) -> None:
    failed = samples.check(CheckStatus.FAILED, findings=(finding,), steps=("a = 1",))
    function = samples.function(FunctionStatus.FAILED, checks=(failed,))
    paragraphs = [e.text for e in read(student_page(samples.result(function))).all("p")]

    assert [
        words for words in paragraphs if words in (PUBLIC_SNIPPET_INTRO, HIDDEN_SNIPPET_INTRO)
    ] == [before]


# ------------------------------------------------------------------ where an array differs


def with_findings(*findings: Finding) -> Page:
    failed = samples.check(CheckStatus.FAILED, findings=findings)
    function = samples.function(FunctionStatus.FAILED, checks=(failed,))
    return read(student_page(samples.result(function)))


def pictures(page: Page) -> list[str]:
    return [e.text for e in page.all("figcaption")]


def paths(page: Page) -> dict[str, str]:
    return {e.get("class"): e.get("d") for e in page.all("path")}


def test_wrong_values_are_dark_cells_and_in_a_table() -> None:
    page = with_findings(samples.HEAT)
    assert pictures(page) == ["Where dW1 is wrong"]
    assert paths(page) == {
        "share-0": "M0 0h.9v.9h-.9zM2 0h.9v.9h-.9zM0 1h.9v.9h-.9zM1 1h.9v.9h-.9zM2 1h.9v.9h-.9z",
        "share-9": "M1 0h.9v.9h-.9z",
    }
    off = [e.text for e in page.all("td") if e.get("class") == "off"]
    assert off == ["≠ 2.5", "2"]


def test_values_are_folded_and_numbered_from_zero() -> None:
    page = with_findings(samples.HEAT)
    folded = page.text[page.text.index("Values of this picture") :]
    rows = "0\n1\n2\n0\n1\n≠ 2.5\n3\n1\n4\n5\nnan\n"
    assert rows in folded
    assert rows.replace("≠ 2.5", "2") in folded


def test_zeros_and_ones_are_drawn_side_by_side() -> None:
    page = with_findings(samples.BITS)
    assert pictures(page) == ["D1: your value", "D1: expected value"]
    shapes = [(e.get("class"), e.get("d").count("M")) for e in page.all("path")]
    assert shapes == [("bit-0", 1), ("bit-1", 2), ("cross", 2)] * 2


def test_pictures_have_a_description() -> None:
    page = with_findings(samples.HEAT, samples.BITS, samples.LARGE)
    assert [e.text for e in page.all("desc")] == [
        "2 × 3 values. Dark cells are wrong: 12 of 60.",
        "1 is filled and 0 is empty. A cross marks a wrong entry. Row by row: 1 0 1.",
        "1 is filled and 0 is empty. A cross marks a wrong entry. Row by row: 1 1 0.",
        (
            "40 × 60 values, several in each cell. A darker cell has more wrong values. "
            "12 of 60 are wrong."
        ),
    ]


def test_large_array_is_drawn_by_share() -> None:
    page = with_findings(samples.LARGE)
    assert {kind: path.count("M") for kind, path in paths(page).items()} == {
        "share-0": 12,
        "share-1": 24,
        "share-9": 12,
    }
    shares = [e.text for e in page.all("td") if e.text.endswith("%")]
    assert shares == ["11%"] * 24 + ["0%", "100%"] * 12


def test_hidden_tests_are_not_drawn() -> None:
    page = with_findings(replace(samples.HEAT, public=False), samples.HIDDEN)
    assert pictures(page) == []
    assert "2.5" not in page.text


def test_at_most_six_arrays_of_a_check_are_drawn() -> None:
    assert len(pictures(with_findings(*(samples.HEAT,) * 12))) == 6


@pytest.mark.parametrize(
    "grid",
    [
        Grid((1, 2), ()),
        Grid((1, 2), ("",)),
        Grid((1, 2), ("9x",)),
        Grid((1, 2), ("9²",)),
        Grid((2, 2), ("90", "9")),
        Grid((1, 2), ("90",), ("1 2",), ("1 2 3",)),
        Grid((1, 2), ("90",), ("1 2",)),
    ],
)
def test_malformed_grid_is_not_drawn(grid: Grid) -> None:
    assert pictures(with_findings(replace(samples.HEAT, grid=grid))) == []


# ------------------------------------------------------------------ the formula


def test_a_formula_is_typeset_above_the_lines() -> None:
    page = read(student_page(samples.rich()))
    assert page.one("math").get("display") == "block"
    assert page.one("math").text == "J=λ2mW2"
    assert page.text.index("J=λ2mW2") < page.text.index("Your code")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "<math>",
        "<mi>x</mi>",
        "<math><script>alert(1)</script></math>",
        "<math><mi onclick='alert(1)'>x</mi></math>",
        "<math xmlns='http://www.w3.org/1998/Math/MathML'></math>",
        "<math><mi>&hidden;</mi></math>",
        "<math><mi>x</mi></math><math></math>",
        "<math>" + "<mrow>" * 500 + "</mrow>" * 500 + "</math>",
        "<math><mtext>" + "x" * 20_000 + "</mtext></math>",
        "<math><mi>\ud800</mi></math>",
    ],
)
def test_anything_but_a_formula_is_not_shown(text: str) -> None:
    assert formula(text) is None


def test_the_text_of_a_formula_is_text() -> None:
    markup = formula("<math><mi>&lt;b&gt; \u202e&amp;</mi> lost </math>")
    assert markup == '<math display="block"><mi>&lt;b&gt; &amp;</mi></math>'


# ------------------------------------------------------------------ the student's own lines


def with_source(source: FunctionSource, *hints: str) -> Page:
    diagnoses = tuple(Diagnosis(hint, f"About {hint}.") for hint in hints)
    function = samples.function(FunctionStatus.FAILED, diagnoses=diagnoses, source=source)
    return read(student_page(samples.result(function)))


def lines_of(page: Page, *, folded: bool) -> list[str]:
    """Return the lines of code that are shown at once, or those that are folded away."""
    lines = [e for e in page.elements if e.get("class") == "line"]
    return [e.text for e in lines if ("details" in e.parents) == folded]


def test_lines_near_a_mark_are_shown_and_others_folded() -> None:
    source = FunctionSource(10, tuple(f"a = {i}" for i in range(20)), (20,))
    page = with_source(source, "x")
    near = [f"{10 + i} a = {i}" for i in range(7, 14)]
    near[3] = f"▶ {near[3]} ← see hint"
    assert lines_of(page, folded=False) == near
    assert len(lines_of(page, folded=True)) == 20


def test_marked_line_has_more_than_a_colour() -> None:
    page = with_source(FunctionSource(1, ("a = 1", "b = 2"), (None, 2, 2)), "x", "y", "z")
    assert {e.text for e in page.all("mark")} == {"▶ 2 b = 2 ← see hints 2, 3"}


def test_lines_without_mark_are_folded() -> None:
    page = with_source(FunctionSource(1, ("a = 1",), (None,)), "x")
    assert lines_of(page, folded=False) == []
    assert lines_of(page, folded=True) == ["1 a = 1"]


def test_function_without_source_shows_no_lines() -> None:
    page = read(student_page(samples.result(samples.function(FunctionStatus.FAILED))))
    assert not page.all("pre")


@pytest.mark.parametrize(
    ("code", "spans"),
    [
        ("for i in x:  # all", ["keyword for", "keyword in", "comment # all"]),
        ('s = f\'#\' + rb"a\\"b"', ["string f'#'", 'string rb"a\\"b"']),
        ("'never closed", ["string 'never closed"]),
        ("x1 = 1.5e3 + format", ["literal 1.5e3"]),
        ('"""one\n\ntwo""" if', ['string """one', 'string two"""', "keyword if"]),
        ('"""never\nclosed', ['string """never', "string closed"]),
        ("a < b & c", []),
    ],
)
def test_tokens_are_highlighted(code: str, spans: list[str]) -> None:
    html = highlighted(code)
    tokens = re.findall(r'<span class="(\w+)">(.*?)</span>', html)
    assert [f"{kind} {unescape(text)}" for kind, text in tokens] == spans
    assert unescape(re.sub(r"<.*?>", "", html)) == code
