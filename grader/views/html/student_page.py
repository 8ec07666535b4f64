"""The page for one student: the next step first, then every function with its hints and values."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from markupsafe import Markup

from grader.messages import UNTRANSLATED, Message, Translator, gettext
from grader.model.findings import CheckResult, CheckStatus, Finding, FunctionStatus, snippet_intro
from grader.model.result import FunctionResult, Result, was_tested
from grader.model.submission import Other, Student
from grader.views import presentation
from grader.views.html.array_diff import ArrayDiff, array_diffs
from grader.views.html.notebook_run_page import TrainingView, training_views
from grader.views.html.render import formula, render, render_macro
from grader.views.html.source_listing import Listing, listing

_SHOWN_FINDINGS = 3
_CROWDED = 3
_MOST_FUNCTIONS, _MOST_CHECKS = 256, 512
_FOLDED = {CheckStatus.PASSED, CheckStatus.SKIPPED}


@dataclass(frozen=True, slots=True)
class CheckView:
    """A check that is not right.

    Findings that add only their case to the message of the check are in `cases`. Of a public example
    the first few `findings` are shown; `more_findings` and those of hidden tests are folded.
    """

    check: CheckResult
    cases: tuple[Finding, ...]
    findings: tuple[Finding, ...]
    more_findings: tuple[Finding, ...]
    diffs: tuple[ArrayDiff, ...]

    @property
    def visibility(self) -> str:
        """Return "public" or "hidden" if all its cases are, else "mixed"."""
        public = {finding.public for finding in self.check.findings}
        return "mixed" if len(public) > 1 else "public" if public == {True} else "hidden"

    @property
    def introduction(self) -> str:
        """Return the sentence before its lines to run."""
        return snippet_intro(self.check)


@dataclass(frozen=True, slots=True)
class SectionView:
    """The section of a function.

    `failing` are its checks that are not right; `skipped` and `passed` are the folded lists of the
    others, empty if there are none. `done` is True if every check passed.
    """

    anchor: str
    function: FunctionResult
    formula: Markup | None
    listing: Listing | None
    failing: tuple[Markup, ...]
    skipped: Markup
    passed: Markup
    done: bool


@dataclass(frozen=True, slots=True)
class FunctionView:
    """A graded function: its row in the overview and, if it was `tested`, its section."""

    anchor: str
    function: FunctionResult
    tested: bool
    row: Markup
    section: Markup

    @property
    def failing(self) -> bool:
        """Return True if a check is not right."""
        return any(check.status not in _FOLDED for check in self.function.checks)


@dataclass(frozen=True, slots=True)
class StudentView:
    """Everything the student's page shows.

    `unfinished` is the function to continue with. If there is none, `advised` is the first function
    with a hint, and `overridden` is True if a person has changed the points of a wrong function.
    """

    result: Result
    title: str
    score: float | None
    percent: float
    functions: tuple[FunctionView, ...]
    unfinished: FunctionView | None
    advised: FunctionView | None
    overridden: bool
    trainings: tuple[TrainingView, ...]
    hand_in: tuple[tuple[Message, str], ...]
    others: tuple[Message, ...]
    changes: tuple[Message, ...]

    @property
    def crowded(self) -> bool:
        """Return True if so many functions fail that the printed page shows less of each."""
        return sum(view.failing for view in self.functions) >= _CROWDED


def student_page(result: Result, translator: Translator = UNTRANSLATED) -> str:
    """Return the self-contained page for one student in the language of `translator`."""
    return render("student.html.j2", translator, page=_view(result, translator))


def _view(result: Result, translator: Translator) -> StudentView:
    score = presentation.displayed_score(result)
    fraction = 0.0 if score is None else presentation.fraction(score, result.max_score)
    functions = tuple(
        _function_view(
            f"function-{number}",
            function,
            translator,
            tested=was_tested(result, function),
            graded=score is not None,
        )
        for number, function in enumerate(result.functions, 1)
    )
    not_passed = [f for f in functions if f.function.status is not FunctionStatus.PASSED]
    return StudentView(
        result=result,
        title=presentation.title(result),
        score=score,
        percent=round(100 * fraction, 2),
        functions=functions,
        unfinished=not_passed[0] if not_passed and fraction < 1 else None,
        advised=next((view for view in functions if view.function.diagnoses), None),
        overridden=bool(not_passed),
        trainings=training_views(result.run) if result.run else (),
        hand_in=tuple(_hand_in(result)),
        others=tuple(map(_other, result.others)),
        changes=presentation.changes(result),
    )


def _hand_in(result: Result) -> Iterator[tuple[Message, str]]:
    """Yield by what a student recognises the hand-in: a label and a value each."""
    student = result.student or Student()
    submitted = presentation.minute(result.submitted_at)
    late = gettext("{time} (late)", time=submitted) if result.late and submitted else submitted
    facts = {
        gettext("Student"): student.name or student.id or student.email or "",
        gettext("File"): _file(result.source),
        gettext("Submitted on"): late,
        gettext("Graded on"): presentation.minute(result.graded_at),
    }
    yield from ((label, value) for label, value in facts.items() if value)


def _other(other: Other) -> Message:
    """Return the sentence about a further file of the student."""
    file, score = _file(other.source), other.score
    if score is None:
        return gettext("{file}: {why}", file=file, why=other.why)
    return gettext("{file} ({score} points): {why}", file=file, score=f"{score:g}", why=other.why)


def _file(source: str) -> str:
    """Return the name of a file without the folders and zip files of the class around it."""
    return source.rpartition("/")[2]


# ------------------------------------------------------------------ parts, which a class repeats


@lru_cache(maxsize=_MOST_FUNCTIONS)
def _function_view(
    anchor: str, function: FunctionResult, translator: Translator, *, tested: bool, graded: bool
) -> FunctionView:
    return FunctionView(
        anchor=anchor,
        function=function,
        tested=tested,
        row=render_macro("overview_row", translator, anchor, function, tested, graded),
        section=_section(anchor, function, translator) if tested else Markup(""),
    )


def _section(anchor: str, function: FunctionResult, translator: Translator) -> Markup:
    hints = [diagnosis.message for diagnosis in function.diagnoses]
    failing = _merged([check for check in function.checks if check.status not in _FOLDED])
    skipped = tuple(c for c in function.checks if c.status is CheckStatus.SKIPPED)
    passed = tuple(c for c in function.checks if c.status is CheckStatus.PASSED)
    view = SectionView(
        anchor=anchor,
        function=function,
        formula=formula(function.formula),
        listing=listing(function),
        failing=tuple(
            _failing_check(
                *(f"{anchor}-{position}", check, translator),
                is_known=any(check.message in hint for hint in hints),
            )
            for position, check in enumerate(failing, 1)
        ),
        skipped=_folded_checks("skipped_checks", skipped, translator),
        passed=_folded_checks("passed_checks", passed, translator),
        done=len(passed) == len(function.checks),
    )
    return render_macro("function_section", translator, view)


def _merged(checks: Sequence[CheckResult]) -> list[CheckResult]:
    """Return checks with the same message, such as an exception, as one with the points of all."""
    by_message: dict[tuple[CheckStatus, str], list[CheckResult]] = {}
    for check in checks:
        by_message.setdefault((check.status, check.message), []).append(check)
    return [
        same[0]
        if len(same) == 1
        else replace(
            same[0],
            name=gettext("{count} checks", count=len(same)),
            score=sum(check.score for check in same),
            max_score=sum(check.max_score for check in same),
        )
        for same in by_message.values()
    ]


@lru_cache(maxsize=_MOST_CHECKS)
def _failing_check(
    anchor: str, check: CheckResult, translator: Translator, *, is_known: bool
) -> Markup:
    message = "" if is_known else check.message
    return render_macro("failing_check", translator, _check_view(check), anchor, message)


@lru_cache(maxsize=_MOST_CHECKS)
def _folded_checks(kind: str, checks: tuple[CheckResult, ...], translator: Translator) -> Markup:
    return render_macro(kind, translator, checks) if checks else Markup("")


def _check_view(check: CheckResult) -> CheckView:
    def adds_only_its_case(finding: Finding) -> bool:
        """Return True if a finding has no numbers, and its message is part of the check's message."""
        message = finding.message.rstrip(".").casefold()
        return not finding.quantity and not finding.total and message in check.message.casefold()

    findings = check.findings
    if all(map(adds_only_its_case, findings)):
        return CheckView(check, findings, (), (), ())
    if len(findings) == 1 and findings[0].got and findings[0].total == 1:
        return CheckView(check, (), (), (), ())  # the message has both numbers
    shown = _SHOWN_FINDINGS if any(finding.public for finding in findings) else 0
    return CheckView(check, (), findings[:shown], findings[shown:], array_diffs(check))
