#!/usr/bin/env python3
"""Measure the CPU time of diagnosis, for right and wrong submissions and for known mistakes.

Every labelled submission is graded with and without diagnosis, in turn, in one process. A timer
measures the stage itself. For known mistakes only the stage is run.
"""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any
from unittest import mock

ROOT = Path(__file__).resolve().parent.parent
# Our own folder must not be searched for modules: its profile.py would hide Python's.
sys.path[0] = str(ROOT)

from benchmarks import measure, options, profile
from grader import assignments, diagnosis, grading, judging
from grader.assignments import known_mistakes, oracle
from grader.diagnosis import FunctionRun, exceptions
from grader.grading import Settings, function
from grader.model import Assignment, Function, Observation, Tier
from grader.model.submission import Submission
from grader.notebook.slicing import Slice
from grader.sandbox import fork_server
from tests.submissions import load

EXERCISE = "regularization"
BOUNDS = {"right": 15, "wrong": 60}
"""Limits of the CPU time of diagnosis for a submission, in milliseconds."""

STAGE: tuple[tuple[Any, str], ...] = (
    (exceptions, "from_errors"),
    (function, "follow_through_of"),
    (diagnosis, "diagnose"),
)
"""The functions that make up the stage; none of them calls another."""


@dataclass(frozen=True, slots=True)
class Costs:
    """Milliseconds of one submission: the stage, and our process with and without it."""

    name: str
    stage: float
    graded: float = 0.0
    without: float = 0.0


@dataclass(frozen=True, slots=True)
class Kind:
    """The cost of submissions of one kind; `boxes` is the mean time of a sandbox."""

    costs: Sequence[Costs]
    boxes: float


def main() -> int:
    """Measure, print and write the tables."""
    arguments = options.parser(__file__, __doc__, repeats=5, of="rounds").parse_args()
    measure.adopt_orphans()
    assignment = assignments.load(EXERCISE)
    kinds = {kind: _labelled(assignment, kind, arguments.repeats) for kind in BOUNDS}
    mistakes = list(_known_mistakes(assignment, arguments.repeats))
    text = "\n".join((_stage_table(kinds, mistakes), _whole_table(kinds), _once(assignment)))
    fork_server.close_fork_servers()
    arguments.results.mkdir(parents=True, exist_ok=True)
    (arguments.results / "diagnosis.md").write_text(text, "utf-8")
    sys.stdout.write(text)
    return 0


# ------------------------------------------------------------------ labelled submissions


def _labelled(assignment: Assignment, kind: str, repeats: int) -> Kind:
    """Grade the labelled submissions of a kind repeatedly; the first round is not counted."""
    labelled = [item for item in load() if item.name.partition("-")[0] == kind]
    submissions = [Submission(item.name, item.data) for item in labelled]
    by_name: dict[str, list[Costs]] = {}
    boxes = []
    for repeat in range(repeats + 1):
        before = profile.of_descendants()
        costs = [_grade(assignment, submission) for submission in submissions]
        if repeat:
            boxes.append((profile.of_descendants() - before) * 1000 / (2 * len(costs)))
            for cost in costs:
                by_name.setdefault(cost.name, []).append(cost)
    return Kind([_typical(costs) for costs in by_name.values()], median(boxes))


def _typical(costs: Sequence[Costs]) -> Costs:
    return Costs(
        costs[0].name,
        median(cost.stage for cost in costs),
        median(cost.graded for cost in costs),
        median(cost.without for cost in costs),
    )


def _grade(assignment: Assignment, submission: Submission) -> Costs:
    """Grade a submission with diagnosis and without."""
    settings = Settings(seed=assignment.seed)
    spent: list[float] = []
    with _patched(lambda call: _clocked(call, spent)):
        graded = _spent(lambda: grading.grade(submission, assignment, settings))
    with _patched(_left_out):
        without = _spent(lambda: grading.grade(submission, assignment, settings))
    return Costs(submission.id, sum(spent), graded, without)


@contextlib.contextmanager
def _patched(change: Callable[[Callable[..., Any]], Callable[..., Any]]) -> Iterator[None]:
    with contextlib.ExitStack() as stack:
        for owner, name in STAGE:
            changed = change(getattr(owner, name))
            stack.enter_context(mock.patch.object(owner, name, changed))
        yield


def _clocked(call: Callable[..., Any], spent: list[float]) -> Callable[..., Any]:
    """Return a call that records its time; an iterator is consumed."""

    def timed(*args: Any) -> Any:
        started = time.process_time()
        try:
            value = call(*args)
            return tuple(value) if isinstance(value, Iterator) else value
        finally:
            spent.append(1000 * (time.process_time() - started))

    return timed


