"""Explain the numbers of wrong answers, function by function.

Shapes, as in the course: there are m examples, one per column, and layer l has n_l units. X is
(n_x, m), Y is (n_y, m). Z_l, A_l and D_l are (n_l, m), W_l is (n_l, n_(l-1)), b_l is (n_l, 1), and a
gradient such as dW_l has the shape of its array. A row (`CaseValues`) is one test case, so an array
of shape (rows,) has one number per case, such as lambd / m.

The right formulas are those of the course's notebook; `reference/regularization.py` lists the sources.
The wrong ones are the known mistakes of `reference/regularization_mistakes/`. A formula counts
as an explanation only if it gives the student's values in every row.
"""

from grader.model import Computation

from . import chain, cost, forward, gradients, readings
from .lines import STOPPED, VARIANTS

HELPERS = ("relu", "sigmoid")
"""Functions of reg_utils.py that an answer may call."""

COMPUTATIONS = {
    "compute_cost_with_regularization": Computation(
        inputs=readings.inputs,
        rules={"cost": readings.right_cost},
        explain=cost.explain,
        variants=VARIANTS["compute_cost_with_regularization"],
        helpers=HELPERS,
    ),
    "backward_propagation_with_regularization": Computation(
        inputs=chain.inputs,
        rules=chain.rules(),
        explain=gradients.explain,
        misplaced="gradient-keys",
        variants=VARIANTS["backward_propagation_with_regularization"],
        helpers=HELPERS,
    ),
    "forward_propagation_with_dropout": Computation(
        inputs=forward.inputs,
        rules=forward.rules(),
        explain=forward.explain,
        stopped=STOPPED["forward_propagation_with_dropout"],
        misplaced="cache-order",
        helpers=HELPERS,
    ),
    "backward_propagation_with_dropout": Computation(
        inputs=chain.inputs,
        rules=chain.rules(),
        explain=gradients.explain,
        misplaced="gradient-keys",
        helpers=HELPERS,
    ),
}
