"""The trainings that a notebook contains, as its assignment describes them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from numpy.typing import NDArray

from grader.messages import Text

Vector = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Training:
    """One training: the arguments by which its call differs from the others'."""

    name: str
    about: Text
    arguments: Mapping[str, float]


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
    neutral: Mapping[str, float]
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
