"""The result of GitHub Classroom's autograding, a file for each submission.

The keys are those that the reporter of github-education-resources reads
(autograding-grading-reporter, src/notify-classroom.js): it adds up the `score` of all tests, and leaves
out a result whose `max_score` is 0. The reporter takes the file in base64.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from grader.messages import Translator, gettext
from grader.messages.sanitize import one_line
from grader.model.result import Result, Status
from grader.views import presentation
from grader.views.export.grades import comment, feedback, is_full
from grader.views.export.json_files import json_export
from grader.views.export.request import Export, Request

_VERSION: Final = 3
_OUTPUT: Final = 500
_ROUNDING: Final = 1e-6


def classroom(request: Request) -> Export:
    """Return a file for each submission."""
    return json_export(request, _result, ending=".json")


def _result(result: Result, score: float | None, translator: Translator) -> dict[str, Any]:
    """Return the object for one submission; its tests add up to the score."""
    if result.status is not Status.GRADED or score is None:
        message = _cut(" ".join(comment(result, translator)))
        name = translator(presentation.STATUS_LABELS[result.status])
        return {
            "version": _VERSION,
            "status": "error",
            "message": message,
            "max_score": 0 if score is None else result.max_score,
            "tests": [_test(name, "error", score or 0.0, message)],
        }
    full = presentation.fraction(score, result.max_score or 1.0) == 1.0
    return {
        "version": _VERSION,
        "status": "pass" if full else "fail",
        "message": None,
        "max_score": result.max_score,
        "tests": [*_tests(result, score, translator)],
    }


def _tests(result: Result, score: float, translator: Translator) -> Iterator[dict[str, Any]]:
    """Yield a test for each function, and one for other points such as the late penalty."""
    functions = [function for function in result.functions if function.max_score]
    for function in functions:
        status = "pass" if is_full(function) else "fail"
        message = _cut("\n".join(feedback(function, translator)))
        yield _test(one_line(function.name), status, function.score or 0.0, message)
    rest = score - sum(function.score or 0.0 for function in functions)
    if abs(rest) > _ROUNDING:
        name = gettext("late penalty") if result.late_penalty else gettext("other points")
        yield _test(translator(name), "pass" if rest > 0 else "fail", round(rest, 6), "")


def _test(name: str, status: str, score: float, message: str) -> dict[str, Any]:
    return {
        "name": name,
        "status": status,
        "score": score,
        "message": message,
        "test_code": "",
        "filename": "",
        "line_no": 0,
    }


def _cut(text: str) -> str:
    """Return the first characters of a text, as many as Classroom keeps."""
    return text if len(text) <= _OUTPUT else text[: _OUTPUT - 2] + " …"
