"""A hundred slips of beginners, each in one place of a function that is right otherwise.

A slip replaces a text of the right notebook's function by another one. The diagnosis must name it, in
the line of the replaced text.
"""

from __future__ import annotations

from typing import NamedTuple

from tests import ROOT
from tests.submissions import FUNCTIONS
from tests.submissions.corpus import Cell, notebook, parse
from tests.support.diagnosing import BACKWARD, COST, FORWARD, L2

RIGHT = ROOT / "tests" / "submissions" / "notebooks" / "_right.py"


class Slip(NamedTuple):
    """A function, the text that is right, and what the student writes in its place."""

    function: str
    right: str
    wrong: str

    @property
    def line(self) -> int:
        """The line of the function's cell, from 1, in which the texts begin to differ."""
        source = sources()[self.function]
        same = next(
            (i for i, (a, b) in enumerate(zip(self.right, self.wrong, strict=False)) if a != b),
            min(len(self.right), len(self.wrong)),
        )
        return source[: source.index(self.right) + same].count("\n") + 1

    @property
    def source(self) -> str:
        """The text of the function's cell with the slip."""
        return sources()[self.function].replace(self.right, self.wrong, 1)

    @property
    def notebook(self) -> bytes:
        """The notebook with the slip."""
        cells = parse(RIGHT.read_text("utf-8"))[1]
        own = sources()[self.function]
        return notebook([Cell(self.source) if cell.source == own else cell for cell in cells])


def sources() -> dict[str, str]:
    """Return the cell of each function in the right notebook."""
    cells = parse(RIGHT.read_text("utf-8"))[1]
    return {
        name: next(cell.source for cell in cells if f"def {name}(" in cell.source)
        for name in FUNCTIONS
    }


_SQUARES = "(np.sum(np.square(W1)) + np.sum(np.square(W2)) + np.sum(np.square(W3)))"

