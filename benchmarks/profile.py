#!/usr/bin/env python3
"""Show where the milliseconds of one submission go, stage by stage, and those of starting a box.

The stages are timed from outside, by clocks put around functions of the grader; time in a stage
within another is told of the inner one only.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any
from unittest import mock

ROOT = Path(__file__).resolve().parent.parent
# Our own folder must not be searched for modules: this file would hide Python's profile.
sys.path[0] = str(ROOT)

from benchmarks import measure, workload  # noqa: E402
from grader import assignment, batch, gradebook, grading, judge, notebook, oracle, report  # noqa: E402
from grader import sandbox as boxes  # noqa: E402
from grader.grading import Settings  # noqa: E402
from grader.model import Assignment, Result, Submission  # noqa: E402
from grader.sandbox import launch, warm  # noqa: E402

RESULTS = ROOT / "benchmarks" / "results"
STAGES: tuple[tuple[str, Any, str], ...] = (
    ("read the notebook", notebook, "read"),
    ("extract what each function needs", oracle, "slices_of"),
    ("start the box", warm.Nursery, "box"),
    ("make the calls, read the answers", boxes, "run"),
    ("end the box", launch.Box, "close"),
    ("judge", judge, "judge"),
    ("score and put together", grading, "grade"),
    ("journal", gradebook.Gradebook, "record"),
    ("result as JSON", gradebook, "to_json"),
    ("report page", report, "student_page"),
    ("write the files", batch, "write_views"),
)
BOX_STEPS: tuple[tuple[str, str], ...] = (
    ("bubblewrap, until it runs Python", ""),
    ("Python itself", "pass"),
    ("NumPy", "import sys; sys.path[:0] = {path}; import numpy"),
    ("what the worker imports", "import sys; sys.path[:0] = {path}; import worker"),
)
_HEAD = ("wall, ms", "CPU, ms")


@dataclass(frozen=True, slots=True)
class Spent:
    """Seconds by the clock on the wall and of CPU time."""

    wall: float = 0.0
    cpu: float = 0.0

    def __add__(self, other: Spent) -> Spent:
        return Spent(self.wall + other.wall, self.cpu + other.cpu)

    def __sub__(self, other: Spent) -> Spent:
        return Spent(self.wall - other.wall, self.cpu - other.cpu)


@dataclass(slots=True)
class Clocks:
    """What one submission spent in each stage, by our own process; `box` is the CPU of all others."""

    stages: dict[str, Spent] = field(default_factory=lambda: defaultdict(Spent))
    within: list[Spent] = field(default_factory=list)
    box: Spent = Spent()

    def around(self, stage: str, call: Callable[..., Any]) -> Callable[..., Any]:
        """Return `call` with a clock around it."""

        def timed(*args: Any, **kwargs: Any) -> Any:
            self.within.append(Spent())
            before = _now()
            try:
                return call(*args, **kwargs)
            finally:
                self._note(stage, _now() - before)

        return timed

    def _note(self, stage: str, spent: Spent) -> None:
        self.stages[stage] += spent - self.within.pop()
        if self.within:
            self.within[-1] += spent


def main() -> int:
    """Measure, print the tables, and keep them."""
    options = _parser().parse_args()
    measure.adopt_orphans()
    stated = assignment.load(workload.EXERCISE)
    with tempfile.TemporaryDirectory(prefix="grader-profile-") as name:
        tables = (
            _submission_table(stated, Path(name), options.repeats),
            _box_table(stated, Path(name), options.repeats),
            _once_table(stated, Path(name), options.repeats),
        )
    text = "\n".join(tables)
    options.results.mkdir(parents=True, exist_ok=True)
    (options.results / "profile.md").write_text(text, "utf-8")
    sys.stdout.write(text)
    return 0


# ------------------------------------------------------------------ a submission


def _submission_table(stated: Assignment, folder: Path, repeats: int) -> str:
    seen = list(_graded(stated, folder, repeats))
    rows = [(s, [one.stages[s] for one in seen]) for s, _, _ in STAGES]
    total = [sum(one.stages.values(), one.box) for one in seen]
    others = ("the processes of the box, meanwhile", [one.box for one in seen])
    return _table("one submission", [*rows, others, ("together", total)])


def _graded(stated: Assignment, folder: Path, repeats: int) -> Iterator[Clocks]:
    """Grade the class as `batch` does, again and again; the first time round is not told."""
    settings = Settings(seed=stated.seed)
    oracle.consult(stated, settings.seed, wall=settings.wall)
    class_ = [Submission(n, json.dumps(d).encode()) for n, d in workload.documents(10)]
    with gradebook.opened(folder, "profile") as book:
        for repeat in range(repeats + 1):
            for submission in class_:
                clocks = _one(submission, stated, settings, book=book, folder=folder / str(repeat))
                if repeat:
                    yield clocks


def _one(
    submission: Submission,
    stated: Assignment,
    settings: Settings,
    *,
    book: gradebook.Gradebook,
    folder: Path,
) -> Clocks:
    _reap()
    clocks, before = Clocks(), _of_children()
    with _clocked(clocks):
        result: Result = grading.grade(submission, stated, settings)
        book.record(result)
        batch.write_views(result, folder)
    _reap()
    clocks.box = _of_children() - before
    return clocks


@contextlib.contextmanager
def _clocked(clocks: Clocks) -> Iterator[None]:
    with contextlib.ExitStack() as stack:
        for stage, owner, name in STAGES:
            call = clocks.around(stage, getattr(owner, name))
            stack.enter_context(mock.patch.object(owner, name, call))
        yield


# ------------------------------------------------------------------ a box


def _box_table(stated: Assignment, folder: Path, repeats: int) -> str:
    """Tell what a start takes that ends after each step; the first steps are in the later ones."""
    command = _box_command(stated)
    python = command.index("-I")
    path = json.loads(command[-1])["path"]
    codes = [code.format(path=path) for _, code in BOX_STEPS]
    told = [[_started(command[:python], code, folder) for code in codes] for _ in range(repeats)]
    rows = [(name, [one[i] for one in told]) for i, (name, _) in enumerate(BOX_STEPS)]
    return _table("starting a box, as far as", rows)


def _box_command(stated: Assignment) -> list[str]:
    """Return the command line that the grader starts a box with."""
    assert stated.files is not None
    furniture = boxes.Furniture(stated.files.helpers, stated.packages)
    with mock.patch.object(subprocess, "Popen", wraps=subprocess.Popen) as popen:
        launch.cold(furniture, stated.limits).close()
    _reap()
    command: list[str] = popen.call_args.args[0]
    return command


def _started(prefix: Sequence[str], code: str, folder: Path) -> Spent:
    what = ["-I", "-S", "-B", "-c", code] if code else ["--version"]
    cost = measure.run([*prefix, *what], cwd=folder)
    return Spent(cost.wall_s, cost.cpu_s)


# ------------------------------------------------------------------ once a batch


def _once_table(stated: Assignment, folder: Path, repeats: int) -> str:
    importing = [sys.executable, "-c", "import grader.cli"]
    where = {"PYTHONPATH": str(ROOT)}
    started = [measure.run(importing, cwd=folder, extra=where) for _ in range(repeats)]
    seeds = range(stated.seed + 1, stated.seed + 1 + repeats)
    rows = [
        ("Python and our imports", [Spent(cost.wall_s, cost.cpu_s) for cost in started]),
        ("prove that a box can be had", [_spent(boxes.prove) for _ in range(repeats)]),
        (
            "run the reference and the untouched notebook",
            [_spent(partial(oracle.consult, stated, seed, wall="full")) for seed in seeds],
        ),
    ]
    return _table("once a batch", rows)


def _spent(call: Callable[[], object]) -> Spent:
    """Return what a call takes, with all processes that it starts."""
    _reap()
    before = _now() + _of_children()
    call()
    wall = time.perf_counter()
    _reap()
    return Spent(wall, time.process_time() + _of_children().cpu) - before


# ------------------------------------------------------------------ clocks and tables


def _now() -> Spent:
    return Spent(time.perf_counter(), time.process_time())


def _of_children() -> Spent:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return Spent(0.0, usage.ru_utime + usage.ru_stime)


def _reap() -> None:
    """Wait for what killed boxes have left to us."""
    with contextlib.suppress(ChildProcessError):
        while True:
            os.wait4(-1, 0)


def _table(title: str, rows: Sequence[tuple[str, Sequence[Spent]]]) -> str:
    """Return medians as a Markdown table."""
    lines = [f"| {title} | {' | '.join(_HEAD)} |", "| --- | ---: | ---: |"]
    for name, spent in rows:
        wall, cpu = median(s.wall for s in spent), median(s.cpu for s in spent)
        lines.append(f"| {name} | {f'{1000 * wall:.1f}' if wall else '-'} | {1000 * cpu:.1f} |")
    return "\n".join(lines) + "\n"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python benchmarks/profile.py",
        description=__doc__,
        epilog="example: python benchmarks/profile.py --repeats 5",
    )
    parser.add_argument(
        "--repeats", type=int, default=5, metavar="R", help="rounds through the class (default 5)"
    )
    parser.add_argument(
        "--results", type=Path, default=RESULTS, metavar="DIR", help="where the tables are kept"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
