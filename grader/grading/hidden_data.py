"""Keep the inputs of hidden cases out of the text of exceptions, which a student reads."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Sequence

from grader.model import Observation, Raised, Returned, TestCase

_NUMBER = r"[-+]?(?:\d+\.\d*|\.\d+|\d{4,}|\d+(?=e[-+]?\d))(?:e[-+]?\d+)?"
_SEQUENCE = r"(?:[-+]?\d+[\s,;\[\]]+){3,}[-+]?\d+"
_LONG_WORD = r"[^\s'\"`()\[\]]{32,}"
_DATA = re.compile(f"{_SEQUENCE}|{_NUMBER}|{_LONG_WORD}", re.IGNORECASE)
_LONGEST = 160


def without_inputs(observation: Observation, cases: Sequence[TestCase]) -> Observation:
    """Return an observation without the numbers of inputs in the error messages of hidden cases.

    Shapes, names, and messages that a public case has too, stay.
    """
    pairs = list(zip(observation.outcomes, cases, strict=False))
    public = {o.message for o, case in pairs if case.public and isinstance(o, Raised)}
    outcomes = [_reduced(o) if not case.public else o for o, case in pairs]
    outcomes += observation.outcomes[len(pairs) :]
    kept = [
        old if isinstance(old, Raised) and old.message in public else new
        for old, new in zip(observation.outcomes, outcomes, strict=True)
    ]
    return dataclasses.replace(observation, outcomes=tuple(kept))


def _reduced(outcome: Returned | Raised) -> Returned | Raised:
    if isinstance(outcome, Raised):
        message = _DATA.sub("...", outcome.message[:_LONGEST])
        return dataclasses.replace(outcome, message=message)
    return outcome
