"""The speed of this machine, by which the time limits of functions are lengthened where it is slow."""

from __future__ import annotations

import statistics
import time

REFERENCE_SECONDS = 0.008
"""Seconds for the fixed loop on a machine where the limits apply as they are: a laptop of 2020."""

LARGEST_FACTOR = 4.0
"""The largest factor: an endless loop takes this many times its limit."""

_REPEATS, _STEPS = 3, 100_000


def slowness() -> float:
    """Return how many times as slow as the reference this machine is at present, from 1 to `LARGEST_FACTOR`.

    Measured on the wall clock, like the limits, so that other programs on the machine count.
    """
    measured = statistics.median(_loop_seconds() for _ in range(_REPEATS))
    return round(min(max(measured / REFERENCE_SECONDS, 1.0), LARGEST_FACTOR), 1)


def _loop_seconds() -> float:
    start, total = time.perf_counter(), 0
    for number in range(_STEPS):
        total += number * number % 7
    return time.perf_counter() - start
