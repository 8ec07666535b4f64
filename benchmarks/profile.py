#!/usr/bin/env python3
"""Profile the grading of one submission by stage, and the start of a sandbox.

Functions of the grader are wrapped with timers. The time of a nested stage counts for the inner stage
only.
"""

from __future__ import annotations

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

from benchmarks import measure, options, workload
from grader import assignments, grading, judging
from grader import sandbox as boxes
from grader.assignments import oracle
from grader.batch import folder, journal
from grader.batch.journal import Conditions
from grader.grading import Settings
from grader.messages import UNTRANSLATED
from grader.model import Assignment, Tier
from grader.model.submission import Submission
from grader.notebook import reader
from grader.sandbox import fork_server, launch
from grader.views import html

STAGES: tuple[tuple[str, Any, str], ...] = (
    ("read and slice the notebook", reader, "read_with_limits"),
    ("fork a sandbox", fork_server.ForkServer, "box"),
    ("run the functions", boxes, "run"),
    ("end the sandbox", launch.Box, "close"),
    ("judge", judging, "judge"),
    ("score and combine", grading, "grade"),
    ("journal", journal.Gradebook, "record"),
    ("result as JSON", journal, "to_json"),
    ("report page", html, "student_page"),
    ("write the files", folder, "write_views"),
)
START_STEPS: tuple[tuple[str, str], ...] = (
    ("bubblewrap, until it runs Python", ""),
    ("Python itself", "pass"),
    ("NumPy", "import sys; sys.path[:0] = {path}; import numpy"),
    (
        "modules of the sandbox",
        (
            "import sys; sys.path[:0] = {path}; import fork_server, runner; "
            "runner.prepare({helpers}, {preloaded})"
        ),
    ),
)
CLASS = 10
_HEAD = ("wall, ms", "CPU, ms")


@dataclass(frozen=True, slots=True)
class Spent:
    """Seconds of wall time and of CPU time."""

    wall: float = 0.0
    cpu: float = 0.0

    def __add__(self, other: Spent) -> Spent:
        return Spent(self.wall + other.wall, self.cpu + other.cpu)

    def __sub__(self, other: Spent) -> Spent:
        return Spent(self.wall - other.wall, self.cpu - other.cpu)


@dataclass(slots=True)
class Clocks:
    """The time of our own process for one submission, by stage."""

    stages: dict[str, Spent] = field(default_factory=lambda: defaultdict(Spent))
    within: list[Spent] = field(default_factory=list)

    def around(self, stage: str, call: Callable[..., Any]) -> Callable[..., Any]:
        """Return `call` with a timer."""

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
    """Measure, print and write the tables."""
    arguments = options.parser(
        __file__, __doc__, repeats=5, of="rounds through the class"
    ).parse_args()
    measure.adopt_orphans()
    assignment = assignments.load(workload.EXERCISE)
    with tempfile.TemporaryDirectory(prefix="grader-profile-") as name:
        tables = (
            _submission_table(assignment, Path(name), arguments.repeats),
            _start_table(assignment, Path(name), arguments.repeats),
            _once_table(assignment, Path(name), arguments.repeats),
        )
    text = "\n".join(tables)
    arguments.results.mkdir(parents=True, exist_ok=True)
    (arguments.results / "profile.md").write_text(text, "utf-8")
    sys.stdout.write(text)
    return 0


# ------------------------------------------------------------------ a submission


def _submission_table(assignment: Assignment, folder: Path, repeats: int) -> str:
    """Return the table of the stages of our own process, and of its sandboxes."""
    samples: list[Clocks] = []
    boxed: list[Spent] = []
    with journal.opened(folder, Conditions("profile")) as book:
        grade = partial(_one, assignment, book)
        for repeat in range(repeats + 1):
            before = of_descendants()
            clocks = [grade(one, folder / str(repeat)) for one in _class()]
            if repeat:  # the first time round, interpreters are started and templates are read
                samples += clocks
                boxed.append(Spent(cpu=(of_descendants() - before) / CLASS))
    fork_server.close_fork_servers()
    reader.close_readers()
    rows = [(s, [clock.stages[s] for clock in samples]) for s, _, _ in STAGES]
    typical = sum(
        (Spent(median(x.wall for x in t), median(x.cpu for x in t)) for _, t in rows), Spent()
    )
    together = [typical + Spent(cpu=median(spent.cpu for spent in boxed))]
    rows += [("processes of the sandbox", boxed), ("total", together)]
    return _table("one submission", rows)


def _class() -> list[Submission]:
    return [Submission(n, json.dumps(d).encode()) for n, d in workload.documents(CLASS)]


