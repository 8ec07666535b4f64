"""A class of honest submissions and its results, to compare interrupted runs with."""

from __future__ import annotations

import fcntl
from dataclasses import dataclass, replace
from pathlib import Path

from grader.model.result import Result
from grader.views.tables import from_json
from tests.support.command_line import Argument, gradings, hand_in, rows, run
from tests.support.html_reader import read

SUBMISSIONS = (
    "error-below-the-end-marker",
    "error-redefined-with-other-arguments",
    "malformed-latin-1",
    "malformed-zip-archive",
    "right",
    "wrong-cost-per-example",
    "wrong-l2-not-averaged",
    "wrong-random-stream-other-seed",
)
STUDENTS = len(SUBMISSIONS)


@dataclass(frozen=True, slots=True)
class Class:
    """A folder of submissions, with the folder and the results of a run that was not interrupted."""

    inbox: Path
    undisturbed: Path
    results: dict[str, Result]
    rows: dict[str, dict[str, str]]

    def line(self, out: Path) -> tuple[Argument, ...]:
        """Return the arguments that grade the class into a folder."""
        return ("batch", self.inbox, "--out", out, "--workers", 2)

    def replay(self, seconds: float = 0.0) -> tuple[Argument, ...]:
        """Return a program like `grader`, which has each result after some seconds without grading."""
        return ("tests.support.replay", self.undisturbed, seconds)

    def unlike(self, out: Path) -> list[str]:
        """Return the submissions whose result differs, or which were not graded exactly once."""
        results, table, counts = shown(out), rows(out), gradings(out)
        names = sorted({*self.results, *results, *table, *counts})
        return [
            name
            for name in names
            if results.get(name) != self.results.get(name)
            or table.get(name) != self.rows.get(name)
            or counts.get(name) != 1
        ]


def apart(course: Class, out: Path) -> list[str]:
    """Return the differing results, each with the expected one."""
    results = shown(out)
    return [f"{results.get(n)}\nexpected: {course.results.get(n)}" for n in course.unlike(out)]


def graded(folder: Path) -> Class:
    """Write a class into a folder and grade it, unless another process of the tests has done so."""
    folder.mkdir(exist_ok=True)
    inbox, out, finished = folder / "inbox", folder / "undisturbed", folder / "finished"
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not finished.exists():
            hand_in(inbox, *SUBMISSIONS)
            assert run(*Class(inbox, out, {}, {}).line(out)).status == 0
            finished.touch()
    return Class(inbox, out, shown(out), rows(out))


def shown(out: Path) -> dict[str, Result]:
    """Return the results in a folder without durations; all files must be complete."""
    results = {}
    for path in out.glob("submissions/*/result.json"):
        result = from_json(path.read_bytes())
        assert path.parent.name == result.submission
        results[result.submission] = replace(result, duration_s=0.0, graded_at=None)
    for path in out.rglob("*.html"):
        text = path.read_text("utf-8")
        assert text.rstrip().endswith("</html>") and read(text).text, f"{path} is incomplete"
    return results
