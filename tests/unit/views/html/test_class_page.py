"""The page about the class: figures, ranks, links, size."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from grader.messages import UNTRANSLATED, Translator, gettext, join_sentences
from grader.model.diagnoses import (
    GLOBAL_DEPENDENCE,
    INPUTS_MUTATED,
    RAISES_ERROR,
    REPAIR,
    UNEXPLAINED,
    WRONG_SHAPE,
    diagnosis,
    in_brackets,
    in_line,
)
from grader.model.findings import Diagnosis, FunctionStatus
from grader.model.result import Environment, FunctionResult, Result, Status, UngradedState
from grader.model.submission import Student
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


def test_functions_without_points_are_counted() -> None:
    """The sentence is in the card with the results of the graded functions."""
    states = [UngradedState("backward", state, "") for state in ("right", "planted", "otherwise")]
    results = [samples.result(RIGHT, ungraded=(state,)) for state in states]
    others = [samples.result(RIGHT), samples.ungraded(Status.INVALID, ungraded=(states[0],))]
    page = class_page([*results, *others])

    sentence = "<p>backward (0 points): 1 right, 2 not right, 1 not found.</p>"
    assert sentence in page.split('id="rates-title"')[1].split('id="mistakes-title"')[0]
    chinese = class_page([*results, *others], CHINESE)
    assert "backward（0 分）：1 份正确，2 份不正确，1 份未找到。" in chinese
    assert "(0 points)" not in class_page([samples.result(RIGHT)])


def test_figures_include_only_graded_submissions() -> None:
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
        "Total time": "1 min 6 s",
    }


def test_footer_lists_all_seeds_and_versions() -> None:
    earlier = samples.result(RIGHT, seed=7, environment=Environment("0.0.9", "3.11.7"), sandbox="")
    assert _facts([samples.result(RIGHT), earlier, earlier], "footer") == {
        "Assignment": "regularization",
        "Seed of the random tests": "7, 20240917",
        "Grader version": "0.0.9, 0.1.0",
        "Python": "3.11.7",
        "Result schema": "1",
        "Sandbox": "full",
    }


def test_class_without_graded_submissions_has_no_mean() -> None:
    assert "Mean score" not in _tiles([samples.ungraded(Status.INVALID)])


def test_full_scores_have_a_bar_of_their_own() -> None:
    points = [0.0, 9.99, 10.0, 30.0, 70.0, 99.99, 100.0, 100.0]
    results = [samples.result(WRONG, score=p, max_score=100.0) for p in points]
    page = read(class_page(results))
    counts = [
        row[1] for row in _table(page, "Graded submissions by score, in percent of 100 points")
    ]
    assert counts == ["2", "1", "0", "1", "0", "0", "0", "1", "0", "1", "2"]
    bars = [e.text for e in page.all("title") if "g" in e.parents]
    assert bars[0] == "0 to under 10 %: 2 submissions"
    assert bars[1] == "10 to under 20 %: 1 submission"
    assert bars[10] == "100 %: 2 submissions"


def test_the_statuses_of_a_function_are_counted() -> None:
    page = read(class_page([samples.result(f) for f in (RIGHT, RIGHT, HALF, WRONG)]))
    assert _table(page, "Graded submissions per function and status") == [
        ["cost", "50%", "2", "1", "1", "0", "0", "0", "0"]
    ]


def test_mistakes_are_ranked_by_submissions() -> None:
    def wrong(submission: str, *ids: str) -> Result:
        hints = tuple(Diagnosis(id, f"Hint on {id}.") for id in ids)
        return samples.result(replace(WRONG, diagnoses=hints), submission=submission)

    results = [wrong("a", "rare", "often", "often"), *(wrong(s, "often") for s in "bcde")]
    assert _table(
        read(class_page(results)), "Hints in graded submissions, most frequent first"
    ) == [
        [
            "often Hint on often.",
            "cost",
            "5",
            "100%",
            "a, b, cAll 5 in the table of all submissionsa, b, c, d, e",
        ],
        ["rare Hint on rare.", "cost", "1", "20%", "a"],
    ]


def _class_with_hints(*texts: str, id: str = "x") -> list[Result]:
    """Return a class of which each has a hint of its own with one name."""
    functions = [replace(WRONG, diagnoses=(Diagnosis(id, text),)) for text in texts]
    return [samples.result(function, submission=f"s{i}") for i, function in enumerate(functions)]


def test_most_frequent_message_is_an_example() -> None:
    results = _class_with_hints("W1 is left out.", "W2 is left out.", "W2 is left out.")
    rows = _table(read(class_page(results)), "Hints in graded submissions, most frequent first")
    assert rows[0][0] == "x For example: W2 is left out."
    assert _revisited(results) == [
        "For example: W2 is left out. x cost 3 of 3 submissions (100%) students"
    ]


def test_single_message_is_no_example() -> None:
    rows = _table(
        read(class_page(_class_with_hints(*["W2 is left out."] * 2))),
        "Hints in graded submissions, most frequent first",
    )
    assert rows[0][0] == "x W2 is left out."


def test_example_is_marked_as_such_in_chinese() -> None:
    results = _class_with_hints("缺少 W1。", "缺少 W2。")
    assert "例如：缺少 W1。" in read(class_page(results, CHINESE)).text


def test_hints_on_own_lines_are_counted_not_revisited() -> None:
    results = _class_with_hints(*["dW1 has the shape (3, 2)."] * 2, id="wrong-shape")
    rows = _table(read(class_page(results)), "Hints in graded submissions, most frequent first")
    assert rows[0][:3] == ["wrong-shape dW1 has the shape (3, 2).", "cost", "2"]
    assert _revisited(results) == []


def _shaped(quantity: str, got: str) -> Diagnosis:
    shape = gettext("has shape {got}, but should have shape {want}", got=got, want="(2, 3)")
    return diagnosis(WRONG_SHAPE, quantity=quantity, message=shape)


def _repaired(kind: str, text: str) -> Diagnosis:
    place = in_line(len(text), 12)
    hint = diagnosis(REPAIR, kind, named=f"repair-{kind}", text=text, name="", line=place)
    return replace(hint, what=join_sentences(f"It stops at {text}.", hint.what))


def test_a_group_needs_the_same_change() -> None:
    """Another quantity or shape is another group; of a proven repair the student's code may differ."""
    hints = [_shaped("dW1", "(3, 2)"), _shaped("dW1", "(3, 2)"), _shaped("dW2", "(3, 2)")]
    hints += [_shaped("dW1", "(6,)"), _repaired("literal", "1"), _repaired("literal", "2.0")]
    hints += [_repaired("function", "np.max")]
    hints += [
        diagnosis(INPUTS_MUTATED, "augmented", text=text, new=text, name=name, line="")
        for text, name in (("X += 1", "X"), ("X -= 1", "X"), ("Y -= 1", "Y"))
    ]
    results = [samples.result(replace(WRONG, diagnoses=(hint,))) for hint in hints]
    rows = _table(read(class_page(results)), "Hints in graded submissions, most frequent first")
    assert [(row[0].split(".")[0], row[2]) for row in rows] == [
        (
            "inputs-mutated For example: X += 1 changes X, which the caller passed to your function",
            "2",
        ),
        ("repair-literal For example: It stops at 1", "2"),
        ("wrong-shape dW1 has shape (3, 2), but should have shape (2, 3)", "2"),
        ("inputs-mutated Y -= 1 changes Y, which the caller passed to your function", "1"),
        ("repair-function It stops at np", "1"),
        ("wrong-shape dW1 has shape (6,), but should have shape (2, 3)", "1"),
        ("wrong-shape dW2 has shape (3, 2), but should have shape (2, 3)", "1"),
    ]


