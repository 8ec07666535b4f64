"""The attacks of the suite can succeed: they do without isolation."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from grader.errors import BoxError
from grader.sandbox import bubblewrap
from grader.sandbox.attack_suite import ATTACKS, UNHARMED
from tests import ROOT
from tests.sandbox.children import in_a_child

SCRIPT = """
import json
from grader import sandbox
from grader.model import Call, Tier
from grader.sandbox import attack_suite
contents = sandbox.BoxContents((), ("numpy",))
attacks = [attack for attack in attack_suite.ATTACKS if attack.name != "kill"]
with attack_suite._set_up_decoys() as decoys:
    calls = [Call((attack.name, attack.target(decoys)), 1) for attack in attacks]
    programs = [attack_suite._program("attempt", (call,)) for call in calls]
    observations = sandbox.run(programs, contents, attack_suite.LIMITS, tier=Tier.NONE)
alone = map(attack_suite._result, attacks, observations, [0] * len(attacks))
together = sandbox.attack(Tier.NONE, contents)
print(json.dumps([{r.claim: r.holds for r in results} for results in (alone, together)]))
"""
MAY_FAIL = {
    "Python's library cannot be changed": "the outer box mounts it read-only",
    "the user cannot be changed": "the outer box has only one user",
    "no file that was opened outside can be used": "a worker closes them in every tier",
    "memory is limited": "limits apply in every tier",
    "shared memory is limited": "as above",
    "the number of threads is limited": "as above",
    "kernel programs (bpf) are blocked": "the kernel requires privileges outside any namespace",
    "kernel counters (perf) are blocked": "as above, on some machines",
    "kernel page faults (userfaultfd) are blocked": "as above, on some machines",
    "kernel queues (io_uring) are blocked": "disabled on some machines",
}
"""Attacks that may fail without isolation, and why."""


class Unisolated(NamedTuple):
    """Which claims hold without isolation, for attacks one by one, and for all in one program."""

    alone: dict[str, bool]
    together: dict[str, bool]


@pytest.fixture(scope="module")
def unisolated() -> Unisolated:
    """Run the suite with the tier `none`, inside an outer box where it can do no harm."""
    options = "--unshare-all --die-with-parent --uid 0 --gid 0 --cap-add ALL".split()
    options += "--ro-bind / / --dev /dev --proc /proc --tmpfs /tmp".split()
    options += ["--ro-bind", str(ROOT), str(ROOT)]  # it may be below /tmp
    try:
        process = subprocess.run(
            [bubblewrap.find(), *options, sys.executable, "-c", SCRIPT],
            env={"PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    except BoxError as problem:
        pytest.skip(str(problem))
    if process.stderr.startswith("bwrap: "):
        pytest.skip(f"the outer box cannot be started: {process.stderr.strip()}")
    assert process.returncode == 0, process.stderr
    return Unisolated(*json.loads(process.stdout))


def test_attacks_succeed_without_isolation(unisolated: Unisolated) -> None:
    assert len(unisolated.alone) == len(ATTACKS) - 1
    assert {claim for claim, holds in unisolated.alone.items() if holds} <= MAY_FAIL.keys()


def test_decoys_are_harmed_without_isolation(unisolated: Unisolated) -> None:
    assert not unisolated.together["other processes cannot be killed"]
    assert not unisolated.together[UNHARMED]


@pytest.mark.parametrize(
    ("name", "target"),
    [
        ("fill_memory", 1 << 20),
        ("fill_shared_memory", 1 << 20),
        ("start_threads", 3),
        ("use_descriptors", ""),
        ("write_library", ""),
        ("make_system_call", "fcntl"),
        pytest.param(
            *("change_user", ""),
            marks=pytest.mark.skipif(os.geteuid() != 0, reason="only root can change its user"),
        ),
    ],
)
def test_unopposed_attack_succeeds(tmp_path: Path, name: str, target: object) -> None:
    source = (
        "import os, attacks\n"
        "name, target, folder = arguments\n"
        "os.__file__ = folder + '/os.py'\n"
        "file = open(folder + '/open', 'w')\n"
        "print(json.dumps(attacks.attempt(name, target)))\n"
    )
    assert in_a_child(source, name, target, str(tmp_path)) == "the attack succeeded"
    assert (tmp_path / "left_behind.py").exists() == (name == "write_library")


def test_filtered_and_unknown_calls_are_refused() -> None:
    source = (
        "import attacks, seccomp\n"
        "seccomp.install(strict=True)\n"
        "def reply(name):\n"
        "    try:\n"
        "        return attacks.attempt('make_system_call', name)\n"
        "    except OSError as error:\n"
        "        return error.strerror\n"
        "print(json.dumps([reply('bpf'), reply('no_such_call')]))\n"
    )
    assert in_a_child(source) == ["Operation not permitted", "no_such_call has no number here"]
