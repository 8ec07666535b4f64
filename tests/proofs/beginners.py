"""Sixteen mistakes of beginners for each function, made in the right notebook.

A mistake replaces a text of the function by another one. They are the mistakes that students make with
the exercise in hand: an argument too many, a step that is left out, the other layer's variable.
"""

from __future__ import annotations

from tests.proofs.slips import Slip
from tests.support.diagnosing import BACKWARD, COST, FORWARD, L2

_SUM = "(np.sum(np.square(W1)) + np.sum(np.square(W2)) + np.sum(np.square(W3)))"
_LINE = f"lambd / (2 * m) * {_SUM}"
_D1, _D2 = "np.random.rand(A1.shape[0], A1.shape[1])", "np.random.rand(A2.shape[0], A2.shape[1])"

MISTAKES = (
    *(
        Slip(COST, _LINE, wrong)
        for wrong in (
            f"lambd / m * {_SUM}",
            f"lambd / 2 * m * {_SUM}",
            f"1 / (2 * m) * {_SUM}",
            f"0.1 / (2 * m) * {_SUM}",
            f"lambd / (2 * m) * {_SUM}".replace("np.square", ""),
            "lambd / (2 * m) * np.sum(np.square(W1), np.square(W2), np.square(W3))",
            "lambd / (2 * m) * np.sum(W1, W2, W3)",
            "lambd / (2 * m) * (np.square(W1) + np.square(W2) + np.square(W3))",
            "lambd / (2 * m) * (W1 ** 2 + W2 ** 2 + W3 ** 2).sum()",
            "lambd / (2 * m) * np.sum(np.square(W1 + W2 + W3))",
            "lambd / (2 * m) * np.sum(np.square(W1))",
            "lambd / (2 * m) * (np.sum(W1 ^ 2) + np.sum(W2 ^ 2) + np.sum(W3 ^ 2))",
            f"lambda / (2 * m) * {_SUM}",
            f"lambd / (2 * m) {_SUM}",
            "lambd / (2 * m) * np.linalg.norm(W1, W2, W3)",
            "lambd / (2 * m) * (np.dot(W1, W1) + np.dot(W2, W2) + np.dot(W3, W3))",
        )
    ),
    *(
        Slip(L2, right, wrong)
        for right, wrong in (
            ("lambd / m * W3", "lambd * W3"),
            ("lambd / m * W3", "lambd / (2 * m) * W3"),
            ("lambd / m * W3", "lambd / m"),
            ("lambd / m * W3", "lambd / m * W2"),
            ("lambd / m * W3", "lambd / m * np.sum(W3)"),
            ("lambd / m * W3", "lambd / m * np.square(W3)"),
            ("lambd / m * W3", "lambda / m * W3"),
            ("lambd / m * W3", "lambd / m W3"),
            ("lambd / m * W2", "lambd / m * np.dot(W2, W2)"),
            ("lambd / m * W2", "lambd / m * W2.T"),
            ("lambd / m * W2", "0"),
            ("lambd / m * W2", "0.7 / m * W2"),
            ("lambd / m * W1", "lambd / m * w1"),
            ("lambd / m * W1", "lambd * m * W1"),
            ("lambd / m * W1", "lambd / m(W1)"),
            ("+ lambd / m * W1", "- lambd / m * W1"),
        )
    ),
    *(
        Slip(FORWARD, right, wrong)
        for right, wrong in (
            (_D1, "np.random.rand(A1.shape)"),
            (_D1, "np.random.rand((A1.shape[0], A1.shape[1]))"),
            (_D1, "np.random.randn(A1.shape[0], A1.shape[1])"),
            (_D1, "np.random.rand(A1)"),
            (_D1, "random.rand(A1.shape[0], A1.shape[1])"),
            (_D1, "np.random.rand(A2.shape[0], A2.shape[1])"),
            (_D1, "np.rand(A1.shape[0], A1.shape[1])"),
            (_D2, "np.random.rand(A1.shape[0], A1.shape[1])"),
            (_D2, "np.random.rand(A2.shape(0), A2.shape(1))"),
            ("D1 < keep_prob", "D1 > keep_prob"),
            ("D1 < keep_prob", "D1 < 0.86"),
            ("A1 = A1 * D1", "A1 = np.dot(A1, D1)"),
            ("A2 = A2 * D2", "A2 = A2 * D1"),
            ("A2 = A2 / keep_prob", "A2 = A2 * keep_prob"),
            ("D2 = D2 < keep_prob", "D2 = int(D2 < keep_prob)"),
            ("D2 = D2 < keep_prob", "if D2 < keep_prob: D2 = 1"),
        )
    ),
    *(
        Slip(BACKWARD, right, wrong)
        for right, wrong in (
            ("dA2 = dA2 * D2", "dA2 = dA2 * D1"),
            ("dA2 = dA2 * D2", "dA2 = np.dot(dA2, D2)"),
            ("dA2 = dA2 * D2", "dA2 = dA1 * D2"),
            ("dA2 = dA2 * D2", "dA2 = dA2 * d2"),
            ("dA2 = dA2 * D2", "dA2 *= 1 - D2"),
            ("dA2 = dA2 * D2", "pass"),
            ("dA2 = dA2 / keep_prob", "dA2 = dA2 * keep_prob"),
            ("dA2 = dA2 / keep_prob", "dA2 = dA2 / keep_probs"),
            ("dA2 = dA2 / keep_prob", "dA2 = dA2 / (1 - keep_prob)"),
            ("dA1 = dA1 * D1", "dA1 = dA1 * (D1 < keep_prob)"),
            ("dA1 = dA1 * D1", "dA1 = dA1 * A1"),
            ("dA1 = dA1 * D1", "dA1 = dA1 @ D1"),
            ("dA1 = dA1 * D1", "dA1 = dA1(D1)"),
            ("dA1 = dA1 * D1", "dA1[D1 = 0] = 0"),
            ("dA1 = dA1 / keep_prob", "dA1 = dA1 / keep_prob)"),
            ("dA1 = dA1 / keep_prob", "A1 = dA1 / keep_prob"),
        )
    ),
)
