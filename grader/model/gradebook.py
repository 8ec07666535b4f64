"""The changes of a gradebook: those that people made, and those between two moments."""

from __future__ import annotations

from dataclasses import dataclass

from grader.model.result import Adjustment

UNDO = "undo"
FORGET = "forget"


@dataclass(frozen=True, slots=True)
class Change:
    """A row of the table `adjustments`: an adjustment, one taken back, or a submission removed.

    `kind` is `UNDO` or `FORGET` if there is no `adjustment`. `undoes` is the number of another row.
    """

    number: int
    submission: str
    kind: str
    author: str
    at: str
    undoes: int | None = None
    last_grading: int = 0
    adjustment: Adjustment | None = None


@dataclass(frozen=True, slots=True)
class Move:
    """Points that changed: those of a check, of a function if `check` is empty, or other points.

    Without points it is a change of the whole submission: of its status, or that it came or went.
    """

    function: str
    check: str
    before: float | None
    after: float | None


@dataclass(frozen=True, slots=True)
class ScoreDifference:
    """A submission whose points differ, with the reasons. A score is None where there is none."""

    submission: str
    before: float | None
    after: float | None
    moves: tuple[Move, ...]
    reasons: tuple[str, ...]
