"""Where the kernel adds up what the processes of a box use, they are held to that; elsewhere none is."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from grader import sandbox
from grader.errors import BoxError
from grader.model import Limits, Tier
from grader.sandbox import cgroup, fork_server, launch

NUMPY = sandbox.BoxContents((), ("numpy",))
LIMITS = Limits(memory_bytes=256 << 20, disk_bytes=8 << 20, processes=32)
MEMORY = (256 + 8 + 512) << 20


@pytest.fixture
def above(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder that stands in for a group under which others may be made."""
    group = tmp_path / "above"
    group.mkdir()
    monkeypatch.setattr(cgroup, "parent", lambda: group)
    # The kernel's files go with their folder.
    monkeypatch.setattr(Path, "rmdir", shutil.rmtree)
    return group


def failing(name: str, original: Callable[..., Any] = Path.write_text) -> Callable[..., Any]:
    """Return a way to write files in which one of a name cannot be written."""

    def write(path: Path, text: str) -> Any:
        if path.name == name:
            raise PermissionError(13, "Permission denied")
        return original(path, text)

    return write


def only(above: Path) -> Path:
    (group,) = above.iterdir()
    return group


# ------------------------------------------------------------------ finding one


def table(tmp_path: Path, membership: str, mounts: str) -> list[str]:
    """Return the candidates below a mount point, by the texts of two files of the kernel."""
    (tmp_path / "cgroup").write_text(membership)
    (tmp_path / "mounts").write_text(mounts)
    found = cgroup._candidates(tmp_path / "cgroup", tmp_path / "mounts")
    return [str(path) for path in found]


MOUNTS = "proc /proc proc rw 0 0\ncgroup2 /sys/fs/cgroup cgroup2 rw,nosuid 0 0\n"
HYBRID = (
    "cgroup /sys/fs/cgroup/memory cgroup rw,memory 0 0\n"
    "cgroup2 /sys/fs/cgroup/unified cgroup2 rw 0 0\n"
)


@pytest.mark.parametrize(
    ("membership", "mounts", "found"),
    [
        (
            "0::/user.slice/user-1000.slice/session.scope\n",
            MOUNTS,
            [
                "/user.slice/user-1000.slice/session.scope",
                "/user.slice/user-1000.slice",
                "/user.slice",
                "",
            ],
        ),
        ("0::/\n", MOUNTS, [""]),
        ("4:memory:/a\n0::/b\n", HYBRID, ["/unified/b", "/unified"]),
        ("4:memory:/a\n", HYBRID, []),
        ("0::/a\n", "proc /proc proc rw 0 0\n", []),
        ("", "", []),
    ],
)
def test_our_own_group_and_those_above_it_are_candidates_nearest_first(
    tmp_path: Path, membership: str, mounts: str, found: list[str]
) -> None:
    assert table(tmp_path, membership, mounts) == [f"/sys/fs/cgroup{path}" for path in found]


def test_a_machine_without_these_files_has_no_candidates(tmp_path: Path) -> None:
    assert cgroup._candidates(tmp_path / "gone", tmp_path / "gone") == []


def groups(tmp_path: Path, **handed_down: str) -> list[Path]:
    made = []
    for name, controllers in handed_down.items():
        (tmp_path / name).mkdir()
        (tmp_path / name / "cgroup.subtree_control").write_text(f"{controllers}\n")
        (tmp_path / name / "cgroup.procs").touch()
        made.append(tmp_path / name)
    return made


def test_the_nearest_group_that_hands_both_down_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = groups(tmp_path, own="", near="memory", far="cpu memory pids", top="memory pids")
    monkeypatch.setattr(cgroup, "_candidates", lambda *_: [tmp_path / "gone", *made])
    assert cgroup.parent.__wrapped__() == tmp_path / "far"


@pytest.mark.parametrize("closed", ["far", "far/cgroup.procs"])
def test_a_group_that_we_may_not_write_to_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, closed: str
) -> None:
    made = groups(tmp_path, far="memory pids")
    monkeypatch.setattr(cgroup, "_candidates", lambda *_: made)
    monkeypatch.setattr(os, "access", lambda path, mode: path != tmp_path / closed)
    assert cgroup.parent.__wrapped__() is None


# ------------------------------------------------------------------ using one


def test_limits_are_written_before_a_command_runs_in_the_group(above: Path) -> None:
    prefix, remove = cgroup.command(LIMITS)
    group = only(above)
    assert group.name.startswith(f"grader-{os.getpid()}-")
    assert {file.name: file.read_text() for file in group.iterdir()} == {
        "memory.max": str(MEMORY),
        "pids.max": str(32 + 16),
        "memory.swap.max": "0",
    }
    told = ["/bin/sh", "-c", 'echo "$@"; cat "$0"', str(group / "cgroup.procs"), "a b", "c"]
    done = subprocess.run([*prefix, *told], capture_output=True, text=True, check=True)
    assert done.stdout == "a b c\n0\n"
    remove()
    assert list(above.iterdir()) == []


