"""A formula as markup: MathML of which known elements and their text are kept, and nothing else."""

from __future__ import annotations

from functools import lru_cache
from typing import Final
from xml.etree import ElementTree as ET

from markupsafe import Markup

from grader.messages.sanitize import printable

_ELEMENTS: Final = frozenset(
    "math mrow mi mn mo mtext mfrac msqrt msup msub msubsup munder mover munderover".split()
)
_LONGEST, _DEEPEST = 20_000, 20


class UnknownElement(ValueError):
    """There is something in the formula that is no part of one."""


@lru_cache(maxsize=64)
def formula(text: str) -> Markup | None:
    """Return a formula fit to be shown, or None if it is none."""
    if not text.startswith("<math>") or len(text) > _LONGEST:  # so nothing declares an entity
        return None
    try:
        return _markup(ET.fromstring(text), _DEEPEST)  # noqa: S314  # as above
    except (ET.ParseError, ValueError):
        return None


def _markup(element: ET.Element, depth: int) -> Markup:
    if element.tag not in _ELEMENTS or element.attrib or depth == 0:
        raise UnknownElement(element.tag)
    words = printable(element.text or "")
    inner = Markup("").join(_markup(child, depth - 1) for child in element)
    display = Markup(' display="block"') if element.tag == "math" else ""
    return Markup("<{0}{1}>{2}{3}</{0}>").format(element.tag, display, words, inner)
