"""What this machine's sandbox must pass (`grader doctor`): each probe is run inside a real box."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from grader import sandbox
from grader.errors import BoxError
from grader.model import Call, Cell, Ending, Limits, Observation, Program, Raised, Returned
from grader.model.proofs import Claim
from grader.sandbox import ChosenTier, bubblewrap, cgroup
from grader.sandbox.box import landlock, seccomp

_LIMITS = Limits(function_seconds=3.0, memory_bytes=512 << 20, disk_bytes=8 << 20, processes=32)
_FURNITURE = sandbox.BoxContents((), ("numpy",))
_DO_NOT = "Do not grade other people's notebooks on this machine."


@dataclass(frozen=True, slots=True)
class _Probe:
    """What a function would do, and what must be seen of it, and of an honest one after it."""

    name: str
    source: str
    holds: Callable[[Observation], bool]


def _returns(value: object) -> Callable[[Observation], bool]:
    def holds(seen: Observation) -> bool:
        outcome = seen.outcomes[0] if seen.outcomes else None
        return isinstance(outcome, Returned) and outcome.value == value

    return holds


def _raises(kind: str) -> Callable[[Observation], bool]:
    def holds(seen: Observation) -> bool:
        outcome = seen.outcomes[0] if seen.outcomes else None
        return isinstance(outcome, Raised) and outcome.kind == kind

    return holds


def _ends(*endings: Ending) -> Callable[[Observation], bool]:
    return lambda seen: seen.ending in endings and not seen.outcomes


_PROBES = (
    _Probe("the sandbox returns a value", "def probe():\n    return 42\n", _returns(42)),
    _Probe(
        "a function that never ends is stopped from outside",
        "import signal\n"
        "def probe():\n"
        "    signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))\n"
        "    while True:\n"
        "        pass\n",
        _ends(Ending.TIMEOUT),
    ),
    _Probe(
        "a function that exits Python is detected",
        "import os\ndef probe():\n    os._exit(0)\n",
        _ends(Ending.CRASHED),
    ),
    _Probe(
        "a function that crashes Python is detected",
        "import ctypes\ndef probe():\n    return ctypes.string_at(0)\n",
        _ends(Ending.CRASHED),
    ),
    _Probe(
        "endless recursion raises an ordinary error",
        "def probe():\n    return probe()\n",
        _raises("RecursionError"),
    ),
    _Probe(
        "a forged result is rejected",
        "import os\ndef probe():\n    os.write(3, b'NBG1' + bytes(12))\n    return 42\n",
        _ends(Ending.BROKEN_WIRE),
    ),
    _Probe(
        "a function that sends too many bytes is stopped",
        "import os\ndef probe():\n    while True:\n        os.write(3, b'x' * 65536)\n",
        _ends(Ending.BROKEN_WIRE),
    ),
    _Probe(
        "very large output is discarded",
        "def probe():\n    for _ in range(64):\n        print('x' * (1 << 20))\n    return 42\n",
        _returns(42),
    ),
)
_LOOK_AROUND = _Probe(
    "no file remains for the next function",
    "import os\n"
    "def probe():\n"
    "    try:\n"
    "        before = sorted(os.listdir('/tmp'))\n"
    "        open('/tmp/note', 'w').close()\n"
    "    except OSError:\n"
    "        before = []\n"
    "    return before\n",
    _returns([]),
)


def examine() -> list[Claim]:
    """Return what holds on this machine; without a box there is nothing more to try."""
    proofs = [_python(), *_means()]
    started = time.monotonic()
    try:
        chosen = sandbox.prove(_FURNITURE)
    except BoxError as error:
        return [*proofs, Claim("a sandbox works on this machine", False, str(error))]
    took = f"the {chosen.tier} sandbox, tested in {time.monotonic() - started:.2f} s"
    proofs.append(Claim("a sandbox works on this machine", True, took))
    if chosen.reason:
        proofs.append(Claim("the full sandbox is available", False, chosen.reason, required=False))
    return [*proofs, *_attacked(chosen), *_behaviour(chosen)]


def _python() -> Claim:
    version = ".".join(map(str, sys.version_info[:3]))
    return Claim("Python 3.11 or later", sys.version_info >= (3, 11), version)


def _means() -> Iterator[Claim]:
    """Yield what boxes are made of here; one that holds may do without some of it."""
    try:
        yield Claim("bubblewrap is installed", True, bubblewrap.find(), required=False)
    except BoxError as error:
        yield Claim("bubblewrap is installed", False, str(error), required=False)
    version = landlock.version()
    without = (
        "it needs Linux 5.13 or later; if it is switched off, add 'landlock' to the "
        "kernel option lsm="
    )
    said = f"version {version}" if version else without
    yield Claim("the kernel has Landlock", version > 0, said, required=False)
    filtered = seccomp.known()
    said = "system calls are filtered" if filtered else ("only x86-64 and 64-bit ARM are supported")
    yield Claim(
        "there is a system-call filter for this processor type", filtered, said, required=False
    )
    group = cgroup.parent()
    without = (
        "limits are per process, which is safe; for one limit per sandbox, start the "
        "grader with 'systemd-run --user --scope -p Delegate=yes'"
    )
    yield Claim(
        "cgroups limit the memory of a whole sandbox",
        group is not None,
        str(group or without),
        required=False,
    )


def _attacked(chosen: ChosenTier) -> list[Claim]:
    try:
        outcomes = sandbox.attacked(chosen.tier, _FURNITURE)
    except BoxError as error:
        return [Claim("a second sandbox can be started", False, str(error))]
    return [_proof(outcome.claim, outcome.detail, holds=outcome.holds) for outcome in outcomes]


def _behaviour(chosen: ChosenTier) -> Iterator[Claim]:
    for probe in _PROBES:
        yield _tried(chosen, probe, [probe])
    yield _tried(chosen, _LOOK_AROUND, [_LOOK_AROUND, _LOOK_AROUND])


def _tried(chosen: ChosenTier, probe: _Probe, programs: list[_Probe]) -> Claim:
    """Run programs in one box; the claim is about the last of them."""
    asked = [Program("probe", (Cell(1, p.source),), (Call((), 1),)) for p in programs]
    try:
        *_, seen = sandbox.run(asked, _FURNITURE, _LIMITS, tier=chosen.tier)
    except BoxError as error:
        return Claim(probe.name, False, str(error))
    return _proof(probe.name, _told(seen), holds=probe.holds(seen))


def _proof(claim: str, detail: str, *, holds: bool) -> Claim:
    return Claim(claim, holds, detail if holds else f"{detail}. {_DO_NOT}")


def _told(seen: Observation) -> str:
    if not seen.outcomes:
        return seen.detail or str(seen.ending)
    outcome = seen.outcomes[0]
    return f"{outcome.kind}" if isinstance(outcome, Raised) else repr(outcome.value)[:60]
