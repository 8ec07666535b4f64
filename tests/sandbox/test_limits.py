"""A program that reaches a limit is told which, as measured from outside it."""

from __future__ import annotations

from typing import Any

import pytest

from grader import sandbox
from grader.model import Ending, Limits
from grader.sandbox import launch
from tests.sandbox.programs import HONEST, Run, error, program, value


def test_a_program_that_uses_up_its_processor_time_has_taken_too_long(
    run_full: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Four threads use it up before the clock has run out, in C, where no signal is looked at."""
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
    seen, honest = run_full(program(source), HONEST, function_seconds=30.0)
    assert (seen.ending, seen.outcomes) == (Ending.TIMEOUT, ())
    assert seen.detail == "it used up its 1 seconds of processor time"
    assert value(honest) == 42


def test_a_function_has_a_little_more_processor_time_than_time_by_the_clock() -> None:
    assert launch.cpu_seconds(Limits(function_seconds=0.5)) == 3
    assert launch.cpu_seconds(Limits(function_seconds=10.0)) == 12
    assert launch.rlimits(Limits(function_seconds=10.0), counted=True)["RLIMIT_CPU"] == 12


def test_a_program_that_dies_of_its_memory_is_told_so(run_once: Run) -> None:
    """As a library does that checks no result, or that ends the process when it gets none."""
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
    seen, honest = run_once(program(source), HONEST, memory_bytes=512 << 20, function_seconds=20.0)
    assert (seen.ending, seen.outcomes) == (Ending.CRASHED, ())
    assert seen.detail == "it used up its 512 MiB of memory"
    assert value(honest) == 42


def test_an_array_beyond_the_memory_is_an_error_that_says_how_large(run: Run) -> None:
    source = "import numpy as np\ndef f():\n    return np.ones((1 << 16, 1 << 16))\n"
    seen, honest = run(program(source), HONEST)
    assert error(seen).kind in ("MemoryError", "_ArrayMemoryError")
    assert error(seen).message.startswith("Unable to allocate 32.0 GiB for an array with shape")
    assert value(honest) == 42


@pytest.mark.parametrize(
    ("report", "ending", "words"),
    [
        ({"code": 3}, Ending.CRASHED, "Python was left with exit status 3 before the function"),
        (
            {"code": -9, "cpu_s": 11.4},
            Ending.CRASHED,
            "its process was ended by the signal SIGKILL",
        ),
        (
            {"code": -9, "cpu_s": 11.5},
            Ending.TIMEOUT,
            "it used up its 12 seconds of processor time",
        ),
        ({"code": 0, "cpu_s": 99.0}, Ending.CRASHED, "Python was left with exit status 0 before"),
        (
            {"code": -6, "peak_kib": 838_860},
            Ending.CRASHED,
            "its process was ended by the signal S",
        ),
        ({"code": -6, "peak_kib": 838_861}, Ending.CRASHED, "it used up its 1024 MiB of memory"),
        ({"code": -40}, Ending.CRASHED, "its process was ended by the signal 40"),
    ],
)
def test_the_limit_that_a_process_had_reached_is_named(
    report: dict[str, Any], ending: Ending, words: str
) -> None:
    said = sandbox._last_words(report, Limits())
    assert said[0] is ending
    assert said[1].startswith(words)
