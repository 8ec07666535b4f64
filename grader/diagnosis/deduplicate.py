"""What is told of a function and follows from something else that is told of it."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from grader.diagnosis.locate import RETURNED, goes_into
from grader.judging.intermediates import Intermediates
from grader.messages import gettext, join_sentences
from grader.model import Observation, Raised
from grader.model.result import Diagnosis
from grader.notebook.slicing import Slice

_OF_SHAPES = ("could not be broadcast", "not aligned", "in its core dimension")


def joined(
    told: Sequence[Diagnosis], piece: Slice, seen: Observation, evidence: Intermediates | None
) -> Sequence[Diagnosis]:
    """Return what is told, with the wrong shape that comes of a line told where it is said to stop.

    In most cases the shapes of its operands do not fit; where they happen to, it makes too many numbers.
    """
    stops = next((one.line for one in told if one.id == "raises-error"), None)
    if evidence is None or stops is None or not _is_of_shapes(seen):
        return told
    misshapen = _misshapen(evidence) or [RETURNED]
    if not all(goes_into(piece.source, piece.function, stops, name) for name in misshapen):
        return told
    shape = next((one.message for one in told if one.id == "wrong-shape"), "")
    rest = [one for one in told if one.id != "wrong-shape"]
    return [_with_shape(one, shape) if one.id == "raises-error" else one for one in rest]


def _with_shape(stops: Diagnosis, shape: str) -> Diagnosis:
    comes = gettext(
        ("In some tests the shapes fit by chance, and then the result is wrong: {shape}"),
        shape=shape,
    )
    message = join_sentences(stops.message, comes if shape else "")
    return dataclasses.replace(stops, message=message)


def _is_of_shapes(seen: Observation) -> bool:
    raised = next((one for one in seen.outcomes if isinstance(one, Raised)), None)
    return raised is not None and any(words in raised.message for words in _OF_SHAPES)


def _misshapen(evidence: Intermediates) -> list[str]:
    names = {name: None for row in evidence.rows for name in row.got}
    return [name for name in names if evidence.misfits(name)]
