"""A batch whose helpers are killed, or which is not the only one in its folder, loses nothing."""

from __future__ import annotations

import contextlib
import os
import random
import re
import signal
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest

from grader.model import Tier
from tests.support.command_line import Outcome, gradings, run, started, wait_until
from tests.support.course import STUDENTS, Class, apart

SEED = 20270305
WORKER_ENDED = (
    "grader: A worker process was killed, perhaps because memory ran out. Finished submissions are "
    "saved. Run the same command again to resume. Details are in {log}."
)


# ------------------------------------------------------------------ helpers that are killed


@dataclass(frozen=True, slots=True)
class Process:
    """Its parent, its command line, its number in each process namespace from ours inwards."""

    parent: int
    line: bytes
    numbers: tuple[int, ...]


def below(batch: int) -> dict[int, Process]:
    """Return the processes that a batch has started, and those that they have."""
    table = dict(processes())
    return {pid: process for pid, process in table.items() if batch in ancestors(pid, table)}


def processes() -> Iterator[tuple[int, Process]]:
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            lines = (folder / "status").read_text("latin-1").splitlines()
            line = (folder / "cmdline").read_bytes()
        except OSError:  # it has just ended
            continue
        facts = dict(line.split(":", 1) for line in lines)
        numbers = tuple(map(int, facts.get("NSpid", "").split()))
        yield int(folder.name), Process(int(facts["PPid"]), line, numbers)


def ancestors(pid: int, table: Mapping[int, Process]) -> Iterator[int]:
    while pid in table:
        pid = table[pid].parent
        yield pid


def helpers(batch: int) -> list[int]:
    """Return the grader's own processes in sandboxes: interpreters, and those that watch a child.

    They are the first of their process namespace, which no student's process is, and the parents of
    such, as far as the outer wall.
    """
    table = below(batch)
    first = [
        pid
        for pid, process in table.items()
        if len(process.numbers) > 1 and process.numbers[-1] == 1
    ]
    outer = {table[pid].parent for pid in first}
    inner = {up for pid in first for up in ancestors(pid, table) if up in table}
    return sorted(
        {*first, *outer, *(pid for pid in inner if len(table[pid].numbers) > 1)} - {batch}
    )


def workers(batch: int) -> list[int]:
    """Return the processes among which a batch shares its submissions out: forks of itself."""
    own = Path(f"/proc/{batch}/cmdline").read_bytes()
    return [
        pid
        for pid, process in below(batch).items()
        if process.parent == batch and process.line == own
    ]


def test_killed_interpreters_change_no_score(course: Class, tier: Tier, tmp_path: Path) -> None:
    """Submissions at work finish before the next kill, so each is tried again at most once."""
    if tier != Tier.FULL:
        pytest.skip("without namespaces a student's process looks like ours")
    chance, out, kills = random.Random(SEED), tmp_path / "out", 0
    with started(*course.line(out)) as process:
        wait_until((out / ".lock").exists, "the reference has been asked")
        while process.poll() is None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(chance.random() / 20)
            if killed_one(helpers(process.pid), chance):
                kills += 1
                wait_for_those_at_work(course, out, process)
        stderr = process.communicate()[1]
    assert kills > 0
    assert course.unlike(out) == [], "\n".join(apart(course, out))
    assert (process.returncode, stderr.splitlines()[-1]) == (0, f"graded {STUDENTS} of {STUDENTS}")


def as_many(out: Path, number: int) -> bool:
    return len(gradings(out)) >= number


def killed_one(pids: list[int], chance: random.Random) -> bool:
    with contextlib.suppress(ProcessLookupError, IndexError):
        os.kill(chance.choice(pids), signal.SIGKILL)
        return True
    return False


def wait_for_those_at_work(course: Class, out: Path, process: subprocess.Popen[str]) -> None:
    """Wait until the next ones are in the journal; submissions are graded in the order of their names."""
    next_ones = [name for name in sorted(course.rows) if name not in gradings(out)][:3]
    wait_until(
        lambda: gradings(out).keys() >= set(next_ones) or process.poll() is not None,
        "those that were at work are in the journal",
    )


def test_batch_resumes_after_a_worker_was_killed(course: Class, tmp_path: Path) -> None:
    chance, out = random.Random(SEED), tmp_path / "out"
    for _ in range(2):
        before = gradings(out)
        with started(*course.line(out), program=course.replay(0.2)) as process:
            number = len(before) + chance.randint(1, 2)
            wait_until(partial(as_many, out, number), f"{number} are graded")
            assert killed_one(workers(process.pid), chance)
            stdout, stderr = process.communicate(timeout=60)
        log = out / "errors.log"
        assert (process.returncode, stdout) == (3, "")
        assert stderr.splitlines()[-1] == WORKER_ENDED.format(log=log)
        at_work = re.findall(r" (\S+) BrokenProcessPool in a worker process\n", log.read_text())
        assert at_work and {*at_work[-1].split(",")} <= {*course.rows}
        assert gradings(out).items() >= before.items()
    assert run(*course.line(out), program=course.replay()).status == 0
    assert course.unlike(out) == []


# ------------------------------------------------------------------ two at once


def test_second_batch_does_not_harm_the_first(course: Class, tmp_path: Path) -> None:
    out = tmp_path / "out"
    with started(*course.line(out), program=course.replay(0.2)) as first:
        wait_until(lambda: len(gradings(out)) > 0, "the first one is at work")
        os.kill(first.pid, signal.SIGSTOP)
        second = run(*course.line(out), program=course.replay())
        os.kill(first.pid, signal.SIGCONT)
        first.communicate(timeout=60)
    refusal = f"grader: Another grader command is using {out}. Wait until it has finished.\n"
    assert second == Outcome(2, "", refusal)
    assert first.returncode == 0
    assert course.unlike(out) == []
