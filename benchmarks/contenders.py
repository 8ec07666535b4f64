"""The programs that are compared: how each is prepared, run, and checked for complete results."""

from __future__ import annotations

import csv
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from benchmarks import measure, workload
from benchmarks.measure import Cost, Failed

ROOT = Path(__file__).resolve().parent.parent
PINS = Path(__file__).with_name("peers.txt")

_GRADEBOOK = "gradebook.db"


@dataclass(frozen=True, slots=True)
class Contender:
    """A program that processes a whole class.

    `prepare` is called once for a class and is not measured; `run` is measured. Both raise Failed.
    """

    name: str
    about: str
    prepare: Callable[[Path, int], None]
    run: Callable[[Path, int], Cost]


def all_of(peers: Path) -> list[Contender]:
    """Return the programs, ours first; `peers` is the environment of the others."""
    return [
        Contender(
            "grader batch",
            "every function in its own process, in a sandbox, on the published example and on"
            " random networks; writes reports",
            _prepare_class,
            _batch(),
        ),
        Contender(
            "grader batch --workers 1",
            "the same, one submission at a time, as the others do",
            _prepare_class,
            _batch("--workers", "1"),
        ),
        Contender(
            "jupyter execute",
            "nbclient: every notebook once from top to bottom in a new kernel; no sandbox,"
            " no grading",
            _prepare_class,
            _execute(peers),
        ),
        Contender(
            "nbgrader autograde",
            "every notebook in a new kernel, one test cell for each function with the published"
            " example; no sandbox, no reports",
            _prepare_course(peers),
            _autograde(peers),
        ),
    ]


def make_peers(peers: Path) -> None:
    """Create the environment of the other programs, in the pinned versions, if it is missing.

    Raises Failed if that is not possible; our own program can still be measured.
    """
    if (peers / "bin" / "jupyter").exists():
        return
    python = peers / "bin" / "python"
    try:
        subprocess.run([sys.executable, "-m", "venv", peers], check=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", "-r", PINS], check=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise Failed(
            f"The environment of the other programs could not be created: {error}"
        ) from error


# ------------------------------------------------------------------ ours


def check_burning(folder: Path, seconds: float) -> Cost:
    """Grade a notebook that uses this many seconds of CPU time in the sandbox."""
    shutil.rmtree(folder, ignore_errors=True)
    workload.write(folder, workload.burning(seconds))
    return _grader(folder, "check", workload.NOTEBOOK)


def _batch(*options: str) -> Callable[[Path, int], Cost]:
    def run(folder: Path, size: int) -> Cost:
        shutil.rmtree(folder / "graded", ignore_errors=True)
        cost = _grader(folder, "batch", "submissions", "--out", "graded", *options)
        with (folder / "graded" / "grades.csv").open(encoding="utf-8", newline="") as file:
            scores = {row["submission"]: float(row["score"]) for row in csv.DictReader(file)}
        _expect(size, len(scores))
        for name, score in scores.items():
            if (score == 100) != ("-right" in name):
                raise Failed(f"{name} was graded wrongly: {score}")
        return cost

    return run


def _grader(folder: Path, *arguments: str) -> Cost:
    command = [sys.executable, "-m", "grader", *arguments]
    return measure.run(command, cwd=folder, extra={"PYTHONPATH": str(ROOT)})


def _prepare_class(folder: Path, size: int) -> None:
    if not (folder / "submissions").exists():
        workload.lay_out(folder / "submissions", size)


# ------------------------------------------------------------------ theirs


def _execute(peers: Path) -> Callable[[Path, int], Cost]:
    def run(folder: Path, size: int) -> Cost:
        notebooks = sorted(folder.glob(f"submissions/*/{workload.NOTEBOOK}"))
        _expect(size, len(notebooks))
        return _peer(peers, folder, "jupyter", "execute", *map(str, notebooks))

    return run


def _prepare_course(peers: Path) -> Callable[[Path, int], None]:
    def prepare(folder: Path, size: int) -> None:
        course = folder / "course"
        workload.lay_out_course(course, size)
        _peer(peers, course, "nbgrader", "generate_assignment", workload.EXERCISE)
        shutil.copy(course / _GRADEBOOK, folder / _GRADEBOOK)

    return prepare


def _autograde(peers: Path) -> Callable[[Path, int], Cost]:
    def run(folder: Path, size: int) -> Cost:
        course = folder / "course"
        shutil.rmtree(course / "autograded", ignore_errors=True)
        shutil.copy(folder / _GRADEBOOK, course / _GRADEBOOK)
        cost = _peer(peers, course, "nbgrader", "autograde", workload.EXERCISE)
        _expect(size, len(list(course.glob(f"autograded/*/*/{workload.NOTEBOOK}"))))
        return cost

    return run


def _peer(peers: Path, folder: Path, *command: str) -> Cost:
    """Run a program of the peers' environment, with it on the path: nbgrader starts others."""
    programs = peers.absolute() / "bin"
    path = f"{programs}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    return measure.run([programs / command[0], *command[1:]], cwd=folder, extra={"PATH": path})


def _expect(expected: int, actual: int) -> None:
    if actual != expected:
        raise Failed(f"{actual} of {expected} submissions were processed")
