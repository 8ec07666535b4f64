"""The only package that executes submissions: `run` for functions, `run_notebook` for whole notebooks.

A box is one running sandbox: a worker process that starts one child per program. Student code is
untrusted, and so is every process in which it runs. It receives code and inputs, and returns plain values
and descriptions of exceptions over a socket of its own. Whether they are right is decided outside.
"""

from __future__ import annotations

import contextlib
import functools
import signal
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from grader.messages import gettext
from grader.model import Ending, Limits, Observation, Tier
from grader.model.submission import Program
from grader.sandbox import attack_suite, channel, fork_server, launch, turns
from grader.sandbox.attack_suite import AttackResult, ChosenTier, Misbehaviour
from grader.sandbox.box_contents import BoxContents
from grader.sandbox.channel import Conclusion
from grader.sandbox.fork_server import close_fork_servers, inherit_fork_servers
from grader.sandbox.notebook_run import run_notebook

__all__ = [
    "AttackResult",
    "BoxContents",
    "ChosenTier",
    "Together",
    "attack",
    "choose_tier",
    "close_fork_servers",
    "inherit_fork_servers",
    "misbehave",
    "open_box",
    "run",
    "run_notebook",
]


@dataclass(frozen=True, slots=True)
class Together:
    """Programs that first run one after another in one process, in a safe order.

    An observation counts if `accepts` returns True for it. The other programs run again, each in a
    process of its own. The code of these programs must be confined (`notebook.slicing.confined`), so that
    none of them affects another.
    """

    programs: tuple[Program, ...]
    accepts: Callable[[Program, Observation], bool]


Run = Callable[[Sequence[Program], Limits], tuple[Observation, ...]]
"""Runs programs within the time of some limits, and returns one observation for each, in order."""

_NUMPY_ONLY = BoxContents((), ("numpy",))

_REPORT_SECONDS = 2.0
_MEMORY_SHARE = 0.8
"""A process above this share of its memory limit has run out of memory.

The limit also counts reserved memory.
"""
_SECONDS_AFTER_A_KILL = 0.5
"""Wall-clock seconds for the machine to recover before a killed program runs again."""
_IDLE_SECONDS = 4.0
"""An idle program that sent an event less than these wall-clock seconds ago waited for the grader."""
_TOGETHER_SECONDS, _TOGETHER_SHARE = 1.0, 1 / 50
"""Wall-clock seconds for programs that run together, and the share of a submission's time: the less."""
_WAITED = gettext("it waited for more than 5 seconds and computed nothing")
_CELLS_WAITED = gettext(
    "the code outside your function that it needs waited for more than 5 seconds and computed nothing"
)
_BOX_STOPPED = gettext("it stopped the sandbox")


def run(
    programs: Sequence[Program],
    contents: BoxContents,
    limits: Limits,
    *,
    tier: Tier = Tier.FULL,
    together: Together | None = None,
) -> tuple[Observation, ...]:
    """Run each program in a child process of its own; return one observation per program, in order.

    The programs share one box. If one of them stops the box or leaves something in it, the others get
    a new box. A program never raises: what it did, and which limit it reached, is its observation.
    Some may have their observation from a process that they share (`together`).
    Raises BoxError if no box can be started; that is the grader's fault.
    """
    new_box = fork_server.box_factory(contents.for_programs(programs), limits, tier=tier)
    with new_box as new, _Boxes(new) as boxes:
        accepted = _run_together(boxes, together, limits) if together else {}
        rest = [program for program in programs if program.function not in accepted]
        apart = iter(_run_apart(boxes, rest, limits))
        return tuple(
            accepted[p.function] if p.function in accepted else next(apart) for p in programs
        )


@contextlib.contextmanager
def open_box(contents: BoxContents, limits: Limits, *, tier: Tier = Tier.FULL) -> Iterator[Run]:
    """Yield a function that runs programs as `run` does, all in one box, which starts on first use."""
    with fork_server.box_factory(contents, limits, tier=tier) as new_box, _Boxes(new_box) as boxes:
        yield functools.partial(_run_apart, boxes)


