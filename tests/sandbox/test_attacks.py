"""The attacks that a box is tried with are able to win, where there is no wall."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from grader.errors import BoxError
from grader.sandbox import bubblewrap
from grader.sandbox.attack_suite import ATTACKS
from tests import ROOT
from tests.sandbox.children import in_a_child

UNHARMED = "nothing outside was harmed"

EACH_ALONE = """
import json, sys
from grader import sandbox
from grader.model import Call, Cell, Limits, Program
from grader.sandbox import attack_suite
source = attack_suite._SOURCE.read_text("utf-8")
contents = sandbox.BoxContents((), ("numpy",))
with attack_suite._decoys() as decoys:
    programs = [
        Program("attempt", (Cell(1, source),), (Call((attack.name, attack.reach(decoys)), 1),))
        for attack in attack_suite.ATTACKS if attack.name != "kill"
    ]
    seen = sandbox.run(programs, contents, attack_suite.LIMITS, tier="none")
together = sandbox.attacked("none", contents)
claims = [attack.claim for attack in attack_suite.ATTACKS if attack.name != "kill"]
attacks = {attack.claim: attack for attack in attack_suite.ATTACKS}
outcomes = map(attack_suite._outcome, map(attacks.get, claims), seen, [0] * 99)
alone = [[o.claim, o.holds, o.detail] for o in outcomes]
print(json.dumps([alone, [[o.claim, o.holds] for o in together]]))
"""
BOUND_ANYHOW = {
    "Python's library cannot be changed": "the throw-away box has it mounted read-only",
    "no other user can be become": "the throw-away box knows but one",
    "no open file is left to be used": "a worker closes them without a wall too",
    "memory is bounded": "limits hold without a wall too",
    "shared memory is bounded": "as above",
    "threads are bounded": "as above",
    "the kernel takes no programs (bpf)": "the kernel asks for rights outside of any namespace",
    "the kernel's counters (perf) are out of reach": "as above, on some machines",
    "the kernel's page faults (userfaultfd) are out of reach": "as above, on some machines",
    "the kernel's queues (io_uring) are out of reach": "switched off on some machines",
}
"""Attacks that may fail where there is no wall, and why."""


@pytest.fixture(scope="module")
def without_a_wall() -> tuple[dict[str, bool], dict[str, bool]]:
    """Attack where there is no wall, in a throw-away box: one by one, and in a row as `prove` does."""
    throw_away = [
        "--unshare-all",
        "--die-with-parent",
        "--uid",
        "0",
        "--gid",
        "0",
        "--cap-add",
        "ALL",
    ]
    places = ["--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc", "--tmpfs", "/tmp"]
    places += ["--ro-bind", str(ROOT), str(ROOT)]  # which may lie in /tmp
    try:
        done = subprocess.run(
            [bubblewrap.find(), *throw_away, *places, sys.executable, "-c", EACH_ALONE],
            env={"PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    except BoxError as problem:
        pytest.skip(str(problem))
    if done.stderr.startswith("bwrap: "):
        pytest.skip(f"there is no throw-away box to do harm in: {done.stderr.strip()}")
    assert done.returncode == 0, done.stderr
    alone, together = json.loads(done.stdout)
    return {claim: holds for claim, holds, _ in alone}, dict(together)


def test_without_a_wall_the_attacks_come_through(
    without_a_wall: tuple[dict[str, bool], dict[str, bool]],
) -> None:
    alone, _ = without_a_wall
    assert len(alone) == len(ATTACKS) - 1
    assert {claim for claim, holds in alone.items() if holds} <= BOUND_ANYHOW.keys()


def test_without_a_wall_the_bait_is_harmed_and_its_process_killed(
    without_a_wall: tuple[dict[str, bool], dict[str, bool]],
) -> None:
    _, together = without_a_wall
    assert not together["other processes cannot be killed"]
    assert not together[UNHARMED]


@pytest.mark.parametrize(
    ("name", "decoys"),
    [
        ("fill_memory", 1 << 20),
        ("fill_shared_memory", 1 << 20),
        ("start_threads", 3),
        ("use_descriptors", ""),
        ("write_library", ""),
        ("call", "fcntl"),
        pytest.param(
            *("become_another", ""),
            marks=pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another"),
        ),
    ],
)
def test_an_attack_that_nothing_stands_against_succeeds(
    tmp_path: Path, name: str, decoys: object
) -> None:
    source = (
        "import os, attacks\n"
        "name, decoys, folder = given\n"
        "os.__file__ = folder + '/os.py'\n"
        "kept = open(folder + '/open', 'w')\n"
        "print(json.dumps(attacks.attempt(name, decoys)))\n"
    )
    assert in_a_child(source, name, decoys, str(tmp_path)) == "nothing kept it from that"
    assert (tmp_path / "left_behind.py").exists() == (name == "write_library")


def test_a_call_that_is_not_looked_at_is_refused_and_one_without_a_number_too() -> None:
    source = (
        "import attacks, seccomp\n"
        "seccomp.install(alone=True)\n"
        "def said(name):\n"
        "    try:\n"
        "        return attacks.attempt('call', name)\n"
        "    except OSError as error:\n"
        "        return error.strerror\n"
        "print(json.dumps([said('bpf'), said('no_such_call')]))\n"
    )
    assert in_a_child(source) == ["Operation not permitted", "no_such_call has no number here"]
