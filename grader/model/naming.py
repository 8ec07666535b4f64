"""How known mistakes are named."""

from __future__ import annotations


def id_of(name: str) -> str:
    """Return the id that a mistake, or a variant of it, goes by."""
    return name.split("__", maxsplit=1)[0].replace("_", "-")
