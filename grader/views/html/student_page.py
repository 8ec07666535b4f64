"""What one student reads: the next step first, then every function with its hints and numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from grader.messages import UNTRANSLATED, Translator
from grader.model.result import (
    TO_SEE_IT,
    CheckResult,
    CheckStatus,
    Finding,
    FunctionResult,
    FunctionStatus,
    Result,
    Status,
    before_steps,
)
from grader.views.html import formatting
from grader.views.html.array_diff import Figure, figures
from grader.views.html.formula import formula
from grader.views.html.notebook_run_page import WholeView, whole
from grader.views.html.render import name, render, say, translated_by
from grader.views.html.source_listing import Listing, listing

_SHOWN_FINDINGS = 3
_MANY = 3
_FOLDED = {CheckStatus.PASSED, CheckStatus.SKIPPED}
_MENDABLE = {FunctionStatus.PARTIAL, FunctionStatus.FAILED, FunctionStatus.ERROR}


@dataclass(frozen=True, slots=True)
class FindingsView:
    """The findings of a check: the first few, the folded rest, and what is said of their values."""

    first: tuple[Finding, ...]
    rest: tuple[Finding, ...]
    caption: Markup
    with_values: bool


@dataclass(frozen=True, slots=True)
class CheckView:
    """A check that is not right: its findings, or the cases alone where they add no more, its figures."""

    check: CheckResult
    cases: tuple[Finding, ...]
    findings: FindingsView | None
    figures: tuple[Figure, ...]

    @property
    def steps(self) -> str:
        """Key of the words before its steps."""
        return "check.steps" if before_steps(self.check) is TO_SEE_IT else "check.steps.hidden"


@dataclass(frozen=True, slots=True)
class FunctionView:
    """A graded function; it has a section of its own if it was `asked`."""

    anchor: str
    function: FunctionResult
    formula: Markup | None
    listing: Listing | None
    asked: bool
    failing: tuple[CheckView, ...]
    skipped: tuple[CheckResult, ...]
    passed: tuple[CheckResult, ...]

    @property
    def word(self) -> str:
        """Key of the words for its status."""
        return f"function.{self.function.status if self.asked else 'unasked'}"

    @property
    def tone(self) -> str:
        """Name of the colour that goes with the words."""
        return str(self.function.status) if self.asked else "unasked"


@dataclass(frozen=True, slots=True)
class StudentView:
    """Everything the student's page shows."""

    result: Result
    title: str
    score: float | None
    share: float
    opening: Markup | None
    next_step: Markup
    functions: tuple[FunctionView, ...]
    whole: WholeView | None

    @property
    def crowded(self) -> bool:
        """Say whether so many functions have failing checks that paper shows less of each."""
        return sum(bool(view.failing) for view in self.functions) >= _MANY


def student_page(result: Result, translator: Translator = UNTRANSLATED) -> str:
    """Return the self-contained page for one student, in a language."""
    with translated_by(translator):
        return render("student.html.j2", page=_view(result))


def _view(result: Result) -> StudentView:
    score = formatting.shown_score(result)
    functions = tuple(_function_view(result, i) for i in range(len(result.functions)))
    return StudentView(
        result=result,
        title=formatting.title(result),
        score=score,
        share=0.0 if score is None else round(100 * formatting.share(score, result.max_score), 2),
        opening=None if result.status is Status.GRADED else say(f"opening.{result.status}"),
        next_step=_next_step(result, functions),
        functions=functions,
        whole=whole(result.run),
    )


def _function_view(result: Result, position: int) -> FunctionView:
    function = result.functions[position]
    return FunctionView(
        anchor=f"function-{position + 1}",
        function=function,
        formula=formula(function.formula),
        listing=listing(function),
        asked=formatting.asked(result, function),
        failing=tuple(_check_view(c) for c in function.checks if c.status not in _FOLDED),
        skipped=tuple(c for c in function.checks if c.status is CheckStatus.SKIPPED),
        passed=tuple(c for c in function.checks if c.status is CheckStatus.PASSED),
    )


def _check_view(check: CheckResult) -> CheckView:
    if all(_adds_only_its_case(finding, check.message) for finding in check.findings):
        return CheckView(check, check.findings, None, ())
    return CheckView(check, (), _findings_view(check.findings), figures(check))


def _adds_only_its_case(finding: Finding, message: str) -> bool:
    """Say whether a finding has no number, and words that stand in the message of its check."""
    words = finding.message.rstrip(".").casefold()
    return not finding.quantity and not finding.total and words in message.casefold()


def _findings_view(findings: Sequence[Finding]) -> FindingsView:
    some, all_ = any(f.public for f in findings), all(f.public for f in findings)
    caption = "public" if all_ else "mixed" if some else "hidden"
    return FindingsView(
        first=tuple(findings[:_SHOWN_FINDINGS]),
        rest=tuple(findings[_SHOWN_FINDINGS:]),
        caption=say(f"findings.{caption}"),
        with_values=some,
    )


# ------------------------------------------------------------------ what to do next


def _next_step(result: Result, functions: Sequence[FunctionView]) -> Markup:
    if result.status is not Status.GRADED:
        return say(f"next.{result.status}")
    if not functions or result.score is None:
        return say("next.nothing")
    unfinished = [f for f in functions if f.function.status is not FunctionStatus.PASSED]
    if not unfinished or formatting.share(result.score, result.max_score) == 1:
        return say("next.done")
    return say(_next_key(unfinished[0].function), function=_link(unfinished[0]))


def _next_key(function: FunctionResult) -> str:
    """Return the key of the step after this status; to mend something, a hint is the best start."""
    if function.status in _MENDABLE and function.diagnoses:
        return "next.hinted"
    if function.status is FunctionStatus.TIMEOUT:
        return "next.function_timeout"
    return f"next.{function.status}"


def _link(view: FunctionView) -> Markup:
    return Markup('<a href="#{}"><code>{}</code></a>').format(view.anchor, name(view.function.name))
