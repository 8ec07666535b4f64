"""Attack a box before it is used: the tier of a batch is the strongest one that withstands every attack.

The attacks run inside the box (`box/attacks.py`). Their decoys, and the check that nothing happened to
them, are outside. An attack counts as blocked only if the call fails with a known error. The
misbehaviours are functions that end, block or flood their own process; `grader doctor` runs both.
"""

from __future__ import annotations

import contextlib
import os
import re
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from grader.errors import BoxError
from grader.model import Call, Cell, Ending, Limits, Observation, Raised, Returned, Tier
from grader.model.submission import Program
from grader.sandbox import mounts
from grader.sandbox.box_contents import BoxContents
from grader.sandbox.launch import BoxLost

TIERS = (Tier.FULL, Tier.LIGHT)
Run = Callable[..., tuple[Observation, ...]]
"""The signature of `sandbox.run`."""

_SYSTEM_ERROR = re.compile(r"\[Errno \d+\] ([^:]+)")
_WAIT = ["/bin/sh", "-c", "read word"]
_LONGEST_FOLDER = 80
LIMITS = Limits(function_seconds=10.0, memory_bytes=512 << 20, disk_bytes=8 << 20, processes=32)
"""Limits of the attacked boxes: small, so that attacks on them end quickly."""
_MISBEHAVIOUR_SECONDS = 3.0
_SOURCE = mounts.BOX_FILES / "attacks.py"
_REFUSALS = frozenset(
    "OSError PermissionError FileNotFoundError NotADirectoryError ProcessLookupError "
    "BlockingIOError MemoryError".split()
)


@dataclass(frozen=True, slots=True)
class Decoys:
    """Files, sockets and a process on this machine that the attacks aim at."""

    folder: Path
    bystander: subprocess.Popen[bytes]
    tcp: tuple[str, int]
    udp: tuple[str, int]

    @property
    def pid(self) -> int:
        """Return the process ID of a harmless process."""
        return self.bystander.pid

    @property
    def secret(self) -> str:
        """Return the path of a file that every user may read and the owner may write."""
        return str(self.folder / "secret")

    @property
    def unix_sockets(self) -> tuple[str, str]:
        """Return the addresses of two Unix sockets, one in a folder and one abstract."""
        return str(self.folder / "socket"), f"\0{self.folder}"


@dataclass(frozen=True, slots=True)
class Attack:
    """One attack: the claim that it tests, its name inside the box, and its target."""

    claim: str
    name: str
    target: Callable[[Decoys], Any] = lambda decoys: ""


@dataclass(frozen=True, slots=True)
class Misbehaviour:
    """A function that may harm its own process, and the outcome or ending that proves its containment.

    It runs `times` times, as programs in one box; the claim is about the last of them.
    """

    claim: str
    name: str
    expected: Returned | Raised | Ending
    times: int = 1

    def is_contained(self, observation: Observation) -> bool:
        """Return True if the observation is the expected one; of an exception only the kind counts."""
        outcome = observation.outcomes[0] if observation.outcomes else None
        if isinstance(self.expected, Ending):
            return outcome is None and observation.ending is self.expected
        if isinstance(self.expected, Raised):
            return isinstance(outcome, Raised) and outcome.kind == self.expected.kind
        return isinstance(outcome, Returned) and bool(outcome.value == self.expected.value)


@dataclass(frozen=True, slots=True)
class AttackResult:
    """Whether a claim holds, and the system's reply to the attack on it."""

    claim: str
    holds: bool
    detail: str


@dataclass(frozen=True, slots=True)
class ChosenTier:
    """The tier for student code on this machine, and the reason why it is not a stronger one."""

    tier: Tier
    reason: str = ""


def _blocked_call(claim: str, name: str) -> Attack:
    return Attack(claim, "make_system_call", lambda decoys: name)


