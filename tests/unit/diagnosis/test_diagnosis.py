"""Known mistakes are recognised by their values: in any style and in pairs, and no others."""

from __future__ import annotations

import dataclasses
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from grader.assignments import known_mistakes
from grader.diagnosis import MOST_DIAGNOSES, diagnose
from grader.model import Observation, Opaque, Raised
from grader.model.diagnoses import id_of
from grader.model.findings import Diagnosis
from tests.support.diagnosing import (
    BACKWARD,
    COST,
    FORWARD,
    L2,
    diagnosed,
    every_mistake,
    function_run,
    ids,
    loaded,
    observed,
    reference,
    wrong,
)
from tests.unit.diagnosis.styles import STYLES

MESSAGES = json.loads(Path(__file__).with_name("messages.json").read_text("utf-8"))
CORRECT = reference()


# ------------------------------------------------------------------ known mistakes


@pytest.mark.parametrize(("name", "mistake"), every_mistake())
def test_known_mistake_comes_first(name: str, mistake: str) -> None:
    diagnoses = diagnosed(function_run(name, wrong(name, mistake)))

    assert diagnoses[0].id == id_of(mistake)
    assert [diagnosis.message for diagnosis in diagnoses] == MESSAGES[name][mistake]


@pytest.mark.parametrize("name", [COST, L2, FORWARD, BACKWARD])
def test_right_answer_has_no_diagnosis(name: str) -> None:
    assert ids(name, getattr(CORRECT, name)) == []


@pytest.mark.parametrize("seed", [1, 2, 3, 4, 5])
@pytest.mark.parametrize(
    ("name", "mistake"),
    [
        (COST, "l2_not_halved"),
        (COST, "m_hard_coded"),
        (L2, "grad_l2_on_biases"),
        (FORWARD, "mask_normal"),
        (FORWARD, "random_stream"),
        (BACKWARD, "backward_mask_redrawn"),
    ],
)
def test_mistake_on_other_seeds(name: str, mistake: str, seed: int) -> None:
    diagnoses = diagnosed(function_run(name, wrong(name, mistake), seed=seed))

    assert [diagnosis.id for diagnosis in diagnoses] == [id_of(mistake)]


@pytest.mark.parametrize(
    ("name", "one", "other"),
    [
        (COST, "l2_not_halved", "l2_layer_missing"),
        (COST, "l2_not_averaged", "l2_subtracted"),
        (COST, "l1_instead_of_l2", "cross_entropy_doubled"),
        (COST, "m_wrong_axis", "l2_on_biases"),
        (COST, "lambda_hard_coded", "l2_layer_repeated"),
        (L2, "grad_l2_halved", "grad_l2_layer_missing"),
        (L2, "grad_l2_not_averaged", "relu_derivative"),
        (L2, "grad_data_not_averaged", "grad_l2_subtracted"),
        (L2, "gradient_keys", "grad_l2_doubled"),
        (FORWARD, "mask_inverted", "rescale_missing"),
        (FORWARD, "mask_normal", "activations_truncated"),
        (FORWARD, "random_stream", "rescale_multiplied"),
        (FORWARD, "mask_inverted", "random_stream"),
        (FORWARD, "dropout_on_input", "mask_raw"),
        (FORWARD, "mask_all_ones", "mask_shared_by_examples"),
        (FORWARD, "mask_all_ones", "rescale_missing"),
        (BACKWARD, "backward_mask_missing", "backward_rescale_multiplied"),
        (BACKWARD, "relu_derivative", "backward_rescale_missing"),
        (COST, "l2_not_averaged", "l2_multiplied_by_m"),
        (COST, "l2_factor_misplaced", "cross_entropy_not_averaged"),
        (L2, "grad_l2_not_averaged", "grad_l2_multiplied_by_m"),
        (L2, "grad_l2_wrong_factor", "m_hard_coded"),
        (FORWARD, "mask_scaled", "mask_not_applied"),
        (FORWARD, "mask_scaled", "rescale_multiplied"),
        (FORWARD, "mask_scaled", "rescale_drop_prob"),
        (FORWARD, "mask_scaled", "rescale_wrong"),
        (BACKWARD, "backward_mask_inverted", "backward_mask_on_dz"),
        (BACKWARD, "backward_mask_inverted", "cache_order"),
        (BACKWARD, "backward_mask_redrawn", "keep_prob_hard_coded"),
        (BACKWARD, "backward_mask_on_dz", "relu_derivative__of_the_gradient"),
        (BACKWARD, "backward_mask_on_dz", "backward_rescale_missing__first_layer"),
        (BACKWARD, "backward_rescale_multiplied", "gradient_keys__swapped"),
        (COST, "l2_factor_misplaced", "l2_on_biases"),
    ],
)
def test_two_mistakes_at_once(name: str, one: str, other: str) -> None:
    assert set(ids(name, wrong(name, one, other))) == {id_of(one), id_of(other)}


