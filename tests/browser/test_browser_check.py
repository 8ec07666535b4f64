"""The outputs of `check` in a notebook: an audit in the colours of three programs, and narrow."""

from __future__ import annotations

import html

import pytest
from axe_playwright_python.sync_playwright import Axe

from grader.handout.layout import Feedback, FeedbackTable, Mark, TableRow
from grader.model.diagnoses import NOT_ATTEMPTED, RAISES_ERROR, SYNTAX_ERROR, diagnosis, in_line
from grader.model.findings import Diagnosis, Finding
from tests.browser.conftest import Open
from tests.browser.pages import unfold

HOSTILE = (
    "</pre><script>document.title = 'attacked'</script><img src=x onerror='document.title=1'>`"
)
LINE = in_line(2, 0)
STYLES = {
    "light": (
        "#jupyterlab {background: #fff; color: rgba(0, 0, 0, 0.87)}"
        "#jupyterlab code {background: #eee}"
        "#vscode {background: #fff; color: #3b3b3b; font: 13px 'Segoe UI', sans-serif}"
        "#vscode code {background: #0000001a; color: #a31515}"
        "#colab {background: #fff; color: #212121; font: 14px Roboto, sans-serif}"
    ),
    "dark": (
        "#jupyterlab {background: #111; color: #fff}"
        "#jupyterlab code {background: #424242}"
        "#vscode {background: #1f1f1f; color: #ccc; font: 13px 'Segoe UI', sans-serif}"
        "#vscode code {background: #ffffff1a; color: #d7ba7d}"
        "#colab {background: #383838; color: #d5d5d5; font: 14px Roboto, sans-serif}"
    ),
}
"""What each program's own style sheet sets for an output: text, background, and code."""

TABLES = (
    "#vscode :is(table, th, td, tr) {border: none; border-collapse: collapse; text-align: right}"
)
PROGRAMS = "jupyterlab", "vscode", "colab"
CHECKED = "The check used `def cost(A3, Y):` in the cell that begins `# GRADED FUNCTION: cost` (cell [7])."
OUTPUTS = (
    Feedback("cost: right on the published example", Mark.RIGHT, checked=CHECKED, note="1 more."),
    Feedback(
        "cost: not written yet",
        Mark.UNWRITTEN,
        diagnoses=(diagnosis(NOT_ATTEMPTED, name="cost"),),
        quotes=("",),
    ),
    Feedback(
        "cost: not right yet",
        Mark.WRONG,
        "cost",
        (
            Diagnosis(
                "l2-not-halved", "Your penalty is twice as large.", "The 1/2 is there.", "See."
            ),
        ),
        ("penalty = lambd / m * np.sum(np.square(W1)) + " * 4,),
        (Finding(quantity="cost", got="1.97", expected="1.79"),),
        ("print(cost(A3, Y))",),
    ),
    Feedback(
        "cost: not right yet",
        Mark.WRONG,
        "cost",
        (diagnosis(RAISES_ERROR, line=LINE, error=f"ValueError: {HOSTILE}"),),
        (HOSTILE,),
        (
            Finding(quantity="D2", message="has shape (3, 1), but should have shape (3, 5)"),
            Finding(quantity="A2", index="[0, 3]", got="6.1243885", expected="0"),
        ),
        (HOSTILE,),
    ),
    Feedback(
        "cost: the newest version did not run",
        Mark.NOT_RUN,
        "cost",
        (diagnosis(SYNTAX_ERROR, line=LINE, error="invalid syntax", text="y = lambda"),),
        ("",),
    ),
    FeedbackTable((TableRow("cost", Mark.RIGHT, 5, 5), TableRow("f", Mark.NOTE, 0, 5)), "5 of 10."),
)


@pytest.mark.parametrize("scheme", STYLES)
def test_outputs_of_check_can_be_read_by_everybody(open_page: Open, scheme: str) -> None:
    """They need neither a script nor a style sheet, so programs differ in their own styles only."""
    outputs = "".join(output.html() for output in OUTPUTS)
    sections = "".join(f"<div id={program}>{outputs}</div>" for program in PROGRAMS)
    page = open_page(
        f"<!doctype html><html lang=en><title>Notebook</title><style>{STYLES[scheme]}{TABLES}"
        f"</style><main><h1>Notebook</h1>{sections}</main></html>",
        390,
        color_scheme=scheme,
    )
    unfold(page)

    violations = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
    assert [(rule["id"], [node["html"] for node in rule["nodes"]]) for rule in violations] == []
    assert page.title() == "Notebook"
    assert page.locator("script, img").count() == 0
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert html.escape(HOSTILE) in outputs
