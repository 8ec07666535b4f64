"""A failure of the grader is recorded with its type and frames, and no text of a student."""

from __future__ import annotations

import json
import re
import zipfile
from io import BytesIO
from pathlib import Path
from typing import Any, NoReturn

import pytest

from grader import assignments, grading
from grader.errors import DiskError
from grader.files import append
from grader.grading import Settings
from grader.model import Tier
from grader.model.failure import Failure, failure_of
from grader.model.result import Status
from grader.model.submission import Submission
from grader.views.tables import to_json

SECRET = "ada's own words"


def broken(*_: Any, **__: Any) -> NoReturn:
    try:
        raise KeyError(SECRET)
    except KeyError as error:
        raise RuntimeError(SECRET) from error


# ------------------------------------------------------------------ the record


def test_failure_has_types_and_frames() -> None:
    with pytest.raises(RuntimeError) as caught:
        broken()

    first, *rest = failure_of(caught.value, stage="a test").lines(debug=False)

    assert first == "RuntimeError in a test"
    assert all(re.fullmatch(r"  tests/unit/grading/test_failures\.py:\d+ \w+|.*", s) for s in rest)
    assert any(line.endswith(" broken") for line in rest)
    assert "  caused by KeyError" in rest
    assert SECRET not in "\n".join([first, *rest])


def test_frames_name_no_folder_of_the_machine() -> None:
    with pytest.raises(zipfile.BadZipFile) as caught:
        zipfile.ZipFile(BytesIO(b"not a zip file"))

    frames = failure_of(caught.value).frames

    assert frames and not any(frame.startswith("/") for frame in frames)


def test_debug_adds_the_message_on_one_line() -> None:
    failure = Failure("KeyError", ("a.py:1 f",), "a\nb\x1b[31m")

    assert list(failure.lines(debug=True)) == ["KeyError: a b [31m", "  a.py:1 f"]
    assert list(failure.lines(debug=False)) == ["KeyError", "  a.py:1 f"]


def test_json_does_not_have_the_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    assignment = assignments.load("regularization")
    monkeypatch.setattr(grading, "_grade", broken)

    result = grading.grade(
        Submission("ada", b"x = 1  # %%"),
        assignment,
        Settings(assignment.seed, Tier.NONE),
    )

    assert result.status is Status.INTERNAL
    assert [failure.kind for failure in result.failures] == ["RuntimeError"]
    assert "failure" not in json.loads(to_json(result))
    assert "test_failures.py" not in to_json(result)


# ------------------------------------------------------------------ appending


def test_append_is_whole_or_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk takes a part of the text; the file then has the old text only."""
    log = tmp_path / "errors.log"
    append(log, "first\n")
    opened = Path.open

    def nearly_full(path: Path, *arguments: Any, **options: Any) -> Any:
        file = opened(path, *arguments, **options)

        class Short:
            def __enter__(self) -> Short:
                return self

            def __exit__(self, *_: object) -> None:
                file.close()

            def __getattr__(self, name: str) -> Any:
                return getattr(file, name)

            def write(self, data: bytes) -> int:
                return int(file.write(data[:3]))

        return Short()

    with monkeypatch.context() as patch:
        patch.setattr(Path, "open", nearly_full)
        with pytest.raises(DiskError, match=r"errors\.log cannot be written: No space left"):
            append(log, "second\n")
    assert log.read_text("utf-8") == "first\n"
    append(log, "third\n")
    assert log.read_text("utf-8") == "first\nthird\n"
