"""When a run is over, or its grader was killed, nothing of it is left."""

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


def test_no_process_and_no_file_is_left_over(
    run_anyhow: Run, marked: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    seen: list[list[int]] = []
    watcher = threading.Timer(0.0, lambda: seen.append(_watched(marked.stem)))
    watcher.start()
    asleep = program("import time\ntime.sleep(600)\n")
    run_anyhow(asleep, HONEST, helpers=(marked,), function_seconds=1.5)
    watcher.join()
    assert seen and seen[0]
    assert all_gone(marked.stem)
    assert list(tmp_path.iterdir()) == [marked]


@pytest.mark.parametrize("tier", ["full", "light", "none"])
def test_a_box_does_not_outlive_a_grader_that_is_killed(
    marked: Path, tmp_path: Path, request: pytest.FixtureRequest, tier: Tier
) -> None:
    if tier != Tier.NONE:
        request.getfixturevalue(tier)
    script = (
        "from pathlib import Path\n"
        "from grader import sandbox\n"
        "from grader.model import Call, Cell, Limits, Program\n"
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
        time.sleep(0.3)  # it may be at work by now, or not yet: either way it must go
        grader.kill()
    assert all_gone(marked.stem)


BEHIND = {"full": "wall interpreter worker child", "light": "interpreter worker child"}
"""The processes of a box at work, parents first."""


@pytest.mark.parametrize(
    ("tier", "place"), [(w, n) for w, names in BEHIND.items() for n in range(len(names.split()))]
)
def test_whichever_process_of_a_box_is_killed_none_is_left_and_all_programs_are_answered(
    marked: Path, request: pytest.FixtureRequest, tier: Tier, place: int
) -> None:
    run: Run = request.getfixturevalue(f"run_{tier}")
    asleep = program("import time\ntime.sleep(0.4)\ndef f():\n    return 1\n")
    processes = BEHIND[tier].split()
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(run, asleep, HONEST, helpers=(marked,))
        found = _watched(marked.stem, len(processes))
        os.kill(_by_descent(found)[place], signal.SIGKILL)
        first, second = asked.result()
    if processes[place] == "child":
        assert first.detail == "its process was ended by the signal SIGKILL"
    else:
        assert value(first) == 1
    assert value(second) == 42
    assert all_gone(marked.stem)


def test_with_its_interpreter_a_light_box_ends_at_once(run_light: Run, marked: Path) -> None:
    asleep = program("import time\ntime.sleep(600)\n")
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(run_light, asleep, helpers=(marked,), function_seconds=2.0)
        interpreter, *rest = _by_descent(_watched(marked.stem, 3))
        os.kill(interpreter, signal.SIGKILL)
        end = time.monotonic() + 1.0
        while (left := set(rest) & set(processes_with(marked.stem))) and time.monotonic() < end:
            time.sleep(0.01)
        asked.result()
    assert not left
    assert all_gone(marked.stem)


def test_a_program_without_any_time_leaves_nobody_behind(run: Run, marked: Path) -> None:
    """Its box is killed while the child is being made, which then has nobody to die with."""
    asleep = program("import time\ntime.sleep(600)\n")
    for _ in range(20):
        run(asleep, helpers=(marked,), function_seconds=1e-6)
    assert all_gone(marked.stem)


def test_a_child_whose_parent_has_gone_already_ends() -> None:
    source = (
        "import os, namespaces\n"
        "pid = os.fork()\n"
        "if pid == 0:\n"
        "    namespaces.die_with_parent(given[0] or os.getppid())\n"
        "    os._exit(0)\n"
        "print(json.dumps(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])))\n"
    )
    another = 1
    assert (in_a_child(source, 0), in_a_child(source, another)) == (0, 1)


@pytest.mark.parametrize("tier", ["light", "full"])
def test_a_program_whose_box_has_gone_already_never_begins(tier: Tier) -> None:
    source = (
        "import os, socket, time, worker\n"
        "ours, theirs = socket.socketpair()\n"
        "box = os.fork()\n"
        "if box == 0:\n"
        "    box = os.getpid()\n"
        "    if os.fork() == 0:\n"
        "        _, confine = worker._confinement(given[0], False)\n"
        "        while os.getppid() == box:\n"
        "            time.sleep(0.001)\n"
        "        worker._child(theirs.fileno(), box, lambda: None, confine, whole=False)\n"
        "    os._exit(0)\n"
        "os.waitpid(box, 0)\n"
        "theirs.close()\n"
        "ours.settimeout(10)\n"
        "print(json.dumps(len(ours.recv(1))))\n"
    )
    assert in_a_child(source, tier) == 0


def _by_descent(processes: list[int]) -> list[int]:
    """Return processes of which each but the first is a child of another, parents first."""
    stats = {pid: Path(f"/proc/{pid}/stat").read_text() for pid in processes}
    parents = {pid: int(stat.rpartition(")")[2].split()[1]) for pid, stat in stats.items()}
    (line,) = ([pid] for pid in processes if parents[pid] not in processes)
    while len(line) < len(processes):
        line += [pid for pid in processes if parents[pid] == line[-1]]
    return line


def _watched(word: str, number: int = 1) -> list[int]:
    """Return the processes with a word in their command line, once there are so many."""
    end = time.monotonic() + 10
    found: list[int] = []
    while len(found) < number and time.monotonic() < end:
        found = processes_with(word)
        time.sleep(0.01)
    assert len(found) >= number, "the box was not among the processes"
    return found


def test_ten_runs_leave_the_grader_no_more_descriptors_than_it_had(
    run_anyhow: Run,
) -> None:
    left = program("import os\nos._exit(0)\n")
    run_anyhow(left)
    before = os.listdir("/proc/self/fd")
    for _ in range(10):
        run_anyhow(left, HONEST)
    assert len(os.listdir("/proc/self/fd")) <= len(before)


def test_boxes_of_several_threads_do_not_meet(run: Run) -> None:
    def ask(n: int) -> Any:
        honest = program(
            "import time\ntime.sleep(0.2)\ndef f(n):\n    return n\n", calls=[Call((n,), 1)]
        )
        killer = program("import os\ndef f():\n    return os.kill(-1, 9)\n")
        return value(run(killer, honest)[1])

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(ask, range(4))) == list(range(4))


def test_a_box_that_dies_between_two_programs_is_our_fault(full: None) -> None:
    started = launch.cold(sandbox.BoxContents((), ("numpy",)), Limits())
    ours, theirs = socket.socketpair()
    try:
        started.control.shutdown(socket.SHUT_RDWR)
        started.end()
        with ours, theirs, pytest.raises(BoxError) as problem:
            started.hand_over(theirs)
        assert str(problem.value) == "The box stopped between two programs."
    finally:
        started.control.close()
