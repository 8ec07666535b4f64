"""The reference answers: the published values, true gradients, and the published trainings."""

import json
from types import ModuleType

import numpy as np
import pytest

from tests import ROOT


@pytest.fixture(scope="module")
def reference(load_module) -> ModuleType:
    return load_module("reference/regularization.py")


@pytest.fixture(scope="module")
def examples() -> dict:
    """The course's examples, with arrays for lists and the arguments by name."""
    path = ROOT / "testcases" / "regularization_published.json"
    return json.loads(path.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def network(reference) -> tuple:
    """X, Y and parameters of layers 4-6-5-2 with nine examples."""
    random = np.random.default_rng(7)
    parameters = {}
    for layer, (fan_in, units) in enumerate(((4, 6), (6, 5), (5, 2)), 1):
        parameters[f"W{layer}"] = random.standard_normal((units, fan_in))
        parameters[f"b{layer}"] = random.standard_normal((units, 1))
    return random.standard_normal((4, 9)), random.integers(0, 2, (2, 9)), parameters


def arrays(named: dict) -> dict:
    return {name: np.array(value) for name, value in named.items()}


def assert_same(got, expected) -> None:
    np.testing.assert_allclose(got, expected, rtol=1e-12, atol=1e-15, strict=True)


def slope(cost, parameters: dict, name: str) -> np.ndarray:
    """Return the derivative of cost(parameters) by one of them, from central differences."""
    step, result = 1e-6, np.empty_like(parameters[name])
    for place in np.ndindex(result.shape):
        moved = [{**parameters, name: parameters[name].copy()} for _ in range(2)]
        moved[0][name][place] += step
        moved[1][name][place] -= step
        result[place] = (cost(moved[0]) - cost(moved[1])) / (2 * step)
    return result


def assert_gradients(cost, parameters: dict, gradients: dict) -> None:
    for name in parameters:
        np.testing.assert_allclose(
            gradients[f"d{name}"], slope(cost, parameters, name), rtol=1e-6, atol=1e-8
        )


# ------------------------------------------------------------------ the published values


def test_the_cost_of_the_course_example_is_met_to_the_last_digit(reference, examples):
    example = examples["compute_cost_with_regularization"]
    given = example["arguments"]
    A3, Y = np.array(given["A3"]), np.array(given["Y"])
    cost = reference.compute_cost_with_regularization(A3, Y, arrays(given["parameters"]), 0.1)
    assert isinstance(cost, float)
    assert cost == pytest.approx(1.7864859451590758, rel=1e-12)
    assert reference.compute_cost(A3, Y) == pytest.approx(1.6025016047573226, rel=1e-12)


@pytest.mark.parametrize(
    "name", ["backward_propagation_with_regularization", "backward_propagation_with_dropout"]
)
def test_the_gradients_of_the_course_example_are_met(reference, examples, name):
    X, Y, cache, strength = examples[name]["arguments"].values()
    cache = tuple(arrays(cache).values())
    gradients = getattr(reference, name)(np.array(X), np.array(Y), cache, strength)
    published = examples[name]["published"]
    assert list(gradients) == list(published)
    for quantity, value in published.items():
        assert_same(gradients[quantity], np.array(value))


def test_the_dropout_pass_of_the_course_example_is_met(reference, examples):
    example = examples["forward_propagation_with_dropout"]
    X, parameters, keep_prob = example["arguments"].values()
    A3, cache = reference.forward_propagation_with_dropout(
        np.array(X), arrays(parameters), keep_prob
    )
    for got, value in zip((A3, *cache), example["published"].values(), strict=True):
        assert_same(got, np.array(value))


def test_dropout_leaves_the_global_random_numbers_alone(reference, network):
    X, _, parameters = network
    np.random.seed(5)
    expected = np.random.rand()
    np.random.seed(5)
    reference.forward_propagation_with_dropout(X, parameters)
    reference.initialize_parameters((2, 3, 1))
    assert np.random.rand() == expected


# ------------------------------------------------------------------ gradients


def test_plain_gradients_are_the_slope_of_the_cost(reference, network):
    X, Y, parameters = network

    def cost(parameters):
        return reference.compute_cost(reference.forward_propagation(X, parameters)[0], Y)

    _, cache = reference.forward_propagation(X, parameters)
    assert_gradients(cost, parameters, reference.backward_propagation(X, Y, cache))


def test_l2_gradients_are_the_slope_of_the_cost(reference, network):
    X, Y, parameters = network

    def cost(parameters):
        A3, _ = reference.forward_propagation(X, parameters)
        return reference.compute_cost_with_regularization(A3, Y, parameters, 0.7)

    _, cache = reference.forward_propagation(X, parameters)
    gradients = reference.backward_propagation_with_regularization(X, Y, cache, 0.7)
    assert_gradients(cost, parameters, gradients)


def test_dropout_gradients_are_the_slope_of_the_cost_for_the_same_masks(reference, network):
    X, Y, parameters = network

    def cost(parameters):
        A3, _ = reference.forward_propagation_with_dropout(X, parameters, 0.7)
        return reference.compute_cost(A3, Y)

    _, cache = reference.forward_propagation_with_dropout(X, parameters, 0.7)
    gradients = reference.backward_propagation_with_dropout(X, Y, cache, 0.7)
    assert_gradients(cost, parameters, gradients)


def test_without_strength_both_remedies_are_the_plain_network(reference, network):
    X, Y, parameters = network
    A3, cache = reference.forward_propagation(X, parameters)
    plain = reference.backward_propagation(X, Y, cache)
    dropped_A3, dropped_cache = reference.forward_propagation_with_dropout(X, parameters, 1)
    assert_same(dropped_A3, A3)
    without = (
        reference.backward_propagation_with_regularization(X, Y, cache, 0),
        reference.backward_propagation_with_dropout(X, Y, dropped_cache, 1),
    )
    for gradients in without:
        for name, value in plain.items():
            assert_same(gradients[name], value)


def test_nothing_that_is_passed_in_is_changed(reference, network):
    X, Y, parameters = network
    before = [X.copy(), *(value.copy() for value in parameters.values())]
    _, cache = reference.forward_propagation_with_dropout(X, parameters, 0.5)
    kept = [item.copy() for item in cache]
    grads = reference.backward_propagation_with_dropout(X, Y, cache, 0.5)
    reference.update_parameters(parameters, grads, 0.3)
    for old, new in zip(before + kept, [X, *parameters.values(), *cache], strict=True):
        np.testing.assert_array_equal(old, new)


def test_the_cost_leaves_out_terms_that_are_no_number(reference):
    A3, Y = np.array([[0.0, 1.0, 0.5]]), np.array([[0, 1, 1]])
    assert reference.compute_cost(A3, Y) == pytest.approx(np.log(2) / 3)


def test_the_cost_of_being_surely_wrong_is_infinite(reference):
    assert reference.compute_cost(np.array([[0.0]]), np.array([[1]])) == np.inf


def test_the_sigmoid_is_quiet_far_from_zero(reference):
    np.testing.assert_array_equal(reference.sigmoid(np.array([-1e4, 0, 1e4])), [0, 0.5, 1])
