"""The rules by which the gradients follow from each other, with an L2 penalty or with dropout.

They are the chain rule, applied layer by layer from the output, as in the course's notebook. A rule
takes a row and returns an array of the quantity's shape: dZ_l and dA_l (n_l, m), dW_l
(n_l, n_(l-1)), db_l (n_l, 1).
"""

from typing import Any

import numpy as np

from grader.judging.intermediates import Array, CaseValues, Rule

LAYERS = (3, 2, 1)
PLAIN = ("Z1", "A1", "W1", "b1", "Z2", "A2", "W2", "b2", "Z3", "A3", "W3", "b3")
WITH_MASKS = ("Z1", "D1", "A1", "W1", "b1", "Z2", "D2", "A2", "W2", "b2", "Z3", "A3", "W3", "b3")
"""The arrays of a cache in order: of the plain pass, and of the pass with dropout."""
BEFORE = {3: "A2", 2: "A1", 1: "X"}
"""The input of each layer: A_(l-1), where A_0 is X."""


def inputs(args: tuple[Any, ...]) -> dict[str, Any]:
    """Return the arguments and the arrays of the cache by name.

    `args` are X, Y, the cache, and lambd or keep_prob: the length of the cache shows which of them.
    """
    X, Y, cache, strength = args
    names = PLAIN if len(cache) == len(PLAIN) else WITH_MASKS
    name = "lambd" if names is PLAIN else "keep_prob"
    return {"X": X, "Y": Y, name: strength, **dict(zip(names, cache, strict=True))}


def examples(row: CaseValues) -> float:
    """Return the number of examples, m."""
    return float(row["X"].shape[1])


def weight_gradient(layer: int) -> Rule:
    """Return the rule dW_l = dZ_l A_(l-1)^T / m + lambd / m W_l.

    The second term is the derivative of the penalty lambd / (2 m) sum of W_l^2; it is 0 with dropout.
    """

    def rule(row: CaseValues) -> Array:
        gradient: Array = data(row, layer) / examples(row)
        penalty: Array = row.inputs.get("lambd", 0.0) / examples(row) * row[f"W{layer}"]
        return gradient + penalty

    return rule


def data(row: CaseValues, layer: int) -> Array:
    """Return dZ_l A_(l-1)^T, of the shape of W_l: the sum over examples, not divided by m."""
    product: Array = row[f"dZ{layer}"] @ row[BEFORE[layer]].T
    return product


def summed(row: CaseValues, layer: int) -> Array:
    """Return the sum of dZ_l over examples, of shape (n_l, 1), not divided by m."""
    total: Array = np.sum(row[f"dZ{layer}"], axis=1, keepdims=True)
    return total


def reached(row: CaseValues, layer: int) -> Array:
    """Return W_(l+1)^T dZ_(l+1), of shape (n_l, m): the gradient that reaches A_l."""
    product: Array = row[f"W{layer + 1}"].T @ row[f"dZ{layer + 1}"]
    return product


def activation_gradient(layer: int) -> Rule:
    """Return the rule dA_l = W_(l+1)^T dZ_(l+1), with dropout times D_l / keep_prob.

    The division is that of inverted dropout (Srivastava et al. 2014, section 10).
    """

    def rule(row: CaseValues) -> Array:
        if "keep_prob" not in row.inputs:
            return reached(row, layer)
        dropped: Array = reached(row, layer) * row[f"D{layer}"] / row["keep_prob"]
        return dropped

    return rule


def linear_gradient(layer: int) -> Rule:
    """Return the rule dZ_l = dA_l where A_l > 0, else 0: the derivative of the ReLU."""

    def rule(row: CaseValues) -> Array:
        passed: Array = row[f"dA{layer}"] * (row[f"A{layer}"] > 0)
        return passed

    return rule


def rules() -> dict[str, Rule]:
    """Return the rule of each gradient, in the order of the computation.

    It begins with dZ3 = A3 - Y, the derivative of the cross-entropy behind a sigmoid.
    """
    rules_: dict[str, Rule] = {"dZ3": lambda row: row["A3"] - row["Y"]}
    for layer in LAYERS:
        if layer < LAYERS[0]:
            rules_[f"dA{layer}"] = activation_gradient(layer)
            rules_[f"dZ{layer}"] = linear_gradient(layer)
        rules_[f"dW{layer}"] = weight_gradient(layer)
        rules_[f"db{layer}"] = bias_gradient(layer)
    return rules_


def bias_gradient(layer: int) -> Rule:
    """Return the rule db_l = sum of dZ_l over the examples / m."""
    return lambda row: summed(row, layer) / examples(row)
