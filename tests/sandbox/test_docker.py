"""In a container without namespaces the grader uses the light sandbox.

The container is emulated, see `docker.py`. Tests run as root and as an ordinary user.
"""

from __future__ import annotations

import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from grader.sandbox.attack_suite import ATTACKS
from tests.sandbox import other_user
from tests.support.command_line import environment, hand_in, is_one_sentence, rows

Completed = subprocess.CompletedProcess[str]

LAUNCHER = Path(__file__).with_name("docker.py")
NO_NAMESPACES = "The full sandbox needs user namespaces, but this machine does not allow them"
REMEDY = (
    "As root, run 'sysctl -w user.max_user_namespaces=15000' and, where it exists, 'sysctl -w "
    "kernel.apparmor_restrict_unprivileged_userns=0'."
)
LIGHT = "Using the light sandbox; it withstood every attack."
WITHOUT = "Without a sandbox, grade only your own notebook, with --no-sandbox."
LACKING = {
    "--no-landlock": "The Linux kernel has no Landlock, which the light sandbox needs.",
    "--no-filter": (
        "The sandbox could not be started: OSError: the Linux kernel does not accept system-call filters."
    ),
    "--other-machine": "The light sandbox has no system-call filter for this processor type.",
}

pytestmark = [
    pytest.mark.usefixtures("light"),
    pytest.mark.skipif(platform.machine() != "x86_64", reason="the emulation is for x86-64"),
]


@dataclass(frozen=True, slots=True)
class Container:
    """A user in a container, and a folder of that user."""

    folder: Path
    as_current_user: bool

    def python(self, *arguments: str, options: tuple[str, ...] = ()) -> Completed:
        """Run Python in the container."""
        if self.as_current_user:
            return subprocess.run(
                [sys.executable, LAUNCHER, *options, sys.executable, *arguments],
                cwd=self.folder,
                env=environment(),
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                timeout=120,
                check=False,
            )
        interpreter = other_user.python()
        return other_user.as_other_user(
            LAUNCHER, *options, interpreter, *arguments, cwd=str(self.folder)
        )

    def grader(self, *arguments: str, options: tuple[str, ...] = ()) -> Completed:
        """Run the command line in the container."""
        return self.python("-m", "grader", *arguments, options=options)

    def result(self, *parts: str) -> Any:
        """Return the result in a JSON file."""
        return json.loads(self.folder.joinpath(*parts).read_text("utf-8"))


@contextmanager
def start_container(*, as_current_user: bool) -> Iterator[Container]:
    """Yield a container with a folder of submissions."""
    with tempfile.TemporaryDirectory(prefix="container-") as name:
        folder = Path(name)
        hand_in(folder / "class", "right", "wrong-l2-not-halved", "hostile-exit-at-once")
        shutil.copy(folder / "class" / "right.ipynb", folder)
        if not as_current_user:
            for path in (folder, *folder.rglob("*")):
                os.chown(path, other_user.OTHER_UID, other_user.OTHER_UID)
        yield Container(folder, as_current_user)


@pytest.fixture(params=["root", "user"])
def container(request: pytest.FixtureRequest) -> Iterator[Container]:
    """Return a container of root, then one of an ordinary user."""
    if request.param == "root" and os.geteuid() != 0:
        pytest.skip("not root: the second run is as an ordinary user")
    with start_container(as_current_user=request.param == "root" or os.geteuid() != 0) as docker:
        yield docker


@pytest.fixture
def once() -> Iterator[Container]:
    """Return a container of the current user, for slow tests."""
    with start_container(as_current_user=True) as docker:
        yield docker


def reports_light(errors: str) -> bool:
    """Return True if the first line names the light sandbox, the reason, and the remedy."""
    line = errors.splitlines()[0]
    return line.startswith(f"grader: {NO_NAMESPACES} (bwrap: ") and line.endswith(
        f"{REMEDY} {LIGHT}"
    )


# ------------------------------------------------------------------ the emulation


def test_emulation_forbids_the_same_as_docker(container: Container) -> None:
    source = (
        "import ctypes, errno, json, os\n"
        "libc = ctypes.CDLL(None, use_errno=True)\n"
        "def said(result):\n"
        "    return errno.errorcode[ctypes.get_errno()] if result < 0 else 'done'\n"
        "status = dict(line.split(':', 1) for line in open('/proc/self/status'))\n"
        "print(json.dumps([status['CapBnd'].strip(), status['Seccomp'].strip(), os.getuid(),\n"
        "    said(libc.unshare(0x10000000)), said(libc.unshare(0x20000)),\n"
        "    said(libc.mount(b'x', b'/', b'tmpfs', 0, None)), said(libc.syscall(435, 0, 0)),\n"
        "    said(libc.syscall(56, 0x10000011, 0, 0, 0, 0))]))\n"
    )
    bounds, filtered, uid, *replies = json.loads(container.python("-c", source).stdout)
    assert replies == ["EPERM", "EPERM", "EPERM", "ENOSYS", "EPERM"]
    assert filtered == "2"
    assert uid != 0 or bounds == "00000000a80425fb"


