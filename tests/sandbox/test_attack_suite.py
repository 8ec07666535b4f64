"""A tier is used only if every attack on it failed with a known error."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from grader import sandbox
from grader.errors import BoxError
from grader.model import Ending, Observation, Raised, Returned, Tier
from grader.model.submission import Program
from grader.sandbox import attack_suite
from grader.sandbox.attack_suite import ATTACKS, UNHARMED, AttackResult, ChosenTier
from grader.sandbox.launch import BoxLost

NUMPY = sandbox.BoxContents((), ("numpy",))
REFUSED = Raised("PermissionError", "[Errno 13] Permission denied: '/etc/passwd'")
WITHOUT = "Without a sandbox, grade only your own notebook, with --no-sandbox."
Run = Callable[..., tuple[Observation, ...]]


def fake_run(
    *outcomes: Raised | Returned, ending: Ending = Ending.FINISHED, detail: str = ""
) -> Run:
    """Return a `run` in which the first attacks have these outcomes, and all others are refused."""

    def run(programs: list[Program], *_: Any, tier: Tier) -> tuple[Observation, ...]:
        rest = len(ATTACKS) - len(outcomes) if ending is Ending.FINISHED else 0
        return (Observation((*outcomes, *[REFUSED] * rest), ending, detail),)

    return run


def attack(run: Run) -> list[AttackResult]:
    return attack_suite.attack(run, NUMPY, Tier.FULL)


# ------------------------------------------------------------------ which outcomes count as refused


def test_refused_attacks_hold() -> None:
    """The system's message is reported."""
    results = attack(fake_run())
    assert all(result.holds for result in results)
    assert {result.detail for result in results[:-1]} == {"Permission denied"}
    claims = [*(attack.claim for attack in ATTACKS), UNHARMED]
    assert [result.claim for result in results] == claims
    assert results[-1] == AttackResult(UNHARMED, True, "checked from outside")


@pytest.mark.parametrize(
    ("raised", "detail"),
    [
        (Raised("MemoryError", ""), "MemoryError"),
        (Raised("OSError", "[Errno 30] Read-only file system: '/x: y'"), "Read-only file system"),
        (Raised("FileNotFoundError", "[Errno 2] No such file: 'x'"), "No such file"),
        (Raised("ProcessLookupError", "[Errno 3] No such process"), "No such process"),
        (Raised("BlockingIOError", "[Errno 11] can't start new thread"), "can't start new thread"),
    ],
)
def test_other_refusals_hold(raised: Raised, detail: str) -> None:
    assert attack(fake_run(raised))[0] == AttackResult(ATTACKS[0].claim, True, detail)


@pytest.mark.parametrize(
    ("outcome", "detail"),
    [
        (Returned("the attack succeeded"), "the attack succeeded"),
        (Returned(None), "None"),
        (Raised("ConnectionRefusedError", "[Errno 111] Connection refused"), "Connection refused"),
        (Raised("TimeoutError", "timed out"), "TimeoutError: timed out"),
        (Raised("NameError", "name 'os' is not defined"), "NameError: name 'os' is not defined"),
        (Raised("KeyError", "'attempt'"), "KeyError: 'attempt'"),
        (Raised("KeyboardInterrupt", ""), "KeyboardInterrupt"),
    ],
)
def test_unknown_outcome_does_not_hold(outcome: Raised | Returned, detail: str) -> None:
    results = attack(fake_run(outcome))
    assert results[0] == AttackResult(ATTACKS[0].claim, False, detail)
    assert all(result.holds for result in results[1:])


@pytest.mark.parametrize(
    ("ending", "words", "detail"),
    [
        (Ending.CRASHED, "it stopped the sandbox", "it stopped the sandbox"),
        (Ending.TIMEOUT, "", "no result (timeout)"),
        (Ending.BROKEN_WIRE, "the sandbox sent nonsense", "the sandbox sent nonsense"),
    ],
)
def test_missing_outcomes_do_not_hold(ending: Ending, words: str, detail: str) -> None:
    results = attack(fake_run(REFUSED, REFUSED, ending=ending, detail=words))
    assert [result.holds for result in results[:2]] == [True, True]
    missing = [attack.claim for attack in ATTACKS[2:]]
    assert results[2:-1] == [AttackResult(claim, False, detail) for claim in missing]


