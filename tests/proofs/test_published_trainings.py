"""The recorded trainings are the reference's, and show what the assignment teaches.

On the course's data the whole notebook is trained and compared in `tests/sandbox/test_run_all.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType

import numpy as np
import pytest

from tests.support.trainings import OWN_DATA, assert_as_stored, digest, stored


@pytest.fixture(scope="module")
def reference(load_module: Callable[[str], ModuleType]) -> ModuleType:
    return load_module("reference/regularization.py")


def test_recorded_training_is_that_of_the_reference(reference: ModuleType) -> None:
    train_X, train_Y, _, _ = reference.load_dataset(OWN_DATA)

    network, costs = reference.train(train_X, train_Y, lambd=0.7)

    assert_as_stored(OWN_DATA, {"lambd": 0.7}, network, costs)


def test_regularization_reduces_overfitting(reference: ModuleType) -> None:
    train_X, train_Y, test_X, test_Y = reference.load_dataset(OWN_DATA)

    def shares(name: str) -> tuple[float, float]:
        """Return the accuracies on the training set and on the test set."""
        network = {k: np.array(v) for k, v in stored()[digest(OWN_DATA)][name]["network"].items()}
        train, test = (
            reference.accuracy(reference.forward_propagation(X, network)[0] > 0.5, Y)
            for X, Y in ((train_X, train_Y), (test_X, test_Y))
        )
        return train, test

    plain = shares("plain")
    assert plain[0] - plain[1] > 0.05
    for name in ("L2", "dropout"):
        assert shares(name)[0] < plain[0]
        assert shares(name)[1] > plain[1] + 0.01