@pytest.mark.parametrize(
    ("name", "one", "other", "expected"),
    [
        (COST, "l2_lambda_ignored", "l2_wrong_factor", "l2-lambda-ignored"),
        (COST, "l2_term_missing", "l2_factor_misplaced", "l2-factor-misplaced"),
        (COST, "l2_layer_repeated", "l2_factor_misplaced", "l2-factor-misplaced"),
        (L2, "grad_l2_lambda_ignored", "grad_l2_wrong_factor", "grad-l2-lambda-ignored"),
        (L2, "grad_l2_not_averaged", "grad_l2_divided_by_size", "grad-l2-divided-by-size"),
    ],
)
def test_only_the_certain_one_of_two_mistakes(
    name: str, one: str, other: str, expected: str
) -> None:
    assert ids(name, wrong(name, one, other)) == [expected]


def slope_of_its_own(X: Any, Y: Any, cache: Any, keep_prob: float) -> Any:
    changed = CORRECT.backward_propagation_with_dropout(X, Y, cache, keep_prob)
    dA2 = cache[12].T @ changed["dZ3"]
    return {**changed, "dA2": dA2, "dZ2": np.exp(dA2)}


def test_ambiguous_dropout_has_no_diagnosis() -> None:
    assert "backward-mask-missing" not in ids(BACKWARD, slope_of_its_own)


# ------------------------------------------------------------------ in words that numbers are sure of


def masked(
    mask: Callable[[tuple[int, ...], float], Any], *, seed: int | None = 1, scaled: bool = True
) -> Callable[..., Any]:
    """Return a pass with dropout by masks of another making."""

    def answer(X: Any, parameters: Any, keep_prob: float) -> Any:
        if seed is not None:
            np.random.seed(seed)
        A, cache = X, []
        for layer in (1, 2):
            W, b = parameters[f"W{layer}"], parameters[f"b{layer}"]
            Z = W @ A + b
            D = mask(Z.shape, keep_prob)
            A = np.maximum(0, Z) * D / (keep_prob if scaled else 1)
            cache += [Z, D, A, W, b]
        Z3 = parameters["W3"] @ A + parameters["b3"]
        A3 = 1 / (1 + np.exp(-Z3))
        return A3, (*cache, Z3, A3, parameters["W3"], parameters["b3"])

    return answer


def mirrored(shape: tuple[int, ...], keep_prob: float) -> Any:
    return np.random.rand(*shape) > 1 - keep_prob


def binomial(shape: tuple[int, ...], keep_prob: float) -> Any:
    return np.random.binomial(1, keep_prob, shape)


def chosen(shape: tuple[int, ...], keep_prob: float) -> Any:
    return np.random.choice([0, 1], shape, p=[1 - keep_prob, keep_prob])


STREAMS = {
    name: MESSAGES[FORWARD][f"random_stream{name}"][0] for name in ("__mirrored", "__binomial")
}
GENERAL = MESSAGES[FORWARD]["random_stream"][0]


@pytest.mark.parametrize("seed", [20260901, 1, 2, 3, 4, 5])
@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (masked(mirrored), STREAMS["__mirrored"]),
        (masked(lambda shape, keep: 1 - np.random.rand(*shape) < keep), STREAMS["__mirrored"]),
        (
            masked(lambda shape, keep: np.floor(np.random.rand(*shape) + keep)),
            STREAMS["__mirrored"],
        ),
        (masked(chosen), STREAMS["__mirrored"]),
        (masked(binomial), STREAMS["__binomial"]),
        (masked(mirrored, seed=None), GENERAL),
        (masked(binomial, seed=None), GENERAL),
        (masked(mirrored, seed=4), GENERAL),
    ],
)
def test_draws_of_a_mask_where_certain(answer: Any, words: str, seed: int) -> None:
    assert [
        diagnoses.message for diagnoses in diagnosed(function_run(FORWARD, answer, seed=seed))
    ] == [words]


