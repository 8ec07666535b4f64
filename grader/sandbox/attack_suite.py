"""Attack a box before anybody relies on it: the wall of a batch is chosen by what it withstands.

The attacks run inside; the decoys they reach for, and the look at what became of it, are outside. An
attack that was not refused in so many words counts as one that came through.
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
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from grader.errors import BoxError
from grader.model import Call, Cell, Limits, Observation, Program, Raised, Returned, Tier
from grader.sandbox import mounts
from grader.sandbox.box_contents import BoxContents

TIERS = (Tier.FULL, Tier.LIGHT)
Runner = Callable[..., tuple[Observation, ...]]

_SYSTEM_WORDS = re.compile(r"\[Errno \d+\] ([^:]+)")
_WAIT = ["/bin/sh", "-c", "read word"]
_LONGEST_FOLDER = 80
LIMITS = Limits(function_seconds=10.0, memory_bytes=512 << 20, disk_bytes=8 << 20, processes=32)
_SOURCE = mounts.BOX_FILES / "attacks.py"
_REFUSED = frozenset(
    "OSError PermissionError FileNotFoundError NotADirectoryError ProcessLookupError "
    "BlockingIOError MemoryError".split()
)


@dataclass(frozen=True, slots=True)
class Decoys:
    """What is laid out on the machine for the attacks to reach for."""

    folder: Path
    bystander: subprocess.Popen[bytes]
    tcp: tuple[str, int]
    udp: tuple[str, int]

    @property
    def process(self) -> int:
        """Return the number of a process that does no harm."""
        return self.bystander.pid

    @property
    def secret(self) -> str:
        """Return the path of a file that anybody may read and the owner may write."""
        return str(self.folder / "secret")

    @property
    def doors(self) -> tuple[str, str]:
        """Return the addresses of two Unix sockets, one in a folder and one in no folder."""
        return str(self.folder / "door"), f"\0{self.folder}"


Reach = Callable[[Decoys], Any]


@dataclass(frozen=True, slots=True)
class Attack:
    """One attack: what holds when it fails, its name inside the box, and what it reaches for."""

    claim: str
    name: str
    reach: Reach = lambda decoys: ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """Whether a claim held against its attack, and what the machine said."""

    claim: str
    holds: bool
    detail: str


ATTACKS = (
    Attack("files of this machine cannot be read", "read", lambda decoys: decoys.secret),
    Attack("the machine's accounts cannot be read", "read", lambda decoys: "/etc/passwd"),
    Attack("the grader's own code cannot be read", "read", lambda decoys: __file__),
    Attack(
        "other processes cannot be inspected",
        "read",
        lambda decoys: f"/proc/{decoys.process}/environ",
    ),
    Attack("folders of this machine cannot be listed", "list", lambda decoys: str(decoys.folder)),
    Attack("files of this machine cannot be changed", "write", lambda decoys: decoys.secret),
    Attack("file permissions cannot be changed", "change_rights", lambda decoys: decoys.secret),
    Attack("lifetime hints of files cannot be set", "leave_a_hint"),
    Attack("times of devices cannot be set", "set_times", lambda decoys: os.devnull),
    Attack("helper files cannot be changed", "write_helper"),
    Attack("Python's library cannot be changed", "write_library"),
    Attack("TCP connections are blocked", "connect", lambda decoys: decoys.tcp),
    Attack("UDP packets are blocked", "send_datagram", lambda decoys: decoys.udp),
    Attack("Unix sockets are blocked", "connect", lambda decoys: decoys.doors[0]),
    Attack("abstract Unix sockets are blocked", "connect", lambda decoys: decoys.doors[1]),
    Attack("other processes cannot be killed", "kill", lambda decoys: decoys.process),
    Attack(
        "a file cannot be used to send signals to other processes",
        "signal_by_proxy",
        lambda decoys: decoys.process,
    ),
    Attack("other processes cannot be traced", "trace", lambda decoys: decoys.process),
    Attack(
        "the memory of other processes cannot be read", "read_memory", lambda decoys: decoys.process
    ),
    Attack(
        "the limits of other processes cannot be changed",
        "limit_another",
        lambda decoys: decoys.process,
    ),
    Attack("no process can be started", "fork"),
    Attack("no program can be started", "execute", lambda decoys: sys.executable),
    Attack("no namespace can be created", "enter_namespace"),
    Attack("nothing can be mounted", "mount", lambda decoys: os.sep),
    Attack("the user cannot be changed", "become_another"),
    Attack("no process can outlive the grader", "outlive"),
    Attack("no file that was opened outside can be used", "use_descriptors"),
    Attack("kernel programs (bpf) are blocked", "call", lambda decoys: "bpf"),
    Attack("kernel counters (perf) are blocked", "call", lambda decoys: "perf_event_open"),
    Attack("kernel keys (keyctl) are blocked", "call", lambda decoys: "keyctl"),
    Attack(
        "kernel page faults (userfaultfd) are blocked",
        "call",
        lambda decoys: "userfaultfd",
    ),
    Attack("kernel queues (io_uring) are blocked", "call", lambda decoys: "io_uring_setup"),
    Attack("kernel requests (aio) are blocked", "call", lambda decoys: "io_setup"),
    Attack("shared memory files (memfd) are blocked", "call", lambda decoys: "memfd_create"),
    Attack("memory is limited", "fill_memory", lambda decoys: LIMITS.memory_bytes),
    Attack(
        "shared memory is limited",
        "fill_shared_memory",
        lambda decoys: LIMITS.memory_bytes + (1 << 30),
    ),
    Attack("disk space is limited", "fill_disk", lambda decoys: LIMITS.disk_bytes),
    Attack("the number of threads is limited", "start_threads", lambda decoys: 2_000),
)


def attacked(run: Runner, contents: BoxContents, tier: Tier) -> list[Outcome]:
    """Return what became of every attack on a box of that tier. Raises BoxError where there is none."""
    with _decoys() as decoys:
        before = _look(decoys)
        calls = tuple(Call((a.name, a.reach(decoys)), 1) for a in ATTACKS)
        program = Program("attempt", (Cell(1, _SOURCE.read_text("utf-8")),), calls)
        (seen,) = run([program], contents, LIMITS, tier=tier)
        outcomes = [_outcome(attack, seen, i) for i, attack in enumerate(ATTACKS)]
        after = _look(decoys)
    detail = (
        "checked from outside" if after == before else ("files or processes outside were changed")
    )
    return [*outcomes, Outcome("nothing outside was changed", after == before, detail)]


def chosen(run: Runner, contents: BoxContents) -> tuple[Tier, str]:
    """Return the strongest tier that withstands every attack, and why no stronger one did.

    Raises BoxError, with all the reasons, where none does.
    """
    reasons: list[str] = []
    for tier in TIERS:
        try:
            broken = [o for o in attacked(run, contents, tier) if not o.holds]
        except BoxError as error:
            reasons.append(str(error))
            continue
        if not broken:
            return tier, " ".join(reasons)
        claims = "; ".join(f"{o.claim} ({o.detail})" for o in broken[:3])
        reasons.append(f"The {tier} sandbox failed these checks: {claims}.")
    reasons.append("Without a sandbox, grade only your own notebook, with --no-sandbox.")
    raise BoxError(" ".join(dict.fromkeys(reasons)))


def _outcome(attack: Attack, seen: Observation, index: int) -> Outcome:
    if index >= len(seen.outcomes):
        return Outcome(attack.claim, False, seen.detail or f"no result ({seen.ending})")
    outcome = seen.outcomes[index]
    if isinstance(outcome, Returned):
        return Outcome(attack.claim, False, str(outcome.value))
    return Outcome(attack.claim, outcome.kind in _REFUSED, _said(outcome))


def _said(raised: Raised) -> str:
    """Return the system's words without number and path: `Permission denied`."""
    words = _SYSTEM_WORDS.match(raised.message)
    return words.group(1) if words else f"{raised.kind}: {raised.message}".rstrip(": ")


