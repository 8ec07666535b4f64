"""Name the mistakes of a function, strongest evidence first, in words for the student.

What structure and errors say comes first; then what can be solved for in the numbers; then the known
mistake that gives the very same values. What fits nothing is said to be unknown. At most three.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from grader.diagnosis.deduplicate import joined
from grader.diagnosis.locate import RETURNED, divides_without_fraction, halves, line_of
from grader.judging import intermediates, judge, same_values
from grader.judging.intermediates import CaseValues, Intermediates, agreed
from grader.messages import and_list, gettext, join_sentences
from grader.model import Function, Mistake, Observation, Raised, TestCase
from grader.model.naming import id_of
from grader.model.result import Diagnosis
from grader.notebook.slicing import Slice

MOST = 3
"""Diagnoses of one function: who reads more mends none of them."""

FEWEST = 4
"""Cases that came back, below which numbers prove nothing."""

_FOLLOWS = frozenset({"raises-error", "wrong-shape"})
"""What is not said again of a function that stops where an error and its line give the mistake away."""

_GIVEN_AWAY = {"__integer_division": divides_without_fraction, "__although_halved": halves}
"""Variants of a mistake with the numbers of any other, and what shows them in the student's lines."""

Hints = Mapping[str, str]


@dataclass(frozen=True)
class FunctionRun:
    """A function, where it stands in the notebook, and what was asked of it and of the reference."""

    function: Function
    piece: Slice
    cases: Sequence[TestCase]
    expected: Observation
    actual: Observation

    @functools.cached_property
    def evidence(self) -> Intermediates | None:
        """Return what the numbers say, or None where nobody has told how to read them."""
        if self.function.computation is None:
            return None
        with np.errstate(all="ignore"):
            return intermediates.gather(self.function, self.cases, self.expected, self.actual)


Mistaken = Callable[[], Mapping[str, Observation]]
"""Gives what known mistakes do on the same cases, by the name of each."""


def diagnose(
    asked: FunctionRun, told: Sequence[Diagnosis], hints: Hints, mistaken: Mistaken
) -> tuple[Diagnosis, ...]:
    """Return at most three diagnoses of a function that is not right; `told` is what its structure says.

    Whatever goes wrong in here is our fault and costs the student a hint, nothing else.
    """
    stopped = tuple(_told(_where_it_stops(asked), hints, asked))
    told = [one for one in told if not stopped or one.id not in _FOLLOWS]
    evidence = asked.evidence
    told = joined(told, asked.piece, asked.actual, evidence)
    if evidence is None or len(evidence.rows) < FEWEST:
        return (*stopped, *told)[:MOST]
    mistakes = from_values(asked, evidence)
    named = tuple(_told(mistakes, hints, asked))
    kept = [one for one in told if not _is_less_telling(one, mistakes, evidence)]
    if not named and evidence.wrong and not kept:
        named = tuple(_look_alike(asked, mistaken(), hints))
    found = (*stopped, *kept, *named)
    if not found and evidence.wrong:
        found = (_unexplained(asked, evidence),)
    return found[:MOST]


def of_values(
    function: Function,
    cases: Sequence[TestCase],
    expected: Observation,
    actual: Observation,
    hints: Hints,
) -> tuple[Diagnosis, ...]:
    """Return what is said of values alone: of no notebook, and without looking for the like."""
    asked = FunctionRun(function, Slice(function.name), cases, expected, actual)
    _, told = judge(function, cases, expected, actual)
    return diagnose(asked, told, hints, dict)


def _is_less_telling(one: Diagnosis, mistakes: Sequence[Mistake], evidence: Intermediates) -> bool:
    """Say whether numbers tell something more precise than what is said already."""
    if one.id == "wrong-shape":
        return any(evidence.misfits(mistake.quantity) for mistake in mistakes)
    return bool(mistakes) and one.id == "hard-coded-answer"


