"""Coursera's feedback, a folder for each part: a part is a graded function.

The rules are those of coursera_autograder (commands/grade.py): `fractionalScore` is a number from 0 to 1,
`feedback` is required, and `feedbackType` HTML shows htmlFeedback.html instead.
"""

from __future__ import annotations

import html
import json
from collections.abc import Iterator

from grader.messages import Translator
from grader.model.result import FunctionResult, Result, Status
from grader.views.export.grades import (
    comment,
    feedback,
    file_name,
    grade,
    points,
    unique,
    with_file_names,
)
from grader.views.export.matching import without_grade
from grader.views.export.request import Export, ExportFile, Request


def coursera(request: Request) -> Export:
    """Return for each submission and function `feedback.json` and `htmlFeedback.html`."""
    notes = without_grade(request)
    return Export(_files(request), notes)


def _files(request: Request) -> Iterator[ExportFile]:
    for name, result in with_file_names(request.results):
        score = grade(result, zero_missing=request.zero_missing)
        parts = [function for function in result.functions if function.max_score]
        folders = unique(file_name(function.name) for function in parts)
        for folder, function in zip(folders, parts, strict=True):
            texts = _texts(result, function, request.translator)
            plain = {
                **_fraction(result, function, score),
                "feedback": "\n".join(texts),
                "feedbackType": "HTML",
            }
            text = json.dumps(plain, ensure_ascii=False, allow_nan=False)
            page = "".join(f"<p>{html.escape(text)}</p>\n" for text in texts)
            yield ExportFile(f"{name}/{folder}/feedback.json", text.encode())
            yield ExportFile(f"{name}/{folder}/htmlFeedback.html", page.encode())


def _texts(result: Result, function: FunctionResult, translator: Translator) -> list[str]:
    """Return the lines about one function, then those about the whole submission."""
    if result.status is not Status.GRADED:
        return comment(result, translator)
    general = comment(result, translator)[len([f for f in result.functions if f.max_score]) :]
    return [f"{points(function, translator)}.", *feedback(function, translator), *general]


def _fraction(result: Result, function: FunctionResult, score: float | None) -> dict[str, float]:
    """Return the share of a part, so that the parts add up to the score that counts.

    Nothing for a submission without a grade, so that Coursera counts no attempt.
    """
    if score is None:
        return {}
    earned = sum(f.score or 0.0 for f in result.functions)
    if earned:
        share = (function.score or 0.0) / function.max_score * score / earned
    else:
        share = score / result.max_score if result.max_score else 0.0
    return {"fractionalScore": round(min(max(share, 0.0), 1.0), 6)}