def _placed(line: int) -> list[Diagnosis]:
    """Return diagnoses that mention a place in one student's notebook, once and twice."""
    place = in_line(line, 12)
    return [
        diagnosis(GLOBAL_DEPENDENCE, name="X", line=place, parameter="A"),
        diagnosis(UNEXPLAINED, name="W1", line=in_brackets(line, 12)),
        diagnosis(RAISES_ERROR, "handed-out", line=place, error="E", name="a", origin=place),
    ]


UNPLACED = (
    (
        "Your function uses X, which is defined elsewhere in your notebook, instead of its own "
        "parameter A. Use the parameter A there."
    ),
    "The first wrong value is W1. Compare the line that computes W1 with the formula.",
    (
        "Your function stops with E. That line came with the assignment. First check a, which your "
        "code computes."
    ),
)


@pytest.mark.parametrize("position", range(3))
@pytest.mark.parametrize("language", [UNTRANSLATED, CHINESE], ids=["en", "zh"])
def test_shared_mistake_is_shown_without_its_place(position: int, language: Translator) -> None:
    placed = [_placed(line)[position] for line in range(3, 6)]
    results = [samples.result(replace(WRONG, diagnoses=(hint,))) for hint in placed]
    page = read(class_page(results, language))
    assert "code cell" not in page.text and "代码单元" not in page.text
    if language is UNTRANSLATED:
        rows = _table(page, "Hints in graded submissions, most frequent first")
        assert rows[0][0] == f"{placed[0].id} {UNPLACED[position]}"


