"""Write one JSON file for each submission, for the formats that consist of these."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

from grader.messages import Translator
from grader.model.result import Result
from grader.views.export.grades import grade, with_file_names
from grader.views.export.matching import without_grade
from grader.views.export.request import Export, ExportFile, Request

ToObject: TypeAlias = Callable[[Result, float | None, Translator], dict[str, Any]]
"""Returns the object of a submission with a score, None if it has none."""


def json_export(request: Request, to_object: ToObject, *, ending: str) -> Export:
    """Return a file for each submission, named after the student, with an ending such as `.json`."""
    return Export(_files(request, to_object, ending), without_grade(request))


def _files(request: Request, to_object: ToObject, ending: str) -> Iterator[ExportFile]:
    for name, result in with_file_names(request.results):
        score = grade(result, zero_missing=request.zero_missing)
        plain = to_object(result, score, request.translator)
        text = json.dumps(plain, ensure_ascii=False, indent=1, allow_nan=False)
        yield ExportFile(f"{name}{ending}", text.encode())
