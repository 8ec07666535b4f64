"""Python expressions for values, and for random values of the same kinds."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from grader.errors import UnknownKind
from grader.model import Value

_LONGEST_LITERAL = 60
_TINY = 1e-3
_LARGE = 1000.0
_LEAST_SIZE, _SIZES = 2, 8


@dataclass
class Literals:
    """Writes values as Python. Large arrays are collected in `arrays`, and read from a file of them."""

    arrays: dict[str, np.ndarray] = field(default_factory=dict)

    def write(self, value: Value, name: str) -> str:
        """Return the expression of a value; `name` is that of a large array. Raises UnknownKind."""
        match value:
            case None | bool() | int() | float() | str() | complex():
                return repr(value)
            case np.ndarray():
                return self._array(value, name)
            case np.generic():
                return self.write(value.item(), name)
            case Mapping():
                items = (f"{k!r}: {self.write(v, f'{name}_{k}')}" for k, v in value.items())
                return f"{{{', '.join(items)}}}"
            case tuple() | list():
                return _sequence(self.parts(value, name), value)
        raise UnknownKind(getattr(value, "type_name", type(value).__name__))

    def parts(self, values: Sequence[Value], name: str) -> list[str]:
        """Return the expression of each value. Raises UnknownKind."""
        return [self.write(value, f"{name}_{at}") for at, value in enumerate(values, 1)]

    def _array(self, value: np.ndarray, name: str) -> str:
        if not value.shape:
            return self.write(value.item(), name)
        if value.size > _LONGEST_LITERAL:
            self.arrays[name] = value
            return f'ARRAYS["{name}"]'
        if not value.size:
            return f"np.zeros({value.shape})"
        return f"np.array({value.tolist()!r})"


@dataclass
class RandomExpressions:
    """Writes expressions that draw values of the same kinds with a generator `random`.

    Axes of equal size in the example have one name in `sizes`, by size, so they are equal in each draw.
    """

    sizes: dict[int, str] = field(default_factory=dict)

    @classmethod
    def of(cls, values: Sequence[Value]) -> RandomExpressions:
        """Return the writer for all arguments of a call together."""
        axes = dict.fromkeys(n for array in _arrays(values) for n in array.shape if n > 1)
        names = ["n"] if len(axes) == 1 else [f"n_{at}" for at in range(1, len(axes) + 1)]
        return cls(dict(zip(axes, names, strict=True)))

    @property
    def drawing(self) -> str:
        """The statement that draws the sizes, all different; empty without arrays."""
        if not self.sizes:
            return ""
        count = len(self.sizes)
        sizes = f"random.permutation({max(_SIZES, count)})[:{count}] + {_LEAST_SIZE}"
        comma = "," if count == 1 else ""
        return f"{', '.join(self.sizes.values())}{comma} = map(int, {sizes})"

    def write(self, value: Value) -> str:
        """Return the expression for a value of the same kind. Raises UnknownKind."""
        match value:
            case None | str() | complex():
                return repr(value)
            case bool():
                return "bool(random.integers(2))"
            case int():
                return self.sizes.get(value) or f"int(random.integers({_whole(value)}))"
            case float():
                return repr(value) if abs(value) < _TINY else f"random.uniform({_real(value)})"
            case np.ndarray():
                return self._array(value)
            case np.generic():
                return self.write(value.item())
            case Mapping():
                items = (f"{key!r}: {self.write(item)}" for key, item in value.items())
                return f"{{{', '.join(items)}}}"
            case tuple() | list():
                return _sequence([self.write(part) for part in value], value)
        raise UnknownKind(getattr(value, "type_name", type(value).__name__))

    def _array(self, value: np.ndarray) -> str:
        shape = _sequence([self.sizes.get(n, str(n)) for n in value.shape], ())
        if value.dtype == bool:
            return f"random.random({shape}) < 0.5"
        is_whole = value.size and np.isfinite(value).all() and (value == np.round(value)).all()
        if is_whole and (value.dtype.kind in "iu" or {*value.ravel().tolist()} <= {0, 1}):
            low, high = min(0, 2 * int(value.min())), max(1, 2 * int(value.max()) - 1) + 1
            cast = "" if value.dtype.kind in "iu" else ".astype(float)"
            return f"random.integers({low}, {high}, {shape}){cast}"
        if value.size and value.min() >= 0 and value.max() <= 1:
            return f"random.uniform(0.05, 0.95, {shape})"
        return f"random.standard_normal({shape})"


class Edge(NamedTuple):
    """A call at an edge, described by a phrase for students."""

    about: str
    arguments: tuple[Value, ...]
    is_large: bool = False


def edges(arguments: tuple[Value, ...], parameters: Sequence[str]) -> tuple[Edge, ...]:
    """Return calls at the edges: each number as 0 and as 1, all axes of size 1, and large numbers.

    Raises UnknownKind.
    """
    for value in arguments:
        RandomExpressions().write(value)
    numbered = [*enumerate(zip(parameters, arguments, strict=False))]
    calls = [
        Edge(f"{name} = {edge:g}", (*arguments[:at], edge, *arguments[at + 1 :]))
        for at, (name, value) in numbered
        if isinstance(value, float)
        for edge in (0.0, 1.0)
    ]
    if any(array.size > 1 for array in _arrays(arguments)):
        calls.append(Edge("arrays with one element", tuple(map(_smallest, arguments))))
    for at, (name, value) in numbered:
        large = _enlarged(value)
        if large is not value:
            enlarged = (*arguments[:at], large, *arguments[at + 1 :])
            calls.append(Edge(f"large numbers in {name}", enlarged, is_large=True))
    return tuple(calls)


def _enlarged(value: Value) -> Value:
    """Return a value with floats up to `_LARGE`, or the same object without floats of any size.

    Numbers from 0 to 1, such as probabilities, labels and rates, keep their size.
    """
    match value:
        case float() if not 0 <= value <= 1:
            return math.copysign(_LARGE, value)
        case np.ndarray() if value.dtype.kind == "f" and value.size:
            largest = np.abs(value).max()
            is_free = np.isfinite(largest) and (value.min() < 0 or largest > 1)
            return value * (_LARGE / largest) if is_free else value
        case Mapping():
            items = {key: _enlarged(item) for key, item in value.items()}
            return value if all(items[key] is item for key, item in value.items()) else items
        case tuple() | list():
            parts = [*map(_enlarged, value)]
            same = all(new is old for new, old in zip(parts, value, strict=True))
            return value if same else type(value)(parts)
    return value


def _smallest(value: Value) -> Value:
    """Return a value with the first element of each array only."""
    match value:
        case np.ndarray():
            return value[tuple(slice(1) for _ in value.shape)]
        case Mapping():
            return {key: _smallest(item) for key, item in value.items()}
        case tuple() | list():
            return type(value)(map(_smallest, value))
    return value


def is_finite(value: Value) -> bool:
    """Return True for numbers, and containers of numbers, that are all finite."""
    match value:
        case Mapping():
            return all(map(is_finite, value.values()))
        case tuple() | list():
            return all(map(is_finite, value))
        case np.ndarray() | int() | float() | np.generic():
            return bool(np.isfinite(value).all())
    return False


def is_more_than_signs(value: Value) -> bool:
    """Return True if any number of a value is not 0, 1 or -1, which a trivial answer gives, too."""
    match value:
        case Mapping():
            return any(map(is_more_than_signs, value.values()))
        case tuple() | list():
            return any(map(is_more_than_signs, value))
        case np.ndarray() | int() | float() | np.generic():
            return not bool(np.isin(value, (-1, 0, 1)).all())
    return False


def _arrays(value: Value) -> Iterator[np.ndarray]:
    if isinstance(value, np.ndarray):
        yield value
    elif isinstance(value, Mapping):
        yield from _arrays([*value.values()])
    elif isinstance(value, tuple | list):
        for part in value:
            yield from _arrays(part)


def _whole(value: int) -> str:
    return f"{min(0, 2 * value) or int(value > 0)}, {max(9, 2 * value) + 1}"


def _real(value: float) -> str:
    if 0 <= value <= 1:
        return "0.05, 0.95"
    return f"{min(0.0, 2 * value):g}, {max(0.0, 2 * value):g}"


def _sequence(parts: Sequence[str], like: Value) -> str:
    """Return a list, or a tuple, of expressions."""
    inside = ", ".join(parts)
    if isinstance(like, list):
        return f"[{inside}]"
    return f"({inside},)" if len(parts) == 1 else f"({inside})"
