"""The only way to execute a submission: `run(programs, ...)` asks a box and returns what happened.

Student code is untrusted, and so is every process it shares. It gets inputs and gives back plain
arrays over a socket of its own; whether they are right is decided elsewhere, outside.
"""

from __future__ import annotations

import dataclasses
import signal
import socket
import time
from collections.abc import Callable, Sequence
from typing import Any

from grader.messages import gettext
from grader.model import Ending, Limits, Observation, Program, Tier
from grader.sandbox import attack_suite, channel, fork_server, launch
from grader.sandbox.attack_suite import Outcome
from grader.sandbox.box_contents import BoxContents
from grader.sandbox.fork_server import close_all, inherit
from grader.sandbox.notebook_run import run as run_whole

__all__ = [
    "BoxContents",
    "Outcome",
    "Wall",
    "attacked",
    "close_all",
    "inherit",
    "prove",
    "run",
    "run_whole",
]

_PLAIN = BoxContents((), ("numpy",))

_LAST_WORDS_SECONDS = 2.0
_ALMOST = 0.8
"""The part of its memory that who has used it up must have touched; what was only set aside counts too."""
_TOOK_ITS_BOX_DOWN = gettext("it stopped the sandbox")


def run(
    programs: Sequence[Program], contents: BoxContents, limits: Limits, *, tier: Tier = Tier.FULL
) -> tuple[Observation, ...]:
    """Run each program in a child of its own, in one box as long as that holds.

    A program that takes its box down, or leaves something in it, costs the others nothing: they get a
    new one. `tier` is `full` (namespaces), `light` (Landlock and a filter, where a container forbids
    namespaces) or `none`. Raises BoxError when a box cannot be had, which is our fault.
    """
    end = time.monotonic() + limits.submission_seconds
    contents = contents.for_programs(programs)
    with fork_server.boxes(contents, limits, tier=tier) as new_box, _Boxes(new_box) as boxes:
        return tuple(_observe(boxes, program, limits, end=end) for program in programs)


class _Boxes:
    """The box in use, if any; a new one follows when it is lost."""

    def __init__(self, new: Callable[[], launch.Box]) -> None:
        self._new = new
        self._current: launch.Box | None = None
        self.waited = 0.0

    def __enter__(self) -> _Boxes:
        return self

    def __exit__(self, *_: object) -> None:
        self.drop()

    def current(self) -> launch.Box:
        if not self._current:
            asked = time.monotonic()
            self._current = self._new()
            self.waited += time.monotonic() - asked
        return self._current

    def drop(self) -> None:
        if self._current:
            self._current.close()
            self._current = None


def _observe(boxes: _Boxes, program: Program, limits: Limits, *, end: float) -> Observation:
    """Run one program; one whose box is gone gets another, since that may be no doing of its own."""
    for last in (False, True):
        try:
            box = boxes.current()
            now = time.monotonic()
            deadline = min(now + limits.function_seconds, max(end + boxes.waited, now))
            seen, usable = _ask(box, program, deadline, limits)
        except launch.BoxLost:
            boxes.drop()
            if last:
                raise
            continue
        if not usable:
            boxes.drop()
        if seen.detail != _TOOK_ITS_BOX_DOWN:
            break
    return seen


def _ask(
    box: launch.Box, program: Program, deadline: float, limits: Limits
) -> tuple[Observation, bool]:
    """Return what happened to a program, and whether the box can be used for another."""
    if time.monotonic() >= deadline:
        reason = gettext("the submission reached its time limit")
        return Observation((), Ending.TIMEOUT, reason), True
    transcript = channel.Transcript(len(program.calls))
    ours, theirs = socket.socketpair()
    with ours:
        with theirs:
            box.hand_over(theirs)
        ending, detail = channel.listen(ours, program, transcript, deadline)
    if ending is Ending.TIMEOUT:
        return transcript.observation(ending, detail), False
    return _conclude(box, transcript, (ending, detail), deadline, limits)


def _conclude(
    box: launch.Box,
    transcript: channel.Transcript,
    ended: tuple[Ending, str],
    deadline: float,
    limits: Limits,
) -> tuple[Observation, bool]:
    """Learn from the worker how the child ended; a child that will not end is a time-out."""
    ending, detail = ended
    patience = _LAST_WORDS_SECONDS if ending is Ending.FINISHED else 0.5
    try:
        report = box.report(deadline=max(deadline, time.monotonic() + patience))
    except TimeoutError:
        ending = Ending.TIMEOUT if ending is Ending.FINISHED else ending
        return transcript.observation(ending, detail or gettext("it did not stop")), False
    except (EOFError, OSError, ValueError):
        return transcript.observation(Ending.CRASHED, _TOOK_ITS_BOX_DOWN), False
    if report.get("event") != "ended":
        raise launch.BoxLost(f"The sandbox could not start a process: {report.get('reason')}.")
    if ending is Ending.CRASHED:
        ending, detail = _last_words(report, limits)
    return transcript.observation(ending, detail), not report.get("disk_was_used")


def _last_words(report: dict[str, Any], limits: Limits) -> tuple[Ending, str]:
    """Say how a process ended, and which limit it had reached, as measured by its parent."""
    code = int(report.get("code", 0))
    if code >= 0:
        return Ending.CRASHED, gettext(
            "Python exited with status {code} before the function returned", code=code
        )
    allowed = launch.cpu_seconds(limits)
    if float(report.get("cpu_s", 0)) >= allowed - 0.5:
        return Ending.TIMEOUT, gettext("it used its {n} seconds of processor time", n=allowed)
    if int(report.get("peak_kib", 0)) << 10 >= _ALMOST * limits.memory_bytes:
        return Ending.CRASHED, gettext(
            "it reached its memory limit of {n} MiB", n=limits.memory_bytes >> 20
        )
    known = {one.value: one.name for one in signal.Signals}
    name = known.get(-code, -code)
    return Ending.CRASHED, gettext("its process was stopped by the signal {name}", name=name)


@dataclasses.dataclass(frozen=True, slots=True)
class ChosenTier:
    """What stands around student code on this machine, and why it is not the strongest there is."""

    tier: Tier
    reason: str = ""


def prove(contents: BoxContents = _PLAIN) -> ChosenTier:
    """Attack a box of each tier, strongest first, and return the first one that holds.

    Raises BoxError, with what to do, where this machine has none.
    """
    return ChosenTier(*attack_suite.chosen(run, contents))


def attacked(tier: Tier, contents: BoxContents = _PLAIN) -> list[Outcome]:
    """Return what became of every attack on a box of one tier. Raises BoxError where there is none."""
    return attack_suite.attacked(run, contents, tier)
