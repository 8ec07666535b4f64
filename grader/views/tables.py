"""A result as JSON, a class as CSV."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence

from grader.model.result import Result, result_to_dict


def to_json(result: Result) -> str:
    """Return the result object as text, letters as they are, what a terminal might obey as escapes."""
    text = json.dumps(result_to_dict(result), ensure_ascii=False, allow_nan=False, indent=1)
    if text.replace("\n", "").isprintable():
        return text
    return "".join(c if c.isprintable() or c == "\n" else json.dumps(c)[1:-1] for c in text)


def to_csv(results: Sequence[Result], functions: Sequence[str]) -> str:
    """Return one row a submission: ID, score, maximum, status, then the score of each function."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["submission", "score", "max_score", "status", *functions])
    for result in results:
        scores = {function.name: _number(function.score) for function in result.functions}
        whole = (_number(result.score), _number(result.max_score), str(result.status))
        writer.writerow([result.submission, *whole, *(scores.get(name, "") for name in functions)])
    return text.getvalue()


def _number(score: float | None) -> str:
    """Return `75.0` whether the points are whole or not, and nothing where there is no score."""
    return "" if score is None else str(float(score))
