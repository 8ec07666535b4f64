"""How to grade: the settings of a run."""

from __future__ import annotations

import dataclasses
from typing import Any

from grader.model import Assignment, Limits, Tier


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
