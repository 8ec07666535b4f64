"""How to grade: the settings of a run."""

from __future__ import annotations

import dataclasses

from grader.model import Assignment, Limits, Tier


@dataclasses.dataclass(frozen=True, slots=True)
class Settings:
    """The seed of the random test cases, the tier of the sandbox, the seconds for one submission.

    Without a `timeout` the assignment's limits apply.
    With `run_all` the whole notebook runs before its functions are called. `iterations` shortens its
    trainings, and `keep_notebook` adds the executed notebook to the result.
    """

    seed: int
    tier: Tier = Tier.FULL
    timeout: float | None = None
    run_all: bool = False
    iterations: int | None = None
    keep_notebook: bool = False

    def limits(self, assignment: Assignment) -> Limits:
        """Return the assignment's limits; a timeout is divided equally among the functions.

        It never lengthens the time of a single function.
        """
        if self.timeout is None:
            return assignment.limits
        share = self.timeout / max(1, len(assignment.functions))
        return dataclasses.replace(
            assignment.limits,
            submission_seconds=self.timeout,
            function_seconds=min(assignment.limits.function_seconds, share),
        )
