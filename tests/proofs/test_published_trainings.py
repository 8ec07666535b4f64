"""The reference's trainings agree with the published results and with the stored ones."""

from types import ModuleType

import pytest

from tests import ROOT
from tests.support.trainings import assert_as_stored

TEMPLATE = ROOT / "student_template" / "regularization"


@pytest.fixture(scope="module")
def reference(load_module) -> ModuleType:
    return load_module("reference/regularization.py")


COURSE_DATA = ROOT.parent / "shared" / "datasets" / "data.mat"


TRAININGS = {
    "plain": (
        {},
        (0.6557412523481002, 0.16329987525724207, 0.1385164242324198, 0.12509131245127586),
        (200 / 211, 183 / 200),
    ),
    "L2": (
        {"lambd": 0.7},
        (0.6974484493131264, 0.2684918873282239, 0.26809163371273004, 0.2678617428709586),
        (198 / 211, 186 / 200),
    ),
    "dropout": (
        {"keep_prob": 0.86},
        (0.6543912405149825, 0.0610169865749056, 0.060582435798513114, 0.06048817515244604),
        (196 / 211, 190 / 200),
    ),
}


@pytest.mark.skipif(not COURSE_DATA.exists(), reason="the course's data.mat is not at hand")
@pytest.mark.parametrize("name", TRAININGS)
def test_the_published_training_is_reproduced(reference, capsys, name):
    settings, costs, accuracies = TRAININGS[name]
    train_X, train_Y, test_X, test_Y = reference.load_dataset(COURSE_DATA)
    parameters, found = reference.train(train_X, train_Y, **settings)
    assert found[[0, 10000, 20000, 29999]] == pytest.approx(costs, rel=1e-9)
    assert_as_stored(COURSE_DATA, settings, parameters, found)
    assert (
        reference.accuracy(reference.predict(train_X, train_Y, parameters), train_Y)
        == (accuracies[0])
    )
    assert (
        reference.accuracy(reference.predict(test_X, test_Y, parameters), test_Y) == (accuracies[1])
    )
    assert capsys.readouterr().out.splitlines() == [f"Accuracy: {share}" for share in accuracies]


def test_regularization_reduces_overfitting(reference):
    train_X, train_Y, test_X, test_Y = reference.load_dataset(TEMPLATE / "datasets" / "data.mat")

    def shares(**settings):
        parameters, costs = reference.train(train_X, train_Y, **settings)
        assert_as_stored(TEMPLATE / "datasets" / "data.mat", settings, parameters, costs)
        return tuple(
            reference.accuracy(reference.forward_propagation(X, parameters)[0] > 0.5, Y)
            for X, Y in ((train_X, train_Y), (test_X, test_Y))
        )

    plain = shares()
    assert plain[0] - plain[1] > 0.05
    for regularized in (shares(lambd=0.7), shares(keep_prob=0.86)):
        assert regularized[0] < plain[0]
        assert regularized[1] > plain[1] + 0.01
