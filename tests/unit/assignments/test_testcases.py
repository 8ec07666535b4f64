"""The cases and points of the assignment: sound, fair, and no wrong function slips through."""

import inspect
import re
from types import ModuleType

import numpy as np
import pytest

from grader.model import Assignment, TestCase


@pytest.fixture(scope="module")
def reference(load_module) -> ModuleType:
    return load_module("reference/regularization.py")


@pytest.fixture(scope="module")
def assignment(load_module) -> Assignment:
    return load_module("testcases/regularization.py").ASSIGNMENT


@pytest.fixture(scope="module")
def cases(assignment, reference) -> list[TestCase]:
    return list(assignment.cases(assignment.seed, reference))


@pytest.fixture(scope="module")
def networks(cases) -> list[TestCase]:
    return [case for case in cases if not case.public]


def of(cases: list[TestCase], word: str) -> list[TestCase]:
    """Return the cases of the one function whose name holds all words."""
    return [case for case in cases if all(part in case.function for part in word.split())]


def leaves(value) -> list:
    """Return all leaves of nested tuples and dictionaries, in order."""
    if isinstance(value, dict):
        return [leaf for item in value.items() for leaf in leaves(item)]
    if isinstance(value, tuple):
        return [leaf for item in value for leaf in leaves(item)]
    return [value]


def same(first: TestCase, second: TestCase) -> bool:
    return first.seed == second.seed and all(
        np.array_equal(a, b) and type(a) is type(b)
        for a, b in zip(leaves(first.args), leaves(second.args), strict=True)
    )


# ------------------------------------------------------------------ points


def test_every_function_is_worth_25_and_all_of_them_100(assignment):
    assert [function.max_score for function in assignment.functions] == [25] * 4
    assert assignment.max_score == 100


def test_the_course_example_earns_a_minority(assignment):
    for function in assignment.functions:
        assert sum(check.points for check in function.checks if check.group == "fixed") == 5


def test_functions_and_parameters_are_those_of_the_reference(assignment, reference):
    for function in assignment.functions:
        signature = inspect.signature(getattr(reference, function.name))
        assert tuple(signature.parameters) == function.parameters


def test_each_quantity_is_checked_once_per_group(assignment, reference, cases):
    for function in assignment.functions:
        case = next(case for case in cases if case.function == function.name)
        names = set(function.unpack(getattr(reference, function.name)(*case.args)))
        for group in ("fixed", "random"):
            quantities = [q for c in function.checks if c.group == group for q in c.quantities]
            assert len(quantities) == len(set(quantities))
            assert set(quantities) == names


def test_names_of_checks_tell_them_apart(assignment):
    for function in assignment.functions:
        names = [check.name for check in function.checks]
        assert len(set(names)) == len(names)
    names = [check.name for check in assignment.functions[3].checks]
    assert names == [
        "the published example",
        "other networks, layers 3 and 2: dZ3, dW3, db3, dA2, dZ2, dW2, db2",
        "other networks, layer 1: dA1, dZ1, dW1, db1",
    ]


# ------------------------------------------------------------------ the course's examples


def test_every_function_has_one_public_case_and_eight_others(assignment, cases):
    for function in assignment.functions:
        own = [case for case in cases if case.function == function.name]
        assert [case.public for case in own].count(True) == 1
        assert len(own) == 9
        assert len({case.name for case in own}) == 9


def test_the_reference_meets_every_published_value(assignment, reference, cases):
    for function in assignment.functions:
        case = next(c for c in cases if c.function == function.name and c.public)
        got = function.unpack(getattr(reference, function.name)(*case.args))
        assert set(got) == set(case.published)
        for name, value in case.published.items():
            np.testing.assert_allclose(got[name], value, rtol=1e-12, atol=1e-15)


def test_published_values_are_for_public_cases_only(cases):
    assert all((case.published is not None) == case.public for case in cases)


# ------------------------------------------------------------------ other networks


def test_equal_seeds_give_equal_cases(assignment, reference, cases):
    again = assignment.cases(assignment.seed, reference)
    assert all(map(same, cases, again))
    assert [case.about for case in cases] == [case.about for case in again]


def test_another_seed_gives_other_networks_and_the_same_examples(assignment, reference, cases):
    for one, other in zip(cases, assignment.cases(1, reference), strict=True):
        assert same(one, other) == one.public


def test_the_global_random_numbers_play_no_part(assignment, reference, cases):
    np.random.seed(99)
    expected = np.random.rand()
    np.random.seed(99)
    again = assignment.cases(assignment.seed, reference)
    assert np.random.rand() == expected
    assert all(map(same, cases, again))