def _where_it_stops(asked: FunctionRun) -> Iterator[Mistake]:
    """Yield the mistakes that an exception and the line it comes from give away."""
    computation, raised = asked.function.computation, asked.actual.outcomes
    first = next((one for one in raised if isinstance(one, Raised)), None)
    if computation and computation.stopped and first and first.line:
        lines = asked.piece.source_of(first.cell).split("\n")
        if first.line <= len(lines):
            yield from computation.stopped(first, lines[first.line - 1])


def from_values(asked: FunctionRun, evidence: Intermediates) -> tuple[Mistake, ...]:
    """Return the mistakes that the numbers give away, those of earlier quantities first."""
    with np.errstate(all="ignore"):
        swapped = tuple(_misplaced(asked.function, evidence))
        found = swapped or tuple(_swapped_and_explained(asked.function, evidence))
        return found or tuple(_beyond_the_example(asked.function, evidence))


def _beyond_the_example(function: Function, evidence: Intermediates) -> Iterator[Mistake]:
    """Yield the mistakes of all cases but the public ones, where those are right."""
    hidden = [row for row in evidence.rows if not row.public]
    public = [row for row in evidence.rows if row.public]
    right = public and not any(_wrong_in(function, r, n) for r in public for n in evidence.wrong)
    if right and len(hidden) >= FEWEST:
        yield from _explained(function, intermediates.sorted_out(function, hidden))


def _swapped_and_explained(function: Function, evidence: Intermediates) -> Iterator[Mistake]:
    """Yield the mistakes in the numbers, after two that have changed places are back in them."""
    assert function.computation is not None
    for name, other in itertools.permutations(evidence.wrong, 2):
        by_shape = _shaped_as(evidence, name, other)
        if function.computation.misplaced and (
            by_shape or _belongs(function, evidence, name, other)
        ):
            exchanged = intermediates.exchanged(function, evidence, name, other)
            if by_shape or len(exchanged.wrong) <= len(evidence.wrong) - 2:
                where = _in_place(other, name)
                yield Mistake(function.computation.misplaced, name, where, (RETURNED,))
                evidence = exchanged
                break
    yield from _explained(function, evidence)


def _shaped_as(evidence: Intermediates, name: str, other: str) -> bool:
    """Say whether two quantities have each other's shapes in every row, and not their own in several."""
    pairs = ((name, other), (other, name))
    return len(evidence.misfits(name)) >= FEWEST and all(
        one in row.got and row.got[one].shape == row.want[another].shape
        for row in evidence.rows
        for one, another in pairs
    )


def _belongs(function: Function, evidence: Intermediates, name: str, other: str) -> bool:
    """Say whether what follows for one quantity stands in the place of another, in every row."""
    return all(
        other in row.got
        and row.got[other].any()
        and agreed(function, row.rules[name](row), row.got[other])
        for row in evidence.rows
    )


def _look_alike(
    asked: FunctionRun, mistaken: Mapping[str, Observation], hints: Hints
) -> Iterator[Diagnosis]:
    """Yield the first known mistake that gives the very same values in every case."""
    for name, seen in mistaken.items():
        if same_values(asked.function, seen, asked.actual):
            mistake = Mistake(id_of(name), next(reversed(asked.function.checks[0].quantities)))
            yield from _told((mistake,), hints, asked)
            return


def _unexplained(asked: FunctionRun, evidence: Intermediates) -> Diagnosis:
    """Say honestly that a mistake is not known, where it shows first, and how to see it."""
    first = evidence.wrong[0]
    line = _line(asked, Mistake("", first))
    where = _place(asked.piece, line)
    message = gettext(
        (
            "The first wrong value is {name}{where}. Compare the line that computes "
            "{name} with the formula."
        ),
        name=first,
        where=where,
    )
    shown = _where_it_shows(asked, evidence, first)
    return Diagnosis("unexplained", join_sentences(message, shown), line)


