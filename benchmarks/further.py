#!/usr/bin/env python3
"""Measure the CPU time of a further right submission, in this checkout and in others, by turns.

Each `grader batch` runs on one right notebook and on a class of N. The difference is the cost of the
further submissions: grading in the full sandbox, the page, the files and the journal.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parent.parent
# Our own folder must not be searched for modules: its profile.py would hide Python's.
sys.path[0] = str(ROOT)

from benchmarks import measure, options, workload
from benchmarks.measure import Cost


def main() -> int:
    """Measure, print and write a table."""
    parser = options.parser(__file__, __doc__, repeats=3, of="runs of each checkout")
    parser.add_argument("--submissions", type=int, default=60, metavar="N")
    parser.add_argument("--peer", type=Path, action="append", default=[], metavar="CHECKOUT")
    chosen = parser.parse_args()
    measure.adopt_orphans()
    trees = [*chosen.peer, ROOT]
    with tempfile.TemporaryDirectory(prefix="grader-further-") as name:
        folder, n = Path(name), chosen.submissions
        for size in (1, n):
            _lay_out(folder / str(size), size)
        samples = [[_costs(folder, n, tree) for tree in trees] for _ in range(chosen.repeats)]
    lines = [
        "| checkout | CPU of a further right submission, ms | others, cores |",
        "| --- | ---: | ---: |",
    ]
    for tree, runs in zip(trees, zip(*samples, strict=True), strict=True):
        cpu = [1000 * (large.cpu_s - one.cpu_s) / (n - 1) for one, large in runs]
        busy = median(large.others_cores for _, large in runs)
        name = "this one" if tree == ROOT else tree.name
        spread = f"{median(cpu):.1f} ({min(cpu):.1f} to {max(cpu):.1f})"
        lines.append(f"| {name} | {spread} | {busy:.1f} |")
    text = "\n".join(lines) + "\n"
    chosen.results.mkdir(parents=True, exist_ok=True)
    (chosen.results / "further.md").write_text(text, "utf-8")
    sys.stdout.write(text)
    return 0


def _lay_out(folder: Path, size: int) -> None:
    right = (d for name, d in workload.documents(10 * size) if "-right" in name)
    for number, document in zip(range(size), right, strict=False):
        workload.write(folder / "submissions" / f"{number:04d}", document)


def _costs(folder: Path, n: int, tree: Path) -> tuple[Cost, Cost]:
    """Return the costs of one submission and of a class of n."""
    return _cost(folder / "1", tree), _cost(folder / str(n), tree)


def _cost(place: Path, tree: Path) -> Cost:
    shutil.rmtree(place / "graded", ignore_errors=True)
    command = [sys.executable, "-m", "grader", "batch", "submissions", "--out", "graded"]
    return measure.run(command, cwd=place, extra={"PYTHONPATH": str(tree)})


if __name__ == "__main__":
    sys.exit(main())
