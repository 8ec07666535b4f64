"""The only way from values to markup: text is made printable, then escaped.

Templates print values through `finalize` and sentences through `gettext` and `ngettext`. All three
clean text that comes out of a submission, so a template cannot forget to do it.
"""

import base64
import contextlib
import hashlib
import math
import re
import sys
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Final, cast
from urllib.parse import quote
from xml.etree import ElementTree as ET

from jinja2 import Environment, FileSystemBytecodeCache, FileSystemLoader, StrictUndefined, nodes
from jinja2.bccache import Bucket
from jinja2.compiler import CodeGenerator, Frame
from jinja2.visitor import NodeTransformer
from markupsafe import Markup, escape

from grader.messages import Translator, gettext
from grader.messages.sanitize import one_line
from grader.model.diagnoses import is_concept
from grader.model.findings import finding_sentence
from grader.model.proofs import mistake_label
from grader.views import presentation

TEMPLATES: Final = Path(__file__).parent / "templates"
_TEXT_LIMIT = 1000
_NAME_LIMIT = 200
_CACHE_SIZE = 512
_SNIPPET = re.compile(r"`+([^`]+)`+")
_BREAK_AFTER = re.compile(r"(?<=[_.\-/])(?=[^_.\-/])")


def render(template: str, translator: Translator, **context: object) -> str:
    """Return the page that `template` makes of `context`, in the language of `translator`."""
    return _environment(translator).get_template(template).render(context)


def compile_templates(translator: Translator) -> None:
    """Load all templates for a language: processes that are forked later then need not."""
    environment = _environment(translator)
    for name in environment.list_templates(extensions=["j2"]):
        environment.get_template(name)


def render_macro(name: str, translator: Translator, *arguments: object) -> Markup:
    """Return the markup that a macro of `function.html.j2` makes of its arguments."""
    module = _environment(translator).get_template("function.html.j2").module
    return Markup(getattr(module, name)(*arguments))


class PageText:
    """Sentences and values as markup in one language, for the templates.

    A sentence is a template such as `"{count} of {total} values"`. The values are cleaned and escaped,
    except those that are markup already.
    """

    def __init__(self, translator: Translator) -> None:
        self._translator = translator

    def gettext(self, template: str, /, **values: object) -> Markup:
        """Return a sentence in this language with `values` filled in."""
        return self._fill(self._translator.gettext(template), template, values)

    def ngettext(self, singular: str, plural: str, count: int, /, **values: object) -> Markup:
        """Return the form of a sentence that goes with `count`, which also fills `{count}`."""
        english = singular if count == 1 else plural
        translation = self._translator.ngettext(singular, plural, count)
        return self._fill(translation, english, {"count": count, **values})

    def clean(self, value: object) -> object:
        """Return text in this language, without control, bidi or surrogate characters.

        Markup and numbers are returned unchanged.
        """
        if isinstance(value, Markup) or not isinstance(value, str):
            return value
        return one_line(self._translator(value), limit=_TEXT_LIMIT)

    def name(self, text: str) -> Markup:
        """Return a name that may wrap after `_ . - /` and keeps its own writing direction."""
        return name_markup(self._translator(text))

    def prose(self, text: str, limit: int = _TEXT_LIMIT) -> Markup:
        """Return a message in which text between backticks is shown as code."""
        return prose_markup(self._translator(text), limit)

    def _fill(self, template: str, english: str, values: dict[str, object]) -> Markup:
        """Fill in values; a translation with a wrong placeholder is replaced by the English text."""
        if not values:
            return _escaped(template)
        # `Markup.format` escapes as well, but takes four times as long.
        escaped = {name: escape(self.clean(value)) for name, value in values.items()}
        try:
            return Markup(str(_escaped(template)).format_map(escaped))
        except (LookupError, ValueError):
            return Markup(str(_escaped(english)).format_map(escaped))


@lru_cache(maxsize=_CACHE_SIZE)
def _escaped(template: str) -> Markup:
    return escape(template)


@lru_cache(maxsize=_CACHE_SIZE)
def prose_markup(text: str, limit: int) -> Markup:
    """Return text as `PageText.prose` does, without a translation."""
    pieces = _SNIPPET.split(one_line(text, limit=limit))
    code = Markup("<code>{}</code>")
    return Markup("").join(code.format(p) if i % 2 else p for i, p in enumerate(pieces))


@lru_cache(maxsize=_CACHE_SIZE)
def name_markup(text: str) -> Markup:
    """Return a name as `PageText.name` does, without a translation."""
    parts = _BREAK_AFTER.split(one_line(text, limit=_NAME_LIMIT))
    return Markup("<bdi>{}</bdi>").format(Markup("<wbr>").join(parts))


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
    """Return a share as `percent` does, but less than one percent in words."""
    return gettext("under 1%") if 0 < 100 * part < whole else percent(part, whole)


def score(value: float | None, max_score: float) -> str:
    """Return "75 / 100", or "not graded" if there is no score."""
    return gettext("not graded") if value is None else f"{number(value)} / {number(max_score)}"


