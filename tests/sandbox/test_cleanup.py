"""After a run, or after the grader is killed, no process and no file remains."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from grader import sandbox
from grader.errors import BoxError
from grader.model import Call, Limits, Tier
from grader.sandbox import launch
from tests import ROOT
from tests.sandbox.children import in_a_child
from tests.sandbox.programs import HONEST, Run, all_gone, processes_with, program, value


def test_run_leaves_no_process_and_no_file(
    run_anyhow: Run, marked: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    observation: list[list[int]] = []
    watcher = threading.Timer(0.0, lambda: observation.append(_watched(marked.stem)))
    watcher.start()
    asleep = program("import time\ntime.sleep(600)\n")
    run_anyhow(asleep, HONEST, helpers=(marked,), function_seconds=1.5)
    watcher.join()
    assert observation and observation[0]
    assert all_gone(marked.stem)
    assert list(tmp_path.iterdir()) == [marked]


@pytest.mark.parametrize("tier", ["full", "light", "none"])
def test_box_ends_with_a_killed_grader(
    marked: Path, tmp_path: Path, request: pytest.FixtureRequest, tier: Tier
) -> None:
    if tier != Tier.NONE:
        request.getfixturevalue(tier)
    script = (
        "from pathlib import Path\n"
        "from grader import sandbox\n"
        "from grader.model import Call, Cell, Limits\nfrom grader.model.submission import Program\n"
        "hang = Program('f', (Cell(1, 'while True:\\n    pass'),), (Call((), 1),))\n"
        f"marked = Path({str(marked)!r})\n"
        "contents = sandbox.BoxContents(((marked.name, marked),), ('numpy',))\n"
        f"sandbox.run([hang], contents, Limits(), tier={tier!r})\n"
    )
    environment = os.environ | {"PYTHONPATH": str(ROOT), "TMPDIR": str(tmp_path)}
    with subprocess.Popen([sys.executable], stdin=subprocess.PIPE, env=environment) as grader:
        assert grader.stdin is not None
        grader.stdin.write(script.encode())
        grader.stdin.close()
        assert _watched(marked.stem)
        time.sleep(0.3)  # the program may have started or not: it must end either way
        grader.kill()
    assert all_gone(marked.stem)


PROCESSES = {"full": "bubblewrap fork-server worker child", "light": "fork-server worker child"}
"""The processes of a working box, parents first."""


@pytest.mark.parametrize(
    ("tier", "place"), [(w, n) for w, names in PROCESSES.items() for n in range(len(names.split()))]
)
def test_any_process_of_a_box_may_be_killed(
    marked: Path, request: pytest.FixtureRequest, tier: Tier, place: int
) -> None:
    """No process remains, and every program still gets an observation."""
    run: Run = request.getfixturevalue(f"run_{tier}")
    asleep = program("import time\ntime.sleep(1)\ndef f():\n    return 1\n")
    processes = PROCESSES[tier].split()
    with ThreadPoolExecutor(1) as pool:
        future = pool.submit(run, asleep, HONEST, helpers=(marked,))
        pids = _watched(marked.stem, len(processes))
        os.kill(_by_descent(pids)[place], signal.SIGKILL)
        first, second = future.result()
    assert (value(first), value(second)) == (1, 42)  # a killed program runs once more
    assert all_gone(marked.stem)


def test_light_box_ends_with_its_fork_server(run_light: Run, marked: Path) -> None:
    asleep = program("import time\ntime.sleep(600)\n")
    with ThreadPoolExecutor(1) as pool:
        future = pool.submit(run_light, asleep, helpers=(marked,), function_seconds=2.0)
        interpreter, *rest = _by_descent(_watched(marked.stem, 3))
        os.kill(interpreter, signal.SIGKILL)
        end = time.monotonic() + 1.0
        while (
            survivors := set(rest) & set(processes_with(marked.stem))
        ) and time.monotonic() < end:
            time.sleep(0.01)
        future.result()
    assert not survivors
    assert all_gone(marked.stem)


def test_program_without_time_leaves_no_process(run: Run, marked: Path) -> None:
    """The box is killed during the fork, and the child then has no living parent."""
    asleep = program("import time\ntime.sleep(600)\n")
    for _ in range(20):
        run(asleep, helpers=(marked,), function_seconds=1e-6)
    assert all_gone(marked.stem)


def test_orphaned_child_exits() -> None:
    source = (
        "import os, namespaces\n"
        "pid = os.fork()\n"
        "if pid == 0:\n"
        "    namespaces.die_with_parent(arguments[0] or os.getppid())\n"
        "    os._exit(0)\n"
        "print(json.dumps(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])))\n"
    )
    init = 1
    assert (in_a_child(source, 0), in_a_child(source, init)) == (0, 1)


@pytest.mark.parametrize("tier", ["light", "full"])
def test_program_of_a_dead_box_never_starts(tier: Tier) -> None:
    source = (
        "import os, socket, time, worker\n"
        "ours, theirs = socket.socketpair()\n"
        "box = os.fork()\n"
        "if box == 0:\n"
        "    box = os.getpid()\n"
        "    if os.fork() == 0:\n"
        "        locks = worker._locks(arguments[0], for_notebooks=False)\n"
        "        while os.getppid() == box:\n"
        "            time.sleep(0.001)\n"
        "        worker._be_child(theirs.fileno(), box, locks, for_notebooks=False)\n"
        "    os._exit(0)\n"
        "os.waitpid(box, 0)\n"
        "theirs.close()\n"
        "ours.settimeout(10)\n"
        "print(json.dumps(len(ours.recv(1))))\n"
    )
    assert in_a_child(source, tier) == 0


def _by_descent(processes: list[int]) -> list[int]:
    """Return a chain of processes, each the child of the one before."""
    stats = {pid: Path(f"/proc/{pid}/stat").read_text() for pid in processes}
    parents = {pid: int(stat.rpartition(")")[2].split()[1]) for pid, stat in stats.items()}
    (line,) = ([pid] for pid in processes if parents[pid] not in processes)
    while len(line) < len(processes):
        line += [pid for pid in processes if parents[pid] == line[-1]]
    return line


def _watched(word: str, number: int = 1) -> list[int]:
    """Return the processes with a word in their command line, once there are `number` of them."""
    end = time.monotonic() + 10
    pids: list[int] = []
    while len(pids) < number and time.monotonic() < end:
        pids = processes_with(word)
        time.sleep(0.01)
    assert len(pids) >= number, "the box was not among the processes"
    return pids


def test_runs_leak_no_descriptors(
    run_anyhow: Run,
) -> None:
    exiting = program("import os\nos._exit(0)\n")
    run_anyhow(exiting)
    before = os.listdir("/proc/self/fd")
    for _ in range(10):
        run_anyhow(exiting, HONEST)
    assert len(os.listdir("/proc/self/fd")) <= len(before)


def test_boxes_of_threads_are_independent(run: Run) -> None:
    def ask(n: int) -> Any:
        honest = program(
            "import time\ntime.sleep(0.2)\ndef f(n):\n    return n\n", calls=[Call((n,), 1)]
        )
        killer = program("import os\ndef f():\n    return os.kill(-1, 9)\n")
        return value(run(killer, honest)[1])

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(ask, range(4))) == list(range(4))


def test_box_lost_between_programs_is_box_error(full: None) -> None:
    started = launch.start_full_box(sandbox.BoxContents((), ("numpy",)), Limits())
    ours, theirs = socket.socketpair()
    try:
        started.control.shutdown(socket.SHUT_RDWR)
        started.end()
        with ours, theirs, pytest.raises(BoxError) as problem:
            started.hand_over(theirs)
        assert str(problem.value) == "The sandbox stopped between two programs."
    finally:
        started.control.close()