ATTACKS = (
    Attack("files of this machine cannot be read", "read", lambda decoys: decoys.secret),
    Attack("the machine's accounts cannot be read", "read", lambda decoys: "/etc/passwd"),
    Attack("the grader's own code cannot be read", "read", lambda decoys: __file__),
    Attack(
        "other processes cannot be inspected", "read", lambda decoys: f"/proc/{decoys.pid}/environ"
    ),
    Attack("folders of this machine cannot be listed", "list", lambda decoys: str(decoys.folder)),
    Attack("files of this machine cannot be changed", "write", lambda decoys: decoys.secret),
    Attack(
        "file permissions cannot be changed", "change_permissions", lambda decoys: decoys.secret
    ),
    Attack("lifetime hints of files cannot be set", "set_lifetime_hint"),
    Attack("times of devices cannot be set", "set_times", lambda decoys: os.devnull),
    Attack("helper files cannot be changed", "write_helper"),
    Attack("Python's library cannot be changed", "write_library"),
    Attack("TCP connections are blocked", "connect", lambda decoys: decoys.tcp),
    Attack("UDP packets are blocked", "send_datagram", lambda decoys: decoys.udp),
    Attack("Unix sockets are blocked", "connect", lambda decoys: decoys.unix_sockets[0]),
    Attack("abstract Unix sockets are blocked", "connect", lambda decoys: decoys.unix_sockets[1]),
    Attack("other processes cannot be killed", "kill", lambda decoys: decoys.pid),
    Attack(
        "a file cannot be used to send signals to other processes",
        "signal_by_proxy",
        lambda decoys: decoys.pid,
    ),
    Attack("other processes cannot be traced", "trace", lambda decoys: decoys.pid),
    Attack(
        "the memory of other processes cannot be read", "read_memory", lambda decoys: decoys.pid
    ),
    Attack(
        "the limits of other processes cannot be changed",
        "limit_another",
        lambda decoys: decoys.pid,
    ),
    Attack("no process can be started", "fork"),
    Attack("no program can be started", "execute", lambda decoys: sys.executable),
    Attack("no namespace can be created", "enter_namespace"),
    Attack("nothing can be mounted", "mount", lambda decoys: os.sep),
    Attack("the user cannot be changed", "change_user"),
    Attack("no process can outlive the grader", "outlive"),
    Attack("no file that was opened outside can be used", "use_descriptors"),
    _blocked_call("kernel programs (bpf) are blocked", "bpf"),
    _blocked_call("kernel counters (perf) are blocked", "perf_event_open"),
    _blocked_call("kernel keys (keyctl) are blocked", "keyctl"),
    _blocked_call("kernel page faults (userfaultfd) are blocked", "userfaultfd"),
    _blocked_call("kernel queues (io_uring) are blocked", "io_uring_setup"),
    _blocked_call("kernel requests (aio) are blocked", "io_setup"),
    _blocked_call("shared memory files (memfd) are blocked", "memfd_create"),
    Attack("memory is limited", "fill_memory", lambda decoys: LIMITS.memory_bytes),
    Attack(
        "shared memory is limited",
        "fill_shared_memory",
        lambda decoys: LIMITS.memory_bytes + (1 << 30),
    ),
    Attack("disk space is limited", "fill_disk", lambda decoys: LIMITS.disk_bytes),
    Attack("the number of threads is limited", "start_threads", lambda decoys: 2_000),
)
UNHARMED = "nothing outside was changed"


def attack(run: Run, contents: BoxContents, tier: Tier) -> list[AttackResult]:
    """Try every attack in one program in a box of that tier; return one result per attack, and one more.

    The last result is about the decoys: nothing outside was changed. `run` is `sandbox.run`. Raises
    BoxError if there is no such box.
    """
    with _set_up_decoys() as decoys:
        before = _state(decoys)
        calls = tuple(Call((a.name, a.target(decoys)), 1) for a in ATTACKS)
        observation = _attempt(run, _program("attempt", calls), contents, tier)
        results = [_result(attack, observation, i) for i, attack in enumerate(ATTACKS)]
        unharmed = _state(decoys) == before
    detail = "checked from outside" if unharmed else "files or processes outside were changed"
    return [*results, AttackResult(UNHARMED, unharmed, detail)]


def _attempt(run: Run, program: Program, contents: BoxContents, tier: Tier) -> Observation:
    """Run the attacks; once more if something killed their process, and none had succeeded by then."""
    for is_last in (False, True):
        try:
            (observation,) = run([program], contents, LIMITS, tier=tier)
        except BoxLost:
            if is_last:
                raise
            continue
        succeeded = any(isinstance(outcome, Returned) for outcome in observation.outcomes)
        if succeeded or observation.ending is not Ending.CRASHED:
            break
    return observation


def choose_tier(run: Run, contents: BoxContents) -> ChosenTier:
    """Return the strongest tier that withstands every attack, and why no stronger one did.

    Raises BoxError, with all the reasons, if no tier does.
    """
    reasons: list[str] = []
    for tier in TIERS:
        try:
            failures = [r for r in attack(run, contents, tier) if not r.holds]
        except BoxError as error:
            reasons.append(str(error))
            continue
        if not failures:
            return ChosenTier(tier, " ".join(reasons))
        claims = "; ".join(f"{r.claim} ({r.detail})" for r in failures[:3])
        reasons.append(f"The {tier} sandbox failed these checks: {claims}.")
    reasons.append("Without a sandbox, grade only your own notebook, with --no-sandbox.")
    raise BoxError(" ".join(dict.fromkeys(reasons)))


