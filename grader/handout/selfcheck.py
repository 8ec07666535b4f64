"""`check` in the student's notebook: run a function on its published example and give feedback.

It needs the sheet and NumPy only. The function runs in the student's own kernel, without a sandbox.
"""

from __future__ import annotations

import base64
import dataclasses
import difflib
import html
import inspect
import io
import textwrap
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from gettext import GNUTranslations
from typing import Any

from grader import judging
from grader.handout.call import call_on_case, name_of
from grader.handout.sheet import PublicFunction, Sheet, read_function
from grader.messages import Translator, comma_list, gettext, join_sentences, ngettext
from grader.messages.sanitize import one_line
from grader.model import Observation, Raised
from grader.model.diagnoses import UNEXPLAINED, diagnosis, row_of
from grader.model.result import (
    PUBLIC_SNIPPET_INTRO,
    CheckResult,
    CheckStatus,
    Diagnosis,
    Finding,
    finding_sentence,
)

MAX_HINTS = 3
MAX_FINDINGS = 3
_WIDTH = 88


@dataclass(frozen=True, slots=True)
class Feedback:
    """The feedback on one function, as text and as HTML: hints, wrong values, and lines to try.

    `note` is the last sentence: the number of further checks. `say` translates all texts.
    """

    title: str
    hints: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    snippet: tuple[str, ...] = ()
    note: str = ""
    say: Translator = field(default_factory=Translator, repr=False, compare=False)

    def __repr__(self) -> str:
        """Return the feedback as text."""
        lines = [self.say(self.title), *(_indent(self.say(hint)) for hint in self.hints)]
        lines += [f"  {self.say(finding_sentence(finding))}" for finding in self.findings]
        if self.snippet:
            lines += [
                f"  {self.say(PUBLIC_SNIPPET_INTRO)}",
                *(f"      {line}" for line in self.snippet),
            ]
        return "\n".join([*lines, *([_indent(self.say(self.note))] if self.note else [])])

    def _repr_html_(self) -> str:
        """Return the feedback as HTML without scripts, network access or colours."""
        parts = [f"<p><strong>{html.escape(self.say(self.title))}</strong></p>"]
        parts += [f"<p>{html.escape(self.say(hint))}</p>" for hint in self.hints]
        if self.findings:
            parts.append(_table(self.findings, self.say))
        if self.snippet:
            snippet = html.escape("\n".join(self.snippet))
            parts.append(
                f"<p>{html.escape(self.say(PUBLIC_SNIPPET_INTRO))}</p><pre>{snippet}</pre>"
            )
        parts += [f"<p>{html.escape(self.say(self.note))}</p>"] if self.note else []
        return f"<div lang='{self.say.language}'>{''.join(parts)}</div>"


def feedback(function: Callable[..., Any], sheet: Sheet) -> Feedback:
    """Run a function on the public cases of the graded function with its name."""
    compiled = base64.b64decode(sheet["catalogue"])
    catalogue = GNUTranslations(io.BytesIO(compiled)) if compiled else None
    translator = Translator(sheet["language"], catalogue)
    return dataclasses.replace(_feedback(function, sheet), say=translator)


def _feedback(function: Callable[..., Any], sheet: Sheet) -> Feedback:
    entries = {entry["name"]: entry for entry in sheet["functions"]}
    name = name_of(function, entries)
    if name is None:
        first = next(iter(entries))
        return Feedback(
            gettext("check needs the function itself. Write check({name}).", name=first)
        )
    if name not in entries:
        return Feedback(_unknown_name(function, one_line(name, limit=80), sheet))
    try:
        return _judge(function, read_function(entries[name]))
    except Exception as error:  # noqa: BLE001 - a student's object may raise anything
        return Feedback(
            gettext(
                "{name}: the returned value could not be examined ({kind}). Return "
                "only numbers, arrays, lists, tuples and dictionaries.",
                name=name,
                kind=one_line(type(error).__name__, limit=60),
            )
        )


