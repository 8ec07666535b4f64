"""The timer of processor time that ends the process which reads notebooks."""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Iterator


def _left() -> float:
    """Return the seconds until its end, 0 if it does not run, or on Windows, which has none."""
    return signal.getitimer(signal.ITIMER_PROF)[0] if hasattr(signal, "getitimer") else 0.0


def used(seconds: float) -> float:
    """Return the seconds since the timer was set to `seconds`, 0 where no timer runs."""
    left = _left()
    return seconds - left if left else 0.0


@contextlib.contextmanager
def another(seconds: float) -> Iterator[None]:
    """Limit a block to seconds of its own, which the timer that runs, if one does, does not count."""
    left = _left()
    if not left:
        yield
        return
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, left)
