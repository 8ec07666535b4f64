"""The report of a whole-notebook run: cells that failed, and trainings compared with the reference."""

from __future__ import annotations

from dataclasses import dataclass

from grader.messages import Text


@dataclass(frozen=True, slots=True)
class CellReport:
    """A code cell that did not finish normally; `status` is a `notebook_run.CellStatus`.

    `begins` is its first line.
    """

    number: int
    status: str
    message: Text
    line: int = 0
    seconds: float = 0.0
    begins: str = ""


@dataclass(frozen=True, slots=True)
class ComparedMeasure:
    """A measured number of a training (empty if unknown), the expected one, and whether they agree."""

    name: Text
    got: str
    expected: str
    right: bool


@dataclass(frozen=True, slots=True)
class Plane:
    """The two regions into which a trained model divides the plane, with words of the assignment.

    Each row, from the top, has "1" for every coloured cell, else "0".
    """

    rows: tuple[str, ...]
    title: Text = ""
    about: Text = ""


@dataclass(frozen=True, slots=True)
class TrainingReport:
    """A training of the notebook, compared with the same training of the reference.

    `status` is `right`, `wrong` or `missing`. `figures` are the numbers that are compared: values of the
    curve, and measures of the trained model. The curves have values of `quantity` at intervals of `every`
    iterations, None if not finite. `plane` is None if the notebook has no trained model in the end. Each
    of the `points` is "across down kind", in fractions of the plane; points of kind 1 are coloured.
    `begins` is the first line of its cell.
    """

    name: str
    about: Text
    status: str
    message: Text
    cell: int | None = None
    figures: tuple[ComparedMeasure, ...] = ()
    quantity: Text = ""
    every: int = 0
    curve: tuple[float | None, ...] = ()
    expected_curve: tuple[float | None, ...] = ()
    plane: Plane | None = None
    expected_plane: Plane | None = None
    points: tuple[str, ...] = ()
    begins: str = ""


@dataclass(frozen=True, slots=True)
class RunReport:
    """A run of the whole notebook.

    `ran` of `total` code cells started; `cells` did not finish normally. In a rehearsal `steps` is the
    reduced number of iterations. `score` of `max_score` points are for trainings, both 0 unless the
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
