"""What is told of a notebook that was run whole: its cells, and its trainings beside the reference's."""

from __future__ import annotations

from dataclasses import dataclass

from grader.messages import Text


@dataclass(frozen=True, slots=True)
class CellReport:
    """What became of a cell that did not simply finish; `status` is one of `session.CellStatus`."""

    number: int
    status: str
    message: Text
    line: int = 0
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Figure:
    """A number of a training, if it is known, beside the one expected, and whether they agree."""

    name: Text
    got: str
    expected: str
    right: bool


@dataclass(frozen=True, slots=True)
class Picture:
    """The plane as a network divides it: for each row, from the top, "1" where it says class 1."""

    rows: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TrainingReport:
    """A training of the notebook beside the reference's.

    `figures` are costs and accuracies; the curves are costs at equal distances of `every` steps, None
    where one is not finite. `plane` is None where the notebook left no network. `points` are
    "across down class", as shares of the plane. `status` is `right`, `wrong` or `missing`.
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
    """How a notebook went that was run whole.

    `steps` is the number of steps if it was a rehearsal with fewer; `cells` are those that did not
    simply finish; `ran` and `total` count cells of code. `score` of `max_score` is what trainings as
    they should be have earned, nothing of nothing unless the assignment says so.
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
