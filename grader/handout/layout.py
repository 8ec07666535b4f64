"""The feedback of `check` as HTML for a notebook, and as text for everything else.

Both have the same sentences. The HTML has no script, needs no style sheet, and takes the notebook's own
colours for text. All text from a notebook is escaped.
"""

from __future__ import annotations

import html
import re
import textwrap
import unicodedata
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from grader.handout import cells
from grader.messages import N_, Translator, gettext
from grader.model.diagnoses import NOT_ATTEMPTED, is_concept
from grader.model.findings import PUBLIC_SNIPPET_INTRO, Diagnosis, Finding, finding_sentence
from grader.model.record import record

_WIDTH = 88
_CODE = re.compile(r"`([^`]+)`")
_MONO = "font-family:var(--jp-code-font-family,monospace);font-size:0.95em"
_PRE = f"{_MONO};margin:4px 0 4px 1em;white-space:pre-wrap;overflow-wrap:anywhere"
_CELL = "text-align:left;padding:2px 12px 2px 0"


class Mark(StrEnum):
    """What became of a check, with the sign that stands before its title."""

    RIGHT = "✔"
    WRONG = "✘"
    UNWRITTEN = "○"
    NOT_RUN = "!"
    NOTE = "i"


_COLOURS = {
    Mark.RIGHT: "#1a7f37",
    Mark.WRONG: "#b42318",
    Mark.UNWRITTEN: "#57606a",
    Mark.NOT_RUN: "#9a4a00",
    Mark.NOTE: "#57606a",
}
"""The background of each sign, which is white: a contrast of at least 5 to 1 on every page."""

_TITLES = {
    Mark.RIGHT: N_("{name}: right on the published example"),
    Mark.WRONG: N_("{name}: not right yet"),
    Mark.UNWRITTEN: N_("{name}: not written yet"),
    Mark.NOT_RUN: N_("{name}: the newest version did not run"),
}
_STATES = {
    Mark.RIGHT: gettext("right"),
    Mark.WRONG: gettext("not right yet"),
    Mark.UNWRITTEN: gettext("not written yet"),
    Mark.NOT_RUN: gettext("the newest version did not run"),
    Mark.NOTE: gettext("not defined"),
}


def title_of(mark: Mark, name: str) -> str:
    """Return the title of the feedback on a function."""
    return gettext(_TITLES[mark], name=name)


class _Output(ABC):
    """What a notebook shows of a value, as text and as HTML. `shown_in` is the run of a cell that did."""

    __slots__ = ()
    shown_in: int | None

    @abstractmethod
    def text(self, *, more: bool = False) -> str:
        """Return the value as text."""

    @abstractmethod
    def html(self, *, more: bool = False) -> str:
        """Return the value as HTML."""

    def __repr__(self) -> str:
        """Return the value as text."""
        return self.text()

    def _repr_html_(self) -> str:
        return self.html()

    def _ipython_display_(self) -> None:
        """Display both forms, but not in the cell in which `check` has shown them already."""
        shell = cells.shell()
        if self.shown_in is None or self.shown_in != getattr(shell, "execution_count", None):
            display_both(self)


