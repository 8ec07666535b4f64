#!/usr/bin/env python3
"""Measure the search for repairs: its CPU time, its success, and its share in the time of a class.

    python benchmarks/repair.py --number 60 --seed 1 --class-of 200

A sample is a right labelled notebook with one function replaced by a mutant of it that fails. The CPU
time is that of all processes, the sandbox among them. The class is graded twice in turn, notebook by
notebook, with the search and without it, in a process that has graded before.
"""

from __future__ import annotations

import argparse
import ast
import json
import random
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple
from unittest import mock

ROOT = Path(__file__).resolve().parent.parent
sys.path[0] = str(ROOT)  # our own folder has a profile.py, which would hide Python's

from benchmarks import measure, profile
from grader import assignments, grading
from grader.diagnosis import repair
from grader.diagnosis.repair import Problem, Repair
from grader.grading import Settings, repairs
from grader.model import Assignment, Tier
from grader.model.findings import FunctionStatus
from grader.model.result import FunctionResult
from grader.model.submission import Submission
from grader.notebook.slicing import Slice
from grader.sandbox import fork_server
from grader.verify import mutation
from tests.submissions import load


class Sample(NamedTuple):
    """A notebook with a mutant of a function, and the lines of its cell that the mutant changes."""

    function: str
    notebook: bytes
    lines: frozenset[int]
    change: str


def samples(assignment: Assignment, seed: int) -> Iterator[Sample]:
    """Yield mutants of the functions of right notebooks in random order, without end."""
    random_ = random.Random(seed)  # noqa: S311 - a sample, no secret
    right = [s.data for s in load() if s.name.startswith("right") and not s.hostile]
    names = [function.name for function in assignment.functions]
    while True:
        name, data = random_.choice(names), random_.choice(right)
        yield from _sample(name, data, random_)


def _sample(name: str, data: bytes, random_: random.Random) -> Iterator[Sample]:
    """Yield a mutant of a function, if a cell of the notebook has this function and nothing else."""
    try:
        notebook = json.loads(data)
    except ValueError:
        return
    for cell in notebook.get("cells", ()):
        source = "".join(cell["source"])
        if cell["cell_type"] == "code" and _is_only(name, source):
            own = [m for m in mutation.mutants(source, name) if m.function == name]
            if own:
                mutant = random_.choice(own)
                before = mutation.unchanged(source, name).source.split("\n")
                after = mutant.source.split("\n")
                pairs = enumerate(zip(before, after, strict=False), 1)
                lines = frozenset(number for number, (old, new) in pairs if old != new)
                cell["source"] = mutant.source
                yield Sample(name, json.dumps(notebook).encode(), lines, mutant.change)
            return


def _is_only(name: str, source: str) -> bool:
    try:
        body = ast.parse(source).body
    except SyntaxError:
        return False
    return len(body) == 1 and isinstance(body[0], ast.FunctionDef) and body[0].name == name


class Search(NamedTuple):
    """The search for a repair of one function: its CPU seconds, 0 if a known mistake is named."""

    seconds: float
    is_repaired: bool
    is_in_line: bool


def _cpu() -> float:
    return time.process_time() + profile.of_descendants()


def searches(assignment: Assignment, wanted: Iterator[Sample], number: int) -> list[Search]:
    """Grade samples until some have failed; return the search of each of these."""
    results: list[Search] = []
    original: Callable[..., Any] = repairs.Repairs.diagnose
    find: Callable[[Problem, Slice], Repair | None] = repair.find_repair
    spent: dict[str, tuple[float, bool]] = {}
    searched: set[str] = set()

    def noted(problem: Problem, slice_: Slice) -> Repair | None:
        searched.add(problem.function.name)
        return find(problem, slice_)

    def timed(self: object, graded: repairs.GradedFunction) -> Any:
        start = _cpu()
        diagnoses = original(self, graded)
        is_new = diagnoses != graded.result.diagnoses
        spent[graded.function.name] = _cpu() - start, is_new
        return diagnoses

    with (
        mock.patch.object(repairs.Repairs, "diagnose", timed),
        mock.patch.object(repair, "find_repair", noted),
    ):
        for sample in wanted:
            spent.clear()
            searched.clear()
            result = _graded(assignment, sample, sample.function)
            if result.status is not FunctionStatus.PASSED and sample.function in spent:
                lines = frozenset(diagnosis.line for diagnosis in result.diagnoses)
                seconds, is_repaired = spent[sample.function]
                seconds = seconds if sample.function in searched else 0.0
                results.append(Search(seconds, is_repaired, bool(lines & sample.lines)))
                if len(results) == number:
                    break
    return results


def _graded(assignment: Assignment, sample: Sample, function: str) -> FunctionResult:
    settings = Settings(seed=assignment.seed, tier=Tier.FULL)
    result = grading.grade(Submission("sample", sample.notebook), assignment, settings)
    return next(f for f in result.functions if f.name == function)


def class_seconds(assignment: Assignment, notebooks: Sequence[Sample]) -> tuple[float, float]:
    """Return the CPU seconds to grade a class with the search for repairs, and without it."""
    totals = {True: 0.0, False: 0.0}
    for number, sample in enumerate(notebooks):
        for with_search in (True, False) if number % 2 else (False, True):
            start = _cpu()
            if with_search:
                _graded(assignment, sample, sample.function)
            else:
                with mock.patch.object(
                    repairs.Repairs, "diagnose", lambda _, g: g.result.diagnoses
                ):
                    _graded(assignment, sample, sample.function)
            totals[with_search] += _cpu() - start
    return totals[True], totals[False]


def main() -> int:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else "")
    parser.add_argument("--number", type=int, default=60, help="failing mutants (default 60)")
    parser.add_argument("--seed", type=int, default=1, help="of the choice of mutants (default 1)")
    parser.add_argument("--class-of", type=int, default=0, help="notebooks of a class (default 0)")
    options = parser.parse_args()
    measure.adopt_orphans()
    assignment = assignments.load("regularization")
    mutants = samples(assignment, options.seed)
    searches(assignment, mutants, 3)  # starts the sandbox
    found = searches(assignment, mutants, options.number)
    searched = [search for search in found if search.seconds]
    times = sorted(1000 * search.seconds for search in searched) or [0.0]
    repaired = sum(search.is_repaired for search in searched)
    in_line = sum(search.is_in_line for search in found)
    write = sys.stdout.write
    write(f"{len(searched)} searches: {median(times):.0f} ms in the middle, {times[-1]:.0f} most\n")
    write(f"{repaired} of {len(searched)} repaired; {in_line} of {len(found)} in the line\n")
    if options.class_of:
        notebooks = [next(mutants) for _ in range(options.class_of)]
        on, off = class_seconds(assignment, notebooks)
        write(f"a class of {options.class_of}: {on:.1f} s, {off:.1f} s without repairs\n")
    fork_server.close_fork_servers()
    return 0


if __name__ == "__main__":
    sys.exit(main())
