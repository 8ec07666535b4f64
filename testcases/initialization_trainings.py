"""The three trainings of the notebook: from zeros, from large random numbers, and by He et al."""

from __future__ import annotations

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

SHAPES = {"W1": (10, 2), "b1": (10, 1), "W2": (5, 10), "b2": (5, 1), "W3": (1, 5), "b3": (1, 1)}


def train(
    reference: ModuleType, folder: Path, training: Training, iterations: int
) -> tuple[Any, Vector]:
    """Return the network that the reference trains, and its cost before every thousandth iteration.

    The network is a dictionary of arrays with the shapes of `SHAPES`; the costs have the shape
    (ceil(iterations / 1000),). The data are computed, so `folder` is not used.
    """
    train_X, train_Y, _, _ = reference.load_dataset()
    with np.errstate(all="ignore"):  # the logarithm of 0: the cost is infinite, as in the course
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
    train_X, train_Y, test_X, test_Y = reference.load_dataset()

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


TRAININGS = Trainings(
    trainer="model",
    parameters=("X", "Y", "learning_rate", "num_iterations", "print_cost", "initialization"),
    iterations_argument="num_iterations",
    iterations=15_000,
    curve=Curve(gettext("cost"), every=1_000, printed="cost after", printed_every=1_000),
    runs=(
        Training("zeros", gettext("from zeros"), {"initialization": "zeros"}),
        Training(  # many units are on the edge of their ReLU: costs of machines differ by up to 1.4e-3
            *("random", gettext("from large random numbers"), {"initialization": "random"}),
            rtol=2e-3,
        ),
        Training("he", gettext("by He et al."), {}),
    ),
    neutral={"initialization": "he"},
    train=train,
    evaluate=evaluate,
)
