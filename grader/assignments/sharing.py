"""Find an order in which functions may run in one process: none after its answers have arrived there.

The arguments of a function may contain the answers of another: the cache of a pass,
parameters. A process that has received them must not run that function afterwards.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from grader.model import Observation, Returned, TestCase, Value


def safe_order(
    cases: Mapping[str, Sequence[TestCase]], reference: Mapping[str, Observation]
) -> tuple[str, ...]:
    """Return functions in an order in which none runs after one whose arguments contain its answers.

    Functions for which there is no such order are left out. Public cases count, too.
    """
    inputs = {
        name: _numbers_of([case.args for case in cases[name]]) for name in reference if cases[name]
    }
    answers = {
        name: _numbers_of([o.value for o in reference[name].outcomes if isinstance(o, Returned)])
        - inputs[name]
        for name in inputs
    }
    waiting, order = list(inputs), list[str]()
    while waiting:
        others = {name: set(waiting) - {name} for name in waiting}
        safe = [n for n in waiting if all(inputs[n].isdisjoint(answers[o]) for o in others[n])]
        if not safe:
            break
        order.append(safe[0])
        waiting.remove(safe[0])
    return tuple(order)


def _numbers_of(value: Value) -> frozenset[float]:
    """Return all numbers in a value but whole ones, which many values have in common."""
    arrays = [np.abs(array).ravel() for array in _arrays_in(value)]
    numbers = np.concatenate([np.zeros(0), *arrays])
    return frozenset(numbers[numbers != np.round(numbers)].tolist())


def _arrays_in(value: Value) -> Iterator[np.ndarray]:
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, list | tuple):
        for item in value:
            yield from _arrays_in(item)
    elif isinstance(value, int | float | complex | np.ndarray | np.number):
        yield np.asarray(value)
