"""A box runs in a cgroup with limits for all its processes, if groups may be created."""

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
def parent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder in place of the parent group."""
    group = tmp_path / "above"
    group.mkdir()
    monkeypatch.setattr(cgroup, "parent_group", lambda: group)
    # In a real group the kernel's files are removed with their folder.
    monkeypatch.setattr(Path, "rmdir", shutil.rmtree)
    return group


def failing(name: str, original: Callable[..., Any] = Path.write_text) -> Callable[..., Any]:
    """Return a `write_text` that fails for one file name."""

    def write(path: Path, text: str) -> Any:
        if path.name == name:
            raise PermissionError(13, "Permission denied")
        return original(path, text)

    return write


def only(parent: Path) -> Path:
    (group,) = parent.iterdir()
    return group


# ------------------------------------------------------------------ finding the parent


def table(tmp_path: Path, membership: str, mounts: str) -> list[str]:
    """Return the candidates for these contents of two kernel files."""
    (tmp_path / "cgroup").write_text(membership)
    (tmp_path / "mounts").write_text(mounts)
    candidates = cgroup._candidates(tmp_path / "cgroup", tmp_path / "mounts")
    return [str(path) for path in candidates]


MOUNTS = "proc /proc proc rw 0 0\ncgroup2 /sys/fs/cgroup cgroup2 rw,nosuid 0 0\n"
HYBRID = (
    "cgroup /sys/fs/cgroup/memory cgroup rw,memory 0 0\n"
    "cgroup2 /sys/fs/cgroup/unified cgroup2 rw 0 0\n"
)


@pytest.mark.parametrize(
    ("membership", "mounts", "candidates"),
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
def test_candidates_are_own_group_and_parents(
    tmp_path: Path, membership: str, mounts: str, candidates: list[str]
) -> None:
    """The nearest group comes first."""
    assert table(tmp_path, membership, mounts) == [f"/sys/fs/cgroup{path}" for path in candidates]


def test_no_candidates_without_kernel_files(tmp_path: Path) -> None:
    assert cgroup._candidates(tmp_path / "gone", tmp_path / "gone") == []


def groups(tmp_path: Path, **controllers_by_name: str) -> list[Path]:
    group_paths = []
    for name, controllers in controllers_by_name.items():
        (tmp_path / name).mkdir()
        (tmp_path / name / "cgroup.subtree_control").write_text(f"{controllers}\n")
        (tmp_path / name / "cgroup.procs").touch()
        group_paths.append(tmp_path / name)
    return group_paths


def test_nearest_group_with_both_controllers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    group_paths = groups(tmp_path, own="", near="memory", far="cpu memory pids", top="memory pids")
    monkeypatch.setattr(cgroup, "_candidates", lambda *_: [tmp_path / "gone", *group_paths])
    assert cgroup.parent_group.__wrapped__() == tmp_path / "far"


@pytest.mark.parametrize("closed", ["far", "far/cgroup.procs"])
def test_unwritable_group_is_skipped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, closed: str
) -> None:
    group_paths = groups(tmp_path, far="memory pids")
    monkeypatch.setattr(cgroup, "_candidates", lambda *_: group_paths)
    monkeypatch.setattr(os, "access", lambda path, mode: path != tmp_path / closed)
    assert cgroup.parent_group.__wrapped__() is None


# ------------------------------------------------------------------ using a group


def test_limits_are_written_before_joining(parent: Path) -> None:
    prefix, remove = cgroup.create(LIMITS)
    group = only(parent)
    assert group.name.startswith(f"grader-{os.getpid()}-")
    assert {file.name: file.read_text() for file in group.iterdir()} == {
        "memory.max": str(MEMORY),
        "pids.max": str(32 + 16),
        "memory.swap.max": "0",
    }
    command = ["/bin/sh", "-c", 'echo "$@"; cat "$0"', str(group / "cgroup.procs"), "a b", "c"]
    process = subprocess.run([*prefix, *command], capture_output=True, text=True, check=True)
    assert process.stdout == "a b c\n0\n"
    remove()
    assert list(parent.iterdir()) == []


def test_each_command_gets_its_own_group(parent: Path) -> None:
    removes = [cgroup.create(LIMITS)[1] for _ in range(3)]
    assert len(list(parent.iterdir())) == 3
    for remove in removes:
        remove()
    assert list(parent.iterdir()) == []


def test_processes_are_killed_before_removal(parent: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _, remove = cgroup.create(LIMITS)
    group, tries = only(parent), iter([False, False, True])
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


def test_removal_gives_up_after_a_while(parent: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def busy(folder: Path) -> None:
        raise OSError(16, "Device or resource busy")

    _, remove = cgroup.create(LIMITS)
    monkeypatch.setattr(cgroup, "_END_SECONDS", 0.05)
    monkeypatch.setattr(Path, "rmdir", busy)
    remove()
    assert only(parent).is_dir()


@pytest.mark.parametrize("name", ["memory.max", "pids.max"])
def test_no_group_if_a_limit_is_not_writable(
    parent: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(Path, "write_text", failing(name))
    prefix, remove = cgroup.create(LIMITS)
    assert prefix == []
    assert list(parent.iterdir()) == []
    remove()


def test_no_group_if_none_can_be_created(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for place in (None, tmp_path / "gone"):
        monkeypatch.setattr(cgroup, "parent_group", lambda place=place: place)
        prefix, remove = cgroup.create(LIMITS)
        assert prefix == []
        remove()
    assert list(tmp_path.iterdir()) == []


def test_group_without_swap_accounting(parent: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Path, "write_text", failing("memory.swap.max"))
    prefix, remove = cgroup.create(LIMITS)
    assert prefix[:2] == ["/bin/sh", "-c"]
    assert (only(parent) / "memory.max").read_text() == str(MEMORY)
    remove()


def test_command_runs_if_it_cannot_join(parent: Path) -> None:
    prefix, remove = cgroup.create(LIMITS)
    (only(parent) / "cgroup.procs").mkdir()
    process = subprocess.run(
        [*prefix, "/bin/echo", "run"], capture_output=True, text=True, check=True
    )
    assert process.stdout == "run\n"
    remove()


def test_box_removes_its_group_at_the_end(parent: Path) -> None:
    box = launch.start_unisolated_box(NUMPY, LIMITS)
    assert (only(parent) / "cgroup.procs").read_text() == "0\n"
    box.close()
    assert list(parent.iterdir()) == []


def test_failed_start_leaves_no_group(parent: Path) -> None:
    with pytest.raises(BoxError):
        launch.start_unisolated_box(sandbox.BoxContents((), ()), LIMITS)
    assert list(parent.iterdir()) == []


@pytest.mark.parametrize(("grouped", "interpreters"), [(True, 2), (False, 1)])
def test_group_for_other_limits_is_replaced(
    monkeypatch: pytest.MonkeyPatch,
    starts: list[object],
    light: None,
    *,
    grouped: bool,
    interpreters: int,
) -> None:
    """Otherwise the limits of the attack suite would apply to submissions."""
    monkeypatch.setattr(cgroup, "parent_group", lambda: Path("/nowhere") if grouped else None)
    server = fork_server.ForkServer(NUMPY, Tier.LIGHT)
    more = replace(LIMITS, memory_bytes=1 << 30)
    for limits in (LIMITS, LIMITS, more, more):
        server.box(limits).close()
    server.close()
    assert len(starts) == interpreters


# ------------------------------------------------------------------ this kernel


@pytest.fixture
def real(monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a real group, perhaps without limits. Skips the test if none can be created."""
    candidates = cgroup._candidates(Path("/proc/self/cgroup"), Path("/proc/self/mounts"))
    for group in candidates:
        trial = group / f"grader-test-{os.getpid()}"
        try:
            trial.mkdir()
        except OSError:
            continue
        trial.rmdir()
        monkeypatch.setattr(cgroup, "parent_group", lambda group=group: group)
        return group
    pytest.skip("this user may not create groups")


def test_real_group_is_joined_and_killed(real: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cgroup, "_make_folder", lambda group, limits: group.mkdir())
    prefix, remove = cgroup.create(LIMITS)
    command = [*prefix, "/bin/sh", "-c", "cat /proc/self/cgroup; sleep 60"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        joined = Path(prefix[3]).parent.name
        assert any(joined in line for line in iter(process.stdout.readline, ""))
        remove()
        assert process.wait(10) == -9
    assert not list(real.glob("grader-*"))
