"""Sentences that remember what they were made of, so that they can be said in another language too.

A sentence is finished English text and goes wherever text goes; only who asks finds the template and
the values again. Values are never taken for templates, whatever stands in them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

Sentences = Mapping[str, str]
"""The templates of another language, by the English ones."""

_SPOKEN_WITH_A_VOWEL = ("a", "e", "i", "o", "nd")
"""How the names of types begin that are spoken so: int, object, ndarray; not uint8."""


class Message(str):
    """English text, the template it was made from, and the values that were filled in."""

    __slots__ = ("template", "values")

    template: str
    values: Mapping[str, object]

    def __new__(cls, template: str, values: Mapping[str, object]) -> Message:
        """Fill in the values."""
        made = super().__new__(cls, cls.finished(template.format_map(values)))
        made.template, made.values = template, values
        return made

    @staticmethod
    def finished(text: str) -> str:
        """Return what is said, of the template with its values."""
        return text

    def __str__(self) -> str:
        """Return the sentence itself: as the message of an exception it is not forgotten."""
        return self

    @property
    def plain(self) -> str:
        """Return the sentence as text that has forgotten what it was made of, for what takes no other."""
        return str.__str__(self)

    def __reduce__(self) -> tuple[Any, ...]:
        """Say how another process gets it."""
        return type(self), (self.template, self.values)


class _Unended(Message):
    """A sentence inside another one, without its full stop."""

    __slots__ = ()

    @staticmethod
    def finished(text: str) -> str:
        return text.rstrip(".。")


def gettext(template: str, /, **values: object) -> Message:
    """Return a template with values filled in; values may be sentences themselves."""
    return Message(template, values)


def N_(template: str) -> str:
    """Mark a template for translation where it is only stored; `gettext` fills it in later."""
    return template


JOINED = "{text} {next}"
"""The template of two sentences, one after the other."""


def join_sentences(first: str, *more: str) -> str:
    """Return sentences as one text; what is empty is left out."""
    text = first
    for one in more:
        text = gettext(JOINED, text=text, next=one) if text and one else text or one
    return text


def without_full_stop(sentence: str) -> Message:
    """Return a sentence without its full stop, to go on behind it."""
    return _Unended("{sentence}", {"sentence": sentence})


def comma_list(names: Iterable[str]) -> str:
    """Return names with commas between them."""
    text, *more = [*names] or [""]
    for name in more:
        text = gettext("{some}, {one}", some=text, one=name)
    return text


def and_list(names: Iterable[str]) -> str:
    """Return names as a list in a sentence: a, b and c."""
    *most, last = [*names] or [""]
    return gettext("{some} and {last}", some=comma_list(most), last=last) if most else last


def with_article(kind: str) -> str:
    """Return the name of a type behind the article that is spoken before it."""
    if kind.lower().startswith(_SPOKEN_WITH_A_VOWEL):
        return gettext("an {kind}", kind=kind)
    return gettext("a {kind}", kind=kind)


def translate(text: str, known: Sentences) -> str:
    """Return a text in another language, as far as its templates are known; what was given, if none is."""
    if not isinstance(text, Message):
        return text
    values = {
        name: translate(value, known) if isinstance(value, Message) else value
        for name, value in text.values.items()
    }
    try:
        return type(text)(known.get(text.template, text.template), values)
    except (LookupError, ValueError, TypeError, AttributeError):
        # A translation that asks for what there is not is ours to mend, and costs nobody a result.
        return type(text)(text.template, values)
