"""The trainings that a notebook contains, as its assignment describes them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from grader.messages import Text

Vector = NDArray[Any]

_FINENESS = 60
"""Rows and columns into which a plane is divided."""


@dataclass(frozen=True, slots=True)
class Training:
    """One training: the arguments by which its call differs from the others'.

    `rtol` is the relative tolerance of its curve. Where a training amplifies rounding errors, no two
    machines agree to more than that.
    """

    name: str
    about: Text
    arguments: Mapping[str, float | str]
    rtol: float = 1e-6


@dataclass(frozen=True, slots=True)
class Curve:
    """A quantity that changes during a training, such as the cost.

    Its plot shows a value each `every` iterations. A notebook may print a value each `printed_every`
    iterations, on a line that begins with `printed`, in capitals or small letters. Those values are
    compared.
    """

    name: Text
    every: int
    printed: str
    printed_every: int


@dataclass(frozen=True, slots=True)
class Measure:
    """A number by name, such as an accuracy, and the format specification that shows its value."""

    name: Text
    value: float
    format: str = "g"

    @property
    def text(self) -> str:
        """The value as it is shown."""
        return format(self.value, self.format)


@dataclass(frozen=True, slots=True)
class Regions:
    """The two regions into which a trained model divides the plane, with points and words.

    `cells` is an array of booleans, shape (rows, columns), from the top; True cells are coloured.
    `points` is an array of shape (m, 3): across and down as shares of the plane, and 1 for a point of
    the coloured kind, else 0. `title` is that of the student's picture, `expected_title` that of the
    reference's, and `about` describes both.
    """

    cells: NDArray[Any]
    points: NDArray[Any]
    title: Text
    expected_title: Text
    about: Text


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The measures of a trained model and, if the assignment has a picture for them, its regions."""

    measures: tuple[Measure, ...]
    regions: Regions | None = None


class Division(NamedTuple):
    """The first two fields of `Regions`: how a model divides the plane, and points in it."""

    cells: NDArray[Any]
    points: NDArray[Any]


def divide(decide: Callable[[Vector], Vector], points: Vector, kinds: Vector) -> Division:
    """Return how a model divides the plane around some points.

    `points` has the shape (2, m), and `kinds` (1, m), 1 for a point of the coloured kind, else 0.
    `decide` returns True for each point of that kind, in the shape (1, m).

    >>> points, kinds = np.array([[0.0, 1.0], [0.0, 1.0]]), np.array([[0, 1]])
    >>> divide(lambda X: X[:1] > 0.5, points, kinds).cells.shape
    (60, 60)
    """
    low, high = points.min(axis=1) - 0.1, points.max(axis=1) + 0.1
    across, up = (np.linspace(low[axis], high[axis], _FINENESS) for axis in (0, 1))
    grid = np.array([axis.ravel() for axis in np.meshgrid(across, up[::-1])])
    shares = (points.T - low) / (high - low)
    return Division(
        decide(grid).reshape(_FINENESS, _FINENESS),
        np.column_stack([shares[:, 0], 1 - shares[:, 1], kinds.ravel()]),
    )


@dataclass(frozen=True, slots=True)
class Trainings:
    """The trainings of a notebook: calls of `trainer` that return a trained model.

    `parameters` are the trainer's, in order, and `neutral` the values of those that change nothing.
    A training takes `iterations` iterations unless the argument `iterations_argument` differs.

    `train(reference, folder, training, iterations)` returns the reference's model and its curve, one
    value each `curve.every` iterations. `evaluate(reference, folder, model)` returns its evaluation,
    and raises ValueError for a value that is not a model. `folder` has the notebook's files.

    `points` are divided among the trainings. They depend on values that a notebook can forge.
    """

    trainer: str
    parameters: tuple[str, ...]
    iterations_argument: str
    iterations: int
    curve: Curve
    runs: tuple[Training, ...]
    neutral: Mapping[str, float | str]
    train: Callable[[ModuleType, Path, Training, int], tuple[Any, Vector]]
    evaluate: Callable[[ModuleType, Path, Any], Evaluation]
    points: float = 0.0

    def training_with(self, arguments: Mapping[str, Any]) -> Training | None:
        """Return the training whose call differs from a neutral one by exactly these arguments."""
        differing = {
            name: arguments[name]
            for name, neutral in self.neutral.items()
            if arguments.get(name, neutral) != neutral
        }
        return next((run for run in self.runs if differing == dict(run.arguments)), None)