@pytest.mark.parametrize(
    "harm",
    [
        lambda decoys: Path(decoys.secret).write_text("read"),
        lambda decoys: Path(decoys.secret).chmod(0o666),
        lambda decoys: (decoys.folder / "left_behind").touch(),
        lambda decoys: Path(decoys.unix_sockets[0]).unlink(),
        lambda decoys: (decoys.bystander.kill(), decoys.bystander.wait()),
    ],
)
def test_harm_to_decoys_is_detected(
    monkeypatch: pytest.MonkeyPatch, harm: Callable[[attack_suite.Decoys], object]
) -> None:
    existing: list[attack_suite.Decoys] = []
    original = attack_suite._state

    def state(decoys: attack_suite.Decoys) -> Any:
        existing.append(decoys)
        return original(decoys)

    def run(*_: Any, **__: Any) -> tuple[Observation, ...]:
        harm(existing[0])
        return fake_run()([], tier=Tier.FULL)

    monkeypatch.setattr(attack_suite, "_state", state)
    detail = "files or processes outside were changed"
    assert attack(run)[-1] == AttackResult(UNHARMED, False, detail)


def test_decoys_are_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    before = os.listdir("/proc/self/fd")
    with attack_suite._set_up_decoys() as decoys:
        assert Path(decoys.secret).read_text() == "secret"
        assert decoys.bystander.poll() is None
    assert decoys.bystander.returncode is not None
    assert os.listdir(tmp_path) == []
    assert len(os.listdir("/proc/self/fd")) == len(before)


def test_decoys_with_a_long_temporary_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    long = tmp_path / ("long" * 40)
    long.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(long))
    with attack_suite._set_up_decoys() as decoys:
        assert Path(decoys.unix_sockets[0]).is_socket()


# ------------------------------------------------------------------ which tier is chosen


def run_by_tier(**runs: Run | BoxError) -> tuple[Run, list[Tier]]:
    """Return a `run` that behaves differently per tier, and the list of tiers that it was called with."""
    tiers: list[Tier] = []

    def run(*arguments: Any, tier: Tier) -> tuple[Observation, ...]:
        tiers.append(tier)
        chosen = runs[tier]
        if isinstance(chosen, BoxError):
            raise chosen
        return chosen(*arguments, tier=tier)

    return run, tiers


def test_strongest_tier_is_chosen() -> None:
    """No weaker tier is tried."""
    run, tiers = run_by_tier(full=fake_run(), light=fake_run())
    assert attack_suite.choose_tier(run, NUMPY) == ChosenTier(Tier.FULL)
    assert tiers == [Tier.FULL]


def test_unavailable_tier_gives_its_reason() -> None:
    run, tiers = run_by_tier(full=BoxError("There are no namespaces."), light=fake_run())
    chosen = attack_suite.choose_tier(run, NUMPY)
    assert chosen == ChosenTier(Tier.LIGHT, "There are no namespaces.")
    assert tiers == [Tier.FULL, Tier.LIGHT]


def test_broken_tier_lists_failed_claims() -> None:
    run, _ = run_by_tier(full=fake_run(*[Returned("done")] * 4), light=fake_run())
    claims = "; ".join(f"{attack.claim} (done)" for attack in ATTACKS[:3])
    reason = f"The full sandbox failed these checks: {claims}."
    assert attack_suite.choose_tier(run, NUMPY) == ChosenTier(Tier.LIGHT, reason)


