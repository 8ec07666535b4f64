"""The one door from values to markup: whatever is printed here is made printable, then escaped.

Templates get text through `finalize` and sentences through `say`; both clean what came out of a
submission, so no template can forget to.
"""

import base64
import contextlib
import hashlib
import math
import re
from collections.abc import Iterator
from contextvars import ContextVar
from functools import cache, lru_cache
from pathlib import Path
from typing import Final
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from grader.messages import UNTRANSLATED, Translator
from grader.messages.sanitize import printable
from grader.model.proofs import mistake_label
from grader.model.result import Finding, in_words
from grader.views.html.strings import ENGLISH

TEMPLATES: Final = Path(__file__).parent / "templates"
_TEXT_LIMIT = 1000
_NAME_LIMIT = 200
_REMEMBERED = 512
_SNIPPET = re.compile(r"`+([^`]+)`+")
_BREAK_AFTER = re.compile(r"(?<=[_.\-/])(?=[^_.\-/])")


_translator: ContextVar[Translator] = ContextVar("translator", default=UNTRANSLATED)


@contextlib.contextmanager
def translated_by(translator: Translator) -> Iterator[None]:
    """Use a translator for all text that is rendered meanwhile."""
    token = _translator.set(translator)
    try:
        yield
    finally:
        _translator.reset(token)


@cache
def _template(translator: Translator, key: str) -> Markup:
    if key == "lang":
        return escape(translator.language)
    stem, _, form = key.rpartition(".")
    if form in ("one", "other") and {f"{stem}.one", f"{stem}.other"} <= ENGLISH.keys():
        one, other = ENGLISH[f"{stem}.one"], ENGLISH[f"{stem}.other"]
        return escape(translator.ngettext(one, other, 1 if form == "one" else 2))
    return escape(translator.gettext(ENGLISH[key]))


def render(template: str, **context: object) -> str:
    """Return the page that `template` makes of `context`."""
    return _environment().get_template(template).render(context)


def say(key: str, **values: object) -> Markup:
    """Return the sentence `key` with `values` filled in, safe to print."""
    template = _template(_translator.get(), key)
    return template.format(**{k: clean(v) for k, v in values.items()})


def translated(text: str) -> str:
    """Return a text in the language that is rendered."""
    return _translator.get()(text)


def words_of(finding: Finding) -> str:
    """Return a number that is not right in words."""
    return _translator.get()(in_words(finding))


def count(key: str, number: float, **values: object) -> Markup:
    """Return the sentence `key` in the form that goes with `number`."""
    return say(f"{key}.one" if number == 1 else f"{key}.other", **values)


def clean(value: object) -> object:
    """Return text translated, without control, bidi or surrogate characters; markup and numbers as is."""
    if isinstance(value, Markup) or not isinstance(value, str):
        return value
    return printable(_translator.get()(value), limit=_TEXT_LIMIT)


def name(text: str) -> Markup:
    """Return a name that may wrap after `_ . - /` and keeps its own writing direction."""
    return _name(_translator.get()(text))


@lru_cache(maxsize=_REMEMBERED)
def _name(text: str) -> Markup:
    parts = _BREAK_AFTER.split(printable(text, limit=_NAME_LIMIT))
    return Markup("<bdi>{}</bdi>").format(Markup("<wbr>").join(parts))


def prose(text: str, limit: int = _TEXT_LIMIT) -> Markup:
    """Return a message, translated, in which text between backticks is shown as code."""
    return _prose(_translator.get()(text), limit)


@lru_cache(maxsize=_REMEMBERED)
def _prose(text: str, limit: int) -> Markup:
    pieces = _SNIPPET.split(printable(text, limit=limit))
    code = Markup("<code>{}</code>")
    return Markup("").join(code.format(p) if i % 2 else p for i, p in enumerate(pieces))


def number(value: float) -> str:
    """Return points with at most two decimals and no trailing zeros: 75, 12.5, 33.33."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def difference(value: float) -> str:
    """Return the size of a difference to three significant digits."""
    return f"{value:.3g}" if math.isfinite(value) else str(value)


def percent(part: float, whole: float) -> str:
    """Return a share in whole percent, rounded to the nearest; 100% means all of them."""
    nearest = math.floor(100 * part / whole + 0.5) if whole else 0
    return f"{min(nearest, 99) if part < whole else nearest}%"


def share(part: float, whole: float) -> str:
    """Return a share as `percent` does, but in words where some are fewer than one in a hundred."""
    return say("share.least") if 0 < 100 * part < whole else percent(part, whole)


def score(value: float | None, max_score: float) -> Markup:
    """Return "75 / 100", or words where nothing was graded."""
    if value is None:
        return say("score.none")
    return say("score", score=number(value), max_score=number(max_score))


def duration(seconds: float) -> Markup:
    """Return a time a person can grasp: 3.2 s, 4 min 10 s, 1 h 5 min."""
    if seconds < 60:
        return say("time.seconds", seconds=number(round(seconds, 1)))
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return say("time.minutes", minutes=minutes, seconds=rest)
    return say("time.hours", hours=minutes // 60, minutes=minutes % 60)


def report_link(submission: str) -> str:
    """Return the address of a student's page, relative to the class page."""
    return f"submissions/{quote(submission, safe='', errors='replace')}/report.html"


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=clean,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        name=name,
        prose=prose,
        number=number,
        difference=difference,
        duration=duration,
        printable=printable,
        mistake_label=mistake_label,
    )
    environment.globals.update(
        say=say, count=count, score=score, percent=percent, share=share, in_words=words_of
    )
    environment.globals.update(**_inline("style", "report.css"), **_inline("script", "class.js"))
    return environment


def _inline(kind: str, file: str) -> dict[str, str]:
    """Return a file of ours and the hash by which a page's security policy allows it alone."""
    text = (TEMPLATES / file).read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
    return {kind: Markup(text), f"{kind}_hash": f"sha256-{digest}"}
