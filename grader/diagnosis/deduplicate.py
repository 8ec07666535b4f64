"""Leave out a diagnosis that follows from another one.

`superseded_by` in the catalogue lists which ids can explain which. This module checks the evidence.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from grader.diagnosis.locate import RETURNED, goes_into
from grader.judging.intermediates import Intermediates
from grader.messages import gettext, join_sentences
from grader.model import Mistake, Observation, Raised
from grader.model.diagnoses import (
    KNOWN_BY_ERROR,
    KNOWN_BY_VALUES,
    RAISES_ERROR,
    WRONG_SHAPE,
    row_of,
)
from grader.model.findings import Diagnosis
from grader.notebook.slicing import Slice

_OF_SHAPES = ("could not be broadcast", "not aligned", "in its core dimension")


def without_error(diagnoses: Sequence[Diagnosis]) -> list[Diagnosis]:
    """Leave out diagnoses that a known mistake explains, if an error and its line revealed the mistake."""
    return [d for d in diagnoses if KNOWN_BY_ERROR not in row_of(d.id).superseded_by]


def without_symptoms(
    diagnoses: Sequence[Diagnosis], mistakes: Sequence[Mistake], intermediates: Intermediates
) -> list[Diagnosis]:
    """Leave out the diagnoses that known mistakes in the values explain.

    A wrong shape stays unless one of them is in a quantity of wrong shape.
    """
    misshapen = any(intermediates.rows_of_wrong_shape(mistake.quantity) for mistake in mistakes)
    return [
        d
        for d in diagnoses
        if KNOWN_BY_VALUES not in row_of(d.id).superseded_by
        or not (misshapen if d.id == WRONG_SHAPE.id else mistakes)
    ]


def joined(
    diagnoses: Sequence[Diagnosis],
    slice_: Slice,
    observation: Observation,
    intermediates: Intermediates,
) -> Sequence[Diagnosis]:
    """If a wrong shape and an error have the same cause, return one diagnosis for both.

    In most cases the shapes at a line do not fit, and it raises. In others they fit by chance, and
    the result has too many numbers.
    """
    error = next((d for d in diagnoses if d.id == RAISES_ERROR.id), None)
    raised = next((o for o in observation.outcomes if isinstance(o, Raised)), None)
    if error is None or error.line is None or raised is None:
        return diagnoses
    names = {name: None for row in intermediates.rows for name in row.got}
    misshapen = [name for name in names if intermediates.rows_of_wrong_shape(name)] or [RETURNED]
    if not any(words in raised.message for words in _OF_SHAPES) or not all(
        goes_into(slice_.source, slice_.function, error.line, name) for name in misshapen
    ):
        return diagnoses
    shape = next((d.what for d in diagnoses if d.id == WRONG_SHAPE.id), "")
    by_chance = gettext(
        "In some tests the shapes fit by chance, and then the result is wrong: {shape}",
        shape=shape,
    )
    what = join_sentences(error.what, by_chance if shape else "")
    rest = [d for d in diagnoses if RAISES_ERROR.id not in row_of(d.id).superseded_by]
    return [dataclasses.replace(d, what=what) if d is error else d for d in rest]
