#!/usr/bin/env python3
"""Measure how grading scales with the number of submissions and workers, and its memory.

Every figure is for the whole command `grader batch`, with start-up and reports. The private memory of
the sandboxes is sampled while a class is graded.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import tempfile
import threading
from collections.abc import Sequence
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parent.parent
# Our own folder must not be searched for modules: its profile.py would hide Python's.
sys.path[0] = str(ROOT)

from benchmarks import measure, workload
from benchmarks.measure import Cost

RESULTS = ROOT / "benchmarks" / "results"
MIB = 1 << 10


def main() -> int:
    """Measure, print and write the tables."""
    options = _parser().parse_args()
    with tempfile.TemporaryDirectory(prefix="grader-scale-") as name:
        folder = Path(name)
        workload.lay_out(folder / "class", max(options.sizes))
        sizes = [
            (size, _batch(folder, size, options.workers, options.repeats)) for size in options.sizes
        ]
        by_workers = [
            (n, _batch(folder, options.pairs, n, options.repeats)) for n in (1, options.workers)
        ]
        single = _batch(folder, 1, 1, options.repeats)
        peaks = _unshared(folder, options.pairs, options.workers)
    text = "\n".join([*_size_table(sizes), *_worker_table(options.pairs, by_workers)])
    text += (
        f"\n\nOne submission, the whole command: {_wall(single):.2f} s.\n"
        f"Private memory of a submission that is being graded: median {median(peaks):.1f} MiB, "
        f"largest {max(peaks):.1f} MiB, of {len(peaks)} samples.\n"
    )
    sys.stdout.write(text)
    options.results.mkdir(parents=True, exist_ok=True)
    (options.results / "scale.md").write_text(text, "utf-8")
    figures = {
        "sizes": [[size, [cost.wall_s for cost in costs]] for size, costs in sizes],
        "cpu": [[size, [cost.cpu_s for cost in costs]] for size, costs in sizes],
        "workers": [[n, [cost.wall_s for cost in costs]] for n, costs in by_workers],
        "others_cores": median(cost.others_cores for _, costs in sizes for cost in costs),
    }
    (options.results / "scale.json").write_text(json.dumps(figures, indent=1) + "\n", "utf-8")
    return 0


def _batch(folder: Path, size: int, workers: int, repeats: int) -> list[Cost]:
    """Grade the first submissions of the class, several times."""
    part = _part(folder, size)
    costs = []
    for _ in range(repeats):
        out = folder / "out"
        shutil.rmtree(out, ignore_errors=True)
        costs.append(measure.run(_command(part, out, workers), cwd=folder))
    return costs


def _part(folder: Path, size: int) -> Path:
    part = folder / f"first-{size}"
    if not part.is_dir():
        part.mkdir()
        for place in sorted((folder / "class").iterdir())[:size]:
            shutil.copytree(place, part / place.name, copy_function=os.link)
    return part


def _command(part: Path, out: Path, workers: int) -> list[str]:
    grade = ("-m", "grader", "batch", f"{part}/", "--out", str(out), "--workers", str(workers))
    return [sys.executable, *grade]


# ------------------------------------------------------------------ memory


def _unshared(folder: Path, size: int, workers: int) -> list[float]:
    """Sample all sandboxes; return the private memory of each submission, in MiB."""
    samples: list[float] = []
    done = threading.Event()

    def watch() -> None:
        while not done.wait(0.01):
            samples.extend(_boxes())

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        _batch(folder, size, workers, 1)
    finally:
        done.set()
        watcher.join()
    return [sample for sample in samples if sample] or [0.0]


def _boxes() -> list[float]:
    """Return the private memory below each fork server: the sum over its processes, in MiB."""
    parents: dict[int, int] = {}
    warm: set[int] = set()
    for place in Path("/proc").glob("[0-9]*"):
        try:
            line = (place / "cmdline").read_bytes()
            if b"import fork_server" in line:
                parents[int(place.name)] = int(
                    (place / "stat").read_text().rpartition(")")[2].split()[1]
                )
                if b"bwrap" in line.split(b"\0")[0]:
                    warm.add(int(place.name))
        except OSError:
            continue
    servers = {pid for pid, parent in parents.items() if parent in warm}
    memory = dict.fromkeys(servers, 0.0)
    for pid in parents.keys() - warm - servers:
        above = parents[pid]
        while above in parents and above not in servers:
            above = parents[above]
        if above in memory:
            memory[above] += _private_mib(pid)
    return list(memory.values())


def _private_mib(pid: int) -> float:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Private_")) / MIB


# ------------------------------------------------------------------ tables


def _wall(costs: Sequence[Cost]) -> float:
    return median(cost.wall_s for cost in costs)


def _size_table(sizes: Sequence[tuple[int, list[Cost]]]) -> list[str]:
    head = [
        "| submissions | wall, s | wall each, ms | CPU each, ms |",
        "| ---: | ---: | ---: | ---: |",
    ]
    rows = []
    for size, costs in sizes:
        cpu = median(cost.cpu_s for cost in costs)
        each = f"{1000 * _wall(costs) / size:.1f} | {1000 * cpu / size:.1f}"
        rows.append(f"| {size} | {_wall(costs):.2f} | {each} |")
    return head + rows


def _worker_table(size: int, by_workers: Sequence[tuple[int, list[Cost]]]) -> list[str]:
    alone = _wall(by_workers[0][1])
    head = [
        "",
        f"| workers, {size} submissions | wall, s | times as fast |",
        "| ---: | ---: | ---: |",
    ]
    return head + [f"| {n} | {_wall(c):.2f} | {alone / _wall(c):.2f} |" for n, c in by_workers]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[10, 50, 200, 1000, 2000])
    parser.add_argument("--pairs", type=int, default=200, help="submissions for the other tables")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--results", type=Path, default=RESULTS)
    return parser


if __name__ == "__main__":
    sys.exit(main())
