"""The limit that a program reached is reported, as measured from outside."""

from __future__ import annotations

from typing import Any

import pytest

from grader import sandbox
from grader.model import Ending, Limits
from grader.sandbox import launch
from tests.sandbox.programs import HONEST, Run, error, program, value


def test_processor_time_limit_is_a_time_out(run_full: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Four threads in C code, where Python checks no signals, reach it before the wall clock."""
    monkeypatch.setattr(launch, "cpu_seconds", lambda _: 1)
    source = (
        "import hashlib, threading\n"
        "def burn():\n"
        "    hashlib.pbkdf2_hmac('sha256', b'', b'', 2**31 - 1)\n"
        "def f():\n"
        "    threads = [threading.Thread(target=burn) for _ in range(4)]\n"
        "    [thread.start() for thread in threads]\n"
        "    [thread.join() for thread in threads]\n"
    )
    observation, honest = run_full(program(source), HONEST, function_seconds=30.0)
    assert (observation.ending, observation.outcomes) == (Ending.TIMEOUT, ())
    assert observation.detail == "it used its 1 seconds of processor time"
    assert value(honest) == 42


def test_program_that_only_waits_ends_early(run_once: Run) -> None:
    """Long before its time limit, but 5 seconds are allowed."""
    lock = "import threading\nlock = threading.Lock()\nlock.acquire()\ndef f(): lock.acquire()\n"
    waiting, sleeping, honest = run_once(
        program(lock), program("import time\ndef f(): return time.sleep(5)\n"), HONEST
    )
    assert (waiting.ending, waiting.outcomes) == (Ending.TIMEOUT, ())
    assert waiting.detail == "it waited for more than 5 seconds and computed nothing"
    assert value(sleeping) is None
    assert value(honest) == 42


def test_processor_time_exceeds_wall_clock_limit() -> None:
    assert launch.cpu_seconds(Limits(function_seconds=0.5)) == 3
    assert launch.cpu_seconds(Limits(function_seconds=10.0)) == 12
    assert launch.rlimits(Limits(function_seconds=10.0), count_processes=True)["RLIMIT_CPU"] == 12


def test_death_at_the_memory_limit_is_reported(run_once: Run) -> None:
    """As a library may do that does not check the result of an allocation."""
    source = (
        "import numpy as np\n"
        "import ctypes\n"
        "def f():\n"
        "    kept = []\n"
        "    try:\n"
        "        while True:\n"
        "            kept.append(np.ones(1 << 20))\n"
        "    except MemoryError:\n"
        "        ctypes.string_at(0)\n"
    )
    observation, honest = run_once(
        program(source), HONEST, memory_bytes=512 << 20, function_seconds=20.0
    )
    assert (observation.ending, observation.outcomes) == (Ending.CRASHED, ())
    assert observation.detail == "it reached its memory limit of 512 MiB"
    assert value(honest) == 42


def test_huge_array_raises_with_its_size(run: Run) -> None:
    source = "import numpy as np\ndef f():\n    return np.ones((1 << 16, 1 << 16))\n"
    observation, honest = run(program(source), HONEST)
    assert error(observation).kind in ("MemoryError", "_ArrayMemoryError")
    assert error(observation).message.startswith(
        "Unable to allocate 32.0 GiB for an array with shape"
    )
    assert value(honest) == 42


@pytest.mark.parametrize(
    ("report", "ending", "words"),
    [
        ({"code": 3}, Ending.CRASHED, "Python exited with status 3 before the function"),
        (
            {"code": -9, "cpu_s": 11.4},
            Ending.CRASHED,
            "its process was stopped by the signal SIGKILL",
        ),
        (
            {"code": -9, "cpu_s": 11.5},
            Ending.TIMEOUT,
            "it used its 12 seconds of processor time",
        ),
        ({"code": 0, "cpu_s": 99.0}, Ending.CRASHED, "Python exited with status 0 before"),
        (
            {"code": -6, "peak_kib": 838_860},
            Ending.CRASHED,
            "its process was stopped by the signal S",
        ),
        (
            {"code": -6, "peak_kib": 838_861},
            Ending.CRASHED,
            "it reached its memory limit of 1024 MiB",
        ),
        ({"code": -40}, Ending.CRASHED, "its process was stopped by the signal 40"),
    ],
)
def test_crash_names_the_limit_that_was_reached(
    report: dict[str, Any], ending: Ending, words: str
) -> None:
    conclusion = sandbox._why_crashed(report, Limits())
    assert conclusion.ending is ending
    assert conclusion.detail.startswith(words)
