"""The three trainings of the notebook: without regularization, with L2, with dropout."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from grader.messages import gettext
from grader.model.training import (
    Curve,
    Evaluation,
    Measure,
    Regions,
    Training,
    Trainings,
    Vector,
    divide,
)

KEPT = Path(__file__).with_name("regularization_trained.json")
"""Results of the trainings by SHA-256 of the data, written by `python -m tests.support.trainings`."""
SHAPES = {"W1": (20, 2), "b1": (20, 1), "W2": (3, 20), "b2": (3, 1), "W3": (1, 3), "b3": (1, 1)}


def train(
    reference: ModuleType, folder: Path, training: Training, iterations: int
) -> tuple[Any, Vector]:
    """Return the network that the reference trains, and its cost before every thousandth iteration.

    The network is a dictionary of arrays with the shapes of `SHAPES`; the costs have the shape
    (ceil(iterations / 1000),). `folder` contains datasets/data.mat. For a complete training on a
    recorded data set the result is read from a file, because training takes seconds. Raises OSError
    if the data cannot be read.
    """
    digest = hashlib.sha256(_file(folder).read_bytes()).hexdigest()
    recorded = json.loads(KEPT.read_text(encoding="utf-8")).get(digest)
    if recorded and iterations == TRAININGS.iterations:
        result = recorded[training.name]
        return {n: np.array(v) for n, v in result["network"].items()}, np.array(result["costs"])
    return train_anew(reference, folder, training, iterations)


def train_anew(
    reference: ModuleType, folder: Path, training: Training, iterations: int
) -> tuple[Any, Vector]:
    """Return the same as `train`, without the recorded results."""
    train_X, train_Y, _, _ = _data(reference, folder)
    with np.errstate(all="ignore"):  # the logarithm of 0 is left out of the cost, as in the course
        network, costs = reference.train(
            train_X, train_Y, **training.arguments, num_iterations=iterations
        )
    return network, costs[:: TRAININGS.curve.every]


def evaluate(reference: ModuleType, folder: Path, network: Any) -> Evaluation:
    """Return both accuracies, and the decision regions of a network.

    Raises ValueError for a value that is not a network of the notebook.
    """
    shapes = {n: np.shape(v) for n, v in network.items()} if isinstance(network, dict) else {}
    if shapes != SHAPES or not all(np.isfinite(v).all() for v in network.values()):
        raise ValueError(
            "The network is not a dictionary of the weights W1, W2, W3 and the biases b1, b2, b3."
        )
    train_X, train_Y, test_X, test_Y = _data(reference, folder)

    def classify(X: Vector) -> Vector:
        with np.errstate(all="ignore"):
            classes: Vector = reference.forward_propagation(X, network)[0] > 0.5
        return classes

    right, right_on_test = (
        float(np.mean(classify(X) == Y)) for X, Y in ((train_X, train_Y), (test_X, test_Y))
    )
    return Evaluation(
        (
            Measure(gettext("accuracy on the training set"), right, ".1%"),
            Measure(gettext("accuracy on the test set"), right_on_test, ".1%"),
        ),
        Regions(
            *divide(classify, train_X, train_Y),
            title=gettext("Decision boundary of your network"),
            expected_title=gettext("Decision boundary of the reference"),
            about=gettext("Dots are examples. The coloured area is class 1 for the network."),
        ),
    )


def _file(folder: Path) -> Path:
    return folder / "datasets" / "data.mat"


def _data(reference: ModuleType, folder: Path) -> Any:
    return reference.load_dataset(_file(folder))


TRAININGS = Trainings(
    trainer="model",
    parameters=("X", "Y", "learning_rate", "num_iterations", "print_cost", "lambd", "keep_prob"),
    iterations_argument="num_iterations",
    iterations=30_000,
    curve=Curve(gettext("cost"), every=1_000, printed="cost after", printed_every=10_000),
    runs=(
        Training("plain", gettext("without regularization"), {}),
        Training("L2", gettext("with L2 regularization, lambd = 0.7"), {"lambd": 0.7}),
        Training("dropout", gettext("with dropout, keep_prob = 0.86"), {"keep_prob": 0.86}),
    ),
    neutral={"lambd": 0, "keep_prob": 1},
    train=train,
    evaluate=evaluate,
)