ERRORS = (
    Slip(COST, "lambd / (2 * m) * (np", "lambd / (2 * m) (np"),
    Slip(COST, "np.sum(np.square(W1))", "np.sum(np.sqaure(W1))"),
    Slip(COST, "np.sum(np.square(W2))", "np.Sum(np.square(W2))"),
    Slip(COST, "np.sum(np.square(W3))", "np.sum(square(W3))"),
    Slip(COST, 'W1 = parameters["W1"]', "W1 = parameters[W1]"),
    Slip(COST, 'W2 = parameters["W2"]', 'W2 = parameters["w2"]'),
    Slip(COST, 'W3 = parameters["W3"]', 'W3 = parameters("W3")'),
    Slip(COST, "m = Y.shape[1]", "m = Y.shape(1)"),
    Slip(COST, "m = Y.shape[1]", "m = Y.shape"),
    Slip(COST, "m = Y.shape[1]", "m = Y.shpae[1]"),
    Slip(COST, "m = Y.shape[1]", "m == Y.shape[1]"),
    Slip(COST, "m = Y.shape[1]", "m = Y.shape[2]"),
    Slip(COST, "penalty = lambd", "penalty = lambda_"),
    Slip(COST, "penalty = lambd", "penalty = lambd,"),
    Slip(COST, "return data_cost + penalty", "return data_cost + penalti"),
    Slip(COST, "return data_cost + penalty", "return datacost + penalty"),
    Slip(COST, "return data_cost + penalty", "print(data_cost + penalty)"),
    Slip(COST, "    return data_cost + penalty", "    data_cost + penalty"),
    Slip(COST, "compute_cost(A3, Y)", "compute_cost(A3)"),
    Slip(COST, "compute_cost(A3, Y)", "compute_cost[A3, Y]"),
    Slip(COST, _SQUARES, "np.sum(np.square(W1), np.square(W2), np.square(W3))"),
    Slip(COST, _SQUARES, "np.sum(np.square(W1) + np.square(W2) + np.square(W3))"),
    Slip(COST, _SQUARES, "np.sum(np.square(W1 + W2 + W3))"),
    Slip(COST, "np.sum(np.square(W1))", "np.sum(W1^2)"),
    Slip(L2, "dW3 = np.dot(dZ3, A2.T)", "dW3 = np.dot(dZ3, A2)"),
    Slip(L2, "dW3 = np.dot(dZ3, A2.T)", "dW3 = np.dot(A2.T, dZ3)"),
    Slip(L2, "dW3 = np.dot(dZ3, A2.T)", "dW3 = np.dot(dZ3, A2.t)"),
    Slip(L2, "dW3 = np.dot(dZ3, A2.T)", "dW3 = np.dot(dZ3, A2.T())"),
    Slip(L2, "dW3 = np.dot(dZ3, A2.T)", "dW3 = dZ3 * A2.T"),
    Slip(L2, "dW2 = np.dot(dZ2, A1.T)", "dW2 = dot(dZ2, A1.T)"),
    Slip(L2, "dW2 = np.dot(dZ2, A1.T)", "dW2 = np.dot(dZ2 A1.T)"),
    Slip(L2, "dW1 = np.dot(dZ1, X.T)", "dW1 = np.dot(dz1, X.T)"),
    Slip(L2, "db3 = np.sum(dZ3, axis=1,", "db3 = np.sum(dZ3, axis=2,"),
    Slip(L2, "db3 = np.sum(dZ3, axis=1, keepdims=True)", "db3 = np.sum(dZ3, axis=1, keepdim=True)"),
    Slip(L2, "dA2 = np.dot(W3.T, dZ3)", "dA2 = np.dot(W3, dZ3)"),
    Slip(L2, "dA2 = np.dot(W3.T, dZ3)", "dA2 = np.dot(W2.T, dZ3)"),
    Slip(L2, "dA1 = np.dot(W2.T, dZ2)", "dA1 = np.dot((W2.T, dZ2))"),
    Slip(L2, "dZ2 = dA2 * (A2 > 0)", "dZ2 = dA2 (A2 > 0)"),
    Slip(L2, "dZ2 = dA2 * (A2 > 0)", "dZ2 = np.dot(dA2, A2 > 0)"),
    Slip(L2, "dZ1 = dA1 * (A1 > 0)", "dZ1 = dA1 and (A1 > 0)"),
    Slip(L2, "Z2, A2, W2, b2, Z3", "Z2, A2, b2, Z3"),
    Slip(L2, "m = X.shape[1]", "m = X.size[1]"),
    Slip(L2, '"dZ2": dZ2, "dW2": dW2', '"dZ2": dZ2, "dW2": dw2'),
    Slip(FORWARD, "np.random.rand(A1.shape[0], A1.shape[1])", "np.random.rand(A1.shape)"),
    Slip(
        FORWARD,
        "np.random.rand(A1.shape[0], A1.shape[1])",
        "np.random.rand((A1.shape[0], A1.shape[1]))",
    ),
    Slip(FORWARD, "np.random.rand(A2.shape[0], A2.shape[1])", "np.random.rand(A2)"),
    Slip(FORWARD, "np.random.rand(A1.shape[0], A1.shape[1])", "np.rand(A1.shape[0], A1.shape[1])"),
    Slip(
        FORWARD, "np.random.rand(A2.shape[0], A2.shape[1])", "random.rand(A2.shape[0], A2.shape[1])"
    ),
    Slip(FORWARD, "D1 = D1 < keep_prob", "D1 = D1 < keep_pron"),
    Slip(FORWARD, "D1 = D1 < keep_prob", 'D1 = D1 < "keep_prob"'),
    Slip(FORWARD, "A1 = A1 * D1", "A1 = np.dot(A1, D1)"),
    Slip(FORWARD, "A1 = A1 / keep_prob", "A1 /= keepprob"),
    Slip(FORWARD, "A2 = A2 * D2", "A2 = A2 * D1"),
    Slip(FORWARD, "Z2 = np.dot(W2, A1) + b2", "Z2 = np.dot(A1, W2) + b2"),
    Slip(FORWARD, "Z2 = np.dot(W2, A1) + b2", "Z2 = W2 * A1 + b2"),
    Slip(FORWARD, "Z3 = np.dot(W3, A2) + b3", "Z3 = np.dot(W3, A1) + b3"),
    Slip(FORWARD, "A2 = relu(Z2)", "A2 = Relu(Z2)"),
    Slip(FORWARD, "A3 = sigmoid(Z3)", "A3 = np.sigmoid(Z3)"),
    Slip(FORWARD, "return A3, cache", "return cache"),
    Slip(FORWARD, "return A3, cache", "return A3"),
    Slip(FORWARD, 'b3 = parameters["b3"]', 'b3 = parameters["b3"'),
    Slip(BACKWARD, "dA2 = dA2 * D2", "dA2 = dA1 * D2"),
    Slip(BACKWARD, "dA2 = dA2 * D2", "dA2 = np.dot(dA2, D2)"),
    Slip(BACKWARD, "dA1 = dA1 / keep_prob", "dA1 = dA1 / keep_probs"),
    Slip(BACKWARD, "dA1 = dA1 * D1", "dA1 = dA1 * d1"),
)
"""Slips that stop the function or change the structure of its result."""

