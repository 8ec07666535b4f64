#!/usr/bin/env python3
"""Show what naming mistakes costs: CPU time of it for right and wrong submissions, and of the whole.

Every labelled submission is graded with diagnosis and without it, in turn, in one process. A clock
around the stage tells what it takes by itself; the known mistakes are asked of it alone.
"""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any
from unittest import mock

ROOT = Path(__file__).resolve().parent.parent
# Our own folder must not be searched for modules: its profile.py would hide Python's.
sys.path[0] = str(ROOT)

from benchmarks import measure, options, profile
from grader import assignments, diagnosis, grading, judging
from grader.assignments import misconceptions, oracle
from grader.diagnosis import FunctionRun, exceptions
from grader.grading import Settings, function
from grader.model import Assignment, Function, Observation, Submission, Tier
from grader.notebook.slicing import Slice
from grader.sandbox import fork_server
from tests.submissions import load

EXERCISE = "regularization"
BOUNDS = {"right": 15, "wrong": 60}
"""Milliseconds of CPU time that diagnosis may add to a submission."""

STAGE: tuple[tuple[Any, str], ...] = (
    (exceptions, "from_errors"),
    (function, "follow_through_of"),
    (diagnosis, "diagnose"),
)
"""The functions that make up the stage; none of them calls another."""


@dataclass(frozen=True, slots=True)
class Costs:
    """Milliseconds of one submission: of diagnosis, and of our process with and without it."""

    name: str
    stage: float
    graded: float = 0.0
    without: float = 0.0


@dataclass(frozen=True, slots=True)
class Kind:
    """What submissions of one kind cost; `boxes` is what a box took for each, on average."""

    costs: Sequence[Costs]
    boxes: float


def main() -> int:
    """Measure, print the tables, and keep them."""
    asked = options.parser(__file__, __doc__, repeats=5, of="rounds that count").parse_args()
    measure.adopt_orphans()
    stated = assignments.load(EXERCISE)
    kinds = {kind: _labelled(stated, kind, asked.repeats) for kind in BOUNDS}
    known = list(_known(stated, asked.repeats))
    text = "\n".join((_stage_table(kinds, known), _whole_table(kinds), _once(stated)))
    fork_server.close_fork_servers()
    asked.results.mkdir(parents=True, exist_ok=True)
    (asked.results / "diagnosis.md").write_text(text, "utf-8")
    sys.stdout.write(text)
    return 0


# ------------------------------------------------------------------ labelled submissions


def _labelled(stated: Assignment, kind: str, repeats: int) -> Kind:
    """Grade the labelled submissions of a kind so often; the first time round only warms up."""
    known = [one for one in load() if one.name.partition("-")[0] == kind]
    handed_in = [Submission(one.name, one.data) for one in known]
    seen: dict[str, list[Costs]] = {}
    boxes = []
    for repeat in range(repeats + 1):
        before = profile.of_descendants()
        costs = [_graded(stated, one) for one in handed_in]
        if repeat:
            boxes.append((profile.of_descendants() - before) * 1000 / (2 * len(costs)))
            for one in costs:
                seen.setdefault(one.name, []).append(one)
    return Kind([_typical(costs) for costs in seen.values()], median(boxes))


def _typical(costs: Sequence[Costs]) -> Costs:
    return Costs(
        costs[0].name,
        median(one.stage for one in costs),
        median(one.graded for one in costs),
        median(one.without for one in costs),
    )


def _graded(stated: Assignment, submission: Submission) -> Costs:
    """Grade a submission with diagnosis and without."""
    settings = Settings(seed=stated.seed)
    spent: list[float] = []
    with _patched(lambda call: _clocked(call, spent)):
        graded = _spent(lambda: grading.grade(submission, stated, settings))
    with _patched(_left_out):
        without = _spent(lambda: grading.grade(submission, stated, settings))
    return Costs(submission.id, sum(spent), graded, without)


@contextlib.contextmanager
def _patched(change: Callable[[Callable[..., Any]], Callable[..., Any]]) -> Iterator[None]:
    with contextlib.ExitStack() as stack:
        for owner, name in STAGE:
            changed = change(getattr(owner, name))
            stack.enter_context(mock.patch.object(owner, name, changed))
        yield


