#!/usr/bin/env python3
"""Compare the cost of grading a class with nbclient and nbgrader.

The programs run in turn (A B C, A B C, ...), each on a class of N submissions and on one of 2N. The
difference is the marginal cost of N submissions, without the start-up cost of the program.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# Our own folder must not be searched for modules: its profile.py would hide Python's.
sys.path[0] = str(ROOT)

from benchmarks import contenders, measure, summary
from benchmarks.contenders import Contender
from benchmarks.measure import Accounting, Failed
from benchmarks.summary import Run

RESULTS = ROOT / "benchmarks" / "results"
BURNT_S = 1.0
LEAST_PAIRS = 3


def main() -> int:
    """Measure, print and write a table; return 1 if not all CPU time is counted."""
    options = _parser().parse_args()
    try:
        contenders.make_peers(options.peers)
    except Failed as failure:
        _say(str(failure))
    with tempfile.TemporaryDirectory(prefix="grader-benchmark-") as name:
        accounting = _accounting(Path(name), max(LEAST_PAIRS, options.repeats))
        if not accounting.holds:
            _say("CPU time spent in the sandbox is not counted, so the results would be wrong.")
            return 1
        able, missing = _prepared(contenders.all_of(options.peers), Path(name), options.submissions)
        runs = [
            _measured(contender, folder, size, repeat)
            for repeat in range(options.repeats)
            for size, folder in _classes(Path(name), options.submissions)
            for contender in able
        ]
    document = summary.summarise(runs, missing, accounting, options.peers)
    text = summary.table(document)
    options.results.mkdir(parents=True, exist_ok=True)
    (options.results / "latest.json").write_text(json.dumps(document, indent=1) + "\n", "utf-8")
    (options.results / "latest.md").write_text(text, "utf-8")
    sys.stdout.write(text)
    return 0


def _accounting(folder: Path, repeats: int) -> Accounting:
    _say("Checking that CPU time spent in the sandbox is counted")
    check: Callable[[float], measure.Cost] = lambda s: contenders.check_burning(folder / "burn", s)  # noqa: E731
    return measure.accounting(check, burnt_s=BURNT_S, repeats=repeats)


def _classes(folder: Path, size: int) -> Iterator[tuple[int, Path]]:
    """Yield the size and the folder of the two classes."""
    for students in (size, 2 * size):
        yield students, folder / str(students)


def _prepared(
    programs: list[Contender], folder: Path, size: int
) -> tuple[list[Contender], dict[str, str]]:
    """Prepare the programs and run each once; return those that work, and why the others do not."""
    able, missing = [], {}
    for contender in programs:
        _say(f"Preparing {contender.name}")
        try:
            for students, place in ((1, folder / "warm"), *_classes(folder, size)):
                place.mkdir(exist_ok=True)
                contender.prepare(place, students)
            contender.run(folder / "warm", 1)
            able.append(contender)
        except (Failed, OSError) as error:
            missing[contender.name] = str(error).strip().splitlines()[-1]
    return able, missing


def _measured(contender: Contender, folder: Path, size: int, repeat: int) -> Run:
    cost = contender.run(folder, size)
    _say(f"{contender.name}, {size} submissions: {cost.cpu_s:.2f} s CPU, {cost.wall_s:.1f} s")
    return Run(contender.name, contender.about, size, repeat, cost)


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be 1 or more")
    return number


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python benchmarks/run.py",
        description=__doc__,
        epilog="example: python benchmarks/run.py --submissions 10 --repeats 3",
    )
    parser.add_argument(
        "--submissions",
        type=_positive,
        default=10,
        metavar="N",
        help="size of the class (default 10)",
    )
    parser.add_argument(
        "--repeats", type=_positive, default=3, metavar="R", help="runs of each program (default 3)"
    )
    parser.add_argument(
        "--peers",
        type=Path,
        default=ROOT / "benchmarks" / ".peers",
        metavar="VENV",
        help="environment of the other programs; created from peers.txt if missing",
    )
    parser.add_argument(
        "--results", type=Path, default=RESULTS, metavar="DIR", help="folder for the results"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