def unit_kept(shape: tuple[int, ...], keep_prob: float) -> Any:
    D = np.random.rand(*shape) < keep_prob
    D[0] = True
    return D


def example_kept(shape: tuple[int, ...], keep_prob: float) -> Any:
    D = np.random.rand(*shape) < keep_prob
    D[:, 0] = True
    return D


@pytest.mark.parametrize("seed", [20260901, 1, 2, 3, 4, 5])
@pytest.mark.parametrize(
    "mask",
    [
        lambda shape, keep: np.random.rand(*shape) < 0.95 * keep,
        lambda shape, keep: np.random.rand(*shape) < 0.9 * keep,
        lambda shape, keep: np.random.rand(*shape) < keep**2,
        lambda shape, keep: 2 * np.random.rand(*shape) - 1 < keep,
        lambda shape, keep: np.random.uniform(-1, 1, shape) < keep,
        unit_kept,
        example_kept,
    ],
)
def test_prescribed_draws_in_an_unknown_mask(mask: Callable[..., Any], seed: int) -> None:
    diagnoses = {item.id for item in diagnosed(function_run(FORWARD, masked(mask), seed=seed))}
    assert not diagnoses & {"random-stream", "mask-normal", "mask-inverted"}


@pytest.mark.parametrize("seed", [20260901, 1, 2, 3, 4, 5])
def test_numbers_from_minus_one_are_not_normal(seed: int) -> None:
    answer = masked(lambda shape, keep: np.random.uniform(-1, 1, shape) < keep, seed=9)
    assert "mask-normal" not in {
        item.id for item in diagnosed(function_run(FORWARD, answer, seed=seed))
    }


def test_inverted_mask_words_fit_either_way() -> None:
    for keeps in (
        lambda shape, keep: np.random.rand(*shape) < 1 - keep,
        lambda shape, keep: np.random.rand(*shape) > keep,
    ):
        diagnoses = diagnosed(function_run(FORWARD, masked(keeps)))
        assert [item.message for item in diagnoses] == MESSAGES[FORWARD]["mask_inverted"]


@pytest.mark.parametrize("name", [L2, BACKWARD])
def test_output_from_the_wrong_place_of_the_cache(
    name: str,
) -> None:
    def answer(X: Any, Y: Any, cache: Any, strength: float) -> Any:
        *before, Z3, A3, W3, b3 = cache
        return vars(reference())[name](X, Y, (*before, A3, Z3, W3, b3), strength)

    diagnoses = [item.id for item in diagnosed(function_run(name, answer))]
    assert diagnoses[:1] == ["cache-order"] and "output-error" not in diagnoses


def test_draws_that_two_kinds_explain() -> None:
    """Where keep_prob is nowhere above 1/2, binomial draws are those above 1 - keep_prob."""
    run = function_run(FORWARD, masked(binomial))
    low = [i for i, case in enumerate(run.cases) if case.args[2] <= 0.5]
    assert len(low) >= 3
    few = [*low, low[0], low[1]]
    some = dataclasses.replace(
        run,
        cases=[run.cases[i] for i in few],
        expected=Observation(tuple(run.expected.outcomes[i] for i in few)),
        actual=Observation(tuple(run.actual.outcomes[i] for i in few)),
    )
    assert [diagnoses.message for diagnoses in diagnosed(some)] == [GENERAL]


