#!/usr/bin/env python3
"""Measure the cost of reading a notebook in a process of its own, beside reading it in this process.

Both read and slice the honest labelled submissions, alternately. The CPU time of both processes is
counted, so that other load on the machine matters little. The start of a reader is not counted.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parent.parent
# Our own folder must not be searched for modules: its profile.py would hide Python's.
sys.path[0] = str(ROOT)

from benchmarks import options, workload
from grader import assignments
from grader.assignments.notebooks import read_submission, slices_of
from grader.notebook import read, reader
from tests.submissions.corpus import read_all


def main() -> int:
    """Measure, print and write a table."""
    arguments = options.parser(__file__, __doc__, repeats=9, of="readings").parse_args()
    assignment = assignments.load(workload.EXERCISE)
    notebooks = [
        labelled.data
        for labelled in read_all()
        if labelled.status == frozenset({"graded"}) and not labelled.hostile
    ]
    ways: list[Callable[[bytes], object]] = [
        lambda data: slices_of(assignment, read(data)),
        lambda data: read_submission(assignment, data),
    ]
    reader.start_reader()
    rows = [_fastest(data, ways, arguments.repeats) for data in notebooks]
    reader.close_readers()
    text = _table(rows)
    arguments.results.mkdir(parents=True, exist_ok=True)
    (arguments.results / "reader.md").write_text(text, "utf-8")
    sys.stdout.write(text)
    return 0


def _fastest(data: bytes, ways: list[Callable[[bytes], object]], repeats: int) -> list[float]:
    """Return the milliseconds of each way, of the fastest repeat."""
    times = [[_milliseconds(way, data) for way in ways] for _ in range(repeats + 1)]
    return [min(series) for series in zip(*times[1:], strict=True)]


def _milliseconds(way: Callable[[bytes], object], data: bytes) -> float:
    start = _cpu_seconds()
    way(data)
    return 1000 * (_cpu_seconds() - start)


def _cpu_seconds() -> float:
    """Return the CPU time of this process and its reader so far."""
    idle = reader._idle  # noqa: SLF001
    others = (Path(f"/proc/{process.pid}/schedstat").read_text().split()[0] for process in idle)
    return time.process_time() + sum(map(int, others)) / 1e9


def _table(rows: list[list[float]]) -> str:
    added = [theirs - ours for ours, theirs in rows]
    lines = [
        "| CPU time of reading and slicing | median, ms | largest, ms |",
        "| --- | ---: | ---: |",
    ]
    series = {"in this process": [row[0] for row in rows], "in a reader": [row[1] for row in rows]}
    for name, times in (series | {"added by the reader": added}).items():
        lines.append(f"| {name} | {median(times):.2f} | {max(times):.2f} |")
    return "\n".join([*lines, "", f"Of {len(rows)} labelled submissions."]) + "\n"


if __name__ == "__main__":
    sys.exit(main())
