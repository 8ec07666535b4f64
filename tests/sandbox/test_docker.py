"""In a container that forbids namespaces, the grader grades in the light box; without one, it does not.

The container is emulated: see `docker.py`. Tests are done as root and as an ordinary user.
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
from tests.sandbox import nobody
from tests.support.command_line import environment, hand_in, is_one_sentence, rows

Done = subprocess.CompletedProcess[str]

LAUNCHER = Path(__file__).with_name("docker.py")
NO_NAMESPACES = "This machine does not let programs make user namespaces, which the box is built of"
REMEDY = (
    "as root, run 'sysctl -w user.max_user_namespaces=15000' and, where it exists, 'sysctl -w "
    "kernel.apparmor_restrict_unprivileged_userns=0'."
)
LIGHT = "Grading in the light box, which every attack was tried on."
WITHOUT = "Without a box, grade only your own notebook, with --no-sandbox."
LACKING = {
    "--no-landlock": "The kernel has no Landlock, which the light box is built of.",
    "--no-filter": "A box could not be started: OSError: the kernel takes no system-call filter.",
    "--other-machine": "No system-call filter is known for this kind of machine.",
}

pytestmark = [
    pytest.mark.usefixtures("light"),
    pytest.mark.skipif(platform.machine() != "x86_64", reason="the emulation is for x86-64"),
]


@dataclass(frozen=True, slots=True)
class Container:
    """A user in a container, and a folder that is theirs."""

    desk: Path
    somebody: bool

    def python(self, *arguments: str, options: tuple[str, ...] = ()) -> Done:
        """Run Python in the container."""
        if self.somebody:
            return subprocess.run(
                [sys.executable, LAUNCHER, *options, sys.executable, *arguments],
                cwd=self.desk,
                env=environment(),
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                timeout=120,
                check=False,
            )
        nobodys = nobody.python()
        return nobody.as_nobody(LAUNCHER, *options, nobodys, *arguments, cwd=str(self.desk))

    def grader(self, *arguments: str, options: tuple[str, ...] = ()) -> Done:
        """Run the command line in the container."""
        return self.python("-m", "grader", *arguments, options=options)

    def result(self, *place: str) -> Any:
        """Return a result object that was written."""
        return json.loads(self.desk.joinpath(*place).read_text("utf-8"))


@contextmanager
def desk_of(*, somebody: bool) -> Iterator[Container]:
    """Yield a container with submissions on the desk."""
    with tempfile.TemporaryDirectory(prefix="desk-") as folder:
        desk = Path(folder)
        hand_in(desk / "class", "right", "wrong-l2-not-halved", "hostile-exit-at-once")
        shutil.copy(desk / "class" / "right.ipynb", desk)
        if not somebody:
            for path in (desk, *desk.rglob("*")):
                os.chown(path, nobody.NOBODY, nobody.NOBODY)
        yield Container(desk, somebody)


@pytest.fixture(params=["root", "user"])
def container(request: pytest.FixtureRequest) -> Iterator[Container]:
    """Return a container in which root works, and do the test over for an ordinary user."""
    if request.param == "root" and os.geteuid() != 0:
        pytest.skip("not root: the other half is done as an ordinary user")
    with desk_of(somebody=request.param == "root" or os.geteuid() != 0) as made:
        yield made


@pytest.fixture
def once() -> Iterator[Container]:
    """Return a container in which whoever runs the tests works, for what takes its time."""
    with desk_of(somebody=True) as made:
        yield made


def light_and_why(said: str) -> bool:
    """Say whether the first line tells that the light box is used, why, and how to have the full one."""
    line = said.splitlines()[0]
    return line.startswith(f"grader: {NO_NAMESPACES} (bwrap: ") and line.endswith(
        f"{REMEDY} {LIGHT}"
    )


# ------------------------------------------------------------------ the emulation


def test_the_emulation_forbids_what_docker_does(container: Container) -> None:
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
    bounds, filtered, uid, *said = json.loads(container.python("-c", source).stdout)
    assert said == ["EPERM", "EPERM", "EPERM", "ENOSYS", "EPERM"]
    assert filtered == "2"
    assert uid != 0 or bounds == "00000000a80425fb"


# ------------------------------------------------------------------ graded in the light box


def test_a_right_notebook_is_graded_in_the_light_box(once: Container) -> None:
    done = once.grader("check", "right.ipynb", "--json", "result.json")
    assert done.returncode == 0, done.stderr
    assert light_and_why(done.stderr) and len(done.stderr.splitlines()) == 1
    result = once.result("result.json")
    assert (result["score"], result["sandbox"], result["status"]) == (100, "light", "graded")


def test_a_class_is_graded_in_the_light_box_and_nobody_costs_another_a_point(
    container: Container,
) -> None:
    done = container.grader("batch", "class", "--out", "graded", "--workers", "2")
    assert done.returncode == 0, done.stderr
    assert light_and_why(done.stderr)
    scores = {name: float(row["score"]) for name, row in rows(container.desk / "graded").items()}
    assert (scores["right"], scores["hostile-exit-at-once"]) == (100, 75)
    assert 0 < scores["wrong-l2-not-halved"] < 100
    for name in scores:
        assert container.result("graded", "submissions", name, "result.json")["sandbox"] == "light"
    assert not list(container.desk.glob("graded/.draft*"))


def test_every_attack_holds_and_the_full_box_is_refused(container: Container) -> None:
    source = (
        "import json\n"
        "from grader import sandbox\n"
        "from grader.errors import BoxError\n"
        "from grader.sandbox import fork_server\n"
        "try:\n"
        "    sandbox.attacked('full')\n"
        "    full = ''\n"
        "except BoxError as error:\n"
        "    full = str(error)\n"
        "chosen = sandbox.prove()\n"
        "outcomes = sandbox.attacked('light')\n"
        "print(json.dumps([full, chosen.tier, chosen.reason, len(outcomes),\n"
        "    [o.claim for o in outcomes if not o.holds]]))\n"
    )
    done = container.python("-c", source)
    full, tier, reason, number, broken = json.loads(done.stdout)
    assert full.startswith(f"{NO_NAMESPACES} (bwrap: ") and full.endswith(REMEDY)
    assert (tier, reason, broken) == ("light", full, [])
    assert number == len(ATTACKS) + 1
    assert done.stderr == ""


def test_the_doctor_says_that_the_light_box_holds(once: Container) -> None:
    done = once.grader("doctor")
    assert (done.returncode, done.stderr) == (0, "")
    told = " ".join(done.stdout.split())
    assert "a box holds on this machine │ yes │ the light one, tried in " in told
    assert "it is the full one │ no │ This machine does not let " in told
    assert " NO " not in told and "would be good to have." in told


# ------------------------------------------------------------------ where it cannot be had either


@pytest.mark.parametrize("lacking", LACKING)
def test_a_box_that_lacks_anything_is_not_relied_on(container: Container, lacking: str) -> None:
    source = (
        "from grader import sandbox\n"
        "from grader.errors import BoxError\n"
        "try:\n"
        "    print(sandbox.prove())\n"
        "except BoxError as error:\n"
        "    print(error)\n"
    )
    done = container.python("-c", source, options=(lacking,))
    assert done.stdout.startswith(f"{NO_NAMESPACES} (bwrap: ")
    assert done.stdout.endswith(f"{REMEDY} {LACKING[lacking]} {WITHOUT}\n")
    assert done.stderr == ""


def test_without_any_box_a_class_is_not_graded_and_one_s_own_notebook_loudly(
    once: Container,
) -> None:
    lacking = "--no-landlock"
    done = once.grader("batch", "class", "--out", "graded", options=(lacking,))
    assert (done.returncode, done.stdout) == (3, "")
    assert is_one_sentence(done.stderr)
    assert done.stderr.startswith(f"grader: {NO_NAMESPACES} (bwrap: ")
    assert done.stderr.endswith(f"{REMEDY} {LACKING[lacking]} {WITHOUT}\n")
    assert not (once.desk / "graded").exists()

    done = once.grader("check", "right.ipynb", "--json", "result.json", options=(lacking,))
    assert done.returncode == 0
    loudly = "Grading WITHOUT a sandbox: fine for your own notebook."
    assert done.stderr.endswith(f"{LACKING[lacking]} {WITHOUT} {loudly}\n")
    assert once.result("result.json")["sandbox"] == "none"


def test_without_any_box_the_doctor_says_no(once: Container) -> None:
    done = once.grader("doctor", options=("--no-landlock",))
    assert (done.returncode, done.stderr) == (1, "")
    told = " ".join(done.stdout.split())
    assert "a box holds on this machine │ NO │ " in told
    assert "the kernel has Landlock │ no │ Linux 5.13 or later has it; " in told