def _where_it_shows(asked: FunctionRun, evidence: Intermediates, name: str) -> str:
    """Return in which case a quantity is wrong; how to see it there is told by the steps of the check."""
    wrong = (row.case for row in evidence.rows if _wrong_in(asked.function, row, name))
    failed = sorted(wrong, key=lambda case: (not case.public, case.size))
    if failed and failed[0].public:
        return gettext("The published example shows this error.")
    right = any(row.public for row in evidence.rows)
    return join_sentences(
        gettext("Your result for the published example is right.") if right else "",
        gettext("Your result is wrong in the test with {about}.", about=failed[0].about)
        if failed
        else "",
    )


def _explained(function: Function, evidence: Intermediates) -> Iterator[Mistake]:
    assert function.computation is not None
    try:
        yield from function.computation.explain(evidence)
    except (ArithmeticError, LookupError, TypeError, ValueError, np.linalg.LinAlgError):
        return  # values that nobody foresaw: no explanation is better than a wrong one


def _misplaced(function: Function, evidence: Intermediates) -> Iterator[Mistake]:
    """Yield a mistake for each quantity that has changed places with others, all of them right."""
    assert function.computation is not None
    id = function.computation.misplaced
    off = [name for name in function.computation.rules if _differs(function, evidence, name)]
    if not id or not 2 <= len(off) <= 4:
        return
    places = {name: _holds(function, evidence, name, off) for name in off}
    if set(places.values()) == set(off):
        yield from (Mistake(id, n, _in_place(places[n], n), (RETURNED,)) for n in off)


def _differs(function: Function, evidence: Intermediates, name: str) -> bool:
    return any(_wrong_in(function, row, name) for row in evidence.rows)


def _wrong_in(function: Function, row: CaseValues, name: str) -> bool:
    return name in row.got and not agreed(function, row.want[name], row.got[name])


def _holds(function: Function, evidence: Intermediates, name: str, others: Sequence[str]) -> str:
    """Return the quantity whose right values stand in the place of another in every row, if one does."""
    for other in others:
        if other != name and all(
            name in row.got and agreed(function, row.want[other], row.got[name])
            for row in evidence.rows
        ):
            return other
    return ""


# ------------------------------------------------------------------ words


def _told(mistakes: Iterable[Mistake], hints: Hints, asked: FunctionRun) -> Iterator[Diagnosis]:
    """Yield one diagnosis an id, which names all that the mistake is about."""
    by_id: dict[str, list[Mistake]] = {}
    for mistake in mistakes:
        by_id.setdefault(mistake.id, []).append(mistake)
    for id, alike in by_id.items():
        hint = _hint(alike[0], hints, asked)
        if (
            hint
        ):  # else that is ours to mend, `grader verify` finds it, and it costs nobody a result
            where = and_list(dict.fromkeys(mistake.where for mistake in alike if mistake.where))
            line = _line(asked, alike[0])
            yield Diagnosis(id, gettext(hint, where=where, line=_place(asked.piece, line)), line)


def _hint(mistake: Mistake, hints: Hints, asked: FunctionRun) -> str | None:
    """Return the words for a mistake: those of its variant, or of one that the student's lines give away."""
    plain = mistake.id.replace("-", "_")
    piece = asked.piece
    for suffix, shows in _GIVEN_AWAY.items():
        variant = None if mistake.hint else hints.get(f"{plain}{suffix}")
        if variant and mistake.reads and shows(piece.source, piece.function, mistake.reads):
            return variant
    return hints.get(mistake.hint or plain)


def _in_place(other: str, name: str) -> str:
    return gettext("{other} in place of {name}", other=other, name=name)


def _line(asked: FunctionRun, mistake: Mistake) -> int | None:
    """Return the line of the function's cell in which a mistake shows, if it can be told."""
    piece, computation = asked.piece, asked.function.computation
    others = frozenset(computation.rules) if computation else frozenset()
    return line_of(piece.source, piece.function, mistake.quantity, mistake.reads, others)


def _place(piece: Slice, line: int | None) -> str:
    """Return where a line is, in brackets with a space before, or nothing."""
    return gettext(" (line {line} of code cell {cell})", line=line, cell=piece.cell) if line else ""
