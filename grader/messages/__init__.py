"""Sentences that can be translated after they were made.

`gettext` returns finished English text with its template and values, so a `Message` can be
used wherever text can, and a `Translator` makes the sentence again in another language. Values are
never read as templates, whatever they contain.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from gettext import NullTranslations
from typing import Annotated, Any, Final, TypeAlias

__all__ = [
    "JOINED",
    "N_",
    "UNTRANSLATED",
    "Message",
    "Text",
    "Translator",
    "and_list",
    "comma_list",
    "gettext",
    "join_sentences",
    "ngettext",
    "or_list",
    "with_article",
]

Text: TypeAlias = Annotated[str, "a message or plain text"]
"""Type of a field that may hold a `Message`; the JSON also has its template and values."""

_VOWEL_SOUNDS = ("a", "e", "i", "o", "nd")
"""First letters of type names that take "an": int, object, ndarray; not uint8."""


class Message(str):
    """English text with its template (`id`), the template of its plural, if any, and the values.

    A value is an int, text, or another message.

    >>> message = gettext("{name} has {count} rows.", name="W1", count=3)
    >>> message
    'W1 has 3 rows.'
    >>> message.id, message.values
    ('{name} has {count} rows.', {'name': 'W1', 'count': 3})
    """

    __slots__ = ("id", "plural", "values")

    id: str
    plural: str
    values: Mapping[str, str | int]

    def __new__(cls, id: str, values: Mapping[str, object], plural: str = "") -> Message:
        """Fill in the values. A value other than text and integers is converted to text.

        Raises KeyError if the template has a name without a value.
        """
        plain = {
            name: value if isinstance(value, _JSON_TYPES) else str(value)
            for name, value in values.items()
        }
        template = plural if plural and plain["count"] != 1 else id
        message = super().__new__(cls, template.format_map(plain))
        message.id, message.plural, message.values = id, plural, plain
        return message

    def __str__(self) -> str:
        """Return the message itself, so that an exception keeps its template and values."""
        return self

    @property
    def plain(self) -> str:
        """Return the English text as an ordinary `str`, for encoders that reject subclasses."""
        return str.__str__(self)

    def __reduce__(self) -> tuple[Any, ...]:
        """Return how to make the message again, for pickle and copy."""
        return Message, (self.id, self.values, self.plural)


_JSON_TYPES: Final = (str, int)


class Translator:
    """Translates messages into one language.

    `language` is a BCP 47 tag; `catalogue` is any catalogue of the standard library's `gettext`. The
    methods `gettext` and `ngettext` are those that Jinja2's i18n extension calls.
    """

    def __init__(self, language: str = "en", catalogue: NullTranslations | None = None) -> None:
        self.language = language
        self.catalogue = catalogue or NullTranslations()
        self.gettext = self.catalogue.gettext
        self.ngettext = self.catalogue.ngettext
        self._english = catalogue is None

    def __call__(self, text: str) -> str:
        """Return a message in this language; plain text, and a message without translation, unchanged."""
        if self._english or not isinstance(text, Message):
            return text
        values = {
            name: self(value) if isinstance(value, Message) else value
            for name, value in text.values.items()
        }
        try:
            if text.plural:
                template = self.ngettext(text.id, text.plural, int(values["count"]))
            else:
                template = self.gettext(text.id)
            return template.format_map(values)
        except (LookupError, ValueError, TypeError, AttributeError):
            # A faulty translation is our mistake, so the reader gets the English sentence.
            return Message(text.id, values, text.plural).plain


UNTRANSLATED: Final = Translator()
"""Leaves every message in English."""


def gettext(id: str, /, **values: object) -> Message:
    """Return a template, such as `"{name} is missing."`, with its values filled in."""
    return Message(id, values)


def ngettext(singular: str, plural: str, count: int, /, **values: object) -> Message:
    """Return the template for a number, filled in; `{count}` is the number.

    >>> ngettext("{count} test", "{count} tests", 2)
    '2 tests'
    """
    return Message(singular, {**values, "count": count}, plural)


def N_(id: str, /) -> str:
    """Mark a template for translation where it is only stored; `gettext` fills it in later."""
    return id


JOINED: Final = N_("{text} {next}")
"""The template of two sentences, one after the other."""


def join_sentences(*sentences: str) -> str:
    """Return sentences as one text; empty ones are left out.

    >>> join_sentences("W1 is wrong.", "", "Compare it with the formula.")
    'W1 is wrong. Compare it with the formula.'
    """
    text, *more = [sentence for sentence in sentences if sentence] or [""]
    for sentence in more:
        text = gettext(JOINED, text=text, next=sentence)
    return text


def comma_list(names: Iterable[str]) -> str:
    """Return names as a list.

    >>> comma_list(["W1", "W2", "W3"])
    'W1, W2, W3'
    """
    text, *more = [*names] or [""]
    for name in more:
        text = gettext("{names}, {name}", names=text, name=name)
    return text


def and_list(names: Iterable[str]) -> str:
    """Return names as a list in a sentence.

    >>> and_list(["W1", "W2", "W3"])
    'W1, W2 and W3'
    """
    *most, last = [*names] or [""]
    return gettext("{names} and {last}", names=comma_list(most), last=last) if most else last


def or_list(names: Iterable[str]) -> str:
    """Return names as alternatives in a sentence.

    >>> or_list(["W1", "W2", "W3"])
    'W1, W2 or W3'
    """
    *most, last = [*names] or [""]
    return gettext("{names} or {last}", names=comma_list(most), last=last) if most else last


def with_article(type_name: str) -> str:
    """Return the name of a type with its indefinite article.

    >>> with_article("ndarray"), with_article("uint8")
    ('an ndarray', 'a uint8')
    """
    if type_name.lower().startswith(_VOWEL_SOUNDS):
        return gettext("an {kind}", kind=type_name)
    return gettext("a {kind}", kind=type_name)
