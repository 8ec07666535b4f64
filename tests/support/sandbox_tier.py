"""The tier of the sandbox on the machine that runs the tests."""

from __future__ import annotations

import functools

from grader import sandbox
from grader.errors import BoxError


@functools.cache
def strongest() -> sandbox.ChosenTier | None:
    """Return the strongest tier that withstands every attack here, or None."""
    try:
        return sandbox.choose_tier()
    except BoxError:
        return None


def without_notice(text: str) -> str:
    """Return a program's output without the line that reports a weaker tier than full."""
    chosen = strongest()
    if chosen is None or not chosen.reason:
        return text
    notice = f"{chosen.reason} Using the {chosen.tier} sandbox; it withstood every attack."
    return text.replace(f"grader: {notice}\n", "", 1).replace(f"grader: {notice}\r\n", "", 1)