# ------------------------------------------------------------------ graded in the light sandbox


def test_check_uses_the_light_sandbox(once: Container) -> None:
    process = once.grader("check", "right.ipynb", "--json", "result.json")
    assert process.returncode == 0, process.stderr
    assert reports_light(process.stderr) and len(process.stderr.splitlines()) == 1
    result = once.result("result.json")
    assert (result["score"], result["sandbox"], result["status"]) == (100, "light", "graded")


def test_batch_uses_the_light_sandbox(
    container: Container,
) -> None:
    """A hostile submission does not change the scores of the others."""
    process = container.grader("batch", "class", "--out", "graded", "--workers", "2")
    assert process.returncode == 0, process.stderr
    assert reports_light(process.stderr)
    scores = {name: float(row["score"]) for name, row in rows(container.folder / "graded").items()}
    assert (scores["right"], scores["hostile-exit-at-once"]) == (100, 75)
    assert 0 < scores["wrong-l2-not-halved"] < 100
    for name in scores:
        assert container.result("graded", "submissions", name, "result.json")["sandbox"] == "light"
    assert not list(container.folder.glob("graded/.draft*"))


def test_light_tier_withstands_every_attack(container: Container) -> None:
    """The full tier is refused, with a remedy."""
    source = (
        "import json\n"
        "from grader import sandbox\n"
        "from grader.errors import BoxError\n"
        "from grader.model import Tier\n"
        "try:\n"
        "    sandbox.attack(Tier.FULL)\n"
        "    full = ''\n"
        "except BoxError as error:\n"
        "    full = str(error)\n"
        "chosen = sandbox.choose_tier()\n"
        "outcomes = sandbox.attack(Tier.LIGHT)\n"
        "print(json.dumps([full, chosen.tier, chosen.reason, len(outcomes),\n"
        "    [o.claim for o in outcomes if not o.holds]]))\n"
    )
    process = container.python("-c", source)
    full, tier, reason, number, broken = json.loads(process.stdout)
    assert full.startswith(f"{NO_NAMESPACES} (bwrap: ") and full.endswith(REMEDY)
    assert (tier, reason, broken) == ("light", full, [])
    assert number == len(ATTACKS) + 1
    assert process.stderr == ""


def test_doctor_reports_the_light_sandbox(once: Container) -> None:
    process = once.grader("doctor")
    assert (process.returncode, process.stderr) == (0, "")
    output = " ".join(process.stdout.split())
    assert "a sandbox works on this machine │ yes │ the light sandbox, tested in " in output
    assert "the full sandbox is available │ no │ The full sandbox needs user " in output
    assert " NO " not in output and "Optional checks not passed: " in output


# ------------------------------------------------------------------ without the light sandbox


@pytest.mark.parametrize("lacking", LACKING)
def test_incomplete_light_tier_is_not_used(container: Container, lacking: str) -> None:
    source = (
        "from grader import sandbox\n"
        "from grader.errors import BoxError\n"
        "try:\n"
        "    print(sandbox.choose_tier())\n"
        "except BoxError as error:\n"
        "    print(error)\n"
    )
    process = container.python("-c", source, options=(lacking,))
    assert process.stdout.startswith(f"{NO_NAMESPACES} (bwrap: ")
    assert process.stdout.endswith(f"{REMEDY} {LACKING[lacking]} {WITHOUT}\n")
    assert process.stderr == ""


def test_batch_stops_and_check_warns_without_box(
    once: Container,
) -> None:
    """Without any sandbox a batch is not graded; a single notebook is, with a warning."""
    lacking = "--no-landlock"
    process = once.grader("batch", "class", "--out", "graded", options=(lacking,))
    assert (process.returncode, process.stdout) == (3, "")
    assert is_one_sentence(process.stderr)
    assert process.stderr.startswith(f"grader: {NO_NAMESPACES} (bwrap: ")
    assert process.stderr.endswith(f"{REMEDY} {LACKING[lacking]} {WITHOUT}\n")
    assert not (once.folder / "graded").exists()

    process = once.grader("check", "right.ipynb", "--json", "result.json", options=(lacking,))
    assert process.returncode == 0
    loudly = "Grading WITHOUT a sandbox. This is safe only for your own notebook."
    assert process.stderr.endswith(f"{LACKING[lacking]} {WITHOUT} {loudly}\n")
    assert once.result("result.json")["sandbox"] == "none"


def test_doctor_fails_without_a_sandbox(once: Container) -> None:
    process = once.grader("doctor", options=("--no-landlock",))
    assert (process.returncode, process.stderr) == (1, "")
    output = " ".join(process.stdout.split())
    assert "a sandbox works on this machine │ NO │ " in output
    assert "the kernel has Landlock │ no │ it needs Linux 5.13 or later; " in output