class _Boxes:
    """The box in use, if any; it is replaced when it is lost.

    `waited_seconds` is the time until boxes started, and until it was their turn. The submission's time
    limit excludes it.
    """

    def __init__(self, new: Callable[[], launch.Box]) -> None:
        self._new = new
        self._current: launch.Box | None = None
        self.waited_seconds = 0.0

    def __enter__(self) -> _Boxes:
        return self

    def __exit__(self, *_: object) -> None:
        self.drop()

    def current(self) -> launch.Box:
        if not self._current:
            start = time.monotonic()
            self._current = self._new()
            self.waited_seconds += time.monotonic() - start
        return self._current

    @contextlib.contextmanager
    def turn(self, *, alone: bool) -> Iterator[None]:
        start = time.monotonic()
        with turns.turn(alone=alone):
            self.waited_seconds += time.monotonic() - start
            yield

    def drop(self) -> None:
        if self._current:
            self._current.close()
            self._current = None


def _run_apart(
    boxes: _Boxes, programs: Sequence[Program], limits: Limits
) -> tuple[Observation, ...]:
    """Run each program in a process of its own."""
    end = time.monotonic() + limits.submission_seconds - boxes.waited_seconds
    return tuple(_observe(boxes, program, limits, end=end) for program in programs)


def _run_together(boxes: _Boxes, together: Together, limits: Limits) -> dict[str, Observation]:
    """Run programs one after another in one process, until one of them does not finish.

    Return the accepted observations by function. Nothing else of this run counts.
    """
    seconds = min(_TOGETHER_SECONDS, limits.submission_seconds * _TOGETHER_SHARE)
    try:
        box = boxes.current()
        with boxes.turn(alone=False):
            observations, box_is_usable = _converse_in_turn(
                box, together.programs, time.monotonic() + seconds, limits
            )
    except launch.BoxLost:
        boxes.drop()
        return {}
    if not box_is_usable:
        boxes.drop()
    pairs = zip(together.programs, observations, strict=False)
    return {p.function: o for p, o in pairs if together.accepts(p, o)}


def _converse_in_turn(
    box: launch.Box, programs: Sequence[Program], deadline: float, limits: Limits
) -> tuple[list[Observation], bool]:
    """Return the observations of the programs that finished, and whether the box is usable."""
    observations = []
    ours, theirs = socket.socketpair()
    with ours:
        with theirs:
            box.hand_over(theirs)
        for number, program in zip(reversed(range(len(programs))), programs, strict=True):
            transcript = channel.Transcript(len(program.calls))
            conclusion = channel.converse(ours, program, transcript, deadline, programs_left=number)
            if conclusion.ending is not Ending.FINISHED:
                break
            observations.append(transcript.observation(conclusion))
    if conclusion.ending is Ending.TIMEOUT:
        return observations, False
    return observations, _conclude(box, transcript, conclusion, deadline, limits).box_is_usable


class _Attempt(NamedTuple):
    """An observation, and whether its box can run another program.

    `was_killed` is True if the process was killed without having reached a limit, as the kernel does
    where the machine's memory is short.
    """

    observation: Observation
    box_is_usable: bool
    was_killed: bool = False


def _observe(boxes: _Boxes, program: Program, limits: Limits, *, end: float) -> Observation:
    """Run one program. If its box stops or its process is killed, run it once more in a new box.

    Another program may have been the cause, or the machine. If the kernel has killed a process for lack
    of memory meanwhile, no other box runs during the second time.
    """
    kills = turns.memory_kills()
    for is_last in (False, True):
        try:
            box = boxes.current()
            with boxes.turn(alone=is_last and turns.memory_kills() > kills):
                now = time.monotonic()
                deadline = min(now + limits.function_seconds, max(end + boxes.waited_seconds, now))
                observation, box_is_usable, was_killed = _run_in(box, program, deadline, limits)
        except launch.BoxLost:
            boxes.drop()
            if is_last:
                raise
            continue
        if was_killed and not is_last:
            boxes.drop()
            time.sleep(_SECONDS_AFTER_A_KILL)
            continue
        if not box_is_usable:
            boxes.drop()
        if observation.detail != _BOX_STOPPED:
            break
    return observation