def test_shared_mistake_is_counted_whatever_its_place() -> None:
    results = [samples.result(replace(WRONG, diagnoses=(_placed(at)[0],))) for at in (3, 4, 5)]
    assert _revisited(results) == [
        f"{UNPLACED[0]} global-dependence cost 3 of 3 submissions (100%) students"
    ]


def test_all_students_with_a_mistake_are_linked() -> None:
    wrong = replace(WRONG, diagnoses=(Diagnosis("x", "Hint."),))
    results = [samples.result(wrong, submission=f"s{i}") for i in range(5)]
    page = read(class_page([*results, samples.result(RIGHT, submission="right")]))
    assert [(a.get("href"), a.text) for a in page.all("a") if "details" in a.parents][:5] == [
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


def test_only_shared_named_mistakes_are_revisited() -> None:
    ids = ["not-attempted", "missing-function", "unexplained", "named"]
    ids += ["raises-error", "syntax-error", "name-error", "failed-import", "wrong-arguments"]
    ids += ["wrong-shape", "wrong-type", "too-much-memory", "too-much-disk"]
    results = replace(WRONG, diagnoses=tuple(Diagnosis(id, f"Hint on {id}.") for id in ids))
    once = replace(WRONG, diagnoses=(Diagnosis("rare", "Hint on rare."),))
    assert _revisited([samples.result(f) for f in (results, results, once)]) == [
        "Hint on named. named cost 2 of 3 submissions (67%) students"
    ]


def test_five_most_frequent_mistakes_are_revisited() -> None:
    def makes(number: int) -> Result:
        return samples.result(
            replace(WRONG, diagnoses=tuple(Diagnosis(f"m{i}", "Hint.") for i in range(number)))
        )

    page = [item.split()[1] for item in _revisited([makes(number) for number in range(9)])]
    assert page == ["m0", "m1", "m2", "m3", "m4"]


def test_submissions_are_listed_in_natural_order() -> None:
    half = samples.function(FunctionStatus.PARTIAL, "backward")
    graded = [samples.result(RIGHT, half, submission=f"s{i}", duration_s=1.5) for i in (10, 2)]
    failed = samples.ungraded(Status.INTERNAL, functions=graded[0].functions)
    page = read(class_page([*graded, failed]))
    assert _table(page, "All submissions, with links to their reports") == [
        ["internal-one", "not graded", "the grader failed", "not graded", "not graded"],
        ["s2", "37.5", "graded", "25 right", "12.5 partly right"],
        ["s10", "37.5", "graded", "25 right", "12.5 partly right"],
    ]


def test_names_and_lateness_are_listed_if_known() -> None:
    ada = replace(samples.result(RIGHT, submission="ada_1"), student=Student("1", "Ada"), late=True)
    page = read(class_page([ada, samples.result(RIGHT, submission="b")]))
    assert _table(page, "All submissions, with links to their reports") == [
        ["ada_1", "Ada", "25", "graded, late", "25 right"],
        ["b", "", "25", "graded", "25 right"],
    ]


def test_groups_to_look_at_have_jump_links() -> None:
    """Each group is a row whose links name its members, and a link at the top with their number."""
    untouched = samples.result(samples.function(FunctionStatus.NOT_ATTEMPTED), submission="blank")
    late = replace(samples.result(RIGHT, submission="slow"), late=True)
    odd = replace(samples.result(RIGHT, submission="two"), to_look_at=("Two notebooks.",))
    absent = samples.ungraded(Status.NOT_SUBMITTED, submission="gone")
    page = read(class_page([replace(untouched, score=0.0), late, odd, absent]))
    assert _table(page, "Groups of submissions; one submission can be in several") == [
        ["To look at", "1", "twoReasonstwo: Two notebooks."],
        ["Below half of the points", "1", "blank"],
        ["Tried nothing", "1", "blank"],
        ["Late", "1", "slow"],
        ["Not submitted", "1", "gone"],
    ]
    links = {a.get("href"): a.text for a in page.all("a") if "nav" in a.parents}
    assert links["#group-late"] == "Late (1)"
    assert all(page.one("tr", id=link[1:]) for link in links if link.startswith("#group"))


def test_class_without_such_submissions_has_no_groups() -> None:
    assert "Who needs a look" not in class_page([samples.result(RIGHT, score=50.0)])


def test_a_hint_is_one_row_for_each_function() -> None:
    """What other sections list is left out."""
    hint = (Diagnosis("name-error", "A name is missing."),)
    blank = replace(samples.function(FunctionStatus.NOT_ATTEMPTED, "update"), diagnoses=hint)
    functions = [replace(samples.function(FunctionStatus.ERROR, n), diagnoses=hint) for n in "ab"]
    page = read(class_page([samples.result(*functions, blank)]))
    rows = _table(page, "Hints in graded submissions, most frequent first")
    assert [row[:3] for row in rows] == [
        ["name-error A name is missing.", "a", "1"],
        ["name-error A name is missing.", "b", "1"],
    ]


def test_ungraded_submissions_are_listed_with_reason() -> None:
    page = read(class_page(samples.classroom()))
    assert _table(page, "Submissions that were not graded, with the reason") == [
        ["crashed-one", "0", "stopped Python", "Found: crashed."],
        ["crashed-two", "0", "stopped Python", "no reason was recorded"],
        ["internal-one", "not graded", "the grader failed", "Found: internal."],
        ["invalid-one", "0", "not a readable notebook", "Found: invalid."],
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
def test_report_link_quotes_the_id(submission: str, address: str) -> None:
    page = read(class_page([samples.result(RIGHT, submission=submission)]))
    links = [link.get("href") for link in page.all("a")]
    assert [link for link in links if not link.startswith("#")] == [address]


# ------------------------------------------------------------------ the same wrong numbers

SAME_ANSWERS = "Submissions with identical wrong results, largest group first"
NUMBER = "dW1 at [2, 0] is -0.25604646 instead of 0.12298827. the figures of the course, lambd 0.1"


def _groups(*results: Result) -> list[list[str]]:
    renamed = [replace(result, submission=f"s{i}") for i, result in enumerate(results)]
    return _table(read(class_page(renamed)), SAME_ANSWERS)


def test_equal_unexplained_answers_are_a_group() -> None:
    same = samples.unexplained(samples.PUBLIC, samples.HIDDEN)
    assert _groups(same, samples.unexplained(samples.PUBLIC), same) == [
        ["forward", "2", NUMBER, "s0, s2"]
    ]


DIFFERENT = {
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


@pytest.mark.parametrize("difference", DIFFERENT)
def test_different_answers_are_no_group(difference: str) -> None:
    first = samples.unexplained(samples.PUBLIC)
    assert len(_groups(first, first, DIFFERENT[difference])) == 1
    assert _groups(first, DIFFERENT[difference]) == []


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
def test_explained_or_common_answers_are_no_group(usual: str) -> None:
    assert _groups(USUAL[usual], USUAL[usual]) == []


def test_largest_group_of_same_answers_comes_first() -> None:
    single = samples.unexplained(samples.PUBLIC)
    both = replace(
        single, functions=(single.functions[1], replace(single.functions[1], name="backward"))
    )
    three = samples.unexplained(replace(samples.PUBLIC, got="0.5"))
    assert [row[:2] + row[3:] for row in _groups(both, three, three, both, three)] == [
        ["forward", "3", "s1, s2, s4"],
        ["forward, backward", "2", "s0, s3"],
    ]


# ------------------------------------------------------------------ apart

ABSENT = "Functions in which the student wrote nothing, in graded submissions"
SLOW = "Functions that took too long, in graded submissions"
STOPPED = "Submissions whose whole notebook ran out of time"
UNGRADED = "Submissions that were not graded, with the reason"


def _listed(results: list[Result], caption: str) -> list[list[str]]:
    renamed = [replace(result, submission=f"s{i}") for i, result in enumerate(results)]
    return _table(read(class_page(renamed)), caption)


@pytest.mark.parametrize(("status", "caption"), [("not_attempted", ABSENT), ("timeout", SLOW)])
def test_status_is_listed_by_function_and_for_all(status: str, caption: str) -> None:
    apart = samples.function(FunctionStatus(status))
    everywhere = samples.result(apart, replace(apart, name="backward"))
    half = samples.result(apart, samples.function(FunctionStatus.PASSED, "backward"))
    results = [everywhere, half, samples.result(WRONG), samples.ungraded(Status.CRASHED)]
    assert _listed(results, caption) == [
        ["all functions", "1", "s0"],
        ["cost", "2", "s0, s1"],
        ["backward", "1", "s0"],
    ]


def test_timeouts_are_listed_apart_from_unreadable_files() -> None:
    kinds = (Status.TIMEOUT, Status.CRASHED, Status.INVALID, Status.INTERNAL)
    results = [samples.ungraded(status) for status in kinds]
    assert _listed(results, STOPPED) == [["s0", "0", "out of time", "Found: timeout."]]
    assert [row[0] for row in _listed(results, UNGRADED)] == ["s1", "s2", "s3"]


# ------------------------------------------------------------------ size


def test_2000_submissions_are_under_3_megabytes() -> None:
    page = class_page([_long(i) for i in range(2000)])
    assert len(page.encode("utf-8")) < 3_000_000
    assert len(re.findall(r'<tr id="s\d+"><th scope="row"><a href="submissions/', page)) == 2000
    assert page.count('<tr><th scope="row"><a href="submissions/') == 500


def _long(position: int) -> Result:
    """Return a result with a long name in four-function assignment; each fourth one is invalid."""
    functions = tuple(_long_function(position, i) for i in range(4))
    name = f"{'Фамилия_имя_' * 4}{position}"
    graded = samples.with_own_file(samples.result(*functions, submission=name))
    if position % 4:
        return graded
    return replace(graded, status=Status.INVALID, score=0.0, message="What is wrong here. " * 12)


def _long_function(position: int, place: int) -> FunctionResult:
    status = list(FunctionStatus)[(position + place) % 7]
    hint = Diagnosis(f"mistake-{position % 40}", "A hint of the usual length. " * 8)
    return samples.function(
        status, f"a_graded_function_with_a_long_name_{place}", diagnoses=(hint,)
    )
