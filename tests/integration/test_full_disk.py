"""A batch on a full disk reports it in one sentence and loses nothing; the tests use a small disk."""

from __future__ import annotations

import os
import random
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.command_line import PATIENCE_SECONDS, Outcome, command, environment, gradings
from tests.support.course import STUDENTS, Class, shown

SEED = 20270304
KILOBYTES = (30, 150, 20)
"""How much room is left at the most, one run after the other; a page takes about 30."""
NO_ROOM = "No space left on device"
USUAL = re.compile(
    r"graded \d+ of \d+(, \d+ of them unchanged since an earlier run)?\n|.* Using the \w+ sandbox.*\n"
)
GOES_ON = "; when that is fixed, run the same command again to resume.\n"


@dataclass(frozen=True, slots=True)
class Disk:
    """A small file system under `path`, which only processes that `enter` its namespace see."""

    path: Path
    holder: int
    enter: tuple[str, ...]

    @property
    def out(self) -> Path:
        """Return the folder for the results, by the name it has for those who see it."""
        return self.path / "out"

    def outside(self, name: str) -> Path:
        """Return the name by which we reach something on the disk."""
        return Path(f"/proc/{self.holder}/root{self.path / name}")

    def copy(self) -> Path:
        """Return a copy of the folder for the results."""
        there = self.outside("out")
        here = Path(tempfile.mkdtemp(dir=self.path.parent))
        return shutil.copytree(there, here, dirs_exist_ok=True) if there.exists() else here

    def run(self, *line: str) -> Outcome:
        """Run a command that sees the disk."""
        completed = subprocess.run(
            [*self.enter, *line],
            env=environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=PATIENCE_SECONDS,
            check=False,
        )
        return Outcome(completed.returncode, completed.stdout.decode(), completed.stderr.decode())

    def grade(self, course: Class, *before: str) -> Outcome:
        """Grade a class into the folder for the results; the grading itself is replayed."""
        return self.run(*before, *command(*course.line(self.out), program=course.replay()))

    def remount(self, how: str) -> None:
        """Let it be written to (`rw`) or only be read (`ro`)."""
        assert self.run("mount", "-o", f"remount,bind,{how}", str(self.path)).status == 0

    def leave(self, kilobytes: int) -> None:
        """Fill the disk up to so many kilobytes."""
        self.make_room()
        disk = os.statvfs(self.outside(""))
        filling = max(0, disk.f_bavail * disk.f_frsize - (kilobytes << 10))
        self.outside("filling").write_bytes(bytes(filling))

    def make_room(self) -> None:
        self.outside("filling").unlink(missing_ok=True)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    """Mount a disk of 4 MiB in a namespace, with which it goes; skip where none can be mounted."""
    if missing := [name for name in ("unshare", "nsenter", "prlimit") if not shutil.which(name)]:
        pytest.skip(f"this takes programs that are not here: {', '.join(missing)}")
    path = tmp_path / "disk"
    path.mkdir()
    mapped = () if os.geteuid() == 0 else ("--map-root-user",)
    mounted = f"mount -t tmpfs -o size=4m none '{path}' && echo mounted && exec cat"
    with subprocess.Popen(
        ["unshare", "--mount", *mapped, "sh", "-c", mounted],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    ) as holder:
        assert holder.stdin and holder.stdout
        reply = holder.stdout.readline()
        if reply != b"mounted\n":
            pytest.skip(f"no disk can be mounted here: {reply.decode(errors='replace').strip()}")
        user = ("--user", "--preserve-credentials") if mapped else ()
        enter = ("nsenter", "--target", str(holder.pid), "--mount", *user, "--")
        yield Disk(path, holder.pid, enter)
        holder.stdin.close()


def unwritten(outcome: Outcome, disk: Disk, reason: str) -> str:
    """Return the file that a run reports as not writable, its only complaint."""
    assert (outcome.status, outcome.out) == (3, "")
    *progress, last = outcome.err.splitlines(keepends=True)
    assert all(USUAL.fullmatch(line) for line in progress), outcome.err
    what = re.escape(str(disk.out))
    match = re.fullmatch(
        rf"grader: (The folder {what} cannot be created|The gradebook in {what} cannot be used"
        rf"|{what}/\S+ cannot be written): {reason}{GOES_ON}",
        last,
    )
    assert match, last
    return match[1].replace(str(disk.out), "OUT")


def finish(course: Class, disk: Disk) -> None:
    """Make room and grade the rest; no result is lost or graded twice, and no draft stays."""
    disk.make_room()
    before = sum(gradings(disk.copy()).values())
    outcome = disk.grade(course)
    unchanged = f", {before} of them unchanged since an earlier run" if before else ""
    assert outcome.err.splitlines()[-1] == f"graded {STUDENTS} of {STUDENTS}{unchanged}"
    assert outcome.status == 0
    assert course.unlike(disk.copy()) == []
    assert not list(disk.copy().rglob(".draft*"))


def test_batch_resumes_after_a_full_disk(course: Class, disk: Disk) -> None:
    chance, messages = random.Random(SEED), set()
    copy = disk.copy()
    for most in KILOBYTES:
        disk.leave(chance.randint(0, most))
        before = gradings(copy)
        messages.add(unwritten(disk.grade(course), disk, NO_ROOM))
        copy = disk.copy()
        assert shown(copy).items() <= course.results.items()
        assert gradings(copy).items() >= before.items()
    assert "The gradebook in OUT cannot be used" in messages
    finish(course, disk)


def test_file_size_limit_is_reported_like_a_full_disk(course: Class, disk: Disk) -> None:
    for kilobytes in (5, 70):
        outcome = disk.grade(course, "prlimit", f"--fsize={kilobytes << 10}", "--")
        unwritten(outcome, disk, "File too large")
        assert shown(disk.copy()).items() <= course.results.items()
    finish(course, disk)


def test_read_only_disk_is_reported_like_a_full_one(course: Class, disk: Disk) -> None:
    disk.leave(100)
    disk.remount("ro")
    folder = "The folder OUT cannot be created"
    assert unwritten(disk.grade(course), disk, "Read-only file system") == folder
    disk.remount("rw")
    assert disk.grade(course).status == 3
    disk.remount("ro")
    lock = "OUT/.lock cannot be written"
    assert unwritten(disk.grade(course), disk, "Read-only file system") == lock
    disk.remount("rw")
    finish(course, disk)