def _left_out(call: Callable[..., Any]) -> Callable[..., Any]:
    """Return a replacement for a part of the stage: checks are unchanged, diagnoses are empty."""
    return (lambda _, checks: checks) if call.__name__ == "follow_through_of" else lambda *_: ()


def _spent(call: Callable[[], object]) -> float:
    started = time.process_time()
    call()
    return 1000 * (time.process_time() - started)


# ------------------------------------------------------------------ known mistakes


def _known_mistakes(assignment: Assignment, repeats: int) -> Iterator[Costs]:
    """Yield the time to diagnose each known mistake and variant, with carried points."""
    tier = Settings(assignment.seed).tier
    expectations = oracle.consult(assignment, assignment.seed, tier=tier)
    for graded in assignment.functions:
        reference = expectations.reference[graded.name]
        cases = expectations.cases[graded.name]
        mistakes = oracle.mistake_observations(assignment, assignment.seed, graded.name, tier=tier)
        expected = Observation(reference.outcomes[: len(cases)], reference.ending)
        for name, actual in mistakes.items():
            run = FunctionRun(graded, Slice(graded.name), cases, expected, actual)
            times = [_stage_time(assignment, run, mistakes) for _ in range(repeats + 1)]
            yield Costs(f"{graded.name} {name}", median(times[1:]))


def _stage_time(assignment: Assignment, run: FunctionRun, mistakes: Any) -> float:
    graded: Function = run.function
    checks, structural = judging.judge(graded, run.cases, run.expected, run.actual)
    hints = known_mistakes.hints(assignment, graded.name)
    spent: list[float] = []
    with _patched(lambda call: _clocked(call, spent)):
        errors = exceptions.from_errors(run.slice_, graded, run.actual)
        function.follow_through_of(run, checks)
        diagnosis.diagnose(run, (*errors, *structural), hints, lambda: mistakes)
    return sum(spent)


def _once(assignment: Assignment) -> str:
    """Return a sentence on the time to run all known mistakes, which each process does once."""
    seed = assignment.seed + 1
    oracle.consult(assignment, seed, tier=Tier.FULL)
    before = 1000 * profile.of_descendants()
    ours = sum(
        _spent(partial(oracle.mistake_observations, assignment, seed, graded.name, tier=Tier.FULL))
        for graded in assignment.functions
    )
    boxes = 1000 * profile.of_descendants() - before
    return (
        "All known mistakes run once in each process, when a submission needs them: "
        f"{ours:.0f} ms in our process, {boxes:.0f} ms in its sandboxes.\n"
    )


# ------------------------------------------------------------------ tables


def _stage_table(kinds: dict[str, Kind], mistakes: Sequence[Costs]) -> str:
    head = "| diagnosis of | number | median, ms | 90th percentile, ms | maximum, ms | bound, ms |"
    lines = [head, f"| --- |{' ---: |' * 5}"]
    for name, kind in kinds.items():
        lines.append(_stage_row(f"{name} submissions", kind.costs, str(BOUNDS[name])))
    lines.append(_stage_row("single known mistakes", mistakes, str(BOUNDS["wrong"])))
    worst = max((*kinds["wrong"].costs, *mistakes), key=lambda cost: cost.stage)
    return "\n".join(lines) + f"\n\nThe maximum is that of {worst.name}.\n"


def _stage_row(name: str, costs: Sequence[Costs], bound: str) -> str:
    spent = sorted(cost.stage for cost in costs)
    tenth = spent[min(len(spent) - 1, (9 * len(spent)) // 10)]
    figures = (median(spent), tenth, spent[-1])
    return f"| {name} | {len(spent)} | {' | '.join(f'{x:.2f}' for x in figures)} | {bound} |"


def _whole_table(kinds: dict[str, Kind]) -> str:
    head = "| medians, ms | our process | without diagnosis | its sandboxes | share of the whole |"
    lines = [head, f"| --- |{' ---: |' * 4}"]
    for name, kind in kinds.items():
        graded = median(cost.graded for cost in kind.costs)
        without = median(cost.without for cost in kind.costs)
        share = median(cost.stage / (cost.graded + kind.boxes) for cost in kind.costs)
        lines.append(
            f"| {name} submissions | {graded:.1f} | {without:.1f} | {kind.boxes:.1f} | {share:.0%} |"
        )
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
