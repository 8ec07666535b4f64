"""The assignment "Initialization": functions, points and test cases.

The functions are those of the notebook "Initialization" of deeplearning.ai. The course's own example
is public. The other networks have 2 to 6 layers, and their sizes are drawn from the seed.
`reference/initialization.py` has the shapes.
"""

from types import ModuleType

import numpy as np

from grader.judging.compare import mapping
from grader.messages import comma_list, gettext
from grader.model import AssignmentSpec, Check, Function, TestCase

MOST_LAYERS = 6
WEIGHTS = tuple(f"W{layer}" for layer in range(1, MOST_LAYERS))
BIASES = tuple(f"b{layer}" for layer in range(1, MOST_LAYERS))
LAYERS = (3, 4, 3, 2, 5, 3, 6, 4)
"""The number of layers of each random network, the input included."""
LARGEST = 9

PUBLISHED = {
    "zeros": ((3, 2, 1), {"W1": "0 0 0; 0 0 0", "W2": "0 0"}),
    "random": (
        (3, 2, 1),
        {
            "W1": "17.886284734303185 4.365098505119894 0.9649746807200863; "
            "-18.634927033644907 -2.7738820251439904 -3.5475897926898674",
            "W2": "-0.8274148148245977 -6.270006768238473",
        },
    ),
    "he": (
        (2, 4, 1),
        {
            "W1": "1.7886284734303186 0.43650985051198943; 0.09649746807200862 -1.8634927033644908; "
            "-0.27738820251439905 -0.35475897926898675; -0.08274148148245977 -0.6270006768238473",
            "W2": "-0.030984124422056857 -0.33744410537169206 -0.9290426766647434 0.6255224840406426",
        },
    ),
}
"""The layers of the course's example for each function, and the weights that the course publishes."""


def _function(kind: str, example: float, first: float, others: float) -> Function:
    """Return a function with its points: on the example, then elsewhere for layer 1 and the others.

    Weights and biases of a layer count together. Zeros for the biases alone earn nothing.
    """
    pairs = tuple(zip(WEIGHTS, BIASES, strict=True))
    layers = tuple(name for pair in pairs for name in pair)

    def networks(part: str, points: float, quantities: tuple[str, ...]) -> Check:
        return Check(gettext("other networks, {part}", part=part), points, "random", quantities)

    return Function(
        name=f"initialize_parameters_{kind}",
        parameters=("layers_dims",),
        unpack=mapping(*layers),
        checks=(
            Check(gettext("the published example"), example, "fixed", layers[:4]),
            networks(gettext("layer 1"), first, layers[:2]),
            networks(gettext("all further layers"), others, layers[2:]),
        ),
    )


FUNCTIONS = (
    _function("zeros", example=6, first=9, others=9),
    _function("random", example=7, first=12, others=19),
    _function("he", example=7, first=12, others=19),
)


def cases(seed: int, reference: ModuleType) -> list[TestCase]:
    """Return the course's example of each function, then one case on each of eight networks.

    The same `seed` gives the same cases. No call is seeded with 3, the seed that is prescribed: a
    missing seed line would pass otherwise. No two neighbouring layers have one size, because
    transposed weights would pass otherwise.
    """
    random = np.random.default_rng(seed)
    examples = [
        _case(kind, layers, gettext("the published example"), 1, published)
        for kind, (layers, published) in PUBLISHED.items()
    ]
    networks = [_sizes(count, random) for count in LAYERS]
    return examples + [
        _case(kind, layers, gettext("network {number}", number=n), int(random.integers(4, 2**31)))
        for n, layers in enumerate(networks, 1)
        for kind in PUBLISHED
    ]


def _case(
    kind: str,
    layers: tuple[int, ...],
    name: str,
    seed: int,
    published: dict[str, str] | None = None,
) -> TestCase:
    function, matrices = f"initialize_parameters_{kind}", (published or {}).items()
    return TestCase(
        name=name,
        function=function,
        args=(list(layers),),
        about=gettext("layers {sizes}", sizes=comma_list(map(str, layers))),
        public=published is not None,
        seed=seed,
        published={key: _matrix(rows) for key, rows in matrices} or None,
        snippet=(f"result = {function}({list(layers)})", "print(result)"),
    )


def _matrix(rows: str) -> np.ndarray:
    return np.array([row.split() for row in rows.split(";")], float)


def _sizes(count: int, random: np.random.Generator) -> tuple[int, ...]:
    """Return the sizes of `count` layers, each other than the one before."""
    sizes = [int(random.integers(1, LARGEST + 1))]
    while len(sizes) < count:
        size = int(random.integers(1, LARGEST + 1))
        if size != sizes[-1]:
            sizes.append(size)
    return tuple(sizes)


ASSIGNMENT = AssignmentSpec(
    name="initialization",
    title=gettext("Initialization"),
    functions=FUNCTIONS,
    cases=cases,
    helpers=("init_utils.py",),
    packages=("numpy", "matplotlib", "scikit-learn", "ipython"),
    seed=20260902,
)
