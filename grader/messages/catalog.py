"""The languages of the feedback, and their gettext catalogues.

A catalogue is a `.po` file, edited with any translation editor and read when it is first needed:
`grader.po` in the folder `locale`, and one file of an assignment's own. A new language is a row of
`LANGUAGES` and its files; see docs/guides/add-a-language.md.
"""

from __future__ import annotations

import difflib
import functools
import io
from fnmatch import fnmatchcase
from gettext import GNUTranslations
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from grader.errors import UsageError
from grader.messages import Translator

if TYPE_CHECKING:
    from babel.messages import Catalog

__all__ = [
    "ENGLISH",
    "LANGUAGES",
    "Language",
    "po_file",
    "read_catalogue",
    "resolve",
    "translator",
]

ENGLISH: Final = "en"
DOMAIN: Final = "grader"
_LOCALE = Path(__file__).parent / "locale"


class Language(NamedTuple):
    """A language: its tag (BCP 47), its own name, and other names as patterns in lower case."""

    tag: str
    name: str
    aliases: tuple[str, ...]


LANGUAGES: Final = (
    Language(ENGLISH, "English", ("en-*",)),
    Language("zh-Hans", "简体中文", ("zh", "zh-cn", "zh-sg", "zh-my", "zh-hans-*", "chinese")),
)


def resolve(name: str) -> str:
    """Return the tag of a language by any of its names. Raises UsageError for an unknown name."""
    tag_like = name.strip().replace("_", "-").casefold()
    for language in LANGUAGES:
        names = (language.tag.casefold(), language.name.casefold(), *language.aliases)
        if any(fnmatchcase(tag_like, pattern) for pattern in names):
            return language.tag
    spellings = {form.casefold(): language.tag for language in LANGUAGES for form in language[:2]}
    close = difflib.get_close_matches(tag_like, spellings, n=1)
    hint = f"Did you mean {spellings[close[0]]!r}? " if close else ""
    listed = ", ".join(f"{language.tag} ({language.name})" for language in LANGUAGES)
    raise UsageError(f"There is no language {name!r}. {hint}The languages are: {listed}.")


def po_file(folder: Path, tag: str, domain: str) -> Path:
    """Return the catalogue of a domain in a folder, laid out as gettext prescribes."""
    return folder / tag.replace("-", "_") / "LC_MESSAGES" / f"{domain}.po"


@functools.lru_cache(maxsize=32)
def translator(tag: str, *own: Path | bytes) -> Translator:
    """Return the translator into a language, from the grader's catalogue and those of an assignment.

    A catalogue is a `.po` file or its content. Raises UsageError for something else.
    """
    if tag == ENGLISH:
        return Translator()
    return Translator(tag, GNUTranslations(io.BytesIO(compiled(tag, *own))))


@functools.lru_cache(maxsize=32)
def compiled(tag: str, *own: Path | bytes) -> bytes:
    """Return the merged catalogues of a language in the form that `gettext.GNUTranslations` reads.

    If the grader's own catalogue is missing or damaged, its messages stay in English. Raises UsageError
    for another file that is not a catalogue.
    """
    # Imported here: English feedback needs no Babel, and its import takes a tenth of a second.
    from babel.messages import Catalog
    from babel.messages.mofile import write_mo

    try:
        merged = read_catalogue(po_file(_LOCALE, tag, DOMAIN))
    except (UsageError, OSError):
        merged = Catalog(tag.replace("-", "_"))
    for catalogue in own:
        for message in read_catalogue(catalogue):
            if message.id:
                merged[message.id] = message
    buffer = io.BytesIO()
    write_mo(buffer, merged)
    return buffer.getvalue()


def read_catalogue(source: Path | bytes) -> Catalog:
    """Return the catalogue in a `.po` file, or in its content. Raises UsageError if it is not valid."""
    from babel.messages.pofile import PoFileError, read_po

    data, name = (source, "This") if isinstance(source, bytes) else (source.read_bytes(), source)
    try:
        return read_po(io.BytesIO(data), abort_invalid=True)
    except (PoFileError, ValueError) as error:
        raise UsageError(f"{name} is not a valid gettext catalogue: {error}.") from error
