"""A class of every honest kind, and what an undisturbed run makes of it, to hold disturbed runs against."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from pathlib import Path

from grader.model.result import Result
from grader.views.tables import from_json
from tests.support.command_line import Argument, gradings, hand_in, labelled, rows, run
from tests.support.html_reader import read

SEED = 20270303
STUDENTS = 18
LIGHT = ("right", "wrong-", "error-", "malformed-")
HEAVY = ("malformed-huge-outputs", "malformed-deeply-nested-metadata")


@dataclass(frozen=True, slots=True)
class Class:
    """What a class handed in, and what an undisturbed run makes of it."""

    inbox: Path
    results: dict[str, Result]
    rows: dict[str, dict[str, str]]

    def line(self, out: Path) -> tuple[Argument, ...]:
        """Return the arguments by which it is graded into a folder."""
        return ("batch", self.inbox, "--out", out, "--workers", 2)

    def unlike(self, out: Path) -> list[str]:
        """Return in what a folder differs from that of an undisturbed run, or what was graded twice."""
        told, table, counts = shown(out), rows(out), gradings(out)
        names = sorted({*self.results, *told, *table, *counts})
        return [
            name
            for name in names
            if told.get(name) != self.results.get(name)
            or table.get(name) != self.rows.get(name)
            or counts.get(name) != 1
        ]


def apart(course: Class, out: Path) -> list[str]:
    """Return what is told of those that are unlike, and what was told of them undisturbed."""
    told = shown(out)
    return [f"{told.get(n)}\nundisturbed: {course.results.get(n)}" for n in course.unlike(out)]


def graded(folder: Path) -> Class:
    """Hand a class in below a folder and grade it."""
    light = [
        name
        for name, one in labelled().items()
        if name.startswith(LIGHT) and name not in HEAVY and not one.hostile
    ]
    inbox, out = folder / "inbox", folder / "undisturbed"
    course = Class(hand_in(inbox, *random.Random(SEED).sample(light, STUDENTS)), {}, {})
    assert run(*course.line(out)).status == 0
    return replace(course, results=shown(out), rows=rows(out))


def shown(out: Path) -> dict[str, Result]:
    """Return what the objects in a folder say, durations aside; they and the pages must be whole."""
    found = {}
    for path in out.glob("submissions/*/result.json"):
        result = from_json(path.read_bytes())
        assert path.parent.name == result.submission
        found[result.submission] = replace(result, duration_s=0.0)
    for path in out.rglob("*.html"):
        text = path.read_text("utf-8")
        assert text.rstrip().endswith("</html>") and read(text).text, f"{path} is torn"
    return found