def _unknown_name(function: Callable[..., Any], name: str, sheet: Sheet) -> str:
    try:
        parameters = [*inspect.signature(function).parameters]
    except Exception:  # noqa: BLE001 - a student's object may raise anything
        parameters = None
    similar = [entry["name"] for entry in sheet["functions"] if entry["parameters"] == parameters]
    if similar:
        return gettext(
            "{name} is not a function of this assignment, but it has the same "
            "parameters as {alike}. Rename it to {alike}. If it has a decorator, use "
            "`functools.wraps` there.",
            name=name,
            alike=similar[0],
        )
    names = [entry["name"] for entry in sheet["functions"]]
    close = difflib.get_close_matches(name, names, n=1, cutoff=0.5)
    return join_sentences(
        gettext("{name} is not a function of this assignment.", name=name),
        gettext("Did you mean {name}?", name=close[0])
        if close
        else gettext("The functions are: {names}.", names=comma_list(names)),
    )


def _judge(function: Callable[..., Any], public: PublicFunction) -> Feedback:
    name, cases = public.function.name, public.cases
    # The first case is called twice: a difference means that the function is not deterministic.
    actual = Observation(tuple(call_on_case(function, case) for case in (*cases, *cases[:1])))
    (check,), structural = judging.judge(public.function, cases, public.expected, actual)
    note = ngettext(
        "When your notebook is graded, {count} more check runs on other data.",
        "When your notebook is graded, {count} more checks run on other data.",
        public.hidden_checks,
    )
    if check.status is CheckStatus.PASSED:
        title = gettext("{name}: right on the published example", name=name)
        return Feedback(title, tuple(found.message for found in structural), note=note)
    order = public.function.checks[0].quantities
    findings = sorted(
        (finding for finding in check.findings if finding.quantity),
        key=lambda finding: order.index(finding.quantity),
    )
    hints = [*_hints(function, public, actual, check, structural)] or [
        _unexplained(check, findings)
    ]
    title = gettext("{name}: not right yet", name=name)
    sentences = {found.what for found in structural}
    further = [finding for finding in findings if finding_sentence(finding) not in sentences]
    return Feedback(
        title, tuple(hints[:MAX_HINTS]), tuple(further[:MAX_FINDINGS]), check.steps, note
    )


def _hints(
    function: Callable[..., Any],
    public: PublicFunction,
    actual: Observation,
    check: CheckResult,
    structural: Sequence[Diagnosis],
) -> Iterator[str]:
    """Yield the hints of known mistakes with the same values, else those of a repair or of symptoms.

    If two mistakes give the same values, both are possible. If there are more, none is named.
    """
    values = Observation(actual.outcomes[: len(public.cases)])
    hints = dict.fromkeys(
        mistake.hint
        for mistake in public.mistakes
        if judging.same_values(public.function, mistake.observation, values)
    )
    if len(hints) == 2:
        first, second = hints
        yield gettext("One possible cause: {hint}", hint=first)
        yield gettext("Another possible cause: {hint}", hint=second)
    elif len(hints) == 1:
        yield from hints
    else:
        from grader.handout import kernel  # a right function needs no search

        repairs = kernel.hints_of_repair(function, public, actual)
        if repairs and isinstance(actual.outcomes[0], Raised):
            repairs[0] = join_sentences(check.message, repairs[0])
        symptoms = (d.message for d in structural if not row_of(d.id).independent)
        yield from repairs or symptoms
    yield from (d.message for d in structural if row_of(d.id).independent)


def _unexplained(check: CheckResult, findings: Sequence[Finding]) -> str:
    if not findings:
        return check.message
    return diagnosis(UNEXPLAINED, name=findings[0].quantity, line="").message


# ------------------------------------------------------------------ layout


def _indent(text: str) -> str:
    wide = any(unicodedata.east_asian_width(letter) in "FW" for letter in text)
    width = _WIDTH // 2 if wide else _WIDTH
    return textwrap.fill(text, width, initial_indent="  ", subsequent_indent="  ")


def _table(findings: Sequence[Finding], say: Callable[[str], str]) -> str:
    names = (gettext("quantity"), gettext("position"), gettext("yours"), gettext("expected"))
    head = "".join(f"<th scope='col'>{html.escape(say(name))}</th>" for name in names)
    rows = "".join(
        f"<tr><th scope='row'>{html.escape(f.quantity)}</th><td>{html.escape(f.index)}</td>"
        f"<td>{html.escape(f.got or say(f.message))}</td><td>{html.escape(f.expected)}</td></tr>"
        for f in findings
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
