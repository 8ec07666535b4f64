"""What this machine's sandbox must pass (`grader doctor`): each probe is run inside a real box."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from grader import sandbox
from grader.errors import BoxError
from grader.model import Call, Cell, Ending, Limits, Observation, Program, Raised, Returned
from grader.result import Proof
from grader.sandbox import bubblewrap

_LIMITS = Limits(function_seconds=3.0, memory_bytes=512 << 20, disk_bytes=8 << 20, processes=32)
_FURNITURE = sandbox.Furniture((), ("numpy",))


@dataclass(frozen=True, slots=True)
class _Probe:
    """What a hostile function would try, and what must be seen of it from outside."""

    name: str
    source: str
    holds: Callable[[Observation], bool]
    remedy: str = "Do not grade other people's notebooks on this machine."


def _returns(value: object) -> Callable[[Observation], bool]:
    def holds(seen: Observation) -> bool:
        outcome = seen.outcomes[0] if seen.outcomes else None
        return isinstance(outcome, Returned) and outcome.value == value

    return holds


def _raises(*kinds: str) -> Callable[[Observation], bool]:
    def holds(seen: Observation) -> bool:
        outcome = seen.outcomes[0] if seen.outcomes else None
        return isinstance(outcome, Raised) and outcome.kind in kinds

    return holds


def _cannot_open(path: str) -> str:
    return f"def probe():\n    return len(open({path!r}).read())\n"


def _home() -> Path:
    """Return the home folder of the person who grades; an account without one has none to hide."""
    with contextlib.suppress(RuntimeError):
        if Path.home() != Path("/"):
            return Path.home()
    return Path("/nonexistent")


_HOME = _home()
_HIDDEN = "FileNotFoundError", "PermissionError", "NotADirectoryError"
_PROBES = (
    _Probe("a box answers", "def probe():\n    return 42\n", _returns(42)),
    _Probe(
        "there is no network",
        "import socket\ndef probe():\n    socket.create_connection(('192.0.2.1', 9), 1)\n",
        _raises("PermissionError", "OSError"),
    ),
    _Probe("the machine's accounts are hidden", _cannot_open("/etc/passwd"), _raises(*_HIDDEN)),
    _Probe("the grader's own code is hidden", _cannot_open(__file__), _raises(*_HIDDEN)),
    _Probe(
        "the files of the person who grades are hidden",
        f"import os\ndef probe():\n    return os.listdir({str(_HOME)!r})\n",
        lambda seen: _raises(*_HIDDEN)(seen) or _only_interpreter(seen),
    ),
    _Probe(
        "other processes are hidden",
        "import os\ndef probe():\n    return os.path.exists('/proc/1/environ')\n",
        _returns(False),
    ),
    _Probe(
        "nothing can be written outside /tmp",
        "def probe():\n    open('/box/assignment/x', 'w')\n",
        _raises("OSError", "PermissionError"),
    ),
    _Probe(
        "the disk is bounded",
        "def probe():\n    open('/tmp/x', 'wb').write(bytes(64 << 20))\n",
        _raises("OSError"),
    ),
    _Probe(
        "memory is bounded",
        "def probe():\n    return len(bytearray(2 << 30))\n",
        _raises("MemoryError"),
    ),
    _Probe(
        "processes are bounded",
        "import os, time\n"
        "def probe():\n"
        "    for n in range(500):\n"
        "        if os.fork() == 0:\n"
        "            time.sleep(60)\n",
        _raises("BlockingIOError", "PermissionError"),
    ),
    _Probe(
        "no privileges are left",
        "import os\n"
        "def probe():\n"
        "    try:\n"
        "        os.setuid(0)\n"
        "        return 'became root'\n"
        "    except OSError:\n"
        "        return 'refused'\n",
        _returns("refused"),
    ),
    _Probe(
        "the first process of the box cannot be killed from within",
        "import os\ndef probe():\n    os.kill(1, 9)\n    return 'still here'\n",
        _returns("still here"),
    ),
    _Probe(
        "a function that hangs is stopped from outside",
        "import signal\n"
        "def probe():\n"
        "    signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))\n"
        "    while True:\n"
        "        pass\n",
        lambda seen: seen.ending in (Ending.TIMEOUT, Ending.CRASHED),
    ),
    _Probe(
        "a function that leaves is noticed",
        "import os\ndef probe():\n    os._exit(0)\n",
        lambda seen: seen.ending is Ending.CRASHED,
    ),
)


def _only_interpreter(seen: Observation) -> bool:
    """Say whether a home folder shows nothing but the way to an interpreter installed in it."""
    outcome = seen.outcomes[0] if seen.outcomes else None
    below = Path(sys.base_prefix).relative_to(_HOME).parts if _at_home() else ()
    return isinstance(outcome, Returned) and outcome.value == list(below[:1])


def _at_home() -> bool:
    return Path(sys.base_prefix).is_relative_to(_HOME)


def examine() -> list[Proof]:
    """Return what holds on this machine; without a box there is nothing more to try."""
    proofs = [_python(), _bubblewrap()]
    try:
        started = time.monotonic()
        sandbox.prove()
        proofs.append(Proof("a box can be started", True, f"{time.monotonic() - started:.2f} s"))
    except BoxError as error:
        return [*proofs, Proof("a box can be started", False, str(error))]
    return proofs + [_tried(probe) for probe in _PROBES]


def _python() -> Proof:
    version = ".".join(map(str, sys.version_info[:3]))
    return Proof("Python 3.11 or later", sys.version_info >= (3, 11), version)


def _bubblewrap() -> Proof:
    try:
        return Proof("bubblewrap is there", True, bubblewrap.find())
    except BoxError as error:
        return Proof("bubblewrap is there", False, str(error))


def _tried(probe: _Probe) -> Proof:
    program = Program("probe", (Cell(1, probe.source),), (Call((), 1),))
    try:
        (seen,) = sandbox.run([program], _FURNITURE, _LIMITS)
    except BoxError as error:
        return Proof(probe.name, False, str(error))
    holds = probe.holds(seen)
    return Proof(probe.name, holds, _told(seen) if holds else f"{_told(seen)}. {probe.remedy}")


def _told(seen: Observation) -> str:
    if not seen.outcomes:
        return seen.detail or str(seen.ending)
    outcome = seen.outcomes[0]
    return f"{outcome.kind}" if isinstance(outcome, Raised) else repr(outcome.value)[:60]
