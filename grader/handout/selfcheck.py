"""Check a function in the student's own notebook, on what is published, without the reference.

`sheet` is what a course gives away: the published cases with their values, and the values that known
mistakes give on them. Nothing here knows a hidden case; what runs is the student's own, unwatched.
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
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from gettext import GNUTranslations
from typing import Any

import numpy as np

from grader import judging
from grader.handout.call import called, name_of
from grader.judging.compare import unpacker
from grader.messages import Translator, comma_list, gettext, join_sentences, ngettext
from grader.messages.sanitize import printable
from grader.model import Check, Function, Observation, Returned, TestCase, Value
from grader.model.diagnoses import UNEXPLAINED, diagnosis, row_of
from grader.model.result import TO_SEE_IT, CheckResult, CheckStatus, Diagnosis, Finding, in_words

SHEET = "public_checks.json"
MOST = 3
_ROWS = 3
_WIDTH = 88

Sheet = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Feedback:
    """What is said of one function, as text and as HTML: hint first, numbers second, then what is next.

    `say` translates its texts.
    """

    title: str
    hints: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    steps: tuple[str, ...] = ()
    rest: str = ""
    say: Translator = field(default_factory=Translator, repr=False, compare=False)

    def __repr__(self) -> str:
        """Return it as text."""
        lines = [self.say(self.title), *(_indented(self.say(hint)) for hint in self.hints)]
        lines += [f"  {self.say(in_words(finding))}" for finding in self.findings]
        if self.steps:
            lines += [f"  {self.say(TO_SEE_IT)}", *(f"      {step}" for step in self.steps)]
        return "\n".join([*lines, *([_indented(self.say(self.rest))] if self.rest else [])])

    def _repr_html_(self) -> str:
        """Return it as HTML that needs neither script nor network nor colour."""
        parts = [f"<p><strong>{html.escape(self.say(self.title))}</strong></p>"]
        parts += [f"<p>{html.escape(self.say(hint))}</p>" for hint in self.hints]
        if self.findings:
            parts.append(_table(self.findings, self.say))
        if self.steps:
            steps = html.escape("\n".join(self.steps))
            parts.append(f"<p>{html.escape(self.say(TO_SEE_IT))}</p><pre>{steps}</pre>")
        parts += [f"<p>{html.escape(self.say(self.rest))}</p>"] if self.rest else []
        return f"<div lang='{self.say.language}'>{''.join(parts)}</div>"


def feedback(function: Callable[..., Any], sheet: Sheet) -> Feedback:
    """Run a function on the published cases of its name, and say what to do next."""
    return dataclasses.replace(_feedback(function, sheet), say=_translator(sheet))


def _translator(sheet: Sheet) -> Translator:
    compiled = base64.b64decode(sheet["catalogue"])
    catalogue = GNUTranslations(io.BytesIO(compiled)) if compiled else None
    return Translator(sheet["language"], catalogue)


def _feedback(function: Callable[..., Any], sheet: Sheet) -> Feedback:
    known = _names(sheet)
    name = name_of(function, known)
    if name is None:
        return Feedback(
            gettext("check needs the function itself. Write check({name}).", name=known[0])
        )
    stated = next((one for one in sheet["functions"] if one["name"] == name), None)
    if stated is None:
        return Feedback(_unknown(printable(name, limit=80), known, _takes(function, sheet)))
    try:
        return _judged(function, stated)
    except Exception as error:  # noqa: BLE001 - whatever an odd object does, nobody is left with our code
        kind = printable(type(error).__name__, limit=60)
        return Feedback(
            gettext(
                (
                    "{name}: the returned value could not be examined ({kind}). Return "
                    "only numbers, arrays, lists, tuples and dictionaries."
                ),
                name=name,
                kind=kind,
            )
        )


def _takes(function: object, sheet: Sheet) -> str:
    """Return the graded function that takes the very arguments which another one takes, if there is."""
    try:
        own = [*inspect.signature(function).parameters]  # type: ignore[arg-type]
    except Exception:  # noqa: BLE001 - no function, or one that cannot be asked
        return ""
    return next((one["name"] for one in sheet["functions"] if one["parameters"] == own), "")


def _names(sheet: Sheet) -> list[str]:
    return [one["name"] for one in sheet["functions"]]


def _unknown(name: str, known: Sequence[str], alike: str) -> str:
    if alike:
        return gettext(
            "{name} is not a function of this assignment, but it has the same "
            "parameters as {alike}. Rename it to {alike}. If it has a decorator, use "
            "`functools.wraps` there.",
            name=name,
            alike=alike,
        )
    close = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
    return join_sentences(
        gettext("{name} is not a function of this assignment.", name=name),
        gettext("Did you mean {name}?", name=close[0])
        if close
        else gettext("The functions are: {names}.", names=comma_list(known)),
    )


def _judged(function: Callable[..., Any], stated: Sheet) -> Feedback:
    spec, cases = _function(stated), _cases(stated)
    right = Observation(tuple(Returned(value(case["expected"])) for case in stated["cases"]))
    seen = Observation(tuple(called(function, case) for case in (*cases, *cases[:1])))
    (check,), told = judging.judge(spec, cases, right, seen)
    rest = _further(stated["further"])
    if check.status is CheckStatus.PASSED:
        hints = tuple(one.message for one in told)
        title = gettext("{name}: right on the published example", name=spec.name)
        return Feedback(title, hints, rest=rest)
    findings = sorted(
        (finding for finding in check.findings if finding.quantity),
        key=lambda finding: stated["quantities"].index(finding.quantity),
    )
    hints = tuple(_hints(spec, stated, seen, told, _otherwise(check, findings)))[:MOST]
    title = gettext("{name}: not right yet", name=spec.name)
    structural = {one.what for one in told}
    more = [finding for finding in findings if in_words(finding) not in structural]
    return Feedback(title, hints, tuple(more[:_ROWS]), check.steps, rest)


def _further(count: int) -> str:
    return ngettext(
        "When your notebook is graded, {count} more check runs on other data.",
        "When your notebook is graded, {count} more checks run on other data.",
        count,
    )


def _hints(
    spec: Function, stated: Sheet, seen: Observation, told: Sequence[Diagnosis], message: str
) -> Iterator[str]:
    """Yield the known mistake of these very values and what structure says, else what went wrong."""
    alike = list(_look_alikes(spec, stated, seen))
    hints = [*alike, *(one.message for one in told if not alike or row_of(one.id).independent)]
    yield from hints or [message]


def _look_alikes(spec: Function, stated: Sheet, seen: Observation) -> Iterator[str]:
    """Yield the hint of the known mistake that gives the very same values, or of two that do.

    Variants of a mistake whose hints differ are two: which it is shows in other values alone.
    """
    own = Observation(seen.outcomes[: len(stated["cases"])])
    alike = dict.fromkeys(
        one["message"]
        for one in stated["mistakes"]
        if judging.same_values(spec, _observation(one["outcomes"]), own)
    )
    if len(alike) == 2:
        one, other = alike
        yield gettext("One possible cause: {hint}", hint=one)
        yield gettext("Another possible cause: {hint}", hint=other)
    elif len(alike) == 1:
        yield from alike


def _otherwise(check: CheckResult, findings: Sequence[Finding]) -> str:
    """Return what is said of a mistake that is not known."""
    if not findings:
        return check.message
    first = findings[0].quantity
    return diagnosis(UNEXPLAINED, name=first, line="").message


def _observation(outcomes: Sequence[Any]) -> Observation:
    """Return what came back where a mistake was made."""
    return Observation(tuple(Returned(value(one)) for one in outcomes))


# ------------------------------------------------------------------ what a sheet says


def _function(stated: Sheet) -> Function:
    check = Check("the published example", 0, "fixed", tuple(stated["quantities"]))
    return Function(
        name=stated["name"],
        parameters=tuple(stated["parameters"]),
        unpack=unpacker(stated["form"]),
        checks=(check,),
        rtol=stated["rtol"],
        atol=stated["atol"],
    )


def _cases(stated: Sheet) -> list[TestCase]:
    return [
        TestCase(
            name="the published example",
            function=stated["name"],
            args=value(case["args"]),
            about=case["about"],
            public=True,
            seed=case["seed"],
            steps=tuple(case["steps"]),
        )
        for case in stated["cases"]
    ]


def value(plain: Any) -> Value:
    """Return the value that `plain` was made of: arrays, tuples and dictionaries say what they are."""
    if not isinstance(plain, dict):
        return plain
    (kind, item), *more = plain.items()
    if kind == "array":
        return np.array(item, dtype=dict(more)["dtype"]).reshape(dict(more)["shape"])
    if kind == "dict":
        return {key: value(one) for key, one in item}
    return tuple(map(value, item)) if kind == "tuple" else list(map(value, item))


# ------------------------------------------------------------------ words


def _indented(words: str) -> str:
    wide = any(unicodedata.east_asian_width(letter) in "FW" for letter in words)
    width = _WIDTH // 2 if wide else _WIDTH
    return textwrap.fill(words, width, initial_indent="  ", subsequent_indent="  ")


def _table(findings: Sequence[Finding], say: Callable[[str], str]) -> str:
    names = (gettext("quantity"), gettext("position"), gettext("yours"), gettext("expected"))
    head = "".join(f"<th scope='col'>{html.escape(say(name))}</th>" for name in names)
    rows = "".join(
        f"<tr><th scope='row'>{html.escape(f.quantity)}</th><td>{html.escape(f.index)}</td>"
        f"<td>{html.escape(f.got or say(f.message))}</td><td>{html.escape(f.expected)}</td></tr>"
        for f in findings
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
