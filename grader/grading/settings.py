"""How to grade: the settings of a run, and the time that one submission may take."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Iterator
from typing import Any, Final

from grader.model import Assignment, Limits, Tier
from grader.model.allowance import Allowance
from grader.notebook import reader
from grader.notebook_run.plan import limits_within

FUNCTION_SECONDS: Final = 0.9
SEARCH_SECONDS: Final = 3.0
"""Processor time, with that of the sandbox, for the repairs of one function and of one notebook."""

_LEAST = 1 / 20
"""A notebook is not graded if less than this share of the time is left."""


@dataclasses.dataclass(frozen=True, slots=True)
class Settings:
    """The seed of the random test cases, the tier of the sandbox, the seconds for one submission.

    Without a `timeout` the assignment's limits apply.
    With `run_all` the whole notebook runs before its functions are called. `iterations` shortens its
    trainings, and `keep_notebook` adds the executed notebook to the result.

    `slowness` is that of the machine (`sandbox.speed`). It lengthens the assignment's limits, not a
    timeout, and is not one of the conditions under which results are compared.
    """

    seed: int
    tier: Tier = Tier.FULL
    timeout: float | None = None
    run_all: bool = False
    iterations: int | None = None
    keep_notebook: bool = False
    slowness: float = dataclasses.field(default=1.0, compare=False)

    def decisive(self) -> dict[str, Any]:
        """Return the settings that decide results, by name."""
        settings = dataclasses.asdict(self)
        del settings["slowness"]
        return settings

    def limits(self, assignment: Assignment) -> Limits:
        """Return the assignment's limits; a timeout is divided equally among the functions.

        It never lengthens the time of a single function.
        """
        limits = assignment.limits
        function_seconds = limits.function_seconds * self.slowness
        submission_seconds = limits.submission_seconds * self.slowness
        if self.timeout is not None:
            submission_seconds = self.timeout
            share = self.timeout / len(assignment.functions)
            function_seconds = min(function_seconds, share)
        return dataclasses.replace(
            limits, function_seconds=function_seconds, submission_seconds=submission_seconds
        )


@dataclasses.dataclass(frozen=True, slots=True)
class Budget:
    """Seconds of one submission, over all its notebooks and all its runs.

    Reading and the search for repairs have processor time, runs have wall-clock time.

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
