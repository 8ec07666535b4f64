"""The diagnoses of a wrong function, in the student's own kernel.

They come from the same modules as those of grading, but only the published example is known here.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import numpy as np

from grader import diagnosis, judging
from grader.diagnosis import FunctionRun, cell_names, exceptions, in_place
from grader.handout import cells
from grader.handout.cells import Definition
from grader.handout.sheet import KnownMistake, PublicFunction
from grader.judging.compare import numbers
from grader.messages import gettext, join_sentences
from grader.model import Cell, Mistake, Notebook, Observation, Returned
from grader.model.diagnoses import row_of
from grader.model.findings import Diagnosis
from grader.notebook.slicing import Slice, slices


def run_of(definition: Definition, public: PublicFunction, actual: Observation) -> FunctionRun:
    """Return the run of a function on the published example, with its slice of the executed cells."""
    slice_ = slice_of(definition.cells(), public)
    return FunctionRun(public.function, slice_, public.cases, public.expected, actual)


def slice_of(executed: Sequence[Cell], public: PublicFunction) -> Slice:
    """Return the slice of a function of the executed cells, of which the last is its own."""
    function = public.function
    functions = [(function.name, function.parameters)]
    (slice_,) = slices(Notebook(tuple(executed)), functions, trainers=public.trainers)
    return slice_ if slice_.cell == cells.OWN else dataclasses.replace(slice_, cell=None)


def unwritten(run: FunctionRun, public: PublicFunction) -> Diagnosis | None:
    """Return the diagnosis of a function that is still the template's, otherwise None."""
    values = dataclasses.replace(run, actual=_once(run))
    if not diagnosis.is_untouched(values, public.template, public.template_reads):
        return None
    return exceptions.why_not_run(run.slice_)[1]


def _once(run: FunctionRun) -> Observation:
    """Return the observation without the repeated first call."""
    return Observation(run.actual.outcomes[: len(run.cases)])


def beside_values(run: FunctionRun, structural: Sequence[Diagnosis]) -> tuple[Diagnosis, ...]:
    """Return the diagnoses that judging has made, with the student's own lines."""
    return tuple(in_place.quoted(structural, run.slice_, run.actual))


def diagnose(
    run: FunctionRun, public: PublicFunction, structural: Sequence[Diagnosis]
) -> tuple[Diagnosis, ...]:
    """Return the diagnoses of a wrong function; `structural` are those that judging has made."""
    slice_ = run.slice_
    reordered = tuple(exceptions.from_parameters(slice_, run.function))
    if reordered:
        return reordered
    by_error = exceptions.from_errors(slice_, run.function, run.actual)
    structural = beside_values(run, structural)
    diagnoses = tuple(exceptions.from_outside(slice_, [*by_error, *structural]))
    known = tuple(_known(run, public) or _several(run, public))
    if known:
        rest = [d for d in diagnoses if row_of(d.id).independent]
        return (*known, *rest)
    diagnoses = diagnosis.diagnose(run, diagnoses, public.hints, dict)
    if not diagnoses and run.intermediates.wrong:
        diagnoses = (diagnosis.unexplained(run, run.intermediates),)
    return diagnoses


def may_be_repaired(run: FunctionRun) -> bool:
    """Return True unless a function's parameters are in another order: all its values are wrong then."""
    return not any(exceptions.from_parameters(run.slice_, run.function))


def _known(run: FunctionRun, public: PublicFunction) -> list[Diagnosis]:
    """Return the known mistake that gives the same values on the published example.

    If two do, both are possible. If there are more, none is named.
    """
    causes = dict.fromkeys(filter(None, (_causes(mistake, run) for mistake in public.mistakes)))
    named: dict[tuple[str, ...], tuple[Diagnosis, ...]] = {}
    # Of equal ids that with the plain words is last: it has those of a variant that the code shows.
    for cause in sorted(causes, key=lambda cause: not any(mistake.hint for mistake in cause)):
        if entries := tuple(diagnosis.worded(cause, public.hints, run)):
            named[tuple(entry.id for entry in entries)] = entries
    if len(named) == 1:
        return [*next(iter(named.values()))]
    if len(named) != 2:
        return []
    first, second = (entries[0] for entries in named.values())
    one = gettext("One possible cause: {hint}", hint=first.what)
    other = gettext("Another possible cause: {hint}", hint=second.what)
    return [dataclasses.replace(first, what=one), dataclasses.replace(second, what=other)]


def _several(run: FunctionRun, public: PublicFunction) -> list[Diagnosis]:
    """Return the known mistakes that together give the wrong values, each in other quantities.

    A later quantity may be wrong only because it follows from an earlier one. If not all can be
    explained, the first mistakes are named, and that there is more to correct.
    """
    function = run.function
    (expected, *_), (actual, *_) = run.expected.outcomes, run.actual.outcomes
    wrong = judging.unequal(function, expected, actual)
    order = [name for name in function.checks[0].quantities if name in wrong]
    values = function.unpack(actual.value) if wrong and isinstance(actual, Returned) else {}
    causes: list[Mistake] = []
    for quantity in order:
        explaining = {
            cause.id: cause
            for mistake in public.mistakes
            for cause in mistake.causes
            if cause.quantity == cause.where == quantity  # made in one layer, not an exchange
            and quantity not in judging.unequal(function, mistake.observation.outcomes[0], actual)
        }
        array = numbers(values[quantity])
        is_coarse = array is None or np.unique(array).size <= 2  # can be equal by chance
        if len(explaining) != 1 or is_coarse:
            break
        causes += explaining.values()
    named = [*diagnosis.worded(causes, public.hints, run)]
    if not named or len(causes) == len(order):
        return named
    more = gettext("There is more to correct: run `check` again after you have fixed this.")
    return [*named[:-1], dataclasses.replace(named[-1], what=join_sentences(named[-1].what, more))]


def _causes(mistake: KnownMistake, run: FunctionRun) -> tuple[Mistake, ...]:
    """Return what explains the wrong values of a run, if they are those of a known mistake.

    The mistake may be made in one layer only: then the other quantities are right.
    """
    (expected, *_), (actual, *_) = run.expected.outcomes, run.actual.outcomes
    function, values = run.function, mistake.observation.outcomes[0]
    if judging.same_values(function, mistake.observation, _once(run)):
        return mistake.causes
    wrong = judging.unequal(function, expected, actual)
    if not wrong or wrong & judging.unequal(function, values, actual):
        return ()
    causes = tuple(cause for cause in mistake.causes if cause.quantity in wrong)
    return causes if {cause.quantity for cause in causes} == wrong else ()


def with_cell_names(diagnoses: Sequence[Diagnosis]) -> tuple[Diagnosis, ...]:
    """Return diagnoses whose sentences name other cells of the notebook by their first lines."""
    begins = cell_names.first_lines(Cell(*cell) for cell in cells.executed().items())
    return tuple(
        cell_names.in_diagnosis(entry, cells.OWN, begins, cell_names.EXECUTED)
        for entry in diagnoses
    )