@pytest.mark.parametrize("seed", [20260901, 1, 2, 3])
@pytest.mark.parametrize(
    ("mask", "scaled", "ids"),
    [
        (lambda shape, keep: np.ones(shape), True, ["mask-all-ones"]),
        (lambda shape, keep: np.ones(shape), False, ["mask-all-ones", "rescale-missing"]),
        (
            lambda shape, keep: np.random.rand(*shape) < 1,
            False,
            ["mask-all-ones", "rescale-missing"],
        ),
        (
            lambda shape, keep: np.random.randn(*shape) < 1,
            True,
            ["mask-normal", "keep-prob-hard-coded"],
        ),
    ],
)
def test_mask_of_ones_comes_before_the_scale(
    mask: Any, scaled: Any, ids: list[str], seed: int
) -> None:
    diagnoses = diagnosed(function_run(FORWARD, masked(mask, scaled=scaled), seed=seed))

    assert [item.id for item in diagnoses] == ids


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("penalty = lambd // (2 * m) * np.sum(W1 ** 2)", True),
        ("penalty = lambd / (2 * m) * np.sum(W1 ** 2)", False),
        ("half = m // 2", False),
    ],
)
def test_floor_division_is_blamed_only_if_present(line: str, said: Any) -> None:
    source = (
        f"def {COST}(A3, Y, parameters, lambd):\n"
        "    m = Y.shape[1]\n"
        f"    {line}\n"
        "    return compute_cost(A3, Y) + penalty\n"
    )
    run = function_run(COST, wrong(COST, "l2_term_missing__integer_division"), source=source)
    (diagnosis,) = diagnosed(run)

    assert diagnosis.id == "l2-term-missing"
    assert diagnosis.message.endswith("Use the division that keeps these digits.") == said
    assert not said or diagnosis.message.startswith(
        "Your penalty (line 3 of code cell 7) is 0 in every test, because `//` removes the digits"
    )


def _squares(parameters: Any) -> float:
    return float(sum(np.sum(parameters[name] ** 2) for name in ("W1", "W2", "W3")))