def _one(
    assignment: Assignment, book: journal.Gradebook, submission: Submission, place: Path
) -> Clocks:
    """Process a submission like `grader batch`."""
    clocks = Clocks()
    with _clocked(clocks):
        result = grading.grade(submission, assignment, Settings(seed=assignment.seed))
        book.record(result)
        views = folder.make_views(result, UNTRANSLATED)
        folder.write_views(place, result.submission, views)
    return clocks


@contextlib.contextmanager
def _clocked(clocks: Clocks) -> Iterator[None]:
    with contextlib.ExitStack() as stack:
        for stage, owner, name in STAGES:
            call = clocks.around(stage, getattr(owner, name))
            stack.enter_context(mock.patch.object(owner, name, call))
        yield


# ------------------------------------------------------------------ a warm interpreter


def _start_table(assignment: Assignment, folder: Path, repeats: int) -> str:
    """Return the table of starts that end after each step; later steps include earlier ones."""
    command = _start_command(assignment)
    python = command.index("-I")
    settings = json.loads(command[-1])
    codes = [code.format(**settings) for _, code in START_STEPS]
    starts = [[_started(command[:python], code, folder) for code in codes] for _ in range(repeats)]
    rows = [(name, [start[i] for start in starts]) for i, (name, _) in enumerate(START_STEPS)]
    return _table("start of a fork server, up to", rows)


def _start_command(assignment: Assignment) -> list[str]:
    """Return the command line of a fork server."""
    contents = boxes.BoxContents(assignment.files.helpers, assignment.packages)
    with mock.patch.object(subprocess, "Popen", wraps=subprocess.Popen) as popen:
        control, end = launch.start_fork_server(contents, assignment.limits, Tier.FULL)
    control.close()
    end()
    command: list[str] = popen.call_args.args[0]
    return command


def _started(prefix: Sequence[str], code: str, folder: Path) -> Spent:
    options = ["-I", "-S", "-B", "-c", code] if code else ["--version"]
    cost = measure.run([*prefix, *options], cwd=folder)
    return Spent(cost.wall_s, cost.cpu_s)


# ------------------------------------------------------------------ once per batch


def _once_table(assignment: Assignment, folder: Path, repeats: int) -> str:
    importing = [sys.executable, "-c", "import grader.cli"]
    where = {"PYTHONPATH": str(ROOT)}
    started = [measure.run(importing, cwd=folder, extra=where) for _ in range(repeats)]
    seeds = range(assignment.seed + 1, assignment.seed + 1 + repeats)
    rows = [
        ("Python and our imports", [Spent(cost.wall_s, cost.cpu_s) for cost in started]),
        ("prove that a sandbox works", [_spent(boxes.choose_tier) for _ in range(repeats)]),
        (
            "start a fork server, run the reference and the template",
            [_spent(partial(oracle.consult, assignment, seed, tier=Tier.FULL)) for seed in seeds],
        ),
    ]
    return _table("once per batch", rows)


def _spent(call: Callable[[], object]) -> Spent:
    """Return the time of a call until all processes that it started have ended."""
    before = _now() + _of_children()
    call()
    fork_server.close_fork_servers()
    reader.close_readers()
    wall = time.perf_counter()
    with contextlib.suppress(ChildProcessError):
        while True:
            os.wait4(-1, 0)
    return Spent(wall, time.process_time() + _of_children().cpu) - before


# ------------------------------------------------------------------ clocks and tables


def _now() -> Spent:
    return Spent(time.perf_counter(), time.process_time())


def _of_children() -> Spent:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return Spent(0.0, usage.ru_utime + usage.ru_stime)


def of_descendants() -> float:
    """Return the CPU seconds of all living descendants and of those they have waited for."""
    family, cpu = {os.getpid()}, 0.0
    for pid, parent, spent in sorted(_processes()):
        if parent in family:
            family.add(pid)
            cpu += spent
    return cpu


def _processes() -> Iterator[tuple[int, int, float]]:
    """Yield the id, the parent's id and the CPU seconds of every process."""
    for status in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            fields = status.read_text("utf-8", "replace").rpartition(")")[2].split()
            spent = sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")
            yield int(status.parent.name), int(fields[1]), spent


def _table(title: str, rows: Sequence[tuple[str, Sequence[Spent]]]) -> str:
    """Return medians as a Markdown table."""
    lines = [f"| {title} | {' | '.join(_HEAD)} |", "| --- | ---: | ---: |"]
    for name, spent in rows:
        wall, cpu = median(s.wall for s in spent), median(s.cpu for s in spent)
        lines.append(f"| {name} | {f'{1000 * wall:.1f}' if wall else '-'} | {1000 * cpu:.1f} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
