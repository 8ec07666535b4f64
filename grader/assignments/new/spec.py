"""Write the text of testcases/NAME.py, and the file with the large arrays of its examples."""

from __future__ import annotations

import io
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from jinja2 import Environment, StrictUndefined

from grader.assignments.new.arguments import Edge, Literals, RandomExpressions
from grader.assignments.new.examples import Example, packages
from grader.assignments.new.solved import SolvedFunction, SolvedNotebook
from grader.errors import UnknownKind
from grader.judging.compare import numbers
from grader.model import FULL_SCORE, Value

_TEMPLATE = Path(__file__).with_name("testcases.py.j2")
_EXAMPLE_SHARE = 0.2
_LARGE_SHARE = 0.1


@dataclass(frozen=True, slots=True)
class FunctionText:
    """The expressions of one function, as the template prints them."""

    name: str
    parameters: str
    unpack: str
    quantities: str
    example_points: int
    large_points: int
    other_points: int
    example: Sequence[str]
    snippet: Sequence[str]
    published: Mapping[str, str]
    drawing: str
    random: Sequence[str]
    edges: Mapping[str, Sequence[str]]
    large: Mapping[str, Sequence[str]]
    problem: str


@dataclass
class _Quantities:
    """The unpacker of a result as an expression, and the values of the quantities that it gives."""

    values: dict[str, Value] = field(default_factory=dict)

    def unpacker(self, value: Value, names: tuple[str, ...]) -> str:
        """Return the unpacker for a value whose parts have names. Raises UnknownKind."""
        if isinstance(value, tuple):
            if len(names) != len(value):
                names = tuple(f"{'_'.join(names) or 'result'}_{n + 1}" for n in range(len(value)))
            parts = (self.unpacker(v, (n,)) for v, n in zip(value, names, strict=True))
            return f"several({', '.join(parts)})"
        if isinstance(value, Mapping):
            keys = {key: v for key, v in value.items() if numbers(v) is not None}
            if not keys:
                raise UnknownKind("dict without numbers")
            self.values |= keys
            return f"mapping({', '.join(map(_quoted, keys))})"
        array = numbers(value)
        if array is None:
            raise UnknownKind(getattr(value, "type_name", type(value).__name__))
        name = self._new(names[0] if len(names) == 1 else "")
        self.values[name] = value
        return f"array({_quoted(name)})" if array.shape else f"scalar({_quoted(name)})"

    def _new(self, name: str) -> str:
        name = name or "result"
        others = (f"{name}_{number}" for number in range(2, len(self.values) + 3))
        return next(each for each in (name, *others) if each not in self.values)


def text(
    name: str, notebook: SolvedNotebook, examples: Mapping[str, Example]
) -> tuple[str, bytes | None]:
    """Return the text of testcases/NAME.py, and the content of NAME_example.npz if it needs one."""
    literals = Literals()
    points = _points(len(notebook.functions))
    functions = [
        _function(function, examples[function.name], literals, share)
        for function, share in zip(notebook.functions, points, strict=True)
    ]
    environment = Environment(trim_blocks=True, undefined=StrictUndefined)  # noqa: S701  # no HTML
    content = environment.from_string(_TEMPLATE.read_text("utf-8")).render(
        name=name,
        title=notebook.title.replace('"', "'"),
        functions=functions,
        arrays=literals.arrays,
        helpers=_tuple(helper for helper, _ in notebook.helpers),
        packages=_tuple(packages(notebook)),
        seed=zlib.crc32(name.encode()) % 10**6,
    )
    stream = io.BytesIO()
    if literals.arrays:
        np.savez_compressed(stream, **literals.arrays)  # type: ignore[arg-type]
    return content + "\n", stream.getvalue() or None


def _points(functions: int) -> list[int]:
    """Return whole points for each function that add up to 100."""
    share, rest = divmod(FULL_SCORE, functions)
    return [share + (number < rest) for number in range(functions)]


def _function(
    function: SolvedFunction, example: Example, literals: Literals, points: int
) -> FunctionText:
    quantities = _Quantities()
    arguments, problem = example.arguments, example.problem
    try:
        unpack = quantities.unpacker(example.result, function.returned_names)
    except UnknownKind as error:
        unpack = quantities.unpacker(0.0, ())
        problem = problem or f"it returns {error}, which is compared with nothing"
    if not arguments:
        arguments = (1.0,) * len(function.parameters)
    draws = RandomExpressions.of(arguments)
    large = [edge for edge in example.edges if edge.is_large]
    of_example, of_large = (
        round(_EXAMPLE_SHARE * points),
        round(_LARGE_SHARE * points * bool(large)),
    )
    published = {} if problem else quantities.values
    name = function.name
    values = literals.parts(arguments, name)
    return FunctionText(
        name=name,
        parameters=_tuple(function.parameters),
        unpack=unpack,
        quantities=_tuple(quantities.values),
        example_points=of_example,
        large_points=of_large,
        other_points=points - of_example - of_large,
        example=values,
        snippet=[repr(line) for line in _snippet(function, values, example)],
        published={key: literals.write(v, f"{name}_{key}") for key, v in published.items()},
        drawing=draws.drawing,
        random=[draws.write(value) for value in arguments],
        edges=_calls(literals, name, [edge for edge in example.edges if not edge.is_large]),
        large=_calls(literals, name, large),
        problem=problem,
    )


def _snippet(function: SolvedFunction, values: Sequence[str], example: Example) -> Sequence[str]:
    """Return lines that make the example call and print its result, whatever ran before them."""
    if not example.lines or any("ARRAYS[" in value for value in values):
        return example.lines
    names = function.parameters
    lines = [f"{name} = {value}" for name, value in zip(names, values, strict=True)]
    return [*lines, f"print({function.name}({', '.join(names)}))"]


def _calls(literals: Literals, name: str, edges: Sequence[Edge]) -> Mapping[str, Sequence[str]]:
    """Return the expressions of the arguments of each edge, by its description."""
    return {
        edge.about: literals.parts(edge.arguments, f"{name}_edge_{number}")
        for number, edge in enumerate(edges, 1)
    }


def _tuple(names: Iterable[str]) -> str:
    quoted = [*map(_quoted, names)]
    return f"({', '.join(quoted)}{',' * (len(quoted) == 1)})"


def _quoted(name: object) -> str:
    return f'"{name}"'
