"""What a command costs, with every process that it starts, and the proof that none is forgotten.

A box is killed together with the process around it, so nobody waits for the worker inside: its CPU
time never reaches the usual count, that of a process and the children it waited for. Here we are
the subreaper: what is orphaned below us becomes our child, and we wait for it.
"""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

_PR_SET_CHILD_SUBREAPER = 36
_ENVIRONMENT = {
    "HOME": os.environ.get("HOME", "/"),
    "LANG": "C.UTF-8",
    "MKL_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "PATH": os.environ.get("PATH", os.defpath),
}


class Failed(Exception):
    """A command ended badly, or did not do what it was to do."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What one run of a command took.

    `direct_cpu_s` is what a plain wait for the command would have told. `peak_kib` is the resident
    memory of the largest single process. `others_cores` is how many cores were busy with anything
    else meanwhile: the noise.
    """

    cpu_s: float
    direct_cpu_s: float
    wall_s: float
    peak_kib: int
    others_cores: float


def run(
    command: Sequence[str | Path],
    *,
    cwd: Path,
    extra: dict[str, str] | None = None,
    timeout: float = 3600.0,
) -> Cost:
    """Run a command to its end and to that of its last descendant. Raises Failed unless it exits 0."""
    adopt_orphans()
    log = cwd / "log.txt"
    busy, started = _busy_s(), time.perf_counter()
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            cwd=cwd,
            env={**_ENVIRONMENT, **(extra or {})},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        killer = threading.Timer(timeout, os.killpg, (process.pid, signal.SIGKILL))
        killer.start()
        cost = _reap(process, busy=busy, started=started)
        killer.cancel()
    if process.returncode:
        said = log.read_text("utf-8", "replace")[-2000:]
        raise Failed(f"exit status {process.returncode} of {Path(command[0]).name}:\n{said}")
    return cost


def adopt_orphans() -> None:
    """Become the parent of whatever is orphaned below us. Raises Failed where the kernel cannot."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0):
        raise Failed("This kernel lets no process adopt orphans, so nothing can be measured.")


def _reap(process: subprocess.Popen[bytes], *, busy: float, started: float) -> Cost:
    """Wait for the command and for all that it leaves behind, and add up what they took."""
    cpu = direct = wall = 0.0
    peak = 0
    while True:
        try:
            pid, status, usage = os.wait4(-1, 0)
        except ChildProcessError:
            break
        spent = usage.ru_utime + usage.ru_stime
        cpu += spent
        peak = max(peak, usage.ru_maxrss)
        if pid == process.pid:
            process.returncode = os.waitstatus_to_exitcode(status)
            direct, wall = spent, time.perf_counter() - started
    others = (_busy_s() - busy - cpu) / (time.perf_counter() - started)
    return Cost(cpu, direct, wall, peak, max(0.0, others))


def _busy_s() -> float:
    """Return the seconds that all cores together have been busy since the machine started."""
    fields = Path("/proc/stat").read_text("ascii").splitlines()[0].split()[1:]
    user, nice, system, _, _, irq, soft, *_ = map(int, fields)
    return (user + nice + system + irq + soft) / os.sysconf("SC_CLK_TCK")


# ------------------------------------------------------------------ is all of it counted?


@dataclass(frozen=True, slots=True)
class Accounting:
    """What was seen of a known amount of CPU time, burnt inside a box: by us, and by a plain wait."""

    burnt_s: float
    counted_s: float
    plain_wait_s: float


def accounting(check: Callable[[float], Cost], *, burnt_s: float, repeats: int) -> Accounting:
    """Compare the cost of a submission that burns CPU time in its box with that of one that does not.

    `check` grades a submission that burns so many seconds.
    """
    pairs = [(check(0.0), check(burnt_s)) for _ in range(repeats)]
    return Accounting(
        burnt_s=burnt_s,
        counted_s=median(after.cpu_s - before.cpu_s for before, after in pairs),
        plain_wait_s=median(after.direct_cpu_s - before.direct_cpu_s for before, after in pairs),
    )
