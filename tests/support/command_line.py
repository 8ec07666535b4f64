"""Run the command line as people do: as a process, behind a terminal, or within this process."""

from __future__ import annotations

import contextlib
import csv
import ctypes
import fcntl
import functools
import os
import pty
import re
import select
import signal
import sqlite3
import struct
import subprocess
import sys
import termios
import time
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests import ROOT
from tests.submissions import FUNCTIONS, Labelled, load
from tests.support.sandbox_tier import without_notice

GOLDEN = ROOT / "tests" / "cli" / "golden"
PATIENCE_SECONDS = 300
ESCAPE = re.compile(r"\x1b(?:\[[0-9;?]*[A-Za-z]|\][^\x07]*\x07|.)")
_PR_SET_CHILD_SUBREAPER = 36
Argument = str | Path | int | float
GRADER = ("grader",)

_UNSET = (
    *("NO_COLOR", "FORCE_COLOR", "CLICOLOR_FORCE", "COLUMNS", "LINES", "TTY_COMPATIBLE"),
    *("CI", "GITHUB_ACTIONS", "GITHUB_STEP_SUMMARY"),
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a command ended and what it wrote."""

    status: int
    out: str
    err: str


def command(*arguments: Argument, program: Sequence[Argument] = GRADER) -> list[str]:
    """Return the command line of `grader`, or of another module, with these arguments."""
    return [sys.executable, "-m", *map(str, (*program, *arguments))]


def environment(changes: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return an environment without colour settings; warnings are errors in it."""
    kept = {key: value for key, value in os.environ.items() if key not in _UNSET}
    own = {"PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "error", "TERM": "xterm-256color"}
    return {**kept, **own, **(changes or {})}


def run(
    *arguments: Argument,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    program: Sequence[Argument] = GRADER,
) -> Outcome:
    """Run `grader` as a process without a terminal."""
    done = subprocess.run(
        command(*arguments, program=program),
        cwd=cwd,
        env=environment(env),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )
    return Outcome(done.returncode, done.stdout.decode(), without_notice(done.stderr.decode()))


@contextmanager
def started(
    *arguments: Argument, program: Sequence[Argument] = GRADER
) -> Iterator[subprocess.Popen[str]]:
    """Start `grader` in a process group of its own, and see to it that it does not outlive the test."""
    process = subprocess.Popen(
        command(*arguments, program=program),
        env=environment(),
        text=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    with process:
        try:
            yield process
        finally:
            process.kill()


def on_a_terminal(
    *arguments: Argument, columns: int = 80, env: Mapping[str, str] | None = None
) -> Outcome:
    """Run `grader` with one terminal for all its output, and return that as `out`."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    process = subprocess.Popen(
        command(*arguments), env=environment(env), stdin=theirs, stdout=theirs, stderr=theirs
    )
    os.close(theirs)
    with process:
        try:
            shown = b"".join(_read_until_closed(ours))
        finally:
            process.kill()
            os.close(ours)
    return Outcome(process.returncode, without_notice(shown.decode()), "")


def _read_until_closed(terminal: int) -> Iterator[bytes]:
    end = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end:
        readable, _, _ = select.select([terminal], [], [], 1.0)
        if not readable:
            continue
        try:
            data = os.read(terminal, 65536)
        except OSError:  # Linux reports a closed terminal this way
            return
        yield data
    raise TimeoutError("the command did not end")


def wait_until(holds: Callable[[], bool], what: str, *, seconds: float = 60) -> None:
    """Poll until something holds; fail if it never does."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, f"not within {seconds:g} s: {what}"
        time.sleep(0.02)


# ------------------------------------------------------------------ what is graded


@functools.cache
def labelled() -> Mapping[str, Labelled]:
    """Return all labelled submissions by name."""
    return {one.name: one for one in load()}


def submission(name: str) -> bytes:
    """Return the bytes of a labelled submission."""
    return labelled()[name].data


def hand_in(folder: Path, *names: str, **renamed: str) -> Path:
    """Write labelled submissions as `NAME.ipynb`; `renamed` gives others a name of their own."""
    folder.mkdir(parents=True, exist_ok=True)
    for stem, name in {**{name: name for name in names}, **renamed}.items():
        (folder / f"{stem}.ipynb").write_bytes(submission(name))
    return folder


# ------------------------------------------------------------------ what is left behind


def rows(folder: Path) -> dict[str, dict[str, str]]:
    """Return the rows of grades.csv by submission, each once."""
    with (folder / "grades.csv").open(encoding="utf-8-sig", newline="") as file:
        read = list(csv.DictReader(file))
    found = {row["submission"]: row for row in read}
    assert len(found) == len(read), "a submission has two rows"
    return found


def journal(folder: Path, query: str) -> list[tuple]:
    """Return what a query on the gradebook gives."""
    with closing(sqlite3.connect(folder / "gradebook.sqlite")) as connection:
        return list(connection.execute(query))


def gradings(folder: Path) -> dict[str, int]:
    """Return how often each submission was graded, as far as there is a journal."""
    if not (folder / "gradebook.sqlite").exists():
        return {}
    try:
        return dict(journal(folder, "SELECT submission, count(*) FROM gradings GROUP BY 1"))
    except sqlite3.OperationalError:  # its tables are being made, or one is being written to
        return {}


# ------------------------------------------------------------------ processes


@contextmanager
def orphans_adopted() -> Iterator[Callable[[], list[str]]]:
    """Adopt orphaned descendants; yield a function that lists them.

    The rest is killed at the end.
    """
    libc = ctypes.CDLL(None)
    libc.prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    before = _below_us()
    try:
        yield lambda: [line for pid, line in _below_us().items() if pid not in before]
    finally:
        for pid in _below_us().keys() - before.keys():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        libc.prctl(_PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0)


def _below_us() -> dict[int, str]:
    """Map every process that we or one below us has started, zombies aside, to its command line."""
    table = dict(_processes())
    me = os.getpid()
    return {pid: line for pid, (_, line) in table.items() if me in _ancestors(pid, table)}


def _ancestors(pid: int, table: Mapping[int, tuple[int, str]]) -> Iterator[int]:
    while pid in table:
        pid = table[pid][0]
        yield pid


def _processes() -> Iterator[tuple[int, tuple[int, str]]]:
    """Yield every process that runs with its parent and its command line."""
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            state, parent = (entry / "stat").read_text("latin-1").rpartition(")")[2].split()[:2]
            line = (entry / "cmdline").read_text("latin-1").replace("\0", " ")
        except OSError:  # it has just ended
            continue
        if state not in "ZX":
            yield int(entry.name), (int(parent), line)


def interrupt(process: subprocess.Popen[str]) -> None:
    """Press Ctrl-C: the signal goes to the whole process group, as a terminal would send it."""
    os.killpg(process.pid, signal.SIGINT)


# ------------------------------------------------------------------ what is printed


def plain(shown: str) -> str:
    """Return what was shown on a terminal without colours and cursor movements."""
    return ESCAPE.sub("", shown).replace("\r\n", "\n")


def raw_characters(text: str) -> list[str]:
    """Return the characters that a terminal or a reader could take for orders."""
    kinds = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}
    return [repr(c) for c in text if c != "\n" and unicodedata.category(c) in kinds]


def is_one_sentence(err: str) -> bool:
    """Return True if standard error is one line for a person, without a traceback."""
    return (
        err.count("\n") == 1
        and err.startswith("grader: ")
        and err.endswith((".\n", "?\n"))
        and "Traceback" not in err
    )


def same_as_golden(name: str, text: str) -> bool:
    """Compare with a recorded text, without blanks at the ends of lines.

    Set UPDATE_GOLDEN=1 to record the text again, then read the difference.
    """
    recorded = GOLDEN / f"{name}.txt"
    seen = "".join(f"{line.rstrip()}\n" for line in text.splitlines())
    if os.environ.get("UPDATE_GOLDEN"):
        recorded.write_text(seen, encoding="utf-8", newline="\n")
    assert seen == recorded.read_text(encoding="utf-8")
    return True


# ------------------------------------------------------------------ the result object

_FUNCTION_STATUSES = "passed partial failed error timeout missing not_attempted".split()
_CHECK_STATUSES = "passed failed error timeout skipped".split()


def breaches(result: Mapping[str, Any], name: str) -> list[str]:
    """Return the promises about a result object that it breaks."""
    promises = {
        "version": result["schema_version"] == 1,
        "assignment": result["assignment"] == "regularization",
        "submission": result["submission"] == name,
        "sha256": result["sha256"] is None or bool(re.fullmatch(r"[0-9a-f]{64}", result["sha256"])),
        "status": result["status"] in ("graded", "invalid", "timeout", "crashed", "internal"),
        "score": (result["score"] is None) == (result["status"] == "internal"),
        "bounds": result["score"] is None or 0 <= result["score"] <= result["max_score"] == 100,
        "functions": tuple(f["name"] for f in result["functions"]) == FUNCTIONS,
        "sum": result["score"] is None
        or result["score"] == sum(f["score"] for f in result["functions"]),
        "duration": result["duration_s"] >= 0,
    }
    broken = [promise for promise, kept in promises.items() if not kept]
    return broken + [
        f"{f['name']}: {b}" for f in result["functions"] for b in _function_breaches(f)
    ]


def _function_breaches(function: Mapping[str, Any]) -> list[str]:
    scored = function["score"]
    promises = {
        "status": function["status"] in _FUNCTION_STATUSES,
        "bounds": scored is None or 0 <= scored <= function["max_score"] == 25,
        "full": scored is None or (scored == 25) == (function["status"] == "passed"),
        "partial": function["status"] != "partial" or 0 < scored < 25,
        "checks": all(
            check["status"] in _CHECK_STATUSES and check["name"] and check["message"]
            for check in function["checks"]
        ),
        "diagnoses": all(d["id"] and d["message"] for d in function["diagnoses"]),
    }
    return [promise for promise, kept in promises.items() if not kept]
