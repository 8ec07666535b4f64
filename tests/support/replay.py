"""Run `grader` with results that were recorded: `python -m tests.support.replay FOLDER SECONDS batch …`.

Instead of being graded, each submission waits for SECONDS and has its result in the gradebook FOLDER.
Everything else is as in `grader`: processes, journal, pages. Tests that interrupt a batch use it where
no sandbox is needed. Compiled templates are kept beside the recorded gradebook.
"""

from __future__ import annotations

import contextlib
import sys
import time
from dataclasses import replace
from functools import partial
from pathlib import Path

from jinja2 import FileSystemBytecodeCache
from jinja2.bccache import Bucket

from grader import grading, sandbox
from grader.assignments import oracle
from grader.cli import main
from grader.grading import Settings
from grader.model import Assignment, Tier
from grader.model.result import Result
from grader.model.submission import Submission
from grader.views.html import render
from grader.views.tables import from_json


class CompiledTemplates(FileSystemBytecodeCache):
    """Keeps compiled templates in a folder, as far as this process may write there."""

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Write a compiled template."""
        with contextlib.suppress(OSError):
            super().dump_bytecode(bucket)


def replay(folder: Path, seconds: float) -> None:
    """Replace the grading, and with it the sandbox and the reference."""

    def grade(
        submission: Submission, assignment: Assignment, settings: Settings, **_: object
    ) -> Result:
        time.sleep(seconds)
        recorded = folder / "submissions" / submission.id / "result.json"
        return replace(from_json(recorded.read_bytes()), seed=settings.seed)

    templates = folder.with_name("templates")
    templates.mkdir(exist_ok=True)
    environment = partial(render._PageEnvironment, bytecode_cache=CompiledTemplates(str(templates)))
    vars(render).update(_PageEnvironment=environment)
    vars(grading).update(grade=grade)
    vars(sandbox).update(choose_tier=lambda _: sandbox.ChosenTier(Tier.FULL))
    vars(oracle).update(consult=lambda *_, **__: None)


if __name__ == "__main__":
    replay(Path(sys.argv[1]), float(sys.argv[2]))
    main(sys.argv[3:], prog_name="grader")
