"""The languages a result can be told in: one file of data each, from English sentences to their own.

A file names its language and says by what other names it is asked for; `page` has what pages say
around a result, by key, and `sentences` the templates of everything that grading says, by the English
ones. What an assignment says itself it translates in a file of its own.
"""

from __future__ import annotations

import difflib
import functools
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from grader.errors import UsageError
from grader.messages import Sentences

__all__ = ["ENGLISH", "Language", "known", "named", "placeless", "sentences", "tags"]

ENGLISH = "en"
_HOME = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Language:
    """A language by its tag (BCP 47), its own name, the patterns it also goes by, and what it knows.

    `places` are regular expressions of where a hint names a line of one student's notebook by the way.
    """

    language: str
    name: str
    also: tuple[str, ...]
    places: tuple[str, ...]
    page: Mapping[str, str]
    sentences: Sentences


def tags() -> tuple[str, ...]:
    """Return the tags of all languages, English first."""
    return tuple(sorted((p.stem for p in _HOME.glob("*.json")), key=lambda t: (t != ENGLISH, t)))


@functools.cache
def known(tag: str) -> Language:
    """Return a language; English, which needs no translation, for a tag that is none."""
    path = _HOME / f"{tag if tag in tags() else ENGLISH}.json"
    stated = json.loads(path.read_text(encoding="utf-8"))
    return Language(**{**stated, "also": tuple(stated["also"]), "places": tuple(stated["places"])})


def named(text: str) -> str:
    """Return the tag of the language that somebody asks for. Raises UsageError for one that is none."""
    asked = text.strip().replace("_", "-").casefold()
    for tag in tags():
        if asked == tag.casefold() or any(fnmatchcase(asked, one) for one in known(tag).also):
            return tag
    forms = {form: tag for tag in tags() for form in (tag.casefold(), known(tag).name.casefold())}
    close = difflib.get_close_matches(asked, forms, n=1)
    there = ", ".join(f"{tag} ({known(tag).name})" for tag in tags())
    hint = f"Did you mean {forms[close[0]]!r}? " if close else ""
    raise UsageError(f"There is no language {text!r}. {hint}The languages are: {there}.")


@functools.lru_cache(maxsize=32)
def sentences(tag: str, own: Path | None = None) -> Sentences:
    """Return what is known of a language: the harness's sentences, and those in an assignment's own file.

    Raises UsageError where that file has no sentences.
    """
    return {**known(tag).sentences, **(_read(own) if own else {})}


def _read(own: Path) -> Sentences:
    try:
        read = json.loads(own.read_text(encoding="utf-8"))
    except ValueError as error:
        raise UsageError(f"{own} is not valid JSON: {error}.") from error
    if not isinstance(read, dict) or not all(isinstance(text, str) for text in read.values()):
        raise UsageError(
            f"{own} must be one JSON object that maps each English sentence to its translation."
        )
    return read


def placeless(hint: str, tag: str) -> str:
    """Return a hint without the line of one student's notebook that it names by the way."""
    for place in known(tag).places:
        cut = re.sub(place, "", hint)
        begins = cut != hint and place.startswith("^")
        hint = cut[:1].upper() + cut[1:] if begins else cut
    return hint


# ------------------------------------------------------------------ a result