def _run_in(box: launch.Box, program: Program, deadline: float, limits: Limits) -> _Attempt:
    if time.monotonic() >= deadline:
        reason = gettext("the submission reached its time limit")
        return _Attempt(Observation((), Ending.TIMEOUT, reason), box_is_usable=True)
    transcript = channel.Transcript(len(program.calls))
    ours, theirs = socket.socketpair()
    with ours:
        with theirs:
            box.hand_over(theirs)
        conclusion = channel.converse(ours, program, transcript, deadline)
    if conclusion.ending is Ending.TIMEOUT:
        return _Attempt(transcript.observation(conclusion), box_is_usable=False)
    return _conclude(box, transcript, conclusion, deadline, limits)


def _conclude(
    box: launch.Box,
    transcript: channel.Transcript,
    conclusion: Conclusion,
    deadline: float,
    limits: Limits,
) -> _Attempt:
    """Add the worker's report on how the child ended; a child that does not end is a time-out."""
    ending, detail = conclusion
    patience = _REPORT_SECONDS if ending is Ending.FINISHED else 0.5
    try:
        report = box.report(deadline=max(deadline, time.monotonic() + patience))
    except TimeoutError:
        ending = Ending.TIMEOUT if ending is Ending.FINISHED else ending
        conclusion = Conclusion(ending, detail or gettext("it did not stop"))
        return _Attempt(transcript.observation(conclusion), box_is_usable=False)
    except (EOFError, OSError, ValueError):
        conclusion = Conclusion(Ending.CRASHED, _BOX_STOPPED)
        return _Attempt(transcript.observation(conclusion), box_is_usable=False)
    if report.get("event") != "ended":
        raise launch.BoxLost(f"The sandbox could not start a process: {report.get('reason')}.")
    was_killed = False
    if report.get("was_idle"):
        waited = time.monotonic() - transcript.last
        conclusion = Conclusion(Ending.TIMEOUT, _WAITED if transcript.events else _CELLS_WAITED)
        was_killed = waited < _IDLE_SECONDS  # it waited for the grader, and runs again
    elif ending is Ending.CRASHED:
        conclusion = _why_crashed(report, limits)
        was_killed = conclusion == _by_signal(signal.SIGKILL)
    usable = not report.get("disk_was_used")
    return _Attempt(transcript.observation(conclusion), usable, was_killed)


def _why_crashed(report: dict[str, Any], limits: Limits) -> Conclusion:
    """Return how a process ended and which limit it had reached, as its parent measured it."""
    code = int(report.get("code", 0))
    if code >= 0:
        detail = gettext("Python exited with status {code} before the function returned", code=code)
        return Conclusion(Ending.CRASHED, detail)
    seconds = launch.cpu_seconds(limits)
    if float(report.get("cpu_s", 0)) >= seconds - 0.5:
        detail = gettext("it used its {n} seconds of processor time", n=seconds)
        return Conclusion(Ending.TIMEOUT, detail)
    if int(report.get("peak_kib", 0)) << 10 >= _MEMORY_SHARE * limits.memory_bytes:
        detail = gettext("it reached its memory limit of {n} MiB", n=limits.memory_bytes >> 20)
        return Conclusion(Ending.CRASHED, detail)
    return _by_signal(-code)


def _by_signal(number: int) -> Conclusion:
    names = {signal_.value: signal_.name for signal_ in signal.Signals}
    detail = gettext("its process was stopped by the signal {name}", name=names.get(number, number))
    return Conclusion(Ending.CRASHED, detail)


# ------------------------------------------------------------------ attacking it


def choose_tier(contents: BoxContents = _NUMPY_ONLY) -> ChosenTier:
    """Attack a box of each tier, strongest first, and return the first tier that withstands.

    Only `full` and `light` are tried. Raises BoxError, with a remedy, if neither withstands.
    """
    return attack_suite.choose_tier(run, contents)


def attack(tier: Tier, contents: BoxContents = _NUMPY_ONLY) -> list[AttackResult]:
    """Try every attack on a box of one tier. Raises BoxError if there is no such box."""
    return attack_suite.attack(run, contents, tier)


def misbehave(
    misbehaviour: Misbehaviour, tier: Tier, contents: BoxContents = _NUMPY_ONLY
) -> AttackResult:
    """Run a function that misbehaves in a box of one tier. Raises BoxError if there is no such box."""
    return attack_suite.misbehave(run, misbehaviour, contents, tier)
