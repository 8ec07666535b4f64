"""The script of the class page, in a browser: it sorts, filters, and is the only one that runs."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import replace

from grader.model.findings import Diagnosis, FunctionStatus
from grader.model.result import Result, Status
from grader.views.html import class_page
from tests.browser.conftest import Open
from tests.browser.pages import large_class
from tests.support import samples

HINT = (Diagnosis("halved", "Hint."),)
RARE = (Diagnosis("rare", "Hint."),)
WRONG = samples.function(FunctionStatus.FAILED, diagnoses=HINT)
LATE = samples.function(FunctionStatus.TIMEOUT)
CLASS = [
    samples.result(WRONG, submission="s1", score=9.0),
    samples.result(samples.function(FunctionStatus.PASSED), submission="s2"),
    *(samples.result(WRONG, submission=f"s{i}", score=10.0 + i) for i in (3, 4, 10)),
    samples.result(
        LATE, samples.function(FunctionStatus.ERROR, "backward", diagnoses=RARE), submission="Late"
    ),
    replace(samples.ungraded(Status.INTERNAL), submission="broken"),
]

HELP = """
const rows = () => [...document.querySelectorAll("#all tbody tr")];
const names = () => rows().filter((row) => !row.hidden).map((row) => row.cells[0].textContent);
const head = (place) => document.querySelectorAll("#all thead th")[place];
const click = (place) => head(place).querySelector("button").click();
const set = (field, value) => {
  const element = document.getElementById(`filter-${field}`);
  element.value = value;
  element.dispatchEvent(new Event("input"));
};
"""


def values_of(open_page: Open, *steps: str, results: Sequence[Result] = CLASS) -> list[object]:
    """Return what each step comes to, in turn, in a copy of the page that lets them run."""
    calls = "".join(f"found.push((() => {{ {step} }})());" for step in steps)
    script = (
        f"<script>const found = []; {HELP}{calls} document.title = JSON.stringify(found);</script>"
    )
    html = re.sub(r"script-src '[^']+'", "script-src 'unsafe-inline'", class_page(results))
    page = open_page(html.replace("</body>", f"{script}</body>"))
    found_values: list[object] = json.loads(page.title())
    return found_values


def test_policy_lets_only_our_script_run(open_page: Open) -> None:
    foreign = "<script>document.title = 'taken'</script></body>"
    page = open_page(class_page(CLASS).replace("</body>", foreign))
    assert page.title() == "Regularization: class overview"
    assert page.locator("button.sort").count() > 10
    assert page.locator("section.filters:not([hidden])").count() == 1


def test_heading_sorts_both_ways_and_says_so(open_page: Open) -> None:
    state = "return [names(), head(0).ariaSort, head(1).ariaSort];"
    by_score = ["s2", "s10", "s4", "s3", "s1", "Late", "broken"]
    assert values_of(
        open_page, f"click(1); {state}", f"click(1); {state}", f"click(0); {state}"
    ) == [
        [by_score, None, "descending"],
        [["Late", "s1", "s3", "s4", "s10", "s2", "broken"], None, "ascending"],
        [["broken", "Late", "s1", "s2", "s3", "s4", "s10"], "ascending", None],
    ]


def test_shares_are_sorted_by_value(open_page: Open) -> None:
    marked = "const cells = [...document.querySelectorAll('.mistakes td[data-value]')];"
    swap = "cells[0].dataset.value = 0.004; cells[0].firstChild.data = 'under 1%';"
    sort = "const head = document.querySelector('.mistakes .share button');"
    order = "return [...document.querySelectorAll('.mistakes tbody tr')].map((row) => row.id);"
    (order_shown,) = values_of(
        open_page, f"{marked} {swap} {sort} head.click(); head.click(); {order}"
    )
    assert order_shown == [
        "mistake-1",
        "mistake-2",
    ]  # ascending: the few first, and not last as no number


FILTERS = {
    "set('name', ' LA')": ["Late"],
    "set('result', 'the grader failed')": ["broken"],
    "set('function', ':timeout')": ["Late"],
    "set('function', '0:passed')": ["s2"],
    "set('function', '1:passed')": [],
    "set('mistake', 'mistake-1')": ["s1", "s3", "s4", "s10"],
    "set('mistake', 'mistake-1'); set('name', '1')": ["s1", "s10"],
}


def test_filters_combine_and_show_the_count(
    open_page: Open,
) -> None:
    count = "document.getElementById('filter-count').textContent"
    reset = "document.getElementById('filter-reset').click()"
    steps = [f"{reset}; {chosen}; return [names(), {count}];" for chosen in FILTERS]
    *filtered, everyone = values_of(open_page, *steps, f"{reset}; return names().length;")
    assert filtered == [[names, str(len(names))] for names in FILTERS.values()]
    assert everyone == len(CLASS)


def test_blocks_of_a_large_class_are_sorted_and_filtered_as_one_table(open_page: Open) -> None:
    """Blocks keep their size when rows are sorted; a block without rows to show is hidden."""
    steps = (
        "click(0); click(0); return [names()[0], names().at(-1)];",
        "return [...document.querySelectorAll('#all tbody')].map((body) => body.rows.length);",
        "set('name', 'bad'); return names();",
        "return [...document.querySelectorAll('#all tbody')].map((body) => body.hidden);",
    )
    assert values_of(open_page, *steps, results=large_class(210)) == [
        ["Submission_of_student_205", "bad-0"],
        [50, 50, 50, 50, 10],
        ["bad-3", "bad-2", "bad-1", "bad-0"],
        [True, True, True, True, False],
    ]