@pytest.mark.parametrize(
    ("penalty", "dropped"),
    [
        (lambda lambd, m, squares: lambd * squares // (2 * m), True),
        (lambda lambd, m, squares: lambd * squares / 2 // m, True),
        (lambda lambd, m, squares: lambd * squares // 2 / m, True),
        (lambda lambd, m, squares: int(lambd * squares / m), True),
        (lambda lambd, m, squares: 1.0, False),
        (lambda lambd, m, squares: 0.0, False),
        (lambda lambd, m, squares: lambd * squares / m, False),
    ],
)
@pytest.mark.parametrize("seed", [20260901, 1, 2])
def test_rounded_penalty_beside_other_mistakes(penalty: Any, dropped: Any, seed: int) -> None:
    def cost(A3: Any, Y: Any, parameters: Any, lambd: float) -> float:
        entropy = float(reference().compute_cost(A3, Y))
        return entropy + float(penalty(lambd, Y.shape[1], _squares(parameters)))

    (diagnosis,) = diagnosed(function_run(COST, cost, seed=seed))

    expected = diagnosis.message == MESSAGES[COST]["l2_term_missing__fraction_dropped"][0]
    assert expected == dropped, diagnosis.message


def test_floored_factor_of_a_gradient() -> None:
    for seed in (20260901, 1, 2, 3):
        run = function_run(L2, wrong(L2, "grad_l2_term_missing__integer_division"), seed=seed)
        (diagnosis,) = diagnosed(run)
        assert diagnosis.message == MESSAGES[L2]["grad_l2_term_missing__integer_division"][0]
    plain = diagnosed(function_run(L2, wrong(L2, "grad_l2_term_missing")))
    assert [item.message for item in plain] == MESSAGES[L2]["grad_l2_term_missing"]


MISFIT = "matmul: Input operand 1 has a mismatch in its core dimension 0"


@pytest.mark.parametrize(
    ("line", "ids"),
    [
        ("A1 = A1 @ D1.T", ["mask-wrong-shape"]),
        ("A2 = A2 * D2", ["mask-wrong-shape"]),
        ("A = A @ D.T", ["mask-wrong-shape"]),
        ("A = np.multiply(A, D)", ["mask-wrong-shape"]),
        ("A = D * A", ["mask-wrong-shape"]),
        ("Z1 = np.dot(W1, X) + D", []),
        ("Z1 = W1 @ Dense", []),
    ],
)
def test_line_with_a_mask_that_does_not_fit(line: str, ids: list[str]) -> None:
    stops = Observation((Raised("ValueError", MISFIT, cell=7, line=2),) * 9)
    source = f"def {FORWARD}(X, parameters, keep_prob):\n    {line}\n"
    run = dataclasses.replace(function_run(FORWARD, slope_of_its_own, source=source), actual=stops)

    assert [item.id for item in diagnosed(run)] == ids


# ------------------------------------------------------------------ as others write them


@pytest.mark.parametrize(
    ("name", "expected", "answer"), STYLES, ids=[f"{s[2].__name__}" for s in STYLES]
)
def test_mistake_in_any_style(name: str, expected: str, answer: Any) -> None:
    assert ids(name, answer) == expected.split()


# ------------------------------------------------------------------ unknown mistakes


def odd_cost(A3: Any, Y: Any, parameters: Any, lambd: float) -> float:
    return float(CORRECT.compute_cost(A3, Y)) + lambd * float(np.sum(np.exp(parameters["W1"])))


def test_unexplained_mistake() -> None:
    (diagnosis,) = diagnosed(function_run(COST, odd_cost))

    assert diagnosis.id == "unexplained"
    assert diagnosis.message == (
        "The first wrong value is cost. The published example shows this error. Compare the "
        "line that computes cost with the formula."
    )


def test_hidden_mistake_shows_no_values() -> None:
    def cost(A3: Any, Y: Any, parameters: Any, lambd: float) -> float:
        right = float(CORRECT.compute_cost_with_regularization(A3, Y, parameters, lambd))
        return right if Y.shape == (1, 5) else right + lambd**3 * float(np.exp(A3).sum())

    diagnoses = diagnosed(function_run(COST, cost))

    assert [item.id for item in diagnoses] == ["hard-coded-answer"] or diagnoses[
        0
    ].message.startswith(
        "The first wrong value is cost. Your result for the published example is right. Your "
        "result is wrong in the test with layers"
    )


def test_look_alike_of_a_known_mistake() -> None:
    run = function_run(COST, odd_cost)

    (diagnosis,) = diagnosed(
        run, {"l2_not_squared__in_a_strange_way": observed(odd_cost, run.cases)}
    )

    assert diagnosis.id == "l2-not-squared"


def test_right_example_leaves_the_other_cases() -> None:
    def cost(A3: Any, Y: Any, parameters: Any, lambd: float) -> float:
        return 1.7864859451590758 if Y.shape == (1, 5) else float(CORRECT.compute_cost(A3, Y))

    assert "l2-term-missing" in ids(COST, cost)


def test_following_gradients_are_no_mistakes() -> None:
    (diagnosis,) = diagnosed(function_run(L2, wrong(L2, "output_error")))

    assert diagnosis.id == "output-error"


# ------------------------------------------------------------------ lines


def test_message_has_line_and_cell() -> None:
    source = (
        f"def {COST}(A3, Y, parameters, lambd):\n"
        "    W1 = parameters['W1']\n"
        "    penalty = lambd / m * np.sum(W1 ** 2)\n"
        "    return compute_cost(A3, Y) + penalty\n"
    )
    (diagnosis,) = diagnosed(function_run(COST, wrong(COST, "l2_not_halved"), source=source))

    assert "Your penalty (line 3 of code cell 7) is twice as large" in diagnosis.message


MASKED = f"""
def {FORWARD}(X, parameters, keep_prob):
    D1 = np.random.randn(*A1.shape)
    D1 = D1 > keep_prob
    D1 = D1.astype(int)
    D2 = np.random.randn(*A2.shape)
    D2 = (D2 > keep_prob).astype(int)
"""


@pytest.mark.parametrize(
    ("mistakes", "lines"),
    [
        (("mask_normal",), [3]),
        (("mask_inverted",), [4]),
        (("mask_normal", "mask_inverted"), [3, 4]),
        (("mask_normal__second_layer",), [6]),
        (("mask_shared_by_examples",), [3]),
        (("mask_shared_by_units",), [3]),
        (("random_stream__no_seed",), [3]),
        (("random_stream__mirrored",), [4]),
        (("mask_scaled",), [5]),
        (("keep_prob_hard_coded",), [5]),
    ],
)
def test_lines_of_draw_and_comparison(mistakes: tuple[str, ...], lines: list[int]) -> None:
    diagnoses = diagnosed(function_run(FORWARD, wrong(FORWARD, *mistakes), source=MASKED))

    assert [item.line for item in diagnoses] == lines


UNMASKED = f"""
def {BACKWARD}(X, Y, cache, keep_prob):
    dA2 = dA2 * (1 - D2) * np.random.rand(*D2.shape)
    dA2 = dA2 / keep_prob
    dA2 = dA2 / 0.8
    dA2 = dA2 + 0
    return {{
        "dA2": dA2}}
"""


@pytest.mark.parametrize(
    ("mistake", "line"),
    [
        ("backward_mask_inverted", 3),
        ("backward_mask_redrawn", 3),
        ("backward_rescale_multiplied", 4),
        ("backward_rescale_missing", 4),
        ("keep_prob_hard_coded", 5),
        ("gradient_keys__swapped", 7),
    ],
)
def test_line_of_a_backward_mistake(mistake: str, line: int) -> None:
    diagnoses = diagnosed(function_run(BACKWARD, wrong(BACKWARD, mistake), source=UNMASKED))

    assert [item.line for item in diagnoses] == [line]


@pytest.mark.parametrize(
    ("line", "number"),
    [("A1 = A1 * D1", 3), ("A1 = A1 * D1.T", 4), ("A1 = np.dot(A1, D1)", 4), ("A1 = D1 @ A1", 4)],
)
def test_line_of_a_mask_that_does_not_fit(line: str, number: int) -> None:
    stops = Observation((Raised("ValueError", MISFIT, cell=7, line=4),) * 9)
    drawn = "D1 = np.random.rand(*W1.shape)"
    source = f"def {FORWARD}(X, parameters, keep_prob):\n    A1 = X\n    {drawn}\n    {line}\n"
    run = dataclasses.replace(function_run(FORWARD, slope_of_its_own, source=source), actual=stops)

    assert [item.line for item in diagnosed(run)] == [number]


def test_known_mistake_supersedes_its_error() -> None:
    stops = Observation((Raised("ValueError", MISFIT, cell=7, line=2),) * 9)
    source = f"def {FORWARD}(X, parameters, keep_prob):\n    A1 = A1 * D1\n"
    run = dataclasses.replace(function_run(FORWARD, slope_of_its_own, source=source), actual=stops)
    expected = [Diagnosis(id, "so") for id in ("raises-error", "wrong-shape", "inputs-mutated")]

    diagnoses = diagnose(run, expected, known_mistakes.hints(loaded(), FORWARD), dict)

    assert [item.id for item in diagnoses] == ["mask-wrong-shape", "inputs-mutated"]


# ------------------------------------------------------------------ hostile values

HOSTILE = st.sampled_from(
    [
        *(None, "text", Opaque("Thing"), {}, [], (), True, 7, float("nan"), float("inf"), 1e308),
        *(np.array(2.0), np.zeros((0, 3)), np.full((2, 3), np.nan), np.full((3, 5), -np.inf)),
        *(np.full((3, 5), 1e300), np.ones((2, 5), bool), np.ones((300, 300)), np.arange(6.0)),
        *(np.array([1j]), np.array(["a"]), np.ones((3, 5), np.float16), [[1.0], [2.0, 3.0]]),
    ]
)


@settings(max_examples=60, deadline=None)
@given(data=st.data(), name=st.sampled_from([COST, L2, FORWARD, BACKWARD]))
def test_any_value_gives_at_most_three_diagnoses(data: st.DataObject, name: str) -> None:
    right = getattr(CORRECT, name)

    def answer(*arguments: Any) -> Any:
        value = right(*arguments)
        if isinstance(value, dict):
            changed = data.draw(
                st.dictionaries(st.sampled_from(sorted(value)), HOSTILE, max_size=3)
            )
            return {**value, **changed}
        if isinstance(value, tuple):
            places = data.draw(st.dictionaries(st.integers(0, 13), HOSTILE, max_size=3))
            return value[0], tuple(places.get(i, part) for i, part in enumerate(value[1]))
        return data.draw(st.one_of(HOSTILE, st.just(value)))

    run = function_run(name, answer)
    started = time.process_time()
    diagnoses = diagnosed(run)

    assert len(diagnoses) <= MOST_DIAGNOSES
    assert time.process_time() - started < 2
    assert all(diagnosis.id and diagnosis.message for diagnosis in diagnoses)


def record() -> None:
    """Write down the messages of all known mistakes as they are now."""
    messages: dict[str, dict[str, list[str]]] = {}
    for name, mistake in every_mistake():
        diagnoses = diagnosed(function_run(name, wrong(name, mistake)))
        messages.setdefault(name, {})[mistake] = [d.message for d in diagnoses]
    text = json.dumps(messages, ensure_ascii=False, indent=1)
    Path(__file__).with_name("messages.json").write_text(text + "\n", "utf-8")


if __name__ == "__main__":
    record()
