"""Explain why a function is wrong: at most three diagnoses, those with the strongest evidence first.

`diagnose` has the order of the sources: errors and structure, then the values, then known mistakes
that return the same values, then what shows in any assignment, such as a wrong factor. A mistake that
none of them explains is reported as not recognised.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from grader.diagnosis import general
from grader.diagnosis.deduplicate import joined, without_error, without_symptoms
from grader.diagnosis.locate import in_statements, line_of
from grader.diagnosis.misplaced import misplaced, swapped
from grader.judging import judge, same_values
from grader.judging.intermediates import Intermediates, differs, from_rows, gather
from grader.messages import and_list, gettext, join_sentences
from grader.model import Ending, Function, Mistake, Observation, Raised, Returned, TestCase
from grader.model.diagnoses import (
    HARD_CODED_ANSWER,
    UNEXPLAINED,
    UNUSED_PARAMETER,
    Words,
    diagnosis,
    id_of,
    in_brackets,
    in_words,
    row_of,
)
from grader.model.findings import Diagnosis
from grader.notebook.slicing import Slice

MOST_DIAGNOSES = 3
"""Diagnoses of one function. A student who gets more than three reads none of them."""

FEWEST_CASES = 4
"""Cases that must have returned a value before their numbers are explained."""

Hints = Mapping[str, Words]
"""The words of each known mistake and variant, by its name, such as `mask_inverted`."""

ObserveMistakes = Callable[[], Mapping[tuple[str, ...], Observation]]
"""Runs known mistakes of a function on the same cases; returns an observation for some combinations."""


@dataclass(frozen=True)
class FunctionRun:
    """A function, its slice of the notebook, and two observations of the same cases.

    `expected` is that of the reference and `actual` that of the student, both in the order of `cases`.
    `needed` are the positions of the parameters that the reference reads, where that is known.
    """

    function: Function
    slice_: Slice
    cases: Sequence[TestCase]
    expected: Observation
    actual: Observation
    needed: frozenset[int] = frozenset()

    @functools.cached_property
    def intermediates(self) -> Intermediates:
        """The intermediate values of every case."""
        computation = general.computation_of(self.function)
        with np.errstate(all="ignore"):
            return gather(self.function, computation, self.cases, self.expected, self.actual)

    def line(self, mistake: Mistake) -> int | None:
        """Return the line of the function's cell, from 1, that shows a mistake, or None."""
        others = frozenset(general.computation_of(self.function).rules)
        name, source = self.slice_.function, self.slice_.source
        return line_of(source, name, mistake.quantity, mistake.reads, others)


def is_untouched(run: FunctionRun, template: Observation | None, reads: frozenset[int]) -> bool:
    """Return True if a function that is wrong looks like the template's and also behaves like it.

    It then returns the template's values or None, or only raises errors. `reads` are the positions of
    the parameters that the template reads. A function that reads another of them was worked on. It
    counts as the template's nevertheless if what it returns is still a placeholder.
    """
    further = run.slice_.reads.intersection(range(len(run.function.parameters))) - reads
    if run.slice_.blank_result is None and (further or not run.slice_.unwritten):
        return False
    values = (outcome.value for outcome in run.actual.outcomes if isinstance(outcome, Returned))
    if run.actual.ending is Ending.FINISHED and all(value is None for value in values):
        return True
    return template is not None and same_values(run.function, template, run.actual)


def diagnose(
    run: FunctionRun, structural: Sequence[Diagnosis], hints: Hints, observe: ObserveMistakes
) -> tuple[Diagnosis, ...]:
    """Return at most `MOST_DIAGNOSES` diagnoses of a function that is not right.

    `structural` are the diagnoses of errors (`exceptions.from_errors`) and of structure (`judge`). Values
    are explained only if at least `FEWEST_CASES` cases returned one. An exception in here is a failure of the
    grader: the caller then shows `structural` alone.
    """
    # 1. Errors and structure.
    by_error = tuple(worded(_from_line_of_error(run), hints, run))
    structural = without_error(structural) if by_error else structural
    intermediates = run.intermediates
    structural = joined(structural, run.slice_, run.actual, intermediates)
    if len(intermediates.rows) < FEWEST_CASES:
        return (*by_error, *structural)[:MOST_DIAGNOSES]
    # 2. Values: which known mistakes explain the numbers.
    mistakes = from_values(run, intermediates)
    by_values = tuple(worded(mistakes, hints, run))
    structural = without_symptoms(structural, mistakes, intermediates)
    # 3. Known mistakes that return the same values in every case.
    if not by_values and (not structural or not run.function.computation):
        known = tuple(_look_alikes(run, observe()))
        by_values = tuple(worded((as_known(name, of, hints) for name, of in known), hints, run))
        if by_values:
            structural = [d for d in structural if row_of(d.id).independent]
    diagnoses = (*by_error, *structural, *by_values)
    # 4. What shows without knowledge of the task: a parameter, a law of the values, the first wrong one.
    if all(row_of(d.id).gives_way and d.id != HARD_CODED_ANSWER.id for d in diagnoses):
        diagnoses = (*_unused_parameters(run),) or diagnoses
    if not diagnoses and intermediates.wrong:
        diagnoses = (*by_laws(run, intermediates),) or (unexplained(run, intermediates),)
    return diagnoses[:MOST_DIAGNOSES]


def of_values(
    function: Function,
    cases: Sequence[TestCase],
    expected: Observation,
    actual: Observation,
    hints: Hints,
) -> tuple[Diagnosis, ...]:
    """Return the diagnoses of values alone: without a notebook, and without look-alikes.

    So there are no lines. `grader verify` uses it to diagnose known mistakes and mutants.
    """
    run = FunctionRun(function, Slice(function.name), cases, expected, actual)
    _, structural = judge(function, cases, expected, actual)
    return diagnose(run, structural, hints, dict)


