"""What an assignment says of the trainings in its notebook: which there are, and what comes of them."""

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
    """One training: `arguments` are those by which its call differs from the others."""

    name: str
    about: str
    arguments: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What a trained network makes of the data: shares that are right, and the plane it divides.

    `plane` has True where it says class 1, (rows, columns), from the top; `points` are the training
    examples, (m, 3): across and down as shares of the plane, and the class.
    """

    train_accuracy: float
    test_accuracy: float
    plane: NDArray[Any]
    points: NDArray[Any]


@dataclass(frozen=True, slots=True)
class Trainings:
    """The trainings of a notebook, each a call of `trainer` whose value is the trained network.

    `parameters` are the names of the trainer's, in order. `every` is the number of steps between two
    costs in the figure that a training shows. `steps` is how many it takes if the argument
    `steps_argument` is not given. `neutral` is what arguments are that change nothing.
    `train(reference, folder, training, steps)` returns network and costs, one each `every` steps, of
    our own; `folder` holds the notebook's files, the data among them. `look(reference, folder,
    network)` looks at a network; it raises ValueError for what is none. `points` are shared out among
    the trainings; they rest on what the notebook shows, which a notebook can make up.
    """

    trainer: str
    parameters: tuple[str, ...]
    steps_argument: str
    steps: int
    every: int
    runs: tuple[Training, ...]
    neutral: Mapping[str, float]
    train: Callable[[ModuleType, Path, Training, int], tuple[Any, Vector]]
    look: Callable[[ModuleType, Path, Any], Evaluation]
    points: float = 0.0
