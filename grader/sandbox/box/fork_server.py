"""A warm interpreter inside the outer box that forks a box of its own for every submission.

For another worker of a batch it forks a sibling, which does the same. It never sees student code or
data: it receives sockets, forks, and forgets. What it has loaded, every box starts with. With this
process every box it made dies.
"""

from __future__ import annotations

import contextlib
import functools
import gc
import json
import os
import resource
import socket
from collections.abc import Callable
from typing import Any, NoReturn

import landlock
import namespaces
import runner
import seccomp
import worker

Become = Callable[[dict[str, Any]], None]
"""What turns a fork into the first process of a box, locked in. Raises OSError where it cannot."""


def main(settings: dict[str, Any]) -> None:
    """Make boxes until the grader closes the control channel."""
    control = socket.socket(fileno=settings["control_fd"])
    worker.become_nobody(settings["uid"])
    namespaces.show()
    runner.prepare(settings["helpers"], settings["loaded"])
    used = _address_space()
    alone = settings["tier"] == "light"
    fork = os.fork if alone else functools.partial(namespaces.fork_apart, seccomp.number("clone"))
    become = _alone(settings) if alone else _behind_a_wall
    gc.set_threshold(20_000)
    gc.freeze()  # what is loaded stays as it is: no child needs to look at it, and so to copy it
    about = {
        "tier": settings["tier"],
        "whole": settings["whole"],
        "ids": (os.geteuid(), os.getegid()),
    }
    control.send(json.dumps({"event": "ready"}).encode())
    while (received := worker.next_descriptor(control)) is not None:
        _reap()
        message, descriptor = received
        asked = json.loads(message) | about | {"fork_server": os.getpid()}
        _fit_to_fork(used)
        if not _forked(descriptor, fork if asked["event"] == "box" else os.fork):
            continue
        if asked["event"] == "box":
            asked["rlimits"]["RLIMIT_AS"] += used
            _be_a_box(become, descriptor, asked)
        control.close()
        control = _as_sibling(descriptor, asked)
    _reap()


def _forked(descriptor: int, fork: Callable[[], int]) -> bool:
    """Fork, and say whether this is the fork; the grader gets a handle on it, or why there is none."""
    try:
        pid = fork()
        if pid == 0:
            return True
        with contextlib.suppress(ConnectionError):  # the grader has given up waiting
            _hand_over(descriptor, pid)
    except OSError as error:
        _refuse(descriptor, error)
    os.close(descriptor)
    return False


def _as_sibling(descriptor: int, asked: dict[str, Any]) -> socket.socket:
    """Go on as an interpreter with a control channel of its own, as warm as the one it came from.

    It and its boxes keep to the cores of whom they work for.
    """
    namespaces.die_with_parent(asked["fork_server"])
    with contextlib.suppress(OSError):
        os.sched_setaffinity(0, asked["cores"])
    control = socket.socket(fileno=descriptor)
    control.send(json.dumps({"event": "ready"}).encode())
    return control


def _address_space() -> int:
    """Return how many bytes of addresses are in use before a submission comes."""
    with open("/proc/self/statm") as file:
        return int(file.read().split()[0]) * resource.getpagesize()


def _reap() -> None:
    """Take leave of the boxes that have ended; their time is counted as ours."""
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def _fit_to_fork(used: int) -> None:
    """End, to be replaced, after a library has started a thread, whose locks a fork would take along.

    So too if this process has grown by half: nothing that it does should make it.
    """
    if len(os.listdir("/proc/self/task")) != 1 or _address_space() > used + used // 2:
        os._exit(1)


def _be_a_box(become: Become, descriptor: int, asked: dict[str, Any]) -> NoReturn:
    """Turn this fork into a box; a reason why it cannot be one goes to the grader."""
    code = 1
    try:
        become(asked)
        control = socket.socket(fileno=worker.keep_only(descriptor))
        worker.serve(control, tier=asked["tier"], whole=asked["whole"])
        code = 0
    except OSError as error:
        _refuse(descriptor, error)
    finally:
        os._exit(code)


def _behind_a_wall(asked: dict[str, Any]) -> None:
    """Make new namespaces a home, of which this is the first process, and give up all rights there."""
    namespaces.be_nobody_else(*asked["ids"])
    namespaces.die_with_parent(0)
    if _parent() != asked["fork_server"]:  # it died before that; seen from here, any parent is 0
        os._exit(1)
    namespaces.furnish(asked["disk_bytes"])
    worker.limit(asked["rlimits"])
    namespaces.give_up_rights()


def _parent() -> int:
    """Return the parent's number in the namespace that /proc still shows: the one we came from."""
    with open("/proc/self/stat") as file:
        return int(file.read().rpartition(")")[2].split()[1])


def _alone(told: dict[str, Any]) -> Become:
    """Return what makes a process a box where there are no namespaces: Landlock and a stricter filter.

    Raises OSError where the kernel has not both, so that nobody relies on what is not there.
    """
    if not seccomp.known():
        raise OSError("there is no system-call filter for this processor type")
    if not _takes_a_filter():
        raise OSError("the Linux kernel does not accept system-call filters")
    rules = landlock.rules(told["readable"], [os.devnull], told["listable"])

    def become(asked: dict[str, Any]) -> None:
        namespaces.die_with_parent(asked["fork_server"])
        worker.limit(asked["rlimits"])
        namespaces.give_up_rights()
        landlock.restrict(rules)

    return become


def _takes_a_filter() -> bool:
    """Say whether the kernel lets a process filter itself, by one that tries."""
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            seccomp.install(alone=True)
            code = 0
        finally:
            os._exit(code)
    return os.waitpid(pid, 0)[1] == 0


def _hand_over(descriptor: int, pid: int) -> None:
    """Give the grader a handle on the box's first process, by which alone it can be killed."""
    handle = os.pidfd_open(pid)
    with socket.socket(fileno=os.dup(descriptor)) as control:
        socket.send_fds(control, [b'{"event": "born"}'], [handle])
    os.close(handle)


def _refuse(descriptor: int, error: OSError) -> None:
    """Tell the grader why there will be no box."""
    told = json.dumps({"event": "failed", "reason": str(error), "number": error.errno})
    with contextlib.suppress(OSError), socket.socket(fileno=os.dup(descriptor)) as control:
        control.send(told.encode())
