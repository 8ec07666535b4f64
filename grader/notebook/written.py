"""The modules that a notebook writes itself, with `%%writefile NAME.py`, and may import later."""

from __future__ import annotations

import re

from grader.model import Notebook
from grader.model.submission import Module

_MAGIC = re.compile(
    r"\s*%%(?:writefile|file)[ \t]+(?P<append>-a[ \t]+|--append[ \t]+)?"
    r"['\"]?(?:\./)?(?P<name>\w+)\.py['\"]?[ \t]*\n"
)
_MOST, _MOST_BYTES = 10, 500_000


def written_modules(notebook: Notebook) -> tuple[Module, ...]:
    """Return the modules that cells write, each as its last cell leaves it; only the first few."""
    texts: dict[str, str] = {}
    for cell in notebook.cells:
        if head := _MAGIC.match(cell.source):
            before = texts.get(head["name"], "") if head["append"] else ""
            texts[head["name"]] = before + cell.source[head.end() :].rstrip("\n") + "\n"
    modules = [Module(name, text.encode("utf-8", "replace")) for name, text in texts.items()]
    return tuple(m for m in modules[:_MOST] if len(m.source) <= _MOST_BYTES)
