"""The grade, the name and the feedback of a result, as every export writes them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from typing import Final

from grader.messages import Translator, gettext
from grader.messages.sanitize import one_line
from grader.model.findings import CheckStatus
from grader.model.result import AdjustmentKind, FunctionResult, Result, Status
from grader.views import presentation

_MAX_CHARACTERS: Final = 100
_MAX_BYTES: Final = 180
_RIGHT: Final = {CheckStatus.PASSED, CheckStatus.SKIPPED}
_RESERVED: Final = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)", re.IGNORECASE | re.ASCII)


def grade(result: Result, *, zero_missing: bool = False) -> float | None:
    """Return the score that counts, or None if the submission could not be graded.

    With `zero_missing` that is 0, except where the grader itself failed. If an instructor gave points
    by hand, the score counts in any case.
    """
    by_hand = any(change.kind is AdjustmentKind.POINTS for change in result.adjustments)
    if result.status is Status.GRADED or by_hand:
        return result.score
    return 0.0 if zero_missing and result.status is not Status.INTERNAL else None


def cell_grade(result: Result | None, old: str, *, zero_missing: bool) -> float | None:
    """Return the new grade of a student in the platform's own export, or None if its cell stays.

    `old` is the grade there. A person may have given it to a submission that could not be graded, so
    the 0 of `zero_missing` is for empty cells only.
    """
    new = grade(result) if result else None
    if new is None and zero_missing and not old.strip():
        return grade(result, zero_missing=True) if result else 0.0
    return new


def number(score: float, *, comma: bool = False) -> str:
    """Return a score with at most two decimals, as all gradebooks show it; with a comma if asked."""
    text = f"{score:.2f}".rstrip("0").rstrip(".")
    return text.replace(".", ",") if comma else text


def reason(result: Result, translator: Translator) -> str:
    """Return why a submission has no grade, as one sentence on one line."""
    return one_line(translator(result.message or presentation.STATUS_LABELS[result.status]))


def student_name(result: Result) -> str:
    """Return the name of the student, or the ID of the submission if the name is not known."""
    name = result.student.name if result.student else None
    return one_line(name or "") or one_line(result.submission)


def feedback(function: FunctionResult, translator: Translator) -> Iterator[str]:
    """Yield the hints for a function; without hints, the messages of the checks that are not right."""
    if function.diagnoses:
        yield from (one_line(translator(d.message), limit=1000) for d in function.diagnoses)
        return
    for check in function.checks:
        if check.status not in _RIGHT and check.message:
            yield one_line(translator(check.message), limit=1000)


def points(function: FunctionResult, translator: Translator) -> str:
    """Return the name of a function with its points, as in "forward: 12.5 of 25 points"."""
    message = gettext(
        "{name}: {score} of {max_score} points",
        name=one_line(function.name),
        score=number(function.score or 0.0),
        max_score=number(function.max_score),
    )
    return translator(message)


def comment(result: Result, translator: Translator) -> list[str]:
    """Return the text for the student beside the grade, line by line.

    The first lines are the reason why there is no grade, or points and hints of each function. Then
    follow the late penalty and the comments of the instructor.
    """
    if result.status is Status.GRADED:
        texts = [
            " ".join((f"{points(function, translator)}.", *feedback(function, translator)))
            for function in result.functions
            if function.max_score
        ]
    else:
        texts = [reason(result, translator)]
    if result.late_penalty:
        penalty = number(result.late_penalty.points)
        texts.append(translator(gettext("Late penalty: {points} points.", points=penalty)))
    return [*texts, *instructor_comments(result)]


def is_full(function: FunctionResult) -> bool:
    """Return True if a function has all its points, which a person may have given."""
    return presentation.fraction(function.score or 0.0, function.max_score) == 1.0


def instructor_comments(result: Result) -> Iterator[str]:
    """Yield the instructor's comments for the student, and the reasons of points given by hand."""
    for change in result.adjustments:
        why = one_line(change.why, limit=2000)
        if change.kind is AdjustmentKind.COMMENT:
            yield why
        elif change.kind is AdjustmentKind.POINTS:
            yield f"{one_line(change.function or '')}: {why}"


# ------------------------------------------------------------------ names of files


def file_name(text: str) -> str:
    """Return a name for a file that every system, zip program and shell accepts.

    Letters and digits of any script stay, and spaces, dots and hyphens within. All else becomes `_`.
    """
    plain = "".join(
        c if unicodedata.category(c)[0] in "LMN" or c in "_-. " else "_"
        for c in unicodedata.normalize("NFC", text)
    )
    plain = re.sub(r"\.{2,}", ".", plain).strip(" .-")
    while len(plain) > _MAX_CHARACTERS or len(plain.encode()) > _MAX_BYTES:
        plain = plain[:-1].rstrip(" .-")
    if _RESERVED.match(plain) or unicodedata.category(plain[:1] or "a").startswith("M"):
        plain = "_" + plain
    return plain or "submission"


def with_file_names(results: Iterable[Result]) -> Iterator[tuple[str, Result]]:
    """Yield each submission with a name for its file or folder, made from its ID."""
    chosen = [result for result in results if result.status is not Status.NOT_SUBMITTED]
    return zip(unique(file_name(r.submission) for r in chosen), chosen, strict=True)


def unique(names: Iterable[str]) -> Iterator[str]:
    """Yield the names of files, with a number behind each that another one has already.

    Names that differ in case only count as equal, as on Windows.
    """
    used: set[str] = set()
    for name in names:
        candidate, count = name, 1
        while candidate.casefold() in used:
            count += 1
            candidate = f"{name}-{count}"
        used.add(candidate.casefold())
        yield candidate