# ------------------------------------------------------------------ known mistakes


def _from_line_of_error(run: FunctionRun) -> Iterator[Mistake]:
    """Yield the mistakes that an exception and the line that raised it show."""
    computation = run.function.computation
    error = next((o for o in run.actual.outcomes if isinstance(o, Raised)), None)
    if computation and computation.stopped and error and error.line:
        lines = run.slice_.source_of(error.cell).split("\n")
        if error.line <= len(lines):
            yield from computation.stopped(error, lines[error.line - 1])


def from_values(run: FunctionRun, intermediates: Intermediates) -> tuple[Mistake, ...]:
    """Return the mistakes that explain the values, those of earlier quantities first.

    Where the published example is right and the rest is not, the other cases alone are explained.
    """
    function = run.function
    with np.errstate(all="ignore"):
        mistakes = tuple(misplaced(function, intermediates))
        if not mistakes:
            swap = swapped(function, intermediates)
            mistakes = (swap.mistake,) if swap else ()
            mistakes += tuple(_explained(swap.exchanged if swap else intermediates))
        hidden = [row for row in intermediates.rows if not row.public]
        public = [row for row in intermediates.rows if row.public]
        wrong = any(differs(function, row, name) for row in public for name in intermediates.wrong)
        if not mistakes and public and not wrong and len(hidden) >= FEWEST_CASES:
            without_public = from_rows(function, intermediates.computation, hidden)
            mistakes = tuple(_explained(without_public))
    return mistakes


def _explained(intermediates: Intermediates) -> Iterator[Mistake]:
    try:
        yield from intermediates.computation.explain(intermediates)
    except (ArithmeticError, LookupError, TypeError, ValueError, np.linalg.LinAlgError):
        return  # values of an unforeseen form: no explanation is better than a wrong one


def _look_alikes(
    run: FunctionRun, mistakes: Mapping[tuple[str, ...], Observation]
) -> Iterator[tuple[str, FunctionRun]]:
    """Yield the mistakes of the first combination with the student's values, each with a run of it."""
    # Grading calls the first case once more at the end.
    actual = replace(run.actual, outcomes=run.actual.outcomes[: len(run.cases)])
    for names, observation in mistakes.items():
        if same_values(run.function, observation, actual):
            yield from ((name, replace(run, actual=mistakes[name,])) for name in names)
            return


def as_known(name: str, run: FunctionRun, hints: Hints) -> Mistake:
    """Return a known mistake, with the place of its wrong values. `run` is a run of it."""
    wrong, hint = run.intermediates.wrong, name if name in hints else ""
    final = run.function.checks[0].quantities[-1]  # such as the cost
    if run.function.computation or not wrong:
        return Mistake(id_of(name), final, "".join(wrong[:1]), hint=hint)
    return Mistake(id_of(name), wrong[0], and_list(wrong), hint=hint)


def _unused_parameters(run: FunctionRun) -> Iterator[Diagnosis]:
    """Yield that a function does not read some of the parameters that the reference reads."""
    parameters = run.function.parameters
    names = [parameters[i] for i in sorted(run.needed - run.slice_.reads)]
    if names:
        yield diagnosis(UNUSED_PARAMETER, names=and_list(names))


def by_laws(run: FunctionRun, intermediates: Intermediates) -> Iterator[Diagnosis]:
    """Yield what wrong values show in any assignment."""
    with np.errstate(all="ignore"):
        for law, names in general.laws(intermediates, run.slice_.source):
            line = run.line(Mistake("", names[0]))
            values = {"name": names[0], "names": and_list(names)}
            values |= {"factor": law.factor, "size": law.size}
            place = in_brackets(line, run.slice_.cell)
            yield diagnosis(row_of(law.id), law.variant, at=line, line=place, **values)


def unexplained(run: FunctionRun, intermediates: Intermediates) -> Diagnosis:
    """Return the diagnosis of a mistake that is not recognised: the first wrong value and its case."""
    name = intermediates.wrong[0]
    line = run.line(Mistake("", name))
    place = in_brackets(line, run.slice_.cell)
    unexplained = diagnosis(UNEXPLAINED, at=line, name=name, line=place)
    wrong = [row.case for row in intermediates.rows if differs(run.function, row, name)]
    case = min(wrong, key=lambda case: (not case.public, case.size), default=None)
    if case and case.public:
        where: str = gettext("The published example shows this error.")
    else:
        right = gettext("Your result for the published example is right.")
        where = join_sentences(
            right if intermediates.first_public_row() else "",
            gettext("Your result is wrong in the test with {about}.", about=case.about)
            if case
            else "",
        )
    return replace(unexplained, what=join_sentences(unexplained.what, where))


# ------------------------------------------------------------------ words


def worded(mistakes: Iterable[Mistake], hints: Hints, run: FunctionRun) -> Iterator[Diagnosis]:
    """Yield one diagnosis per id, which names all that the mistake is about.

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
    """Return the words for a mistake: those of its variant, or of one that the code shows."""
    plain = mistake.id.replace("-", "_")
    computation = run.function.computation
    variants = computation.variants if computation and not mistake.hint and mistake.reads else {}
    source, name = run.slice_.source, run.slice_.function
    for variant, matches in variants.items():
        words = hints.get(f"{plain}__{variant}")
        if words and in_statements(source, name, mistake.reads, matches):
            return words
    return hints.get(mistake.hint or plain)
