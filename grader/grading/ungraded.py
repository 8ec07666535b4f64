"""Report the state of functions that students are asked to change, and that have no points."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from grader.assignments.oracle import Expectations
from grader.grading.function import GradingContext
from grader.judging import same_values
from grader.model import Observation
from grader.model.result import OTHERWISE, RIGHT, UngradedState


def definitions(name: str, expectations: Expectations) -> dict[str, Observation]:
    """Return the observation of each state of an ungraded function that the reference defines."""
    return {RIGHT: expectations.reference[name], **expectations.alternatives.get(name, {})}


def ungraded_states(
    context: GradingContext, observations: Mapping[str, Observation]
) -> Iterator[UngradedState]:
    """Yield the state of each ungraded function that the notebook defines."""
    expectations = context.expectations
    for entry in context.assignment.ungraded:
        name = entry.function.name
        if name not in observations:
            continue
        known = definitions(name, expectations)
        matching = (
            state
            for state, expected in known.items()
            if state in entry.states and same_values(entry.function, expected, observations[name])
        )
        state = next(matching, OTHERWISE)
        yield UngradedState(name, state, entry.states.get(state, entry.otherwise))
