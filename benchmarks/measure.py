"""Measure the cost of a command and of all its descendants, and verify that none is missed.

Usually CPU time is counted for a process and the children it waited for. A killed sandbox can leave a
worker for which no process waits. So this process becomes the subreaper: orphaned descendants become
its children, and it waits for them. If a control group is available, its count is read too, and the
larger one is reported.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from benchmarks import cgroup
from benchmarks.cgroup import Group

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
    """A command failed, or its results are incomplete."""


@dataclass(frozen=True, slots=True)
class Cost:
    """The cost of one run of a command.

    `waited_cpu_s` is the CPU time of all processes we waited for, `kernel_cpu_s` that of its control
    group (None without one). `peak_kib` is the resident memory of the largest single process.
    `others_cores` is the number of cores that were busy with other processes: the noise.
    """

    waited_cpu_s: float
    kernel_cpu_s: float | None
    wall_s: float
    peak_kib: int
    others_cores: float

    @property
    def cpu_s(self) -> float:
        """Return the larger of the two counts."""
        return max(self.waited_cpu_s, self.kernel_cpu_s or 0.0)


def run(
    command: Sequence[str | Path],
    *,
    cwd: Path,
    extra: dict[str, str] | None = None,
    timeout: float = 3600.0,
) -> Cost:
    """Run a command until its last descendant ends. Raises Failed unless it exits with 0."""
    adopt_orphans()
    log = cwd / "log.txt"
    with log.open("wb") as output, cgroup.group() as group:
        busy, started = _busy_s(), time.perf_counter()
        process = subprocess.Popen(
            [*(group.entering if group else []), *command],
            cwd=cwd,
            env={**_ENVIRONMENT, **(extra or {})},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        with _killed_after(timeout, process):
            cost = _reap(process, group, busy=busy, started=started)
    if process.returncode:
        end = log.read_text("utf-8", "replace")[-2000:]
        raise Failed(f"exit status {process.returncode} of {Path(command[0]).name}:\n{end}")
    return cost


@contextlib.contextmanager
def _killed_after(seconds: float, process: subprocess.Popen[bytes]) -> Iterator[None]:
    killer = threading.Timer(seconds, os.killpg, (process.pid, signal.SIGKILL))
    killer.start()
    try:
        yield
    finally:
        killer.cancel()


def adopt_orphans() -> None:
    """Become the parent of orphaned descendants. Raises Failed if the kernel refuses."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0):
        raise Failed("This kernel has no subreapers, so CPU time cannot be measured.")


def _reap(
    process: subprocess.Popen[bytes], group: Group | None, *, busy: float, started: float
) -> Cost:
    """Wait for the command and all its descendants, and add up their CPU time."""
    waited = wall = 0.0
    peak = 0
    while True:
        try:
            pid, status, usage = os.wait4(-1, 0)
        except ChildProcessError:
            break
        waited += usage.ru_utime + usage.ru_stime
        peak = max(peak, usage.ru_maxrss)
        if pid == process.pid:
            process.returncode = os.waitstatus_to_exitcode(status)
            wall = time.perf_counter() - started
    others = (_busy_s() - busy - waited) / (time.perf_counter() - started)
    return Cost(waited, group.cpu_s() if group else None, wall, peak, max(0.0, others))


def _busy_s() -> float:
    """Return the seconds that all cores together have been busy since the machine started."""
    fields = Path("/proc/stat").read_text("ascii").splitlines()[0].split()[1:]
    user, nice, system, _, _, irq, soft, *_ = map(int, fields)
    return (user + nice + system + irq + soft) / os.sysconf("SC_CLK_TCK")


# ------------------------------------------------------------------ accounting


@dataclass(frozen=True, slots=True)
class Accounting:
    """CPU time used in a sandbox, and the parts of it that waiting and the control group counted."""

    burnt_s: float
    waited_s: float
    kernel_s: float | None

    @property
    def holds(self) -> bool:
        """Return True if at least 95 % was counted."""
        return max(self.waited_s, self.kernel_s or 0.0) >= 0.95 * self.burnt_s


def accounting(check: Callable[[float], Cost], *, burnt_s: float, repeats: int) -> Accounting:
    """Compare the cost of a submission that uses CPU time in its sandbox with one that does not.

    `check` grades a submission that uses this many seconds.
    """
    pairs = [(check(0.0), check(burnt_s)) for _ in range(repeats)]
    counts = [(a.kernel_cpu_s, b.kernel_cpu_s) for a, b in pairs]
    by_kernel = [b - a for a, b in counts if a is not None and b is not None]
    return Accounting(
        burnt_s=burnt_s,
        waited_s=median(b.waited_cpu_s - a.waited_cpu_s for a, b in pairs),
        kernel_s=median(by_kernel) if by_kernel else None,
    )
