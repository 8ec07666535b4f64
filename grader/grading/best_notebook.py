"""One student, one row: find the notebook that counts among several, and list the others."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from grader.grading.settings import Budget
from grader.intake import Source
from grader.messages import Text, gettext
from grader.model.allowance import Allowance
from grader.model.result import Result, Status
from grader.model.submission import Other, Submission
from grader.notebook import NotANotebook, reader

_UNREADABLE = gettext("it could not be read as a notebook")
_NOT_READ = gettext("it was not read: the time for one submission was used up")
_NOT_GRADED = gettext("it was not graded: the time for one submission was used up")
_UNRELATED = gettext("it defines no graded function")
_EQUAL = gettext("it has the same content as the notebook that counts")
_LOWER = gettext("another notebook of this student has a higher score")
_SAME_SCORE = gettext("another notebook of this student has the same score")


def contenders(
    source: Source, functions: Sequence[str], reading: Allowance | None = None
) -> list[Submission]:
    """Return the notebooks of a student that define a graded function, never none.

    A single file is returned without a look at what it defines. If none of several does, it is the
    first that is a notebook, else the first file. Each has the other files in its `others`, with the
    reason why they do not count. This takes at most half of the time for `reading`.
    """
    if len(source.candidates) < 2:
        return [source.read()]
    defining: dict[str | None, Submission] = {}
    notebooks: list[Submission] = []
    others: list[Other] = []
    for submission, names in with_names(source, reading or Allowance(reader.SECONDS)):
        if isinstance(names, str):
            others.append(Other(submission.source, names))
        elif not names.isdisjoint(functions):
            if submission.sha256 in defining:
                others.append(Other(submission.source, _EQUAL))
            defining.setdefault(submission.sha256, submission)
        else:
            others.append(Other(submission.source, _UNRELATED))
            notebooks = notebooks or [submission]
    chosen = list(defining.values()) or notebooks or [_unreadable(source)]
    rest = tuple(other for other in others if other.source != chosen[0].source)
    return [replace(c, others=(*c.others, *rest)) for c in chosen]


def _unreadable(source: Source) -> Submission:
    """Return the first file, or the sentence about all files if no file alone explains the problem."""
    first = source.read()
    return replace(first, problem=first.problem or source.problem)


def with_names(source: Source, reading: Allowance) -> Iterator[tuple[Submission, set[str] | Text]]:
    """Yield each file, and the names of the functions that it defines or why it was not read."""
    last = len(source.candidates) - 1
    with reading.part(is_last=False) as finding:
        for number in range(last + 1):
            submission = source.read(number)
            with finding.part(is_last=number == last) as part:
                yield submission, _defined(submission, part)


def _defined(submission: Submission, allowance: Allowance) -> set[str] | Text:
    """Return the names of the functions that a notebook defines, or why it was not read."""
    if submission.problem:
        return _UNREADABLE
    request = reader.ReadingRequest()
    try:
        cells = reader.read_with_limits(submission.data, request, allowance).notebook.cells
    except NotANotebook:
        return _UNREADABLE
    except reader.ReadingLimit:
        return _UNREADABLE if allowance.left else _NOT_READ
    return {name for cell in cells for name in _DEFINITION.findall(cell.source)}


_DEFINITION = re.compile(r"^[ \t]*(?:async[ \t]+)?def[ \t]+(\w+)", re.MULTILINE)


def grade_best(
    submissions: Sequence[Submission],
    grade: Callable[[Submission, Budget], Result],
    budget: Budget,
) -> Result:
    """Return the result of the notebook with the highest score; of equal ones the first.

    They share a budget; the notebooks after its end are not graded. If there are several, an
    instructor should look at the row. If the grader fails on one of them, its result counts, so that
    it is graded again.
    """
    results: list[Result] = []
    for number, submission in enumerate(submissions, start=1):
        if results and budget.is_used_up:
            break
        with budget.part(is_last=number == len(submissions)) as part:
            result = grade(submission, part)
        # the student reads, too, why the row is to be looked at
        results.append(replace(result, notes=(*submission.to_look_at, *result.notes)))
    if len(submissions) == 1:
        return results[0]
    ungraded = [Other(submission.source, _NOT_GRADED) for submission in submissions[len(results) :]]
    failed = [result for result in results if result.status is Status.INTERNAL]
    chosen = failed[0] if failed else max(results, key=lambda result: result.score or 0.0)
    reason = gettext(
        "{count} notebooks define graded functions. The one with the highest score counts.",
        count=len(submissions),
    )
    return replace(
        chosen,
        others=(*chosen.others, *_others(results, chosen), *ungraded),
        to_look_at=(*chosen.to_look_at, reason),
    )


def _others(results: Sequence[Result], chosen: Result) -> Iterator[Other]:
    for result in results:
        if result is not chosen:
            why = _SAME_SCORE if result.score == chosen.score else _LOWER
            yield Other(result.source, why, result.score)
