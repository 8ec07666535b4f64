"""A tier is relied on only after every attack on it was refused in so many words."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from grader import sandbox
from grader.errors import BoxError
from grader.model import Ending, Observation, Program, Raised, Returned, Tier
from grader.sandbox import attack_suite
from grader.sandbox.attack_suite import ATTACKS, Outcome

NUMPY = sandbox.BoxContents((), ("numpy",))
REFUSED = Raised("PermissionError", "[Errno 13] Permission denied: '/etc/passwd'")
WITHOUT = "Without a box, grade only your own notebook, with --no-sandbox."
UNHARMED = "nothing outside was harmed"
Stub = Callable[..., tuple[Observation, ...]]


def answering(
    *outcomes: Raised | Returned, ending: Ending = Ending.FINISHED, detail: str = ""
) -> Stub:
    """Return a sandbox in which the first attacks end so, and all others are refused."""

    def run(programs: list[Program], *_: Any, tier: Tier) -> tuple[Observation, ...]:
        rest = len(ATTACKS) - len(outcomes) if ending is Ending.FINISHED else 0
        return (Observation((*outcomes, *[REFUSED] * rest), ending, detail),)

    return run


def first(run: Stub) -> Outcome:
    """Return what is made of the first attack."""
    return attack_suite.attacked(run, NUMPY, Tier.FULL)[0]


# ------------------------------------------------------------------ what counts as refused


def test_what_the_system_refuses_holds_and_its_words_are_told() -> None:
    outcomes = attack_suite.attacked(answering(), NUMPY, Tier.FULL)
    assert all(outcome.holds for outcome in outcomes)
    assert {outcome.detail for outcome in outcomes[:-1]} == {"Permission denied"}
    claims = [*(attack.claim for attack in ATTACKS), UNHARMED]
    assert [outcome.claim for outcome in outcomes] == claims
    assert outcomes[-1] == Outcome(UNHARMED, True, "seen from outside")


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
def test_other_words_of_the_system_hold_as_well(raised: Raised, detail: str) -> None:
    assert first(answering(raised)) == Outcome(ATTACKS[0].claim, True, detail)


@pytest.mark.parametrize(
    ("ended", "detail"),
    [
        (Returned("nothing kept it from that"), "nothing kept it from that"),
        (Returned(None), "None"),
        (Raised("ConnectionRefusedError", "[Errno 111] Connection refused"), "Connection refused"),
        (Raised("TimeoutError", "timed out"), "TimeoutError: timed out"),
        (Raised("NameError", "name 'os' is not defined"), "NameError: name 'os' is not defined"),
        (Raised("KeyError", "'attempt'"), "KeyError: 'attempt'"),
        (Raised("KeyboardInterrupt", ""), "KeyboardInterrupt"),
    ],
)
def test_what_was_not_refused_in_so_many_words_has_come_through(
    ended: Raised | Returned, detail: str
) -> None:
    outcomes = attack_suite.attacked(answering(ended), NUMPY, Tier.FULL)
    assert outcomes[0] == Outcome(ATTACKS[0].claim, False, detail)
    assert all(outcome.holds for outcome in outcomes[1:])


@pytest.mark.parametrize(
    ("ending", "words", "detail"),
    [
        (Ending.CRASHED, "it took its box down", "it took its box down"),
        (Ending.TIMEOUT, "", "there was no answer (timeout)"),
        (Ending.BROKEN_WIRE, "the box sent nonsense", "the box sent nonsense"),
    ],
)
def test_an_attack_without_an_answer_has_come_through_and_so_have_all_after_it(
    ending: Ending, words: str, detail: str
) -> None:
    run = answering(REFUSED, REFUSED, ending=ending, detail=words)
    outcomes = attack_suite.attacked(run, NUMPY, Tier.FULL)
    assert [outcome.holds for outcome in outcomes[:2]] == [True, True]
    lost = [*(attack.claim for attack in ATTACKS[2:])]
    assert outcomes[2:-1] == [Outcome(claim, False, detail) for claim in lost]


@pytest.mark.parametrize(
    "harm",
    [
        lambda decoys: Path(decoys.secret).write_text("read"),
        lambda decoys: Path(decoys.secret).chmod(0o666),
        lambda decoys: (decoys.folder / "left_behind").touch(),
        lambda decoys: Path(decoys.doors[0]).unlink(),
        lambda decoys: (decoys.bystander.kill(), decoys.bystander.wait()),
    ],
)
def test_decoys_that_was_harmed_is_seen_from_outside(
    monkeypatch: pytest.MonkeyPatch, harm: Callable[[attack_suite.Decoys], object]
) -> None:
    laid_out: list[attack_suite.Decoys] = []
    looked = attack_suite._look

    def look(decoys: attack_suite.Decoys) -> Any:
        laid_out.append(decoys)
        return looked(decoys)

    def run(*_: Any, **__: Any) -> tuple[Observation, ...]:
        harm(laid_out[0])
        return answering()([], tier=Tier.FULL)

    monkeypatch.setattr(attack_suite, "_look", look)
    outcome = attack_suite.attacked(run, NUMPY, Tier.FULL)[-1]
    assert outcome == Outcome(UNHARMED, False, "what was laid out was harmed")


def test_decoys_is_taken_in_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    before = os.listdir("/proc/self/fd")
    with attack_suite._decoys() as decoys:
        assert Path(decoys.secret).read_text() == "for nobody's eyes"
        assert decoys.bystander.poll() is None
    assert decoys.bystander.returncode is not None
    assert os.listdir(tmp_path) == []
    assert len(os.listdir("/proc/self/fd")) == len(before)


def test_doors_are_laid_out_however_long_the_name_of_the_temporary_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    long = tmp_path / ("long" * 40)
    long.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(long))
    with attack_suite._decoys() as decoys:
        assert Path(decoys.doors[0]).is_socket()


# ------------------------------------------------------------------ which tier is relied on


def by_tier(**runs: Stub | BoxError) -> tuple[Stub, list[str]]:
    """Return a sandbox that does each tier in its own way, and the list of those it was asked for."""
    asked: list[str] = []

    def run(*given: Any, tier: Tier) -> tuple[Observation, ...]:
        asked.append(tier)
        chosen = runs[tier]
        if isinstance(chosen, BoxError):
            raise chosen
        return chosen(*given, tier=tier)

    return run, asked


def test_the_strongest_tier_that_holds_is_chosen_and_no_weaker_one_is_tried() -> None:
    run, asked = by_tier(full=answering(), light=answering())
    assert attack_suite.chosen(run, NUMPY) == ("full", "")
    assert asked == ["full"]


def test_where_a_tier_cannot_be_had_the_next_one_is_tried_and_the_reason_told() -> None:
    run, asked = by_tier(full=BoxError("There are no namespaces."), light=answering())
    assert attack_suite.chosen(run, NUMPY) == ("light", "There are no namespaces.")
    assert asked == ["full", "light"]


def test_a_tier_that_broke_is_not_relied_on_and_the_first_claims_are_told() -> None:
    came_through = [Returned("done")] * 4
    run, _ = by_tier(full=answering(*came_through), light=answering())
    told = "; ".join(f"{attack.claim} (done)" for attack in ATTACKS[:3])
    reason = f"The full box does not hold what it must: {told}."
    assert attack_suite.chosen(run, NUMPY) == ("light", reason)


def test_where_none_holds_every_reason_is_told_once_and_what_to_do() -> None:
    run, asked = by_tier(full=BoxError("No bubblewrap."), light=answering(Returned("done")))
    with pytest.raises(BoxError) as problem:
        attack_suite.chosen(run, NUMPY)
    broken = f"The light box does not hold what it must: {ATTACKS[0].claim} (done)."
    assert str(problem.value) == f"No bubblewrap. {broken} {WITHOUT}"
    assert asked == ["full", "light"]

    run, _ = by_tier(full=BoxError("No memory."), light=BoxError("No memory."))
    with pytest.raises(BoxError) as problem:
        attack_suite.chosen(run, NUMPY)
    assert str(problem.value) == f"No memory. {WITHOUT}"


def test_prove_tells_the_tier_and_the_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    run, _ = by_tier(full=BoxError("There are no namespaces."), light=answering())
    monkeypatch.setattr(sandbox, "run", run)
    assert sandbox.prove(NUMPY) == sandbox.ChosenTier(Tier.LIGHT, "There are no namespaces.")
    assert all(outcome.holds for outcome in sandbox.attacked(Tier.LIGHT, NUMPY))