def duration(seconds: float) -> str:
    """Return a time that is easy to read: 3.2 s, 4 min 10 s, 1 h 5 min."""
    if seconds < 60:
        return gettext("{seconds} s", seconds=number(round(seconds, 1)))
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return gettext("{minutes} min {seconds} s", minutes=minutes, seconds=rest)
    hours, minutes = divmod(minutes, 60)
    return gettext("{hours} h {minutes} min", hours=hours, minutes=minutes)


def report_link(submission: str) -> str:
    """Return the address of a student's page, relative to the class page."""
    return f"submissions/{quote(submission, safe='', errors='replace')}/report.html"


# ------------------------------------------------------------------ formulas

_FORMULA_TAGS: Final = frozenset(
    "math mrow mi mn mo mtext mfrac msqrt msup msub msubsup munder mover munderover".split()
)
_FORMULA_LENGTH, _FORMULA_DEPTH = 20_000, 20


@lru_cache(maxsize=64)
def formula(text: str) -> Markup | None:
    """Return MathML reduced to known elements and their text, or None if `text` is anything else.

    Only text that begins with `<math>` is parsed, so it cannot declare entities.
    """
    if not text.startswith("<math>") or len(text) > _FORMULA_LENGTH:
        return None
    try:
        return _math_element(ET.fromstring(text), _FORMULA_DEPTH)  # noqa: S314  # as above
    except (ET.ParseError, ValueError):
        return None


def _math_element(element: ET.Element, depth: int) -> Markup:
    if element.tag not in _FORMULA_TAGS or element.attrib or depth == 0:
        raise ValueError(element.tag)
    text = one_line(element.text or "")
    inner = Markup("").join(_math_element(child, depth - 1) for child in element)
    display = Markup(' display="block"') if element.tag == "math" else ""
    return Markup("<{0}{1}>{2}{3}</{0}>").format(element.tag, display, text, inner)


# ------------------------------------------------------------------ the templates


class _Translated(NodeTransformer):
    """Replaces each sentence without values by its translation."""

    def __init__(self, translate: Callable[[str], Markup]) -> None:
        self._translate = translate

    def visit_Call(self, node: nodes.Call) -> nodes.Node:
        """Return the translation, as a constant, of a call such as `gettext("Score")`."""
        match self.generic_visit(node):
            case nodes.Call(
                node=nodes.Name(name="gettext"), args=[nodes.Const(value=str(template))], kwargs=[]
            ):
                return nodes.Const(self._translate(template))
        return node


class _Compiler(CodeGenerator):
    """Translates constant sentences when a template is compiled, and not on each page."""

    def visit_Template(self, node: nodes.Template, frame: Frame | None = None) -> None:
        """Compile a template in the language of its environment."""
        translate = cast("Callable[[str], Markup]", self.environment.globals["gettext"])
        super().visit_Template(_Translated(translate).visit(node), frame)


class _PageEnvironment(Environment):
    code_generator_class = _Compiler


class CompiledTemplates(FileSystemBytecodeCache):
    """Keeps the compiled templates of a language in a folder, as Python does with modules.

    A template is compiled again if it, a translation or this module changes. Where the folder is not
    writable, each process compiles the templates.
    """

    def __init__(self, folder: Path, translator: Translator) -> None:
        super().__init__(str(folder), f"%s.{translator.language}.cache")
        sentences = sorted(vars(translator.catalogue).get("_catalog", {}).items(), key=str)
        self._compiled_with = f"{Path(__file__).stat().st_mtime_ns}{sentences}"

    def get_source_checksum(self, source: str) -> str:
        """Return a checksum of everything that a compiled template depends on."""
        return super().get_source_checksum(source + self._compiled_with)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Write a compiled template, if that is possible."""
        if not sys.dont_write_bytecode:
            with contextlib.suppress(OSError):
                Path(self.directory).mkdir(exist_ok=True)
                super().dump_bytecode(bucket)


@lru_cache(maxsize=8)
def _environment(translator: Translator) -> Environment:
    words = PageText(translator)
    environment = _PageEnvironment(
        loader=FileSystemLoader(TEMPLATES),
        bytecode_cache=CompiledTemplates(TEMPLATES / "__pycache__", translator),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=words.clean,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        clean=words.clean,
        name=words.name,
        prose=words.prose,
        number=number,
        difference=difference,
        duration=duration,
        one_line=one_line,
        mistake_label=mistake_label,
    )
    environment.globals.update(
        language=translator.language,
        gettext=words.gettext,
        ngettext=words.ngettext,
        score=score,
        percent=percent,
        share=share,
        finding_sentence=finding_sentence,
        labels=presentation,
        is_concept=is_concept,
    )
    for kind, file in (("style", "report.css"), ("script", "class.js")):
        text = (TEMPLATES / file).read_text(encoding="utf-8")
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        # The policy of a page allows our style and script by their hashes alone.
        environment.globals.update({kind: Markup(text), f"{kind}_hash": f"sha256-{digest}"})
    return environment
