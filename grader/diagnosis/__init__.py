"""Say why a function is wrong: at most three diagnoses, those with the strongest evidence first.

`diagnose` has the order of the sources: errors and structure, then the values, then known mistakes
that return the same values. A mistake that none of them explains is reported as not recognised.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from grader.diagnosis.deduplicate import joined, without_error, without_symptoms
from grader.diagnosis.locate import RETURNED, in_statements, line_of
from grader.judging import intermediates, judge, same_values
from grader.judging.intermediates import CaseValues, Intermediates, agreed
from grader.messages import and_list, gettext, join_sentences
from grader.model import Function, Mistake, Observation, Raised, TestCase
from grader.model.diagnoses import UNEXPLAINED, Words, diagnosis, id_of, in_brackets, in_words
from grader.model.result import Diagnosis
from grader.notebook.slicing import Slice

MOST = 3
"""Diagnoses of one function. A student who gets more than three reads none of them."""

FEWEST = 4
"""Cases that must have returned a value before their numbers are explained."""

Hints = Mapping[str, Words]
"""The words of each known mistake and variant, by its name."""

ObserveMistakes = Callable[[], Mapping[str, Observation]]
"""Runs the known mistakes of a function on the same cases; returns an observation for each name."""


@dataclass(frozen=True)
class FunctionRun:
    """A function, its slice of the notebook, and what it and the reference did on the same cases."""

    function: Function
    slice_: Slice
    cases: Sequence[TestCase]
    expected: Observation
    actual: Observation

    @functools.cached_property
    def evidence(self) -> Intermediates | None:
        """The intermediate values of every case, or None if the assignment has no rules for them."""
        if self.function.computation is None:
            return None
        with np.errstate(all="ignore"):
            return intermediates.gather(self.function, self.cases, self.expected, self.actual)

    def line(self, mistake: Mistake) -> int | None:
        """Return the line of the function's cell that shows a mistake, if it can be found."""
        computation = self.function.computation
        others = frozenset(computation.rules) if computation else frozenset()
        name, source = self.slice_.function, self.slice_.source
        return line_of(source, name, mistake.quantity, mistake.reads, others)


def diagnose(
    run: FunctionRun, structural: Sequence[Diagnosis], hints: Hints, observe: ObserveMistakes
) -> tuple[Diagnosis, ...]:
    """Return at most `MOST` diagnoses of a function that is not right.

    `structural` are those that errors and structure give. An exception in here is a failure of the
    grader: the caller then shows `structural` alone.
    """
    # 1. Errors and structure.
    by_error = tuple(_worded(_from_line_of_error(run), hints, run))
    structural = without_error(structural) if by_error else structural
    evidence = run.evidence
    structural = joined(structural, run.slice_, run.actual, evidence)
    if evidence is None or len(evidence.rows) < FEWEST:
        return (*by_error, *structural)[:MOST]
    # 2. Values: which known mistakes explain the numbers.
    mistakes = from_values(run, evidence)
    by_values = tuple(_worded(mistakes, hints, run))
    structural = without_symptoms(structural, mistakes, evidence)
    # 3. A known mistake that returns the same values in every case.
    if not by_values and evidence.wrong and not structural:
        by_values = tuple(_look_alike(run, evidence, observe(), hints))
    diagnoses = (*by_error, *structural, *by_values)
    if not diagnoses and evidence.wrong:
        diagnoses = (_unexplained(run, evidence),)
    return diagnoses[:MOST]


def of_values(
    function: Function,
    cases: Sequence[TestCase],
    expected: Observation,
    actual: Observation,
    hints: Hints,
) -> tuple[Diagnosis, ...]:
    """Return the diagnoses of values alone: without a notebook, and without look-alikes."""
    run = FunctionRun(function, Slice(function.name), cases, expected, actual)
    _, structural = judge(function, cases, expected, actual)
    return diagnose(run, structural, hints, dict)


# ------------------------------------------------------------------ known mistakes


def _from_line_of_error(run: FunctionRun) -> Iterator[Mistake]:
    """Yield the mistakes that an exception and the line that raised it give away."""
    computation = run.function.computation
    error = next((o for o in run.actual.outcomes if isinstance(o, Raised)), None)
    if computation and computation.stopped and error and error.line:
        lines = run.slice_.source_of(error.cell).split("\n")
        if error.line <= len(lines):
            yield from computation.stopped(error, lines[error.line - 1])


def from_values(run: FunctionRun, evidence: Intermediates) -> tuple[Mistake, ...]:
    """Return the mistakes that explain the values, those of earlier quantities first."""
    function = run.function
    with np.errstate(all="ignore"):
        return (
            tuple(_misplaced(function, evidence))
            or tuple(_swapped_and_explained(function, evidence))
            or tuple(_beyond_the_example(function, evidence))
        )


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
    run: FunctionRun, evidence: Intermediates, known: Mapping[str, Observation], hints: Hints
) -> Iterator[Diagnosis]:
    """Yield the first known mistake that returns the same values in every case."""
    for name, observation in known.items():
        if same_values(run.function, observation, run.actual):
            quantity = next(reversed(run.function.checks[0].quantities))
            hint = name if name in hints else ""
            mistake = Mistake(id_of(name), quantity, evidence.wrong[0], hint=hint)
            yield from _worded((mistake,), hints, run)
            return


def _unexplained(run: FunctionRun, evidence: Intermediates) -> Diagnosis:
    """Return the diagnosis of a mistake that is not recognised: the first wrong value and its case."""
    first = evidence.wrong[0]
    line = run.line(Mistake("", first))
    place = in_brackets(line, run.slice_.cell)
    found = diagnosis(UNEXPLAINED, at=line, name=first, line=place)
    return replace(found, what=join_sentences(found.what, _where_it_shows(run, evidence, first)))


def _where_it_shows(run: FunctionRun, evidence: Intermediates, name: str) -> str:
    """Return in which case a quantity is wrong: the published example, or else a small one."""
    wrong = (row.case for row in evidence.rows if _wrong_in(run.function, row, name))
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


def _worded(mistakes: Iterable[Mistake], hints: Hints, run: FunctionRun) -> Iterator[Diagnosis]:
    """Yield one diagnosis an id, which names all that the mistake is about.

    A mistake without a hint is left out: `grader verify` reports it to the assignment's author.
    """
    by_id: dict[str, list[Mistake]] = {}
    for mistake in mistakes:
        by_id.setdefault(mistake.id, []).append(mistake)
    for id, alike in by_id.items():
        words = _words(alike[0], hints, run)
        if words:
            where = and_list(dict.fromkeys(mistake.where for mistake in alike if mistake.where))
            line = run.line(alike[0])
            yield in_words(id, words, line, where=where, line=in_brackets(line, run.slice_.cell))


def _words(mistake: Mistake, hints: Hints, run: FunctionRun) -> Words | None:
    """Return the words for a mistake: those of its variant, or of one that the code gives away."""
    plain = mistake.id.replace("-", "_")
    computation = run.function.computation
    variants = computation.variants if computation and not mistake.hint and mistake.reads else {}
    source, name = run.slice_.source, run.slice_.function
    for variant, matches in variants.items():
        words = hints.get(f"{plain}__{variant}")
        if words and in_statements(source, name, mistake.reads, matches):
            return words
    return hints.get(mistake.hint or plain)


def _in_place(other: str, name: str) -> str:
    return gettext("{other} in place of {name}", other=other, name=name)