def _clocked(call: Callable[..., Any], spent: list[float]) -> Callable[..., Any]:
    """Return a call that notes its time; what it would yield one by one is asked for at once."""

    def timed(*args: Any) -> Any:
        started = time.process_time()
        try:
            found = call(*args)
            return tuple(found) if isinstance(found, Iterator) else found
        finally:
            spent.append(1000 * (time.process_time() - started))

    return timed


def _left_out(call: Callable[..., Any]) -> Callable[..., Any]:
    """Return what stands in for a part of the stage: checks stay as they are, nothing is said."""
    return (lambda _, checks: checks) if call.__name__ == "follow_through_of" else lambda *_: ()


def _spent(call: Callable[[], object]) -> float:
    started = time.process_time()
    call()
    return 1000 * (time.process_time() - started)


# ------------------------------------------------------------------ known mistakes


def _known(stated: Assignment, repeats: int) -> Iterator[Costs]:
    """Yield what it takes to name each known mistake and variant, carried points included."""
    tier = Settings(stated.seed).tier
    expectations = oracle.consult(stated, stated.seed, tier=tier)
    for graded in stated.functions:
        reference = expectations.reference[graded.name]
        cases = expectations.cases[graded.name]
        known = oracle.known_mistakes(stated, stated.seed, graded.name, tier=tier)
        right = Observation(reference.outcomes[: len(cases)], reference.ending)
        for name, seen in known.items():
            told = [
                _named(stated, FunctionRun(graded, Slice(graded.name), cases, right, seen), known)
                for _ in range(repeats + 1)
            ]
            yield Costs(f"{graded.name} {name}", median(told[1:]))


def _named(stated: Assignment, asked: FunctionRun, known: Any) -> float:
    graded: Function = asked.function
    checks, named = judging.judge(graded, asked.cases, asked.expected, asked.actual)
    words = misconceptions.hints(stated, graded.name)
    spent: list[float] = []
    with _patched(lambda call: _clocked(call, spent)):
        told = exceptions.from_errors(asked.slice_, graded, asked.actual)
        function.follow_through_of(asked, checks)
        diagnosis.diagnose(asked, (*told, *named), words, lambda: known)
    return sum(spent)


def _once(stated: Assignment) -> str:
    """Tell what it takes to run all known mistakes, which a process does when they are first asked."""
    seed = stated.seed + 1
    oracle.consult(stated, seed, tier=Tier.FULL)
    before = 1000 * profile.of_descendants()
    ours = sum(
        _spent(lambda name=one.name: oracle.known_mistakes(stated, seed, name, tier=Tier.FULL))  # type: ignore[misc]
        for one in stated.functions
    )
    boxes = 1000 * profile.of_descendants() - before
    return (
        "Running all known mistakes, once a process and only if the numbers of a submission tell "
        f"nothing: {ours:.0f} ms in our process, {boxes:.0f} ms in its boxes.\n"
    )


# ------------------------------------------------------------------ tables


def _stage_table(kinds: dict[str, Kind], known: Sequence[Costs]) -> str:
    head = "| diagnosis of | number | median, ms | 90th percentile, ms | maximum, ms | bound, ms |"
    lines = [head, f"| --- |{' ---: |' * 5}"]
    for kind, found in kinds.items():
        lines.append(_stage_row(f"{kind} submissions", found.costs, str(BOUNDS[kind])))
    lines.append(_stage_row("known mistakes, one at a time", known, str(BOUNDS["wrong"])))
    worst = max((*kinds["wrong"].costs, *known), key=lambda one: one.stage)
    return "\n".join(lines) + f"\n\nThe maximum is that of {worst.name}.\n"


def _stage_row(name: str, costs: Sequence[Costs], bound: str) -> str:
    spent = sorted(one.stage for one in costs)
    tenth = spent[min(len(spent) - 1, (9 * len(spent)) // 10)]
    figures = (median(spent), tenth, spent[-1])
    return f"| {name} | {len(spent)} | {' | '.join(f'{x:.2f}' for x in figures)} | {bound} |"


def _whole_table(kinds: dict[str, Kind]) -> str:
    head = "| medians, ms | our process | without diagnosis | its boxes | share of the whole |"
    lines = [head, f"| --- |{' ---: |' * 4}"]
    for kind, found in kinds.items():
        graded = median(one.graded for one in found.costs)
        without = median(one.without for one in found.costs)
        share = median(one.stage / (one.graded + found.boxes) for one in found.costs)
        lines.append(
            f"| {kind} submissions | {graded:.1f} | {without:.1f} | {found.boxes:.1f} | {share:.0%} |"
        )
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