@dataclass(frozen=True, slots=True, repr=False)
class Feedback(_Output):
    """The feedback on one function.

    `quotes` has the line of each diagnosis, "" if it is not known. `checked` names the cell, `note` the
    number of further checks. `say` translates all texts.
    """

    title: str
    mark: Mark = Mark.NOTE
    name: str = ""
    diagnoses: tuple[Diagnosis, ...] = ()
    quotes: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    snippet: tuple[str, ...] = ()
    checked: str = ""
    note: str = ""
    say: Translator = field(default_factory=Translator, compare=False)
    shown_in: int | None = field(default=None, compare=False)

    @property
    def hints(self) -> tuple[str, ...]:
        """The message of each diagnosis: what is wrong, and the next thing to do."""
        return tuple(diagnosis.message for diagnosis in self.diagnoses)

    def text(self, *, more: bool = False) -> str:
        """Return the feedback as text; `more` adds the reason, the next step and lines to try."""
        say = self.say
        lines = [f"{self.mark} {say(self.title)}"]
        for diagnosis, quote in zip(self.diagnoses, self.quotes, strict=True):
            lines.append(_indent(say, *_at_once(diagnosis)))
            lines += [f"      {quote}"] if quote else []
        lines += [f"  {say(finding_sentence(finding))}" for finding in self.findings]
        lines += [_indent(say, sentence) for sentence in self._later] if more else []
        if more and self.snippet:
            lines.append(_indent(say, PUBLIC_SNIPPET_INTRO))
            lines += [f"      {line}" for line in self.snippet]
        if not more and (self.snippet or self._later):
            lines.append(f"  {say(gettext(_MORE, name=self.name))}")  # to be copied whole
        lines += [_indent(say, text) for text in (self.checked, self.note) if text]
        return "\n".join(lines)

    def html(self, *, more: bool = False) -> str:
        """Return the feedback as HTML, unfolded with `more`."""
        say = self.say
        parts = [_heading(self.mark, say(self.title))]
        for diagnosis, quote in zip(self.diagnoses, self.quotes, strict=True):
            parts.append(_paragraph(say, *_at_once(diagnosis)))
            parts += [_pre(quote)] if quote else []
        parts += [_values(self.findings, say)] if self.findings else []
        if self._later:
            later = "".join(_paragraph(say, sentence) for sentence in self._later)
            parts.append(_details(say(_WHY), later, more))
        if self.snippet:
            parts.append(_details(say(PUBLIC_SNIPPET_INTRO), _pre("\n".join(self.snippet)), more))
        small = [text for text in (self.checked, self.note) if text]
        parts += [f"<div style='font-size:0.92em'>{_paragraph(say, text)}</div>" for text in small]
        return _frame(self.mark, say, "".join(parts))

    @property
    def _later(self) -> list[str]:
        """The sentences that unfold: why it matters, and the next step of a concept."""
        return [sentence for diagnosis in self.diagnoses for sentence in _unfolding(diagnosis)]


_WHY = gettext("Why, and what to do next")
_MORE = N_("Why, and what to do next: check({name}, more=True)")


def _at_once(diagnosis: Diagnosis) -> tuple[str, ...]:
    """Return the sentences that are shown at once: of a slip also what to write instead."""
    if diagnosis.id == NOT_ATTEMPTED.id:  # as its title
        return diagnosis.why, diagnosis.next
    slip = () if is_concept(diagnosis.id) else (diagnosis.next,)
    return tuple(filter(None, (diagnosis.what, *slip)))


def _unfolding(diagnosis: Diagnosis) -> Iterator[str]:
    if diagnosis.id != NOT_ATTEMPTED.id:
        concept = (diagnosis.next,) if is_concept(diagnosis.id) else ()
        yield from filter(None, (diagnosis.why, *concept))


# ------------------------------------------------------------------ all functions


@record
class TableRow:
    """A function in the table of all functions, with its points on the published example."""

    name: str
    mark: Mark
    points: float
    max_points: float


@dataclass(frozen=True, slots=True, repr=False)
class FeedbackTable(_Output):
    """The table of all functions; `note` has the sum, and the points that are not counted here."""

    rows: tuple[TableRow, ...]
    note: str
    say: Translator = field(default_factory=Translator, compare=False)
    shown_in: int | None = field(default=None, compare=False)

    def text(self, *, more: bool = False) -> str:
        """Return the table as text; there is nothing to add to it with `more`."""
        say, width = self.say, max(len(row.name) for row in self.rows)
        lines = [say(_EXAMPLES)]
        for row in self.rows:
            points = say(_points(row))
            lines.append(f"  {row.mark} {row.name:{width}}  {points:6}  {say(_STATES[row.mark])}")
        return "\n".join([*lines, _indent(say, self.note)])

    def html(self, *, more: bool = False) -> str:
        """Return the table as HTML."""
        say = self.say
        cells = (gettext("function"), gettext("result"), gettext("points"))
        head = "".join(f"<th scope='col' style='{_CELL}'>{_code(say(name))}</th>" for name in cells)
        rows = "".join(
            f"<tr><th scope='row' style='{_CELL};font-weight:normal'><code>{html.escape(row.name)}"
            f"</code></th><td style='{_CELL}'>{_sign(row.mark)} {_code(say(_STATES[row.mark]))}</td>"
            f"<td style='{_CELL};white-space:nowrap'>{_code(say(_points(row)))}</td></tr>"
            for row in self.rows
        )
        right = all(row.mark is Mark.RIGHT for row in self.rows)
        table = f"<table style='margin:6px 0'><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
        title = f"<p style='margin:0'><strong>{_code(say(_EXAMPLES))}</strong></p>"
        parts = f"{title}{table}{_paragraph(say, self.note)}"
        return _frame(Mark.RIGHT if right else Mark.NOTE, say, parts)


