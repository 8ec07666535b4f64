"""The pages that are opened, and questions to the browser about them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from playwright.sync_api import Locator, Page

from grader.model.findings import CheckStatus, Diagnosis, FunctionStatus
from grader.model.result import LatePenalty, Result, Status
from grader.model.run_report import ComparedMeasure, TrainingReport
from grader.model.submission import Student
from grader.views.html import class_page, proofs_page, student_page, week_page
from tests.support import samples
from tests.support.languages import CHINESE
from tests.support.rendered import Rendered

A4_INSIDE = 718  # pixels between the margins of a centimetre that browsers leave
FUNCTIONS = ("compute_cost", "backward", "forward_with_dropout", "backward_with_dropout")


def typical() -> Result:
    """Return a typical result: one function partly right, one wrong, each with a hint."""
    hint = Diagnosis("l2-not-halved", "The penalty misses its `1/2`: divide `lambd` by `2 * m`.")
    statuses = (FunctionStatus.PARTIAL, FunctionStatus.FAILED, *[FunctionStatus.PASSED] * 2)
    right = tuple(samples.check(CheckStatus.PASSED, name) for name in ("fixed cases", "random"))
    wrong = (
        samples.check(CheckStatus.FAILED, "the course's own", findings=(samples.PUBLIC,)),
        samples.check(CheckStatus.FAILED, "random cases", findings=(samples.HIDDEN,) * 3),
    )
    functions = [
        samples.function(status, name, cell=12, checks=right, diagnoses=())
        for name, status in zip(FUNCTIONS, statuses, strict=True)
    ]
    hinted = [replace(f, checks=(right[0], *wrong), diagnoses=(hint,)) for f in functions[:2]]
    return samples.result(*hinted, *functions[2:])


def crowded() -> Result:
    """Return a result with three wrong functions, two of them with many differences."""
    hinted, wrong, right = samples.rich().functions
    return samples.result(
        hinted, wrong, replace(wrong, name="forward"), replace(right, name="sigmoid")
    )


def trainings_of_long_measures() -> tuple[TrainingReport, ...]:
    """Return trainings with numbers as long as they come: ten digits, a sign, and an exponent."""
    measures = (
        ComparedMeasure(
            "cost after 20,000 iterations", "0.1634876984", "0.2684832897", right=False
        ),
        ComparedMeasure(
            "cost after 20,000 iterations", "-1.634876984e-05", "-2.684832897e-05", right=False
        ),
        ComparedMeasure("accuracy on the training set", "", "93.8389%", right=False),
    )
    return tuple(replace(training, figures=measures) for training in samples.trainings()[:2])


def large_class(size: int = 2000) -> list[Result]:
    """Return so many submissions of four functions, a few of which could not be graded.

    Each has a student with a name; some are late, to be looked at, or have the file of another.
    """
    plain = samples.classroom()
    statuses = list(FunctionStatus)
    penalty = LatePenalty(5.0, "10%/day", "2026-11-08T23:59:00+01:00")
    graded = [
        replace(
            plain[0],
            submission=f"Submission_of_student_{i}",
            sha256=f"{i - (i % 50 == 1):064x}",
            student=Student(f"{10_000 + i}", f"Ada Byron King {i}", f"student{i}@example.org"),
            late=i % 10 == 0,
            late_penalty=penalty if i % 10 == 0 else None,
            to_look_at=("2 notebooks define graded functions.",) if i % 20 == 0 else (),
            functions=tuple(
                replace(plain[i % 7].functions[0], name=name, status=statuses[(i + k) % 7])
                for k, name in enumerate(FUNCTIONS)
            ),
        )
        for i in range(size - size // 50)
    ]
    invalid = (samples.ungraded(Status.INVALID, submission=f"bad-{i}") for i in range(size // 50))
    return [*graded, *invalid]


_PAGES: dict[str, Callable[[], str]] = {
    "typical": lambda: student_page(typical()),
    "rich": lambda: student_page(samples.rich()),
    "crowded": lambda: student_page(crowded()),
    "stopped": lambda: student_page(samples.stopped()),
    "whole": lambda: student_page(samples.whole()),
    "long measures": lambda: student_page(samples.whole(trainings=trainings_of_long_measures())),
    "chinese whole": lambda: student_page(samples.whole(), CHINESE),
    "hostile whole": lambda: student_page(
        samples.whole(samples.HOSTILE, trainings=samples.trainings(samples.HOSTILE))
    ),
    "crashed": lambda: student_page(samples.ungraded(Status.CRASHED)),
    "internal": lambda: student_page(samples.ungraded(Status.INTERNAL)),
    "hostile": lambda: student_page(samples.hostile()),
    "chinese": lambda: student_page(samples.rich(), CHINESE),
    "class": lambda: class_page(samples.classroom()),
    "large class": lambda: class_page(large_class(210)),
    "class of runs": lambda: class_page(samples.class_of_runs()),
    "hostile class": lambda: class_page([samples.hostile(), *samples.classroom()]),
    "chinese class": lambda: class_page(samples.classroom(), CHINESE),
    "empty class": lambda: class_page([]),
    "week": lambda: week_page(samples.week()),
    "proofs": lambda: proofs_page(samples.proven()),
    "hostile proofs": lambda: proofs_page(samples.proven_with(samples.HOSTILE)),
}


HTML = Rendered(_PAGES)
STUDENTS = (
    *("typical", "rich", "crowded", "stopped", "whole"),
    *("crashed", "internal", "hostile", "chinese"),
)

_TOO_WIDE = """() => {
  const width = document.documentElement.clientWidth;
  const within = e => !e.closest('.scroll, .scroll-values, .lines, .formula, .findings thead');
  return [...document.body.querySelectorAll('*')]
    .filter(e => within(e) && e.getClientRects().length)
    .filter(e => e.getBoundingClientRect().right > width + 1)
    .map(e => `${e.tagName}.${e.className}`);
}"""

_VISIBLE = """elements => elements.map(e => {
  const { width, height } = e.getBoundingClientRect();
  return e.checkVisibility({ visibilityProperty: true }) && width > 0 && height > 0;
})"""


def too_wide(page: Page) -> list[str]:
    """Return elements that stick out on the right, except tables and code in scrolling frames."""
    width, window = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    over = [f"the page is {width} wide"] if width > window else []
    elements: list[str] = page.evaluate(_TOO_WIDE)
    return over + elements


def wait_until(page: Page, condition: str) -> None:
    """Wait for a condition. Playwright's own way takes `eval`, which the policy of the page forbids."""
    for _ in range(100):
        if page.evaluate(condition):
            return
        page.wait_for_timeout(50)
    raise TimeoutError(f"not so within five seconds: {condition}")


def unfold(page: Page) -> None:
    """Open all that is folded."""
    page.evaluate("document.querySelectorAll('details').forEach(e => e.open = true)")


def visible(elements: Locator) -> list[bool]:
    """Return for each element whether it is visible: it has a size, and its style does not hide it."""
    found: list[bool] = elements.evaluate_all(_VISIBLE)
    return found


def style(page: Page, selector: str, *names: str) -> tuple[str, ...]:
    """Return computed styles of the first element that a selector finds."""
    script = "(e, names) => names.map(n => getComputedStyle(e)[n])"
    return tuple(page.locator(selector).first.evaluate(script, list(names)))


def unseen(page: Page, texts: Sequence[str]) -> list[Any]:
    """Return the texts that are not visible on the page."""
    shown_text = page.evaluate("document.body.innerText")
    return [text for text in texts if text not in shown_text]
