"""The timer of processor time that ends the process which reads notebooks."""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Iterator


def used(seconds: float) -> float:
    """Return the seconds since the timer was set to `seconds`, 0 where no timer runs."""
    left, _ = signal.getitimer(signal.ITIMER_PROF)
    return seconds - left if left else 0.0


@contextlib.contextmanager
def another(seconds: float) -> Iterator[None]:
    """Limit a block to seconds of its own, which the timer that runs, if one does, does not count."""
    left, _ = signal.getitimer(signal.ITIMER_PROF)
    if not left:
        yield
        return
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, left)