_EXAMPLES = gettext("Your functions on the published examples")


def _points(row: TableRow) -> str:
    points, most = f"{row.points:g}", f"{row.max_points:g}"
    return gettext("{points} of {most}", points=points, most=most)


# ------------------------------------------------------------------ parts


def display_both(shown: _Output, *, more: bool = False) -> None:
    """Display HTML and text as one output of a notebook."""
    from IPython.display import display

    forms = {"text/html": shown.html(more=more), "text/plain": shown.text(more=more)}
    display(forms, raw=True)


def _indent(say: Translator, *sentences: str) -> str:
    """Return sentences as a paragraph of text; Chinese characters take two columns."""
    text = _joined(say, sentences)
    wide = any(unicodedata.east_asian_width(letter) in "FW" for letter in text)
    width = _WIDTH // 2 if wide else _WIDTH
    return textwrap.fill(
        text, width, initial_indent="  ", subsequent_indent="  ", break_on_hyphens=False
    )


def _joined(say: Translator, sentences: Sequence[str]) -> str:
    space = "" if say.language.startswith(("zh", "ja")) else " "
    return space.join(say(sentence) for sentence in sentences)


def _code(text: str) -> str:
    """Return escaped text with `...` as code."""
    return _CODE.sub(rf"<code style='{_MONO}'>\1</code>", html.escape(text))


def _paragraph(say: Translator, *sentences: str) -> str:
    return f"<p style='margin:4px 0'>{_code(_joined(say, sentences))}</p>"


def _pre(text: str) -> str:
    return f"<pre style='{_PRE}'>{html.escape(text)}</pre>"


def _details(summary: str, content: str, is_open: bool) -> str:  # noqa: FBT001 - an attribute of HTML
    return (
        f"<details{' open' * is_open} style='margin:4px 0'>"
        f"<summary style='cursor:pointer'>{_code(summary)}</summary>"
        f"<div style='margin-left:1em'>{content}</div></details>"
    )


def _sign(mark: Mark) -> str:
    style = (
        f"background:{_COLOURS[mark]};color:#fff;border-radius:3px;padding:0 6px;font-weight:bold"
    )
    return f"<span aria-hidden='true' style='{style}'>{mark}</span>"


def _heading(mark: Mark, title: str) -> str:
    return f"<p style='margin:0 0 4px'>{_sign(mark)} <strong>{_code(title)}</strong></p>"


def _frame(mark: Mark, say: Translator, content: str) -> str:
    style = (
        f"border-left:4px solid {_COLOURS[mark]};padding:4px 0 4px 12px;margin:4px 0;"
        "max-width:52em;overflow-wrap:anywhere;line-height:1.45"
    )
    return f"<div lang='{say.language}' style='{style}'>{content}</div>"


def _values(findings: Sequence[Finding], say: Callable[[str], str]) -> str:
    """Return the wrong values: a sentence for one number, otherwise a table."""
    if not any(finding.index for finding in findings):
        sentences = (_code(say(finding_sentence(finding))) for finding in findings)
        return "".join(f"<p style='margin:4px 0'>{sentence}</p>" for sentence in sentences)
    names = (gettext("quantity"), gettext("position"), gettext("yours"), gettext("expected"))
    head = "".join(f"<th scope='col' style='{_CELL}'>{_code(say(name))}</th>" for name in names)
    rows = "".join(
        f"<tr><th scope='row' style='{_CELL}'>{html.escape(f.quantity)}</th>"
        + "".join(
            f"<td style='{_CELL};{_MONO}'>{html.escape(value)}</td>"
            for value in (f.index, f.got or say(f.message), f.expected)
        )
        + "</tr>"
        for f in findings
    )
    return (
        f"<table style='margin:6px 0'><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
    )
