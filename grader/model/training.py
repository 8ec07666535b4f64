"""The trainings that a notebook contains, as its assignment describes them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from numpy.typing import NDArray

Vector = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Training:
    """One training: the arguments by which its call differs from the others'."""

    name: str
    about: str
    arguments: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Measure:
    """A figure by name, such as an accuracy, and the format specification that shows its value."""

    name: str
    value: float
    format: str = "g"

    @property
    def text(self) -> str:
        """The value as it is shown."""
        return format(self.value, self.format)


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The measures of a trained model and, if the assignment wants one, a picture.

    `picture` is an array of booleans, shape (rows, columns), from the top. `points` are drawn on it:
    an array of shape (m, 3) with across and down as shares of the picture, and a class, 0 or 1.
    """

    measures: tuple[Measure, ...]
    picture: NDArray[Any] | None = None
    points: NDArray[Any] | None = None


@dataclass(frozen=True, slots=True)
class Trainings:
    """The trainings of a notebook: calls of `trainer` that return a trained model.

    `parameters` are the trainer's, in order, and `neutral` the values of those that change nothing.
    A training takes `iterations` iterations unless the argument `iterations_argument` differs; its
    plot shows a cost each `every` iterations.

    `train(reference, folder, training, iterations)` returns the reference's model and its costs, one
    each `every` iterations. `evaluate(reference, folder, model)` returns its evaluation, and raises
    ValueError for a value that is not a model. `folder` has the notebook's files.

    `points` are divided among the trainings. They depend on values that a notebook can forge.
    """

    trainer: str
    parameters: tuple[str, ...]
    iterations_argument: str
    iterations: int
    every: int
    runs: tuple[Training, ...]
    neutral: Mapping[str, float]
    train: Callable[[ModuleType, Path, Training, int], tuple[Any, Vector]]
    evaluate: Callable[[ModuleType, Path, Any], Evaluation]
    points: float = 0.0
