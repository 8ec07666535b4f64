"""The time that one submission may take, over all its notebooks and all its runs."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from grader.grading.settings import Settings
from grader.model import Assignment
from grader.model.allowance import Allowance
from grader.notebook import reader
from grader.notebook_run.plan import limits_within

FUNCTION_SECONDS: Final = 0.9
SEARCH_SECONDS: Final = 3.0
"""Processor time, with that of the sandbox, for the repairs of one function and of one notebook."""

_LEAST = 1 / 20
"""A notebook is not graded if less than this share of the time is left."""


@dataclass(frozen=True, slots=True)
class Budget:
    """Seconds of one submission: processor time to read and to search, wall-clock time to run.

    `functions` are the seconds of the runs of graded functions, `whole_runs` those of whole notebooks.
    """

    reading: Allowance
    search: Allowance
    functions: Allowance
    whole_runs: Allowance

    @classmethod
    def of(cls, assignment: Assignment, settings: Settings) -> Budget:
        """Return the budget of a submission under some settings."""
        seconds = settings.limits(assignment).submission_seconds
        return cls(
            Allowance(min(reader.SECONDS, settings.timeout or reader.SECONDS)),
            Allowance(2 * SEARCH_SECONDS),
            Allowance(seconds),
            Allowance(limits_within(settings.timeout).submission_seconds),
        )

    @property
    def is_used_up(self) -> bool:
        """True if too little is left to grade a further notebook."""
        needed = (self.reading, self.functions, self.whole_runs)
        return any(allowance.left < allowance.seconds * _LEAST for allowance in needed)

    @contextlib.contextmanager
    def part(self, *, is_last: bool) -> Iterator[Budget]:
        """Yield the part of one notebook, and spend what it uses. The search has no parts."""
        with (
            self.reading.part(is_last=is_last) as reading,
            self.functions.part(is_last=is_last) as functions,
            self.whole_runs.part(is_last=is_last) as whole_runs,
        ):
            yield Budget(reading, self.search, functions, whole_runs)
