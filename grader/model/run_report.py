"""The report of a whole-notebook run: cells that failed, and trainings compared with the reference."""

from __future__ import annotations

from dataclasses import dataclass

from grader.messages import Text


@dataclass(frozen=True, slots=True)
class CellReport:
    """A code cell that did not finish normally; `status` is a `notebook_run.CellStatus`."""

    number: int
    status: str
    message: Text
    line: int = 0
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Figure:
    """A measured number of a training (empty if unknown), the expected one, and whether they agree."""

    name: Text
    got: str
    expected: str
    right: bool


@dataclass(frozen=True, slots=True)
class Picture:
    """The classes that a network predicts on a grid over the plane.

    Each row, from the top, has "1" for every point of class 1.
    """

    rows: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TrainingReport:
    """A training of the notebook, compared with the same training of the reference.

    `status` is `right`, `wrong` or `missing`. `figures` are costs and accuracies. The curves are costs at
    intervals of `every` steps, None if not finite. `plane` is None if the notebook has no network in the
    end. Each of the `points` is "across down class", in fractions of the plane.
    """

    name: str
    about: Text
    status: str
    message: Text
    cell: int | None = None
    figures: tuple[Figure, ...] = ()
    every: int = 0
    curve: tuple[float | None, ...] = ()
    expected_curve: tuple[float | None, ...] = ()
    plane: Picture | None = None
    expected_plane: Picture | None = None
    points: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RunReport:
    """A run of the whole notebook.

    `ran` of `total` code cells started; `cells` did not finish normally. In a rehearsal `steps` is the
    reduced number of training steps. `score` of `max_score` points are for trainings, both 0 unless the
    assignment gives points for them.
    """

    ran: int
    total: int
    seconds: float
    message: Text = ""
    steps: int | None = None
    cells: tuple[CellReport, ...] = ()
    trainings: tuple[TrainingReport, ...] = ()
    score: float = 0.0
    max_score: float = 0.0