VALUES = (
    Slip(COST, "lambd / (2 * m)", "lambd / 2 * m"),
    Slip(COST, "lambd / (2 * m)", "lambd * (2 * m)"),
    Slip(COST, "+ np.sum(np.square(W2))", "- np.sum(np.square(W2))"),
    Slip(COST, "np.sum(np.square(W2))", "np.sum(np.sqrt(np.abs(W2)))"),
    Slip(COST, "np.sum(np.square(W3))", "np.square(np.sum(W3))"),
    Slip(COST, "return data_cost + penalty", "return data_cost * penalty"),
    Slip(L2, "lambd / m * W3", "lambd / m + W3"),
    Slip(L2, "lambd / m * W2", "lambd * m * W2"),
    Slip(L2, "lambd / m * W1", "lambd / m * W1.T.T * 2"),
    Slip(L2, "dZ3 = A3 - Y", "dZ3 = Y - A3"),
    Slip(L2, "dZ2 = dA2 * (A2 > 0)", "dZ2 = dA2 * (A2 < 0)"),
    Slip(
        L2,
        "db2 = np.sum(dZ2, axis=1, keepdims=True) / m",
        "db2 = np.sum(dZ2, axis=1, keepdims=True)",
    ),
    Slip(
        L2,
        "db1 = np.sum(dZ1, axis=1, keepdims=True) / m",
        "db1 = np.mean(dZ1, axis=1, keepdims=True) / m",
    ),
    Slip(FORWARD, "Z1 = np.dot(W1, X) + b1", "Z1 = np.dot(W1, X) - b1"),
    Slip(FORWARD, "Z2 = np.dot(W2, A1) + b2", "Z2 = np.dot(W2, A1)"),
    Slip(FORWARD, "A1 = A1 * D1", "A1 = A1 + D1"),
    Slip(FORWARD, "A3 = sigmoid(Z3)", "A3 = relu(Z3)"),
    Slip(BACKWARD, "dA2 = dA2 / keep_prob", "dA2 = dA2 - keep_prob"),
    Slip(BACKWARD, "dZ1 = dA1 * (A1 > 0)", "dZ1 = dA1 * (A1 > 1)"),
    Slip(BACKWARD, "dA1 = np.dot(W2.T, dZ2)", "dA1 = np.dot(W2.T, dZ2) / m"),
)
"""Slips that change values only."""

SYNTAX = (
    Slip(COST, "np.sum(np.square(W3)))", "np.sum(np.square(W3))"),
    Slip(COST, "np.sum(np.square(W3)))", "np.sum(np.square(W3))))"),
    Slip(COST, "m = Y.shape[1]", "m = Y.shape[1"),
    Slip(COST, "m = Y.shape[1]", "m = Y.shape[1)"),
    Slip(COST, "lambd / (2 * m)", "lambd / (2m)"),
    Slip(COST, "lambd / (2 * m)", "lambd / (2 m)"),
    Slip(COST, 'W1 = parameters["W1"]', "W1 = parameters[“W1”]"),
    Slip(COST, 'W1 = parameters["W1"]', 'W1 = parameters["W1]'),
    Slip(COST, "compute_cost(A3, Y)", "compute_cost（A3，Y）"),
    Slip(COST, "Y, parameters, lambd):", "Y, parameters, lambd)"),
    Slip(COST, "    return data_cost + penalty", "   return data_cost + penalty"),
    Slip(L2, "dZ3 = A3 - Y", "dZ3 = A3 − Y"),
    Slip(L2, "m = X.shape[1]", "m\u00a0= X.shape[1]"),
    Slip(L2, "dZ2 = dA2 * (A2 > 0)", "dZ2 = dA2 × (A2 > 0)"),
    Slip(L2, "axis=1, keepdims=True) / m\n\n    dA2", "axis=1 keepdims=True) / m\n\n    dA2"),
    Slip(L2, '"db3": db3, "dA2"', '"db3": db3 "dA2"'),
    Slip(L2, '"db3": db3, "dA2"', '"db3" db3, "dA2"'),
    Slip(FORWARD, "D1 = D1 < keep_prob", "D1 = (D1 < keep_prob"),
    Slip(FORWARD, "    A2 = A2 * D2", "      A2 = A2 * D2"),
    Slip(BACKWARD, "dA2 = dA2 * D2", "dA2 = dA2 * * D2"),
)
"""Slips that do not parse."""