def test_killed_trial_does_not_lower_the_tier() -> None:
    """As the kernel kills it where memory is short; but an attack that had succeeded counts."""
    killed = (Observation((Raised("OSError", "[Errno 1] a"),), Ending.CRASHED, "killed"),)
    replies = iter((killed, BoxLost("The sandbox stopped."), fake_run()([], tier=Tier.FULL)))

    def run(*_: Any, tier: Tier) -> tuple[Observation, ...]:
        reply = next(replies)
        if isinstance(reply, BoxError):
            raise reply
        return reply

    next(replies)
    assert attack_suite.choose_tier(run, NUMPY) == ChosenTier(Tier.FULL)
    replies = iter((killed, fake_run()([], tier=Tier.FULL)))
    assert attack_suite.choose_tier(run, NUMPY) == ChosenTier(Tier.FULL)
    succeeded = (Observation((Returned("done"),), Ending.CRASHED, "killed"),)
    replies = iter((succeeded, fake_run()([], tier=Tier.FULL)))
    assert attack_suite.choose_tier(run, NUMPY).tier is Tier.LIGHT


def test_no_tier_raises_with_all_reasons() -> None:
    """Each reason appears once, followed by the remedy."""
    run, tiers = run_by_tier(full=BoxError("No bubblewrap."), light=fake_run(Returned("done")))
    with pytest.raises(BoxError) as problem:
        attack_suite.choose_tier(run, NUMPY)
    broken = f"The light sandbox failed these checks: {ATTACKS[0].claim} (done)."
    assert str(problem.value) == f"No bubblewrap. {broken} {WITHOUT}"
    assert tiers == [Tier.FULL, Tier.LIGHT]

    run, _ = run_by_tier(full=BoxError("No memory."), light=BoxError("No memory."))
    with pytest.raises(BoxError) as problem:
        attack_suite.choose_tier(run, NUMPY)
    assert str(problem.value) == f"No memory. {WITHOUT}"


def test_sandbox_uses_the_suite(monkeypatch: pytest.MonkeyPatch) -> None:
    run, _ = run_by_tier(full=BoxError("There are no namespaces."), light=fake_run())
    monkeypatch.setattr(sandbox, "run", run)
    assert sandbox.choose_tier(NUMPY) == ChosenTier(Tier.LIGHT, "There are no namespaces.")
    assert all(result.holds for result in sandbox.attack(Tier.LIGHT, NUMPY))


# ------------------------------------------------------------------ functions that misbehave


def misbehave(observation: Observation, *, index: int = -1) -> list[AttackResult]:
    """Return the result of every misbehaviour, if this is the observation of one of its programs."""
    other = Observation((Returned([]),))

    def run(programs: list[Program], *_: Any, tier: Tier) -> tuple[Observation, ...]:
        observations = [other] * len(programs)
        observations[index] = observation
        return tuple(observations)

    suite = attack_suite.MISBEHAVIOURS
    return [attack_suite.misbehave(run, m, NUMPY, Tier.FULL) for m in suite]


@pytest.mark.parametrize(
    "outcome",
    [
        Returned("it got through"),
        Returned(["note"]),
        Returned(None),
        Raised("RuntimeError", "something else"),
    ],
    ids=str,
)
def test_unexpected_outcome_is_not_contained(outcome: Returned | Raised) -> None:
    results = misbehave(Observation((outcome,)))
    detail = outcome.kind if isinstance(outcome, Raised) else repr(outcome.value)
    assert {(result.holds, result.detail) for result in results} == {(False, detail)}


def test_second_program_looks_for_files() -> None:
    """The claim is about the last of the programs in one box."""
    claim = "no file remains for the next function"
    assert misbehave(Observation((Returned(["note"]),)))[-1] == AttackResult(
        claim, False, "['note']"
    )
    assert misbehave(Observation((Returned(["note"]),)), index=0)[-1].holds


def test_crash_proves_only_crash_claims() -> None:
    results = misbehave(Observation((), Ending.CRASHED, "it stopped the sandbox"))
    claims = ["a function that exits Python is detected"]
    claims += ["a function that crashes Python is detected"]
    assert [result.claim for result in results if result.holds] == claims
    assert {result.detail for result in results} == {"it stopped the sandbox"}


def test_ending_without_detail_is_named() -> None:
    assert misbehave(Observation((), Ending.TIMEOUT))[0].detail == "timeout"
