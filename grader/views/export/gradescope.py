"""Gradescope's `results.json`, a file for each submission.

The fields are those of https://gradescope-autograders.readthedocs.io/en/latest/specs/, as gradescope-utils
and otter-grader write them. `score` overrides the sum of the tests, so it has the score that counts.
Without any score Gradescope shows no grade.
"""

from __future__ import annotations

from typing import Any

from grader.messages import Translator, gettext
from grader.messages.sanitize import one_line
from grader.model.result import AdjustmentKind, FunctionResult, Result, Status
from grader.views import presentation
from grader.views.export.grades import comment, feedback, is_full
from grader.views.export.json_files import json_export
from grader.views.export.request import Export, Request


def gradescope(request: Request) -> Export:
    """Return a folder for each submission, with its `results.json`."""
    return json_export(request, results_json, ending="/results.json")


def results_json(result: Result, score: float | None, translator: Translator) -> dict[str, Any]:
    """Return the object for one submission; without a score if there is none."""
    graded = result.status is Status.GRADED
    texts = comment(result, translator)
    general = texts[len([f for f in result.functions if f.max_score]) :] if graded else texts
    by_hand = {c.function for c in result.adjustments if c.kind is AdjustmentKind.POINTS}
    tests = [
        _test(number, function, translator, by_hand=function.name in by_hand)
        for number, function in enumerate(result.functions, 1)
        if graded and function.max_score
    ]
    if not tests:
        name = translator(presentation.STATUS_LABELS[result.status])
        tests = [
            {"name": name, "status": "failed", "output": "\n".join(texts), "visibility": "visible"}
        ]
    return {
        **({} if score is None else {"score": score}),
        "execution_time": round(result.duration_s, 2),
        "output": "\n".join(general),
        "output_format": "text",
        "test_output_format": "text",
        "test_name_format": "text",
        "visibility": "visible",
        "stdout_visibility": "hidden",
        "tests": tests,
    }


def _test(
    number: int, function: FunctionResult, translator: Translator, *, by_hand: bool
) -> dict[str, Any]:
    """Return the entry of one function. Points by hand need not go with its status."""
    status = presentation.FUNCTION_LABELS[function.status]
    label = translator(gettext("points given by hand") if by_hand else status)
    return {
        "name": translator(gettext("{name}: {status}", name=one_line(function.name), status=label)),
        "number": str(number),
        "score": function.score or 0.0,
        "max_score": function.max_score,
        "status": "passed" if is_full(function) else "failed",
        "output": "\n".join(feedback(function, translator)),
        "visibility": "visible",
    }