def test_no_call_starts_from_the_seed_that_dropout_prescribes(cases):
    assert all(case.seed != 1 for case in cases)


def test_numbers_of_examples_vary_from_one_to_forty_and_are_never_five(networks):
    for word in ("cost", "backward regularization", "forward dropout", "backward dropout"):
        sizes = [case.args[0].shape[1] for case in of(networks, word)]
        assert 5 not in sizes
        assert 1 in sizes
        assert max(sizes) >= 40


def test_some_networks_have_more_than_one_output(networks):
    outputs = {case.args[1].shape[0] for case in of(networks, "cost")}
    assert 1 in outputs
    assert max(outputs) > 1


@pytest.mark.parametrize(
    ("word", "edge"),
    [("cost", 0), ("backward regularization", 0), ("forward dropout", 1), ("backward dropout", 1)],
)
def test_one_network_has_no_penalty_or_no_dropout_and_the_others_vary(networks, word, edge):
    strengths = [case.args[-1] for case in of(networks, word)]
    assert strengths.count(edge) == 1
    assert len(set(strengths)) > 5
    assert all(type(strength) is float for strength in strengths)


def test_some_units_are_more_often_dropped_than_kept(assignment, reference):
    for seed in range(20):
        cases = [case for case in assignment.cases(seed, reference) if not case.public]
        assert min(case.args[-1] for case in of(cases, "forward dropout")) < 0.4


def test_about_describes_the_case(networks):
    assert of(networks, "cost")[0].about.startswith("layers 2-20-3-1, m = 40, lambd = ")
    assert of(networks, "forward")[6].about == "layers 6-4-3-1, m = 16, keep_prob = 1"


def test_snippets_contain_only_shapes_and_strength(networks):
    for case in networks:
        shape, _, rest = case.about.removeprefix("layers ").partition(", m = ")
        m, _, strength = rest.partition(", ")
        expected = {*shape.split("-"), m, strength.split(" = ")[1]}
        lines = "\n".join(case.snippet)
        numbers = set(re.findall(r"(?<![A-Za-z\d.])\d+(?:\.\d+)?", lines))
        assert numbers <= expected | {"0"}, numbers
        assert expected <= numbers
        assert str(case.seed) not in lines
        assert "seed" not in lines
        assert len(case.snippet) == 3
        assert case.snippet[-1].startswith("# ")


def test_classes_are_whole_numbers_zero_or_one(networks):
    labels = [case.args[1] for case in of(networks, "backward")]
    assert all(np.issubdtype(Y.dtype, np.integer) for Y in labels)
    assert {int(y) for Y in labels for y in Y.ravel()} == {0, 1}


def test_caches_come_from_a_real_pass(reference, networks):
    for case in of(networks, "backward dropout"):
        X, _, cache, keep_prob = case.args
        names = ("W1", "b1", "W2", "b2", "W3", "b3")
        parameters = dict(zip(names, (cache[i] for i in (3, 4, 8, 9, 12, 13)), strict=True))
        _, again = reference.forward_propagation_with_dropout(X, parameters, keep_prob)
        assert all(map(np.array_equal, cache, again))


def test_in_every_network_units_of_both_relu_layers_are_on_and_others_off(networks):
    for case in of(networks, "backward regularization"):
        cache = case.args[2]
        for Z in (cache[0], cache[4]):
            assert (Z > 0).any()
            assert (Z < 0).any()


@pytest.mark.parametrize("layer", [1, 2])
def test_masks_silence_and_keep_units_that_are_on(networks, layer):
    silenced, kept = 0, 0
    for case in of(networks, "backward dropout"):
        Z, D = case.args[2][5 * (layer - 1) : 5 * (layer - 1) + 2]
        silenced += int(np.count_nonzero((Z > 0) & ~D))
        kept += int(np.count_nonzero((Z > 0) & D))
    assert silenced > 10
    assert kept > 10


@pytest.mark.parametrize("seed", range(20))
def test_whatever_the_seed_all_numbers_are_finite_and_gradients_reach_every_layer(
    assignment, reference, seed
):
    reached = set()
    for case in assignment.cases(seed, reference):
        function = next(f for f in assignment.functions if f.name == case.function)
        got = function.unpack(getattr(reference, case.function)(*case.args))
        assert all(np.isfinite(value).all() for value in got.values())
        if not case.public:
            reached |= {(case.function, name) for name, value in got.items() if np.any(value)}
    expected = {(f.name, q) for f in assignment.functions for c in f.checks for q in c.quantities}
    assert reached == expected
