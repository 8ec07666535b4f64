"""Known mistakes of random initialization: one function each, its docstring is the hint.

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

    A layer's weights are scale(fan_in, units) * draw(rows, columns), and its biases are biases(units).
    The seed is set before the first layer, and in each layer if it is `seeded_each_time`; None leaves
    the generator as it is. `last` is the number of layers that are left out at the end.
    """

    seed: int | None = 3
    seeded_each_time: bool = False
    draw: Callable[[int, int], Array] = np.random.randn
    scale: Callable[[int, int], float] = lambda fan_in, units: 10
    biases: Callable[[int], Array] = lambda units: np.zeros((units, 1))
    transposed: bool = False
    last: int = 0

    def __call__(self, layers_dims: list[int]) -> dict[str, Array]:
        """Return W_l and b_l of each layer."""
        parameters = {}
        if self.seed is not None:
            np.random.seed(self.seed)
        layers = list(pairwise(layers_dims))
        for layer, (fan_in, units) in enumerate(layers[: len(layers) - self.last], 1):
            if self.seed is not None and self.seeded_each_time:
                np.random.seed(self.seed)
            shape = (fan_in, units) if self.transposed else (units, fan_in)
            parameters[f"W{layer}"] = self.scale(fan_in, units) * self.draw(*shape)
            parameters[f"b{layer}"] = self.biases(units)
        return parameters


def answer(*mistakes: Callable[[Answer], None]) -> Answer:
    """Return the right answer, changed by each of the mistakes in order."""
    solution = Answer()
    for mistake in mistakes:
        mistake(solution)
    return solution


def seed_missing(answer: Answer) -> None:
    """The random numbers of the weights{line} are not those of the seed.

    Without a seed the numbers differ from run to run, so your results cannot be repeated.

    The task names a seed. Where does your function set it?
    """
    answer.seed = None


def seed_other(answer: Answer) -> None:
    """The random numbers of the weights{line} are those of another seed.

    Each seed gives its own sequence of random numbers.

    Compare the number in `np.random.seed` with the task.
    """
    answer.seed = 1


def seed_in_loop(answer: Answer) -> None:
    """The seed is set again for each layer, so all layers begin with the same random numbers{line}.

    Setting a seed starts the sequence of random numbers from the beginning.

    How often should the seed be set, and where in your function is that?
    """
    answer.seeded_each_time = True


def biases_drawn(answer: Answer) -> None:
    """The biases are random numbers, but should be zero. This also changes the weights of later layers.

    Different weights already make the units different, so biases can begin at zero.

    Read what the task says about the biases.
    """
    answer.biases = lambda units: np.random.randn(units, 1)


def biases_drawn__scaled(answer: Answer) -> None:
    """The biases are large random numbers, but should be zero. Weights of later layers change as well.

    Different weights already make the units different, so biases can begin at zero.

    Read what the task says about the biases.
    """
    answer.biases = lambda units: 10 * np.random.randn(units, 1)


def biases_flat(answer: Answer) -> None:
    """The biases{line} are flat arrays: their shape is (units,) and not (units, 1).

    A flat array is a row when it is added to a matrix, so each bias would go to a wrong place.

    A shape has a number for the rows and a number for the columns. What are they for a column?
    """
    answer.biases = np.zeros


def drawn_uniformly(answer: Answer) -> None:
    """The weights{line} are uniformly distributed between 0 and 1: they are never negative.

    The task asks for the standard normal distribution, which has positive and negative numbers.

    Compare the name of the function that draws the numbers with the task.
    """
    answer.draw = np.random.rand


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


def scale_missing(answer: Answer) -> None:
    """The weights{line} are not multiplied by 10.

    This exercise shows what happens with weights that are too large.

    Read the exercise again: by what are the random numbers multiplied?
    """
    answer.scale = lambda fan_in, units: 1


def scale_small(answer: Answer) -> None:
    """The weights{line} are small, but this exercise asks for large ones.

    Small weights are a good choice elsewhere. Here you should see what large ones do.

    Read the exercise again: by what are the random numbers multiplied?
    """
    answer.scale = lambda fan_in, units: 0.01


def scale_of_he(answer: Answer) -> None:
    """The weights{line} have the size of He initialization.

    He initialization is the next exercise.

    Read this exercise again: by what are the random numbers multiplied?
    """
    answer.scale = lambda fan_in, units: np.sqrt(2 / fan_in)
