"""What stands around student code on the machine that the tests run on."""

from __future__ import annotations

import functools

from grader import sandbox
from grader.errors import BoxError


@functools.cache
def strongest() -> sandbox.ChosenTier | None:
    """Return the strongest tier of the sandbox that holds here, if any."""
    try:
        return sandbox.prove()
    except BoxError:
        return None


def without_notice(said: str) -> str:
    """Return what was said but for the line that tells of this machine that its box is not the full one."""
    chosen = strongest()
    if chosen is None or not chosen.reason:
        return said
    told = f"{chosen.reason} Using the {chosen.tier} sandbox; it withstood every attack."
    return said.replace(f"grader: {told}\n", "", 1).replace(f"grader: {told}\r\n", "", 1)
