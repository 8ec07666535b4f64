"""Run `grader` with results that were recorded: `python -m tests.support.replay FOLDER SECONDS batch …`.

Instead of being graded, each submission waits for SECONDS and has its result in the gradebook FOLDER.
Everything else is as in `grader`: processes, journal, pages. Tests that interrupt a batch use it where
no sandbox is needed.
"""

from __future__ import annotations

import sys
import time
from dataclasses import replace
from pathlib import Path

from grader import grading, sandbox
from grader.assignments import oracle
from grader.cli import main
from grader.grading import Settings
from grader.model import Assignment, Tier
from grader.model.result import Result
from grader.model.submission import Submission
from grader.views.tables import from_json


def replay(folder: Path, seconds: float) -> None:
    """Replace the grading, and with it the sandbox and the reference."""

    def grade(
        submission: Submission, assignment: Assignment, settings: Settings, **_: object
    ) -> Result:
        time.sleep(seconds)
        recorded = folder / "submissions" / submission.id / "result.json"
        return replace(from_json(recorded.read_bytes()), seed=settings.seed)

    vars(grading).update(grade=grade)
    vars(sandbox).update(choose_tier=lambda _: sandbox.ChosenTier(Tier.FULL))
    vars(oracle).update(consult=lambda *_, **__: None)


if __name__ == "__main__":
    replay(Path(sys.argv[1]), float(sys.argv[2]))
    main(sys.argv[3:], prog_name="grader")
