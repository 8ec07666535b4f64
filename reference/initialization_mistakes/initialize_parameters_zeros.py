"""Known mistakes of zero initialization: one function each, its docstring is the hint.

The paragraphs of a hint are *what* is wrong, *why* it matters and *next*, one thing to do. `{line}`
is the place in the student's notebook or empty, `{where}` the parameters that are wrong.

A function changes parts of the right answer; `answer` makes an answer with any number of mistakes.
The file imports nothing of the grader, because the sandbox runs it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


@dataclass
class Answer:
    """The right parameters in parts.

    A layer's weights are draw(rows, columns), and its biases are biases(units).
    `last` is the number of layers that are left out at the end.
    """

    draw: Callable[[int, int], Array] = lambda rows, columns: np.zeros((rows, columns))
    biases: Callable[[int], Array] = lambda units: np.zeros((units, 1))
    transposed: bool = False
    last: int = 0

    def __call__(self, layers_dims: list[int]) -> dict[str, Array]:
        """Return W_l and b_l of each layer."""
        parameters = {}
        layers = list(pairwise(layers_dims))
        for layer, (fan_in, units) in enumerate(layers[: len(layers) - self.last], 1):
            shape = (fan_in, units) if self.transposed else (units, fan_in)
            parameters[f"W{layer}"] = self.draw(*shape)
            parameters[f"b{layer}"] = self.biases(units)
        return parameters


def answer(*mistakes: Callable[[Answer], None]) -> Answer:
    """Return the right answer, changed by each of the mistakes in order."""
    solution = Answer()
    for mistake in mistakes:
        mistake(solution)
    return solution


def biases_flat(answer: Answer) -> None:
    """The biases{line} are flat arrays: their shape is (units,) and not (units, 1).

    A flat array is a row when it is added to a matrix, so each bias would go to a wrong place.

    A shape has a number for the rows and a number for the columns. What are they for a column?
    """
    answer.biases = np.zeros


def weights_transposed(answer: Answer) -> None:
    """The weights{line} are transposed: rows and columns are exchanged.

    W has one row for each unit of its layer and one column for each unit of the layer before.

    Write down the shape of W1 for the layers of the example. Which size comes first?
    """
    answer.transposed = True


def last_layer_missing(answer: Answer) -> None:
    """The parameters of the last layer are missing.

    `range(1, L)` ends before L, and `layers_dims` also counts the inputs.

    Which layers does your loop count for the example? Which should it count?
    """
    answer.last = 1


def weights_random(answer: Answer) -> None:
    """The weights{line} are random numbers, but this exercise asks for zeros.

    Here you should see what happens if all weights are equal.

    Which function of NumPy makes an array of zeros?
    """
    answer.draw = np.random.randn


def weights_ones(answer: Answer) -> None:
    """The weights{line} are ones, but this exercise asks for zeros.

    Here you should see what happens if all weights are zero.

    Which function of NumPy makes an array of zeros?
    """
    answer.draw = lambda rows, columns: np.ones((rows, columns))