def test_each_command_has_a_group_of_its_own(above: Path) -> None:
    removes = [cgroup.command(LIMITS)[1] for _ in range(3)]
    assert len(list(above.iterdir())) == 3
    for remove in removes:
        remove()
    assert list(above.iterdir()) == []


def test_what_is_left_in_a_group_is_killed_before_it_is_removed(
    above: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, remove = cgroup.command(LIMITS)
    group, tries = only(above), iter([False, False, True])
    killed: list[str] = []

    def rmdir(folder: Path) -> None:
        killed.append((folder / "cgroup.kill").read_text())
        if not next(tries):
            raise OSError(16, "Device or resource busy")
        shutil.rmtree(folder)

    monkeypatch.setattr(Path, "rmdir", rmdir)
    remove()
    assert killed == ["1"] * 3
    assert not group.exists()


def test_a_group_that_will_not_go_is_left_to_the_system_after_a_while(
    above: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(folder: Path) -> None:
        raise OSError(16, "Device or resource busy")

    _, remove = cgroup.command(LIMITS)
    monkeypatch.setattr(cgroup, "_END_SECONDS", 0.05)
    monkeypatch.setattr(Path, "rmdir", busy)
    remove()
    assert only(above).is_dir()


@pytest.mark.parametrize("name", ["memory.max", "pids.max"])
def test_where_a_limit_cannot_be_written_there_is_no_group(
    above: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(Path, "write_text", failing(name))
    prefix, remove = cgroup.command(LIMITS)
    assert prefix == []
    assert list(above.iterdir()) == []
    remove()


def test_where_no_group_can_be_made_there_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for place in (None, tmp_path / "gone"):
        monkeypatch.setattr(cgroup, "parent", lambda place=place: place)
        prefix, remove = cgroup.command(LIMITS)
        assert prefix == []
        remove()
    assert list(tmp_path.iterdir()) == []


def test_a_kernel_that_counts_no_swap_makes_groups_all_the_same(
    above: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Path, "write_text", failing("memory.swap.max"))
    prefix, remove = cgroup.command(LIMITS)
    assert prefix[:2] == ["/bin/sh", "-c"]
    assert (only(above) / "memory.max").read_text() == str(MEMORY)
    remove()


def test_a_command_that_may_not_join_runs_outside_of_the_group(above: Path) -> None:
    prefix, remove = cgroup.command(LIMITS)
    (only(above) / "cgroup.procs").mkdir()
    done = subprocess.run([*prefix, "/bin/echo", "run"], capture_output=True, text=True, check=True)
    assert done.stdout == "run\n"
    remove()


def test_a_box_runs_in_its_group_and_takes_it_along(above: Path) -> None:
    box = launch.bare(NUMPY, LIMITS)
    assert (only(above) / "cgroup.procs").read_text() == "0\n"
    box.close()
    assert list(above.iterdir()) == []


def test_a_box_that_does_not_start_leaves_no_group(above: Path) -> None:
    with pytest.raises(BoxError):
        launch.bare(sandbox.BoxContents((), ()), LIMITS)
    assert list(above.iterdir()) == []


@pytest.mark.parametrize(("grouped", "interpreters"), [(True, 2), (False, 1)])
def test_a_group_made_for_other_limits_is_not_used(
    monkeypatch: pytest.MonkeyPatch, light: None, *, grouped: bool, interpreters: int
) -> None:
    """Or what a box is tried with would hold what is graded in it later to other limits."""
    started, original = [], launch.fork_server

    def counted(*wanted: Any) -> Any:
        started.append(wanted)
        return original(*wanted)

    monkeypatch.setattr(launch, "fork_server", counted)
    monkeypatch.setattr(cgroup, "parent", lambda: Path("/nowhere") if grouped else None)
    nursery = fork_server.ForkServer(NUMPY, Tier.LIGHT)
    more = replace(LIMITS, memory_bytes=1 << 30)
    for limits in (LIMITS, LIMITS, more, more):
        nursery.box(limits).close()
    nursery.close()
    assert len(started) == interpreters


# ------------------------------------------------------------------ this kernel


@pytest.fixture
def real(monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a real group of this machine, in which limits may be missing. Skips where there is none."""
    found = cgroup._candidates(Path("/proc/self/cgroup"), Path("/proc/self/mounts"))
    for group in found:
        trial = group / f"grader-trial-{os.getpid()}"
        try:
            trial.mkdir()
        except OSError:
            continue
        trial.rmdir()
        monkeypatch.setattr(cgroup, "parent", lambda group=group: group)
        return group
    pytest.skip("we may make no groups here")


def test_the_kernel_lets_a_command_join_before_it_runs_and_ends_all_with_the_group(
    real: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cgroup, "_make", lambda group, limits: group.mkdir())
    prefix, remove = cgroup.command(LIMITS)
    command = [*prefix, "/bin/sh", "-c", "cat /proc/self/cgroup; sleep 60"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        joined = Path(prefix[3]).parent.name
        assert any(joined in line for line in iter(process.stdout.readline, ""))
        remove()
        assert process.wait(10) == -9
    assert not list(real.glob("grader-*"))
