"""The page about the class: figures, ranks, links, size."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from grader.model.result import Diagnosis, FunctionResult, FunctionStatus, Result, Status
from grader.views.html import class_page
from tests.support import samples
from tests.support.html_reader import Page, read
from tests.support.languages import CHINESE

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


def _facts(results: list[Result], part: str) -> dict[str, str]:
    page = read(class_page(results))
    names, values = ([e for e in page.all(tag) if part in e.parents] for tag in ("dt", "dd"))
    return {name.text: value.text for name, value in zip(names, values, strict=True)}


def _tiles(results: list[Result]) -> dict[str, str]:
    return _facts(results, "main")


def test_the_figures_are_those_of_the_graded_submissions() -> None:
    results = [samples.result(RIGHT, f, duration_s=2.0) for f in (RIGHT, RIGHT, HALF)]
    slow = samples.ungraded(Status.INVALID, duration_s=59.96)
    assert _tiles([*results, slow, samples.ungraded(Status.INTERNAL)]) == {
        "Submissions": "5",
        "Graded": "3",
        "Not graded": "2",
        "Mean score": "45.83 of 50",
        "Median score": "50 of 50",
        "Full score": "2 67%",
        "Median time": "2 s",
        "Longest time": "60 s",
        "Time of all": "1 min 6 s",
    }


def test_the_seed_and_the_versions_are_told_and_each_of_them_if_they_differ() -> None:
    other = samples.result(RIGHT, seed=7, grader_version="0.0.9", sandbox="")
    assert _facts([samples.result(RIGHT), other, other], "footer") == {
        "Assignment": "regularization",
        "Seed of the random tests": "7, 20240917",
        "Version of the grader": "0.0.9, 0.1.0",
        "Form of the results": "1",
        "Sandbox": "full",
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
        [
            "often Hint on often.",
            "cost",
            "5",
            "100%",
            "a, b, cAll 5, in the table of all submissionsa, b, c, d, e",
        ],
        ["rare Hint on rare.", "cost", "1", "20%", "a"],
    ]


def _told(*texts: str, id: str = "x") -> list[Result]:
    """Return a class of which each has a hint of its own with one name."""
    made = [replace(WRONG, diagnoses=(Diagnosis(id, text),)) for text in texts]
    return [samples.result(one, submission=f"s{i}") for i, one in enumerate(made)]


def test_the_most_frequent_of_several_messages_is_an_example() -> None:
    told = _told("W1 is left out.", "W2 is left out.", "W2 is left out.")
    rows = _table(read(class_page(told)), "Hints given, the most frequent first")
    assert rows[0][0] == "x For example: W2 is left out."
    assert _revisited(told) == [
        "For example: W2 is left out. x cost 3 of 3 submissions (100%) who makes it"
    ]


def test_a_message_that_all_have_is_no_example() -> None:
    rows = _table(
        read(class_page(_told(*["W2 is left out."] * 2))), "Hints given, the most frequent first"
    )
    assert rows[0][0] == "x W2 is left out."


def test_in_chinese_an_example_is_told_as_one_too() -> None:
    told = _told("缺少 W1。", "缺少 W2。")
    assert "例如：缺少 W1。" in read(class_page(told, CHINESE)).text


def test_what_one_student_alone_has_written_is_not_revisited_but_counted() -> None:
    told = _told(*(f"dW1 has the shape ({n}, 2)." for n in (3, 3, 4)), id="wrong-shape")
    rows = _table(read(class_page(told)), "Hints given, the most frequent first")
    assert rows[0][:3] == ["wrong-shape For example: dW1 has the shape (3, 2).", "cost", "3"]
    assert _revisited(told) == []


PLACED = {
    "W1 (line {0} of code cell {1}) is left out.": "W1 is left out.",
    "In D1 and D2 (line {0} of code cell {1}) units stay.": "In D1 and D2 units stay.",
    "In line {0} of code cell {1} your function reads `X`.": "Your function reads X.",
    "dA2 (line {0} of code cell {1}) is the gradient.": "dA2 is the gradient.",
    "It stops at line {0} of code cell {1} with a line of code.": "It stops with a line of code.",
}


@pytest.mark.parametrize("hint", PLACED)
def test_a_mistake_of_many_is_shown_without_the_place_in_one_notebook(hint: str) -> None:
    texts = [*(hint.format(line, 12) for line in range(3, 6)), *["Another hint."] * 2]
    made = [replace(WRONG, diagnoses=(Diagnosis("x", text),)) for text in texts]
    results = [samples.result(one) for one in made]
    rows = _table(read(class_page(results)), "Hints given, the most frequent first")
    assert rows[0][0] == f"x For example: {PLACED[hint]}"
    assert _revisited(results) == [
        f"For example: {PLACED[hint]} x cost 5 of 5 submissions (100%) who makes it"
    ]


PLACED_IN_CHINESE = {
    "W1（代码单元 {1} 第 {0} 行）：缺少 L2 项。": "W1：缺少 L2 项。",
    "在代码单元 {1} 的第 {0} 行，你的函数读取的是 X。": "你的函数读取的是 X。",
    "它在代码单元 {1} 的第 {0} 行中断，错误是 E。": "它中断，错误是 E。",
}


@pytest.mark.parametrize("hint", PLACED_IN_CHINESE)
def test_in_chinese_a_mistake_of_many_is_shown_without_a_place_too(hint: str) -> None:
    made = [replace(WRONG, diagnoses=(Diagnosis("x", hint.format(n, 12)),)) for n in (3, 4)]
    results = [samples.result(one) for one in made]
    text = read(class_page(results, CHINESE)).text
    assert PLACED_IN_CHINESE[hint] in text and "代码单元" not in text


def test_everyone_who_makes_a_mistake_is_linked() -> None:
    told = replace(WRONG, diagnoses=(Diagnosis("x", "Hint."),))
    results = [samples.result(told, submission=f"s{i}") for i in range(5)]
    page = read(class_page([*results, samples.result(RIGHT, submission="right")]))
    assert [(a.get("href"), a.text) for a in page.all("a") if "details" in a.parents] == [
        ("#s2", "s0"),
        ("#s3", "s1"),
        ("#s4", "s2"),
        ("#s5", "s3"),
        ("#s6", "s4"),
    ]
    assert page.one("tr", id="s2").text.startswith("s0")
    assert page.one("tr", id="s6").text.startswith("s4")


def _revisited(results: list[Result]) -> list[str]:
    items = [e for e in read(class_page(results)).all("li") if "ol" in e.parents]
    return [" ".join(item.text.split()) for item in items]


def test_revisited_is_what_more_than_one_submission_has_wrong_by_a_name() -> None:
    ids = ["not-attempted", "missing-function", "unexplained", "named"]
    ids += ["raises-error", "syntax-error", "name-error", "failed-import", "wrong-arguments"]
    ids += ["wrong-shape", "wrong-type", "too-much-memory", "too-much-disk"]
    told = replace(WRONG, diagnoses=tuple(Diagnosis(id, f"Hint on {id}.") for id in ids))
    once = replace(WRONG, diagnoses=(Diagnosis("rare", "Hint on rare."),))
    assert _revisited([samples.result(f) for f in (told, told, once)]) == [
        "Hint on named. named cost 2 of 3 submissions (67%) who makes it"
    ]


def test_revisited_are_the_five_most_frequent_mistakes() -> None:
    def makes(number: int) -> Result:
        return samples.result(
            replace(WRONG, diagnoses=tuple(Diagnosis(f"m{i}", "Hint.") for i in range(number)))
        )

    page = [item.split()[1] for item in _revisited([makes(number) for number in range(9)])]
    assert page == ["m0", "m1", "m2", "m3", "m4"]


def test_every_submission_is_listed_in_natural_order_with_score_and_statuses() -> None:
    half = samples.function(FunctionStatus.PARTIAL, "backward")
    graded = [samples.result(RIGHT, half, submission=f"s{i}", duration_s=1.5) for i in (10, 2)]
    failed = samples.ungraded(Status.INTERNAL, functions=graded[0].functions)
    page = read(class_page([*graded, failed]))
    assert _table(page, "Every submission, linked to its report") == [
        ["internal-one", "not graded", "0.0", "the grader failed", "not checked", "not checked"],
        ["s2", "37.5", "1.5", "graded", "right", "partly right"],
        ["s10", "37.5", "1.5", "graded", "right", "partly right"],
    ]


def test_submissions_that_could_not_be_graded_stand_apart_with_the_reason() -> None:
    page = read(class_page(samples.classroom()))
    assert _table(page, "Submissions that were not graded, and why") == [
        ["crashed-one", "0", "ended Python", "Found: crashed."],
        ["crashed-two", "0", "ended Python", "no reason was recorded"],
        ["internal-one", "not graded", "the grader failed", "Found: internal."],
        ["invalid-one", "0", "no readable notebook", "Found: invalid."],
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


# ------------------------------------------------------------------ the same wrong numbers

ALIKE = "Groups of submissions with the very same wrong numbers, the largest first"
NUMBER = "dW1 at [2, 0] is -0.25604646; expected 0.12298827. the figures of the course, lambd 0.1"


def _alike(*results: Result) -> list[list[str]]:
    named = [replace(result, submission=f"s{i}") for i, result in enumerate(results)]
    return _table(read(class_page(named)), ALIKE)


def test_unexplained_answers_that_agree_in_every_number_are_a_group() -> None:
    same = samples.unexplained(samples.PUBLIC, samples.HIDDEN)
    assert _alike(same, samples.unexplained(samples.PUBLIC), same) == [
        ["forward", "2", NUMBER, "s0, s2"]
    ]


OTHERS = {
    "another largest difference": samples.unexplained(
        replace(samples.PUBLIC, max_abs=0.379034000001)
    ),
    "another value": samples.unexplained(replace(samples.PUBLIC, got="-0.25604647")),
    "another place": samples.unexplained(replace(samples.PUBLIC, index="[2, 1]")),
    "another count": samples.unexplained(replace(samples.PUBLIC, mismatched=11)),
    "another seed": replace(samples.unexplained(samples.PUBLIC), seed=7),
    "another function": samples.unexplained(samples.PUBLIC, name="backward"),
    "one finding more": samples.unexplained(samples.PUBLIC, samples.HIDDEN),
}


@pytest.mark.parametrize("other", OTHERS)
def test_answers_that_differ_in_anything_are_no_group(other: str) -> None:
    one = samples.unexplained(samples.PUBLIC)
    assert len(_alike(one, one, OTHERS[other])) == 1
    assert _alike(one, OTHERS[other]) == []


USUAL = {
    "explained": samples.unexplained(samples.PUBLIC, diagnoses=(Diagnosis("x", "Hint."),)),
    "hidden": samples.unexplained(replace(samples.HIDDEN, max_abs=None, max_rel=None)),
    "zero": samples.unexplained(replace(samples.PUBLIC, got="0")),
    "a whole number": samples.unexplained(replace(samples.PUBLIC, got="-3")),
    "not a number": samples.unexplained(replace(samples.PUBLIC, got="nan", max_abs=None)),
    "infinite": samples.unexplained(replace(samples.PUBLIC, got="inf")),
    "no number": samples.unexplained(replace(samples.PUBLIC, got="None")),
    "right": samples.result(RIGHT),
}


@pytest.mark.parametrize("usual", USUAL)
def test_what_has_a_name_or_comes_to_many_is_no_group(usual: str) -> None:
    assert _alike(USUAL[usual], USUAL[usual]) == []


def test_who_agrees_in_several_functions_is_one_group_and_the_largest_comes_first() -> None:
    one = samples.unexplained(samples.PUBLIC)
    both = replace(one, functions=(one.functions[1], replace(one.functions[1], name="backward")))
    three = samples.unexplained(replace(samples.PUBLIC, got="0.5"))
    assert [row[:2] + row[3:] for row in _alike(both, three, three, both, three)] == [
        ["forward", "3", "s1, s2, s4"],
        ["forward, backward", "2", "s0, s3"],
    ]


# ------------------------------------------------------------------ apart

ABSENT = "Functions that are still as they were handed out, in graded submissions"
SLOW = "Functions that took too long, in graded submissions"
STOPPED = "Submissions whose notebook used up its time as a whole"
UNGRADED = "Submissions that were not graded, and why"


def _apart(results: list[Result], caption: str) -> list[list[str]]:
    named = [replace(result, submission=f"s{i}") for i, result in enumerate(results)]
    return _table(read(class_page(named)), caption)


@pytest.mark.parametrize(("status", "caption"), [("not_attempted", ABSENT), ("timeout", SLOW)])
def test_a_status_apart_is_told_by_function_and_for_all_of_them_at_once(
    status: str, caption: str
) -> None:
    apart = samples.function(FunctionStatus(status))
    whole = samples.result(apart, replace(apart, name="backward"))
    half = samples.result(apart, samples.function(FunctionStatus.PASSED, "backward"))
    results = [whole, half, samples.result(WRONG), samples.ungraded(Status.CRASHED)]
    assert _apart(results, caption) == [
        ["all functions", "1", "s0"],
        ["cost", "2", "s0, s1"],
        ["backward", "1", "s0"],
    ]


def test_what_ran_out_of_time_stands_apart_from_what_could_not_be_read_or_run() -> None:
    kinds = (Status.TIMEOUT, Status.CRASHED, Status.INVALID, Status.INTERNAL)
    results = [samples.ungraded(status) for status in kinds]
    assert _apart(results, STOPPED) == [["s0", "0", "used up its time", "Found: timeout."]]
    assert [row[0] for row in _apart(results, UNGRADED)] == ["s1", "s2", "s3"]


# ------------------------------------------------------------------ size


def test_two_thousand_submissions_stay_below_three_megabytes() -> None:
    page = class_page([_long(i) for i in range(2000)])
    assert len(page.encode("utf-8")) < 3_000_000
    assert len(re.findall(r'<tr id="s\d+"><th scope="row"><a href="submissions/', page)) == 2000
    assert page.count('<tr><th scope="row"><a href="submissions/') == 500


def _long(position: int) -> Result:
    """Return a result with a long name in four-function assignment; each fourth one is invalid."""
    functions = tuple(_function_told(position, i) for i in range(4))
    graded = samples.result(*functions, submission=f"{'Фамилия_имя_' * 4}{position}")
    if position % 4:
        return graded
    return replace(graded, status=Status.INVALID, score=0.0, message="What is wrong here. " * 12)


def _function_told(position: int, place: int) -> FunctionResult:
    status = list(FunctionStatus)[(position + place) % 7]
    hint = Diagnosis(f"mistake-{position % 40}", "A hint of the usual length. " * 8)
    return samples.function(
        status, f"a_graded_function_with_a_long_name_{place}", diagnoses=(hint,)
    )
