"""One student, one row: find the notebook that counts among several, and list the others."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from grader.intake import Source
from grader.messages import gettext
from grader.model import Other, Submission
from grader.model.result import Result, Status
from grader.notebook import NotANotebook, reader

_UNREADABLE = gettext("it could not be read as a notebook")
_UNRELATED = gettext("it defines no graded function")
_EQUAL = gettext("it has the same content as the notebook that counts")
_LOWER = gettext("another notebook of this student has a higher score")
_SAME_SCORE = gettext("another notebook of this student has the same score")


def contenders(source: Source, functions: Sequence[str]) -> list[Submission]:
    """Return the notebooks of a student that define a graded function, never none.

    If none does, it is the first that is a notebook, else the first file. Each has the other files in
    its `others`, with the reason why they do not count.
    """
    if len(source.candidates) < 2:
        return [source.read()]
    defining: dict[str | None, Submission] = {}
    notebooks: list[Submission] = []
    others: list[Other] = []
    for submission in map(source.read, range(len(source.candidates))):
        names = _defined(submission)
        if names is None:
            others.append(Other(submission.source, _UNREADABLE))
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


def _defined(submission: Submission) -> set[str] | None:
    """Return the names of the functions that a notebook defines, or None if it is no notebook."""
    if submission.problem:
        return None
    try:
        cells = reader.read_with_limits(submission.data, reader.ReadingRequest()).notebook.cells
    except (NotANotebook, reader.ReadingLimit):
        return None
    return {name for cell in cells for name in _DEFINITION.findall(cell.source)}


_DEFINITION = re.compile(r"^[ \t]*(?:async[ \t]+)?def[ \t]+(\w+)", re.MULTILINE)


def best(submissions: Sequence[Submission], grade: Callable[[Submission], Result]) -> Result:
    """Return the result of the notebook with the highest score; of equal ones the first.

    If there are several, an instructor should look at the row. If the grader fails on one of them, its
    result counts, so that it is graded again.
    """
    results = [grade(submission) for submission in submissions]
    results = [  # the student reads, too, why the row is to be looked at
        replace(result, notes=(*submission.to_look_at, *result.notes))
        for submission, result in zip(submissions, results, strict=True)
    ]
    if len(results) == 1:
        return results[0]
    failed = [result for result in results if result.status is Status.INTERNAL]
    chosen = failed[0] if failed else max(results, key=lambda result: result.score or 0.0)
    reason = gettext(
        "{count} notebooks define graded functions. The one with the highest score counts.",
        count=len(results),
    )
    return replace(
        chosen,
        others=(*chosen.others, *_others(results, chosen)),
        to_look_at=(*chosen.to_look_at, reason),
    )


def _others(results: Sequence[Result], chosen: Result) -> Iterator[Other]:
    for result in results:
        if result is not chosen:
            why = _SAME_SCORE if result.score == chosen.score else _LOWER
            yield Other(result.source, why, result.score)
