"""The trainings that a notebook contains, as its assignment describes them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from grader.messages import Text, gettext

Vector = NDArray[Any]

_FINENESS = 60
"""Rows and columns into which the plane of two inputs is divided."""


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


def evaluation_of_classes(
    classify: Callable[[Vector], Vector], train: tuple[Vector, Vector], test: tuple[Vector, Vector]
) -> Evaluation:
    """Return both accuracies of a classifier of points in the plane, and its two regions.

    `train` and `test` are points of the shape (2, m) and their classes (1, m), 0 or 1. `classify`
    returns True for each point of class 1, in the shape (1, m). Accuracies are shares from 0 to 1.

    >>> points, classes = np.array([[0.0, 1.0], [0.0, 1.0]]), np.array([[0, 1]])
    >>> evaluation = evaluation_of_classes(lambda X: X[:1] > 0.5, (points, classes), (points, classes))
    >>> [measure.text for measure in evaluation.measures], evaluation.regions.cells.shape
    (['100.0%', '100.0%'], (60, 60))
    """
    points, classes = train
    low, high = points.min(axis=1) - 0.1, points.max(axis=1) + 0.1
    across, up = (np.linspace(low[axis], high[axis], _FINENESS) for axis in (0, 1))
    grid = np.array([axis.ravel() for axis in np.meshgrid(across, up[::-1])])
    shares = (points.T - low) / (high - low)
    with np.errstate(all="ignore"):
        right, right_on_test = (
            float(np.mean(classify(points) == classes)) for points, classes in (train, test)
        )
        cells = classify(grid).reshape(_FINENESS, _FINENESS)
    return Evaluation(
        (
            Measure(gettext("accuracy on the training set"), right, ".1%"),
            Measure(gettext("accuracy on the test set"), right_on_test, ".1%"),
        ),
        Regions(
            cells=cells,
            points=np.column_stack([shares[:, 0], 1 - shares[:, 1], classes.ravel()]),
            title=gettext("Decision boundary of your network"),
            expected_title=gettext("Decision boundary of the reference"),
            about=gettext("Dots are examples. The coloured area is class 1 for the network."),
        ),
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