@contextlib.contextmanager
def _decoys() -> Iterator[Decoys]:
    """Lay out a file and four doors for the attacks to reach for."""
    with contextlib.ExitStack() as stack:
        usual = tempfile.gettempdir()
        # The address of a Unix socket has 108 bytes.
        place = usual if len(os.fsencode(usual)) < _LONGEST_FOLDER else "/tmp"  # noqa: S108
        made = tempfile.TemporaryDirectory(prefix="decoys-", dir=place)
        folder = Path(stack.enter_context(made))
        folder.chmod(0o755)
        (folder / "secret").write_text("for nobody's eyes")
        tcp = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        udp = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        udp.bind(("127.0.0.1", 0))
        # It ends with us, even if we are killed.
        bystander = stack.enter_context(subprocess.Popen(_WAIT, stdin=subprocess.PIPE))
        stack.callback(bystander.kill)
        decoys = Decoys(folder, bystander, tcp.getsockname(), udp.getsockname())
        for door in decoys.doors:
            listener = stack.enter_context(socket.socket(socket.AF_UNIX))
            listener.bind(door)
            listener.listen()
        yield decoys


def _look(decoys: Decoys) -> tuple[Any, ...]:
    file = (decoys.folder / "secret").stat()
    return decoys.bystander.poll(), sorted(os.listdir(decoys.folder)), file.st_mode, file.st_size
