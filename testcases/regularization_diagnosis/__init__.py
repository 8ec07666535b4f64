"""Explain the numbers of wrong answers, function by function."""

from grader.model import Computation

from . import chain, cost, forward, gradients, readings
from .variants import VARIANTS

COMPUTATIONS = {
    "compute_cost_with_regularization": Computation(
        inputs=readings.inputs,
        rules={"cost": readings.right_cost},
        explain=cost.explain,
        variants=VARIANTS,
    ),
    "backward_propagation_with_regularization": Computation(
        inputs=chain.inputs,
        rules=chain.rules(),
        explain=gradients.explain,
        misplaced="gradient-keys",
        variants=VARIANTS,
    ),
    "forward_propagation_with_dropout": Computation(
        inputs=forward.inputs,
        rules=forward.rules(),
        explain=forward.explain,
        stopped=forward.stopped,
        misplaced="cache-order",
    ),
    "backward_propagation_with_dropout": Computation(
        inputs=chain.inputs,
        rules=chain.rules(),
        explain=gradients.explain,
        misplaced="gradient-keys",
    ),
}
