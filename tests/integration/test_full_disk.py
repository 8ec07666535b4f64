"""A batch whose disk takes no more says so in one sentence, and loses nothing: on a small disk, for real."""

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
KILOBYTES = (30, 150, 20, 150, 20)
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
        done = subprocess.run(
            [*self.enter, *line],
            env=environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=PATIENCE_SECONDS,
            check=False,
        )
        return Outcome(done.returncode, done.stdout.decode(), done.stderr.decode())

    def grade(self, course: Class, *before: str) -> Outcome:
        """Grade a class into the folder for the results."""
        return self.run(*before, *command(*course.line(self.out)))

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
        said = holder.stdout.readline()
        if said != b"mounted\n":
            pytest.skip(f"no disk can be mounted here: {said.decode(errors='replace').strip()}")
        user = ("--user", "--preserve-credentials") if mapped else ()
        enter = ("nsenter", "--target", str(holder.pid), "--mount", *user, "--")
        yield Disk(path, holder.pid, enter)
        holder.stdin.close()


def unwritten(seen: Outcome, disk: Disk, reason: str) -> str:
    """Return what a run says it could not write, which is the one thing it complains of."""
    assert (seen.status, seen.out) == (3, "")
    *progress, last = seen.err.splitlines(keepends=True)
    assert all(USUAL.fullmatch(line) for line in progress), seen.err
    what = re.escape(str(disk.out))
    told = re.fullmatch(
        rf"grader: (The folder {what} cannot be created|The gradebook in {what} cannot be written"
        rf"|{what}/\S+ cannot be written): {reason}{GOES_ON}",
        last,
    )
    assert told, last
    return told[1].replace(str(disk.out), "OUT")


def finish(course: Class, disk: Disk) -> None:
    """Make room, grade what is left, and see that nothing is lost, double or left lying about."""
    disk.make_room()
    before = sum(gradings(disk.copy()).values())
    seen = disk.grade(course)
    known = f", {before} of them unchanged since an earlier run" if before else ""
    assert seen.err.splitlines()[-1] == f"graded {STUDENTS} of {STUDENTS}{known}"
    assert seen.status == 0
    assert course.unlike(disk.copy()) == []
    assert not list(disk.copy().rglob(".draft*"))


def test_a_disk_that_is_full_at_any_point_is_one_sentence_and_the_same_command_goes_on(
    course: Class, disk: Disk
) -> None:
    chance, told = random.Random(SEED), set()
    left = disk.copy()
    for most in KILOBYTES:
        disk.leave(chance.randint(0, most))
        before = gradings(left)
        told.add(unwritten(disk.grade(course), disk, NO_ROOM))
        left = disk.copy()
        assert shown(left).items() <= course.results.items()
        assert gradings(left).items() >= before.items()
    assert "The gradebook in OUT cannot be written" in told
    finish(course, disk)


def test_a_limit_on_the_size_of_files_is_told_like_a_full_disk(course: Class, disk: Disk) -> None:
    for kilobytes in (5, 70):
        seen = disk.grade(course, "prlimit", f"--fsize={kilobytes << 10}", "--")
        unwritten(seen, disk, "File too large")
        assert shown(disk.copy()).items() <= course.results.items()
    finish(course, disk)


def test_a_disk_that_may_not_be_written_to_is_told_like_a_full_one(
    course: Class, disk: Disk
) -> None:
    disk.leave(100)
    for what in ("The folder OUT cannot be created", "OUT/.lock cannot be written"):
        disk.remount("ro")
        assert unwritten(disk.grade(course), disk, "Read-only file system") == what
        disk.remount("rw")
        assert disk.grade(course).status == 3
    finish(course, disk)
