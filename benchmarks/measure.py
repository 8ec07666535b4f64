"""What a command costs, with every process that it starts, and the proof that none is forgotten.

The usual count of CPU time is that of a process and of the children it waited for. A box that is
killed may leave a worker nobody waits for, and its time would be lost. So we are the subreaper: what
is orphaned below us becomes our child, and we wait for it. Where the kernel keeps a count of its own,
in a control group, that one is asked too, and the larger of the two is what we tell.
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
    """A command ended badly, or did not do what it was to do."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What one run of a command took.

    `waited_cpu_s` is the CPU time of all that we waited for, `kernel_cpu_s` that of its control group
    (None without one). `peak_kib` is the resident memory of the largest single process.
    `others_cores` is how many cores were busy with anything else meanwhile: the noise.
    """

    waited_cpu_s: float
    kernel_cpu_s: float | None
    wall_s: float
    peak_kib: int
    others_cores: float

    @property
    def cpu_s(self) -> float:
        """Return the larger count: whatever one of them misses is not ours to save."""
        return max(self.waited_cpu_s, self.kernel_cpu_s or 0.0)


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
        said = log.read_text("utf-8", "replace")[-2000:]
        raise Failed(f"exit status {process.returncode} of {Path(command[0]).name}:\n{said}")
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
    """Become the parent of whatever is orphaned below us. Raises Failed where the kernel cannot."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0):
        raise Failed("This kernel lets no process adopt orphans, so nothing can be measured.")


def _reap(
    process: subprocess.Popen[bytes], group: Group | None, *, busy: float, started: float
) -> Cost:
    """Wait for the command and for all that it leaves behind, and add up what they took."""
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


# ------------------------------------------------------------------ is all of it counted?


@dataclass(frozen=True, slots=True)
class Accounting:
    """What was seen of CPU time burnt inside a box: by waiting, and by the kernel's control group."""

    burnt_s: float
    waited_s: float
    kernel_s: float | None

    @property
    def holds(self) -> bool:
        """Say whether all of it was seen, within one part in twenty."""
        return max(self.waited_s, self.kernel_s or 0.0) >= 0.95 * self.burnt_s


def accounting(check: Callable[[float], Cost], *, burnt_s: float, repeats: int) -> Accounting:
    """Compare the cost of a submission that burns CPU time in its box with that of one that does not.

    `check` grades a submission that burns so many seconds.
    """
    pairs = [(check(0.0), check(burnt_s)) for _ in range(repeats)]
    seen = [(a.kernel_cpu_s, b.kernel_cpu_s) for a, b in pairs]
    by_kernel = [b - a for a, b in seen if a is not None and b is not None]
    return Accounting(
        burnt_s=burnt_s,
        waited_s=median(b.waited_cpu_s - a.waited_cpu_s for a, b in pairs),
        kernel_s=median(by_kernel) if by_kernel else None,
    )