def _program(function: str, calls: tuple[Call, ...]) -> Program:
    return Program(function, (Cell(1, _SOURCE.read_text("utf-8")),), calls)


def _result(attack: Attack, observation: Observation, index: int) -> AttackResult:
    if index >= len(observation.outcomes):
        detail = observation.detail or f"no result ({observation.ending})"
        return AttackResult(attack.claim, False, detail)
    outcome = observation.outcomes[index]
    if isinstance(outcome, Returned):
        return AttackResult(attack.claim, False, str(outcome.value))
    # The system's message without number and path, such as "Permission denied".
    match = _SYSTEM_ERROR.match(outcome.message)
    detail = match.group(1) if match else f"{outcome.kind}: {outcome.message}".rstrip(": ")
    return AttackResult(attack.claim, outcome.kind in _REFUSALS, detail)


@contextlib.contextmanager
def _set_up_decoys() -> Iterator[Decoys]:
    """Create a file, four sockets and a process for the attacks to aim at."""
    with contextlib.ExitStack() as stack:
        default = tempfile.gettempdir()
        # The address of a Unix socket has at most 108 bytes.
        parent = default if len(os.fsencode(default)) < _LONGEST_FOLDER else "/tmp"  # noqa: S108
        temporary = tempfile.TemporaryDirectory(prefix="decoys-", dir=parent)
        folder = Path(stack.enter_context(temporary))
        folder.chmod(0o755)
        (folder / "secret").write_text("secret")
        tcp = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        udp = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        udp.bind(("127.0.0.1", 0))
        # It ends when this process does, even if that is killed: its standard input is closed then.
        bystander = stack.enter_context(subprocess.Popen(_WAIT, stdin=subprocess.PIPE))
        stack.callback(bystander.kill)
        decoys = Decoys(folder, bystander, tcp.getsockname(), udp.getsockname())
        for address in decoys.unix_sockets:
            listener = stack.enter_context(socket.socket(socket.AF_UNIX))
            listener.bind(address)
            listener.listen()
        yield decoys


def _state(decoys: Decoys) -> tuple[Any, ...]:
    """Return the facts of the decoys that a successful attack would change."""
    file = (decoys.folder / "secret").stat()
    return decoys.bystander.poll(), sorted(os.listdir(decoys.folder)), file.st_mode, file.st_size


# ------------------------------------------------------------------ functions that misbehave


MISBEHAVIOURS = (
    Misbehaviour("the sandbox returns a value", "return", Returned(42)),
    Misbehaviour("a function that never ends is stopped from outside", "hang", Ending.TIMEOUT),
    Misbehaviour("a function that exits Python is detected", "exit", Ending.CRASHED),
    Misbehaviour("a function that crashes Python is detected", "crash", Ending.CRASHED),
    Misbehaviour(
        "endless recursion raises an ordinary error", "recurse", Raised("RecursionError", "")
    ),
    Misbehaviour("a forged result is rejected", "forge_result", Ending.BROKEN_WIRE),
    Misbehaviour(
        "a function that sends too many bytes is stopped",
        "flood_channel",
        Ending.BROKEN_WIRE,
    ),
    Misbehaviour("very large output is discarded", "print_too_much", Returned(42)),
    Misbehaviour("no file remains for the next function", "leave_file", Returned([]), times=2),
)


def misbehave(
    run: Run, misbehaviour: Misbehaviour, contents: BoxContents, tier: Tier
) -> AttackResult:
    """Run a function that misbehaves in a box of that tier. Raises BoxError if there is no such box."""
    limits = replace(LIMITS, function_seconds=_MISBEHAVIOUR_SECONDS)
    programs = [_program("misbehave", (Call((misbehaviour.name,), 1),))] * misbehaviour.times
    *_, observation = run(programs, contents, limits, tier=tier)
    if observation.outcomes:
        outcome = observation.outcomes[0]
        detail = outcome.kind if isinstance(outcome, Raised) else repr(outcome.value)[:60]
    else:
        detail = observation.detail or str(observation.ending)
    return AttackResult(misbehaviour.claim, misbehaviour.is_contained(observation), detail)
