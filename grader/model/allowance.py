"""An amount of time that the parts of some work share."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator


class Allowance:
    """Seconds that a submission may use; `left` are those that it has not used yet."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.left = seconds

    @property
    def is_half_used(self) -> bool:
        """True after more than half of the seconds were used."""
        return self.left < self.seconds / 2

    def spend(self, seconds: float) -> None:
        """Take seconds off; nothing is left if there are fewer."""
        self.left = max(0.0, self.left - seconds)

    @contextlib.contextmanager
    def timed(self) -> Iterator[None]:
        """Spend the seconds on the wall clock until the block ends."""
        start = time.monotonic()
        try:
            yield
        finally:
            self.spend(time.monotonic() - start)

    @contextlib.contextmanager
    def part(self, *, is_last: bool) -> Iterator[Allowance]:
        """Yield an allowance of half of the seconds left, of all for the last part, and spend its use.

        Work that needs little leaves nearly all to the next, and no part uses up the time of all.
        """
        part = Allowance(self.left if is_last else self.left / 2)
        try:
            yield part
        finally:
            self.spend(part.seconds - part.left)
